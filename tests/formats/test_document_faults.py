"""What is no zone document at all is refused in one sentence."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest

from tests.documents import collection, feature
from tests.formats import national
from zones_api.errors import DocumentRefused
from zones_api.formats.document import read_document


def zipped(data: bytes) -> bytes:
    """Return a zip archive of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("zones.json", data)
    return file.getvalue()


GOOD = collection(feature("A"))
FAULTS: dict[str, tuple[bytes, str]] = {
    "a web page": (b"\n<!DOCTYPE html><html><body>Too many requests</body></html>", "This is a web page,"),
    "a web page after a mark": (national.BOM + b"<HTML><title>503</title>", "This is a web page,"),
    "XML": (b'<?xml version="1.0"?><message/>', "not an AIXM 5.1 message"),
    "nothing": (b"", "The document is empty."),
    "blanks": (national.BOM + b" \n ", "The document is empty."),
    "gzip": (gzip.compress(GOOD), "This is gzip-compressed data"),
    "zip": (zipped(GOOD), "This is a zip archive"),
    "PDF": (b"%PDF-1.7", "This is a PDF file"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "The text is UTF-16"),
    "Latin-1": ('{"features": ["é"]}'.encode("latin-1"), "The text is not UTF-8: byte 15"),
    "cut off in a list": (GOOD[:-20], "it ends in the middle at line 1"),
    "cut off in a text": (b'{"type": "FeatureColl', "it ends in the middle at line 1"),
    "cut off after a zone": (GOOD[:-2], "it ends in the middle at line 1"),
    "a comma too many": (b'{"features": [1,]}', "The text is not JSON: "),
    "more after the end": (GOOD + b"{}", "The text is not JSON: Extra data"),
    "a member twice": (b'{"features": [], "features": []}', "'features' stands twice"),
    "NaN": (b'{"features": [NaN]}', "NaN is not a JSON number"),
    "Infinity": (b'{"features": [-Infinity]}', "-Infinity is not a JSON number"),
    "a number too large": (b'{"features": [1e999]}', "1e999 is too large"),
    "no character": (b'{"features": ["\\ud800"]}', "half a surrogate pair"),
    "an error in JSON": (b'{"error": {"code": 500}}', "neither an ED-318 FeatureCollection nor"),
    "a number": (b"42", "a JSON object or a list of zones"),
    "an empty list": (b"[]", "The document has no zones"),
    "features in an object": (b'{"type": "FeatureCollection", "features": {}}', "no list of features"),
    "an empty object": (b"{}", "neither an ED-318 FeatureCollection nor"),
}


@pytest.mark.parametrize(("data", "says"), FAULTS.values(), ids=FAULTS)
def test_what_is_no_zone_document_is_refused_in_one_sentence(data: bytes, says: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_document(data)

    assert says in refused.value.detail
    assert refused.value.defects


def test_a_refused_document_names_all_that_stops_it() -> None:
    document = json.loads(collection(feature("A"), issued="soon", validFrom=3, coverage={"type": "Point"}))

    with pytest.raises(DocumentRefused) as refused:
        read_document(json.dumps(document).encode())

    stops = {defect.pointer for defect in refused.value.defects if defect.severity == "stop"}
    assert stops == {"/metadata/issued", "/metadata/validFrom", "/metadata/coverage"}
