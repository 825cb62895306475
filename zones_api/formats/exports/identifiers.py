"""Names that ED-318 takes for zones whose own it does not: given once, and never to another zone.

A name is made of the SHA-256 of what it stands for, so it is the same everywhere, also where nothing is recorded.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping

from zones_api.formats.exports.losses import ZoneKey
from zones_api.formats.members import COUNTRY_NOT_STATED

FORM = re.compile(r"[A-Za-z0-9_-]{1,7}")
"""An identifier of ED-318."""
GIVEN = re.compile(r"_[A-Z2-7]{6}")
"""A name that is given here."""
_COUNTRY = re.compile(r"[A-Z]{3}")


def exported_country(country: str) -> str:
    """Return a country's code of three letters; one that has none is not stated."""
    return country if _COUNTRY.fullmatch(country) else COUNTRY_NOT_STATED


def exported_identifiers(
    zones: Iterable[ZoneKey], recorded: Mapping[ZoneKey, str] | None = None, taken: Iterable[str] = ()
) -> dict[ZoneKey, str]:
    """Return the name of each zone in an export: its own where that has the form, else one made for it.

    Args:
        zones: The zones, each by country and identifier.
        recorded: Names given before; they stand.
        taken: Names that some zone has or had by itself.
    """
    recorded = recorded or {}
    keys = sorted({*zones})
    given = {name: key for key, name in recorded.items()}
    own = {
        key: key[1]
        for key in keys
        if key not in recorded
        and FORM.fullmatch(key[1])
        and exported_country(key[0]) == key[0]
        and given.get(key[1], key) == key
    }
    used = {*given, *own.values(), *taken}
    names: dict[ZoneKey, str] = {}
    for key in keys:
        names[key] = recorded.get(key) or own.get(key) or _made(key, used)
        used.add(names[key])
    return names


def to_record(names: Mapping[ZoneKey, str]) -> dict[ZoneKey, str]:
    """Return the names that were made, which must never be given to another zone."""
    return {key: name for key, name in names.items() if key[1] != name}


def _made(key: ZoneKey, used: set[str]) -> str:
    attempt = 0
    while True:
        digest = hashlib.sha256("\0".join([*key, str(attempt)]).encode()).digest()
        name = "_" + base64.b32encode(digest).decode()[:6]
        if name not in used:
            return name
        attempt += 1
