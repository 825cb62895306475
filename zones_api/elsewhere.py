"""What others' servers add to the map where whoever runs the service names them: a base map, and a search for addresses.

Browsers load a base map from its server themselves. Addresses are asked for by this service, so that their server
learns what was typed and not by whom. Neither is needed for any answer.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from zones_api.domain.geometry import LonLat
from zones_api.fetching import Answer, Feed, Fetched, Limits, fetch

LIMITS = Limits(most_bytes=500_000, silence_s=2.0, all_s=2.5)
"""Whoever types waits for it."""
AT_ONCE = 4
"""How many searches for addresses wait for an answer at a time; who comes then gets none."""
MOST = 5
"""How many addresses are asked for."""
SHORTEST = 3
"""Shorter texts are not asked about."""
FINEST_DEG = 2
"""Digits of the position that goes with a question: some kilometre."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_POINT = re.compile(r"POINT\((-?\d{1,3}(?:\.\d+)?) (-?\d{1,2}(?:\.\d+)?)\)")
_KINDS = "type:(adres OR weg OR postcode)"


@dataclass(frozen=True)
class BaseMap:
    """Pictures of a map in the usual squares of Web Mercator, by an address with {z}, {x} and {y} in it.

    Raises:
        ValueError: If the address is not https (http will do on this machine itself), or not of that form.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    url: str
    attribution: str
    max_zoom: int = 19

    def __post_init__(self) -> None:
        _require_usable(self.url)
        if any(self.url.count(part) != 1 for part in ("{z}", "{x}", "{y}")):
            raise ValueError("The address of a base map has {z}, {x} and {y}, each once.")
        if "{" in urlsplit(self.url).netloc:
            raise ValueError("The host of a base map is one, without braces.")
        if not 0 <= self.max_zoom <= 22:
            raise ValueError("The greatest zoom of a base map lies between 0 and 22.")
        if not self.attribution.strip():
            raise ValueError("Say whose map it is: its licence will ask for that.")

    @property
    def origin(self) -> str:
        """Where browsers load it from: scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class AddressServer:
    """A server that finds addresses as `free` of PDOK's Locatieserver (version 3.1) does, and whose they are.

    Raises:
        ValueError: If the address is not https (http will do on this machine itself), or has a query.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    url: str
    attribution: str

    def __post_init__(self) -> None:
        _require_usable(self.url)
        if "?" in self.url or "#" in self.url:
            raise ValueError("The address of a search has no query: the question is put there.")
        if not self.attribution.strip():
            raise ValueError("Say whose addresses they are.")


@dataclass(frozen=True, slots=True)
class Address:
    """An address, or a street or postal code, as its server writes it."""

    label: str
    kind: str
    position: LonLat
    id: str


@dataclass(frozen=True, slots=True)
class NoAddresses:
    """Why none were found; for the log."""

    why: str


@dataclass
class Addresses:
    """Asks a server for addresses, a few at a time."""

    server: AddressServer
    now: Callable[[], datetime]
    _asking: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    def find(self, text: str, near: LonLat | None) -> tuple[Address, ...] | NoAddresses:
        """Return what fits a text, the best first; it waits for the server, so not on the event loop."""
        if not self._asking.acquire(blocking=False):
            return NoAddresses("Others are asking.")
        try:
            answer = fetch(Feed("addresses", self._question(text, near)), None, None, self.now, LIMITS)
        finally:
            self._asking.release()
        return _read(answer)

    def _question(self, text: str, near: LonLat | None) -> str:
        asked: dict[str, Any] = {
            "q": text,
            "rows": MOST,
            "fl": "id,weergavenaam,type,centroide_ll",
            "fq": _KINDS,
        }
        if near is not None:
            asked |= {"lon": round(near[0], FINEST_DEG), "lat": round(near[1], FINEST_DEG)}
        return f"{self.server.url}?{urlencode(asked)}"


def _read(answer: Answer) -> tuple[Address, ...] | NoAddresses:
    if not isinstance(answer, Fetched):
        return NoAddresses(getattr(answer, "sentence", "It did not change."))
    try:
        return tuple(_addresses(json.loads(answer.data)))
    except (ValueError, TypeError, KeyError, RecursionError):
        return NoAddresses("The server did not answer in the shape of Locatieserver 3.1.")


def _addresses(said: Any) -> Iterator[Address]:
    for each in said["response"]["docs"][:MOST]:
        label, kind, where, number = (each[name] for name in ("weergavenaam", "type", "centroide_ll", "id"))
        found = _POINT.fullmatch(where)
        if not (isinstance(label, str) and isinstance(kind, str) and isinstance(number, str) and found):
            raise ValueError(number)
        lon, lat = float(found[1]), float(found[2])
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            raise ValueError(where)
        yield Address(label[:200], kind[:50], (lon, lat), number[:100])


def _require_usable(url: str) -> None:
    parts = urlsplit(url)
    if not (url.isascii() and url.isprintable()) or set(url) & set(" ;,'\"\\"):
        raise ValueError("An address has ASCII letters only, and no spaces, quotes, commas or semicolons.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("An address holds no user name and no password.")
    allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not allowed or not parts.hostname or parts.port == 0:
        raise ValueError("An address is one of https (http only on this machine itself).")
