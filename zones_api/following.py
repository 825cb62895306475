"""Keeping the snapshot at the register's revision, and knowing when that was last confirmed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine

from zones_api.domain.feed import FeedState
from zones_api.domain.territory import Territories
from zones_api.errors import NoSnapshot, ZonesError
from zones_api.snapshot import Snapshot, build_snapshot
from zones_api.store import drafts, feeds, looks, register
from zones_api.store.drafts import Emergency

CONFIRM_EVERY_S = 1.0
"""How often the register is asked for its revision when it announces nothing: a lost announcement costs this."""
LONGEST_WAIT_S = 5.0
FORGET_EVERY = timedelta(hours=1)
EMERGENCY_SHOWN = timedelta(days=1)
"""How long an emergency publication is named; its zones end by then."""

log = structlog.get_logger()


@dataclass
class Following:
    """The snapshot in use, and when the register last confirmed that it is the newest. Replaced, never changed.

    `emergencies` are the publications of the last day that one person made alone. `feeds` is what is known of the
    documents that are kept fresh, by their data set.
    """

    snapshot: Snapshot | None = None
    confirmed_at: datetime | None = None
    emergencies: tuple[Emergency, ...] = ()
    feeds: Mapping[str, FeedState] = field(default_factory=dict)

    def current(self) -> Snapshot:
        """Return the snapshot in use.

        Raises:
            NoSnapshot: If none has been loaded yet.
        """
        if self.snapshot is None:
            raise NoSnapshot("The zones are still being loaded. Ask again in a moment.")
        return self.snapshot


def read_snapshot(engine: Engine, territories: Territories, previous: Snapshot | None = None) -> Snapshot:
    """Return the register's newest snapshot; zones of the previous one that did not change are taken over."""
    known = (
        {(each.data_set, each.version, each.format): each.zone for each in previous.zones} if previous else {}
    )
    with register.reading(engine) as connection:
        contents = register.load(connection, known)
    return build_snapshot(
        contents.zones, contents.data_sets, territories, contents.revision, contents.published_at
    )


def follow(
    engine: Engine,
    territories: Territories,
    following: Following,
    now: Callable[[], datetime],
    stop: threading.Event,
    keep_looks: timedelta | None = None,
) -> None:
    """Keep `following` at the register's revision until told to stop; runs in a thread of its own.

    While the database cannot be reached the last snapshot stands, and its `confirmed_at` grows old. Once an hour
    looks of the police that are older than `keep_looks` are forgotten; None keeps them.
    """
    wait_s = 0.1
    alarm = Alarm()
    forgot_at: datetime | None = None
    while not stop.is_set():
        try:
            with register.announcements(engine) as announced:
                while not stop.is_set():
                    catch_up(engine, territories, following, now)
                    alarm.look(following.emergencies, now())
                    if forgot_at is None or now() - forgot_at > FORGET_EVERY:
                        forgot_at = now()
                        _forget(engine, keep_looks)
                    wait_s = 0.1
                    announced(CONFIRM_EVERY_S)
        except ZonesError as error:
            context: dict[str, Any] = error.context
            log.warning("register lost", detail=error.detail, retry_in_s=wait_s, **context)
            stop.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _forget(engine: Engine, keep_looks: timedelta | None) -> None:
    with register.appending(engine) as connection:
        forgotten = looks.forget(connection, keep_looks) if keep_looks else 0
        answers = drafts.forget_answers(connection)
    log.info("forgot", looks_of_the_police=forgotten, answers_to_writes=answers)


def catch_up(
    engine: Engine, territories: Territories, following: Following, now: Callable[[], datetime]
) -> None:
    """Bring `following` to the register's newest revision."""
    asked_at = now()
    with register.reading(engine) as connection:
        newest = register.current_revision(connection)
        following.emergencies = tuple(drafts.emergencies(connection, asked_at - EMERGENCY_SHOWN))
        following.feeds = feeds.all_states(connection)
    if following.snapshot is None or following.snapshot.revision != newest:
        following.snapshot = read_snapshot(engine, territories, following.snapshot)
        log.info("following", revision=following.snapshot.revision, zones=len(following.snapshot.zones))
    following.confirmed_at = asked_at


@dataclass
class Alarm:
    """Says once of each emergency that there is one, and once that nobody confirmed it in time."""

    _said: set[tuple[str, int]] = field(default_factory=set)

    def look(self, emergencies: Iterable[Emergency], now: datetime) -> None:
        """Write what is new about the emergencies to the log."""
        for each in emergencies:
            if self._is_new("published", each.revision):
                log.warning(
                    "emergency published", revision=each.revision, confirm_by=each.confirm_by.isoformat()
                )
            if each.is_overdue(now) and self._is_new("overdue", each.revision):
                log.error("emergency unconfirmed", revision=each.revision, draft=str(each.draft))

    def _is_new(self, what: str, revision: int) -> bool:
        is_new = (what, revision) not in self._said
        self._said.add((what, revision))
        return is_new
