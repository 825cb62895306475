"""All zones at one revision, in memory and never changed: a new revision is a new snapshot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
import shapely

from zones_api.domain.assessment import NEARBY_M, Assessment, assess
from zones_api.domain.data_set import Coverage, DataSet, Reading, shared_end
from zones_api.domain.flight import Question
from zones_api.domain.geometry import Bounds, around
from zones_api.domain.scene import Check, widened
from zones_api.domain.spans import END, meets
from zones_api.domain.territory import Territories
from zones_api.domain.zone import Decision, PublishedZone, UASZone
from zones_api.errors import InputTooLarge

MAX_LEGS_TIMES_ZONES = 100_000
"""The most one question may cost: as many pairs of a leg and a zone near the flight."""


@dataclass(frozen=True)
class Snapshot:
    """The register's zones at `revision`, published at that time; both None where zones come from files alone.

    The index knows bounding boxes only, in degrees; what it finds may apply, what it does not find cannot.
    """

    revision: int | None
    published_at: datetime | None
    zones: tuple[PublishedZone, ...]
    coverages: tuple[Coverage, ...]
    territories: Territories
    index: shapely.STRtree

    @property
    def data_sets(self) -> tuple[DataSet, ...]:
        """The data sets the zones come from."""
        return tuple(coverage.data_set for coverage in self.coverages)

    def near(self, bounds: Bounds) -> list[PublishedZone]:
        """Return the zones whose boxes touch a box, the short way around the globe, in the snapshot's order."""
        west, south, east, north = bounds
        boxes = [shapely.box(west + turn, south, east + turn, north) for turn in (0.0, -360.0, 360.0)]
        return [self.zones[i] for i in np.unique(self.index.query(boxes)[1])]

    def answer(self, question: Question, check: Check = lambda: None) -> Assessment:
        """Answer a question from this snapshot alone.

        Args:
            question: What is asked.
            check: Called between pieces of work; raises where the question has taken too long.

        Raises:
            InputTooLarge: If the question has too many legs for the zones near it.
        """
        near = self.near(question.bounds)
        if len(near) * len(question.legs) > MAX_LEGS_TIMES_ZONES:
            raise InputTooLarge(
                f"{len(question.legs)} legs near {len(near)} zones are more work than one question may ask for"
                f" ({MAX_LEGS_TIMES_ZONES} pairs). Ask about a part of the flight at a time."
            )
        asked_about = widened(question.window)
        candidates = [
            zone
            for zone in self.near(around(question.bounds, NEARBY_M))
            if meets((zone.valid,), (asked_about.start, asked_about.end))
        ]
        surroundings = partial(self.territories.surroundings, question)
        return assess(question, candidates, self.coverages, surroundings, check)


def within(limit_s: float, seconds: Callable[[], float]) -> Check:
    """Return a check that raises InputTooLarge once that many seconds have passed from now on."""
    started_s = seconds()

    def check() -> None:
        if seconds() - started_s > limit_s:
            raise InputTooLarge(
                f"The question takes more than {limit_s:g} s to answer. Ask about a part of the flight at a time."
            )

    return check


def build_snapshot(
    zones: Iterable[PublishedZone],
    data_sets: Collection[DataSet],
    territories: Territories,
    revision: int | None = None,
    published_at: datetime | None = None,
) -> Snapshot:
    """Return a snapshot with its index, the coverage of each data set and the reading of its texts."""
    readings = {each.key: each.reading for each in data_sets if each.reading}
    mends = {
        (each.key, decision.country, decision.identifier, decision.version): decision
        for each in data_sets
        for decision in each.decisions
    }
    all_zones = tuple(_read(_told(published, mends), readings.get(published.data_set)) for published in zones)
    coverages = []
    for data_set in sorted(data_sets, key=lambda each: each.key):
        own = [published.zone for published in all_zones if published.data_set == data_set.key]
        declared = data_set.coverage
        # One that is declared empty vouches for nothing, and not for its country instead.
        area = territories.area_of(data_set.countries) if declared is None else declared or None
        lasting = [each.zone for each in all_zones if each.data_set == data_set.key and each.valid[1] == END]
        ends = [end for end in (data_set.valid_to, shared_end(lasting)) if end is not None]
        ending = replace(data_set, valid_to=min(ends, default=None))
        shapely.prepare(area)
        coverages.append(Coverage(ending, area, _extent(own)))
    boxes = [shapely.box(*published.zone.bounds) for published in all_zones]
    return Snapshot(revision, published_at, all_zones, tuple(coverages), territories, shapely.STRtree(boxes))


def _told(
    published: PublishedZone, mends: Mapping[tuple[str, str, str | None, str | None], Decision]
) -> PublishedZone:
    """Return a zone with the decision that put it in force, if one did."""
    zone = published.zone
    mended = mends.get((published.data_set, zone.country, zone.identifier, published.version))
    return replace(published, mended=mended) if mended else published


def _read(published: PublishedZone, reading: Reading | None) -> PublishedZone:
    rows = reading.of(published.zone) if reading else ()
    return replace(published, reading=rows) if rows else published


def _extent(zones: list[UASZone]) -> Bounds | None:
    if not zones:
        return None
    wests, souths, easts, norths = zip(*(zone.bounds for zone in zones), strict=True)
    return min(wests), min(souths), max(easts), max(norths)
