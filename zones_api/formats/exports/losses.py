"""What an export could not carry as it was published, and how it was made stricter instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

ZoneKey = tuple[str, str]
"""A zone's country and identifier, as published."""


class LossCode(StrEnum):
    """Why an export does not say exactly what was published. None of them makes a zone milder."""

    # what is required
    RESTRICTION_UNRECOGNISED = "RESTRICTION_UNRECOGNISED"
    CONDITIONS_CODED = "CONDITIONS_CODED"
    USPACE_NOT_KNOWN = "USPACE_NOT_KNOWN"
    # where
    EDGE_INTERPRETATION = "EDGE_INTERPRETATION"
    GEOMETRY_INVALID = "GEOMETRY_INVALID"
    GEOMETRY_WITHOUT_AREA = "GEOMETRY_WITHOUT_AREA"
    RADIUS_UNIT_AMBIGUOUS = "RADIUS_UNIT_AMBIGUOUS"
    CIRCLE_OUTLINED = "CIRCLE_OUTLINED"
    HOLE_FILLED = "HOLE_FILLED"
    OUTLINE_SIMPLIFIED = "OUTLINE_SIMPLIFIED"
    # heights
    LIMIT_UNREADABLE = "LIMIT_UNREADABLE"
    LIMITS_MEANINGLESS = "LIMITS_MEANINGLESS"
    LIMIT_ROUNDED = "LIMIT_ROUNDED"
    REFERENCE_CHANGED = "REFERENCE_CHANGED"
    OTHER_GEOID = "OTHER_GEOID"
    HEIGHTS_LEFT_OUT = "HEIGHTS_LEFT_OUT"
    # times
    APPLICABILITY_NOT_STATED = "APPLICABILITY_NOT_STATED"
    PERMANENT_WITH_DATES = "PERMANENT_WITH_DATES"
    SCHEDULE_NOT_READABLE = "SCHEDULE_NOT_READABLE"
    NAIVE_TIME = "NAIVE_TIME"
    DAYLIGHT_EVENT = "DAYLIGHT_EVENT"
    TIMES_LEFT_OUT = "TIMES_LEFT_OUT"
    # names and texts
    IDENTIFIER_MAPPED = "IDENTIFIER_MAPPED"
    COUNTRY_MAPPED = "COUNTRY_MAPPED"
    LANGUAGE_CHOSEN = "LANGUAGE_CHOSEN"
    LANGUAGE_SHORTENED = "LANGUAGE_SHORTENED"
    TEXT_SPLIT = "TEXT_SPLIT"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    WORD_NOT_KNOWN = "WORD_NOT_KNOWN"
    MEMBER_KEPT_ASIDE = "MEMBER_KEPT_ASIDE"
    CONTACT_MOVED = "CONTACT_MOVED"
    AUTHORITY_MISSING = "AUTHORITY_MISSING"
    PURPOSE_ASSUMED = "PURPOSE_ASSUMED"
    # zones and the document
    ZONE_QUARANTINED = "ZONE_QUARANTINED"
    ZONE_MENDED = "ZONE_MENDED"
    ZONE_DECIDED_GONE = "ZONE_DECIDED_GONE"
    ZONE_NEVER_IN_FORCE = "ZONE_NEVER_IN_FORCE"
    NOTICE_LEFT_OUT = "NOTICE_LEFT_OUT"
    DATA_SET_EXPIRED = "DATA_SET_EXPIRED"
    METADATA_LEFT_OUT = "METADATA_LEFT_OUT"


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that an export says otherwise, or not at all; `zone` is None where it is about the whole of it."""

    zone: ZoneKey | None
    code: LossCode
    sentence: str


@dataclass
class Lost:
    """The losses found so far in one zone, each once."""

    zone: ZoneKey | None
    _found: dict[tuple[LossCode, str], None] = field(default_factory=dict)

    def add(self, code: LossCode, sentence: str) -> None:
        """Record a loss."""
        self._found[code, sentence] = None

    def __iter__(self) -> Iterator[Loss]:
        return (Loss(self.zone, code, sentence) for code, sentence in self._found)
