"""What a publisher's document is, apart from its zones: where, when and how far it can be relied on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.applicability import Window
from zones_api.domain.geometry import Bounds, shifted
from zones_api.domain.overlap import Place, lies_within, turns_to_meet
from zones_api.domain.reasons import Reason
from zones_api.domain.zone import Decision, ReadingRow, Text, UASZone
from zones_api.errors import Defect

SHARED_END_ZONES = 10
"""When all zones of a data set of this many or more end at one instant, that is the end of the data set."""


@dataclass(frozen=True)
class DataSet:
    """One version of a publisher's document.

    `issued` and `provider` are as the document states them, `received_at` is when we read it,
    `limitations` are the publisher's words on what the data is not good for. `coverage` is the area in
    which a zone that is not listed does not exist, as the document declares it, None where it does not.
    `own` is whether the register itself is the source: it then has no document and is as new as the register.
    `reading` is the table its texts are read with, None where they are not. `decisions` are those on zones that were
    set aside; `quarantined` are the zones that none stands on.
    """

    key: str
    format: str
    digest: str
    countries: frozenset[str]
    zones: int
    received_at: datetime | None = None
    revision: int | None = None
    title: str | None = None
    provider: tuple[Text, ...] = ()
    limitations: tuple[Text, ...] = ()
    issued: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    other_geoid: str | None = None
    coverage: BaseGeometry | None = None
    quarantined: tuple[QuarantinedZone, ...] = ()
    own: bool = False
    reading: Reading | None = None
    decisions: tuple[Decision, ...] = ()

    @property
    def has_other_geoid(self) -> bool:
        """Whether its heights above sea level are above another geoid than EGM96 (EPSG 5773, 9707)."""
        named = (self.other_geoid or "").upper()
        return bool(named) and not any(word in named for word in ("EGM96", "5773", "9707"))


@dataclass(frozen=True)
class Reading:
    """A reviewed table of what exact published texts mean; a text without a row stays as it is published."""

    title: str
    rows: tuple[ReadingRow, ...]

    def of(self, zone: UASZone) -> tuple[ReadingRow, ...]:
        """Return the rows of a zone's texts: its messages and its conditions, letter for letter."""
        texts = texts_of(zone)
        return tuple(row for row in self.rows if row.text in texts)


def texts_of(zone: UASZone) -> frozenset[str]:
    """Return the texts of a zone that a reading may have rows for."""
    return frozenset(text.text for text in zone.message) | frozenset(
        filter(None, [zone.restriction_conditions])
    )


@dataclass(frozen=True)
class QuarantinedZone:
    """A zone that could not be evaluated at all, with every defect.

    `bounds` is the box of it or of its last good version; None is anywhere in its data set. `partly` is the box
    of what could be read, which may not be all of it. `published_type` is its restriction word, None where
    that cannot be read either. `feature` is the digest of it as published, "" where it comes from the register.
    """

    country: str
    identifier: str | None
    pointer: str
    published_type: str | None
    bounds: Bounds | None
    defects: tuple[Defect, ...]
    partly: Bounds | None = None
    feature: str = ""


def undecided(
    set_aside: Iterable[QuarantinedZone], decisions: Iterable[Decision]
) -> tuple[tuple[QuarantinedZone, ...], tuple[Decision, ...]]:
    """Return the zones set aside that no decision stands on, and the decisions with the bounds of what they are on."""
    rows, made = tuple(set_aside), tuple(decisions)
    bounds = {zone.pointer: zone.bounds for zone in rows}
    decided = {each.pointer for each in made}
    return (
        tuple(zone for zone in rows if zone.pointer not in decided),
        tuple(
            each if each.pointer is None else replace(each, bounds=bounds.get(each.pointer)) for each in made
        ),
    )


@dataclass(frozen=True)
class KeptDocument:
    """A publisher's document, apart from its bytes; `revision` is the one since which it is its data set's."""

    data_set: str
    revision: int
    digest: str
    format: str
    file_name: str
    received_at: datetime
    size: int


@dataclass(frozen=True)
class SetAside:
    """A zone that the newest document of a data set has and that cannot be evaluated; since which revision that is so.

    `decision` is what was decided of it, None where nothing was.
    """

    data_set: str
    zone: QuarantinedZone
    since: int
    since_at: datetime
    decision: Decision | None = None


@dataclass(frozen=True)
class Coverage:
    """The area in which one data set may be taken as complete; None where nobody declares one.

    `extent` is the box of its zones, None where it has none.
    """

    data_set: DataSet
    area: BaseGeometry | None
    extent: Bounds | None = None

    def covers(self, place: Place) -> bool:
        """Say whether a place and its buffer lie inside the area."""
        return self.area is not None and lies_within(place, self.area)

    def concerns(self, place: Place) -> bool:
        """Say whether a place may touch the area, or where nobody declares one the box of all zones."""
        if self.area is None:
            return self.extent is not None and any(True for _ in turns_to_meet(place.bounds, self.extent))
        box = shapely.box(*place.bounds)
        turns = turns_to_meet(place.bounds, self.area.bounds)
        return any(shapely.intersects(self.area, shifted(box, turn)) for turn in turns)

    def doubt(self, window: Window) -> Reason | None:
        """Return why this data set cannot answer for a window; None where it can."""
        valid_from, valid_to = self.data_set.valid_from, self.data_set.valid_to
        if valid_from is not None and window.start < valid_from:
            return Reason.OUTSIDE_COVERAGE
        if valid_to is not None and window.end > valid_to:
            return Reason.DATASET_EXPIRED
        return None


def shared_end(zones: list[UASZone]) -> datetime | None:
    """Return the one instant at which all zones end, if there are enough of them to mean the data set's end."""
    ends = {period.end.at if period.end else None for zone in zones for period in zone.applicability}
    if len(zones) < SHARED_END_ZONES or len(ends) != 1:
        return None
    end = ends.pop()
    return end if end is not None and end.tzinfo is not None else None
