"""What else is sent where a zone document belongs: recognised by its first bytes, and refused in one sentence."""

from __future__ import annotations

import re

from zones_api.errors import Defect, InvalidInput

_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "This is gzip-compressed data, not a zone document: unpack it first."),
    (b"PK\x03\x04", "This is a zip archive, not a zone document: unpack it first."),
    (b"PK\x05\x06", "This is an empty zip archive, not a zone document."),
    (b"BZh", "This is bzip2-compressed data, not a zone document: unpack it first."),
    (b"\xfd7zXZ\x00", "This is xz-compressed data, not a zone document: unpack it first."),
    (b"%PDF-", "This is a PDF file, not a zone document."),
    (b"\xff\xfe", "The text is UTF-16; a zone document is UTF-8."),
    (b"\xfe\xff", "The text is UTF-16; a zone document is UTF-8."),
)
_WEB_PAGE = re.compile(rb"<!doctype\s+html|<html|<head|<body", re.IGNORECASE)


def is_web_page(data: bytes) -> bool:
    """Say whether what was sent is an HTML page, as servers send where they fail."""
    start = _start(data)
    return start.startswith(b"<") and _WEB_PAGE.search(start) is not None


def _start(data: bytes) -> bytes:
    return data[:2_000].removeprefix(b"\xef\xbb\xbf").lstrip()


def refuse(data: bytes) -> None:
    """Do nothing with what may be JSON, and say what the rest is.

    Raises:
        InvalidInput: If it is certainly something else: a web page, XML, an archive, or nothing at all.
    """
    start = _start(data)
    what = next((sentence for sign, sentence in _SIGNS if data.startswith(sign)), None)
    if what is None and not start and not data[2_000:].strip():
        what = "The document is empty."
    elif what is None and is_web_page(data):
        what = "This is a web page, not a zone document."
    elif what is None and start.startswith(b"<"):
        what = "This is XML, not a JSON document."
    if what is not None:
        raise InvalidInput(what, (Defect("JSON_INVALID", "", what),))
