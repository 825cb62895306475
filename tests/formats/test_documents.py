"""ED-269 and ED-318 documents: taken, flagged, set aside or refused, and nothing dropped."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.documents import SQUARE, circle, collection, feature
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.geometry import Circle, Polygon, Spot
from zones_api.domain.reasons import Reason
from zones_api.domain.territory import Territories
from zones_api.domain.zone import UASZone, ZoneType
from zones_api.errors import DocumentRefused
from zones_api.formats import strict_json
from zones_api.formats.document import Document, read_document, read_zone
from zones_api.snapshot import build_snapshot

DISC = {"type": "Circle", "center": [5.0, 52.0], "radius": 3704}


def zone269(identifier: str = "A", **members: Any) -> dict[str, Any]:
    """Return an ED-269 zone: a circle from the surface to 120 m, always."""
    volume = {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
        "horizontalProjection": DISC,
    }
    zone = {
        "identifier": identifier,
        "country": "NLD",
        "name": "Zone",
        "type": "COMMON",
        "restriction": "PROHIBITED",
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"name": "Office", "purpose": "INFORMATION", "intervalBefore": "P07DT00H00M"}],
        "geometry": [volume | members.pop("volume", {})],
    }
    return {name: value for name, value in (zone | members).items() if value != "absent"}


def read269(*zones: Any) -> Document:
    return read_document(json.dumps({"features": list(zones)}).encode())


def the_zone(document: Document) -> UASZone:
    assert len(document.zones) == 1, document.defects
    return document.zones[0].zone


def one269(**members: Any) -> UASZone:
    return the_zone(read269(zone269(**members)))


def one318(**properties: Any) -> UASZone:
    return the_zone(read_document(collection(feature(**properties))))


def reasons(zone: UASZone) -> set[Reason]:
    return {flag.reason for flag in zone.flags}


def test_circles_stay_circles_with_their_centre_and_radius() -> None:
    assert one269().volumes[0].shapes == (Circle((5.0, 52.0), 3704.0),)
    assert one318(geometry=circle(5.0, 52.0, 3704)).volumes[0].shapes == (Circle((5.0, 52.0), 3704.0),)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda zone: {"features": [zone], "title": "Ours"},
        lambda zone: [zone],
        lambda zone: {"formatVersion": "1.0.0", "UASZoneList": [zone]},
    ],
)
def test_each_way_of_wrapping_ed269_is_read(wrap: Any) -> None:
    assert the_zone(read_document(json.dumps(wrap(zone269())).encode())).identifier == "A"


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("PROHIBITED", ZoneType.PROHIBITED),
        ("REQ_AUTHORISATION", ZoneType.REQ_AUTHORIZATION),
        ("REQ_AUTHORIZATION", ZoneType.REQ_AUTHORIZATION),
        (" conditional ", ZoneType.CONDITIONAL),
        ("NO_RESTRICTION", ZoneType.NO_RESTRICTION),
    ],
)
def test_restriction_words_are_read_in_either_spelling_and_any_case(word: str, meaning: ZoneType) -> None:
    assert one269(restriction=word).type is meaning
    assert one318(type=word).type is meaning


def test_an_unknown_restriction_is_kept_and_flagged() -> None:
    zone = one269(restriction="VERBOTEN")

    assert (zone.type, zone.published_type) == (None, "VERBOTEN")
    assert Reason.RESTRICTION_UNRECOGNISED in reasons(zone)


@pytest.mark.parametrize(
    ("volume", "lower", "upper", "doubt"),
    [
        ({}, None, 120.0, None),
        ({"lowerLimit": None, "upperLimit": None}, None, None, None),
        ({"upperLimit": 99999}, None, None, None),
        ({"upperLimit": "99999"}, None, None, None),
        ({"lowerLimit": "30", "upperLimit": "60"}, 30.0, 60.0, None),
        (
            {"uomDimensions": "FT", "horizontalProjection": {"type": "Polygon", "coordinates": [SQUARE]}},
            None,
            36.576,
            None,
        ),
        ({"uomDimensions": "absent"}, None, None, Reason.LIMIT_UNREADABLE),
        ({"uomDimensions": None, "upperLimit": None}, None, None, None),  # no limit needs the unit
        ({"upperVerticalReference": "MSL"}, None, None, Reason.LIMIT_UNREADABLE),
        ({"lowerVerticalReference": "nonsense"}, None, 120.0, None),  # the surface needs no reference
        ({"upperLimit": "high"}, None, None, Reason.LIMIT_UNREADABLE),
        ({"upperLimit": 0}, None, None, Reason.LIMITS_MEANINGLESS),
        ({"uomDimensions": "FL", "upperLimit": 999}, None, None, None),
    ],
)
def test_height_limits_are_read_or_in_doubt_but_never_made_up(
    volume: dict[str, Any], lower: float | None, upper: float | None, doubt: Reason | None
) -> None:
    vertical = one269(volume=volume).volumes[0].vertical

    assert vertical.doubt is doubt
    if doubt is None:
        assert (vertical.lower and vertical.lower.height.value_m) == lower
        assert (vertical.upper and round(vertical.upper.height.value_m, 6)) == upper


def test_an_absent_unit_is_metres_in_ed318_and_a_reference_may_be_wgs84() -> None:
    geometry = circle(5.0, 52.0, 500)
    geometry["layer"] = {"lower": 10.5, "lowerReference": "WGS84", "upper": 60, "upperReference": "AMSL"}

    vertical = one318(geometry=geometry).volumes[0].vertical

    assert vertical.lower is not None
    assert vertical.lower.height == Height(10.5, VerticalReference.WGS84)


def test_a_radius_beside_heights_in_feet_may_be_either() -> None:
    zone = one269(volume={"uomDimensions": "FT"})

    assert zone.volumes[0].shapes == (Circle((5.0, 52.0), 3704.0, 3704 * 0.3048),)
    assert Reason.RADIUS_UNIT_AMBIGUOUS in reasons(zone)


def test_an_open_ring_is_closed_and_flagged() -> None:
    zone = one318(geometry={"type": "Polygon", "coordinates": [SQUARE[:-1]]})

    shape = zone.volumes[0].shapes[0]
    assert isinstance(shape, Polygon)
    assert shape.shell[0] == shape.shell[-1]
    assert reasons(zone) == {Reason.RING_CLOSED}


def test_a_ring_that_crosses_itself_is_in_force_and_flagged() -> None:
    bow = [[5.0, 52.0], [5.1, 52.1], [5.1, 52.0], [5.0, 52.1], [5.0, 52.0]]

    zone = one318(geometry={"type": "Polygon", "coordinates": [bow]})

    assert Reason.GEOMETRY_INVALID in reasons(zone)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [5.0, 52.0]},
        {"type": "Point", "coordinates": [5.0, 52.0], "extent": {"subType": "Square", "radius": 500}},
        {"type": "Point", "coordinates": [5.0, 52.0], "extent": {"subType": "Circle", "radius": "big"}},
        {"type": "LineString", "coordinates": [[5.0, 52.0], [5.1, 52.0]]},
        {"type": "Polygon", "coordinates": [[[5.0, 52.0], [5.1, 52.0], [5.0, 52.0]]]},
    ],
)
def test_a_shape_without_a_size_is_a_spot_and_flagged(geometry: dict[str, Any]) -> None:
    zone = one318(geometry=geometry)

    assert isinstance(zone.volumes[0].shapes[0], Spot)
    assert Reason.GEOMETRY_WITHOUT_AREA in reasons(zone)


def test_every_member_of_a_collection_has_its_own_heights_or_the_collections() -> None:
    low, high = circle(5.0, 52.0, 500, upper=30), circle(5.1, 52.0, 500)
    del high["layer"]
    outer = {"upper": 60, "upperReference": "AGL"}

    zone = one318(geometry={"type": "GeometryCollection", "geometries": [low, high], "layer": outer})

    uppers = [volume.vertical.upper.height.value_m for volume in zone.volumes if volume.vertical.upper]
    assert uppers == [30.0, 60.0]


def test_holes_and_parts_of_multipolygons_are_kept() -> None:
    hole = [[5.25, 52.03], [5.25, 52.07], [5.35, 52.07], [5.35, 52.03], [5.25, 52.03]]
    far = [[lon + 1, lat] for lon, lat in SQUARE]

    zone = one318(geometry={"type": "MultiPolygon", "coordinates": [[SQUARE, hole], [far]]})

    first, second = zone.volumes[0].shapes
    assert isinstance(first, Polygon)
    assert isinstance(second, Polygon)
    assert (len(first.holes), len(second.holes)) == (1, 0)


@pytest.mark.parametrize(
    ("applicability", "doubt", "flag"),
    [
        ([{"permanent": "YES"}], None, None),
        ({"permanent": "YES"}, None, None),
        ("absent", None, Reason.APPLICABILITY_NOT_STATED),
        ([], None, Reason.APPLICABILITY_NOT_STATED),
        ([{"permanent": "NO"}], Reason.APPLICABILITY_NOT_STATED, Reason.APPLICABILITY_NOT_STATED),
        (
            [{"permanent": "YES", "startDateTime": "2026-01-01T00:00:00Z"}],
            Reason.PERMANENT_WITH_DATES,
            Reason.PERMANENT_WITH_DATES,
        ),
        ([{"permanent": "NO", "startDateTime": "2026-01-01T00:00:00"}], None, Reason.NAIVE_TIME),
        ([{"permanent": "NO", "startDateTime": "1 January"}], None, Reason.SCHEDULE_NOT_READABLE),
    ],
)
def test_when_an_ed269_zone_applies_is_read_or_flagged(
    applicability: Any, doubt: Reason | None, flag: Reason | None
) -> None:
    zone = one269(applicability=applicability)

    assert zone.applicability[0].doubt is doubt
    assert reasons(zone) == ({flag} if flag else set())


@pytest.mark.parametrize(
    ("text", "seconds", "offset_hours"),
    [
        ("06:00Z", 21_600, 0),
        ("06:00:00Z", 21_600, 0),
        ("06:00:00.00Z", 21_600, 0),
        ("08:00:00.00+0200", 28_800, 2),
        ("08:00+02:00", 28_800, 2),
        ("23:59:59Z", 86_399, 0),
        ("24:00Z", 86_400, 0),
        ("06:00", 21_600, None),
    ],
)
def test_clock_times_are_read_in_every_spelling(text: str, seconds: float, offset_hours: int | None) -> None:
    schedule = [{"day": ["MON"], "startTime": text, "endTime": "23:00Z"}]

    start = (
        one269(applicability=[{"permanent": "YES", "schedule": schedule}]).applicability[0].schedule[0].start
    )

    assert start is not None
    assert start.seconds == seconds  # type: ignore[union-attr]
    offset = start.utc_offset  # type: ignore[union-attr]
    assert (offset.total_seconds() / 3600 if offset is not None else None) == offset_hours


@pytest.mark.parametrize(
    "entry",
    [
        {"day": ["MON"], "startTime": "25:00Z", "endTime": "26:00Z"},
        {"day": ["SOMEDAY"], "startTime": "06:00Z", "endTime": "08:00Z"},
        {"day": ["MON"], "startTime": "06:00Z", "startEvent": "SR", "endEvent": "SS"},
        "weekdays",
    ],
)
def test_a_schedule_that_cannot_be_read_stays_and_is_flagged(entry: Any) -> None:
    zone = one318(limitedApplicability=[{"schedule": [entry]}])

    assert len(zone.applicability[0].schedule) == 1
    assert Reason.SCHEDULE_NOT_READABLE in reasons(zone)


def test_authorities_are_read_as_far_as_they_go() -> None:
    both = [
        {"name": "Office", "email": ["a@example.org", "b@example.org"], "intervalBefore": "P1W"},
        {"purpose": "no"},
    ]

    first, second = one269(zoneAuthority=both).authorities

    assert (first.email, first.purpose) == ("a@example.org; b@example.org", None)
    assert first.lead_time is not None
    assert first.lead_time.days == 7
    assert second.purpose is None


BROKEN_GEOMETRIES: list[Any] = [
    None,
    {},
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[[5, 52], [5.1, 52], ["x", 52.1], [5, 52]]]},
    {"type": "Polygon", "coordinates": [[[5, 52], [5.1, 152], [5, 52.1], [5, 52]]]},
    {"type": "Sphere", "coordinates": [5, 52]},
    circle(5, 52, 1e9),
]


@pytest.mark.parametrize("geometry", BROKEN_GEOMETRIES)
def test_a_zone_that_cannot_be_placed_is_set_aside_and_the_others_are_taken(geometry: Any) -> None:
    document = read_document(collection(feature("BAD", geometry=geometry), feature("GOOD")))

    assert [read.zone.identifier for read in document.zones] == ["GOOD"]
    assert [zone.identifier for zone in document.quarantined] == ["BAD"]
    defect = next(d for d in document.quarantined[0].defects if d.severity == "quarantine")
    assert defect.pointer.startswith("/features/0/geometry")
    assert defect.detail


def test_a_zone_set_aside_keeps_its_box_only_where_all_of_it_could_be_read() -> None:
    half = {"type": "Polygon", "coordinates": [[[5, 52], [5.1, 52], [5.1, "?"], [5, 52]]]}

    broken = read_document(collection(feature("BAD", geometry=half))).quarantined[0]
    nameless = read_document(collection(feature(""))).quarantined[0]

    assert broken.bounds is None
    assert broken.partly is not None
    assert nameless.bounds is not None
    assert nameless.bounds[0] <= 5.2
    assert nameless.bounds[2] >= 5.4


def test_a_zone_without_an_identifier_is_set_aside() -> None:
    document = read269(zone269(identifier=""), zone269())

    assert len(document.zones) == len(document.quarantined) == 1


def test_one_key_twice_is_a_repeat_a_second_volume_or_a_second_version() -> None:
    elsewhere = feature("A", geometry=circle(5.5, 52.0, 500))

    document = read_document(
        collection(feature("A"), feature("A"), elsewhere, feature("A", type="CONDITIONAL"))
    )

    assert [(read.zone.published_type, len(read.zone.volumes)) for read in document.zones] == [
        ("PROHIBITED", 2),
        ("CONDITIONAL", 1),
    ]
    assert [d.pointer for d in document.defects if d.code == Reason.DUPLICATE_IDENTIFIER] == [
        "/features/1",
        "/features/3",
    ]


def test_a_version_is_named_by_its_content_and_not_by_the_order_of_its_members() -> None:
    shuffled = dict(reversed(feature("A").items()))

    first = read_document(collection(feature("A"))).zones[0]
    second = read_document(collection(shuffled)).zones[0]
    other = read_document(collection(feature("A", type="CONDITIONAL"))).zones[0]

    assert first.version == second.version != other.version


def test_the_register_reads_the_same_zone_from_what_it_keeps() -> None:
    flagged = feature("C", geometry={"type": "Polygon", "coordinates": [SQUARE[:-1]]}, type="UNHEARD-OF")

    for document in (
        read_document(collection(feature("A"), flagged)),
        read269(zone269(), zone269("B", applicability=[])),
    ):
        for read in document.zones:
            assert read_zone(document.format, read.content) == read.zone


def test_a_defect_points_into_the_document_and_a_flag_into_its_zone() -> None:
    document = read_document(collection(feature("A"), feature("B", type="UNHEARD-OF")))

    assert [d.pointer for d in document.defects if d.severity == "flag"] == ["/features/1/properties/type"]
    assert [flag.pointer for flag in document.zones[1].zone.flags] == ["/properties/type"]


REFUSED: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"<html>", ""),
    "cut off": (collection(feature("A"))[:-20], ""),
    "NaN": (b'{"features": [NaN]}', ""),
    "a member twice": (b'{"type": "FeatureCollection", "type": "x"}', ""),
    "empty": (b"", ""),
    "no zones": (b'{"type": "FeatureCollection", "features": []}', "/features"),
    "a number": (b"42", ""),
    "a single feature": (json.dumps(feature("A")).encode(), "/type"),
    "no features": (b'{"type": "FeatureCollection"}', "/features"),
    "something else": (b'{"purpose": "NOTIFICATION"}', "/features"),
    "an unreadable date": (collection(feature("A"), validFrom={"a": 1}), "/metadata/validFrom"),
    "a date without offset": (collection(feature("A"), issued="2026-01-01T00:00:00"), "/metadata/issued"),
}


@pytest.mark.parametrize(("data", "pointer"), REFUSED.values(), ids=REFUSED.keys())
def test_a_document_that_cannot_be_taken_is_refused_with_its_defects(data: bytes, pointer: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_document(data)

    assert pointer in [defect.pointer for defect in refused.value.defects]
    assert all(defect.detail for defect in refused.value.defects)


def test_a_refused_document_names_the_defects_of_its_zones_too() -> None:
    untagged = feature("A", name=[{"text": "No language"}], type="REQ_AUTHORISATION")

    with pytest.raises(DocumentRefused) as refused:
        read_document(collection(untagged, validFrom="soon"))

    pointers = {defect.pointer for defect in refused.value.defects}
    assert {
        "/metadata/validFrom",
        "/features/0/properties/name/0/lang",
        "/features/0/properties/type",
    } <= pointers


def test_nesting_is_bounded_and_pointers_are_escaped() -> None:
    with pytest.raises(DocumentRefused, match="nests"):
        read_document(b"[" * 200_000)

    assert strict_json.pointer("a/b", "c~d", 0) == "/a~1b/c~0d/0"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "coordinates", "layer"]), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in paths(item, (*path, key)))]


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(["ed269", "ed318"]))
def test_whatever_is_broken_nothing_crashes_and_no_zone_is_dropped(data: st.DataObject, form: str) -> None:
    features = (
        [zone269("A"), zone269("B")]
        if form == "ed269"
        else [feature("A"), feature("B", geometry=circle(5, 52, 9))]
    )
    broken = deepcopy(features)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from([p for p in paths(broken) if len(p) > 1]))
        place = broken
        try:
            for step in way:
                place = place[step]
            place[last] = data.draw(json_values)  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            continue
    wrapped = {"features": broken} if form == "ed269" else {"type": "FeatureCollection", "features": broken}

    try:
        document = read_document(json.dumps(wrapped).encode())
    except DocumentRefused:
        return

    kept = sum(len(json.loads(read.content)) for read in document.zones)
    repeats = sum("counts once" in defect.detail for defect in document.defects)
    assert kept + len(document.quarantined) + repeats == len(broken)


def test_every_real_circle_keeps_its_centre_and_radius(sample_data: Path) -> None:
    file = sample_data / "feeds" / "netherlands.ed269.json"
    published = {
        z["identifier"]: z["geometry"][0]["horizontalProjection"]
        for z in json.loads(file.read_bytes())["features"]
    }

    document = read_document(file.read_bytes())

    assert len(document.zones) == 774
    assert document.quarantined == ()
    circles = 0
    for read in document.zones:
        shape, source = read.zone.volumes[0].shapes[0], published[read.zone.identifier]
        if source["type"] == "Circle":
            circles += 1
            assert shape == Circle(tuple(source["center"]), source["radius"])
    assert circles == 612


def test_every_real_file_is_read_or_refused_and_every_feature_accounted_for(sample_data: Path) -> None:
    for file in sorted((sample_data / "feeds").rglob("*.json")):
        try:
            document = read_document(file.read_bytes())
        except DocumentRefused:
            continue
        value = json.loads(file.read_bytes().decode("utf-8-sig"))
        features = value if isinstance(value, list) else value.get("UASZoneList") or value["features"]
        kept = sum(len(json.loads(read.content)) for read in document.zones)
        repeats = sum("counts once" in defect.detail for defect in document.defects)
        assert kept + len(document.quarantined) + repeats == len(features), file.name


def test_a_document_whose_coverage_has_no_polygons_vouches_for_nothing_not_for_its_country() -> None:
    country = Territories(areas={"NLD": shapely.box(3.0, 50.0, 7.0, 54.0)})
    declared, silent = (
        read_document(collection(feature("A"), **more))
        for more in ({"coverage": {"type": "MultiPolygon", "coordinates": []}}, {})
    )

    areas = [
        build_snapshot(each.published_as("ours"), [each.data_set("ours")], country).coverages[0].area
        for each in (declared, silent)
    ]

    assert areas == [None, country.areas["NLD"]]
