"""The content of a draft, from JSON to what it would publish, or everything that is wrong with it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.drafting import DraftContent, Item
from zones_api.domain.geometry import Polygon, Region, footprint
from zones_api.domain.reasons import Reason
from zones_api.domain.texts import Bilingual
from zones_api.errors import Defect
from zones_api.formats import ed318, strict_json
from zones_api.formats.document import near_home, short_named
from zones_api.formats.members import Found, date_time

_MEMBERS = {"title", "data_set", "legal_reference", "reason", "items", "coverage", "emergency"}
_ITEM = {
    "assert": {"feature", "valid"},
    "withdraw": {"country", "identifier", "valid"},
    "undo": {"country", "identifier"},
}
"""The members of an item by what it is to change, besides `change` and `mends`; what mends has no `valid`."""
_MEANT = {Reason.TEXT_LIMITS_APPLICABILITY, Reason.SCHEDULE_WITHOUT_DST}
"""What may be as its author means it; everything else that leaves a doubt must be mended first."""
MAX_ITEMS = 10_000
SHORT_NAME = "[a-z0-9][a-z0-9-]{0,62}"


@dataclass(frozen=True)
class ReadDraft:
    """A draft's content as far as it can be read; None where something stops it. `defects` are all there are."""

    content: DraftContent | None
    defects: tuple[Defect, ...]


def read_draft(value: Mapping[str, Any], now: datetime) -> ReadDraft:
    """Read the content of a draft and name everything that is wrong with it at once.

    What leaves an imported zone in force with a flag stops a draft: here its author can mend it.

    Args:
        value: The content, as its authors sent it.
        now: When it would be published.
    """
    found = Found()
    for name in sorted(value.keys() - _MEMBERS):
        found.stop(
            "MEMBER_UNKNOWN",
            f"/{name}",
            Bilingual("There is no such member of a draft.", "Zo'n onderdeel heeft een concept niet."),
        )
    texts = {
        name: _text(value.get(name), f"/{name}", found) for name in ("title", "data_set", "legal_reference")
    }
    if texts["data_set"] and not re.fullmatch(SHORT_NAME, texts["data_set"]):
        what = Bilingual(
            "A data set's name is small letters, digits and dashes, at most 63.",
            "De naam van een dataset is kleine letters, cijfers en streepjes, hoogstens 63.",
        )
        found.stop("DATA_SET_INVALID", "/data_set", what)
    reason = value.get("reason")
    if reason is not None and not (isinstance(reason, str) and reason.strip()):
        found.stop(
            "REASON_INVALID",
            "/reason",
            Bilingual(
                "The reason must be a sentence, or left out.", "De reden is een zin, of wordt weggelaten."
            ),
        )
    emergency = value.get("emergency", False)
    if not isinstance(emergency, bool):
        found.stop(
            "EMERGENCY_INVALID",
            "/emergency",
            Bilingual("`emergency` is true or false.", "`emergency` is true of false."),
        )
    items = value.get("items")
    if not isinstance(items, list) or not items:
        found.stop(
            "ITEMS_MISSING",
            "/items",
            Bilingual("A draft changes at least one zone.", "Een concept verandert minstens één zone."),
        )
        items = []
    if len(items) > MAX_ITEMS:
        found.stop(
            "ITEMS_TOO_MANY",
            "/items",
            Bilingual(
                f"A draft changes at most {MAX_ITEMS} zones.",
                f"Een concept verandert hoogstens {MAX_ITEMS} zones.",
            ),
        )
        items = []
    read = [_item(item, f"/items/{number}", found, now) for number, item in enumerate(items)]
    _once_each(read, found, now)
    corrects = [n for n, item in enumerate(read) if item and item.start is not None and item.start < now]
    if corrects and not reason:
        what = Bilingual(
            f"Item {corrects[0] + 1} changes what applied in the past: say why in `reason`.",
            f"Zone {corrects[0] + 1} van het concept verandert wat eerder gold: zeg waarom het gepubliceerd wordt (`reason`).",
        )
        found.stop("REASON_MISSING", "/reason", what)
    coverage = _coverage(value.get("coverage"), found)
    if any(defect.severity == "stop" for defect in found.defects):
        return ReadDraft(None, tuple(found.defects))
    content = DraftContent(
        **texts,
        reason=reason,
        items=tuple(item for item in read if item is not None),
        coverage=coverage,
        emergency=emergency,
    )
    return ReadDraft(content, tuple(found.defects))


def _text(value: Any, at: str, found: Found) -> str:
    if isinstance(value, str) and value.strip():
        if any(ord(letter) < 32 for letter in value):
            found.stop(
                "MEMBER_INVALID",
                at,
                Bilingual("This text has a control character in it.", "In deze tekst staat een stuurteken."),
            )
        return value
    found.stop(
        "MEMBER_MISSING",
        at,
        Bilingual(
            "This is missing: it must be a text that is not empty.",
            "Dit ontbreekt: het moet een tekst zijn die niet leeg is.",
        ),
    )
    return ""


