"""Heed as people meet it: a real browser on a real service. Run by ``make browser``, left out by ``make test``."""
