"""ED-318: what is stricter than published, what is kept, and what is refused before it leaves."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely

from tests.documents import SQUARE, circle, collection, feature
from tests.formats.exports.situation import as_json, codes, exported, publication, read
from zones_api.domain.altitude import VerticalExtent
from zones_api.domain.zone import ALWAYS, UASZone, ZoneType
from zones_api.errors import ExportFailed
from zones_api.formats.exports import check318, reread
from zones_api.formats.exports.targets import ED318
from zones_api.formats.exports.zones import names_of, outward_zones
from zones_api.formats.originals import MEMBER

LAYER = {"lower": 30, "lowerReference": "AGL", "upper": 120, "upperReference": "AMSL", "uom": "m"}


def polygon(*rings: Any, **layer: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [*rings], "layer": LAYER | layer}


def back(data: bytes) -> UASZone:
    (only,) = read(exported(data)).zones
    return only.zone


def ed269(**members: Any) -> bytes:
    volume = {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
        "horizontalProjection": {"type": "Polygon", "coordinates": [SQUARE]},
    }
    common = {
        "identifier": "A1",
        "country": "NLD",
        "type": "COMMON",
        "restriction": "PROHIBITED",
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"name": "The authority", "purpose": "INFORMATION"}],
        "geometry": [volume],
    }
    return json.dumps({"features": [common | members]}).encode()


def test_a_zone_without_doubt_comes_back_as_it_was_and_nothing_is_lost() -> None:
    given = collection(
        feature("A1", geometry=polygon(SQUARE)),
        feature("B2", type="USPACE", geometry=circle(5.0, 52.0, 1234.5678)),
        issued="2026-11-01T00:00:00Z",
    )

    made = exported(given)

    assert made.losses == ()
    assert {each.zone.identifier: each.zone.volumes for each in read(made).zones} == {
        each.zone.identifier: each.zone.volumes for each in publication(given).zones
    }


def test_a_circle_keeps_its_centre_and_radius_to_the_last_digit() -> None:
    written = as_json(exported(collection(feature(geometry=circle(5.123456789012, 52.0, 1234.567890123)))))

    geometry = written["features"][0]["geometry"]
    assert geometry["coordinates"] == [5.123456789012, 52.0]
    assert geometry["extent"] == {"subType": "Circle", "radius": 1234.567890123}


def test_shells_run_counter_clockwise_and_holes_clockwise_whatever_was_published() -> None:
    hole = [[5.25, 52.02], [5.35, 52.02], [5.35, 52.08], [5.25, 52.08], [5.25, 52.02]]

    rings = as_json(exported(collection(feature(geometry=polygon(SQUARE[::-1], hole)))))["features"][0][
        "geometry"
    ]

    assert [shapely.is_ccw(shapely.LinearRing(ring)) for ring in rings["coordinates"]] == [True, False]


def test_layers_are_complete_and_a_missing_upper_limit_is_no_limit() -> None:
    geometry = {"type": "Polygon", "coordinates": [SQUARE], "layer": {"uom": "m"}}

    written = as_json(exported(collection(feature(geometry=geometry))))["features"][0]["geometry"]["layer"]

    assert written == {
        "lower": 0,
        "lowerReference": "AGL",
        "upper": 99999,
        "upperReference": "AGL",
        "uom": "m",
    }
    assert back(collection(feature(geometry=geometry))).volumes[0].vertical == VerticalExtent()


@pytest.mark.parametrize(
    "layer", [{"lower": 500, "lowerReference": "AMSL"}, {"upper": "high"}, {"lower": 0, "upper": 0}]
)
def test_limits_that_mean_nothing_become_every_height(layer: dict[str, Any]) -> None:
    given = collection(feature(geometry=polygon(SQUARE, **layer)))

    assert back(given).volumes[0].vertical == VerticalExtent()
    assert codes(exported(given)) <= {"LIMIT_UNREADABLE", "LIMITS_MEANINGLESS"}
    assert codes(exported(given))


def test_a_word_nobody_knows_is_prohibited_and_named() -> None:
    given = collection(feature(type="CLOSED_ON_A_WHIM"))

    zone = back(given)

    assert zone.type is ZoneType.PROHIBITED
    assert zone.extended_properties[MEMBER]["published_type"] == "CLOSED_ON_A_WHIM"  # type: ignore[index]
    assert "CLOSED_ON_A_WHIM" in zone.message[-1].text
    assert codes(exported(given)) == {"RESTRICTION_UNRECOGNISED"}


def test_coded_conditions_become_the_strictest_of_them_and_are_kept() -> None:
    coded = [{"when": {"category": ["open"]}, "then": {"type": "PROHIBITED"}}]
    given = collection(feature(type="CONDITIONAL", extendedProperties={"coded_conditions": coded}))

    zone = back(given)

    assert zone.type is ZoneType.PROHIBITED
    assert zone.extended_properties["coded_conditions"] == coded
    assert codes(exported(given)) == {"CONDITIONS_CODED"}


def test_coded_conditions_that_are_no_stricter_than_their_word_stay_rules() -> None:
    coded = [{"when": {"vlos": True}, "then": {"type": "NO_RESTRICTION"}}]

    zone = back(collection(feature(type="CONDITIONAL", extendedProperties={"coded_conditions": coded})))

    assert (zone.type, len(zone.coded_conditions)) == (ZoneType.CONDITIONAL, 1)


def test_a_ring_that_crosses_itself_becomes_all_that_any_reading_has() -> None:
    bow = [[5.0, 52.0], [5.1, 52.1], [5.1, 52.0], [5.0, 52.1], [5.0, 52.0]]
    given = collection(feature(geometry=polygon(bow)))

    shapes = list(back(given).footprints)

    assert not any(footprint.doubts for footprint in shapes)
    certain = shapely.union_all([footprint.certain for footprint in shapes])  # type: ignore[union-attr]
    assert certain.buffer(1e-9).covers(shapely.convex_hull(shapely.MultiPoint(bow)))
    assert codes(exported(given)) == {"GEOMETRY_INVALID"}


def test_a_point_without_a_size_becomes_ten_kilometres_around_it() -> None:
    given = collection(feature(geometry={"type": "Point", "coordinates": [5.0, 52.0], "layer": LAYER}))

    (shape,) = back(given).volumes[0].shapes

    assert shape.radius_m == 10_000.0  # type: ignore[union-attr]
    assert codes(exported(given)) == {"GEOMETRY_WITHOUT_AREA"}


def test_a_line_without_a_size_becomes_an_area_around_it() -> None:
    line = {"type": "LineString", "coordinates": [[5.0, 52.0], [5.4, 52.2]], "layer": LAYER}

    (footprint,) = back(collection(feature(geometry=line))).footprints

    assert footprint.doubts == frozenset()
    assert footprint.certain.covers(shapely.Point(5.2, 52.1).buffer(0.089))  # type: ignore[union-attr]


def test_long_edges_are_written_so_that_every_reader_has_both_readings() -> None:
    wide = [[3.0, 52.0], [7.0, 52.0], [7.0, 52.2], [3.0, 52.2], [3.0, 52.0]]
    given = collection(feature(geometry=polygon(wide)))
    (before,) = publication(given).zones[0].zone.footprints

    (after,) = back(given).footprints

    assert before.doubts
    assert not after.doubts
    assert after.certain.buffer(1e-9).covers(before.possible)  # type: ignore[union-attr]
    assert codes(exported(given)) == {"EDGE_INTERPRETATION"}


def test_a_ring_around_the_globe_is_cut_into_parts_that_everybody_reads_alike() -> None:
    wide = [[-179.0, 10.0], [179.0, 10.0], [179.0, 20.0], [-179.0, 20.0], [-179.0, 10.0]]
    given = collection(feature(country="FJI", geometry=polygon(wide)))
    written = as_json(exported(given))["features"][0]["geometry"]["coordinates"]

    widths = [max(x for x, _ in shell) - min(x for x, _ in shell) for shell, *_ in written]

    assert max(widths) <= 180.0
    assert not any(footprint.doubts for footprint in back(given).footprints)


def test_times_without_an_offset_become_all_that_they_may_mean() -> None:
    schedule = [{"day": ["TUE"], "startTime": "10:00", "endTime": "12:00"}]
    given = collection(
        feature(limitedApplicability=[{"startDateTime": "2026-05-01T12:00:00", "schedule": schedule}])
    )

    (period,) = back(given).applicability

    assert period.start is not None
    assert period.start.at == datetime(2026, 4, 30, 22, tzinfo=UTC)
    (entry,) = period.schedule
    assert {str(day) for day in entry.days} == {"MON", "TUE"}
    assert codes(exported(given)) == {"NAIVE_TIME"}


def test_a_schedule_that_cannot_be_read_is_all_of_the_time() -> None:
    given = collection(
        feature(limitedApplicability=[{"schedule": [{"day": ["HOLIDAYS"], "startTime": "09:00Z"}]}])
    )

    assert back(given).applicability == ALWAYS
    assert codes(exported(given)) == {"SCHEDULE_NOT_READABLE"}


def test_sunrise_and_sunset_stay_what_they_are() -> None:
    schedule = [{"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]
    given = collection(feature(limitedApplicability=[{"schedule": schedule}]))

    made = exported(given)

    assert as_json(made)["features"][0]["properties"]["limitedApplicability"] == [{"schedule": schedule}]
    assert made.losses == ()


@pytest.mark.parametrize("clock", ["24:00Z", "24:00+02:00"])
def test_the_end_of_a_day_is_written_as_the_start_of_the_next(clock: str) -> None:
    schedule = [{"day": ["SUN"], "startTime": clock, "endTime": "06:00Z"}]

    (period,) = back(collection(feature(limitedApplicability=[{"schedule": schedule}]))).applicability

    (entry,) = period.schedule
    assert {str(day) for day in entry.days} == {"MON"}


def test_permanent_with_dates_is_permanent() -> None:
    dates = {
        "permanent": "YES",
        "startDateTime": "2020-01-01T00:00:00Z",
        "endDateTime": "2021-01-01T00:00:00Z",
    }
    given = ed269(applicability=[dates])

    assert back(given).applicability == ALWAYS
    assert codes(exported(given)) == {"PERMANENT_WITH_DATES"}


def test_a_radius_in_metres_or_feet_is_the_larger_one() -> None:
    volume = {
        "uomDimensions": "FT",
        "upperLimit": 400,
        "upperVerticalReference": "AGL",
        "horizontalProjection": {"type": "Circle", "center": [5.0, 52.0], "radius": 5000},
    }
    given = ed269(geometry=[volume])

    (shape,) = back(given).volumes[0].shapes

    assert (shape.radius_m, shape.other_radius_m) == (5000.0, None)  # type: ignore[union-attr]
    assert back(given).volumes[0].vertical.upper.height.value_m == 400 * 0.3048  # type: ignore[union-attr]
    assert codes(exported(given)) == {"RADIUS_UNIT_AMBIGUOUS"}


@pytest.mark.parametrize("identifier", ["2.a", "A-NAME-THAT-IS-LONG", "zürich", "a b"])
def test_an_identifier_of_another_form_is_renamed_and_comes_back(identifier: str) -> None:
    given = collection(feature(identifier))

    made = exported(given)

    assert check318.FORM.fullmatch(as_json(made)["features"][0]["properties"]["identifier"])
    assert [each.zone.identifier for each in read(made).zones] == [identifier]
    assert codes(made) == {"IDENTIFIER_MAPPED"}


def test_a_name_that_was_not_given_here_is_not_taken_back() -> None:
    value = as_json(exported(collection(feature("2.a"))))
    value["features"][0]["properties"]["identifier"] = "OTHER"

    from zones_api.formats.document import read_document

    assert [each.zone.identifier for each in read_document(json.dumps(value).encode()).zones] == ["OTHER"]


def test_a_long_message_becomes_several_and_no_word_is_lost() -> None:
    words = [f"word{number}" for number in range(150)]
    given = collection(
        feature(message=[{"text": " ".join(words), "lang": "en-GB"}, {"text": "kort", "lang": "nl-NL"}])
    )

    messages = as_json(exported(given))["features"][0]["properties"]["message"]

    assert max(len(message["text"]) for message in messages) <= 200
    assert " ".join(each["text"] for each in messages if each["lang"] == "en-GB").split() == words
    assert messages[-1] == {"text": "kort", "lang": "nl-NL"}
    assert codes(exported(given)) == {"TEXT_SPLIT"}


def test_contacts_of_another_form_stand_beside_the_contacts_name() -> None:
    authority = {
        "purpose": "INFORMATION",
        "email": "a@example.org; b@example.org",
        "siteURL": "www.example.org",
    }

    (written,) = as_json(exported(collection(feature(zoneAuthority=[authority]))))["features"][0][
        "properties"
    ]["zoneAuthority"]

    assert written["email"] == "a@example.org"
    assert "siteURL" not in written
    assert [text["text"] for text in written["contactName"]] == [
        "www.example.org",
        "a@example.org; b@example.org",
    ]


def test_a_zone_that_names_nobody_gets_the_provider() -> None:
    given = collection(feature(zoneAuthority=[]), provider=[{"text": "The office", "lang": "en-GB"}])

    made = exported(given)

    (written,) = as_json(made)["features"][0]["properties"]["zoneAuthority"]
    assert written == {"name": [{"text": "The office", "lang": "en-GB"}], "purpose": "AUTHORIZATION"}
    assert codes(made) == {"AUTHORITY_MISSING"}


def test_zones_set_aside_are_listed_and_the_document_says_it_is_incomplete() -> None:
    broken = feature("BROKEN", geometry={"type": "Polygon", "coordinates": [[[5, 152]]], "layer": LAYER})
    area = shapely.box(4.0, 51.0, 6.0, 53.0)

    made = exported(collection(feature("A1"), broken), coverage=area)

    written = as_json(made)["metadata"]
    assert [(loss.zone, loss.code) for loss in made.losses] == [(("NLD", "BROKEN"), "ZONE_QUARANTINED")]
    assert written["technicalLimitations"][0]["text"].startswith("INCOMPLETE: 1 zone could not be read")
    # It may be anywhere, so read back the document vouches for nothing.
    assert written["coverage"] == {"type": "MultiPolygon", "coordinates": []}
    coverage = read(made).metadata.coverage
    assert coverage is not None
    assert coverage.is_empty


def test_a_document_vouches_for_the_area_its_zones_are_complete_in() -> None:
    area = shapely.box(4.0, 51.0, 6.0, 53.0)

    coverage = read(exported(collection(feature("A1")), coverage=area)).metadata.coverage

    assert coverage is not None
    assert area.buffer(1e-9).covers(coverage)
    assert coverage.area > 0.99 * area.area


def test_the_revisions_time_is_when_it_was_issued_and_from_when_it_counts() -> None:
    at = datetime(2026, 11, 28, 12, tzinfo=UTC)

    metadata = as_json(exported(collection(feature("A1")), revision=7, published_at=at))["metadata"]

    assert (metadata["issued"], metadata["validFrom"]) == ("2026-11-28T12:00:00Z", "2026-11-28T12:00:00Z")


BROKEN: list[tuple[str, Any, Any]] = [
    ("/name", ["name"], ""),
    ("/metadata/issued", ["metadata", "issued"], "yesterday"),
    ("/metadata/validTo", ["metadata", "validTo"], "2020-01-01T00:00:00Z"),
    ("/features/0/properties/identifier", ["features", 0, "properties", "identifier"], "2.a"),
    ("/features/0/properties/country", ["features", 0, "properties", "country"], "nl"),
    ("/features/0/properties/type", ["features", 0, "properties", "type"], "REQ_AUTHORISATION"),
    ("/features/0/properties/variant", ["features", 0, "properties", "variant"], None),
    ("/features/0/properties/region", ["features", 0, "properties", "region"], 70_000),
    ("/features/0/properties/reason", ["features", 0, "properties", "reason"], ["SAFETY"]),
    (
        "/features/0/properties/message/0",
        ["features", 0, "properties", "message"],
        [{"text": "x" * 201, "lang": "en"}],
    ),
    ("/features/0/properties/name/0", ["features", 0, "properties", "name"], [{"text": "x"}]),
    ("/features/0/properties/zoneAuthority", ["features", 0, "properties", "zoneAuthority"], []),
    (
        "/features/0/properties/zoneAuthority/0/purpose",
        ["features", 0, "properties", "zoneAuthority", 0, "purpose"],
        "ASK",
    ),
    (
        "/features/0/properties/zoneAuthority/0/intervalBefore",
        ["features", 0, "properties", "zoneAuthority", 0, "intervalBefore"],
        "two days",
    ),
    (
        "/features/0/properties/limitedApplicability",
        ["features", 0, "properties", "limitedApplicability"],
        [],
    ),
    (
        "/features/0/properties/limitedApplicability/0/endDateTime",
        ["features", 0, "properties", "limitedApplicability"],
        [{"startDateTime": "2026-01-02T00:00:00Z", "endDateTime": "2026-01-01T00:00:00Z"}],
    ),
    (
        "/features/0/properties/limitedApplicability/0/schedule/0/startTime",
        ["features", 0, "properties", "limitedApplicability"],
        [{"schedule": [{"day": ["MON"], "startTime": "09:00", "endTime": "10:00:00Z"}]}],
    ),
    (
        "/features/0/properties/limitedApplicability/0/schedule/0/startTime",
        ["features", 0, "properties", "limitedApplicability"],
        [{"schedule": [{"day": ["MON"], "startTime": "09:00:00Z", "startEvent": "SR"}]}],
    ),
    ("/features/0/geometry/layer", ["features", 0, "geometry", "layer"], {"upper": 120}),
    ("/features/0/geometry/layer/lower", ["features", 0, "geometry", "layer", "lower"], 500),
    ("/features/0/geometry/layer/uom", ["features", 0, "geometry", "layer", "uom"], "FL"),
    ("/features/0/geometry/coordinates/0", ["features", 0, "geometry", "coordinates"], [SQUARE[::-1]]),
    ("/features/0/geometry/coordinates/0", ["features", 0, "geometry", "coordinates"], [SQUARE[:-1]]),
    (
        "/features/0/geometry/coordinates",
        ["features", 0, "geometry", "coordinates"],
        [[[0, 0], [1, 0], [1, 1], [2, 2], [0, 1], [1.5, 0.5], [0, 0]]],
    ),
    ("/features/0/geometry/extent", ["features", 0, "geometry"], {"type": "Point", "coordinates": [5, 52]}),
    ("/features/0/geometry/type", ["features", 0, "geometry", "type"], "LineString"),
    ("/features/0/properties/colour", ["features", 0, "properties", "colour"], "red"),
]


@pytest.mark.parametrize(("pointer", "path", "value"), BROKEN)
def test_a_document_that_is_not_ed318_never_leaves(pointer: str, path: list[Any], value: Any) -> None:
    given = collection(feature("A1"), issued="2026-11-01T00:00:00Z", validFrom="2026-11-01T00:00:00Z")
    document = as_json(exported(given))
    assert check318.check(document) == ()

    inside: Any = document
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value

    assert pointer in [defect.pointer for defect in check318.check(document)]
    with pytest.raises(ExportFailed, match="not ED-318"):
        reread.require_valid(json.dumps(document).encode())


def _less(path: list[Any], value: Any) -> Any:
    def change(document: dict[str, Any]) -> None:
        inside: Any = document["features"][0]
        for step in path[:-1]:
            inside = inside[step]
        inside[path[-1]] = value

    return change


MILDER = {
    "another type": _less(["properties", "type"], "CONDITIONAL"),
    "a lower top": _less(["geometry", "layer", "upper"], 119.999),
    "a higher floor": _less(["geometry", "layer", "lower"], 1),
    "less of the time": _less(
        ["properties", "limitedApplicability"], [{"endDateTime": "2030-01-01T00:00:00Z"}]
    ),
    "a hole": _less(
        ["geometry", "coordinates"],
        [SQUARE, [[5.25, 52.02], [5.25, 52.08], [5.35, 52.08], [5.35, 52.02], [5.25, 52.02]]],
    ),
    "no message": lambda document: document["features"][0]["properties"].pop("message"),
    "no zone": lambda document: document["features"].pop(0),
}


@pytest.mark.parametrize("change", MILDER.values(), ids=MILDER)
def test_an_export_that_says_less_than_was_published_never_leaves(change: Any) -> None:
    data = collection(
        feature("A1", message=[{"text": "ask first\u0001", "lang": "en-GB"}]),
        feature("B2", geometry=circle(4.8, 52.3, 500)),
    )
    given = publication(data)
    zones, _ = outward_zones(given, names_of(given), ED318)
    document = as_json(exported(data))
    reread.require_same(json.dumps(document).encode(), zones)

    change(changed := copy.deepcopy(document))

    with pytest.raises(ExportFailed, match=r"A1 (says something else|has lost a text)"):
        reread.require_same(json.dumps(changed).encode(), zones)


def test_a_zone_meant_milder_than_published_never_leaves() -> None:
    from dataclasses import replace

    given = publication(collection(feature("A1")))
    (zone,), _ = outward_zones(given, names_of(given), ED318)
    for milder in (
        replace(zone.zone, type=ZoneType.CONDITIONAL),
        replace(zone.zone, volumes=()),
        replace(
            zone.zone,
            volumes=publication(collection(feature("A1", geometry=circle(5.3, 52.05, 500))))
            .zones[0]
            .zone.volumes,
        ),
        replace(
            zone.zone,
            applicability=publication(
                collection(feature("A1", limitedApplicability=[{"endDateTime": "2026-04-01T00:00:00Z"}]))
            )
            .zones[0]
            .zone.applicability,
        ),
    ):
        assert list(reread._milder(replace(zone, zone=milder)))
    assert not list(reread._milder(zone))
