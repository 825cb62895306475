"""Coded conditions, declared coverage, hours in UTC and zones far from home, as documents have them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely

from tests.documents import SQUARE, circle, collection, feature
from zones_api.domain.civil_time import TIME_ZONES, has_summer_time
from zones_api.domain.zone import CodedCondition, ZoneType
from zones_api.errors import DocumentRefused
from zones_api.formats.document import Document, read_document

FITTING: dict[str, Any] = {
    "when": {
        "category": ["open"],
        "subcategory": "A1",
        "uas_class": ["c0", "C1"],
        "max_takeoff_mass_g": "250",
        "vlos": True,
        "max_height_m": 50,
    },
    "then": {"type": "NO_RESTRICTION", "max_height_m": 40},
}


def coded(*conditions: Any, kind: str = "CONDITIONAL") -> Document:
    return read_document(
        collection(feature(type=kind, extendedProperties={"coded_conditions": list(conditions)}))
    )


def pointers(document: Document, code: str) -> list[str]:
    return [defect.pointer for defect in document.defects if defect.code == code]


def test_a_coded_condition_is_read_with_its_words_in_any_case() -> None:
    zone = coded(FITTING).zones[0].zone

    assert zone.coded_conditions == (
        CodedCondition(
            then=ZoneType.NO_RESTRICTION,
            then_max_height_m=40.0,
            category=frozenset(["open"]),
            subcategory=frozenset(["A1"]),
            uas_class=frozenset(["C0", "C1"]),
            max_takeoff_mass_g=250.0,
            vlos=True,
            max_height_m=50.0,
        ),
    )
    assert zone.flags == ()


@pytest.mark.parametrize(
    ("condition", "where"),
    [
        ("open", ""),
        ({"then": {"type": "PROHIBITED"}, "else": {}}, ""),
        ({"when": {}}, ""),
        ({"when": {"colour": "red"}, "then": {"type": "PROHIBITED"}}, "/when/colour"),
        ({"when": {"category": ["military"]}, "then": {"type": "PROHIBITED"}}, "/when/category"),
        ({"when": {"vlos": "maybe"}, "then": {"type": "PROHIBITED"}}, "/when/vlos"),
        ({"when": {"max_height_m": -1}, "then": {"type": "PROHIBITED"}}, "/when/max_height_m"),
        (
            {"when": {"max_takeoff_mass_g": "light"}, "then": {"type": "PROHIBITED"}},
            "/when/max_takeoff_mass_g",
        ),
        ({"then": {"type": "ALLOWED"}}, "/then/type"),
        ({"then": {"type": "PROHIBITED", "max_height_m": "low"}}, "/then/max_height_m"),
        ({"then": {"type": "PROHIBITED", "why": "so"}}, "/then/why"),
    ],
)
def test_one_unreadable_condition_is_flagged_and_none_of_the_zones_is_applied(
    condition: Any, where: str
) -> None:
    document = coded(FITTING, condition)

    zone = document.zones[0].zone
    assert zone.coded_conditions == ()
    assert [flag.pointer for flag in zone.flags] == [
        f"/properties/extendedProperties/coded_conditions/1{where}"
    ]


def test_conditions_of_a_zone_that_is_not_conditional_are_noted_and_left_alone() -> None:
    document = coded(FITTING, kind="PROHIBITED")

    assert document.zones[0].zone.coded_conditions == ()
    assert pointers(document, "MEMBER_INVALID") == [
        "/features/0/properties/extendedProperties/coded_conditions"
    ]


def test_more_conditions_than_can_be_meant_are_not_applied() -> None:
    assert coded(*[FITTING] * 101).zones[0].zone.coded_conditions == ()
    assert len(coded(*[FITTING] * 100).zones[0].zone.coded_conditions) == 100


def scheduled(country: str = "NLD", dates: tuple[str, str] | None = None, clock: str = "08:00Z") -> list[str]:
    period: dict[str, Any] = {"schedule": [{"day": ["MON"], "startTime": clock, "endTime": "17:00+02:00"}]}
    if dates:
        period |= {"startDateTime": dates[0], "endDateTime": dates[1]}
    document = read_document(collection(feature(country=country, limitedApplicability=[period])))
    return pointers(document, "SCHEDULE_WITHOUT_DST")


def test_hours_in_utc_all_year_are_flagged_where_clocks_change() -> None:
    assert scheduled() == ["/features/0/properties/limitedApplicability/0"]
    assert scheduled(dates=("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z")) != []
    assert scheduled(dates=("2026-06-01T00:00:00Z", "2026-08-31T00:00:00Z")) == []
    assert scheduled(clock="08:00+02:00") == []
    summer = ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z")
    assert scheduled(dates=summer) == []
    assert scheduled(dates=(summer[0], "2026-10-25T01:00:01Z")) != []
    assert scheduled(dates=("2026-03-29T00:59:59Z", summer[1])) != []
    assert scheduled(country="ISL") == []
    assert scheduled(country="ZZZ") == []


def test_every_country_has_a_civil_time_that_exists() -> None:
    summer = {country for country in TIME_ZONES if has_summer_time(country)}

    assert set(TIME_ZONES) - summer == {"ISL"}


def covering(coverage: Any) -> Document:
    return read_document(collection(feature(), coverage=coverage))


def test_a_document_may_declare_its_own_coverage() -> None:
    one = covering({"type": "Polygon", "coordinates": [SQUARE]}).metadata.coverage
    two = covering({"type": "MultiPolygon", "coordinates": [[SQUARE]]}).metadata.coverage

    assert one is not None
    assert one.equals(shapely.Polygon(SQUARE))
    assert one.equals(two)
    assert covering(None).metadata.coverage is None


@pytest.mark.parametrize(
    "coverage",
    [
        "NLD",
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
        {"type": "Polygon", "coordinates": [[SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]]},
        {"type": "Point", "coordinates": [5, 52]},
        {"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [5.5, 95], [5, 52]]]},
    ],
)
def test_a_coverage_that_cannot_be_relied_on_refuses_the_document(coverage: Any) -> None:
    with pytest.raises(DocumentRefused) as refused:
        covering(coverage)

    assert "/metadata/coverage" in [defect.pointer for defect in refused.value.defects]


def test_a_zone_far_from_its_country_is_set_aside_and_in_doubt_where_it_may_have_been_meant() -> None:
    swapped, elsewhere, near = (
        feature(name, geometry=circle(lon, lat, 1000))
        for name, lon, lat in [("SWAPPED", 52.0, 5.2), ("CHINA", 110.0, 30.0), ("NEAR", 9.0, 52.0)]
    )

    document = read_document(collection(swapped, elsewhere, near))

    assert [read.zone.identifier for read in document.zones] == ["NEAR"]
    by_name = {zone.identifier: zone for zone in document.quarantined}
    bounds = by_name["SWAPPED"].bounds
    assert bounds is not None
    assert shapely.box(*bounds).contains(shapely.Point(5.2, 52.0))
    assert by_name["CHINA"].bounds is None
    assert "exchanged" in json.dumps([defect.detail for defect in by_name["SWAPPED"].defects])


def test_an_outline_whose_points_lie_on_one_line_has_no_area() -> None:
    line = [[5.0, 52.0], [5.1, 52.1], [5.2, 52.2], [5.0, 52.0]]
    document = read_document(collection(feature(geometry={"type": "Polygon", "coordinates": [line]})))

    assert [flag.reason for flag in document.zones[0].zone.flags] == ["GEOMETRY_WITHOUT_AREA"]
