"""Where a leg enters and leaves a zone, and how far it stays from one. These report; `overlap` decides."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from zones_api.domain.geometry import (
    CURVE_M,
    GEOD,
    Bounds,
    Disc,
    Footprint,
    LonLat,
    Region,
    around,
    shifted,
)
from zones_api.domain.overlap import Place, distance_m, meets, turns_to_meet
from zones_api.domain.truth import NO

Floats = NDArray[np.float64]

_PLANE_M = 50_000.0
"""A leg is measured in parts of about this length, each in a plane of its own."""
_EDGE_DEG = 0.01
"""Edges are cut to this length before they are laid in a plane: they curve there by a few centimetres."""
_TOUCH_DEG = 1e-9
"""A leg this close to an edge without a buffer is on it: a tenth of a millimetre."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a leg inside a footprint or within the leg's buffer of it: from entry to exit, metres along the leg."""

    entry_m: float
    exit_m: float
    entry: LonLat
    exit: LonLat


def passages(place: Place, footprint: Footprint) -> tuple[Passage, ...]:
    """Return the stretches of a leg where it meets a footprint by any reading; one at least where it meets.

    Positions and metres along the geodesic are good to about a metre where the leg crosses the edge. Where it
    only grazes a circle or a buffer the ends of the stretch are as uncertain as the word says, and where it
    comes close enough to touch but not further, the stretch is its nearest position.

    Returns:
        The stretches in the order of the leg; touching is a stretch of (nearly) no length. A point that meets
        has one, of no length, and an area has none. Longitudes lie within [-180, 180].
    """
    geometry, radius_m = _possibly(footprint)
    line = shapely.get_coordinates(place.geometry)
    # A circle is exact here, to less than what `meets` counts as touching: asking first would take as long again.
    asked = place.geometry.geom_type == "LineString" and geometry.geom_type == "Point"
    if place.geometry.geom_type == "Polygon" or (not asked and meets(place, footprint) == NO):
        return ()
    if len(line) == 1:
        here = _written(line[0])
        return (Passage(0.0, 0.0, here, here),)
    reach_m = place.buffer_m + radius_m
    if _is_all_inside(place.geometry, geometry, reach_m):
        length_m = float(np.sum(_apart(line[:-1], line[1:])))
        return (Passage(0.0, length_m, _written(line[0]), _written(line[-1])),)
    along = np.concatenate([[0.0], np.cumsum(_apart(line[:-1], line[1:]))])
    stretches = _stretches(line, along, geometry, reach_m)
    if asked and not len(stretches) and meets(place, footprint) == NO:
        return ()
    slack_m = 2 * CURVE_M
    while not len(stretches):
        stretches = _stretches(line, along, geometry, reach_m + slack_m).mean(axis=1, keepdims=True)
        stretches = np.repeat(stretches, 2, axis=1)
        slack_m *= 4
    piece = np.floor(stretches).astype(int).ravel()
    start, end = line[piece], line[np.minimum(piece + 1, len(line) - 1)]
    positions = start + (stretches.ravel() - piece)[:, None] * (end - start)
    metres = (along[piece] + _apart(start, positions)).tolist()
    ends = [(metre, _written(position)) for metre, position in zip(metres, positions, strict=True)]
    return tuple(
        Passage(entry_m, exit_m, entry, exit_)
        for (entry_m, entry), (exit_m, exit_) in zip(ends[::2], ends[1::2], strict=True)
    )


def clearance_m(place: Place, footprint: Footprint) -> float:
    """Return the metres on the ground between a place with its buffer and where a footprint possibly is.

    It is 0.0 where they meet. As good as `overlap.distance_m`: to millimetres, less over 50 km.
    """
    if meets(place, footprint) != NO:
        return 0.0
    geometry, radius_m = _possibly(footprint)
    nearest_m = min(
        distance_m(shifted(place.geometry, turn), geometry)
        for turn in (0.0, -360.0, 360.0)
        if _degrees_between(place.geometry.bounds, geometry.bounds, turn) <= 180.0
    )
    return max(0.0, nearest_m - radius_m - place.buffer_m)


