"""Whatever is exported and read back is never milder: the engine that answers is the judge."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, asked, circle, data_set, moment, published, zone
from tests.domain.test_laws import grounds, questions, worlds
from zones_api.domain.altitude import Surroundings
from zones_api.domain.flight import Question
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import BEGINNING, END, Span
from zones_api.domain.zone import TimePeriod, UASZone
from zones_api.formats.document import read_document
from zones_api.formats.exports.export import export
from zones_api.formats.exports.publication import Publication
from zones_api.formats.exports.zones import names_of

ROUND_TRIP = settings(max_examples=int(os.environ.get("ZONES_LAW_EXAMPLES", "1000")) // 10, deadline=None)
READ_BACK = ["ed318", "ed269"]
ELSEWHERE = zone(circle((6.8, 53.0)), identifier="FAR")


def exported(
    zones: Sequence[UASZone], format_name: str, valid: Span = (BEGINNING, END), **about: object
) -> bytes:
    of = replace(data_set(), **about)  # type: ignore[arg-type]
    publication = Publication(tuple(replace(published(each), valid=valid) for each in zones), (of,))
    return export(publication, format_name, names_of(publication)).data


def read_back(zones: Sequence[UASZone], format_name: str) -> list[UASZone]:
    """Return zones as they are read from their export; a document of zones never in force would have none."""
    data = exported([*zones, ELSEWHERE], format_name)
    return [read.zone for read in read_document(data).zones if read.zone.identifier != ELSEWHERE.identifier]


identifiers = st.sampled_from(["A1", "2.a", "EFR-Longer-Than-Seven", "zürich", "_ABCDEF"])
doubts = st.sampled_from([None, None, Reason.PERMANENT_WITH_DATES, Reason.APPLICABILITY_NOT_STATED])


def with_doubt(of: UASZone, doubt: Reason | None) -> UASZone:
    """Return a zone of which one period is in doubt, as ED-269 allows."""
    first, *others = of.applicability
    doubtful = replace(first, doubt=doubt)
    if doubt is Reason.PERMANENT_WITH_DATES and doubtful.start is None:
        doubtful = replace(doubtful, start=moment(NOON - timedelta(hours=5)))
    if doubt is Reason.APPLICABILITY_NOT_STATED:
        doubtful = TimePeriod(doubt=doubt)
    return replace(of, applicability=(doubtful, *others))


@pytest.mark.parametrize("format_name", READ_BACK)
@ROUND_TRIP
@given(questions, worlds, grounds, st.lists(st.tuples(identifiers, doubts), min_size=4, max_size=4))
def test_what_is_read_back_never_asks_less(
    format_name: str,
    question: Question,
    world: list[UASZone],
    around: Surroundings,
    changes: list[tuple[str, Reason | None]],
) -> None:
    zones = [
        with_doubt(replace(of, identifier=f"{identifier}{number}"), doubt)
        for number, (of, (identifier, doubt)) in enumerate(zip(world, changes, strict=False))
    ]

    before = asked(question, *zones, around=around)
    after = asked(question, *read_back(zones, format_name), around=around)

    assert after.known >= before.known
    assert after.possible >= before.possible


@pytest.mark.parametrize("format_name", READ_BACK)
@ROUND_TRIP
@given(worlds)
def test_what_was_read_back_is_exported_the_same_again(format_name: str, world: list[UASZone]) -> None:
    once = read_back(world, format_name)
    twice = read_back(once, format_name)

    def said(zones: list[UASZone]) -> set[object]:
        return {
            (of.country, of.identifier, of.type, of.applicability, of.coded_conditions, shape, limits)
            for of in zones
            for volume in of.volumes
            for shape in volume.shapes
            for limits in [(volume.vertical.lower, volume.vertical.upper)]
        }

    assert said(once) == said(twice)
