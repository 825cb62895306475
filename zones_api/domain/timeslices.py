"""What applied when, as known at each revision: how a change over a span of time cuts what was there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from zones_api.domain.spans import Span, difference, meets

T = TypeVar("T")


@dataclass(frozen=True)
class Slice(Generic[T]):
    """Something that applies over a span of time."""

    what: T
    valid: Span


def cut(slices: Iterable[Slice[T]], span: Span) -> tuple[list[Slice[T]], list[Slice[T]]]:
    """Return the slices that a change over a span ends, and what is left of them outside it."""
    ended = [each for each in slices if meets((each.valid,), span)]
    left = [Slice(each.what, rest) for each in ended for rest in difference((each.valid,), (span,))]
    return ended, left
