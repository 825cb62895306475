"""Following publishers' documents: each is asked for at its interval, and what is new is imported.

What fails is written down and shown, and the last good version stands. No feed waits for another's fault.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Engine

from zones_api.domain.feed import FeedState
from zones_api.errors import DocumentRefused, RegisterUnavailable, ZonesError
from zones_api.fetching import Answer, Failed, Feed, Fetched, Unchanged, fetch
from zones_api.formats.document import read_document
from zones_api.publishing import Submission, import_documents
from zones_api.store import feeds, register
from zones_api.store.ledger import Sign

AT_ONCE = 2
"""So many feeds are fetched at one time by one program: a document may need much memory."""
LOOK_EVERY_S = 30.0
"""How often a feed's state is looked at, at least: another program may have asked for it, or given up its turn."""

Fetch = Callable[[Feed, str | None, str | None], Answer]

log = structlog.get_logger()


@dataclass(frozen=True)
class Mirror:
    """What following needs: the register, how its revisions are signed, a clock, and chance from 0 to 1."""

    engine: Engine
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    sign: Sign | None = None
    fetch: Fetch | None = None

    def ask(self, feed: Feed, etag: str | None, last_modified: str | None) -> Answer:
        """Return what a feed's server answers."""
        if self.fetch is not None:
            return self.fetch(feed, etag, last_modified)
        return fetch(feed, etag, last_modified, self.clock)


def check(mirror: Mirror, feed: Feed, *, only_if_due: bool = False) -> FeedState | None:
    """Ask a feed's server once, import what is new, and return what is then known of the feed.

    Args:
        mirror: What it needs.
        feed: The feed.
        only_if_due: Whether to leave alone what is not due yet; its state is then returned as it is.

    Returns:
        The state; None if another program is at this feed.

    Raises:
        RegisterUnavailable: If the database fails; nothing is then written.
    """
    with feeds.turn(mirror.engine, feed.data_set) as make_sure:
        if make_sure is None:
            return None
        with register.reading(mirror.engine) as connection:
            state = feeds.find(connection, feed.data_set)
            last = register.last_document(connection, feed.data_set)
            held = last[0] if last else None
        if state is None or state.url != feed.url:
            state = FeedState(feed.data_set, feed.url)
        if only_if_due and state.next_at is not None and mirror.clock() < state.next_at:
            return state
        # What was imported otherwise is not what the server would call unchanged.
        has_it = state.digest is not None and state.digest == held
        answer = mirror.ask(feed, state.etag if has_it else None, state.last_modified if has_it else None)
        make_sure()
        after = _after(mirror, feed, state, held, answer)
        with register.appending(mirror.engine) as connection:
            feeds.keep(connection, after)
    return after


def follow_feeds(mirror: Mirror, followed: Sequence[Feed], stop: threading.Event) -> list[threading.Thread]:
    """Start to follow feeds until told to stop, each in a thread that ends with the program; return the threads."""
    slots = threading.BoundedSemaphore(AT_ONCE)
    threads = [
        threading.Thread(
            target=_follow, args=(mirror, feed, stop, slots), name=f"feed {feed.data_set}", daemon=True
        )
        for feed in followed
    ]
    for thread in threads:
        thread.start()
    return threads


def _follow(mirror: Mirror, feed: Feed, stop: threading.Event, slots: threading.BoundedSemaphore) -> None:
    while not stop.is_set():
        wait_s = LOOK_EVERY_S
        try:
            with slots:
                state = None if stop.is_set() else check(mirror, feed, only_if_due=True)
            if state is not None and state.next_at is not None:
                wait_s = min(wait_s, max((state.next_at - mirror.clock()).total_seconds(), 1.0))
        except ZonesError as error:
            log.warning("feed not checked", data_set=feed.data_set, detail=error.detail, **error.context)
        except Exception:
            log.exception("feed not checked", data_set=feed.data_set)
        stop.wait(wait_s)


def _after(mirror: Mirror, feed: Feed, state: FeedState, held: str | None, answer: Answer) -> FeedState:
    """Return what is known of a feed after an answer, and import what came with it."""
    match answer:
        case Failed(sentence, retry_after):
            after = state.failed(mirror.clock(), feed.every, mirror.chance(), sentence, retry_after)
        case Unchanged():
            after = state.succeeded(mirror.clock(), feed.every, mirror.chance())
        case Fetched():
            after = _taken(mirror, feed, state, held, answer)
    _say(state, after)
    return after


def _taken(mirror: Mirror, feed: Feed, state: FeedState, held: str | None, answer: Fetched) -> FeedState:
    digest = hashlib.sha256(answer.data).hexdigest()
    if digest != held:
        why_not = _import(mirror, feed, answer.data)
        if why_not is not None:
            return state.failed(mirror.clock(), feed.every, mirror.chance(), why_not, is_held=True)
    taken = FeedState(
        feed.data_set, feed.url, digest=digest, etag=answer.etag, last_modified=answer.last_modified
    )
    return state.succeeded(mirror.clock(), feed.every, mirror.chance(), taken=taken)


def _import(mirror: Mirror, feed: Feed, data: bytes) -> str | None:
    """Import a document; return why it is held in a sentence, None if it was taken."""
    try:
        submission = Submission(feed.data_set, feed.file_name, data, read_document(data))
        done = import_documents(mirror.engine, [submission], mirror.clock, mirror.sign)
    except DocumentRefused as error:
        return error.detail
    except RegisterUnavailable:
        raise
    except Exception:
        # A document of anybody's must not end the following of it, nor be fetched again and again.
        log.exception("document not read", data_set=feed.data_set)
        return "A fault of this program kept the document from being read; its log says more."
    each = done.documents[0]
    log.info(
        "feed changed",
        data_set=feed.data_set,
        revision=done.revision,
        added=each.added,
        changed=each.changed,
        removed=each.removed,
        quarantined=len(each.quarantined),
    )
    for notice in each.notices:
        log.warning("decision void", data_set=feed.data_set, notice=notice)
    return None


def _say(before: FeedState, after: FeedState) -> None:
    about = {"data_set": after.data_set, "next_at": after.next_at.isoformat() if after.next_at else None}
    if after.is_failing:
        stands_since = after.checked_at.isoformat() if after.checked_at else None
        log.warning(
            "feed failed", failure=after.failure, failures=after.failures, stands_since=stands_since, **about
        )
    elif before.is_failing:
        log.info("feed answers again", after_failures=before.failures, **about)
    else:
        log.info("feed checked", **about)
