"""A geofence for QGroundControl (`.plan`): every restricting zone as a place to keep out of, at all heights and times.

Source: QGroundControl's plan file format; positions are latitude, longitude. A fence has no heights, no times
and no holes, and its software measures on a sphere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import shapely

from zones_api.domain.geometry import Circle
from zones_api.domain.zone import ALWAYS, ZoneType
from zones_api.formats.exports import footprints, outline
from zones_api.formats.exports.losses import Loss, LossCode, Lost
from zones_api.formats.exports.publication import Options, Publication
from zones_api.formats.exports.zones import OutwardZone, key_of

SPHERE_FACTOR = 1.006
"""On a sphere of 6371 km a distance on the ellipsoid comes out up to 0.6 % larger, so a circle needs that much more."""


def write(
    _publication: Publication, zones: Sequence[OutwardZone], options: Options
) -> tuple[bytes, tuple[Loss, ...], int, float | None]:
    """Return a plan without a mission whose fence keeps out of the zones; the last value is the largest error in metres."""
    lost = Lost(None)
    lost.add(
        LossCode.HEIGHTS_LEFT_OUT,
        "A fence has no heights and no times: each zone is kept out of from the ground up and always.",
    )
    circles: list[dict[str, Any]] = []
    polygons: list[dict[str, Any]] = []
    left_out: list[Loss] = []
    largest_m, boxes, written = 0.0, [], 0
    for zone in zones:
        if zone.zone.type is ZoneType.NO_RESTRICTION:
            what = "The zone restricts nobody: it is a notice and no place to keep out of."
            left_out.append(Loss(key_of(zone.published), LossCode.NOTICE_LEFT_OUT, what))
            continue
        written += 1
        boxes.append(zone.zone.bounds)
        if zone.zone.applicability != ALWAYS:
            zone.lost.add(
                LossCode.TIMES_LEFT_OUT, f"It applies {footprints.in_words(zone)}: it is kept out of always."
            )
        for part in footprints.parts_of(zone):
            for shape in part.shapes:
                if isinstance(shape, Circle):
                    circles.append(_circle(shape))
                    largest_m = max(largest_m, shape.radius_m * (SPHERE_FACTOR - 1.0))
                    continue
                found = outline.simplified(shape, zone, options.vertices)
                largest_m = max(largest_m, found.error_m, found.filled_m)
                positions = [[lat, lon] for lon, lat in found.polygon.shell[:-1]]
                polygons.append({"inclusion": False, "polygon": positions, "version": 1})
    if circles:
        lost.add(
            LossCode.CIRCLE_OUTLINED, "Circles are 0.6 % larger, because ground stations measure on a sphere."
        )
    value = {
        "fileType": "Plan",
        "geoFence": {"circles": circles, "polygons": polygons, "version": 2},
        "groundStation": "QGroundControl",
        "mission": {
            "cruiseSpeed": 15,
            "firmwareType": 12,
            "globalPlanAltitudeMode": 1,
            "hoverSpeed": 5,
            "items": [],
            "plannedHomePosition": _middle(boxes),
            "vehicleType": 2,
            "version": 2,
        },
        "rallyPoints": {"points": [], "version": 2},
        "version": 1,
    }
    data = json.dumps(value, indent=1).encode() + b"\n"
    kept = [zone for zone in zones if zone.zone.type is not ZoneType.NO_RESTRICTION]
    return data, (*lost, *left_out, *(loss for zone in kept for loss in zone.lost)), written, largest_m


def _circle(circle: Circle) -> dict[str, Any]:
    lon, lat = circle.centre
    return {
        "circle": {"center": [lat, lon], "radius": circle.radius_m * SPHERE_FACTOR},
        "inclusion": False,
        "version": 1,
    }


def _middle(boxes: list[Any]) -> list[float]:
    """Return a place in the middle of all zones, where a plan without a mission is shown."""
    if not boxes:
        return [0.0, 0.0, 0.0]
    middle = shapely.box(*shapely.total_bounds([shapely.box(*box) for box in boxes])).centroid
    return [middle.y, middle.x, 0.0]
