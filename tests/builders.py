"""Zones, questions and snapshots for tests; a test states only what it is about, the rest is filled in here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import shapely

from zones_api.domain.altitude import (
    Height,
    HeightRange,
    Interval,
    Limit,
    Surroundings,
    VerticalExtent,
    VerticalReference,
)
from zones_api.domain.applicability import Window
from zones_api.domain.assessment import Assessment, assess
from zones_api.domain.data_set import Coverage, DataSet, QuarantinedZone
from zones_api.domain.flight import Question, location
from zones_api.domain.geometry import GEOD, Bounds, Circle, LonLat, Polygon, Spot
from zones_api.domain.territory import Territories
from zones_api.domain.zone import (
    ALWAYS,
    AirspaceVolume,
    DailyPeriod,
    Moment,
    PublishedZone,
    TimePeriod,
    UASZone,
    Weekday,
    ZoneType,
)
from zones_api.snapshot import Snapshot, build_snapshot

AGL, AMSL, WGS84, TAKEOFF = VerticalReference
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HERE: LonLat = (5.0, 52.0)
FLAT_SEA = Surroundings(Interval(0.0, 0.0), Interval(0.0, 0.0))
WORLD = shapely.box(-180, -90, 180, 90)
EVERY_DAY = (DailyPeriod(frozenset(Weekday)),)


def away(position: LonLat, azimuth: float, distance_m: float) -> LonLat:
    """Return the place so many metres from another in a direction, along a geodesic."""
    lon, lat, _ = GEOD.fwd(*position, azimuth, distance_m)
    return lon, lat


def ring(*points: LonLat) -> tuple[LonLat, ...]:
    """Return a closed ring."""
    return (*points, points[0])


def box(west: float, south: float, east: float, north: float) -> tuple[LonLat, ...]:
    """Return a closed rectangular ring, counter-clockwise."""
    return ring((west, south), (east, south), (east, north), (west, north))


def polygon(*points: LonLat, holes: Iterable[tuple[LonLat, ...]] = ()) -> Polygon:
    """Return a polygon of a shell that closes itself and of closed holes."""
    return Polygon(ring(*points), tuple(holes))


def square(
    west: float = 4.95,
    south: float = 51.95,
    east: float = 5.05,
    north: float = 52.05,
    holes: Iterable[tuple[LonLat, ...]] = (),
) -> Polygon:
    """Return a rectangle; as it stands it lies around HERE."""
    return Polygon(box(west, south, east, north), tuple(holes))


def circle(centre: LonLat = HERE, radius_m: float = 1_000.0, other_radius_m: float | None = None) -> Circle:
    """Return a circle around HERE."""
    return Circle(centre, radius_m, other_radius_m)


def height(value_m: float, reference: VerticalReference = AGL) -> Height:
    """Return a height in metres."""
    return Height(value_m, reference)


def agl(upper: float | None = None, lower: float | None = None) -> HeightRange:
    """Return heights above ground; from the ground and without limit where nothing is said."""
    return heights(lower, upper, AGL)


def heights(lower: float | None, upper: float | None, reference: VerticalReference) -> HeightRange:
    """Return the heights of a question."""
    low, high = (None if value is None else Height(value, reference) for value in (lower, upper))
    return HeightRange(low, high)


def extent(
    lower: tuple[float, VerticalReference] | None = None, upper: tuple[float, VerticalReference] | None = None
) -> VerticalExtent:
    """Return a zone's heights; from the surface and without limit where nothing is said."""
    low, high = (None if end is None else Limit(Height(*end), end[0], "m") for end in (lower, upper))
    return VerticalExtent(low, high)


def ground(low_m: float, high_m: float | None = None, undulation_m: float = 0.0) -> Surroundings:
    """Return a place whose ground lies within bounds and whose undulation is known."""
    high = low_m if high_m is None else high_m
    return Surroundings(Interval(low_m, high), Interval(undulation_m, undulation_m))


