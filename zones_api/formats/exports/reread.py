"""Reading an export back before it leaves: it must say what was meant, and that must be no milder than published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import shapely

from zones_api.domain.altitude import (
    HeightRange,
    Interval,
    Surroundings,
    VerticalExtent,
    overlap,
)
from zones_api.domain.applicability import Window, timeline
from zones_api.domain.geometry import GEOD, Circle, Disc, Footprint, Polygon, footprint
from zones_api.domain.outcome import outcome_of
from zones_api.domain.spans import difference, intersection
from zones_api.domain.truth import NO, YES
from zones_api.domain.zone import ALWAYS, AirspaceVolume, ClockTime, TimeOfDay, TimePeriod, UASZone
from zones_api.errors import Defect, ExportFailed
from zones_api.formats import strict_json
from zones_api.formats.document import read_document
from zones_api.formats.exports import check318
from zones_api.formats.exports.zones import OutwardZone, worst

_HAIR_DEG = 1e-9
_LOOK = timedelta(days=9)
_SEASONS = tuple(datetime(2026, month, 21, 12, tzinfo=UTC) for month in (3, 6, 12))
_GROUNDS = tuple(
    Surroundings(Interval(ground, ground), Interval(undulation, undulation))
    for ground in (-5.0, 0.0, 320.0, 3000.0)
    for undulation in (-100.0, 0.0, 45.0, 85.0)
)


def require_same(data: bytes, zones: Sequence[OutwardZone]) -> None:
    """Make sure that a document says of every zone what was meant, and nothing milder than was published.

    Raises:
        ExportFailed: If it does not.
    """
    defects = [*_as_meant(data, zones), *(fault for each in zones for fault in _milder(each))]
    if defects:
        raise ExportFailed(
            f"The export is not given out: it would not say what the register says. {defects[0].detail}",
            defects=[f"{each.pointer} {each.detail}" for each in defects[:20]],
        )


def require_valid(data: bytes) -> None:
    """Make sure that an ED-318 document keeps to the format, also where its schema does not look.

    Raises:
        ExportFailed: If it does not.
    """
    defects = check318.check(strict_json.loads(data))
    if defects:
        first = defects[0]
        raise ExportFailed(
            f"The export is not given out: it is not ED-318. {first.pointer} {first.detail}",
            defects=[f"{each.pointer} {each.detail}" for each in defects[:20]],
        )


def _as_meant(data: bytes, zones: Sequence[OutwardZone]) -> Iterator[Defect]:
    """Yield each zone of which the document, read back, says something else than was meant."""
    if not zones:
        return
    document = read_document(data)
    for aside in document.quarantined:
        yield _fault(aside.country, aside.identifier, "is quarantined when it is read back")
    meant = _said([each.zone for each in zones])
    read = _said([each.zone for each in document.zones])
    for key in sorted(meant.keys() | read.keys()):
        if meant.get(key) != read.get(key):
            yield _fault(*key, "says something else when it is read back")
    words: dict[tuple[str, str], str] = defaultdict(str)
    for each in document.zones:
        words[each.zone.country, each.zone.identifier] += _words(each.zone)
    for one in zones:
        key = one.zone.country, one.zone.identifier
        if any(_squeezed(text) not in words[key] for text in _texts(one.published.zone)):
            yield _fault(*key, "has lost a text when it is read back")


def _texts(zone: UASZone) -> Iterator[str]:
    yield from (text.text for text in (*zone.name, *zone.message))
    if zone.restriction_conditions:
        yield zone.restriction_conditions


def _words(zone: UASZone) -> str:
    """Return all texts of a zone in one, without blanks: a long one may be in several parts."""
    return "".join(_squeezed(text) for text in (*_texts(zone), *_strings(zone.extended_properties)))


def _strings(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _said(zones: Sequence[UASZone]) -> dict[tuple[str, str], dict[Any, frozenset[Any]]]:
    """Return for each zone what it requires, when, and in which volumes, whatever order they are in."""
    said: dict[tuple[str, str], dict[Any, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for zone in zones:
        times = frozenset(_period(period) for period in zone.applicability)
        volumes = said[zone.country, zone.identifier][zone.type, times, zone.coded_conditions]
        volumes |= {(shape, _limits(volume.vertical)) for volume in zone.volumes for shape in volume.shapes}
    return {key: {what: frozenset(where) for what, where in each.items()} for key, each in said.items()}


def _limits(vertical: VerticalExtent) -> Any:
    return vertical.doubt, *(
        None if limit is None else limit.height for limit in (vertical.lower, vertical.upper)
    )


def _period(period: TimePeriod) -> Any:
    ends = tuple(moment and moment.at for moment in (period.start, period.end))
    schedule = frozenset((entry.days, _time(entry.start), _time(entry.end)) for entry in period.schedule)
    return ends, schedule, period.doubt


def _time(of_day: TimeOfDay | None) -> Any:
    """Return a time of day to the microsecond, however it was published."""
    if isinstance(of_day, ClockTime):
        return round(of_day.seconds * 1e6), of_day.utc_offset
    return of_day


def _milder(each: OutwardZone) -> Iterator[Defect]:
    """Yield in what a zone, as it is meant, is milder than as it was published."""
    said, zone = each.zone, each.published.zone
    key = zone.country, zone.identifier
    if outcome_of(said.type) < worst(zone) and not said.coded_conditions:
        yield _fault(*key, "would require less")
    for volume in zone.volumes:
        higher = [other for other in said.volumes if _includes(other.vertical, volume.vertical)]
        if not all(
            _covered(shape, mark, higher)
            for shape, mark in zip(volume.footprints, volume.shapes, strict=True)
        ):
            yield _fault(*key, "would be smaller, or through fewer heights")
    if said.applicability != ALWAYS and not _lasts(each):
        yield _fault(*key, "would be in force for less time")


def _includes(said: VerticalExtent, published: VerticalExtent) -> bool:
    """Say whether heights include others, over any ground and geoid that is tried."""
    if said == VerticalExtent() or said == published:
        return True
    ends = [limit.height for limit in (said.lower, said.upper, published.lower, published.upper) if limit]
    for around in _GROUNDS:
        for height in ends:
            for by in (-0.5, 0.0, 0.5):
                there = type(height)(height.value_m + by, height.reference)
                asked = HeightRange(there, there)
                if overlap(asked, published, around) != NO and overlap(asked, said, around) != YES:
                    return False
    return True


def _covered(shape: Footprint, published: Any, volumes: Sequence[AirspaceVolume]) -> bool:
    """Say whether all places where a shape may be certainly lie in the footprints of volumes."""
    shapes = [each for volume in volumes for each in volume.shapes]
    if isinstance(shape, Disc):
        discs = [each for each in shapes if isinstance(each, Circle)]
        if any(
            shape.centre.equals(shapely.Point(each.centre)) and each.radius_m >= shape.possible_m
            for each in discs
        ):
            return True
        return _clears(shape, _ground(shapes))
    if (
        isinstance(published, Polygon)
        and not shape.doubts
        and any(_same_rings(each, published) for each in shapes)
    ):
        return True
    return bool(shapely.covers(shapely.buffer(_ground(shapes), _HAIR_DEG), _turned_home(shape.possible)))


def _same_rings(said: Any, published: Polygon) -> bool:
    return (
        isinstance(said, Polygon)
        and all(
            ring in (other, other[::-1])
            for ring, other in zip(
                (said.shell, *said.holes), (published.shell, *published.holes), strict=False
            )
        )
        and len(said.holes) == len(published.holes)
    )


def _ground(shapes: Sequence[Any]) -> Any:
    regions = [footprint(each) for each in shapes if isinstance(each, Polygon)]
    return shapely.union_all([region.certain for region in regions if not isinstance(region, Disc)])


def _turned_home(area: Any) -> Any:
    """Return an area in the longitudes from -180 to 180."""
    if area.bounds[0] >= -180.0 and area.bounds[2] <= 180.0:
        return area
    pieces = []
    for turn in (-360.0, 0.0, 360.0):
        window = shapely.box(-180.0 + turn, -90.0, 180.0 + turn, 90.0)
        moved = shapely.intersection(area, window)
        pieces.append(shapely.transform(moved, lambda xy, turn=turn: xy - np.array([turn, 0.0])))
    return shapely.union_all(pieces)


def _clears(disc: Disc, ground: Any) -> bool:
    """Say whether no point of the border of an area is nearer to a point or line than a disc around it reaches.

    Borders along 180 degrees east and west are seams and not borders.
    """
    if ground.is_empty:
        return False
    if not shapely.covers(ground, _turned_home(disc.centre)):
        return False
    border = shapely.get_coordinates(shapely.segmentize(shapely.boundary(ground), 0.01))
    inside = border[(np.abs(border[:, 0]) < 179.9999) & (np.abs(border[:, 1]) < 89.9999)]
    if not len(inside):
        return True
    centres = shapely.get_coordinates(shapely.segmentize(disc.centre, 0.01))
    return all(
        float(
            GEOD.inv(np.full(len(inside), lon), np.full(len(inside), lat), inside[:, 0], inside[:, 1])[
                2
            ].min()
        )
        >= disc.possible_m * (1 - 1e-4)
        for lon, lat in centres
    )


def _lasts(each: OutwardZone) -> bool:
    """Say whether a zone, as meant, is in force whenever the one published may be, around every date it names."""
    zone, said = each.published.zone, each.zone
    if zone.applicability == said.applicability and each.published.valid[0].year == 1:
        return True
    marks = [
        moment.at.replace(tzinfo=moment.at.tzinfo or UTC)
        for period in zone.applicability
        for moment in (period.start, period.end)
        if moment is not None and moment.at is not None
    ]
    for mark in [*_SEASONS, *marks, *each.published.valid]:
        if not 2 < mark.year < 9998:
            continue
        at = mark.astimezone(UTC)
        window = Window(at - _LOOK, at + _LOOK)
        may = intersection(
            timeline(zone.applicability, window, zone.bounds).possible, (each.published.valid,)
        )
        surely = timeline(said.applicability, window, zone.bounds).certain
        if difference(may, surely):
            return False
    return True


def _fault(country: str, identifier: str | None, what: str) -> Defect:
    return Defect("EXPORT_MILDER", "", f"Zone {country} {identifier or '(no identifier)'} {what}.")
