"""Vector tiles of the zones: shapes from the register, and the words of the answers from the snapshot in memory.

A tile is for looking at. It never shows a zone as milder than an answer would, and it decides nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import atan, ceil, cos, degrees, floor, inf, pi, radians, sin, sinh, sqrt
from typing import Any

import shapely
from sqlalchemy import Engine

from zones_api import __version__
from zones_api.domain.altitude import HeightRange, Limit, Surroundings, VerticalExtent
from zones_api.domain.applicability import Window, timeline
from zones_api.domain.conditions import required
from zones_api.domain.flight import Operation
from zones_api.domain.geometry import Bounds
from zones_api.domain.outcome import outcome_of, outcome_of_word
from zones_api.domain.spans import BEGINNING, END, Span, difference
from zones_api.domain.zone import DaylightEvent, PublishedZone, UASZone
from zones_api.errors import ExportFailed, NoSnapshot, NotFound, RegisterUnavailable
from zones_api.snapshot import Snapshot
from zones_api.store import register
from zones_api.store import tiles as store
from zones_api.store.tiles import BUFFER, DrawnArea, DrawnZone, Frame

MAX_ZOOM = 16
EARLIER, LATER = timedelta(days=31), timedelta(days=29)
"""The times that a tile tells: from so long before the start of its day (UTC) to so long after it.

A map may stand 30 days ago or 14 days ahead, and shows from there what comes into force within a fortnight.
"""
AT_ONCE = 2
"""How many tiles are drawn at a time; the others wait."""
MOST_WAITING = 16
"""Whoever comes when so many are being drawn or wait is sent away: the threads serve other calls too."""
WAIT_S = 5.0
KEPT_BYTES = 50_000_000
"""How much of what was drawn is kept in memory."""
KEPT_DESCRIPTIONS = 100_000
"""How many descriptions of zones are kept in memory."""
FINE_FROM = 8
"""From this zoom on, tiles are drawn to 4096 units from edge to edge; below to 1024, half a pixel of a screen each."""
_FOR_CLOSE_BY = ("name", "lower", "upper")
"""What features of coarse tiles do not say."""
_EARTH_M = 6_378_137.0
"""The radius of the sphere of Web Mercator."""
_ANYWHERE: Bounds = (0.0, 0.0, 0.0, 0.0)
"""Stands for the place of what is the same everywhere."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of the map (XYZ, Web Mercator): its zoom, its column from the west and its row from the north, from 0."""

    zoom: int
    column: int
    row: int

    @property
    def exists(self) -> bool:
        """Whether there is such a tile."""
        size = 2**self.zoom if 0 <= self.zoom <= MAX_ZOOM else 0
        return 0 <= self.column < size and 0 <= self.row < size

    @property
    def frame(self) -> Frame:
        """Where it lies."""
        size = 2**self.zoom
        extent = 4096 if self.zoom >= FINE_FROM else 1024
        # The whole world has no neighbours to the east and west.
        aside = BUFFER if self.zoom else 0.0
        west, east = ((self.column + over) / size * 360.0 - 180.0 for over in (-aside, 1.0 + aside))
        south, north = (
            degrees(atan(sinh(pi * (1 - 2 * (self.row + over) / size)))) for over in (1.0 + BUFFER, -BUFFER)
        )
        half_m = pi * _EARTH_M / size
        bottom_m, top_m = (pi * _EARTH_M * (1 - 2 * (self.row + over) / size) for over in (1, 0))
        return Frame(
            (west, south, east, north),
            (self.column + 0.5) / size * 360.0 - 180.0,
            (-half_m, bottom_m, half_m, top_m),
            extent,
            _step_deg(2 * pi / size / extent, max(abs(south), abs(north))),
        )


def _step_deg(unit: float, lat_deg: float) -> float:
    """Return how long a line straight in degrees may be to bend by at most a unit (radians) in Web Mercator.

    Over a difference of latitude d it bends by at most d^2 tan(lat) / (8 cos(lat)).
    """
    bend = sin(radians(lat_deg)) / cos(radians(lat_deg)) ** 2
    return min(10.0, degrees(sqrt(8 * unit / bend)) if bend > 0 else inf)


