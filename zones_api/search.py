"""One field for everything that somebody may look for on a map: coordinates, aerodromes, zones and places.

What is found says where something is, and nothing of which zones apply there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import cos, hypot, radians
from typing import Literal

import shapely

from zones_api.domain.geometry import Bounds, LonLat, outline
from zones_api.domain.matching import fit, folded
from zones_api.domain.zone import PublishedZone
from zones_api.formats.aerodromes import EUROPE, Aerodromes
from zones_api.formats.coordinates.blocks import Block, read_coordinates
from zones_api.formats.coordinates.words import Order
from zones_api.formats.places import Place
from zones_api.snapshot import Snapshot

Kind = Literal["coordinates", "place", "aerodrome", "zone"]
KINDS: tuple[Kind, ...] = ("coordinates", "place", "aerodrome", "zone")
"""In the order in which they are named where they fit equally well."""
ORDERS: tuple[Order, ...] = ("lat_lon", "lon_lat")
_DEGREES = r"(-?\d+(?:\.\d+)?)"
_GEO = re.compile(
    rf"\s*geo:{_DEGREES},{_DEGREES}(?:,[-\d.]+)?(?:;crs=wgs84)?(?:;u=[\d.]+)?(?:\?.*)?\s*\Z",
    re.ASCII | re.IGNORECASE,
)
_DECIMAL_COMMAS = re.compile(r"\s*([+-]?\d{1,3}),(\d+)(?:\s*;\s*|,?\s+)([+-]?\d{1,3}),(\d+)\s*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that was found; `bounds` are those of a zone, `id` names it within its kind."""

    kind: Kind
    label: str
    detail: str
    position: LonLat
    id: str
    bounds: Bounds | None = None


_Order = tuple[int, int, float, str]
"""How well something fits, its kind, how far it is or how few people live there, and its name."""


@dataclass(frozen=True)
class _Named:
    """A zone with what it is found by, folded."""

    published: PublishedZone
    codes: tuple[str, ...]
    name: tuple[str, ...]


@dataclass
class Search:
    """What can be found: the places and aerodromes that are listed, and the zones of the snapshot asked."""

    places: Sequence[Place] = ()
    aerodromes: Aerodromes = field(default_factory=Aerodromes)
    _zones: tuple[Snapshot, tuple[_Named, ...]] | None = None

    def find(
        self, text: str, snapshot: Snapshot, now: datetime, near: LonLat | None, limit: int
    ) -> list[Suggestion]:
        """Return what fits a text, the best first: zones that fit alike by nearness, places by population.

        Args:
            text: What was typed.
            snapshot: The zones.
            now: Zones that are over by then are left out.
            near: Where whoever asks is, or looks at; None is not said.
            limit: How many at most.
        """
        read = list(_coordinates(text))
        if len(read) >= limit:
            return read[:limit]
        wanted = folded(text)
        found: list[tuple[_Order, Suggestion | PublishedZone]] = [
            *self._found_places(wanted),
            *self._found_aerodromes(wanted, near),
            *self._found_zones(wanted, snapshot, now, near),
        ]
        found.sort(key=lambda each: each[0])
        best = (what for _, what in found[: limit - len(read)])
        return [*read, *(what if isinstance(what, Suggestion) else _zone(what) for what in best)]

    def _found_places(self, wanted: str) -> Iterator[tuple[_Order, Suggestion]]:
        for place in self.places:
            rank = fit(wanted, (), place.folded)
            if rank is not None:
                yield (
                    (rank, KINDS.index("place"), -place.population, place.name),
                    Suggestion(
                        "place", place.name, place.country, place.position, f"{place.name}, {place.country}"
                    ),
                )

    def _found_aerodromes(self, wanted: str, near: LonLat | None) -> Iterator[tuple[_Order, Suggestion]]:
        for each in self.aerodromes.by_code.values():
            rank = each.fit(wanted)
            if rank is not None:
                codes = " / ".join(filter(None, [each.icao, each.iata]))
                yield (
                    (rank, KINDS.index("aerodrome"), _apart(near, each.position), each.icao),
                    Suggestion("aerodrome", each.name, f"{codes} · {each.country}", each.position, each.icao),
                )

    def _found_zones(
        self, wanted: str, snapshot: Snapshot, now: datetime, near: LonLat | None
    ) -> Iterator[tuple[_Order, PublishedZone]]:
        seen = set()
        for each in self._named(snapshot):
            rank = fit(wanted, each.codes, each.name)
            zone = each.published.zone
            key = (each.published.data_set, zone.country, zone.identifier)
            if rank is not None and each.published.valid[1] >= now and key not in seen:
                seen.add(key)
                west, south, east, north = zone.bounds
                middle = ((west + east) / 2, (south + north) / 2)
                order = (rank, KINDS.index("zone"), _apart(near, middle), " ".join(key))
                yield order, each.published

    def _named(self, snapshot: Snapshot) -> tuple[_Named, ...]:
        if self._zones is None or self._zones[0] is not snapshot:
            self._zones = snapshot, tuple(map(_folded_zone, snapshot.zones))
        return self._zones[1]


def _coordinates(text: str) -> Iterator[Suggestion]:
    """Yield the places that a text may mean if it is a position and nothing else: those in Europe first.

    Plain numbers may be latitude and longitude or the other way round.
    """
    geo = _GEO.match(text)
    if geo:  # RFC 5870: latitude first
        text = f"{geo[1]}, {geo[2]}"
    # By themselves two numbers with a comma each can only be decimals.
    text = _DECIMAL_COMMAS.sub(r"\1.\2, \3.\4", text)
    found = dict.fromkeys(
        point
        for order in (ORDERS[:1] if geo else ORDERS)
        for point in _points(text, read_coordinates(text, order=order, as_line=True))
    )
    for position, written in sorted(found, key=lambda each: not _in_europe(each[0])):
        lon, lat = position
        label = f"{abs(lat):.5f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.5f}° {'E' if lon >= 0 else 'W'}"
        yield Suggestion("coordinates", label, written, position, f"{lon:.6f},{lat:.6f}")


def _points(text: str, block: Block) -> Iterator[tuple[LonLat, str]]:
    """Yield the one point of a text that holds nothing else."""
    stops = {doubt.code for doubt in block.doubts if doubt.severity == "stop"}
    for point in block.points if len(block.points) == 1 and stops == {"TOO_FEW_POINTS"} else ():
        if point.position is not None:
            yield point.position, text[point.start : point.end]


def _in_europe(position: LonLat) -> bool:
    west, south, east, north = EUROPE
    return west <= position[0] <= east and south <= position[1] <= north


def _apart(here: LonLat | None, there: LonLat) -> float:
    """Return roughly how far two positions lie apart, to order things by; 0 where one is not known."""
    if here is None:
        return 0.0
    across = (there[0] - here[0] + 180.0) % 360.0 - 180.0
    return hypot(across * cos(radians(here[1])), there[1] - here[1])


def _folded_zone(published: PublishedZone) -> _Named:
    zone = published.zone
    codes = zone.identifier, f"{zone.country} {zone.identifier}"
    return _Named(published, tuple(map(folded, codes)), tuple(folded(name.text) for name in zone.name))


def _zone(published: PublishedZone) -> Suggestion:
    zone = published.zone
    key = f"{zone.country} {zone.identifier}"
    inside = shapely.point_on_surface(outline(zone.footprints[0]))
    return Suggestion(
        "zone",
        zone.name[0].text if zone.name else zone.identifier,
        f"{key} · {published.data_set}",
        (inside.x, inside.y),
        key,
        zone.bounds,
    )
