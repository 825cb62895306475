"""Publishers' documents as they came, and what of them was set aside."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from sqlalchemy import Connection, Engine

from zones_api.deciding import published_in
from zones_api.domain.data_set import KeptDocument, SetAside
from zones_api.domain.zone import UASZone
from zones_api.errors import NoSnapshot, NotFound, WrongState
from zones_api.formats import mending, strict_json
from zones_api.formats.document import read_zone, version_of
from zones_api.formats.mending import InPlace
from zones_api.store import mirrored, register

AT_ONCE = 2
"""So many documents are in memory at one time, on their way to whoever asked."""
WAIT_S = 5.0
_PIECE = 1 << 16


@dataclass(frozen=True)
class LastGood:
    """The version of a zone that stays in force while its publisher's cannot be evaluated."""

    version: str
    format: str
    content: bytes
    zone: UASZone

    @property
    def features(self) -> list[Any]:
        """What it was read from, as published."""
        return list(strict_json.loads(self.content))


@dataclass(frozen=True)
class Unreadable:
    """A zone that was set aside: `feature` is it as published, None where its document has none (not JSON, or converted)."""

    found: SetAside
    document: KeptDocument
    feature: Any
    last_good: LastGood | None

    @property
    def digest(self) -> str | None:
        """What a draft names it by; None where its document has no such feature."""
        return None if self.feature is None else mending.digest_of(self.feature)

    def draft(self, into: str | None = None, in_place: InPlace | None = None) -> dict[str, Any]:
        """Return the content of a draft that would publish it mended, or decide something else of it in its place.

        Raises:
            WrongState: If nothing can be decided of it there, or nothing is decided that could be undone.
        """
        if in_place is not None and self.feature is None:
            raise WrongState(
                "Its publisher's document has no feature as published that a decision could be on: it is not JSON, or was"
                " converted. Mend the zone in a data set of your own."
            )
        if in_place is InPlace.UNDO and self.found.decision is None:
            raise WrongState("Nothing is decided of this zone that could be undone.")
        return mending.draft_content(
            self.found.data_set,
            self.found.zone,
            self.feature,
            self.document.format,
            into,
            in_place,
            self.found.decision,
        )


@dataclass(frozen=True)
class Originals:
    """The publishers' documents that the register keeps."""

    engine: Engine
    _slots: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE), repr=False
    )

    def document(self, key: str, revision: int | None = None) -> KeptDocument:
        """Return the document that a data set had at a revision, None is the newest.

        Raises:
            NotFound: If there is no such revision, or the data set had no document then.
        """
        with register.reading(self.engine) as connection:
            if revision is not None and not register.has_revision(connection, revision):
                raise NotFound(f"There is no revision {revision}.")
            return _document(connection, key, revision)

    def pieces(self, document: KeptDocument) -> Iterator[bytes]:
        """Return the bytes of a document in pieces: they wait in a file, not in memory, for whoever reads slowly.

        Raises:
            NoSnapshot: If others have to be read first for too long.
        """
        with self._turn(), register.reading(self.engine) as connection:
            file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who reads it to its end
            file.write(mirrored.bytes_of(connection, document.digest))
        file.seek(0)
        return _read(file)

    def quarantine(self, key: str | None = None) -> list[SetAside]:
        """Return the zones that are set aside, of one data set or of all.

        Raises:
            NotFound: If there is no such data set.
        """
        with register.reading(self.engine) as connection:
            if key is not None and register.kind_of(connection, key) is None:
                raise NotFound(f"There is no data set {key!r}.")
            return mirrored.set_aside(connection, key)

    def unreadable(self, key: str, name: str) -> Unreadable:
        """Return a zone that is set aside, by its identifier or by its JSON pointer in the document.

        Raises:
            NotFound: If there is none, or several have that identifier.
            NoSnapshot: If others have to be read first for too long.
        """
        with self._turn(), register.reading(self.engine) as connection:
            return unreadable(connection, key, name)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=WAIT_S):
            raise NoSnapshot("Other documents are being read. Ask again in a moment.")
        try:
            yield
        finally:
            self._slots.release()


def unreadable(connection: Connection, key: str, name: str) -> Unreadable:
    """Do what `Originals.unreadable` does, in a transaction.

    Raises:
        NotFound: As there.
    """
    named = [
        each
        for each in mirrored.set_aside(connection, key)
        if name in (each.zone.identifier, each.zone.pointer)
    ]
    if not named:
        raise NotFound(f"Data set {key!r} has no zone {name} set aside.")
    if len(named) > 1:
        places = ", ".join(each.zone.pointer for each in named)
        raise NotFound(f"Several zones {name} are set aside: name one by its place, {places}.")
    found = named[0]
    document = _document(connection, key, None)
    feature = mending.value_at(published_in(connection, key), found.zone.pointer)
    last = None
    if found.zone.identifier is not None:
        last = register.last_good(connection, key, found.zone.country, found.zone.identifier)
    return Unreadable(
        found, document, feature, LastGood(version_of(last[1]), *last, read_zone(*last)) if last else None
    )


def _document(connection: Connection, key: str, revision: int | None) -> KeptDocument:
    document = mirrored.document_of(connection, key, revision)
    if document is None:
        raise NotFound(f"There is no document of a data set {key!r}" + (" then." if revision else "."))
    return document


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
