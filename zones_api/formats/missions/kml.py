"""KML 2.0 to 2.3 and KMZ: lines, areas, points and tracks that somebody drew or an aircraft logged.

A height without an `altitudeMode` counts as none by the format's default (clampToGround); where it is not zero,
somebody meant something by it, and nobody says what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from lxml import etree

from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.geometry import LonLat, Polygon
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.errors import InputTooLarge
from zones_api.formats import strict_xml, strict_zip
from zones_api.formats.missions import limits
from zones_api.formats.missions.doubts import HEIGHT_UNCERTAIN, NOT_FLOWN, PATH_UNCERTAIN, TIME_UNCERTAIN
from zones_api.formats.missions.limits import MAX_BYTES, refused
from zones_api.formats.missions.reading import Reading, height_m, name_of, span
from zones_api.formats.strict_xml import children, local, text

NAME = "KML"
_OVERLAYS = ("GroundOverlay", "PhotoOverlay", "ScreenOverlay", "Tour")
_GEOMETRIES = (
    "Point",
    "LineString",
    "LinearRing",
    "Polygon",
    "Track",
    "MultiTrack",
    "MultiGeometry",
    "Model",
)
_MODES = {
    "relativeToGround": VerticalReference.AGL,
    "absolute": VerticalReference.AMSL,
    "clampToGround": None,
}
_A_DAY_OR_MORE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class _Spot(NamedTuple):
    """A position as written, with the third number where there is one."""

    position: LonLat
    z_m: float | None
    where: str


class _Period(NamedTuple):
    """When something is, as far as that is stated."""

    starts_at: datetime | None
    ends_at: datetime | None


class _Feature(NamedTuple):
    """A Placemark, the number it has in the file, and where it stands."""

    element: etree._Element
    where: str
    container: etree._Element


@dataclass
class _Flight:
    """The parts of one Placemark: lines in the order in which they are flown, areas, and single points."""

    lines: list[tuple[Waypoint, ...]] = field(default_factory=list)
    areas: list[tuple[Polygon, Height | None]] = field(default_factory=list)
    marks: list[Waypoint] = field(default_factory=list)
    logged: bool = False


def recognises(data: bytes) -> bool:
    """Say whether a file is KML, or a zip archive with a KML file in it."""
    if strict_zip.looks_like_zip(data):
        return b".kml" in data.lower()
    return strict_xml.root_name(data) == "kml"


def read(data: bytes) -> MissionFile:
    """Return the flights of a KML or KMZ file: one for each Placemark with a line or an area.

    Raises:
        InvalidInput: If it cannot be read or has no flight; links to other files are never followed.
        InputTooLarge: If it is larger than what is read.
    """
    found = Reading()
    root = strict_xml.parse(_document(data, found), MAX_BYTES)
    if local(root) != "kml":
        raise refused(f"The file is XML with the root {local(root)[:40]!r}, not KML.")
    _refuse_links(root)
    missions: list[Mission] = []
    stamps = _stamps(root, found)
    marks: dict[etree._Element, list[Waypoint]] = {}
    routes: set[etree._Element] = set()
    for feature in _placemarks(root, found):
        flight = _Flight()
        for geometry in children(feature.element, *_GEOMETRIES):
            _read_geometry(geometry, feature.where, flight, found)
        made = _missions(flight, feature, _period(feature.element, stamps), found)
        missions += made
        if made:
            routes.add(feature.container)
        own = stamps.get(feature.element, _Period(None, None)).starts_at
        marks.setdefault(feature.container, []).extend(replace(mark, at=own) for mark in flight.marks)
    for container, here in marks.items():
        through = found.through(here, name_of(text(container, "name")), beside_route=container in routes)
        when = _Period(None, None) if any(mark.at for mark in here) else _period(container, stamps)
        missions += [replace(each, **when._asdict()) if any(when) else each for each in through]
    return found.file(NAME, missions)


def _document(data: bytes, found: Reading) -> bytes:
    """Return the KML text of a file, unpacked where it is KMZ: doc.kml, or the first .kml of the archive."""
    if len(data) > MAX_BYTES:
        raise InputTooLarge(f"The file has {len(data):,} bytes; {MAX_BYTES:,} are read at most.")
    if not strict_zip.looks_like_zip(data):
        return data
    inside = strict_zip.members(data)
    documents = [
        name for name in inside if name.lower().endswith(".kml") and not name.startswith("__MACOSX/")
    ]
    if not documents:
        raise refused("The KMZ archive has no .kml file in it.")
    chosen = next((name for name in documents if name.lower() == "doc.kml"), documents[0])
    for other in documents:
        if other != chosen:
            found.flag(NOT_FLOWN, f"only {chosen[:80]} of the archive is read.", other[:80])
    return inside[chosen]


def _refuse_links(root: etree._Element) -> None:
    for element in root.iter("{*}NetworkLink", "{*}NetworkLinkControl"):
        what = f"The KML has a {local(element)}: links to other files are never followed; save the places."
        raise refused(what, local(element))


def _placemarks(root: etree._Element, found: Reading) -> Iterator[_Feature]:
    """Give the Placemarks in the order of the file."""
    count = 0
    for element in root.iter():
        name = local(element)
        if name in _OVERLAYS:
            found.note(NOT_FLOWN, f"A {name} is not a flight and is passed over.")
        elif name == "Placemark":
            count += 1
            limits.count(count)
            container = element.getparent()
            yield _Feature(element, f"placemark {count}", root if container is None else container)


def _read_geometry(geometry: etree._Element, where: str, flight: _Flight, found: Reading) -> None:
    """Add what a geometry has to the parts of a flight."""
    if text(geometry, "altitudeOffset") is not None:
        found.flag(HEIGHT_UNCERTAIN, "its altitudeOffset is not read.", where)
    match local(geometry):
        case "MultiGeometry":
            for part in children(geometry, *_GEOMETRIES):
                _read_geometry(part, where, flight, found)
        case "Point":
            flight.marks += _waypoints(_coordinates(geometry, where, found), geometry, where, found)
        case "LineString" | "LinearRing":
            spots = _coordinates(geometry, where, found)
            if local(geometry) == "LinearRing" and spots[0].position != spots[-1].position:
                spots.append(spots[0])
            flight.lines.append(_waypoints(spots, geometry, where, found))
        case "Polygon":
            flight.areas.append(_area(geometry, where, found))
        case "Track":
            flight.logged = True
            flight.lines.append(_track(geometry, where, found))
        case "MultiTrack":
            flight.logged = True
            mode = _mode_word(geometry)
            flight.lines += [_track(part, where, found, mode) for part in children(geometry, "Track")]
        case _:
            found.flag(NOT_FLOWN, "a Model is not read.", where)


def _missions(flight: _Flight, feature: _Feature, period: _Period, found: Reading) -> list[Mission]:
    """Return the flights of one Placemark: its lines one after the other, and its areas."""
    name = name_of(text(feature.element, "name"))
    missions: list[Mission] = []
    lines = [line for line in flight.lines if line]
    if len(lines) > 1:
        what = "its lines are taken as flown one after the other, in a straight line from each to the next."
        found.flag(PATH_UNCERTAIN, what, feature.where)
    if flight.logged:
        found.note(
            NOT_FLOWN, "a track is a log of a flight, not a plan; it is read as if planned.", feature.where
        )
    if lines:
        path = tuple(waypoint for line in lines for waypoint in line)
        starts_at, ends_at = span(path)
        missions.append(
            Mission(name, path, starts_at=starts_at or period.starts_at, ends_at=ends_at or period.ends_at)
        )
    if flight.areas:
        # Anywhere in them up to the highest of what they say, or to no height at all where one says none.
        uppers = [upper for _, upper in flight.areas]
        alike = len({upper.reference if upper else None for upper in uppers}) == 1 and uppers[0] is not None
        top = max((upper for upper in uppers if upper), key=lambda upper: upper.value_m) if alike else None
        areas = tuple(polygon for polygon, _ in flight.areas)
        missions.append(
            Mission(name, areas=areas, upper=top, starts_at=period.starts_at, ends_at=period.ends_at)
        )
    return missions


def _area(geometry: etree._Element, where: str, found: Reading) -> tuple[Polygon, Height | None]:
    """Return an area and the greatest height its outline has; None where that is not stated."""
    rings = []
    for kind in ("outerBoundaryIs", "innerBoundaryIs"):
        boundaries = children(geometry, kind)
        found_rings = [ring for boundary in boundaries for ring in children(boundary, "LinearRing")]
        if kind == "outerBoundaryIs" and len(found_rings) != 1:
            raise refused(
                f"{where}: its Polygon has {len(found_rings)} outer boundaries in place of one.", where
            )
        rings += [_coordinates(ring, where, found) for ring in found_rings]
    waypoints = _waypoints([spot for ring in rings for spot in ring], geometry, where, found)
    polygon = found.polygon([[spot.position for spot in ring] for ring in rings], where)
    heights = [waypoint.height for waypoint in waypoints]
    if None in heights:
        return polygon, None
    return polygon, max((height for height in heights if height), key=lambda height: height.value_m)


def _track(
    geometry: etree._Element, where: str, found: Reading, mode: str | None = None
) -> tuple[Waypoint, ...]:
    """Return the points of a gx:Track with their times."""
    times = [text(when) for when in children(geometry, "when")]
    places = [text(place) for place in children(geometry, "coord")]
    if len(times) != len(places):
        raise refused(f"{where}: its track has {len(times)} times for {len(places)} positions.", where)
    spots, moments = [], []
    for index, (when, place) in enumerate(zip(times, places, strict=True)):
        here = f"{where}, point {index + 1}"
        if place is None:
            found.note(NOT_FLOWN, "the track has no position here.", here)
            continue
        parts = place.split()
        if len(parts) not in (2, 3):
            raise refused(f"{here}: longitude latitude height is expected, not {place[:60]!r}.", here)
        spots.append(_spot(parts, here, found))
        moments.append(_moment(when, here, found))
    given = [moment for moment in moments if moment is not None]
    if given != sorted(given):
        found.flag(TIME_UNCERTAIN, "the times of the track are not in order.", where)
    waypoints = _waypoints(spots, geometry, where, found, mode)
    return tuple(replace(point, at=at) for point, at in zip(waypoints, moments, strict=True))


def _coordinates(geometry: etree._Element, where: str, found: Reading) -> list[_Spot]:
    written = text(geometry, "coordinates")
    if written is None:
        raise refused(f"{where}: its {local(geometry)} has no coordinates.", where)
    spots = []
    for index, match in enumerate(re.finditer(r"\S+", written)):
        here = f"{where}, point {index + 1}"
        parts = match.group().split(",")
        if len(parts) not in (2, 3):
            raise refused(f"{here}: longitude,latitude,height is expected, not {match.group()[:60]!r}.", here)
        spots.append(_spot(parts, here, found))
    return spots


def _spot(parts: list[str], where: str, found: Reading) -> _Spot:
    z_m = height_m(parts[2], "height", where) if len(parts) == 3 else None
    return _Spot(found.position(parts[0], parts[1], where), z_m, where)


def _mode_word(geometry: etree._Element) -> str | None:
    return text(geometry, "altitudeMode")


def _waypoints(
    spots: list[_Spot], geometry: etree._Element, where: str, found: Reading, mode: str | None = None
) -> tuple[Waypoint, ...]:
    """Return positions with the heights that the geometry's altitude mode gives them."""
    word = _mode_word(geometry) or mode
    if word is not None and word not in _MODES:
        sea = "SeaFloor" in word
        what = "heights from the sea floor are not read" if sea else "this altitudeMode is not known"
        raise refused(f"{where}: {what} ({word[:40]}).", where)
    reference = _MODES[word] if word else None
    waypoints = []
    for spot in spots:
        height, unreferenced_m = None, None
        if reference is not None and spot.z_m is not None:
            height = Height(spot.z_m, reference)
        elif reference is not None:
            what = "there is an altitudeMode but no height; it counts as not stated."
            found.flag(HEIGHT_UNCERTAIN, what, spot.where)
        elif spot.z_m and word is None:
            unreferenced_m = spot.z_m
            found.flag(
                HEIGHT_UNCERTAIN, "the height has no altitudeMode: nobody says from where.", spot.where
            )
        elif spot.z_m:
            what = "clampToGround sets the height aside; it counts as not stated."
            found.flag(HEIGHT_UNCERTAIN, what, spot.where)
        waypoints.append(Waypoint(spot.position, spot.where, height, unreferenced_m))
    return tuple(waypoints)


