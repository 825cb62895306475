"""Documents that authorities' machines bring: each data set from the one organisation that is named for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine

from zones_api.authoring import Work
from zones_api.domain.people import Action, Caller
from zones_api.errors import NoSnapshot, NotEntitled, NotFound
from zones_api.formats.document import read_document
from zones_api.publishing import ImportResult, Submission, take_documents
from zones_api.store import people, register

WAIT_S = 10.0


@dataclass(frozen=True)
class Intake:
    """Where documents are taken in; `importers` are the keys of organisations, by the data set each may import."""

    engine: Engine
    importers: Mapping[str, str] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def require(self, caller: Caller, data_set: str) -> None:
        """Make sure that a person may import a data set.

        Raises:
            NotEntitled: If not.
        """
        key = self.importers.get(data_set)
        if key is None:
            raise NotEntitled(f"No organisation may import data set {data_set!r} over HTTP here.")
        try:
            with register.reading(self.engine) as connection:
                organisation = people.organisation_of(connection, key)
        except NotFound as error:
            raise NotEntitled(
                f"There is no organisation {key}, which may import data set {data_set!r}."
            ) from error
        if not caller.may(Action.IMPORT_DOCUMENT, organisation.id):
            raise NotEntitled(
                f"To import data set {data_set!r} you need to be importer of {organisation.name}."
            )

    def read(self, data_set: str, file_name: str, data: bytes, *, accept_fewer_zones: bool) -> Submission:
        """Read a document, one at a time.

        Raises:
            DocumentRefused: If it cannot be taken as a whole.
            NoSnapshot: If others have to be read first for too long.
        """
        with self.one_at_a_time():
            return Submission(data_set, file_name, data, read_document(data), accept_fewer_zones)

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Let one document be read: whoever sends many does not take every thread with them.

        Raises:
            NoSnapshot: If others have to be read first for too long.
        """
        if not self._reading.acquire(timeout=WAIT_S):
            raise NoSnapshot("Another document is being read. Send it again in a moment.")
        try:
            yield
        finally:
            self._reading.release()


def take(work: Work, submission: Submission) -> ImportResult:
    """Import a document as one write of a person.

    Raises:
        DocumentRefused: If it has far fewer zones than before, or its data set is the register's own.
    """
    register.lock_publishing(work.connection)
    return take_documents(work.connection, [submission], work.clock, work.desk.keys.sign)