def _is_all_inside(leg: BaseGeometry, geometry: BaseGeometry, reach_m: float) -> bool:
    """Say quickly whether a leg certainly is within reach of a geometry all the way; no says nothing.

    A geodesic disc of up to a thousand kilometres holds the whole leg between any two places in it.
    """
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return bool(shapely.covers(geometry, leg))
    if geometry.geom_type != "Point":
        return False
    if reach_m > 1_000_000.0:
        return False
    ends = shapely.get_coordinates(leg)[[0, -1]]
    centre = np.broadcast_to(shapely.get_coordinates(geometry), ends.shape)
    return bool((_apart(centre, ends) <= reach_m).all())


def _possibly(footprint: Footprint) -> tuple[BaseGeometry, float]:
    """Return a geometry and the distance from it within which the footprint possibly lies."""
    match footprint:
        case Region():
            return footprint.possible, 0.0
        case Disc():
            return footprint.centre, footprint.possible_m


def _degrees_between(a: Bounds, b: Bounds, turn: float) -> float:
    """Return the degrees of longitude between two boxes, the first turned; negative where they overlap."""
    return max(a[0] + turn - b[2], b[0] - a[2] - turn)


def _stretches(line: Floats, along: Floats, geometry: BaseGeometry, reach_m: float) -> Floats:
    """Return where a line is within reach of a geometry, shape (n, 2), counted in pieces of the line."""
    box: Bounds = (*line.min(axis=0).tolist(), *line.max(axis=0).tolist())
    edges = _edges(geometry)
    found = [np.empty((0, 2))]
    for turn in turns_to_meet(box, around(geometry.bounds, reach_m + CURVE_M)):
        turned = line + np.array([turn, 0.0])
        near = _merged(_near_edges(turned, along, edges, reach_m))
        # Between two stretches near the edges the line is inside all the way or not at all.
        gaps = np.concatenate([[0.0], near.ravel(), [len(line) - 1.0]]).reshape(-1, 2)
        gaps = gaps[gaps[:, 0] < gaps[:, 1]]
        middle = gaps.mean(axis=1)
        x, y = (np.interp(middle, np.arange(len(line)), each) for each in turned.T)
        found += [near, gaps[shapely.intersects_xy(geometry, x, y)]]
    return _merged(np.concatenate(found))


