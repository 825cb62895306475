"""What zones require, mildest first, and the verdict that follows from what is known and possible."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from zones_api.domain.zone import ZoneType


class Outcome(IntEnum):
    """What a zone requires, mildest first."""

    NO_ZONE = 0
    INFORMATION = 1
    CONDITIONAL = 2
    USPACE = 3
    AUTHORIZATION_REQUIRED = 4
    UNRECOGNISED = 5
    PROHIBITED = 6


class Verdict(StrEnum):
    """The headline of an answer."""

    PROHIBITED = "PROHIBITED"
    AUTHORIZATION_REQUIRED = "AUTHORIZATION_REQUIRED"
    USPACE = "USPACE"
    CONDITIONAL = "CONDITIONAL"
    NO_ZONE_FOUND = "NO_ZONE_FOUND"
    UNKNOWN = "UNKNOWN"


def decide(known: Outcome, possible: Outcome, recognised: Outcome, *, complete: bool) -> Verdict:
    """Return the verdict for what is known and possible; `recognised` is the worst known with a readable word."""
    if known is Outcome.PROHIBITED:
        return Verdict.PROHIBITED
    if recognised is Outcome.AUTHORIZATION_REQUIRED:
        return Verdict.AUTHORIZATION_REQUIRED
    if recognised is Outcome.USPACE:
        return Verdict.USPACE
    if complete and known is possible is Outcome.CONDITIONAL:
        return Verdict.CONDITIONAL
    if complete and possible <= Outcome.INFORMATION:
        return Verdict.NO_ZONE_FOUND
    return Verdict.UNKNOWN


def outcome_of(zone_type: ZoneType | None) -> Outcome:
    """Return what a zone of this type requires; an unreadable type is never dropped."""
    match zone_type:
        case ZoneType.NO_RESTRICTION:
            return Outcome.INFORMATION
        case ZoneType.CONDITIONAL:
            return Outcome.CONDITIONAL
        case ZoneType.USPACE:
            return Outcome.USPACE
        case ZoneType.REQ_AUTHORIZATION:
            return Outcome.AUTHORIZATION_REQUIRED
        case ZoneType.PROHIBITED:
            return Outcome.PROHIBITED
        case None:
            return Outcome.UNRECOGNISED


def outcome_of_word(word: str | None) -> Outcome:
    """Return what a restriction word of ED-318 requires."""
    known = {zone_type.value: zone_type for zone_type in ZoneType}
    return outcome_of(known.get(word or ""))


def at_least(
    verdict: Verdict, known: Outcome, possible: Outcome, recognised: Outcome, *, complete: bool
) -> bool:
    """Say whether more may be required than the verdict says."""
    if verdict not in (Verdict.AUTHORIZATION_REQUIRED, Verdict.USPACE):
        return False
    return possible > recognised or known is Outcome.UNRECOGNISED or not complete
