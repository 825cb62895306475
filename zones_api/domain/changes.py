"""How a new version of a zone differs from the one before it, in sentences for a person who decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.altitude import Limit, VerticalExtent
from zones_api.domain.geometry import Circle, Polygon, Spot, area_km2, outline
from zones_api.domain.zone import (
    AirspaceVolume,
    ClockTime,
    DailyPeriod,
    DaylightEvent,
    Text,
    TimeOfDay,
    TimePeriod,
    UASZone,
    UnreadableTime,
    Weekday,
    ZoneAuthority,
)

_LONG = 200


@dataclass(frozen=True, slots=True)
class MemberChange:
    """One member of a zone, as it was and as it would be."""

    member: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """The change in words."""
        return f"{self.member}: {self.before} → {self.after}"


def changes(before: UASZone, after: UASZone) -> tuple[MemberChange, ...]:
    """Return every member that differs; empty where two versions mean the same."""
    found = []
    for member, said in _MEMBERS:
        was, becomes = said(before), said(after)
        if was != becomes:
            found.append(MemberChange(member, _short(was, becomes), _short(becomes, was)))
    if {_place(volume) for volume in before.volumes} != {_place(volume) for volume in after.volumes}:
        found.append(_where(before, after))
    if before.extended_properties != after.extended_properties:
        names = before.extended_properties.keys() | after.extended_properties.keys()
        differ = sorted(
            name
            for name in names
            if before.extended_properties.get(name) != after.extended_properties.get(name)
        )
        listed = ", ".join(differ)
        found.append(MemberChange("extended properties", f"{listed} as they were", "with other content"))
    return tuple(found)


def _short(text: str, beside: str) -> str:
    """Return a text, or the part of a long one in which it parts from another."""
    if not text:
        return "(none)"
    if len(text) <= _LONG:
        return text
    same = next(
        (n for n, (a, b) in enumerate(zip(text, beside, strict=False)) if a != b), min(len(text), len(beside))
    )
    start = max(0, same - 40)
    return ("…" if start else "") + text[start : start + _LONG] + ("…" if start + _LONG < len(text) else "")


def _place(volume: AirspaceVolume) -> object:
    return frozenset(volume.shapes)


def _where(before: UASZone, after: UASZone) -> MemberChange:
    was, becomes = _area(before), _area(after)
    gained = area_km2(shapely.difference(becomes, was))
    lost = area_km2(shapely.difference(was, becomes))
    moved = f"{_shapes(after)} ({gained:.3g} km² more, {lost:.3g} km² less)"
    return MemberChange("where", _shapes(before), moved)


def _area(zone: UASZone) -> BaseGeometry:
    parts = [outline(footprint) for footprint in zone.footprints]
    return shapely.union_all([part if part.is_valid else part.convex_hull for part in parts])


def _shapes(zone: UASZone) -> str:
    shapes = [shape for volume in zone.volumes for shape in volume.shapes]
    listed = [_shape(shape) for shape in shapes[:3]]
    return "; ".join(listed) + (f"; and {len(shapes) - 3} more" if len(shapes) > 3 else "")


def _shape(shape: Polygon | Circle | Spot) -> str:
    match shape:
        case Circle():
            lon, lat = shape.centre
            return f"a circle of {shape.radius_m:g} m around {lon:.6f}, {lat:.6f}"
        case Polygon():
            holes = f" with {len(shape.holes)} holes" if shape.holes else ""
            lon, lat = shape.shell[0]
            return f"an outline of {len(shape.shell) - 1} points from {lon:.6f}, {lat:.6f}{holes}"
        case Spot():
            lon, lat = shape.points[0]
            return f"{len(shape.points)} points without an area from {lon:.6f}, {lat:.6f}"


def _heights(zone: UASZone) -> str:
    return "; ".join(dict.fromkeys(_extent(volume.vertical) for volume in zone.volumes))


def _extent(extent: VerticalExtent) -> str:
    if extent.doubt is not None:
        return f"unreadable ({extent.doubt})"
    return f"{_limit(extent.lower, 'the surface')} to {_limit(extent.upper, 'without limit')}"


def _limit(limit: Limit | None, none: str) -> str:
    return none if limit is None else f"{limit.published:g} {limit.uom} {limit.height.reference}"


def _times(zone: UASZone) -> str:
    return "; ".join(_period(period) for period in zone.applicability)


def _period(period: TimePeriod) -> str:
    start, end = (moment.published if moment else None for moment in (period.start, period.end))
    dates = f"{start or 'always'} to {end or 'for ever'}" if start or end else "always"
    daily = ", ".join(_daily(entry) for entry in period.schedule)
    doubt = f" ({period.doubt})" if period.doubt else ""
    return dates + (f", {daily}" if daily else "") + doubt


def _daily(entry: DailyPeriod) -> str:
    if not entry.days_readable:
        days = "unreadable days"
    else:
        days = "every day" if len(entry.days) == 7 else " ".join(day for day in Weekday if day in entry.days)
    if entry.start is None and entry.end is None:
        return days
    return f"{days} {_clock(entry.start)} to {_clock(entry.end)}"


def _clock(time: TimeOfDay | None) -> str:
    match time:
        case ClockTime() | UnreadableTime():
            return time.published
        case DaylightEvent():
            return str(time)
        case None:
            return "the day's end"


def _texts(texts: tuple[Text, ...]) -> str:
    return " | ".join(f"{text.text} [{text.lang}]" if text.lang else text.text for text in texts)


def _authorities(zone: UASZone) -> str:
    return "; ".join(_authority(authority) for authority in zone.authorities)


def _authority(authority: ZoneAuthority) -> str:
    parts = [
        _texts(authority.name),
        _texts(authority.service),
        _texts(authority.contact_name),
        authority.email,
        authority.phone,
        authority.site_url,
        authority.purpose and f"for {authority.purpose.lower()}",
        authority.interval_before and f"{authority.interval_before} before",
    ]
    return ", ".join(part for part in parts if part)


def _listed(members: dict[str, object]) -> str:
    return ", ".join(f"{name} {members[name]}" for name in sorted(members))


_MEMBERS: tuple[tuple[str, Callable[[UASZone], str]], ...] = (
    ("type", lambda zone: zone.published_type),
    ("heights", _heights),
    ("times", _times),
    ("conditions", lambda zone: zone.restriction_conditions or ""),
    ("coded conditions", lambda zone: "; ".join(map(str, zone.coded_conditions))),
    ("name", lambda zone: _texts(zone.name)),
    ("message", lambda zone: _texts(zone.message)),
    ("reason", lambda zone: ", ".join(zone.reason)),
    ("other reason", lambda zone: _texts(zone.other_reason_info)),
    ("variant", lambda zone: zone.variant or ""),
    ("exemption", lambda zone: zone.regulation_exemption or ""),
    ("region", lambda zone: "" if zone.region is None else str(zone.region)),
    ("U-space class", lambda zone: zone.uspace_class or ""),
    ("data source", lambda zone: _listed(zone.data_source)),
    ("whom to ask", _authorities),
)