def _stamps(root: etree._Element, found: Reading) -> dict[etree._Element, _Period]:
    """Return when each Placemark or folder is that has a TimeSpan or a TimeStamp of its own."""
    stamps: dict[etree._Element, _Period] = {}
    for element in root.iter("{*}TimeSpan", "{*}TimeStamp"):
        limits.count(len(stamps))
        holder = element.getparent()
        if holder is None or holder in stamps:
            continue
        where = text(holder, "name") or local(holder)
        if local(element) == "TimeSpan":
            begins = _moment(text(element, "begin"), where, found)
            stamps[holder] = _Period(begins, _moment(text(element, "end"), where, found))
        else:
            stamps[holder] = _Period(_moment(text(element, "when"), where, found), None)
    return stamps


def _period(element: etree._Element, stamps: dict[etree._Element, _Period]) -> _Period:
    """Return when an element is, by its own time or that of the nearest folder around it."""
    holders = (element, *element.iterancestors())
    return next((stamps[holder] for holder in holders if holder in stamps), _Period(None, None))


def _moment(written: str | None, where: str, found: Reading) -> datetime | None:
    """Return the moment that a time means; None where it is a whole day or more.

    A day begins at another moment in each place, and KML does not say where; so it is flagged and not used.
    """
    if written and _A_DAY_OR_MORE.fullmatch(written):
        found.flag(
            TIME_UNCERTAIN, "a time is a day, a month or a year without a clock time; not used.", where
        )
        return None
    return found.instant(written, "time", where)
