"""Yes, no, or unknown with its reasons (Kleene's strong three-valued logic)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from zones_api.domain.reasons import Reason


class Truth(IntEnum):
    """Ordered so that `and` is the minimum and `or` the maximum."""

    NO = 0
    UNKNOWN = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """A truth value; one that is unknown always says why."""

    truth: Truth
    reasons: frozenset[Reason] = frozenset()

    def __post_init__(self) -> None:
        if (self.truth is Truth.UNKNOWN) != bool(self.reasons):
            raise ValueError("an unknown names its reasons, and nothing else does")

    def __and__(self, other: Judgement) -> Judgement:
        return all_of((self, other))


YES = Judgement(Truth.YES)
NO = Judgement(Truth.NO)


def unknown(*reasons: Reason) -> Judgement:
    """Return an unknown that carries `reasons`, at least one."""
    return Judgement(Truth.UNKNOWN, frozenset(reasons))


def all_of(judgements: Iterable[Judgement]) -> Judgement:
    """Return the conjunction: one no decides it, whatever the others do not know. All of nothing is yes."""
    return _combine(judgements, deciding=Truth.NO, neutral=YES)


def any_of(judgements: Iterable[Judgement]) -> Judgement:
    """Return the disjunction: one yes decides it, whatever the others do not know. Any of nothing is no."""
    return _combine(judgements, deciding=Truth.YES, neutral=NO)


def _combine(judgements: Iterable[Judgement], deciding: Truth, neutral: Judgement) -> Judgement:
    reasons: set[Reason] = set()
    for judgement in judgements:
        if judgement.truth is deciding:
            return judgement
        reasons |= judgement.reasons
    return unknown(*reasons) if reasons else neutral
