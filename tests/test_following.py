"""A running service follows the register, and goes on without it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from tests.documents import collection, feature
from zones_api.domain.spans import END
from zones_api.domain.territory import Territories
from zones_api.errors import NoSnapshot
from zones_api.following import Following, follow, read_snapshot
from zones_api.formats.document import read_document
from zones_api.publishing import Submission, import_documents
from zones_api.store.register import open_register


def now() -> datetime:
    return datetime.now(UTC)


def take(engine: Engine, *identifiers: str) -> None:
    data = collection(*(feature(identifier) for identifier in identifiers))
    import_documents(engine, [Submission("ours", "f.json", data, read_document(data), True)], now)


@contextmanager
def followed(url: str) -> Iterator[Following]:
    engine, following, stop = open_register(url), Following(), threading.Event()
    thread = threading.Thread(target=follow, args=(engine, Territories(), following, now, stop))
    thread.start()
    try:
        yield following
    finally:
        stop.set()
        thread.join(10)
        engine.dispose()
        assert not thread.is_alive()


def within(seconds: float, happens: Callable[[], object]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return True
        time.sleep(0.01)
    return bool(happens())


def revision(following: Following) -> int | None:
    return following.snapshot.revision if following.snapshot else None


def test_a_new_revision_is_answered_from_within_a_second(engine: Engine, register_url: str) -> None:
    take(engine, "A")
    with followed(register_url) as following:
        assert within(5, lambda: revision(following) == 1)

        take(engine, "A", "B")

        assert within(1, lambda: revision(following) == 2)
        assert [p.zone.identifier for p in following.current().zones] == ["A", "B"]


def test_an_empty_register_is_a_snapshot_without_zones(register_url: str) -> None:
    with followed(register_url) as following:
        assert within(5, lambda: following.snapshot)

        assert following.current().revision is None
        assert following.current().zones == ()


def test_nothing_is_answered_before_the_first_snapshot() -> None:
    with pytest.raises(NoSnapshot):
        Following().current()


def test_zones_that_did_not_change_are_taken_over(engine: Engine) -> None:
    take(engine, "A", "B")
    before = read_snapshot(engine, Territories())
    take(engine, "A", "C")

    after = read_snapshot(engine, Territories(), before)

    assert after.zones[0].zone is before.zones[0].zone
    assert [(p.zone.identifier, p.valid[1] == END) for p in after.zones] == [
        ("A", True),
        ("B", False),
        ("C", True),
    ]
    assert after.zones[1].zone is before.zones[1].zone


def test_the_last_snapshot_stands_while_the_database_is_gone(engine: Engine, register_url: str) -> None:
    take(engine, "A")
    admin = create_engine(
        make_url(register_url).set(username="postgres", database="postgres"), isolation_level="AUTOCOMMIT"
    )
    name = make_url(register_url).database
    with followed(register_url) as following, admin.connect() as connection:
        assert within(5, lambda: revision(following) == 1)

        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": name},
        )
        lost_at = now()
        assert within(3, lambda: (now() - lost_at).total_seconds() > 1.5)
        assert revision(following) == 1
        assert following.confirmed_at is not None
        assert following.confirmed_at <= lost_at

        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
        take(engine, "A", "B")
        assert within(10, lambda: revision(following) == 2)
    admin.dispose()


def test_a_lost_announcement_is_caught_up_with(engine: Engine, register_url: str) -> None:
    take(engine, "A")
    with followed(register_url) as following:
        assert within(5, lambda: revision(following) == 1)

        with engine.begin() as connection:  # a revision nobody announced
            connection.execute(
                text(
                    "INSERT INTO revision VALUES (2, now() + interval '1 second', 'unannounced', '{}', 'none')"
                )
            )

        assert within(3, lambda: revision(following) == 2)
