"""Plain numbers on rings and on the ellipsoid, to compare the engine with: slow, dense, without an index.

Coordinates are (lon, lat) in degrees; rings are closed arrays of shape (n, 2); edges are straight in lon/lat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]
Curve = Callable[[Floats], tuple[Floats, Floats]]
GEOD = Geod(ellps="WGS84")
ON_DEG = 1e-9
"""A point this close to an edge is on it: a tenth of a millimetre."""
_FIRST_ECCENTRICITY_2 = 0.0066943799901413165


def metres_per_degree(lat: Floats) -> tuple[Floats, Floats]:
    """Return the length of a degree of longitude and one of latitude, at a latitude."""
    phi = np.radians(lat)
    root = 1.0 - _FIRST_ECCENTRICITY_2 * np.sin(phi) ** 2
    east = 6_378_137.0 / np.sqrt(root) * np.cos(phi)
    north = 6_378_137.0 * (1.0 - _FIRST_ECCENTRICITY_2) / root**1.5
    return np.radians(1.0) * east, np.radians(1.0) * north


def edges_of(ring: Floats) -> Floats:
    """Return the edges of a ring, shape (n, 4); an edge of no length is none."""
    edges = np.hstack([ring[:-1], ring[1:]])
    return edges[(edges[:, :2] != edges[:, 2:]).any(axis=1)]


def on_any(edges: Floats, points: Floats) -> NDArray[np.bool_]:
    """Say of each point whether it is on an edge."""
    return (_off(edges, points, np.ones(2)) <= ON_DEG).any(axis=1)


def _off(edges: Floats, points: Floats, scale: Floats) -> Floats:
    """Return the distances of all points from all edges in a plane; `scale` is (2,) or one row for each point."""
    by = np.broadcast_to(scale, points.shape)[:, None, :]
    ahead = (edges[None, :, 2:] - edges[None, :, :2]) * by
    to = (points[:, None, :] - edges[None, :, :2]) * by
    length = (ahead**2).sum(axis=2)
    along = np.clip((to * ahead).sum(axis=2) / np.where(length == 0, 1.0, length), 0.0, 1.0)
    return np.sqrt(((to - ahead * along[..., None]) ** 2).sum(axis=2))


def from_edges_m(edges: Floats, points: Floats) -> Floats:
    """Return the distances of points from edges in metres, shape (points, edges); good where they are short."""
    return _off(edges, points, np.column_stack(metres_per_degree(points[:, 1])))


def turns(ring: Floats, points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how often a ray from each point crosses the ring: with its direction (winding) and without."""
    x1, y1, x2, y2 = edges_of(ring).T
    x, y = points[:, :1], points[:, 1:]
    side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
    up = ((y1 <= y) & (y < y2) & (side > 0)).sum(axis=1)
    down = ((y2 <= y) & (y < y1) & (side < 0)).sum(axis=1)
    return up - down, up + down


def crossing(ring: Floats) -> list[Floats]:
    """Return the four ends of every two edges that cross inside both, each shape (4, 2)."""
    edges = edges_of(ring)
    return [
        np.vstack([a.reshape(2, 2), b.reshape(2, 2)])
        for a, b in combinations(edges, 2)
        if _sides(a, b) < 0 and _sides(b, a) < 0
    ]


def _sides(edge: Floats, other: Floats) -> float:
    ax, ay, bx, by = edge
    cx, cy, dx, dy = other
    one = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    two = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    return float(np.sign(one) * np.sign(two))


