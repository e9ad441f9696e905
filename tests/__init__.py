"""Promises as sentences. This file exists so that `tests/actions` never shadows `actions`."""
