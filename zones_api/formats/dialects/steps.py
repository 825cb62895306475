"""What several dialects do otherwise than the standards, each as one step towards them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zones_api.domain.reasons import Reason
from zones_api.formats.dialects.reshaping import Reshaping, Step
from zones_api.formats.members import absent, as_list, as_text, shown


def moved(source: str, to: str) -> Step:
    """Read a member that stands elsewhere, or under another name, as the standard's."""
    return lambda shape: shape.move(source, to)


def renamed_in(at: str, name: str, to: str) -> Step:
    """Read a member of each item of a list under the standard's name."""

    def step(shape: Reshaping) -> None:
        for item in list(shape.each(at)):
            shape.move(f"{item}/{name}", f"{item}/{to}")

    return step


def reasons_at(at: str) -> Step:
    """Read reasons in one text ("Air traffic, Nature") as the standard's list of words."""
    return lambda shape: shape.change(at, _reasons)


def _reasons(value: Any) -> list[Any]:
    result: list[Any] = []
    for item in as_list(value):
        if isinstance(item, str):
            words = (part.strip().upper().replace(" ", "_") for part in item.replace(";", ",").split(","))
            result.extend(word for word in words if word)
        else:
            result.append(item)
    return result


def yes_or_no(at: str) -> Step:
    """Read a yes and a no in the publisher's language as YES and NO; anything else stays as it is."""
    return lambda shape: shape.change(at, _yes_or_no)


_WORDS = {
    word: standard
    for standard, words in {
        "YES": ("YES", "Y", "SI", "SÍ", "OUI", "JA", "TRUE"),
        "NO": ("NO", "N", "NON", "NEI", "NEJ", "FALSE"),
    }.items()
    for word in words
}


def _yes_or_no(value: Any) -> Any:
    return _WORDS.get(str(value).strip().upper(), value)


def passed_over(*pointers: str) -> Step:
    """Pass over members of the publisher's own that say nothing of the zone; they stay in what is kept of it."""
    return lambda shape: shape.drop(*pointers)


def empty_where(at: str, words: frozenset[str]) -> Step:
    """Read a word that a publisher's program writes for nothing as absent, in an object and the objects inside it."""

    def emptied(value: Any) -> Any:
        if isinstance(value, str):
            return None if value.strip() in words else value
        if isinstance(value, dict):
            return {name: emptied(item) for name, item in value.items()}
        return [emptied(item) for item in value] if isinstance(value, list) else value

    def step(shape: Reshaping) -> None:
        value = shape.get(at)
        if isinstance(value, dict):
            for name, item in value.items():
                if emptied(item) != item:
                    shape.put(f"{at}/{name}", emptied(item), shape.published_at(f"{at}/{name}"))

    return step


def language_tags(at: str, meant: Mapping[str, str]) -> Step:
    """Read a wrong language tag in the texts of an object, and of the objects in it, as the one that is meant."""

    def mended(value: Any) -> Any:
        if isinstance(value, dict):
            lang = as_text(value.get("lang"))
            members = {name: mended(item) for name, item in value.items()}
            return members | {"lang": meant[lang]} if lang and lang in meant else members
        return [mended(item) for item in value] if isinstance(value, list) else value

    def step(shape: Reshaping) -> None:
        value = shape.get(at)
        if not isinstance(value, dict):
            return
        for name, item in value.items():
            if name != "extendedProperties" and mended(item) != item:
                where = shape.published_at(f"{at}/{name}")
                shape.found.note(
                    Reason.MEMBER_INVALID, where, f"The language tag is read as {_pairs(meant)}."
                )
                shape.put(f"{at}/{name}", mended(item), where)

    return step


def _pairs(meant: Mapping[str, str]) -> str:
    return ", ".join(f"{right!r} ({wrong!r} is another language)" for wrong, right in meant.items())


def schedule_in_words(at: str, name: str) -> Step:
    """Keep a period's schedule in words where it counts as one that cannot be read, not as none."""

    def step(shape: Reshaping) -> None:
        for period in list(shape.each(at)):
            words = shape.get(f"{period}/{name}")
            if not absent(words) and absent(shape.get(f"{period}/schedule")):
                where = shape.published_at(f"{period}/{name}")
                shape.drop(f"{period}/{name}")
                shape.put(f"{period}/schedule", [shown(words)], where)

    return step
