"""How two answers to one question differ: as known then, and as known now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zones_api.domain.assessment import Assessment, Finding


class Changed(StrEnum):
    """What is different."""

    VERDICT = "VERDICT"
    ZONE_ADDED = "ZONE_ADDED"
    ZONE_REMOVED = "ZONE_REMOVED"
    ZONE_CHANGED = "ZONE_CHANGED"
    CERTAINTY = "CERTAINTY"


@dataclass(frozen=True)
class Difference:
    """One thing that is different; `zone` is its country and identifier where it is about one."""

    what: Changed
    zone: tuple[str, str] | None = None


def differences(then: Assessment, now: Assessment) -> tuple[Difference, ...]:
    """Return how the answer of now differs from that of then; empty where they say the same.

    A zone that applies is the same if its version, what it requires and how surely it applies are.
    """
    found = [Difference(Changed.VERDICT)] if then.verdict != now.verdict else []
    before, after = _by_zone(then), _by_zone(now)
    for zone in sorted(before.keys() | after.keys()):
        if zone not in before:
            found.append(Difference(Changed.ZONE_ADDED, zone))
        elif zone not in after:
            found.append(Difference(Changed.ZONE_REMOVED, zone))
        elif before[zone] != after[zone]:
            found.append(Difference(Changed.ZONE_CHANGED, zone))
    if (then.reasons, then.complete, then.at_least) != (now.reasons, now.complete, now.at_least):
        found.append(Difference(Changed.CERTAINTY))
    return tuple(found)


def _by_zone(assessment: Assessment) -> dict[tuple[str, str], frozenset[object]]:
    zones: dict[tuple[str, str], set[object]] = {}
    for finding in assessment.findings:
        zone = finding.published.zone
        zones.setdefault((zone.country, zone.identifier), set()).add(_said(finding))
    return {zone: frozenset(said) for zone, said in zones.items()}


def _said(finding: Finding) -> object:
    published = finding.published
    return published.data_set, published.version, finding.judgement, finding.outcome
