"""Small zone documents of our own making; a test states only what it is about."""

from __future__ import annotations

import json
from typing import Any

SQUARE = [[5.2, 52.0], [5.4, 52.0], [5.4, 52.1], [5.2, 52.1], [5.2, 52.0]]


def feature(identifier: str = "A1", **properties: Any) -> dict[str, Any]:
    """Return an ED-318 feature: a prohibited square east of Utrecht, from the surface to 120 m."""
    layer = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
    geometry = properties.pop("geometry", {"type": "Polygon", "coordinates": [SQUARE], "layer": layer})
    common = {
        "identifier": identifier,
        "country": "NLD",
        "type": "PROHIBITED",
        "variant": "COMMON",
        "name": [{"text": f"Zone {identifier}", "lang": "en-GB"}],
        "zoneAuthority": [{"purpose": "INFORMATION", "email": "zones@example.org"}],
    }
    return {"type": "Feature", "geometry": geometry, "properties": common | properties}


def circle(lon: float, lat: float, radius_m: float, upper: float = 120) -> dict[str, Any]:
    """Return an ED-318 circle from the surface to `upper` metres above ground."""
    layer = {"lower": 0, "lowerReference": "AGL", "upper": upper, "upperReference": "AGL", "uom": "m"}
    return {
        "type": "Point",
        "coordinates": [lon, lat],
        "extent": {"subType": "Circle", "radius": radius_m},
        "layer": layer,
    }


def collection(*features: dict[str, Any], **metadata: Any) -> bytes:
    """Return an ED-318 document."""
    value = {"type": "FeatureCollection", "metadata": metadata, "features": list(features)}
    return json.dumps(value).encode()