def _item(value: Any, at: str, found: Found, now: datetime) -> Item | None:
    change = value.get("change") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(change, str) or change not in _ITEM:
        found.stop(
            "CHANGE_UNKNOWN",
            f"{at}/change",
            Bilingual(
                "An item's `change` is `assert`, `withdraw` or `undo`.",
                "De `change` van een onderdeel is `assert`, `withdraw` of `undo`.",
            ),
        )
        return None
    mends = value.get("mends")
    if (mends is not None or change == "undo") and not _is_digest(mends):
        what = Bilingual(
            "`mends` is the SHA-256 of a feature that was set aside, in 64 small hexadecimal digits.",
            "`mends` is de SHA-256 van een zone die apart werd gezet, in 64 kleine hexadecimale cijfers.",
        )
        found.stop("MENDS_INVALID", f"{at}/mends", what)
        return None
    members = {"change", "mends", *_ITEM[change]} - ({"valid"} if mends is not None else set())
    for name in sorted(value.keys() - members):
        doing = "mend" if mends is not None else change
        found.stop(
            "MEMBER_UNKNOWN",
            f"{at}/{name}",
            Bilingual(
                f"An item that is to {doing} has no such member.",
                f"Een onderdeel met `{doing}` heeft zo'n veld niet.",
            ),
        )
    start, end = _valid(value.get("valid"), f"{at}/valid", found, now)
    if change != "assert":
        country = _text(value.get("country"), f"{at}/country", found)
        identifier = _text(value.get("identifier"), f"{at}/identifier", found)
        return Item(country, identifier, start, end, mends=mends, undoes=change == "undo")
    inside = Found()
    here = f"{at}/feature"
    zone = short_named(
        near_home(ed318.read_feature(value.get("feature"), inside, here), inside, here),
        inside,
        f"{here}{ed318.IDENTIFIER}",
    )
    for defect in inside.defects:
        if defect.severity == "note":
            found.defects.append(defect)
        elif defect.code in _MEANT:
            found.defects.append(replace(defect, severity="warn"))
        else:
            found.defects.append(replace(defect, severity="stop"))
    if zone is None:
        return None
    content = strict_json.canonical([value["feature"]])
    return Item(zone.country, zone.identifier, start, end, zone, content, mends=mends)


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _valid(value: Any, at: str, found: Found, now: datetime) -> tuple[datetime | None, datetime | None]:
    value = {} if value is None else value
    if not isinstance(value, dict) or value.keys() - {"from", "to"}:
        found.stop(
            "VALID_INVALID",
            at,
            Bilingual("`valid` has the members `from` and `to`.", "`valid` heeft de velden `from` en `to`."),
        )
        return None, None
    ends: list[datetime | None] = []
    for name in ("from", "to"):
        given = value.get(name)
        moment = date_time(given) if isinstance(given, str) else None
        if moment is not None and moment.tzinfo is None:
            moment = None
        if given is not None and moment is None:
            found.stop(
                "TIME_INVALID",
                f"{at}/{name}",
                Bilingual(
                    "A time is written as 2026-05-01T12:00:00Z, with its offset.",
                    "Een tijd wordt geschreven als 2026-05-01T12:00:00Z, met zijn verschil met UTC.",
                ),
            )
        ends.append(moment)
    start, end = ends
    if end is not None and end <= (start or now):
        found.stop(
            "END_BEFORE_START",
            f"{at}/to",
            Bilingual("This ends before it starts.", "Dit eindigt voordat het begint."),
        )
    return start, end


def first_start(value: Mapping[str, Any]) -> datetime | None:
    """Return when a draft's first change starts, None for its publication or where that cannot be read yet."""
    items = value.get("items")
    starts = []
    for item in items if isinstance(items, list) else []:
        valid = item.get("valid") if isinstance(item, dict) else None
        given = valid.get("from") if isinstance(valid, dict) else None
        start = date_time(given) if isinstance(given, str) else None
        if start is None or start.tzinfo is None:
            return None
        starts.append(start)
    return min(starts, default=None)


def _once_each(items: list[Item | None], found: Found, now: datetime) -> None:
    """A zone may stand in a draft more than once, over spans that do not meet."""
    seen: dict[tuple[str, str], list[tuple[datetime, datetime | None]]] = defaultdict(list)
    mended: set[str] = set()
    for number, item in enumerate(items):
        if item is None:
            continue
        if item.mends in mended:
            what = Bilingual(
                "This draft decides twice of one zone that was set aside.",
                "Dit concept besluit tweemaal over één zone die apart werd gezet.",
            )
            found.stop("ITEM_TWICE", f"/items/{number}/mends", what)
        mended |= {item.mends} if item.mends is not None else set()
        start, end = item.start or now, item.end
        for other_start, other_end in seen[item.country, item.identifier]:
            if (other_end is None or start < other_end) and (end is None or other_start < end):
                what = Bilingual(
                    f"Zone {item.country} {item.identifier} is changed twice over one time in this draft.",
                    f"Zone {item.country} {item.identifier} wordt in dit concept tweemaal over dezelfde tijd veranderd.",
                )
                found.stop("ITEM_TWICE", f"/items/{number}", what)
        seen[item.country, item.identifier].append((start, end))


def _coverage(value: Any, found: Found) -> BaseGeometry | None:
    if value is None:
        return None
    try:
        area = shapely.from_geojson(strict_json.canonical(value))
    except shapely.errors.GEOSException:
        area = None
    if (
        area is None
        or area.geom_type not in ("Polygon", "MultiPolygon")
        or (area.is_empty and area.geom_type == "Polygon")
        or not area.is_valid
    ):
        what = Bilingual(
            "The coverage is a valid GeoJSON Polygon or MultiPolygon; one without polygons takes it away.",
            "De dekking is een geldige GeoJSON-Polygon of -MultiPolygon; een zonder vlakken neemt haar weg.",
        )
        found.stop("COVERAGE_INVALID", "/coverage", what)
        return None
    return shapely.union_all([_certain(part) for part in shapely.get_parts(area)])


def _certain(polygon: shapely.Polygon) -> BaseGeometry:
    """Return where a polygon is however its long edges are read: coverage is drawn inward."""
    rings = [[(lon, lat) for lon, lat, *_ in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]
    region = footprint(Polygon(tuple(rings[0]), tuple(tuple(ring) for ring in rings[1:])))
    return region.certain if isinstance(region, Region) else shapely.MultiPolygon()
