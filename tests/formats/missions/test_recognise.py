"""Any mission file by its content; whatever else comes gets one sentence, and nothing else ever comes out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.missions.files import GOOD, kml, line, placemark, zipped
from zones_api.domain.mission import MissionFile
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import geojson, gpx, ugcs, wpml
from zones_api.formats.missions import kml as kml_reader
from zones_api.formats.missions.limits import MAX_BYTES
from zones_api.formats.missions.recognise import read_mission_file

READERS = {"wpml": wpml, "kml": kml_reader, "gpx": gpx, "ugcs": ugcs, "geojson": geojson}
FORMATS = {
    "wpml": "DJI WPML",
    "template": "DJI WPML",
    "waylines": "DJI WPML",
    "kml": "KML",
    "kmz": "KML",
    "gpx": "GPX",
    "geojson": "GeoJSON",
    "ugcs": "UgCS",
}
FUZZ = settings(
    max_examples=int(os.environ.get("ZONES_FUZZ_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", GOOD)
def test_each_format_is_recognised_by_its_content(name: str) -> None:
    file = read_mission_file(GOOD[name])

    assert file.format == FORMATS[name]
    assert file.missions


@pytest.mark.parametrize("name", ["kml", "gpx", "geojson", "ugcs", "waylines"])
def test_a_byte_order_mark_and_blank_lines_do_not_hide_a_format(name: str) -> None:
    assert read_mission_file(b"\xef\xbb\xbf" + GOOD[name]).format == FORMATS[name]


def test_kml_in_utf_16_is_recognised() -> None:
    data = GOOD["kml"].decode().replace("UTF-8", "UTF-16").encode("utf-16")

    assert read_mission_file(data).format == "KML"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n", "The file is empty."),
        (b"<!DOCTYPE html>\n<html><body>Not found</body></html>", "a web page (HTML)"),
        (b"\n<html lang='nl'>", "a web page (HTML)"),
        (b'{"features":[{"geometry":[{"horizontalProjection":{}}]}]}', "a zone document (ED-269)"),
        (b'{"title":"x","UASZoneList":[]}', "a zone document (ED-269)"),
        (
            b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"zoneAuthority":[]}}]}',
            "a zone document (ED-318); import it with `zones import FILE`",
        ),
        (b'<m:AIXMBasicMessage xmlns:m="x"/>', "a zone document (AIXM)"),
        (b"%PDF-1.7", "The format of the file is not known. Mission files are read as DJI WPML, KML, GPX"),
        (b'{"hello": 1}', "is not known"),
        (b"[]", "is not known"),
        (b"<svg/>", "is not known"),
        (zipped({"a.txt": b"x"}), "is a zip archive without a KML or WPML file"),
    ],
)
def test_anything_else_gets_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_mission_file(data)

    assert sentence in caught.value.detail
    assert caught.value.defects


def test_a_mission_is_not_taken_for_a_zone_document_by_a_word_in_its_text() -> None:
    data = kml(placemark(line("4.9,52.3 4.91,52.3"), "near the zoneAuthority: horizontalProjection"))

    assert read_mission_file(data).format == "KML"


def test_a_file_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(InputTooLarge, match="20,000,000"):
        read_mission_file(bytes(MAX_BYTES + 1))


def test_named_columns_are_refused_where_the_file_has_none() -> None:
    with pytest.raises(InvalidInput, match="The column 'x', mapped to lon, is not in the file"):
        read_mission_file(GOOD["kml"], {"lon": "x"})


@pytest.mark.parametrize("zones", ["netherlands.ed269.json", "finland.ed269.json"])
def test_the_real_zone_documents_are_named_as_such(sample_data: Path, zones: str) -> None:
    with pytest.raises(InvalidInput, match="zone document"):
        read_mission_file((sample_data / "feeds" / zones).read_bytes()[:MAX_BYTES])


def test_the_real_files_are_recognised(sample_data: Path) -> None:
    read = {}
    for path in sorted((sample_data / "plans").iterdir()):
        try:
            read[path.name] = read_mission_file(path.read_bytes()).format
        except InvalidInput as error:
            assert not path.name.endswith((".kmz", ".kml", ".gpx", ".geojson")), error.detail  # noqa: PT017

    assert (
        read.items()
        >= {
            "dji_msdkv5_waypointsample.kmz": "DJI WPML",
            "gpxpy_route.gpx": "GPX",
            "interuss_zurich_rid.kml": "KML",
            "openutm_bern_trajectory_f1.geojson": "GeoJSON",
            "wpml_codec_waypoint.kmz": "DJI WPML",
        }.items()
    )


TOKENS = [
    b"<", b">", b"/", b'"', b"&", b"&#0;", b"<!--", b"-->", b"<![CDATA[", b"<!DOCTYPE x>", b"NaN", b"1e999", b"-", b",",
    b" ", b"\0", b"\xff", b"null", b"[]", b"{}", b"true", b"999999999999999999999", b"181", b"nan,nan", b"<Folder>",
    b"</Folder>", b"<Placemark/>", b"<wpml:", b"T25:99:99Z", b"0001-01-01T00:00:00+14:00", b"MultiGeometry",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a good file with a few pieces cut out, doubled, exchanged or put in."""
    data = draw(st.sampled_from(sorted(GOOD.values())))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, 60)))
        put = draw(
            st.one_of(st.just(b""), st.sampled_from(TOKENS), st.binary(max_size=8), st.just(data[at:end] * 2))
        )
        data = data[:at] + put + data[end:]
    return data


@st.composite
def repacked(draw: st.DrawFn) -> bytes:
    """Return damaged XML inside a sound archive, where it is reached."""
    inside = st.one_of(damaged(), st.binary(max_size=50))
    name = draw(st.sampled_from(["doc.kml", "wpmz/waylines.wpml", "wpmz/template.kml"]))
    return zipped({name: draw(inside)})


def assert_read_or_refused(data: bytes) -> None:
    for reader in READERS.values():
        assert reader.recognises(data) in (True, False)
        try:
            file = reader.read(data)
        except (InvalidInput, InputTooLarge) as error:
            assert error.detail  # noqa: PT017
        else:
            assert isinstance(file, MissionFile)
            assert all(mission.waypoints or mission.areas for mission in file.missions)
    try:
        read_mission_file(data)
    except (InvalidInput, InputTooLarge) as error:
        assert error.detail  # noqa: PT017


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert_read_or_refused(data)


@FUZZ
@given(damaged())
def test_damaged_files_are_read_or_refused(data: bytes) -> None:
    assert_read_or_refused(data)


@FUZZ
@given(repacked())
def test_damaged_files_inside_an_archive_are_read_or_refused(data: bytes) -> None:
    assert_read_or_refused(data)


@FUZZ
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "type",
                        "features",
                        "geometry",
                        "coordinates",
                        "properties",
                        "max_altitude",
                        "crs",
                        "route",
                        "segments",
                        "point",
                        "latitude",
                        "longitude",
                        "altitude",
                        "start_time",
                        "speed",
                        "parameters",
                    ]
                ),
                inner
                | st.sampled_from(
                    ["Feature", "FeatureCollection", "LineString", "Polygon", "Point", "Waypoint"]
                ),
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    import json

    assert_read_or_refused(json.dumps(value).encode("utf-8", "surrogatepass"))
