"""XML as data: no DOCTYPE, no entities but its own five, no network, no endless nesting."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from zones_api.errors import Defect, InputTooLarge, InvalidInput

MAX_BYTES = 20_000_000
MAX_DEPTH = 64
BYTES_PER_NODE = 20
"""A text with more tags or attributes than one for so many of the bytes allowed is refused: each costs memory."""
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,200}?\?>")
_ENCODING = re.compile(rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BEFORE_ROOT = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(r"<(?:[^\s<>/:!?]{1,80}:)?([^\s<>/:!?]{1,80})")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ONE_BYTE = {
    "utf-8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
}
_HEAD = 65_536


def parse(data: bytes, most_bytes: int = MAX_BYTES) -> etree._Element:
    """Return the root element of an XML text, without its comments and processing instructions.

    The encoding is the one the text declares, or that of its byte order mark, or UTF-8.

    Raises:
        InvalidInput: If it is not XML, has a DOCTYPE, or is not in the encoding it declares.
        InputTooLarge: If it has more than `most_bytes`, nests deeper than MAX_DEPTH, or consists of little but
            tags and attributes.
    """
    if len(data) > most_bytes:
        raise InputTooLarge(f"The XML has {len(data)} bytes; at most {most_bytes} are read.")
    text = _decoded(data)
    start = _BEFORE_ROOT.match(text)
    assert start is not None
    if text.startswith("<!", start.end()):
        raise _refused("The XML has a DOCTYPE, which is never read.")
    if max(text.count("<"), text.count("=")) > most_bytes // BYTES_PER_NODE:
        raise InputTooLarge("The XML has more tags or attributes than are read.")
    # The declaration goes, since its encoding is no longer that of the bytes.
    declaration = _DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body.lstrip().encode(), parser)
    except etree.XMLSyntaxError as error:
        why = " ".join((error.msg or "it is empty").split())[:200]
        if "depth" in why:
            raise _too_deep() from error
        if "limit" in why:
            raise InputTooLarge("The XML has a longer text or more attributes than are read.") from error
        raise _refused(f"The text is not XML: {why}.") from error
    if root.getroottree().xpath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")"):
        raise _too_deep()
    return root


def root_name(data: bytes) -> str | None:
    """Return the local name of a text's root element, None where it does not look like XML; never raises."""
    try:
        text = _decoded(data[:_HEAD], cut=len(data) > _HEAD)
    except InvalidInput:
        return None
    start = _BEFORE_ROOT.match(text)
    found = _ROOT.match(text, start.end() if start else 0)
    return found.group(1) if found else None


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """Return the children of these local names, in document order; all of them where no name is given."""
    return [child for child in element if not names or local(child) in names]


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child of a local name."""
    return None if element is None else element.find(f"{{*}}{name}")


def text(element: etree._Element | None, name: str | None = None) -> str | None:
    """Return the text of an element or of its first child of a name, without blanks around it; None where empty."""
    asked = child(element, name) if name else element
    return ((asked.text or "").strip() or None) if asked is not None else None


def text_of(element: etree._Element) -> str:
    """Return all text in an element and its children, without the blanks around it."""
    return "".join(map(str, element.itertext())).strip()


def _decoded(data: bytes, *, cut: bool = False) -> str:
    """Return the text; `cut` where only its start is given, which may end amid a character."""
    marked = next(((mark, name) for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if marked:
        data, encoding = data[len(marked[0]) :], marked[1]
    elif data[:2] in (b"<\0", b"\0<"):
        encoding = "utf-16-le" if data[0] else "utf-16-be"
    else:
        encoding = "utf-8"
    wide = encoding.startswith("utf-16")
    declared = _declared(data[:1200].replace(b"\0", b"") if wide else data[:600])
    if declared is not None:
        encoding = _agreed(declared, encoding, marked=marked is not None)
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=not cut)
    except UnicodeDecodeError as error:
        raise _refused(
            f"The text is not {encoding.upper()}, as it should be: byte {error.start} cannot be read."
        ) from error


def _declared(head: bytes) -> str | None:
    found = _ENCODING.match(head)
    return found.group(1).decode().lower() if found else None


def _agreed(declared: str, seen: str, *, marked: bool) -> str:
    """Return the encoding to read with, where what is declared and what is seen agree."""
    if declared.startswith("utf-16") and seen.startswith("utf-16"):
        return seen
    if declared in _ONE_BYTE and seen == "utf-8" and not (marked and declared != "utf-8"):
        return _ONE_BYTE[declared]
    if declared in _ONE_BYTE or declared.startswith("utf-16"):
        raise _refused(f"The XML declares the encoding {declared.upper()} but is written in another.")
    raise _refused(f"The encoding {declared.upper()} is not read; write the XML in UTF-8.")


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(detail, (Defect("XML_INVALID", "", detail),))


def _too_deep() -> InputTooLarge:
    return InputTooLarge(f"The XML nests deeper than {MAX_DEPTH} levels.")
