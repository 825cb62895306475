"""Zones that an authority published, and the drafts that change, correct, end or withdraw them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine

from zones_api.authoring import Work
from zones_api.domain.people import Action, Caller
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.zone import PublishedZone
from zones_api.errors import NotEntitled, NotFound, WrongState
from zones_api.formats import strict_json
from zones_api.store import people, register


class Doing(StrEnum):
    """What is to be done with a zone: it goes on in another form, or it ends."""

    CHANGE = "change"
    END = "end"


class Why(StrEnum):
    """Why: what applied was right and changes, or it was wrong from the start."""

    CHANGED = "changed"
    WRONG = "wrong"


_TITLES: Mapping[tuple[Doing, Why], str] = {
    (Doing.CHANGE, Why.CHANGED): "Change of",
    (Doing.CHANGE, Why.WRONG): "Correction of",
    (Doing.END, Why.CHANGED): "End of",
    (Doing.END, Why.WRONG): "Withdrawal from the start of",
}


@dataclass(frozen=True)
class Amendment:
    """A draft to begin from what is published of a zone.

    `start` is from when it holds; None is its publication, or the start of the version that was wrong. `title`,
    `reason` and `legal_reference` are the draft's; None leaves them to be written.
    """

    data_set: str
    country: str
    identifier: str
    doing: Doing
    why: Why
    start: datetime | None = None
    title: str | None = None
    reason: str | None = None
    legal_reference: str | None = None


def own_zones(engine: Engine, caller: Caller) -> list[PublishedZone]:
    """Return what is known now of the zones that the caller's organisations publish, at whatever time they apply."""
    with register.reading(engine) as connection:
        own = _organisations(connection, caller)
        keys = [
            key for key in register.own_data_sets(connection) if register.publisher_of(connection, key) in own
        ]
        return [zone for key in keys for zone in register.zones_of(connection, key)]


def content_of(work: Work, asked: Amendment) -> dict[str, Any]:
    """Return the content of the draft that an amendment begins: with what is published, over the time it is about.

    What changes holds from then on, and what applied before stays as it was. What was wrong is corrected over the time
    of the version that was, and needs a reason before it can be submitted.

    Raises:
        NotFound: If the data set has no such zone.
        NotEntitled: If another organisation publishes it.
        WrongState: If it is mirrored from documents, or nothing of the zone applies any more that could change.
    """
    connection, name = work.connection, f"{asked.country} {asked.identifier}"
    if register.kind_of(connection, asked.data_set) == "mirrored":
        what = f"{asked.data_set!r} is mirrored from its publisher's documents: it changes by importing them."
        raise WrongState(what)
    versions = [
        each
        for each in register.zones_of(connection, asked.data_set)
        if (each.zone.country, each.zone.identifier) == (asked.country, asked.identifier)
    ]
    if not versions:
        raise NotFound(f"There is no zone {name} in data set {asked.data_set!r} now.")
    publisher = register.publisher_of(connection, asked.data_set)
    if publisher not in _organisations(connection, work.caller):
        raise NotEntitled(f"Zone {name} is published by {publisher}.", step="create")
    version = _standing(versions, asked.start or work.now)
    if version is None and asked.why is Why.CHANGED:
        raise WrongState(f"Nothing of zone {name} applies any more: a change would be a new zone.")
    version = version or max(versions, key=lambda each: each.valid[1])
    return {
        "title": asked.title or f"{_TITLES[asked.doing, asked.why]} {name}",
        "data_set": asked.data_set,
        # What was wrong rested on the same act; what changes rests on another.
        "legal_reference": asked.legal_reference
        or ((version.legal_basis or "") if asked.why is Why.WRONG else ""),
        "reason": asked.reason,
        "items": [_item(connection, version, asked)],
    }


def _organisations(connection: Connection, caller: Caller) -> frozenset[str]:
    numbers = caller.organisations(Action.READ_DRAFT)
    return frozenset(people.organisation_number(connection, number).key for number in numbers)


def _standing(versions: list[PublishedZone], at: datetime) -> PublishedZone | None:
    """Return the version that applies at a moment, else the next one to; None if all are over."""
    later = [each for each in versions if each.valid[1] >= at]
    return min(later, key=lambda each: each.valid[0], default=None)


def _item(connection: Connection, version: PublishedZone, asked: Amendment) -> dict[str, Any]:
    first, last = version.valid
    start = asked.start
    if start is None and asked.why is Why.WRONG and first != BEGINNING:
        start = first
    named = {"country": asked.country, "identifier": asked.identifier}
    if asked.doing is Doing.END:
        return {"change": "withdraw", **named, "valid": {"from": _written(start), "to": None}}
    held = register.content_of(
        connection, asked.data_set, asked.country, asked.identifier, version.version, version.format
    )
    (feature,) = strict_json.loads(held.content)
    # The end of what is published is part of it, that of a draft's item is not.
    end = None if last == END else last + timedelta.resolution
    return {"change": "assert", "feature": feature, "valid": {"from": _written(start), "to": _written(end)}}


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