def _merged(stretches: Floats) -> Floats:
    """Return stretches in order, those that touch as one."""
    if len(stretches) < 2:
        return stretches
    stretches = stretches[np.argsort(stretches[:, 0])]
    furthest = np.maximum.accumulate(stretches[:, 1])
    first = np.concatenate([[True], stretches[1:, 0] > furthest[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.column_stack([stretches[first, 0], furthest[last]])


def _edges(geometry: BaseGeometry) -> Floats:
    """Return the edges of a geometry, shape (n, 2, 2); a point is an edge of no length."""
    parts = shapely.get_parts(geometry)
    kinds = shapely.get_type_id(parts)
    lines = np.concatenate([shapely.get_rings(parts), parts[kinds == shapely.GeometryType.LINESTRING]])
    vertices, owner = shapely.get_coordinates(lines, return_index=True)
    edges = np.stack([vertices[:-1], vertices[1:]], axis=1)[owner[:-1] == owner[1:]]
    points = shapely.get_coordinates(parts[kinds == shapely.GeometryType.POINT])
    return np.concatenate([edges, np.stack([points, points], axis=1)])


def _near_edges(line: Floats, along: Floats, edges: Floats, reach_m: float) -> Floats:
    """Return where a line is within reach of edges, which are straight in lon/lat, counted in pieces."""
    cuts = [0, *(np.flatnonzero(np.diff(along // _PLANE_M)) + 1).tolist(), len(line) - 1]
    found = [np.empty((0, 2))]
    for first, last in pairwise(sorted(set(cuts))):
        part = line[first : last + 1]
        box = around((*part.min(axis=0).tolist(), *part.max(axis=0).tolist()), reach_m + CURVE_M)
        near = _in_box(edges, box)
        if not len(near):
            continue
        if reach_m == 0.0:
            found.append(first + _close(part, near, _TOUCH_DEG))
            continue
        near = _in_box(_cut(near), box)
        if not len(near):
            continue
        # Seen from its centre, a circle is one in the plane too.
        centre = near[0, 0] if (near == near[0, 0]).all() else (part.min(axis=0) + part.max(axis=0)) / 2
        flat = _flat(np.concatenate([part, near.reshape(-1, 2)]), centre)
        found.append(first + _close(flat[: len(part)], flat[len(part) :].reshape(-1, 2, 2), reach_m))
    return np.concatenate(found)


def _in_box(edges: Floats, box: Bounds) -> Floats:
    low, high = edges.min(axis=1), edges.max(axis=1)
    return np.asarray(edges[((low <= box[2:]) & (high >= box[:2])).all(axis=1)])


def _cut(edges: Floats) -> Floats:
    """Return edges in parts that are short enough for a plane."""
    step = edges[:, 1] - edges[:, 0]
    counts = np.maximum(1, np.ceil(np.hypot(*step.T) / _EDGE_DEG)).astype(int)
    number = np.repeat(np.arange(len(edges)), counts)
    part = np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts)
    fractions = np.stack([part, part + 1], axis=1) / counts[number][:, None]
    return np.asarray(edges[number, :1] + fractions[:, :, None] * step[number][:, None])


def _flat(positions: Floats, centre: Floats) -> Floats:
    """Return positions in metres east and north of a centre; distances from the centre are exact."""
    size = len(positions)
    azimuth, _, length = GEOD.inv(
        np.full(size, centre[0]), np.full(size, centre[1]), positions[:, 0].copy(), positions[:, 1].copy()
    )
    azimuth = np.radians(azimuth)
    return np.column_stack([length * np.sin(azimuth), length * np.cos(azimuth)])


def _close(line: Floats, edges: Floats, reach: float) -> Floats:
    """Return where each piece of a line is within reach of each edge, in a plane, counted in pieces."""
    low, high = np.minimum(line[:-1], line[1:]) - reach, np.maximum(line[:-1], line[1:]) + reach
    apart = (low[:, None] > edges.max(axis=1)) | (high[:, None] < edges.min(axis=1))
    piece, edge = np.nonzero(~apart.any(axis=2))
    start, step = line[piece], line[piece + 1] - line[piece]
    (a, b) = edges[edge].swapaxes(0, 1)
    # What is within reach of an edge is convex: two discs and the strip between them, in one interval.
    with np.errstate(all="ignore"):
        length = np.hypot(*(b - a).T)
        ahead = (b - a) / length[:, None]
        strip = np.stack(
            [
                _between(_dot(start - a, ahead), _dot(step, ahead), np.zeros_like(length), length),
                _between(_cross(start - a, ahead), _cross(step, ahead), np.full_like(length, -reach), reach),
            ]
        )
        each = np.stack(
            [
                _in_disc(start - a, step, reach),
                _in_disc(start - b, step, reach),
                np.stack([strip[:, 0].max(axis=0), strip[:, 1].min(axis=0)]),
            ]
        ).clip([[0.0], [-np.inf]], [[np.inf], [1.0]])
        from_, to = np.where(each[:, :1] <= each[:, 1:], each, np.nan).swapaxes(0, 1)
        ends = np.column_stack([np.fmin.reduce(from_), np.fmax.reduce(to)])
    met = ~np.isnan(ends[:, 0])
    return np.asarray(piece[met][:, None] + ends[met])


def _in_disc(start: Floats, step: Floats, radius: float) -> Floats:
    """Return the interval of t in which start + t step lies within a radius of the origin; NaN where never."""
    square = _dot(step, step)
    nearest = -_dot(start, step) / square
    half = np.sqrt((radius**2 - _cross(start, step) ** 2 / square) / square)
    return np.stack([nearest - half, nearest + half])


def _between(start: Floats, step: Floats, low: Floats, high: Floats | float) -> Floats:
    """Return the interval of t in which start + t step lies between two numbers; NaN where never."""
    # Where it only just lies there all along (0 / 0) the disc at the end, or the slack, takes over.
    return np.sort([(low - start) / step, (high - start) / step], axis=0)


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1])


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _apart(a: Floats, b: Floats) -> Floats:
    """Return the geodesic metres between positions, pair by pair."""
    return np.asarray(GEOD.inv(a[:, 0].copy(), a[:, 1].copy(), b[:, 0].copy(), b[:, 1].copy())[2])


def _written(position: Floats) -> LonLat:
    """Return a position with a longitude within [-180, 180]."""
    lon, lat = position.tolist()
    return (lon if -180.0 <= lon <= 180.0 else (lon + 180.0) % 360.0 - 180.0), lat
