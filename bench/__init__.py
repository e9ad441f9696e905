"""Measurements: what a check costs beside a bare route, what a batch saves, how many statements a call takes."""
