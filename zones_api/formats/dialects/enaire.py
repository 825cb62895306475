"""Spain: ENAIRE's ED-318, with the zone inside a member of the properties, or with everything flat beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from zones_api.domain.reasons import Reason
from zones_api.formats import ed318
from zones_api.formats.dialects.dialect import Dialect, Metadata, features_of, is_collection
from zones_api.formats.dialects.reshaping import Reshaping, Step
from zones_api.formats.dialects.steps import empty_where, moved, passed_over, reasons_at, yes_or_no
from zones_api.formats.members import Found, absent, as_list, as_number, as_text, date_time, texts

_ZONE = (
    "identifier",
    "country",
    "name",
    "type",
    "variant",
    "restrictionConditions",
    "region",
    "reasons",
    "reason",
    "otherReasonInfo",
    "regulationExemption",
    "message",
    "extendedProperties",
)
_LAYER = ("lower", "lowerReference", "upper", "upperReference", "uom")
_AUTHORITY = ("service", "contactName", "siteURL", "email", "phone", "purpose", "intervalBefore")
_DAY = ("day", "startTime", "startEvent", "endTime", "endEvent")
_PERIOD = "/properties/limitedApplicability"
_OWN = (
    "OBJECTID",
    "GFID",
    "GlobalID",
    "SHAPE_Area",
    "SHAPE_Length",
    "Shape__Area",
    "Shape__Length",
    "datasetMetadata",
    "creationDateTime",
    "updateDateTime",
    "author",
    "provider",
    "issued",
    "validFrom",
    "validTo",
    "technicalLimitation",
    "otherGeoid",
)
_FROM_REFERENCE_POINT = re.compile(
    r"medid[oa]s?\s+(?:desde|sobre)\s+el\s+punto\s+de\s+referencia|measured\s+from\s+the\s+\w+\s+reference\s+point",
    re.IGNORECASE,
)


def _properties(value: Any) -> Iterator[dict[str, Any]]:
    for feature in features_of(value, "/features") if is_collection(value) else []:
        if isinstance(feature, dict) and isinstance(feature.get("properties"), dict):
            yield feature["properties"]


def _recognises(value: Any) -> bool:
    of_its_own = {"UASZone", "verticalLayer", "lowerReference", "upperReference"}
    return any(not of_its_own.isdisjoint(each) for each in _properties(value))


def _gathered(names: dict[str, str], into: str) -> Step:
    """Read flat members as one object, unless there is one already."""

    def step(shape: Reshaping) -> None:
        if absent(shape.get(into)):
            for name, member in names.items():
                shape.move(f"/properties/{name}", f"{into}/{member}")

    return step


def _daily(shape: Reshaping) -> None:
    """Read the days and times beside a period's dates as its schedule, and days in one text as several."""
    for period in list(shape.each(_PERIOD)):
        if not isinstance(shape.get(period), dict):
            continue
        if absent(shape.get(f"{period}/schedule")):
            for name in _DAY:
                shape.move(f"{period}/{name}", f"{period}/schedule/{name}")
        for entry in list(shape.each(f"{period}/schedule")):
            shape.change(f"{entry}/day", _days)


def _days(value: Any) -> Any:
    return [day for day in re.split(r"[,;\s]+", value) if day] if isinstance(value, str) else value


def _heights_from_reference_point(shape: Reshaping) -> None:
    """Do not take a height for one above ground where the message says that it is measured from another point."""
    if not any(
        _FROM_REFERENCE_POINT.search(text[:10_000]) for text in _strings(shape.get("/properties/message"))
    ):
        return
    for end in ("lower", "upper"):
        at = f"/geometry/layer/{end}Reference"
        above_ground = (as_text(shape.get(at)) or "").upper() == "AGL"
        if above_ground and as_number(shape.get(f"/geometry/layer/{end}")) not in (None, 0.0, 99_999.0):
            what = (
                f"The message says that heights are measured from a reference point: the {end} limit is not above"
                " the ground."
            )
            shape.found.flag(Reason.LIMIT_UNREADABLE, shape.published_at(at), what)
            shape.put(at, None, shape.published_at(at))


def _strings(value: Any) -> Iterator[str]:
    for item in as_list(value):
        text = item.get("text") if isinstance(item, dict) else item
        if isinstance(text, str):
            yield text


def _metadata(value: Any, found: Found) -> Metadata:
    """Return what all features say of the data set: the oldest issue, the latest start and the earliest end.

    A date without an offset is taken where it does the least: as long ago as it may mean, or as short a validity.
    """
    read = ed318.read_metadata(value, found)
    said = [_said(each) for each in _properties(value)]
    for member, name, choose in (
        ("issued", "issued", min),
        ("validFrom", "valid_from", max),
        ("validTo", "valid_to", min),
    ):
        moments = {_moment(each.get(member), late=choose is max) for each in said} - {None}
        if read.get(name) is None and moments:
            read[name] = choose(moment for moment in moments if moment is not None)
        if len(moments) > 1:
            what = f"The features name {len(moments)} different values of {member}; the most cautious counts."
            found.note(Reason.MEMBER_INVALID, "/features", what)
    provider = next((each["provider"] for each in said if not absent(each.get("provider"))), None)
    read["provider"] = read["provider"] or texts(provider, Found(), "", tagged=True)
    return read


def _said(properties: dict[str, Any]) -> dict[str, Any]:
    inside = properties.get("datasetMetadata")
    return inside if isinstance(inside, dict) else properties


def _moment(value: Any, *, late: bool) -> datetime | None:
    read = date_time(value)
    if read is None or read.tzinfo is not None:
        return read
    earliest, latest = (f"{value}{offset}" for offset in ("+14:00", "-12:00"))
    return date_time(latest if late else earliest)


DIALECT = Dialect(
    "ed318-enaire",
    "ENAIRE, Spain",
    ed318,
    recognises=_recognises,
    fits=_recognises,
    locate=lambda _value: "/features",
    metadata=_metadata,
    steps=(
        empty_where("/properties", frozenset({"None", "null"})),
        *(moved(f"/properties/UASZone/{name}", f"/properties/{name}") for name in _ZONE),
        moved("/properties/reasons", "/properties/reason"),
        moved("/properties/description", "/properties/message"),
        moved("/properties/verticalLayer", "/geometry/layer"),
        _gathered({name: name for name in _LAYER} | {"UOM": "uom"}, "/geometry/layer"),
        moved("/geometry/layer/UOM", "/geometry/layer/uom"),
        _gathered(
            {"name_authority": "name"} | {name: name for name in _AUTHORITY}, "/properties/zoneAuthority"
        ),
        _gathered({name: name for name in ("startDateTime", "endDateTime", *_DAY)}, _PERIOD),
        _daily,
        reasons_at("/properties/reason"),
        yes_or_no("/properties/regulationExemption"),
        _heights_from_reference_point,
        passed_over(*(f"/properties/{name}" for name in _OWN)),
    ),
)
