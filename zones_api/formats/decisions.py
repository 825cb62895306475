"""Decisions on zones that were set aside: as the register keeps them, and whether a new document leaves them standing.

They stand in what a data set says of itself, and so in the record of each revision that changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from zones_api.domain.zone import Decision
from zones_api.formats.document import Document

MEMBER = "decisions"


def with_decisions(said: Mapping[str, Any], decisions: Iterable[Decision]) -> dict[str, Any]:
    """Return what a data set says of itself with these decisions instead of any it had."""
    kept = {name: value for name, value in said.items() if name != MEMBER}
    made = [_to_json(each) for each in decisions]
    return kept | ({MEMBER: made} if made else {})


def read_decisions(said: Mapping[str, Any]) -> tuple[Decision, ...]:
    """Return the decisions that a data set says of itself, from which `with_decisions` writes the same."""
    return tuple(
        Decision(
            **each
            | {
                "decided_at": datetime.fromisoformat(each["decided_at"]),
                "last_good": tuple(each["last_good"]) if each["last_good"] else None,
            }
        )
        for each in said.get(MEMBER) or ()
    )


def _to_json(decision: Decision) -> dict[str, Any]:
    # The bounds are those of the zone set aside, which the register keeps beside it.
    members = {name: value for name, value in asdict(decision).items() if name != "bounds"}
    last_good = list(decision.last_good) if decision.last_good else None
    return members | {"decided_at": decision.decided_at.isoformat(), "last_good": last_good}


def left_standing(
    decisions: Iterable[Decision], document: Document
) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """Return the decisions that a document leaves, and a sentence for each that it makes void.

    One stands while the document has what was decided on, unchanged and once, and no other zone of its name. One that
    is void stays beside its version while that is the last good one of a zone set aside.
    """
    left, said = [], []
    read = {(each.zone.country, each.zone.identifier) for each in document.zones}
    for decision in decisions:
        name = decision.country, decision.identifier
        same = [zone for zone in document.quarantined if zone.feature == decision.feature]
        named_so = [zone for zone in document.quarantined if (zone.country, zone.identifier) == name]
        others = [zone for zone in named_so if zone not in same and decision.identifier]
        if decision.stands and len(same) == 1 and not others and name not in read:
            left.append(replace(decision, pointer=same[0].pointer))
            continue
        if decision.stands:
            why = (
                "it can be read now"
                if name in read
                else "it stands there otherwise, and is set aside again"
                if others or same
                else "it stands there no more as it was"
            )
            named = f"{decision.country} {decision.identifier or '(without an identifier)'}"
            said.append(f"What was decided of zone {named} in revision {decision.revision} is void: {why}.")
        if decision.version is not None and named_so and name not in read:
            left.append(replace(decision, pointer=None))
    return tuple(left), tuple(said)
