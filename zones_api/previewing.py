"""What an import would change, without changing it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from zones_api.domain.changes import MemberChange, changes
from zones_api.domain.data_set import QuarantinedZone
from zones_api.domain.zone import UASZone
from zones_api.errors import DocumentRefused
from zones_api.formats.decisions import left_standing
from zones_api.formats.document import read_zone
from zones_api.publishing import Submission, by_key, kept_by, refuse
from zones_api.store import register
from zones_api.store.register import Key


@dataclass(frozen=True)
class ChangedZone:
    """A zone that would have another version; without `members`, it means the same in other words."""

    zone: UASZone
    members: tuple[MemberChange, ...]


@dataclass(frozen=True)
class Preview:
    """What one document would do to its data set.

    `kept` are the zones that stay as they are because the document has them in a form that is set aside. `refused` is
    why it would not be taken at all. `notices` are sentences on decisions that it would make void.
    """

    data_set: str
    new: tuple[UASZone, ...]
    changed: tuple[ChangedZone, ...]
    removed: tuple[UASZone, ...]
    unchanged: int
    kept: tuple[UASZone, ...]
    quarantined: tuple[QuarantinedZone, ...]
    refused: str | None = None
    notices: tuple[str, ...] = ()


def preview(engine: Engine, submission: Submission) -> Preview:
    """Return what importing a document would change in the register as it is now; nothing is written."""
    name, document = submission.data_set, submission.document
    with register.reading(engine) as connection:
        before = register.contents_in_force(connection, name)
        decisions, notices = left_standing(register.decisions_of(connection, name), document)
        try:
            refuse(connection, submission, len(before))
            refused = None
        except DocumentRefused as error:
            refused = error.detail
    after = by_key(document.zones)
    kept = kept_by(document, decisions)
    gone = [key for key in before if key not in after]
    same = [
        key
        for key, read in after.items()
        if key in before and (before[key].version, before[key].format) == (read.version, document.format)
    ]

    def held(key: Key) -> UASZone:
        return read_zone(before[key].format, before[key].content)

    return Preview(
        name,
        new=tuple(read.zone for key, read in after.items() if key not in before),
        changed=tuple(
            ChangedZone(read.zone, changes(held(key), read.zone))
            for key, read in after.items()
            if key in before and key not in same
        ),
        removed=tuple(held(key) for key in gone if key[:2] not in kept),
        unchanged=len(same),
        kept=tuple(held(key) for key in gone if key[:2] in kept),
        quarantined=document.quarantined,
        refused=refused,
        notices=notices,
    )
