"""Following a publisher's document into a real register: what is new is taken, whatever else comes leaves it alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from tests.documents import collection, feature
from tests.publisher import Publisher, answering, offering, publishing
from zones_api.app import create_app
from zones_api.comparison import check_database
from zones_api.domain.feed import FeedState
from zones_api.domain.territory import Territories
from zones_api.fetching import Failed, Feed
from zones_api.following import Following, catch_up
from zones_api.formats.document import read_document
from zones_api.mirroring import Mirror, check, follow_feeds
from zones_api.publishing import Submission, import_documents
from zones_api.store import feeds
from zones_api.store.register import appending, open_register, reading

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
EVERY = timedelta(minutes=15)
TEN = collection(*(feature(f"Z{number}") for number in range(10)))
ELEVEN = collection(*(feature(f"Z{number}") for number in range(11)))


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        running.does = offering(TEN)
        yield running


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mirror(engine: Engine, clock: Clock) -> Mirror:
    return Mirror(engine, clock, lambda: 0.5)


def feed(publisher: Publisher, data_set: str = "ours") -> Feed:
    return Feed(data_set, publisher.url)


def checked(mirror: Mirror, publisher: Publisher) -> FeedState:
    state = check(mirror, feed(publisher))
    assert state is not None
    return state


def revision(engine: Engine) -> int:
    with reading(engine) as connection:
        assert check_database(connection).fault_count == 0
        return connection.execute(text("SELECT coalesce(max(number), 0) FROM revision")).scalar_one()


def test_a_document_is_taken_and_then_only_asked_about(
    mirror: Mirror, publisher: Publisher, clock: Clock
) -> None:
    first = checked(mirror, publisher)
    clock.now += EVERY
    second = checked(mirror, publisher)

    assert revision(mirror.engine) == 1
    assert (first.changed_at, first.failures) == (NOON, 0)
    assert (second.checked_at, second.changed_at) == (NOON + EVERY, NOON)
    assert "if-none-match" in publisher.asked[1]


def test_a_document_that_changed_is_the_next_revision(
    mirror: Mirror, publisher: Publisher, clock: Clock
) -> None:
    checked(mirror, publisher)
    publisher.does = offering(ELEVEN)
    clock.now += EVERY

    state = checked(mirror, publisher)

    assert revision(mirror.engine) == 2
    assert state.changed_at == NOON + EVERY


def test_a_document_sent_again_whole_is_unchanged(mirror: Mirror, publisher: Publisher, clock: Clock) -> None:
    publisher.does = answering(200, TEN)
    checked(mirror, publisher)
    clock.now += EVERY

    state = checked(mirror, publisher)

    assert revision(mirror.engine) == 1
    assert (state.checked_at, state.changed_at) == (NOON + EVERY, NOON)


BAD = {
    "an HTML page": (answering(200, b"<html><body>Sign in</body></html>"), "HTML page"),
    "a truncated document": (answering(200, TEN[:-40]), "not JSON"),
    "nothing": (answering(200, b""), "is empty"),
    "a list of nothing": (answering(200, b"[]"), "no zones"),
    "a member twice": (answering(200, b'{"type": 1, "type": 2}'), "stands twice"),
    "NaN": (answering(200, b"[NaN]"), "NaN"),
    "something else": (answering(200, b'{"hello": "world"}'), "neither an ED-318"),
    "a server's fault": (answering(500), "answered 500"),
    "a document that is gone": (answering(404), "answered 404"),
    "a redirect elsewhere": (answering(302, Location="https://elsewhere.example.org/"), "redirects to"),
    "six zones of ten": (answering(200, collection(*(feature(f"Z{n}") for n in range(6)))), "was held"),
}


@pytest.mark.parametrize("what", BAD)
def test_the_last_good_version_stands(mirror: Mirror, publisher: Publisher, clock: Clock, what: str) -> None:
    good = checked(mirror, publisher)
    publisher.does, said = BAD[what]
    clock.now += EVERY

    state = checked(mirror, publisher)

    assert revision(mirror.engine) == 1
    assert said in (state.failure or "")
    assert (state.checked_at, state.changed_at) == (NOON, NOON)
    assert (state.etag, state.digest) == (good.etag, good.digest)
    assert (state.failed_at, state.failures) == (clock.now, 1)


def test_what_was_imported_otherwise_is_not_called_unchanged(
    mirror: Mirror, publisher: Publisher, clock: Clock
) -> None:
    checked(mirror, publisher)
    by_hand = Submission("ours", "by-hand.json", ELEVEN, read_document(ELEVEN))
    import_documents(mirror.engine, [by_hand], clock)

    state = checked(mirror, publisher)

    assert "if-none-match" not in publisher.asked[1]
    assert revision(mirror.engine) == 3
    assert state.digest == read_document(TEN).digest


def test_another_address_is_asked_for_the_whole_document(
    mirror: Mirror, publisher: Publisher, clock: Clock
) -> None:
    checked(mirror, publisher)

    check(mirror, Feed("ours", publisher.url.replace("zones.json", "moved.json")))

    assert "if-none-match" not in publisher.asked[1]


def test_what_is_not_due_is_left_alone(mirror: Mirror, publisher: Publisher, clock: Clock) -> None:
    state = checked(mirror, publisher)

    clock.now += EVERY - timedelta(seconds=1)
    assert check(mirror, feed(publisher), only_if_due=True) == state
    assert len(publisher.asked) == 1

    clock.now = NOON + EVERY * 1.1
    assert check(mirror, feed(publisher), only_if_due=True) != state
    assert len(publisher.asked) == 2


def test_failures_are_waited_out_longer_and_longer(
    mirror: Mirror, publisher: Publisher, clock: Clock
) -> None:
    publisher.does = answering(500)
    waits = []
    for _ in range(8):
        state = checked(mirror, publisher)
        assert state.next_at is not None
        waits.append((state.next_at - clock.now) / timedelta(minutes=1.1))
        clock.now = state.next_at

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_server_is_left_alone_for_as_long_as_it_asks(
    mirror: Mirror, publisher: Publisher, clock: Clock
) -> None:
    publisher.does = answering(429, Retry_After="7200")
    assert checked(mirror, publisher).next_at == NOON + timedelta(hours=2)

    publisher.does = answering(429, Retry_After="999999999")
    assert checked(mirror, publisher).next_at == NOON + timedelta(days=1)


def test_a_document_that_is_held_is_not_fetched_again_sooner_than_usual(
    mirror: Mirror, publisher: Publisher
) -> None:
    checked(mirror, publisher)
    publisher.does = answering(200, b"[]")

    state = checked(mirror, publisher)

    assert state.next_at == NOON + EVERY * 1.1


def test_only_one_follower_is_at_a_feed(mirror: Mirror, publisher: Publisher, register_url: str) -> None:
    other = replace(mirror, engine=open_register(register_url))
    with feeds.turn(other.engine, "ours") as make_sure:
        assert make_sure is not None
        assert check(mirror, feed(publisher)) is None
        assert check(mirror, feed(publisher, "another")) is not None

    assert check(mirror, feed(publisher)) is not None
    other.engine.dispose()


def test_the_turn_of_a_follower_whose_connection_is_lost_is_over(
    mirror: Mirror, publisher: Publisher
) -> None:
    def cut_off(*_: object) -> Failed:
        with mirror.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
        return Failed("it does not come to this")

    with pytest.raises(Exception, match="cannot be used right now"):
        check(replace(mirror, fetch=cut_off), feed(publisher))

    assert checked(mirror, publisher).failures == 0


def test_the_service_can_change_the_state_of_a_feed_and_no_fact(engine: Engine) -> None:
    with appending(engine) as connection:
        feeds.keep(connection, FeedState("ours", "https://zones.example.org/z.json"))
        feeds.keep(connection, FeedState("ours", "https://zones.example.org/z.json", failures=2))
        assert feeds.all_states(connection)["ours"].failures == 2
    with engine.connect() as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute(text("DELETE FROM feed"))


def within(seconds: float, happens: Callable[[], object]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return True
        time.sleep(0.01)
    return bool(happens())


def test_one_feeds_fault_stops_no_other(engine: Engine) -> None:
    mirror = Mirror(engine, lambda: datetime.now(UTC), lambda: 0.0)
    stop = threading.Event()
    with publishing() as hanging, publishing() as broken, publishing() as good:
        let_go = threading.Event()
        hanging.does = lambda _asked: let_go.wait(30) and None
        broken.does = answering(500)
        good.does = offering(TEN)
        threads = follow_feeds(
            mirror, [feed(hanging, "hanging"), feed(broken, "broken"), feed(good, "good")], stop
        )
        try:
            assert within(10, lambda: revision(engine) == 1)
        finally:
            stop.set()
            let_go.set()
            for thread in threads:
                thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def ask(engine: Engine, now: datetime, stale_after: timedelta | None) -> dict[str, object]:
    """Return what a service says, at a moment, of a place where the feed has no zone."""
    from tests.conftest import ROOT
    from zones_api.formats.territories import read_territories

    following = Following()
    territories: Territories = read_territories(ROOT / "geodata")
    catch_up(engine, territories, following, lambda: now)
    with TestClient(create_app(following, lambda: now, stale_after=stale_after)) as client:
        said = client.get("/v1/status?lon=4.5&lat=52.4")
        metrics = client.get("/metrics").text
        return json.loads(said.text) | {"metrics": metrics}


def test_a_document_is_as_fresh_as_the_last_time_its_publisher_confirmed_it(
    mirror: Mirror, publisher: Publisher, clock: Clock
) -> None:
    publisher.does = offering(
        collection(*(feature(f"Z{number}") for number in range(10)), issued="2026-01-01T00:00:00Z")
    )
    checked(mirror, publisher)
    clock.now += timedelta(days=40)
    late, limit = clock.now, timedelta(days=30)
    before = ask(mirror.engine, late, limit)

    checked(mirror, publisher)
    fresh = ask(mirror.engine, late, limit)
    unreached = ask(mirror.engine, late + timedelta(days=31), limit)

    assert (before["verdict"], before["stale"]) == ("UNKNOWN", ["ours"])
    assert (fresh["verdict"], fresh["stale"]) == ("NO_ZONE_FOUND", [])
    assert (unreached["verdict"], unreached["stale"]) == ("UNKNOWN", ["ours"])
    assert fresh["assessment"] == before["assessment"]
    assert fresh["revision"] == 1


def test_a_publisher_vouches_only_for_the_document_that_is_theirs(
    mirror: Mirror, publisher: Publisher, clock: Clock
) -> None:
    checked(mirror, publisher)
    by_hand = Submission("ours", "by-hand.json", ELEVEN, read_document(ELEVEN))
    import_documents(mirror.engine, [by_hand], clock)

    said = ask(mirror.engine, NOON, None)

    assert said["data"][0]["checked_age_s"] is None  # type: ignore[index]


def test_answers_and_metrics_say_how_a_feed_is(mirror: Mirror, publisher: Publisher, clock: Clock) -> None:
    checked(mirror, publisher)
    publisher.does = answering(503)
    clock.now += timedelta(hours=1)
    checked(mirror, publisher)

    said = ask(mirror.engine, NOON + timedelta(hours=2), None)

    age = said["data"][0]  # type: ignore[index]
    assert age["checked_age_s"] == 7200
    assert age["feed"] == {
        "checked_at": "2026-11-28T12:00:00Z",
        "changed_at": "2026-11-28T12:00:00Z",
        "failed_at": "2026-11-28T13:00:00Z",
        "failure": "The server answered 503 Service Unavailable.",
        "is_failing": True,
    }
    for line in (
        'zones_feed_checked_age_seconds{data_set="ours"} 7200.0',
        'zones_feed_changed_age_seconds{data_set="ours"} 7200.0',
        'zones_feed_failures{data_set="ours"} 1.0',
    ):
        assert line in str(said["metrics"])
