"""KML for globes and maps: each part of a zone from the ground to its upper limit, in the colour of its rule.

Source: OGC KML 2.3. Heights are `relativeToGround` (AGL) or `absolute` (above mean sea level); a part without
an upper limit, or with one above the ellipsoid, lies on the ground and says its limits in words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from zones_api.domain.altitude import VerticalReference
from zones_api.domain.geometry import LonLat, Polygon
from zones_api.domain.zone import ZoneType
from zones_api.formats.exports import ed318, footprints
from zones_api.formats.exports.footprints import Part
from zones_api.formats.exports.losses import Loss, LossCode, Lost
from zones_api.formats.exports.publication import Options, Publication
from zones_api.formats.exports.zones import OutwardZone

NAMESPACE = "http://www.opengis.net/kml/2.2"
_COLOURS = {
    ZoneType.PROHIBITED: "2b1cb5",
    ZoneType.REQ_AUTHORIZATION: "0b6be0",
    ZoneType.CONDITIONAL: "00b4e6",
    ZoneType.USPACE: "b9671f",
    ZoneType.NO_RESTRICTION: "808080",
}
"""Blue, green, red, as KML has them."""
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MODES = {VerticalReference.AGL: "relativeToGround", VerticalReference.AMSL: "absolute"}


def write(
    publication: Publication, zones: Sequence[OutwardZone], _options: Options
) -> tuple[bytes, tuple[Loss, ...], int, float | None]:
    """Return a KML document with a placemark for each part of a zone."""
    lost = Lost(None)
    lost.add(LossCode.TIMES_LEFT_OUT, "KML draws every zone at all times: when it applies stands in words.")
    root = etree.Element(_tag("kml"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    document = etree.SubElement(root, _tag("Document"))
    _text(document, "name", publication.title)
    _text(
        document, "description", " ".join([*ed318.limitations(publication), *ed318.description(publication)])
    )
    for zone_type, colour in _COLOURS.items():
        style = etree.SubElement(document, _tag("Style"), id=str(zone_type))
        _text(etree.SubElement(style, _tag("LineStyle")), "color", f"ff{colour}")
        _text(etree.SubElement(style, _tag("PolyStyle")), "color", f"60{colour}")
    for zone in zones:
        for part in footprints.parts_of(zone):
            _placemark(document, zone, part)
    etree.indent(root, space=" ")
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data, (*lost, *(loss for zone in zones for loss in zone.lost)), len(zones), None


def _placemark(document: etree._Element, outward: OutwardZone, part: Part) -> None:
    described = footprints.described(outward, part)
    placemark = etree.SubElement(document, _tag("Placemark"))
    _text(placemark, "name", f"{described['identifier']} {described['name'] or ''}".strip())
    said = [described["type"], described["limits"], described["applicability"], described["message"]]
    _text(placemark, "description", "\n".join([*filter(None, said), *filter(None, [described["authority"]])]))
    _text(placemark, "styleUrl", f"#{outward.zone.type}")
    data = etree.SubElement(placemark, _tag("ExtendedData"))
    for name, value in described.items():
        if value is not None and not isinstance(value, list):
            _text(etree.SubElement(data, _tag("Data"), name=name), "value", str(value))
    geometry = etree.SubElement(placemark, _tag("MultiGeometry"))
    for polygon in footprints.polygons_of(part, outward):
        _polygon(geometry, polygon, *_height(part, outward.lost))


def _height(part: Part, lost: Lost) -> tuple[str, float]:
    """Return the mode and the height at which the top of a part is drawn; on the ground where that cannot be said."""
    upper, lower = part.vertical.upper, part.vertical.lower
    if upper is None:
        if lower is not None:
            lost.add(LossCode.HEIGHTS_LEFT_OUT, "Without an upper limit the zone is drawn on the ground.")
        return "clampToGround", 0.0
    mode = _MODES.get(upper.height.reference)
    if mode is None:
        what = "KML has no heights above the ellipsoid: the zone is drawn on the ground."
        lost.add(LossCode.REFERENCE_CHANGED, what)
        return "clampToGround", 0.0
    if lower is not None:
        lost.add(
            LossCode.HEIGHTS_LEFT_OUT,
            "KML draws the zone down to the ground: its lower limit stands in words.",
        )
    return mode, upper.height.value_m


def _polygon(geometry: etree._Element, polygon: Polygon, mode: str, height_m: float) -> None:
    element = etree.SubElement(geometry, _tag("Polygon"))
    if mode != "clampToGround":
        _text(element, "extrude", "1")
    else:
        _text(element, "tessellate", "1")
    _text(element, "altitudeMode", mode)
    for name, ring in (("outer", polygon.shell), *(("inner", hole) for hole in polygon.holes)):
        boundary = etree.SubElement(element, _tag(f"{name}BoundaryIs"))
        _text(etree.SubElement(boundary, _tag("LinearRing")), "coordinates", _positions(ring, height_m))


def _positions(ring: tuple[LonLat, ...], height_m: float) -> str:
    return " ".join(f"{lon!r},{lat!r},{height_m!r}" for lon, lat in ring)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _text(parent: etree._Element, name: str, text: str) -> None:
    """Add an element with a text; what is no character of XML is replaced by the sign for that."""
    etree.SubElement(parent, _tag(name)).text = _NO_CHARACTER.sub("\ufffd", text)
