"""The commands of ``heed``, one subject a file."""
