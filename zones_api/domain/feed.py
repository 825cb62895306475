"""A publisher's document that is fetched again and again: what is known of it, and when it is asked for next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zones_api.domain.data_set import DataSet

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
"""After a failure a feed is asked again sooner than usual, each time waiting twice as long, up to this or its
interval if that is longer."""
LONGEST_OBEYED = timedelta(days=1)
"""A server that asks to be left alone for longer is asked again after this."""
JITTER = 0.2
"""The part of a wait by which it may be longer, so that many followers do not ask at once."""


@dataclass(frozen=True)
class FeedState:
    """What is known of a feed; a moment is None where that never happened.

    `digest`, `etag` and `last_modified` are of the document last taken. `checked_at` is when its publisher last said
    that this is its document, `changed_at` when it last became another one. `failure` is the last failure in a
    sentence, `failures` how many there were since the last success. It is not asked before `next_at`.
    """

    data_set: str
    url: str
    digest: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    checked_at: datetime | None = None
    changed_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str | None = None
    failures: int = 0
    next_at: datetime | None = None

    @property
    def is_failing(self) -> bool:
        """Whether nothing succeeded since the last failure."""
        return self.failures > 0

    def vouches_for(self, data_set: DataSet) -> datetime | None:
        """Return when the publisher last said that this is its document; None if it said so of another one, or never."""
        return self.checked_at if self.digest is not None and self.digest == data_set.digest else None

    def succeeded(
        self, now: datetime, every: timedelta, chance: float, *, taken: FeedState | None = None
    ) -> FeedState:
        """Return the state after a success.

        Args:
            now: When.
            every: The feed's interval.
            chance: From 0 to 1, at random.
            taken: Holds `digest`, `etag` and `last_modified` of a document that was taken; None if none was sent.
        """
        of = taken or self
        return replace(
            self,
            digest=of.digest,
            etag=of.etag,
            last_modified=of.last_modified,
            checked_at=now,
            changed_at=self.changed_at if of.digest == self.digest else now,
            failures=0,
            next_at=now + every * (1 + JITTER * chance),
        )

    def failed(
        self,
        now: datetime,
        every: timedelta,
        chance: float,
        failure: str,
        retry_after: timedelta | None = None,
        *,
        is_held: bool = False,
    ) -> FeedState:
        """Return the state after a failure; what was taken before stands.

        Args:
            now: When.
            every: The feed's interval.
            chance: From 0 to 1, at random.
            failure: A sentence.
            retry_after: How long the server asked to be left alone.
            is_held: Whether a document came and was not taken: it is not fetched again sooner than usual.
        """
        doubled = FIRST_RETRY * 2 ** min(self.failures, 20)
        wait = min(doubled, max(every, LONGEST_RETRY))
        wait = max(wait, every) if is_held else wait
        wait = max(wait * (1 + JITTER * chance), min(retry_after or timedelta(), LONGEST_OBEYED))
        return replace(self, failed_at=now, failure=failure, failures=self.failures + 1, next_at=now + wait)
