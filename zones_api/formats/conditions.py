"""Conditions that an authority coded, in `extendedProperties.coded_conditions` of either format.

A list of objects, of which the first that fits an operation decides::

    {"when": {"category": ["open"], "uas_class": ["C0", "C1"], "max_takeoff_mass_g": 250, "vlos": true,
              "max_height_m": 50},
     "then": {"type": "NO_RESTRICTION", "max_height_m": 50}}

Every member of `when` may be left out; `type` is a word of ED-318.
"""

from __future__ import annotations

from typing import Any

from zones_api.domain.reasons import Reason
from zones_api.domain.zone import CodedCondition, ZoneType
from zones_api.formats.members import Found, absent, as_list, as_number, as_text, word

_WORDS = {
    "category": ("open", "specific", "certified"),
    "subcategory": ("A1", "A2", "A3"),
    "uas_class": ("C0", "C1", "C2", "C3", "C4", "C5", "C6", "none"),
}
_NUMBERS = ("max_takeoff_mass_g", "max_height_m")
_MOST = 100


def coded_conditions(
    extended: Any, zone_type: ZoneType | None, found: Found, at: str
) -> tuple[CodedCondition, ...]:
    """Return the coded conditions of a zone; none where any of them cannot be read, which is flagged.

    Those of a zone that is not CONDITIONAL are not read: its word decides.
    """
    given = extended.get("coded_conditions") if isinstance(extended, dict) else None
    if absent(given):
        return ()
    here = f"{at}/coded_conditions"
    if zone_type is not ZoneType.CONDITIONAL:
        found.note(
            Reason.MEMBER_INVALID, here, "Only a CONDITIONAL zone has coded conditions; its type decides."
        )
        return ()
    items = as_list(given)
    if len(items) > _MOST:
        found.flag(Reason.MEMBER_INVALID, here, f"More than {_MOST} coded conditions; none is applied.")
        return ()
    read = [_condition(item, found, f"{here}/{number}") for number, item in enumerate(items)]
    return () if None in read else tuple(condition for condition in read if condition is not None)


def _condition(item: Any, found: Found, at: str) -> CodedCondition | None:
    def unreadable(where: str, what: str) -> None:
        found.flag(
            Reason.MEMBER_INVALID, f"{at}{where}", f"{what} No coded condition of this zone is applied."
        )

    when = item.get("when", {}) if isinstance(item, dict) else None
    then = item.get("then") if isinstance(item, dict) else None
    if not isinstance(when, dict) or not isinstance(then, dict) or item.keys() - {"when", "then"}:
        unreadable("", "This is not a condition of the form {when, then}.")
        return None
    unknown = [f"/when/{name}" for name in when.keys() - {*_WORDS, *_NUMBERS, "vlos"}]
    unknown += [f"/then/{name}" for name in then.keys() - {"type", "max_height_m"}]
    if unknown:
        unreadable(min(unknown), "This member is not known.")
        return None
    requires = word(ZoneType, then.get("type"))
    if requires is None:
        unreadable("/then/type", "This is not a zone type of ED-318.")
        return None
    words: dict[str, frozenset[str] | None] = {}
    for name, known in _WORDS.items():
        spelled = {each.upper(): each for each in known}
        values = {spelled.get((as_text(value) or "").upper(), "") for value in as_list(when.get(name))}
        if "" in values:
            unreadable(f"/when/{name}", f"Known words are {', '.join(known)}.")
            return None
        words[name] = frozenset(values) or None
    numbers = {f"/when/{name}": when.get(name) for name in _NUMBERS} | {
        "/then/max_height_m": then.get("max_height_m")
    }
    for where, value in numbers.items():
        number = as_number(value)
        if not absent(value) and (number is None or number < 0):
            unreadable(where, "This is not a number of zero or more.")
            return None
    if not absent(when.get("vlos")) and not isinstance(when["vlos"], bool):
        unreadable("/when/vlos", "This is neither true nor false.")
        return None
    return CodedCondition(
        then=requires,
        then_max_height_m=as_number(then.get("max_height_m")),
        category=words["category"],
        subcategory=words["subcategory"],
        uas_class=words["uas_class"],
        max_takeoff_mass_g=as_number(when.get("max_takeoff_mass_g")),
        vlos=None if absent(when.get("vlos")) else when["vlos"],
        max_height_m=as_number(when.get("max_height_m")),
    )


def coded_as_json(conditions: tuple[CodedCondition, ...]) -> list[dict[str, Any]]:
    """Return coded conditions as `coded_conditions` reads them."""
    return [
        {
            "when": {name: value for name, value in _when(condition).items() if value is not None},
            "then": {"type": str(condition.then)}
            | ({} if condition.then_max_height_m is None else {"max_height_m": condition.then_max_height_m}),
        }
        for condition in conditions
    ]


def _when(condition: CodedCondition) -> dict[str, Any]:
    words = {name: getattr(condition, name) for name in _WORDS}
    return {
        **{name: None if values is None else sorted(values) for name, values in words.items()},
        "max_takeoff_mass_g": condition.max_takeoff_mass_g,
        "vlos": condition.vlos,
        "max_height_m": condition.max_height_m,
    }
