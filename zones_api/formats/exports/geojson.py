"""Plain GeoJSON for any GIS: polygons alone, circles as polygons around them, limits and times as properties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from zones_api.domain.geometry import Circle
from zones_api.formats.exports import ed318, footprints
from zones_api.formats.exports.losses import Loss, Lost
from zones_api.formats.exports.publication import Options, Publication
from zones_api.formats.exports.times import utc_text
from zones_api.formats.exports.zones import OutwardZone


def write(
    publication: Publication, zones: Sequence[OutwardZone], _options: Options
) -> tuple[bytes, tuple[Loss, ...], int, float | None]:
    """Return a FeatureCollection with a feature for each part of a zone."""
    lost = Lost(None)
    _, valid_from, valid_to = ed318.validity(publication, lost)
    features = [feature for zone in zones for feature in _features(zone)]
    about = {
        "title": publication.title,
        "revision": publication.revision,
        "published_at": utc_text(publication.published_at) if publication.published_at else None,
        "valid_from": utc_text(valid_from) if valid_from else None,
        "valid_to": utc_text(valid_to) if valid_to else None,
        "description": " ".join(ed318.description(publication)),
        "limitations": " ".join(ed318.limitations(publication)),
    }
    data = ed318.encoded({"type": "FeatureCollection", "metadata": about, "features": features})
    return data, (*lost, *(loss for zone in zones for loss in zone.lost)), len(zones), None


def _features(outward: OutwardZone) -> Iterator[dict[str, Any]]:
    for part in footprints.parts_of(outward):
        polygons = [footprints.coordinates(each) for each in footprints.polygons_of(part, outward)]
        circles = [
            {"lon": each.centre[0], "lat": each.centre[1], "radius_m": each.radius_m}
            for each in part.shapes
            if isinstance(each, Circle)
        ]
        one = len(polygons) == 1
        described = footprints.described(outward, part)
        yield {
            "type": "Feature",
            "geometry": {
                "type": "Polygon" if one else "MultiPolygon",
                "coordinates": polygons[0] if one else polygons,
            },
            "properties": described
            | {
                "circles": circles or None,
                "names": _texts(outward.zone.name),
                "messages": _texts(outward.zone.message),
                "losses": [f"{loss.code}: {loss.sentence}" for loss in outward.lost] or None,
            },
        }


def _texts(given: Any) -> list[dict[str, str]] | None:
    return [{"text": text.text, "lang": footprints.language_of(text)} for text in given] or None
