"""Zip files without their dangers: few entries, no bombs, no encryption, no paths that climb."""

from __future__ import annotations

import io
import zipfile
import zlib

from zones_api.errors import Defect, InputTooLarge, InvalidInput

MAX_ENTRIES = 20
MAX_RATIO = 50
MAX_BYTES = 20_000_000
_SMALL = 100_000
"""Small files of zeros pack better than any ratio, and do no harm."""
_CHUNK = 1 << 16


def members(data: bytes, most_bytes: int = MAX_BYTES) -> dict[str, bytes]:
    """Return the files of a zip archive by their names, folders left out.

    Args:
        data: The archive's bytes.
        most_bytes: The most that may come out of it, all files together.

    Raises:
        InvalidInput: If it is not a zip archive, is damaged, encrypted, or names a file twice or outside itself.
        InputTooLarge: If it has more than MAX_ENTRIES files, unpacks to more than `most_bytes` or to more
            than MAX_RATIO times its size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_ENTRIES:
                raise InputTooLarge(f"The zip file has {len(entries)} files; at most {MAX_ENTRIES} are read.")
            _check_names(entries)
            unpacked: dict[str, bytes] = {}
            for entry in entries:
                left = most_bytes - sum(map(len, unpacked.values()))
                unpacked[entry.filename] = _unpacked(archive, entry, left, most_bytes)
            return unpacked
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise _refused(
            f"The zip file is damaged or of a kind that is not read: {str(error)[:100]}."
        ) from error


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    for name in names:
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise _refused(f"The zip file names a file outside itself: {name[:100]!r}.")
        if names.count(name) > 1:
            raise _refused(f"The zip file has {name[:100]!r} twice.")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, most_bytes: int) -> bytes:
    """Return a file's bytes, stopping as soon as they are too many, whatever the archive says of their number."""
    if entry.flag_bits & 0x1:
        raise _refused(f"{entry.filename[:100]!r} in the zip file is encrypted.")
    allowed = max(_SMALL, entry.compress_size * MAX_RATIO)
    read = bytearray()
    with archive.open(entry) as file:
        while chunk := file.read(_CHUNK):
            read += chunk
            if len(read) > left:
                raise InputTooLarge(f"The zip file unpacks to more than {most_bytes} bytes.")
            if len(read) > allowed:
                raise InputTooLarge(f"{entry.filename[:100]!r} unpacks to over {MAX_RATIO} times its size.")
    return bytes(read)


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(detail, (Defect("ZIP_INVALID", "", detail),))
