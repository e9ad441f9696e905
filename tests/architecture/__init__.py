"""The shape of the house, as tests."""
