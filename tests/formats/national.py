"""Documents in every dialect, of our own making, in the shape of what is published; each has two zones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.documents import feature

BOM = b"\xef\xbb\xbf"


def ring(lon: float, lat: float) -> list[list[float]]:
    """Return a square of a tenth of a degree."""
    return [[lon, lat], [lon + 0.1, lat], [lon + 0.1, lat + 0.1], [lon, lat + 0.1], [lon, lat]]


def zone269(identifier: str, country: str, lon: float, lat: float, **members: Any) -> dict[str, Any]:
    """Return an ED-269 zone: a square from the surface to 120 m, for which permission is needed; None leaves out."""
    volume = {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
        "horizontalProjection": {"type": "Polygon", "coordinates": [ring(lon, lat)]},
    }
    zone = {
        "identifier": identifier,
        "country": country,
        "name": f"Zone {identifier}",
        "type": "COMMON",
        "restriction": "REQ_AUTHORISATION",
        "reason": ["AIR_TRAFFIC"],
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"name": "Office", "email": "zones@example.org", "purpose": "AUTHORIZATION"}],
        "geometry": [volume | members.pop("volume", {})],
    }
    return {name: value for name, value in (zone | members).items() if value is not None}


def finland() -> dict[str, Any]:
    period = {
        "permanent": "YES",
        "startDateTime": "2020-12-31T00:00:00.00Z",
        "endDateTime": "2050-04-14T21:00:00.00Z",
        "schedule": [{"day": ["ANY"], "startTime": "00:00:00Z", "endTime": "23:59:59Z"}],
    }
    office = [{"name": "Traficom", "siteUrl": "https://example.org/uas"}]
    floorless = {"lowerLimit": None, "upperLimit": None}
    return {
        "title": "Finnish UASZoneVersion 2026-7-29",
        "features": [
            zone269("EFXXUAS1", "FIN", 24.9, 60.3, applicability=[period], zoneAuthority=office),
            zone269("EFXXUAS2", "FIN", 25.9, 60.3, applicability=[period], volume=floorless),
        ],
    }


def luxembourg() -> dict[str, Any]:
    day = {
        "permanent": "NO",
        "startDateTime": "2026-08-01T06:00:00+00:00",
        "endDateTime": "2026-08-01T18:00:00+00:00",
    }
    return {
        "title": "Luxembourg UAS geographical zones",
        "features": [
            zone269("LU-X-001", "LUX", 6.1, 49.6, zoneAuthority=None, restriction="PROHIBITED"),
            zone269("LU-X-002", "LUX", 6.2, 49.7, zoneAuthority=None, applicability=[day]),
        ],
    }


def switzerland() -> dict[str, Any]:
    open_above = {"upperLimit": 99999, "upperVerticalReference": "AMSL"}
    return {
        "title": "SwissUASGeozones - created on 2026-08-02T10:04:59+02:00",
        "description": "Swiss UAS Geozones according to ED-269 - format version 1.0",
        "features": [
            zone269("CH-X-1", "CHE", 7.4, 46.9, volume=open_above),
            zone269("CH-X-2", "CHE", 8.6, 47.2, zoneAuthority=[{"name": "Police", "intervalBefore": "P30D"}]),
        ],
    }


def austria() -> list[dict[str, Any]]:
    return [
        zone269("LOXX1", "AUT", 16.3, 48.2, regulationExemption="YES", restriction="CONDITIONAL"),
        zone269("LOXX2", "AUT", 14.3, 48.2, regulationExemption="YES", restrictionConditions="RST02"),
    ]


def bulgaria() -> dict[str, Any]:
    return {
        "features": [
            zone269("BGR00001", "BGR", 23.3, 42.7, regulationExemption="No", region="", uSpaceClass=["No"]),
            zone269("BGR00002", "BGR", 24.3, 42.7, uSpaceClass='{"class": "no"}', region="0"),
        ]
    }


def latvia() -> dict[str, Any]:
    many = zone269("LV-X-1", "LVA", 24.1, 56.9, reason="Air traffic, SENSITIVE")
    many["geometry"] = [
        many["geometry"][0]
        | {"horizontalProjection": {"type": "Polygon", "coordinates": [ring(24 + n / 5, 57)]}}
        for n in range(26)
    ]
    return {"features": [many, zone269("LV-X-2", "LVA", 22.1, 56.9, reason="SAFETY")]}


def norway() -> dict[str, Any]:
    return {
        "features": [
            zone269("NO-X-1", "NOR", 10.7, 59.9, applicability=None),
            zone269("NO-X-2", "NOR", 5.3, 60.4, applicability=None, message=None),
        ]
    }


def france() -> dict[str, Any]:
    html = '<p>Vol <b>interdit</b></p><script>alert("x")</script>' + "é" * 1700
    return {
        "features": [
            zone269("FR-X-1", "FRA", 2.3, 48.8, message=html, reason="AIR_TRAFFIC, OTHER"),
            zone269("FR-X-2", "FRA", 5.3, 43.3, otherReasonInfo="x" * 121),
        ]
    }


def zone_list() -> dict[str, Any]:
    nothing = {
        "permanent": "YES",
        "startDateTime": None,
        "dailyPeriod": [{"day": [], "startTime": None, "endTime": None}],
    }
    volume = {"lowerLimit": "0", "upperLimit": None}
    return {
        "formatVersion": "1.0.0",
        "createdAt": "2026-11-01T14:50:33Z",
        "UASZoneList": [
            zone269("LSXX1", "CHE", 6.1, 46.2, applicability=[nothing], volume=volume, message="MSG01"),
            zone269("LSXX2", "CHE", 7.1, 46.2),
        ],
    }


def objects_2020() -> dict[str, Any]:
    def zone(identifier: str, lon: float) -> dict[str, Any]:
        corners = [{"LAT": f"{y}", "LON": f"{x}"} for x, y in ring(lon, 50.8)]
        return {
            "identifier": identifier,
            "country": "BEL",
            "name": "Park",
            "type": "COMMON",
            "restriction": "REQ_AUTHORISATION",
            "restrictionConditions": ["special conditions"],
            "region": 1,
            "reason": ["AIR_TRAFFIC"],
            "applicability": {
                "permanent": "YES",
                "dailyPeriod": [{"day": "MON", "startTime": "09:00:00+00:00", "endTime": "18:00:00+00:00"}],
            },
            "zoneAuthority": {"name": "Office", "email": "zones@example.org", "purpose": "AUTHORIZATION"},
            "geometry": {
                "lowerLimit": 0,
                "lowerVerticalReference": "AGL",
                "upperLimit": 100,
                "upperVerticalReference": "WGS84",
                "polygon": corners,
            },
        }

    return {
        "uas_zones": [zone("4rf04r0", 4.3), zone("4rf04r1", 4.9)],
        "genericReply": {"RequestStatus": "OK"},
    }


def ireland() -> dict[str, Any]:
    def zone(identifier: str, lon: float, **properties: Any) -> dict[str, Any]:
        layer = {
            "upper": 2500.0,
            "upperReference": "AMSL",
            "lower": 0.0,
            "lowerReference": "AGL",
            "uom": "ft",
        }
        office = {"purpose": "AUTHORIZATION", "name": "Tower", "email": "t@example.org", "phone": None}
        common = {
            "identifier": identifier,
            "country": "IRL",
            "name": "Zone - Red Zone",
            "type": "REQ_AUTHORIZATION",
            "variant": "COMMON",
            "restrictionConditions": None,
            "reason": "AIR_TRAFFIC",
            "message": "Ask first.",
            "region": None,
            "zoneAuthority": [office],
        }
        geometry = {"type": "MultiPolygon", "layer": layer, "coordinates": [[ring(lon, 52.6)]]}
        return {"type": "Feature", "properties": common | properties, "geometry": geometry}

    return {
        "type": "FeatureCollection",
        "name": "UAS_Zones_Ireland",
        "datasetMetadata": {
            "provider": "Irish Aviation Authority",
            "issued": "2026-08-04T22:00:00+00:00",
            "validFrom": "2026-08-04T22:00:00+00:00",
            "technicalLimitation": None,
        },
        "features": [zone("U901", -8.5), zone("U902", -6.5, zoneAuthority=[], message=None)],
    }


def sweden() -> dict[str, Any]:
    name = [{"text": "Heliport", "lang": "en-GB"}, {"text": "Helikopterflygplats", "lang": "se-SE"}]
    period = {
        "startDateTime": "2026-01-01T00:00Z",
        "endDateTime": "2027-08-31T23:59Z",
        "schedule": [{"day": ["MON"], "startTime": "06:00Z", "endTime": "21:00Z"}],
    }
    office = [{"name": [{"text": "Transportstyrelsen", "lang": "se-SE"}]}]
    members: dict[str, Any] = {
        "country": "SWE",
        "type": "REQ_AUTHORIZATION",
        "name": name,
        "zoneAuthority": office,
        "limitedApplicability": [period],
    }
    layer = {"upper": 150, "upperReference": "AGL", "lower": 0, "lowerReference": "AGL", "uom": "m"}
    return {
        "type": "FeatureCollection",
        "metadata": {"provider": [{"lang": "en-GB", "text": "Office"}], "issued": "2026-08-13T00:00:00Z"},
        "features": [
            feature(
                f"ESU90{n}", geometry={"type": "Polygon", "coordinates": [ring(15 + n, 59)], "layer": layer}
            )
            | {"properties": {**feature(f"ESU90{n}")["properties"], **members}}
            for n in (1, 2)
        ],
    }


def norway318() -> dict[str, Any]:
    office = {
        "purpose": "AUTHORIZATION",
        "name": [{"text": "Tårn", "lang": "nb-NO"}],
        "email": [{"text": "a@example.org", "lang": "en-GB"}],
        "phone": {"text": 4712345678, "lang": "en-GB"},
    }
    return {
        "type": "FeatureCollection",
        "features": [
            {
                **feature(f"NO{n}", country="NOR", type="REQ_AUTHORIZATION", zoneAuthority=[office]),
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [ring(10 + n, 60)],
                    "layer": {"upper": 120, "upperReference": "AGL"},
                },
            }
            for n in (1, 2)
        ],
    }


def enaire() -> dict[str, Any]:
    def zone(identifier: str, lon: float) -> dict[str, Any]:
        return {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring(lon, 40.4)]},
            "properties": {
                "OBJECTID": 7,
                "SHAPE_Area": 0.1,
                "UASZone": {
                    "identifier": identifier,
                    "country": "ESP",
                    "name": "ATZ",
                    "type": "REQ_AUTHORIZATION",
                    "variant": "COMMON",
                    "restrictionConditions": "",
                    "region": 0,
                    "reasons": "AIR_TRAFFIC, SENSITIVE",
                    "otherReasonInfo": "",
                    "regulationExemption": "SI",
                    "message": "<b>Coordine</b> con la torre",
                    "extendedProperties": "ATZ",
                },
                "verticalLayer": {
                    "upper": 300,
                    "upperReference": "AMSL",
                    "lower": 0,
                    "lowerReference": "AGL",
                    "uom": "M",
                },
                "zoneAuthority": {"name": "Torre", "email": ["a@example.org"], "purpose": "AUTHORIZATION"},
                "limitedApplicability": {"startDateTime": "", "endDateTime": "", "day": "", "startTime": ""},
                "datasetMetadata": {
                    "provider": "ENAIRE",
                    "issued": "2026-07-09T00:00:00Z",
                    "validFrom": "2026-07-09T00:00:00Z",
                },
            },
        }

    return {"type": "FeatureCollection", "features": [zone("LEXX1", -3.7), zone("LEXX2", -4.7)]}


def enaire_flat() -> dict[str, Any]:
    def zone(identifier: str, lon: float) -> dict[str, Any]:
        return {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring(lon, 40.4)]},
            "properties": {
                "OBJECTID": 9,
                "identifier": identifier,
                "country": "ESP",
                "name": "None",
                "type": "PROHIBITED",
                "variant": "COMMON",
                "restrictionConditions": "None",
                "reasons": "SENSITIVE",
                "message": "Zona protegida",
                "lower": "0",
                "lowerReference": "AGL",
                "upper": "328",
                "upperReference": "AGL",
                "uom": "FT",
                "name_authority": "Ministerio",
                "email": "m@example.org",
                "phone": 34910000000,
                "purpose": "AUTHORIZATION",
                "intervalBefore": "PT48H",
                "startDateTime": "2026-01-01T00:00:00",
                "endDateTime": "",
                "day": "MON, TUE",
                "startTime": "06:00Z",
                "endTime": "20:00Z",
            },
        }

    return {"type": "FeatureCollection", "features": [zone("PX1", -3.7), zone("PX2", -4.7)]}


def estonia() -> dict[str, Any]:
    def zone(identifier: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
        return {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": coordinates},
            "properties": {
                "identifier": identifier,
                "country": "EST",
                "name": "Zone",
                "type": "COMMON",
                "restriction": "REQ_AUTHORISATION",
                "restrictionConditions": "",
                "reason": "Air traffic",
                "message": "",
                "extendedProperties": {},
                "geometry": {
                    "uomDimensions": "M",
                    "lowerLimit": 0,
                    "lowerVerticalReference": "AGL",
                    "upperLimit": 120,
                    "upperVerticalReference": "AGL",
                },
                "applicability": [{"permanent": "YES", "schedule": []}],
                "zoneAuthority": [{"name": "EANS", "siteURL": "", "email": "", "purpose": "AUTHORIZATION"}],
                "metaData": {"creationDateTime": "2026-04-08T07:32:17.571Z"},
                "lower": "SFC",
                "lowerMeters": 0,
                "upper": "120 M AGL",
                "upperMeters": 120,
                "hidden": False,
            }
            | properties,
        }

    high = {
        "uomDimensions": "M",
        "lowerLimit": 121,
        "lowerVerticalReference": "AGL",
        "upperLimit": 9999,
        "upperVerticalReference": "AGL",
    }
    return {
        "type": "FeatureCollection",
        "features": [
            zone("EE901", [ring(25.0, 58.8)]),
            zone(
                "EEGZS9",
                [ring(24.0, 58.0)],
                restriction="PROHIBITED",
                hidden=True,
                upper="UNL",
                upperMeters=9999,
                geometry=high,
            ),
        ],
    }


def with_ed269() -> dict[str, Any]:
    def zone(identifier: str, lon: float) -> dict[str, Any]:
        geometry = {"type": "Polygon", "coordinates": [ring(lon, 3.1)]}
        volume = {
            "uomDimensions": "M",
            "lowerLimit": 0,
            "lowerVerticalReference": "AGL",
            "upperLimit": 152,
            "upperVerticalReference": "AMSL",
            "horizontalProjection": geometry,
        }
        return {
            "type": "Feature",
            "geometry": geometry,
            "properties": {
                "identifier": identifier,
                "country": "MYS",
                "name": "Flying",
                "type": "COMMON",
                "restriction": "CONDITIONAL",
                "reason": ["AIR_TRAFFIC"],
                "applicability": [
                    {"startDateTime": "2026-04-01T00:00:00Z", "endDateTime": "2027-04-01T00:00:00Z"}
                ],
                "zoneAuthority": [{"name": "WMFC", "purpose": "INFORMATION", "intervalBefore": "PT24H"}],
                "geometry": [volume],
                "_source": {"notamNumber": identifier},
            },
        }

    return {
        "type": "FeatureCollection",
        "features": [zone("C1001/26", 101.6), zone("C1002/26", 102.6)],
        "_metadata": {"standard": "ED-318"},
    }


def ed269() -> dict[str, Any]:
    return {"features": [zone269("2.a", "NLD", 5.2, 52.0), zone269("2.b", "NLD", 5.4, 52.0)]}


def ed318() -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [feature("A1"), feature("A2", type="CONDITIONAL")]}


DOCUMENTS: dict[str, tuple[str, Callable[[], Any]]] = {
    "ed269": ("ed269", ed269),
    "ed269-uaszonelist": ("ed269-uaszonelist", zone_list),
    "ed269-2020": ("ed269-2020", objects_2020),
    "ed269-finland": ("ed269-finland", finland),
    "ed269-luxembourg": ("ed269-luxembourg", luxembourg),
    "ed269-switzerland": ("ed269-switzerland", switzerland),
    "ed269-austria": ("ed269-austria", austria),
    "ed269-bulgaria": ("ed269-bulgaria", bulgaria),
    "ed269-latvia": ("ed269-latvia", latvia),
    "ed269-norway": ("ed269-norway", norway),
    "ed269-france": ("ed269-france", france),
    "eans": ("eans", estonia),
    "ed318": ("ed318", ed318),
    "ed318-ireland": ("ed318-ireland", ireland),
    "ed318-sweden": ("ed318-sweden", sweden),
    "ed318-norway": ("ed318-norway", norway318),
    "ed318-enaire": ("ed318-enaire", enaire),
    "ed318-enaire, flat": ("ed318-enaire", enaire_flat),
    "ed318-with-ed269": ("ed318-with-ed269", with_ed269),
}
"""A document of each dialect, and the dialect's name."""


def zones_of(document: Any) -> list[Any]:
    """Return the list of zones in a document, which may be changed in place."""
    if isinstance(document, list):
        return document
    return next(document[name] for name in ("features", "UASZoneList", "uas_zones") if name in document)


def written(document: Any) -> bytes:
    """Return a document as its publisher sends it."""
    return BOM + json.dumps(document).encode()
