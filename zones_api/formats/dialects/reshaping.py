"""Turning a feature as published into one that its reader knows, without losing where each part of it stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from zones_api.formats.members import Found, absent


class Reshaping:
    """A feature on its way to the shape that its reader knows; what was published is never touched.

    `feature` is the shape so far. `found` has the defects met on the way, each where it was published. Everything
    is copied along the way to what changes, and nothing else.
    """

    def __init__(self, published: Any) -> None:
        self.feature = published
        self.found = Found()
        self._places: dict[str, str] = {}

    def get(self, at: str) -> Any:
        """Return what stands at a pointer, None where nothing does."""
        value = self.feature
        for step in _steps(at):
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    def each(self, at: str) -> Iterator[str]:
        """Yield where each item of a list stands, or the one thing where there is no list."""
        value = self.get(at)
        if isinstance(value, list):
            yield from (f"{at}/{number}" for number in range(len(value)))
        elif not absent(value):
            yield at

    def put(self, at: str, value: Any, published: str) -> None:
        """Let a value stand at a pointer; `published` is where the publisher has it."""
        self.feature = _with(self.feature, _steps(at), value)
        self.locate(at, published)

    def locate(self, at: str, published: str) -> None:
        """Say where the publisher has what stands at a pointer."""
        self._places[at] = published

    def move(self, source: str, to: str) -> None:
        """Let what stands at one pointer stand at another, unless something is there already."""
        value = self.get(source)
        if absent(value) or not absent(self.get(to)):
            return
        published = self.published_at(source)
        self.drop(source)
        self.put(to, value, published)

    def change(self, at: str, reading: Callable[[Any], Any]) -> None:
        """Let a member be read otherwise; an absent one stays absent."""
        value = self.get(at)
        if not absent(value):
            self.put(at, reading(value), self.published_at(at))

    def drop(self, *pointers: str) -> None:
        """Pass over members that are known to say nothing of the zone."""
        for at in pointers:
            *_, last = _steps(at)
            parent = at.rpartition("/")[0]
            holder = self.get(parent)
            if isinstance(holder, dict) and last in holder:
                rest = {name: value for name, value in holder.items() if name != last}
                self.feature = _with(self.feature, _steps(parent), rest)

    def published_at(self, at: str) -> str:
        """Return where the publisher has what stands at a pointer."""
        head, tail = at, ""
        while head not in self._places:
            if not head:
                return at
            head, _, step = head.rpartition("/")
            tail = f"/{step}{tail}"
        return self._places[head] + tail


Step = Callable[[Reshaping], None]
"""One thing that a dialect does otherwise; it makes the feature more like what the reader knows."""


def _steps(pointer: str) -> list[str]:
    return pointer.split("/")[1:]


def _with(value: Any, steps: list[str], new: Any) -> Any:
    """Return a copy of a value with another one at the end of a path; what is not there is made."""
    if not steps:
        return new
    first, *rest = steps
    if isinstance(value, list) and first.isdecimal() and int(first) < len(value):
        number = int(first)
        return [*value[:number], _with(value[number], rest, new), *value[number + 1 :]]
    members = value if isinstance(value, dict) else {}
    return {**members, first: _with(members.get(first), rest, new)}
