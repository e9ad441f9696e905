"""Files as one file to download; the same files give the same bytes."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

from connector.builders.kit import Files

#: The earliest time that a ZIP file can say.
_NEVER = (1980, 1, 1, 0, 0, 0)


def tgz(content: Files) -> bytes:
    """As ``npm pack`` writes it: everything in a folder named package. ``npm install FILE`` takes it."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path, part in sorted(content.items()):
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size, entry.mode = len(part), 0o644
            tar.addfile(entry, io.BytesIO(part))
    return packed.getvalue()


def zipped(content: Files) -> bytes:
    """Everything at the top of a ZIP file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, part in sorted(content.items()):
            entry = zipfile.ZipInfo(path, _NEVER)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, part)
    return packed.getvalue()