def window(start: datetime = NOON, end: datetime | None = None, *, hours: float = 0.0) -> Window:
    """Return a window; as it stands it is one instant."""
    return Window(start, end or start + timedelta(hours=hours))


def moment(at: datetime | None) -> Moment:
    """Return a moment as published; None cannot be read."""
    return Moment(at.isoformat() if at else "soon", at)


def period(start: datetime | None = None, end: datetime | None = None, **more: object) -> TimePeriod:
    """Return a period between two dates; a date left out is open."""
    ends = (None if at is None else moment(at) for at in (start, end))
    return TimePeriod(*ends, **more)  # type: ignore[arg-type]


MAYBE = (TimePeriod(schedule=EVERY_DAY),)
"""A zone with these periods is met or not, nobody can tell."""


def volume(shape: Polygon | Circle | Spot, vertical: VerticalExtent | None = None) -> AirspaceVolume:
    """Return a volume, from the surface without limit unless told otherwise."""
    return AirspaceVolume((shape,), vertical or VerticalExtent())


def zone(
    *shapes: Polygon | Circle | Spot | AirspaceVolume,
    identifier: str = "A1",
    type: ZoneType | None = ZoneType.PROHIBITED,  # noqa: A002 - ED-318's word
    vertical: VerticalExtent | None = None,
    applicability: tuple[TimePeriod, ...] = ALWAYS,
    country: str = "NLD",
) -> UASZone:
    """Return a zone in force always; without shapes it is a square around HERE."""
    volumes = tuple(
        shape if isinstance(shape, AirspaceVolume) else volume(shape, vertical)
        for shape in shapes or (square(),)
    )
    return UASZone(country, identifier, type, type or "CLOSED", volumes, applicability)


def published(of: UASZone, data_set: str = "NLD") -> PublishedZone:
    """Return a zone as the register holds it."""
    return PublishedZone(of, data_set, f"{of.identifier} as first published")


def data_set(
    key: str = "NLD",
    quarantined: Iterable[QuarantinedZone] = (),
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> DataSet:
    """Return a data set of the country that its key names."""
    return DataSet(
        key,
        "ED-318",
        "digest",
        frozenset([key]),
        zones=1,
        valid_from=valid_from,
        valid_to=valid_to,
        quarantined=tuple(quarantined),
    )


def coverage(area: shapely.Geometry | None = WORLD, **more: object) -> Coverage:
    """Return the coverage of a data set, of the whole world unless told otherwise."""
    return Coverage(data_set(**more), area)  # type: ignore[arg-type]


def quarantined(word: str | None = "PROHIBITED", bounds: Bounds | None = None) -> QuarantinedZone:
    """Return a zone that was set aside; without bounds it may be anywhere."""
    return QuarantinedZone("NLD", "Q1", "/features/0", word, bounds, ())


def asked(
    question: Question,
    *zones: UASZone,
    coverages: Iterable[Coverage] | None = None,
    around: Surroundings = FLAT_SEA,
) -> Assessment:
    """Return the answer to a question from these zones; complete, over a flat sea, unless told otherwise."""
    covered = (coverage(),) if coverages is None else tuple(coverages)
    return assess(question, [published(of) for of in zones], covered, lambda _place: around)


def here(position: LonLat = HERE, up_to: HeightRange | None = None, at: Window | None = None) -> Question:
    """Return the question of one place: at all heights, at NOON, unless told otherwise."""
    return location(position, up_to or HeightRange(), at or window())


def snapshot_of(
    *zones: UASZone,
    area: shapely.Geometry | None = WORLD,
    of: DataSet | None = None,
    revision: int | None = None,
) -> Snapshot:
    """Return a snapshot of zones of one Dutch data set that covers the world unless told otherwise."""
    territories = Territories({} if area is None else {"NLD": area})
    return build_snapshot([published(each) for each in zones], [of or data_set()], territories, revision)
