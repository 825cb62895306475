"""Mission files of our own making, in the shape of what programs write."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import Any

KML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
    'xmlns:gx="http://www.google.com/kml/ext/2.2">'
)


def kml(body: str) -> bytes:
    """Return a KML file with this in its Document."""
    return f"{KML_HEAD}<Document><name>Plan</name>{body}</Document></kml>".encode()


def placemark(geometry: str, name: str = "flight", more: str = "") -> str:
    return f"<Placemark><name>{name}</name>{more}{geometry}</Placemark>"


def line(coordinates: str, mode: str = "") -> str:
    word = f"<altitudeMode>{mode}</altitudeMode>" if mode else ""
    return f"<LineString>{word}<coordinates>{coordinates}</coordinates></LineString>"


def ring(coordinates: str) -> str:
    return f"<LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


CONFIG = """<wpml:missionConfig>
  <wpml:flyToWaylineMode>safely</wpml:flyToWaylineMode>
  <wpml:finishAction>goHome</wpml:finishAction>
  <wpml:takeOffSecurityHeight>20</wpml:takeOffSecurityHeight>
  <wpml:takeOffRefPoint>52.3000000,4.9000000,43.500000</wpml:takeOffRefPoint>
  <wpml:globalRTHHeight>60</wpml:globalRTHHeight>
</wpml:missionConfig>"""


def without(config: str, *names: str) -> str:
    """Return a mission configuration without the lines of some elements."""
    return "\n".join(row for row in config.splitlines() if not any(f"wpml:{name}>" in row for name in names))


def wpml(body: str, config: str = CONFIG, version: str = "1.0.6") -> bytes:
    """Return one of the two files of WPML."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
        f'xmlns:wpml="http://www.dji.com/wpmz/{version}"><Document>{config}{body}</Document></kml>'
    ).encode()


def executed(index: int, place: str, height: float | None = 50, more: str = "") -> str:
    """Return a waypoint of the waylines."""
    stated = "" if height is None else f"<wpml:executeHeight>{height}</wpml:executeHeight>"
    return (
        f"<Placemark><Point><coordinates>\n {place}\n</coordinates></Point><wpml:index>{index}</wpml:index>"
        f"{stated}{more}</Placemark>"
    )


def wayline(*placemarks: str, mode: str | None = "relativeToStartPoint", speed: str = "8") -> str:
    """Return one Folder of the waylines."""
    stated = "" if mode is None else f"<wpml:executeHeightMode>{mode}</wpml:executeHeightMode>"
    return (
        f"<Folder><wpml:templateId>0</wpml:templateId>{stated}<wpml:waylineId>0</wpml:waylineId>"
        f"<wpml:autoFlightSpeed>{speed}</wpml:autoFlightSpeed>{''.join(placemarks)}</Folder>"
    )


def template(*placemarks: str, mode: str = "relativeToStartPoint", kind: str = "waypoint") -> str:
    """Return one Folder of the template."""
    return (
        f"<Folder><wpml:templateType>{kind}</wpml:templateType><wpml:templateId>0</wpml:templateId>"
        f"<wpml:waylineCoordinateSysParam><wpml:coordinateMode>WGS84</wpml:coordinateMode>"
        f"<wpml:heightMode>{mode}</wpml:heightMode></wpml:waylineCoordinateSysParam>"
        f"<wpml:autoFlightSpeed>8</wpml:autoFlightSpeed><wpml:globalHeight>70</wpml:globalHeight>"
        f"{''.join(placemarks)}</Folder>"
    )


def planned(index: int, place: str, more: str) -> str:
    """Return a waypoint of the template."""
    return (
        f"<Placemark><Point><coordinates>{place}</coordinates></Point><wpml:index>{index}</wpml:index>"
        f"{more}</Placemark>"
    )


TWO = (executed(0, "4.9010000,52.3010000"), executed(1, "4.9020000,52.3020000", 80))