@dataclass
class Tiles:
    """Tiles of the register, drawn when they are asked for and kept for whoever asks again."""

    engine: Engine | None = None
    _kept: OrderedDict[Any, bytes] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _described: dict[Any, dict[str, Any] | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _drawing: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    _waiting: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_WAITING))

    def tile(self, snapshot: Snapshot, tile: Tile, today: date) -> bytes:
        """Return a tile of a snapshot, as told on a day; it asks the database, so not on the event loop.

        Raises:
            NotFound: If there is no such tile, or nothing is published yet.
            NoSnapshot: If others have to be drawn first for too long.
            RegisterUnavailable: If there is no register, or its database fails or takes too long.
            ExportFailed: If the register has a zone there that the snapshot does not know.
        """
        self.check(tile)
        if snapshot.revision is None:
            raise NotFound("Nothing is published yet.")
        key = (snapshot.revision, today, tile)
        found = self._find(key)
        if found is not None:
            return found
        if not self._waiting.acquire(blocking=False):
            raise NoSnapshot("Many tiles are being drawn. Ask again in a moment.")
        try:
            if not self._drawing.acquire(timeout=WAIT_S):
                raise NoSnapshot("Other tiles are being drawn. Ask again in a moment.")
            try:
                return self._find(key) or self._keep(key, self._draw(snapshot, tile, today))
            finally:
                self._drawing.release()
        finally:
            self._waiting.release()

    def check(self, tile: Tile) -> None:
        """Refuse what there is no tile of, whatever is published.

        Raises:
            NotFound: If there is no such tile.
            RegisterUnavailable: If there is no register.
        """
        if not tile.exists:
            raise NotFound(f"There is no tile {tile.zoom}/{tile.column}/{tile.row}.")
        if self.engine is None:
            raise RegisterUnavailable("This service has no register: it answers from files alone.")

    def forget(self) -> None:
        """Forget the tiles that were drawn, so that they are drawn anew; what was said of zones stays."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _find(self, key: Any) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: Any, drawn: bytes) -> bytes:
        with self._lock:
            self._bytes += len(drawn) - len(self._kept.pop(key, b""))
            self._kept[key] = drawn
            while self._bytes > KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return drawn

    def _draw(self, snapshot: Snapshot, tile: Tile, today: date) -> bytes:
        assert self.engine is not None
        assert snapshot.revision is not None
        frame = tile.frame
        numbers = {id(each): number for number, each in enumerate(snapshot.zones, 1)}
        zones = [
            DrawnZone(
                each.data_set,
                each.zone.country,
                each.zone.identifier,
                each.version,
                each.valid[0],
                numbers[id(each)],
                self._description(each, today),
            )
            for each in snapshot.near(_wider(frame.box))
        ]
        omitted = () if tile.zoom >= FINE_FROM else _FOR_CLOSE_BY
        with register.reading(self.engine) as connection:
            drawn, unsaid = store.draw(
                connection, frame, snapshot.revision, zones, [*_areas(snapshot)], omitted
            )
        if unsaid:
            raise ExportFailed(
                "A tile would not show every zone of the register.", tile=str(tile), zones=unsaid
            )
        return drawn

    def _description(self, published: PublishedZone, today: date) -> dict[str, Any] | None:
        key = (
            today,
            published.data_set,
            published.version,
            published.format,
            published.valid,
            published.reading,
        )
        if key not in self._described:
            if len(self._described) >= KEPT_DESCRIPTIONS:
                self._described.clear()
            self._described[key] = described(published, today)
        return self._described[key]


def _wider(box: Bounds) -> Bounds:
    """Return a box that holds every zone whose outline in the register touches another: outlines cover a little more."""
    west, south, east, north = box
    aside, above = 0.1 * (east - west), 0.1 * (north - south)
    return west - aside, south - above, east + aside, north + above


def _areas(snapshot: Snapshot) -> Iterator[DrawnArea]:
    """Yield the boxes of zones that were set aside, and where data sets have every zone."""
    number = 0
    for coverage in snapshot.coverages:
        data_set = coverage.data_set
        for zone in data_set.quarantined:
            number += 1
            if zone.bounds is not None:
                said = {
                    "key": f"{zone.country} {zone.identifier or '?'}",
                    "data_set": data_set.key,
                    "word": outcome_of_word(zone.published_type).name,
                }
                yield DrawnArea("unreadable", number, shapely.box(*zone.bounds).wkb_hex, said)
    for number, coverage in enumerate(snapshot.coverages, 1):
        if coverage.area is not None:
            said = {"data_set": coverage.data_set.key}
            yield DrawnArea("coverage", number, coverage.area.wkb_hex, said)


# --- what is said of a zone ---


def described(published: PublishedZone, today: date) -> dict[str, Any] | None:
    """Return the properties of a zone on a map of a day; None where it was over before the times that a tile tells."""
    zone, told = published.zone, _told(today)
    start, end = _validity(published)
    if end < told.start:
        return None
    outcome = max(outcome_of(zone.type), required(published, Operation(), HeightRange(), Surroundings()))
    said = {
        "key": f"{zone.country} {zone.identifier}",
        "data_set": published.data_set,
        "name": zone.name[0].text if zone.name else None,
        "word": outcome.name,
        "reason": ",".join(zone.reason) or None,
        **_heights(zone),
        "from": None if start == BEGINNING else int(start.timestamp()),
        "to": None if end == END else int(end.timestamp()),
        "active": _active(published, told),
    }
    return {name: value for name, value in said.items() if value is not None}


def _told(today: date) -> Window:
    midnight = datetime.combine(today, time(), UTC)
    return Window(midnight - EARLIER, midnight + LATER)


def _validity(published: PublishedZone) -> Span:
    """Return from when to when a zone may be in force at all: by the register and by its own dates."""
    dates = tuple(replace(period, schedule=()) for period in published.zone.applicability)
    ever = _in_force(dates, Window(BEGINNING, END), _ANYWHERE).within(published.valid).possible
    return (ever[0][0], ever[-1][1]) if ever else published.valid


def _active(published: PublishedZone, told: Window) -> str | None:
    """Return when a zone is in force, in minutes since 1970: `a-b` for certain, `a-b?` possibly; None is all the time.

    Minutes are rounded outward. A zone that is not in force at any of the times told has an empty text.
    """
    during = _in_force(published.zone.applicability, told, _daylit(published.zone)).within(published.valid)
    if during.certain == ((told.start, told.end),):
        return None
    spans = [(span, "") for span in during.certain]
    spans += [(span, "?") for span in difference(during.possible, during.certain)]
    return ",".join(f"{_minutes(start)}-{-_minutes(end, -1)}{mark}" for (start, end), mark in sorted(spans))


_in_force = lru_cache(maxsize=10_000)(timeline)
"""Many zones have the same schedule, and most have none."""


def _daylit(zone: UASZone) -> Bounds:
    """Return the box in which a zone's times are told: that of the zone made wider, so that neighbours share one.

    Only daylight is not the same everywhere.
    """
    if not any(
        isinstance(at, DaylightEvent)
        for period in zone.applicability
        for entry in period.schedule
        for at in (entry.start, entry.end)
    ):
        return _ANYWHERE
    west, south, east, north = zone.bounds
    return floor(west * 4) / 4, floor(south * 4) / 4, ceil(east * 4) / 4, ceil(north * 4) / 4


def _minutes(moment: datetime, sign: int = 1) -> int:
    return sign * int(moment.timestamp()) // 60


def _heights(zone: UASZone) -> dict[str, Any]:
    """Return the heights of a zone, of all its volumes together: a number is left out where there is no one number.

    Without a number a zone may start at the ground, or have no upper limit.
    """
    extents = [volume.vertical for volume in zone.volumes]
    lower = _limit(extents, [each.lower for each in extents], min)
    upper = _limit(extents, [each.upper for each in extents], max)
    return {
        **{f"lower{name}": value for name, value in lower.items()},
        **{f"upper{name}": value for name, value in upper.items()},
    }


def _limit(extents: list[VerticalExtent], limits: list[Limit | None], furthest: Any) -> dict[str, Any]:
    texts = ["?" if each.doubt else _said(limit) for each, limit in zip(extents, limits, strict=True)]
    said = {"": ", ".join(dict.fromkeys(filter(None, texts))) or None}
    known = [limit.height for limit in limits if limit is not None]
    references = {height.reference for height in known}
    if len(known) < len(limits) or len(references) != 1 or any(each.doubt for each in extents):
        return said
    return said | {
        "_m": round(furthest(height.value_m for height in known), 1),
        "_ref": references.pop().value,
    }


def _said(limit: Limit | None) -> str | None:
    return None if limit is None else f"{limit.published:g} {limit.uom} {limit.height.reference}"


# --- tags ---


def tag_of(snapshot: Snapshot, tile: Tile, today: date) -> str:
    """Return the ETag of a tile: whoever has it has these bytes."""
    published = f"{snapshot.published_at.timestamp():.0f}" if snapshot.published_at else "0"
    where = f"{tile.zoom}.{tile.column}.{tile.row}"
    return f'"{snapshot.revision or 0}-{published}-{today:%Y%m%d}-{where}-{__version__}"'
