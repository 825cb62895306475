"""A change of the register before it is published: what it would change, where it stands, who may take it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shapely.geometry.base import BaseGeometry

from zones_api.domain.people import Action, Caller, Organisation
from zones_api.domain.spans import END, Span
from zones_api.domain.zone import UASZone


class State(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    ABANDONED = "abandoned"


class Step(StrEnum):
    """What can be done with a draft."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send back"
    REJECT = "reject"
    PUBLISH = "publish"
    PUBLISH_IN_EMERGENCY = "publish in emergency"
    ABANDON = "abandon"


TRANSITIONS: Mapping[tuple[State, Step], State] = {
    (State.DRAFT, Step.EDIT): State.DRAFT,
    (State.DRAFT, Step.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Step.PUBLISH_IN_EMERGENCY): State.PUBLISHED,
    (State.DRAFT, Step.ABANDON): State.ABANDONED,
    (State.SUBMITTED, Step.EDIT): State.DRAFT,
    (State.SUBMITTED, Step.APPROVE): State.APPROVED,
    (State.SUBMITTED, Step.SEND_BACK): State.DRAFT,
    (State.SUBMITTED, Step.REJECT): State.REJECTED,
    (State.SUBMITTED, Step.PUBLISH_IN_EMERGENCY): State.PUBLISHED,
    (State.SUBMITTED, Step.ABANDON): State.ABANDONED,
    (State.APPROVED, Step.EDIT): State.DRAFT,
    (State.APPROVED, Step.APPROVE): State.APPROVED,
    (State.APPROVED, Step.SEND_BACK): State.DRAFT,
    (State.APPROVED, Step.REJECT): State.REJECTED,
    (State.APPROVED, Step.PUBLISH): State.PUBLISHED,
    (State.APPROVED, Step.PUBLISH_IN_EMERGENCY): State.PUBLISHED,
    (State.APPROVED, Step.ABANDON): State.ABANDONED,
}
"""Every step there is; what is not listed is refused. An edit takes approvals away with it."""

NEEDS: Mapping[Step, Action] = {
    Step.EDIT: Action.WRITE_DRAFT,
    Step.SUBMIT: Action.WRITE_DRAFT,
    Step.ABANDON: Action.WRITE_DRAFT,
    Step.APPROVE: Action.REVIEW_DRAFT,
    Step.SEND_BACK: Action.REVIEW_DRAFT,
    Step.REJECT: Action.REVIEW_DRAFT,
    Step.PUBLISH: Action.PUBLISH_DRAFT,
    Step.PUBLISH_IN_EMERGENCY: Action.PUBLISH_DRAFT,
}
"""What one must be entitled to for a step: to write in the draft's organisation, to the rest in its publisher."""


class Opinion(StrEnum):
    """What a reviewer says of a draft: it is right, it needs a change, or it is not to be published at all."""

    APPROVED = "approved"
    SENT_BACK = "sent back"
    REJECTED = "rejected"


REVIEWS: Mapping[Opinion, Step] = {
    Opinion.APPROVED: Step.APPROVE,
    Opinion.SENT_BACK: Step.SEND_BACK,
    Opinion.REJECTED: Step.REJECT,
}
"""The step that each opinion is."""


@dataclass(frozen=True)
class Review:
    """What a person said of one version of a draft, as its digest names it; only an approval may go without a comment."""

    person: int
    name: str
    version: int
    digest: str
    opinion: Opinion
    comment: str | None
    at: datetime


@dataclass(frozen=True)
class Draft:
    """A draft as it stands: `content` is canonical JSON, `digest` its SHA-256, `authors` everyone who wrote of it.

    `organisation` writes it; `publisher`, the same or another, reviews and publishes it. `revision` is the one that
    published it. `is_emergency` is what its content says of itself.
    """

    id: UUID
    organisation: Organisation
    publisher: Organisation
    state: State
    version: int
    content: bytes
    digest: str
    authors: Mapping[int, str]
    reviews: tuple[Review, ...]
    created_at: datetime
    written_at: datetime
    revision: int | None
    is_emergency: bool = False

    def organisation_for(self, step: Step) -> Organisation:
        """Return the organisation in which one needs to be entitled to a step."""
        return self.organisation if NEEDS[step] is Action.WRITE_DRAFT else self.publisher

    @property
    def steps(self) -> tuple[Step, ...]:
        """What can be done with it where it stands."""
        other = Step.PUBLISH if self.is_emergency else Step.PUBLISH_IN_EMERGENCY
        return tuple(step for step in Step if (self.state, step) in TRANSITIONS and step is not other)

    def steps_of(self, caller: Caller) -> tuple[Step, ...]:
        """What a person may do with it where it stands: no author approves, and nobody reviews a version twice."""
        reviewed = any((each.person, each.version) == (caller.person, self.version) for each in self.reviews)
        return tuple(
            step
            for step in self.steps
            if caller.may(NEEDS[step], self.organisation_for(step).id)
            and not (step is Step.APPROVE and caller.person in self.authors)
            and not (step in REVIEWS.values() and reviewed)
        )

    @property
    def approvals(self) -> tuple[Review, ...]:
        """The approvals that count: of exactly this content, by who wrote none of it, since it was last sent back."""
        counting: list[Review] = []
        for review in self.reviews:
            if review.opinion is not Opinion.APPROVED:
                counting = []
            elif (review.version, review.digest) == (self.version, self.digest):
                counting.append(review)
        return tuple(review for review in counting if review.person not in self.authors)


@dataclass(frozen=True)
class Item:
    """One zone over a span of time: `zone` is what applies from then on, None takes away what applied.

    `start` None is the moment of publication, `end` None is no end; the end itself is not included. `content` is
    the canonical JSON of the zone's features, `format` the one it is read in, "" is that of drafts.

    `mends` is the digest of a feature that was set aside, as published: the item then decides what is in its place,
    or with `undoes` that nothing is decided any more.
    """

    country: str
    identifier: str
    start: datetime | None
    end: datetime | None
    zone: UASZone | None = None
    content: bytes | None = None
    format: str = ""
    mends: str | None = None
    undoes: bool = False

    def span(self, published_at: datetime) -> Span:
        """Return when it applies, if it is published at a moment before its end."""
        return self.start or published_at, END if self.end is None else self.end - timedelta.resolution

    @property
    def name(self) -> str:
        """Country and identifier."""
        return f"{self.country} {self.identifier}"


@dataclass(frozen=True)
class DraftContent:
    """What a draft would publish; `coverage` is the area in which its data set then lists every zone, None as before."""

    title: str
    data_set: str
    legal_reference: str
    reason: str | None
    items: tuple[Item, ...]
    coverage: BaseGeometry | None = None
    emergency: bool = False
