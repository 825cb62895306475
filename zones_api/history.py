"""What was known at an earlier revision, and every version of a zone there ever was."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from zones_api.domain.people import Caller
from zones_api.domain.revision import RevisionHead, ZoneVersion
from zones_api.domain.territory import Territories
from zones_api.errors import NoSnapshot, NotFound
from zones_api.following import Following
from zones_api.snapshot import Snapshot, build_snapshot
from zones_api.store import looks, register
from zones_api.store.register import HeldContent

WAIT_S = 5.0
KEPT = 4
"""How many snapshots of the past are kept in memory."""


@dataclass
class History:
    """The register's past; the newest revision is taken from what is being followed."""

    engine: Engine
    territories: Territories
    following: Following
    new_id: Callable[[], UUID]
    _kept: OrderedDict[int, Snapshot] = field(default_factory=OrderedDict)
    _compiling: threading.Lock = field(default_factory=threading.Lock)

    def as_known(self, at: int | datetime) -> Snapshot:
        """Return the snapshot of a revision, or of the last one published by a moment.

        Before the first revision nothing was known: that snapshot has no data sets, so it vouches for nothing.

        Raises:
            NotFound: If there is no such revision.
            NoSnapshot: If others have to be read first for too long.
            RegisterUnavailable: If the database fails.
        """
        newest = self.following.current()
        number = self._number(at)
        if number is None:
            return build_snapshot((), (), self.territories)
        if number == newest.revision:
            return newest
        # One at a time: whoever asks about many revisions waits, and does not take every thread with them.
        if not self._compiling.acquire(timeout=WAIT_S):
            raise NoSnapshot("Other earlier revisions are being read. Ask again in a moment.")
        try:
            if number not in self._kept:
                self._kept[number] = self._compile(number, newest)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(number)
            return self._kept[number]
        finally:
            self._compiling.release()

    def versions(self, country: str, identifier: str) -> tuple[ZoneVersion, ...]:
        """Return every version of a zone there ever was, the newest knowledge first.

        Raises:
            NotFound: If there never was such a zone.
        """
        with register.reading(self.engine) as connection:
            found = register.versions_of(connection, country, identifier)
        if not found:
            raise NotFound(f"There never was a zone {country} {identifier}.")
        return found

    def content(self, data_set: str, country: str, identifier: str, version: str) -> HeldContent:
        """Return a version of a zone as its publisher wrote it.

        Raises:
            NotFound: If the data set never had it.
        """
        known = self.versions(country, identifier)
        if all((each.data_set, each.version) != (data_set, version) for each in known):
            raise NotFound(f"Data set {data_set} never had version {version} of zone {country} {identifier}.")
        with register.reading(self.engine) as connection:
            return register.content_of(connection, data_set, country, identifier, version)

    def look(
        self,
        caller: Caller,
        purpose: str,
        case_reference: str | None,
        question: Mapping[str, Any],
        revisions: tuple[int | None, int | None],
        now: datetime,
    ) -> UUID:
        """Write down a look of the police and return its number; it is committed before it is answered.

        Raises:
            RegisterUnavailable: If it cannot be; then nothing may be answered.
        """
        number = self.new_id()
        with register.appending(self.engine) as connection:
            looks.add_look(
                connection, number, caller.person, purpose, case_reference, question, revisions, now
            )
        return number

    def name_case(self, caller: Caller, look: UUID, case_reference: str, now: datetime) -> None:
        """Write down to which case a look of the caller's belongs.

        Raises:
            NotFound: If it is not theirs.
        """
        with register.appending(self.engine) as connection:
            looks.add_case(connection, look, caller.person, case_reference, now)

    def revisions(self, before: int | None, limit: int) -> tuple[RevisionHead, ...]:
        """Return revisions with their signed heads, the newest first."""
        with register.reading(self.engine) as connection:
            return register.heads(connection, before, limit)

    def _number(self, at: int | datetime) -> int | None:
        if isinstance(at, datetime):
            # Not read-only in one state: who is publishing meanwhile is waited for, and then seen.
            with register.appending(self.engine) as connection:
                return register.revision_at(connection, at)
        with register.reading(self.engine) as connection:
            if not register.has_revision(connection, at):
                raise NotFound(f"There is no revision {at}.")
        return at

    def _compile(self, number: int, newest: Snapshot) -> Snapshot:
        known = {(each.data_set, each.version, each.format): each.zone for each in newest.zones}
        with register.reading(self.engine) as connection:
            then = register.load(connection, known, number)
        return build_snapshot(then.zones, then.data_sets, self.territories, then.revision, then.published_at)
