"""What is true: pure functions and frozen values. No clock, no I/O, no randomness."""
