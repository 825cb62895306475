"""What a person should look at before trusting what was read: each doubt once, with all the places it is met."""

from __future__ import annotations

from dataclasses import dataclass, field

from zones_api.errors import Defect

PATH_UNCERTAIN = "PATH_UNCERTAIN"
"""The aircraft may fly elsewhere than along the path that was read."""
HEIGHT_UNCERTAIN = "HEIGHT_UNCERTAIN"
"""What a height is measured from, or how high it is, is not certain."""
TIME_UNCERTAIN = "TIME_UNCERTAIN"
"""When the aircraft is where is not certain."""
TAKEOFF_UNKNOWN = "TAKEOFF_UNKNOWN"
COMMAND_UNKNOWN = "COMMAND_UNKNOWN"
NOT_FLOWN = "NOT_FLOWN"
"""Something in the file that is not part of the path."""

MAX_LISTED = 200
"""The most doubts that are listed; how many more there are is said in a last one."""
_PLACES_NAMED = 3


@dataclass
class Doubts:
    """Doubts in the order in which they are first met; the same sentence about many places is one doubt."""

    _met: dict[tuple[bool, str, str], list[tuple[str, str]]] = field(default_factory=dict)

    def flag(self, code: str, sentence: str, where: str = "", pointer: str | None = None) -> None:
        """Add a doubt that may change the answer."""
        self._met.setdefault((True, code, sentence), []).append(
            (where, where if pointer is None else pointer)
        )

    def note(self, code: str, sentence: str, where: str = "", pointer: str | None = None) -> None:
        """Add something to know that does not change the answer."""
        self._met.setdefault((False, code, sentence), []).append(
            (where, where if pointer is None else pointer)
        )

    def listed(self) -> tuple[Defect, ...]:
        """Return the doubts, each at the first place where it is met."""
        listed = tuple(
            Defect(code, places[0][1], _sentence(sentence, places), "flag" if may_matter else "note")
            for (may_matter, code, sentence), places in self._met.items()
        )
        if len(listed) <= MAX_LISTED:
            return listed
        rest = f"There are {len(listed) - MAX_LISTED:,} more doubts about the file."
        return (*listed[:MAX_LISTED], Defect(listed[MAX_LISTED].code, "", rest, "flag"))


def _sentence(sentence: str, places: list[tuple[str, str]]) -> str:
    named = list(dict.fromkeys(where for where, _ in places if where))
    if not named:
        return sentence
    more = f" and {len(named) - _PLACES_NAMED} more" if len(named) > _PLACES_NAMED else ""
    return f"{', '.join(named[:_PLACES_NAMED])}{more}: {sentence}"
