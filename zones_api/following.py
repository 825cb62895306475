"""Keeping the snapshot at the register's revision, and knowing when that was last confirmed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine

from zones_api.domain.territory import Territories
from zones_api.errors import NoSnapshot, ZonesError
from zones_api.snapshot import Snapshot, build_snapshot
from zones_api.store import register

CONFIRM_EVERY_S = 1.0
"""How often the register is asked for its revision when it announces nothing: a lost announcement costs this."""
LONGEST_WAIT_S = 5.0

log = structlog.get_logger()


@dataclass
class Following:
    """The snapshot in use, and when the register last confirmed that it is the newest. Replaced, never changed."""

    snapshot: Snapshot | None = None
    confirmed_at: datetime | None = None

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
    known = {(each.data_set, each.version): each.zone for each in previous.zones} if previous else {}
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
) -> None:
    """Keep `following` at the register's revision until told to stop; runs in a thread of its own.

    While the database cannot be reached the last snapshot stands, and its `confirmed_at` grows old.
    """
    wait_s = 0.1
    while not stop.is_set():
        try:
            with register.announcements(engine) as announced:
                while not stop.is_set():
                    _catch_up(engine, territories, following, now)
                    wait_s = 0.1
                    announced(CONFIRM_EVERY_S)
        except ZonesError as error:
            context: dict[str, Any] = error.context
            log.warning("register lost", detail=error.detail, retry_in_s=wait_s, **context)
            stop.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _catch_up(
    engine: Engine, territories: Territories, following: Following, now: Callable[[], datetime]
) -> None:
    asked_at = now()
    with register.reading(engine) as connection:
        newest = register.current_revision(connection)
    if following.snapshot is None or following.snapshot.revision != newest:
        following.snapshot = read_snapshot(engine, territories, following.snapshot)
        log.info("following", revision=following.snapshot.revision, zones=len(following.snapshot.zones))
    following.confirmed_at = asked_at
