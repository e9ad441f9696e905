"""Heed dropped into real flow builders. Deselected by default: ``make builders`` installs them and runs this."""
