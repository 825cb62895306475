"""What a new version of a zone changes is said member by member, as it was and as it would be."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import AGL, AMSL, EVERY_DAY, box, circle, extent, period, polygon, square, zone
from zones_api.domain.changes import changes
from zones_api.domain.zone import (
    CodedCondition,
    Purpose,
    Text,
    UASZone,
    ZoneAuthority,
    ZoneType,
)

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def sentences(before: UASZone, after: UASZone) -> list[str]:
    return [change.sentence for change in changes(before, after)]


def test_the_same_zone_has_not_changed() -> None:
    assert changes(zone(), zone()) == ()


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"published_type": "CONDITIONAL", "type": ZoneType.CONDITIONAL}, "type: PROHIBITED → CONDITIONAL"),
        ({"name": (Text("Haven", "nl"),)}, "name: (none) → Haven [nl]"),
        ({"message": (Text("Call first"),)}, "message: (none) → Call first"),
        ({"restriction_conditions": "Below 30 m"}, "conditions: (none) → Below 30 m"),
        ({"reason": ("NATURE", "NOISE")}, "reason: (none) → NATURE, NOISE"),
        ({"other_reason_info": (Text("Birds"),)}, "other reason: (none) → Birds"),
        ({"variant": "CUSTOMIZED"}, "variant: (none) → CUSTOMIZED"),
        ({"regulation_exemption": "YES"}, "exemption: (none) → YES"),
        (
            {"authorities": (ZoneAuthority(Purpose.AUTHORIZATION, email="a@b.nl", interval_before="P1D"),)},
            "whom to ask: (none) → a@b.nl, for authorization, P1D before",
        ),
        (
            {"applicability": (period(NEW_YEAR, schedule=EVERY_DAY),)},
            "times: always → 2026-01-01T00:00:00+00:00 to for ever, every day",
        ),
        ({"extended_properties": {"a": 1}}, "extended properties: a as they were → with other content"),
    ],
)
def test_each_member_has_its_sentence(members: dict[str, Any], says: str) -> None:
    assert sentences(zone(), replace(zone(), **members)) == [says]


def test_coded_conditions_have_theirs() -> None:
    coded = (CodedCondition(ZoneType.PROHIBITED),)

    (change,) = changes(zone(), replace(zone(), coded_conditions=coded))

    assert change.member == "coded conditions"


def test_heights_are_said_in_the_publishers_numbers() -> None:
    low, high = extent(upper=(120.0, AGL)), extent((30.0, AGL), (300.0, AMSL))

    assert sentences(zone(vertical=low), zone(vertical=high)) == [
        "heights: the surface to 120 m AGL → 30 m AGL to 300 m AMSL"
    ]
    assert sentences(zone(vertical=low), zone()) == [
        "heights: the surface to 120 m AGL → the surface to without limit"
    ]


def test_where_a_zone_is_comes_with_what_it_gains_and_loses() -> None:
    (moved,) = sentences(zone(square()), zone(square(east=5.15)))
    (grown,) = sentences(zone(circle(radius_m=1000)), zone(circle(radius_m=2000)))

    assert moved == (
        "where: an outline of 4 points from 4.950000, 51.950000 → an outline of 4 points from 4.950000, 51.950000"
        " (76.4 km² more, 0 km² less)"
    )
    assert "a circle of 1000 m around 5.000000, 52.000000 → a circle of 2000 m" in grown
    assert "(9.43 km² more, 0 km² less)" in grown


def test_a_shape_that_crosses_itself_is_compared_all_the_same() -> None:
    bow = polygon((5.0, 52.0), (5.1, 52.1), (5.1, 52.0), (5.0, 52.1))

    assert len(sentences(zone(bow), zone(square(holes=[box(4.98, 51.98, 5.02, 52.02)])))) == 1


def test_of_long_texts_the_part_that_differs_is_shown() -> None:
    before, after = (
        replace(zone(), restriction_conditions="a" * 500 + end) for end in ("old end", "new end")
    )

    (said,) = sentences(before, after)

    assert "old end" in said
    assert "new end" in said
    assert len(said) < 200


def test_no_member_of_a_zone_is_left_out_of_the_comparison() -> None:
    # What a version is called and what was flagged in reading it are no members of their own.
    other = {"country", "identifier", "flags", "type"}
    compared = {
        "published_type",
        "volumes",
        "applicability",
        "variant",
        "name",
        "restriction_conditions",
        "coded_conditions",
        "reason",
        "other_reason_info",
        "regulation_exemption",
        "message",
        "authorities",
        "extended_properties",
        "region",
        "uspace_class",
        "data_source",
    }

    assert {field.name for field in fields(UASZone)} == other | compared


@pytest.mark.parametrize(
    ("member", "value", "says"),
    [
        ("region", 7, "region: (none) → 7"),
        ("uspace_class", "EUROCONTROL", "U-space class: (none) → EUROCONTROL"),
        ("data_source", {"originator": "caa"}, "data source: (none) → originator caa"),
    ],
)
def test_what_few_publishers_say_is_compared_too(member: str, value: object, says: str) -> None:
    assert sentences(zone(), replace(zone(), **{member: value})) == [says]
