"""From the coordinates of a file to WGS 84 (lon, lat): never by guess, and never to a smaller zone.

Coordinates are (x, y) as GIS files keep them, easting or longitude first, whatever order an authority defines.
A transformation states its accuracy: shapes grow outward by it, and by what their bent edges may leave out.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from zones_api.domain.geometry import METRES_PER_DEGREE, Bounds
from zones_api.errors import InvalidInput

BENT_M = 0.02
"""An edge that bends on the way to lon/lat is cut until its straight pieces leave it by no more than this."""
MAX_POINTS = 200_000
_MARGIN = 1.03
"""An outline drawn at a distance may come a hundredth of it too near."""
_WGS84 = CRS.from_user_input("OGC:CRS84")
_ROUNDS = 20
_TRIES = 8

Points = NDArray[np.float64]


class CannotPlace(Exception):
    """A shape that cannot be brought to WGS 84."""


@dataclass(frozen=True)
class System:
    """How coordinates are brought to WGS 84: `transformer` None where they are there already.

    `accuracy_m` is what the authority states of the transformation, `label` the code and name of the system,
    `steps` the name of the transformation.
    """

    label: str
    transformer: Transformer | None = None
    accuracy_m: float = 0.0
    steps: str = ""

    @property
    def sentence(self) -> str:
        """What a person must know of how positions were made."""
        if self.transformer is None:
            return f"Coordinates are in {self.label}; they are taken as they are."
        return (
            f"Coordinates are in {self.label}; they were brought to WGS 84 by {self.steps!r}, which is accurate to"
            f" {self.accuracy_m:g} m: every outline was grown by that, so that no zone is smaller than meant."
        )


def system(stated: str | None, given: str | None, boxes: Sequence[Bounds]) -> System:
    """Return the coordinate system of a layer.

    Args:
        stated: What the file says, as a code or as WKT; None where it says nothing.
        given: What the user says, where the file says nothing.
        boxes: The least and greatest x and y of each shape that is to be placed.

    Raises:
        InvalidInput: If nobody says it, both do and differ, it cannot be read, or only a ballpark leads to WGS 84.
    """
    known = _parse(stated, "the file's coordinate system") if stated else None
    named = _parse(given, "--crs") if given else None
    if known is not None and named is not None and not known.equals(named, ignore_axis_order=True):
        if _can_be_placed(known):
            raise InvalidInput(
                f"The file says its coordinates are in {_label(known)}, and --crs says {_label(named)}."
                " Leave --crs out, or mend the file."
            )
        known = named
    crs = known or named
    if crs is None:
        raise InvalidInput(
            "The file does not say in which coordinate system its coordinates are. Name it, such as"
            " --crs EPSG:28992 (RD New) or --crs EPSG:4326 (WGS 84, longitude first)."
        )
    if _is_wgs84(crs):
        return System(_label(crs))
    if not boxes:
        return System(_label(crs))
    return _best(crs, boxes)


def _parse(text: str, what: str) -> CRS:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            crs = CRS.from_user_input(text)
            return crs.sub_crs_list[0] if crs.is_compound else crs.to_2d()
    except (CRSError, ProjError, IndexError, ValueError) as error:
        raise InvalidInput(f"{what} cannot be read: {text[:80]!r}. Write it as EPSG:28992.") from error


def _label(crs: CRS) -> str:
    authority = crs.to_authority(min_confidence=90)
    return f"{':'.join(authority)} {crs.name}" if authority else f"{crs.name} (no code)"


def _is_wgs84(crs: CRS) -> bool:
    return crs.is_geographic and crs.equals(_WGS84, ignore_axis_order=True)


def _can_be_placed(crs: CRS) -> bool:
    return _is_wgs84(crs) or bool(_operations(crs, None))


def _operations(crs: CRS, area: Any) -> list[Transformer]:
    try:
        with warnings.catch_warnings():
            # A better one whose grid is not installed is not used, and the accuracy says so.
            warnings.simplefilter("ignore")
            group = TransformerGroup(crs, _WGS84, always_xy=True, area_of_interest=area, allow_ballpark=False)
            return list(group.transformers)
    except (ProjError, CRSError):
        return []


def _best(crs: CRS, boxes: Sequence[Bounds]) -> System:
    """Return the most accurate transformation whose area of use holds all boxes, or else the first that one holds.

    One shape that lies far off must not keep out the rest; it cannot be placed then.
    """
    label = _label(crs)
    if not (operations := _operations(crs, None)):
        raise InvalidInput(
            f"No exact transformation leads from {label} to WGS 84, and a ballpark one could be off by hundreds of"
            " metres. Name the system by its code with --crs, or save the file in EPSG:4326."
        )
    wests, souths, easts, norths = zip(*boxes, strict=True)
    refused: InvalidInput | None = None
    # Each once: PROJ takes a second to search for the operations of a rare system.
    for box in dict.fromkeys(((min(wests), min(souths), max(easts), max(norths)), *boxes[:_TRIES])):
        try:
            return _best_for(crs, label, operations, box)
        except InvalidInput as error:
            refused = refused or error
    assert refused is not None
    raise refused


def _best_for(crs: CRS, label: str, operations: Sequence[Transformer], box: Bounds) -> System:
    lon_lat = _corners(operations[0], box)
    if lon_lat is None:
        raise InvalidInput(f"The coordinates cannot be placed in {label}; is that the file's system?")
    west, south, east, north = lon_lat
    near = _operations(crs, AreaOfInterest(west, south, east, north)) or operations
    fitting = [each for each in near if each.accuracy >= 0 and _used_in(each, lon_lat)]
    if not fitting:
        raise InvalidInput(
            f"No transformation from {label} to WGS 84 of known accuracy is meant for longitudes {west:.2f} to"
            f" {east:.2f}, latitudes {south:.2f} to {north:.2f}. Is {label} the file's system? Else save it in EPSG:4326."
        )
    best = min(fitting, key=lambda each: each.accuracy)
    return System(label, best, float(best.accuracy), best.description)


def _corners(operation: Transformer, box: Bounds) -> Bounds | None:
    west, south, east, north = box
    grid = np.linspace(0.0, 1.0, 9)
    xs, ys = np.meshgrid(west + (east - west) * grid, south + (north - south) * grid)
    lons, lats = operation.transform(xs.ravel(), ys.ravel())
    if not (np.isfinite(lons).all() and np.isfinite(lats).all()):
        return None
    return float(lons.min()), float(lats.min()), float(lons.max()), float(lats.max())


def _used_in(operation: Transformer, lon_lat: Bounds) -> bool:
    area: Any = operation.area_of_use
    if area is None:
        return False
    west, south, east, north = lon_lat
    # Half a degree: borders of areas of use are drawn roughly.
    inside = area.south - 0.5 <= south and north <= area.north + 0.5
    if area.west > area.east:
        return bool(inside and (west >= area.west - 0.5 or east <= area.east + 0.5))
    return bool(inside and area.west - 0.5 <= west and east <= area.east + 0.5)


def placed(geometry: dict[str, Any], system: System) -> tuple[dict[str, Any], float]:
    """Return a GeoJSON geometry in WGS 84 (lon, lat) and by how many metres its outlines were grown.

    A point has no radius here: the caller makes a circle larger by as much.

    Raises:
        CannotPlace: If a coordinate is no number or lies where the system cannot be used.
    """
    if system.transformer is None:
        return geometry, 0.0
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
            raise CannotPlace("There are no geometries.")
        parts = [placed(member, system) for member in members]
        grown = max((by for _, by in parts), default=0.0)
        return {"type": kind, "geometries": [part for part, _ in parts]}, grown
    if kind in ("Polygon", "MultiPolygon"):
        coordinates = geometry.get("coordinates")
        polygons = coordinates if kind == "MultiPolygon" else [coordinates]
        if not isinstance(polygons, list) or not all(isinstance(each, list) and each for each in polygons):
            raise CannotPlace("There are no coordinates.")
        rings = [[_bent(ring, system.transformer) for ring in polygon] for polygon in polygons]
        slack_m = max((slack for polygon in rings for _, slack in polygon), default=0.0)
        by_m = system.accuracy_m + slack_m
        outlines = [[points for points, _ in polygon] for polygon in rings]
        return enlarged(outlines, by_m), by_m
    return {
        "type": kind,
        "coordinates": _moved(geometry.get("coordinates"), system.transformer),
    }, system.accuracy_m


def _array(ring: Any) -> Points:
    try:
        points = np.asarray([[float(x), float(y)] for x, y, *_ in ring], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CannotPlace("A coordinate is not a number.") from error
    if len(points) == 0 or not np.isfinite(points).all():
        raise CannotPlace("A coordinate is missing or not a number.")
    return points


def _transformed(points: Points, transformer: Transformer) -> Points:
    lons, lats = transformer.transform(points[:, 0], points[:, 1])
    moved: Points = np.column_stack([lons, lats])
    if not np.isfinite(moved).all():
        at = points[~np.isfinite(moved).all(axis=1)][0]
        raise CannotPlace(f"x {at[0]:g}, y {at[1]:g} cannot be placed in the file's coordinate system.")
    lons, lats = moved.T
    if not _used_in(
        transformer, (float(lons.min()), float(lats.min()), float(lons.max()), float(lats.max()))
    ):
        what = f"x {points[0][0]:g}, y {points[0][1]:g} lies where the file's coordinate system is not used"
        raise CannotPlace(f"{what}: longitude {lons[0]:.4f}, latitude {lats[0]:.4f}.")
    return moved


def _moved(coordinates: Any, transformer: Transformer) -> Any:
    if not isinstance(coordinates, list | tuple):
        raise CannotPlace("There are no coordinates.")
    if coordinates and isinstance(coordinates[0], list | tuple):
        return [_moved(each, transformer) for each in coordinates]
    return _transformed(_array([coordinates]), transformer)[0].tolist()


def _bent(ring: Any, transformer: Transformer) -> tuple[Points, float]:
    """Return a ring with straight edges in its own system as one in lon/lat, and by how much it may be off, in metres."""
    points = _array(ring)
    if (points[0] != points[-1]).any():
        points = np.vstack([points, points[:1]])
    moved = _transformed(points, transformer)
    if np.ptp(moved[:, 0]) > 180.0:
        raise CannotPlace("The shape crosses the antimeridian; cut it there and save it in EPSG:4326.")
    off_m = 0.0
    for _ in range(_ROUNDS):
        if len(points) < 2:
            break
        middles = (points[:-1] + points[1:]) / 2
        placed_middles = _transformed(middles, transformer)
        apart = _metres_apart(placed_middles, (moved[:-1] + moved[1:]) / 2)
        bent = apart > BENT_M
        off_m = float(apart.max(initial=0.0))
        if not bent.any():
            break
        where = np.flatnonzero(bent) + 1
        points = np.insert(points, where, middles[bent], axis=0)
        moved = np.insert(moved, where, placed_middles[bent], axis=0)
        if len(points) > MAX_POINTS:
            raise CannotPlace(f"Its edges need more than {MAX_POINTS} points.")
    else:
        raise CannotPlace("Its edges cannot be followed in the file's coordinate system.")
    # What bends evenly leaves its chord the most in the middle; half as much again for what does not.
    return moved, 0.0 if off_m < 1e-6 else 1.5 * off_m


def _metres_apart(a: Points, b: Points) -> NDArray[np.float64]:
    degrees = (a - b) * np.column_stack([np.cos(np.radians(a[:, 1])), np.ones(len(a))])
    apart: NDArray[np.float64] = np.hypot(degrees[:, 0], degrees[:, 1]) * 111_700.0
    return apart


def enlarged(polygons: list[list[Points]], by_m: float) -> dict[str, Any]:
    """Return polygons that cover everything within a distance of the given ones, as a GeoJSON geometry.

    A polygon that crosses itself is not repaired: it is kept as it is, and a band around its rings is added.

    Raises:
        CannotPlace: If it lies so near a pole that no outline can be drawn around it.
    """
    outlines: list[Any] = []
    for rings in polygons:
        outlines.extend(_grown(rings, by_m) if by_m > 0 else [[ring.tolist() for ring in rings]])
    if len(outlines) == 1:
        return {"type": "Polygon", "coordinates": outlines[0]}
    return {"type": "MultiPolygon", "coordinates": outlines}


def _grown(rings: list[Points], by_m: float) -> list[list[list[list[float]]]]:
    steepest = max(float(np.abs(ring[:, 1]).max()) for ring in rings)
    steepest += 2 * by_m / METRES_PER_DEGREE
    if steepest >= 89.0:
        raise CannotPlace("The shape lies too near a pole.")
    # In this plane a metre is at least as long as anywhere in the shape, so a buffer is never too narrow.
    narrow = np.array([math.cos(math.radians(steepest)), 1.0])
    by_degrees = by_m / METRES_PER_DEGREE * _MARGIN
    as_they_are = [[ring.tolist() for ring in rings]]
    if any(len(ring) < 3 for ring in rings):
        return as_they_are
    flat = shapely.Polygon(rings[0] * narrow, [ring * narrow for ring in rings[1:]])
    if flat.is_valid:
        wider = flat.buffer(by_degrees, join_style="mitre", mitre_limit=2.0)
        return [_rings(part, narrow) for part in shapely.get_parts(wider)]
    closed = [np.vstack([ring, ring[:1]]) * narrow for ring in rings]
    band = shapely.union_all([shapely.LineString(ring).buffer(by_degrees * _MARGIN) for ring in closed])
    return as_they_are + [_rings(part, narrow) for part in shapely.get_parts(band)]


def _rings(polygon: shapely.Polygon, narrow: Points) -> list[list[list[float]]]:
    oriented = shapely.orient_polygons(polygon)
    rings = (oriented.exterior, *oriented.interiors)
    return [(shapely.get_coordinates(ring) / narrow).tolist() for ring in rings]
