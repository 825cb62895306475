"""Hostile bytes: every reader of offices' files answers with a sentence, whatever it is given.

ZONES_FUZZ_EXAMPLES makes it look longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.test_aixm import airspace, arc, circle, component, line, message, ring, surface, time_slice
from tests.formats.test_gis import PLACEMARK, polygon
from tests.offices import PLAIN, feature, geojson, geopackage, kml, rd_square, shapefile, zipped
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.document import read_converted, read_document
from zones_api.formats.offices.gis import read_layers
from zones_api.formats.offices.mapping import convert, read_mapping

EXAMPLES = int(os.environ.get("ZONES_FUZZ_EXAMPLES", "40"))
SLICE = ring(line((5.0, 52.0), (5.0, 52.0166)), arc(0.0, 90.0), line((5.027, 52.0), (5.0, 52.0)))
AIXM = message(airspace(time_slice(component(surface(SLICE, ring(circle()))))))
RD = {"type": "name", "properties": {"name": "EPSG:28992"}}
IN_PROCESS = {
    "geojson": geojson(feature(polygon())),
    "geojson in rd": geojson(
        feature(polygon([[155000, 463000], [156000, 463000], [155000, 464000]])), crs=RD
    ),
    "kml": kml(PLACEMARK),
    "kmz": zipped({"doc.kml": kml(PLACEMARK)}),
    "aixm": AIXM,
    "mapping": b'layer = "a"\n[columns]\nidentifier = "CODE"\n[tables.type]\nA = "B"\n',
}
IN_GDAL = {"geopackage": geopackage([rd_square(), None]), "shapefile": shapefile([rd_square()])}


def _office(data: bytes) -> object:
    return read_converted(convert(read_layers(data), PLAIN), data)


def _reader(kind: str) -> Callable[[bytes], object]:
    return {"aixm": read_document, "mapping": read_mapping}.get(kind, _office)


@st.composite
def damaged(draw: st.DrawFn, seed: bytes) -> bytes:
    """Return a good file with bytes changed, taken out, repeated or cut off."""
    data = bytearray(seed)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        size = draw(st.integers(1, 40))
        match draw(st.sampled_from(["set", "cut", "repeat", "end", "insert"])):
            case "set":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del data[at : at + size]
            case "repeat":
                data[at:at] = data[at : at + size] * draw(st.integers(1, 3))
            case "end":
                del data[max(at, 1) :]
            case _:
                words = [
                    b"NaN",
                    b"1e999",
                    b"-1",
                    b"null",
                    b"<a>",
                    b"]]",
                    b"\0",
                    "é".encode(),
                    b"\xff",
                    b"9" * 400,
                ]
                data[at:at] = draw(st.sampled_from(words))
    return bytes(data)


def _reads_or_refuses(kind: str, data: bytes) -> None:
    try:
        _reader(kind)(data)
    except (InvalidInput, InputTooLarge) as error:
        said = error.detail
    else:
        return
    assert said.strip()


@pytest.mark.parametrize("kind", IN_PROCESS)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_file_is_read_or_refused_in_a_sentence(kind: str, data: st.DataObject) -> None:
    _reads_or_refuses(kind, data.draw(damaged(IN_PROCESS[kind])))


@pytest.mark.parametrize("kind", IN_GDAL)
@settings(max_examples=max(3, EXAMPLES // 10), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_file_of_gdals_is_read_or_refused_in_a_sentence(kind: str, data: st.DataObject) -> None:
    _reads_or_refuses(kind, data.draw(damaged(IN_GDAL[kind])))


@settings(max_examples=EXAMPLES)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"<", b"{", b"PK\x03\x04", b"<kml>", b"<a:AIXMBasicMessage"]),
)
def test_any_bytes_are_refused_in_a_sentence(data: bytes, start: bytes) -> None:
    for kind in ("office", "aixm", "mapping"):
        _reads_or_refuses(kind, start + data)
