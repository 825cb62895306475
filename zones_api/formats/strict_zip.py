"""Zip archives that strangers send: few entries, honest sizes, names that stay inside."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from zones_api.errors import Defect, InputTooLarge, InvalidInput

MAX_BYTES = 20_000_000
MAX_ENTRIES = 20
MAX_RATIO = 50
_CHUNK = 65_536
_ENTRY = b"PK\x01\x02"
_ZIP64_LOCATOR = b"PK\x06\x07"
_FEW = 1_000
"""So many entries are listed without harm; the bytes that start one may also stand amid packed data by chance."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""All that zipfile raises for what it cannot read; NotImplementedError is a way of packing that it does not know."""


def looks_like_zip(data: bytes) -> bool:
    """Say whether a file starts as a zip archive does."""
    return data[:4] == b"PK\x03\x04"


def members(data: bytes, most_bytes: int = MAX_BYTES) -> dict[str, bytes]:
    """Return the files of a zip archive by their names, in the order of its directory; folders are left out.

    What an entry says of its own size is not believed: unpacking stops where a limit is passed.

    Raises:
        InvalidInput: If it cannot be read, is encrypted, packed in another way than stored or deflated, needs
            Zip64, or has a name twice or one that leads outside the archive.
        InputTooLarge: If it has more than MAX_ENTRIES, unpacks to more than `most_bytes` in total or to more
            than MAX_RATIO times its packed size.
    """
    if data.count(_ENTRY) > _FEW:
        raise InputTooLarge(f"The zip archive has more than {MAX_ENTRIES} entries.")
    end = data.rfind(b"PK\x05\x06")
    if end >= 20 and data[end - 20 : end - 16] == _ZIP64_LOCATOR:
        raise _refused("The zip archive is a Zip64 one, which a file of this size need not be.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise InputTooLarge(
                    f"The zip archive has {len(entries)} entries; at most {MAX_ENTRIES} are read."
                )
            _check(entries)
            return _unpacked(archive, entries, len(data), most_bytes)
    except _UNREADABLE as error:
        raise _refused(f"The zip archive cannot be read: {str(error)[:200]}.") from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        shown = repr(name[:80])
        if name in seen:
            raise _refused(f"The zip archive has {shown} twice.")
        seen.add(name)
        parts = re.split(r"[/\\]", name)
        if ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in name:
            raise _refused(f"The zip archive has an entry {shown}, whose path leads outside it.")
        if entry.flag_bits & _ENCRYPTED:
            raise _refused(f"The entry {shown} of the zip archive is encrypted.")
        if entry.compress_type not in _METHODS:
            raise _refused(f"The entry {shown} of the zip archive is packed in a way that is not read.")


def _unpacked(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], packed: int, most_bytes: int
) -> dict[str, bytes]:
    read: dict[str, bytes] = {}
    left = most_bytes
    for entry in entries:
        if entry.is_dir():
            continue
        most_here = MAX_RATIO * min(entry.compress_size, packed)
        pieces = []
        size = 0
        for piece in _pieces(archive, entry):
            size += len(piece)
            if size > left:
                raise InputTooLarge(f"The zip archive unpacks to more than {most_bytes} bytes.")
            if size > most_here:
                raise InputTooLarge(
                    f"The entry {entry.orig_filename[:80]!r} unpacks to more than {MAX_RATIO} times its size."
                )
            pieces.append(piece)
        left -= size
        read[entry.filename] = b"".join(pieces)
    return read


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as stream:
        while piece := stream.read(_CHUNK):
            yield piece


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(detail, (Defect("ZIP_INVALID", "", detail),))
