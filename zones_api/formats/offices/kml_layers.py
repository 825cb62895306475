"""KML and KMZ as zones are drawn in it: placemarks with their data, coordinates in WGS 84 (lon, lat).

Source: OGC KML 2.3. Heights in it place a drawing on the globe and are no limits of a zone; links are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats import strict_xml
from zones_api.formats.strict_xml import local, text_of

MAX_PLACEMARKS = 100_000
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
_UNREAD = ("Model", "Track", "MultiTrack")


def read_kml(data: bytes) -> list[tuple[dict[str, Any], dict[str, Any] | None, str | None]]:
    """Return the attributes, the GeoJSON geometry and what is wrong with it, for each placemark.

    Raises:
        InvalidInput: If it is not KML, or has a network link.
        InputTooLarge: If it has too many placemarks.
    """
    root = strict_xml.parse(data)
    if local(root) != "kml":
        raise InvalidInput(f"This XML is not KML: its root is {local(root)!r}.")
    for element in root.iter():
        if local(element) in ("NetworkLink", "NetworkLinkControl"):
            raise InvalidInput("The KML has a network link; save what it links to as a file of its own.")
    placemarks = [element for element in root.iter() if local(element) == "Placemark"]
    if len(placemarks) > MAX_PLACEMARKS:
        raise InputTooLarge(f"The KML has {len(placemarks)} placemarks; at most {MAX_PLACEMARKS} are read.")
    return [_placemark(placemark) for placemark in placemarks]


def _placemark(placemark: etree._Element) -> tuple[dict[str, Any], dict[str, Any] | None, str | None]:
    attributes: dict[str, Any] = {}
    for name, value in _data(placemark):
        # The same name twice: all of it is kept.
        attributes[name] = f"{attributes[name]}; {value}" if attributes.get(name) else value
    unread = next((local(child) for child in placemark if local(child) in _UNREAD), None)
    if unread:
        return attributes, None, f"A {unread} is not the outline of a zone."
    shapes = [child for child in placemark if local(child) in _SHAPES]
    if not shapes:
        return attributes, None, None
    try:
        read = [_shape(shape) for shape in shapes]
    except ValueError as error:
        return attributes, None, str(error)
    return attributes, read[0] if len(read) == 1 else {"type": "GeometryCollection", "geometries": read}, None


def _data(placemark: etree._Element) -> Iterator[tuple[str, str | None]]:
    for child in placemark:
        if local(child) in ("name", "description"):
            yield local(child), _text(child)
        if local(child) == "TimeSpan":
            for end in child:
                yield local(end), _text(end)
        if local(child) == "ExtendedData":
            for data in child.iter():
                if local(data) == "SimpleData":
                    yield data.get("name", "data"), _text(data)
                elif local(data) == "Data":
                    value = next((part for part in data if local(part) == "value"), None)
                    yield data.get("name", "data"), None if value is None else _text(value)
    folders = [_name(above) for above in placemark.iterancestors() if local(above) == "Folder"]
    if any(folders):
        yield "folder", " / ".join(filter(None, reversed(folders)))


def _name(element: etree._Element) -> str | None:
    return next((_text(child) for child in element if local(child) == "name"), None)


def _text(element: etree._Element) -> str | None:
    return text_of(element) or None


def _shape(element: etree._Element) -> dict[str, Any]:
    match local(element):
        case "Point":
            places = _positions(element)
            if not places:
                raise ValueError("The Point has no coordinates.")
            return {"type": "Point", "coordinates": places[0]}
        case "LineString":
            return {"type": "LineString", "coordinates": _positions(element)}
        case "LinearRing":
            return {"type": "Polygon", "coordinates": [_positions(element)]}
        case "Polygon":
            return {"type": "Polygon", "coordinates": _rings(element)}
        case _:
            inner = [_shape(child) for child in element if local(child) in _SHAPES]
            if any(local(child) in _UNREAD for child in element):
                raise ValueError(
                    "A part of the shape is a model or a track, which is not the outline of a zone."
                )
            return _together(inner)


def _together(shapes: list[dict[str, Any]]) -> dict[str, Any]:
    if shapes and all(shape["type"] == "Polygon" for shape in shapes):
        return {"type": "MultiPolygon", "coordinates": [shape["coordinates"] for shape in shapes]}
    return {"type": "GeometryCollection", "geometries": shapes}


def _rings(polygon: etree._Element) -> list[list[list[float]]]:
    outer = [child for child in polygon if local(child) == "outerBoundaryIs"]
    inner = [child for child in polygon if local(child) == "innerBoundaryIs"]
    if len(outer) != 1:
        raise ValueError("The Polygon has no outer boundary, or several.")
    rings = [[ring for ring in boundary if local(ring) == "LinearRing"] for boundary in (*outer, *inner)]
    if len(rings[0]) != 1:
        raise ValueError("The Polygon's outer boundary is not one LinearRing.")
    return [_positions(ring) for boundary in rings for ring in boundary]


def _positions(element: etree._Element) -> list[list[float]]:
    text = next((_text(child) for child in element if local(child) == "coordinates"), None) or ""
    positions = []
    for number, tuple_ in enumerate(text.split(), start=1):
        try:
            lon, lat, *_ = (float(part) for part in tuple_.split(","))
        except ValueError as error:
            raise ValueError(f"Coordinate {number} is not longitude,latitude: {tuple_[:40]!r}.") from error
        positions.append([lon, lat])
    return positions
