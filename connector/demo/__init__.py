"""What the demo, the tests and the benches need besides Heed itself; the product runs without it."""
