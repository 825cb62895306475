"""Finding things by what somebody types: without regard to capitals and accents, and the better fit first."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that have no accent to take off, and are typed as these."""


def folded(text: str) -> str:
    """Return a text in small letters without accents, as it is compared: `Málaga` and `malaga` are one.

    >>> folded(" Płock Straße ")
    'plock strasse'
    """
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_LETTERS)


def fit(wanted: str, codes: Sequence[str], names: Sequence[str]) -> int | None:
    """Return how well a text fits codes and names, all of them folded; 0 is the best, None that it does not.

    A whole code or name is best, then how a code or a name begins, then a word of a name, then anything in it.
    """
    both = (*codes, *names)
    if not wanted or not any(wanted in each for each in both):
        return None
    if wanted in both:
        return 0
    if any(each.startswith(wanted) for each in both):
        return 1
    return 2 if any(f" {wanted}" in each for each in names) else 3
