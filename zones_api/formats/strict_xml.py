"""XML without its dangers: no DOCTYPE, no entities, nothing fetched, no endless nesting."""

from __future__ import annotations

import re

from lxml import etree

from zones_api.errors import Defect, InputTooLarge, InvalidInput

_TOO_DEEP = re.compile("depth|huge|amplification", re.IGNORECASE)


def parse(data: bytes) -> etree._Element:
    """Return the root of an XML document, or say where and why it is not one.

    Raises:
        InvalidInput: If it is not XML, or has a DOCTYPE.
        InputTooLarge: If it nests deeper or has larger texts than the parser takes.
    """
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        detail = str(error.msg or "it is empty")[:200]
        if _TOO_DEEP.search(detail):
            raise InputTooLarge(f"The XML nests too deeply or is too large: {detail}.") from error
        raise _refused(f"The text is not XML: {detail}.") from error
    except (ValueError, LookupError) as error:
        raise _refused("The text is not XML that can be read.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused("The XML has a DOCTYPE; none is read.")
    return root


def text_of(element: etree._Element) -> str:
    """Return all text in an element, without the blanks around it."""
    return "".join(map(str, element.itertext())).strip()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def name_of(element: etree._Element) -> str:
    """Return an element's name without its namespace; "" for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(detail, (Defect("XML_INVALID", "", detail),))