def hull(points: Floats) -> Floats:
    """Return the convex ring around a few points."""
    ordered = sorted({(float(x), float(y)) for x, y in points})

    def half(some: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for p in some:
            while (
                len(chain) > 1
                and (
                    (chain[-1][0] - chain[-2][0]) * (p[1] - chain[-2][1])
                    - (chain[-1][1] - chain[-2][1]) * (p[0] - chain[-2][0])
                )
                <= 0
            ):
                chain.pop()
            chain.append(p)
        return chain[:-1]

    ring = half(ordered) + half(ordered[::-1])
    return np.array([*ring, ring[0]])


def cuts(edges: Floats, others: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return which edges are met by others, and how far along them (0 to 1); ends and overlaps included."""
    a, b = edges[:, None, :2], edges[:, None, 2:]
    c, d = others[None, :, :2], others[None, :, 2:]
    r, s, q = b - a, d - c, c - a
    across = r[..., 0] * s[..., 1] - r[..., 1] * s[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (q[..., 0] * s[..., 1] - q[..., 1] * s[..., 0]) / across
        u = (q[..., 0] * r[..., 1] - q[..., 1] * r[..., 0]) / across
        slack_t = ON_DEG / np.sqrt((r**2).sum(axis=2))
        slack_u = ON_DEG / np.sqrt((s**2).sum(axis=2))
        met = (t >= -slack_t) & (t <= 1 + slack_t) & (u >= -slack_u) & (u <= 1 + slack_u)
    found = [(np.nonzero(met)[0], np.clip(t[met], 0.0, 1.0))]
    for end in (others[:, :2], others[:, 2:]):
        on = _off(edges, end, np.ones(2)) <= ON_DEG  # (others, edges)
        which, edge = np.nonzero(on)
        ahead = edges[edge, 2:] - edges[edge, :2]
        along = ((end[which] - edges[edge, :2]) * ahead).sum(axis=1) / (ahead**2).sum(axis=1)
        found.append((edge, np.clip(along, 0.0, 1.0)))
    return np.concatenate([i for i, _ in found]), np.concatenate([t for _, t in found])


def pieces_m(edges: Floats, others: Floats) -> Floats:
    """Return the distances of all edges from all others in metres, shape (edges, others); good where short."""
    scale = np.column_stack(metres_per_degree((edges[:, 1] + edges[:, 3]) / 2))
    least = np.minimum(_off(others, edges[:, :2], scale), _off(others, edges[:, 2:], scale))
    for end in (others[:, :2], others[:, 2:]):
        by = scale[None, :, :]
        ahead = (edges[:, 2:] - edges[:, :2])[None] * by
        to = (end[:, None, :] - edges[None, :, :2]) * by
        length = (ahead**2).sum(axis=2)
        along = np.clip((to * ahead).sum(axis=2) / np.where(length == 0, 1.0, length), 0.0, 1.0)
        least = np.minimum(least, np.sqrt(((to - ahead * along[..., None]) ** 2).sum(axis=2)).T)
    x1, y1, x2, y2 = (edges[:, None, i] for i in range(4))
    x3, y3, x4, y4 = (others[None, :, i] for i in range(4))
    one = ((x2 - x1) * (y3 - y1) - (y2 - y1) * (x3 - x1)) * ((x2 - x1) * (y4 - y1) - (y2 - y1) * (x4 - x1))
    two = ((x4 - x3) * (y1 - y3) - (y4 - y3) * (x1 - x3)) * ((x4 - x3) * (y2 - y3) - (y4 - y3) * (x2 - x3))
    return np.where((one < 0) & (two < 0), 0.0, least)


def straight(edge: Floats) -> Curve:
    """Return an edge that is straight in lon/lat, from 0 to 1; of no length, a point."""
    return lambda t: (edge[0] + (edge[2] - edge[0]) * t, edge[1] + (edge[3] - edge[1]) * t)


def apart_m(one: Curve, other: Curve) -> float:
    """Return the distance between two short curves by trying ever closer pairs of points around the best."""
    ends, least = np.array([[0.0, 1.0], [0.0, 1.0]]), np.inf
    for _ in range(14):
        first, second = (each.ravel() for each in np.meshgrid(*(np.linspace(*end, 9) for end in ends)))
        distances = GEOD.inv(*one(first), *other(second))[2]
        best = int(distances.argmin())
        least = min(least, float(distances[best]))
        reach = (ends[:, 1] - ends[:, 0]) / 8 * 1.5
        centre = np.array([first[best], second[best]])
        ends = np.clip(np.column_stack([centre - reach, centre + reach]), 0.0, 1.0)
    return least


def along_geodesic(start: Sequence[float], end: Sequence[float], within_m: float) -> Floats:
    """Return points of the geodesic between two places, both included, shape (n, 2), closer than needed.

    Longitudes run on past 180 where it crosses the antimeridian.
    """
    azimuth, _, length = GEOD.inv(start[0], start[1], end[0], end[1])
    bulge = length**2 * np.tan(np.radians(min(89.0, abs(start[1]) + 1, 90))) / 40e6 + length**2 / 400e6
    count = int(np.clip(np.sqrt(bulge / within_m), 1, 2_000))
    steps = np.linspace(0.0, length, count + 1)[1:-1]
    full = np.ones(len(steps))
    lons, lats, _ = GEOD.fwd(full * start[0], full * start[1], full * azimuth, steps)
    path = np.vstack([[start[:2]], np.column_stack([lons, lats]), [end[:2]]])
    path[:, 0] = np.degrees(np.unwrap(np.radians(path[:, 0])))
    path[0], path[-1, 1] = start[:2], end[1]
    path[-1, 0] = end[0] + 360.0 * round((path[-1, 0] - end[0]) / 360.0)
    return path


def sag_m(start: Sequence[float], end: Sequence[float]) -> float:
    """Return how far an edge that is straight in lon/lat and the geodesic between its ends part at the widest."""
    if abs(start[0] - end[0]) > 180.0 or tuple(start[:2]) == tuple(end[:2]):
        return 0.0
    edge = np.array([[*start[:2], *end[:2]]])
    azimuth, _, length = GEOD.inv(*edge[0])
    if length**2 / 6.4e6 * (1 + np.tan(np.radians(min(89.0, abs(start[1]))))) < 1.0:
        return 0.0
    steps = np.linspace(0.0, length, 34)[1:-1]
    full = np.ones(len(steps))
    lons, lats, _ = GEOD.fwd(full * start[0], full * start[1], full * azimuth, steps)
    lons = start[0] + (lons - start[0] + 540.0) % 360.0 - 180.0
    return float(from_edges_m(edge, np.column_stack([lons, lats])).max())


def closed(points: Sequence[Sequence[float]]) -> Floats:
    """Return a ring as an array, closed."""
    ring = np.asarray(points, dtype=np.float64)
    return ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]])


def polyline(points: Floats) -> Floats:
    """Return the pieces of a path, shape (n, 4); of a single point one piece of no length."""
    if len(points) == 1:
        return np.hstack([points, points])
    return np.array([[*a, *b] for a, b in pairwise(points)])
