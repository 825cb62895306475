"""An export: a publication in a format, with everything that was lost on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from zones_api.formats.exports import ed269, ed318, geojson, kml, outline, qgc, reread
from zones_api.formats.exports.losses import Loss, Lost
from zones_api.formats.exports.publication import Options, Publication
from zones_api.formats.exports.targets import ED269, ED318
from zones_api.formats.exports.zones import Names, outward_zones


@dataclass(frozen=True)
class Export:
    """The bytes of an export. `zones` is how many it has, `error_m` how far it reaches outside them at most.

    `error_m` is None where shapes are as published, or as near to it as the format can.
    """

    format: str
    media_type: str
    suffix: str
    data: bytes
    losses: tuple[Loss, ...]
    zones: int
    error_m: float | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes, hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def _ed318(publication: Publication, names: Names, _options: Options) -> Export:
    zones, left_out = outward_zones(publication, names, ED318)
    lost = Lost(None)
    data = ed318.write(publication, zones, lost)
    reread.require_valid(data)
    reread.require_same(data, zones)
    losses = (
        *lost,
        *ed318.quarantined_losses(publication),
        *left_out,
        *(loss for each in zones for loss in each.lost),
    )
    return Export("ed318", "application/geo+json", "ed318.json", data, losses, len(zones))


def _ed269(publication: Publication, names: Names, _options: Options) -> Export:
    zones, left_out = outward_zones(publication, names, ED269)
    lost = Lost(None)
    data = ed269.write(publication, zones, lost)
    reread.require_same(data, zones)
    losses = (
        *lost,
        *ed318.quarantined_losses(publication),
        *left_out,
        *(loss for each in zones for loss in each.lost),
    )
    return Export("ed269", "application/json", "ed269.json", data, losses, len(zones))


def _plain(
    write: Callable[..., tuple[bytes, tuple[Loss, ...], int, float | None]],
    name: str,
    media_type: str,
    suffix: str,
) -> Callable[[Publication, Names, Options], Export]:
    def export(publication: Publication, _names: Names, options: Options) -> Export:
        zones, left_out = outward_zones(publication, None, ED318)
        data, losses, count, error_m = write(publication, zones, options)
        return Export(
            name,
            media_type,
            suffix,
            data,
            (*ed318.quarantined_losses(publication), *left_out, *losses),
            count,
            error_m,
        )

    return export


FORMATS: dict[str, Callable[[Publication, Names, Options], Export]] = {
    "ed318": _ed318,
    "ed269": _ed269,
    "geojson": _plain(geojson.write, "geojson", "application/geo+json", "geojson"),
    "kml": _plain(kml.write, "kml", "application/vnd.google-earth.kml+xml", "kml"),
    "qgc": _plain(qgc.write, "qgc", "application/json", "plan"),
    "outline": _plain(outline.write, "outline", "application/geo+json", "outline.geojson"),
}
"""What there is to export to."""


def export(
    publication: Publication, format_name: str, names: Names, options: Options | None = None
) -> Export:
    """Return a publication in a format; the same publication always gives the same bytes.

    Args:
        publication: The zones and their data sets.
        format_name: One of FORMATS.
        names: The identifier of each zone in the export.
        options: How it is written.

    Raises:
        ExportFailed: If what was written would be milder than what was published.
    """
    return FORMATS[format_name](publication, names, options or Options())