def kmz(waylines: bytes | None, edited: bytes | None = None) -> bytes:
    """Return a WPML archive."""
    parts = {"wpmz/template.kml": edited, "wpmz/waylines.wpml": waylines}
    return zipped({name: data for name, data in parts.items() if data is not None})


def gpx(body: str, version: str = "1.1") -> bytes:
    """Return a GPX file."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="{version}" creator="test" '
        f'xmlns="http://www.topografix.com/GPX/{version.replace(".", "/")}">{body}</gpx>'
    ).encode()


def geojson(value: Any) -> bytes:
    return json.dumps(value).encode()


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **more: Any) -> bytes:
    return geojson({"type": "FeatureCollection", "features": list(features), **more})


def ugcs(*segments: Any, **route: Any) -> bytes:
    """Return a UgCS file with one route."""
    whole = {
        "name": "survey",
        "scheduledTime": None,
        "takeoffHeight": None,
        "segments": list(segments),
        **route,
    }
    return geojson({"version": {"major": 5, "minor": 12}, "vehicleProfiles": [], "route": whole})


def segment(lat_rad: Any, lon_rad: Any, altitude: Any = 30.0, reference: str = "AGL", **more: Any) -> Any:
    point = {"latitude": lat_rad, "longitude": lon_rad, "altitude": altitude, "altitudeType": reference}
    parameters = {"speed": 4.0, "wpTurnType": "STRAIGHT"}
    return {"type": "Waypoint", "actions": [], "point": point, "parameters": parameters, **more}


def lying_about_size(archive: bytes, says: int) -> bytes:
    """Return an archive whose entries say in both headers that they unpack to so many bytes."""
    changed = bytearray(archive)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = archive.find(mark)
        while at >= 0:
            struct.pack_into("<I", changed, at + offset, says)
            at = archive.find(mark, at + 4)
    return bytes(changed)


GOOD: dict[str, bytes] = {
    "wpml": kmz(wpml(wayline(*TWO)), wpml(template(planned(0, "4.9,52.3", "<wpml:height>50</wpml:height>")))),
    "template": kmz(None, wpml(template(planned(0, "4.9,52.3", "<wpml:height>50</wpml:height>")))),
    "waylines": wpml(wayline(*TWO)),
    "kml": kml(
        placemark(line("4.9,52.3,30 4.91,52.31,40", "absolute"))
        + "<Folder>"
        + placemark(
            "<Polygon><outerBoundaryIs>"
            + ring("4.9,52.3 4.91,52.3 4.91,52.31 4.9,52.3")
            + "</outerBoundaryIs></Polygon>"
        )
        + "</Folder>"
        + placemark(
            "<gx:Track><altitudeMode>absolute</altitudeMode><when>2026-05-01T10:00:00Z</when>"
            "<when>2026-05-01T10:01:00Z</when><gx:coord>4.9 52.3 30</gx:coord>"
            "<gx:coord>4.91 52.31 31</gx:coord></gx:Track>"
        )
    ),
    "gpx": gpx(
        '<wpt lat="52.3" lon="4.9"/><rte><name>r</name><rtept lat="52.3" lon="4.9"><ele>30</ele></rtept>'
        '<rtept lat="52.31" lon="4.9"/></rte><trk><trkseg><trkpt lat="52.3" lon="4.9">'
        "<time>2026-05-01T10:00:00Z</time></trkpt></trkseg></trk>"
    ),
    "geojson": collection(
        feature(
            "LineString", [[4.9, 52.3, 20], [4.91, 52.31, 30]], max_altitude={"meters": 50, "datum": "agl"}
        ),
        feature(
            "Polygon",
            [[[4.9, 52.3], [4.91, 52.3], [4.91, 52.31], [4.9, 52.3]]],
            start_time="2026-05-01T10:00Z",
        ),
        feature("Point", [4.9, 52.3]),
    ),
    "ugcs": ugcs(segment(0.9127, 0.0855), segment(0.9128, 0.0856)),
}
GOOD["kmz"] = zipped({"doc.kml": GOOD["kml"]})
