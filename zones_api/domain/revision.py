"""A revision of the register, and what the register said of a zone when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zones_api.domain.spans import Span
from zones_api.domain.zone import UASZone


@dataclass(frozen=True)
class RevisionHead:
    """One revision; `head` is what `key_id` signed of it, None where it was written without a key."""

    number: int
    published_at: datetime
    reason: str
    hash: str
    head: bytes | None
    key_id: str | None
    signature: bytes | None


@dataclass(frozen=True)
class ZoneVersion:
    """What was said of a zone: in force during `valid`, from revision `since` to the one before `until`, None is now."""

    data_set: str
    occurrence: int
    version: str
    valid: Span
    since: int
    since_at: datetime
    until: int | None
    until_at: datetime | None
    legal_basis: str | None
    zone: UASZone
