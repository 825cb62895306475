"""The life of a change by an authority: drafted, submitted, reviewed, published. Each step is one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from zones_api.deciding import NOT_AS_THINGS_STAND
from zones_api.domain.drafting import (
    NEEDS,
    REVIEWS,
    TRANSITIONS,
    Draft,
    DraftContent,
    Item,
    Opinion,
    State,
    Step,
)
from zones_api.domain.geometry import Bounds
from zones_api.domain.people import POLICY, Action, Caller
from zones_api.domain.territory import Territories
from zones_api.domain.texts import Bilingual
from zones_api.domain.zone import PublishedZone
from zones_api.errors import (
    Defect,
    DraftDefective,
    InputTooLarge,
    KeyReused,
    NotEntitled,
    NotFound,
    Stale,
    UnacceptableInput,
    WrongState,
    ZonesError,
)
from zones_api.examining import Examined, Surrounded, examine, vouching
from zones_api.formats import ed318, strict_json
from zones_api.formats.document import Metadata
from zones_api.keys import Keys
from zones_api.store import drafts, ledger, people, register
from zones_api.store.drafts import Answered
from zones_api.store.ledger import Change, DataSetChange, Opening

CONFIRM_WITHIN = timedelta(hours=2)
MAX_LISTED = 200
MAX_CONTENT_BYTES = 5_000_000


@dataclass(frozen=True)
class Reply:
    """What a write is answered with."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Desk:
    """Where authorities' changes are taken in."""

    engine: Engine
    keys: Keys
    territories: Territories
    new_id: Callable[[], UUID]
    emergency_area_km2: float = 100.0

    def once(
        self,
        caller: Caller,
        key: str,
        request_digest: str,
        clock: Callable[[], datetime],
        act: Callable[[Work], Reply],
        action: Action = Action.READ_DRAFT,
    ) -> Reply:
        """Do one write of a person, or return what the same request was answered before; committed when it returns.

        Args:
            caller: Who writes.
            key: Their Idempotency-Key.
            request_digest: The digest of the whole request.
            clock: Tells the moment, once it is this write's turn; a publication asks it again under the publishing
                lock, so that what is known at a time never changes.
            act: What is to be done, and said.
            action: What one must be entitled to, for any organisation, to be told again what was answered.

        Raises:
            KeyReused: If the key was used for another request.
            ZonesError: Whatever `act` raises; nothing is then written but, of a refusal, that it was one.
        """
        try:
            with register.appending(self.engine) as connection:
                register.wait_for_turn(connection, caller.person, key)
                now = clock()
                before = drafts.answered(connection, caller.person, key)
                if before is not None:
                    return _again(before, request_digest, caller, action)
                drafts.see(connection, caller.organisations(Action.READ_DRAFT))
                reply = act(Work(self, connection, caller, now, clock))
                answer = Answered(request_digest, reply.status, reply.headers, reply.body)
                drafts.keep_answer(connection, caller.person, key, answer, now)
        except (NotEntitled, Stale, WrongState, DraftDefective) as error:
            self._write_down(caller, error, clock())
            raise
        return reply

    def read(self, caller: Caller, draft_id: UUID) -> Draft:
        """Return a draft that a person may see.

        Raises:
            NotFound: If there is none.
        """
        with register.reading(self.engine) as connection:
            drafts.see(connection, caller.organisations(Action.READ_DRAFT))
            return drafts.find(connection, draft_id)

    def read_version(self, caller: Caller, draft_id: UUID, version: int) -> bytes:
        """Return what a draft that a person may see said in one of its versions, as canonical JSON.

        Raises:
            NotFound: If there is no such draft or version.
        """
        with register.reading(self.engine) as connection:
            drafts.see(connection, caller.organisations(Action.READ_DRAFT))
            draft = drafts.find(connection, draft_id)
            content = drafts.content_of(connection, draft_id, version)
        if content is None:
            raise NotFound(f"This draft has no version {version}; the last one is {draft.version}.")
        return content

    def list(self, caller: Caller, states: Sequence[State]) -> list[Draft]:
        """Return the newest drafts in some states that a person may see."""
        with register.reading(self.engine) as connection:
            drafts.see(connection, caller.organisations(Action.READ_DRAFT))
            return [drafts.find(connection, each) for each in drafts.numbers(connection, states, MAX_LISTED)]

    def examine(
        self, caller: Caller, draft_id: UUID, now: datetime, near: Callable[[Bounds], Sequence[PublishedZone]]
    ) -> tuple[Draft, Examined]:
        """Return a draft, everything there is to say of it, and what it would change.

        Args:
            caller: Who asks.
            draft_id: Its number.
            now: The moment it would be published.
            near: Returns the register's zones whose boxes touch a box.
        """
        with register.reading(self.engine) as connection:
            drafts.see(connection, caller.organisations(Action.READ_DRAFT))
            draft = drafts.find(connection, draft_id)
            return draft, self.weigh(connection, draft, now, near)

    def weigh(
        self,
        connection: Connection,
        draft: Draft,
        published_at: datetime,
        near: Callable[[Bounds], Sequence[PublishedZone]] | None = None,
    ) -> Examined:
        """Return what a draft would do if it were published at a moment; without `near` only what stops it is said."""
        around = Surrounded(self.territories, self.emergency_area_km2, near)
        return examine(connection, draft, published_at, around)

    def _write_down(self, caller: Caller, error: ZonesError, now: datetime) -> None:
        with register.appending(self.engine) as connection:
            draft, step = error.context.get("draft"), error.context.get("step", "write")
            drafts.add_refusal(connection, caller.person, draft, step, error.detail, now)


@dataclass(frozen=True)
class Work:
    """One write of one person: the transaction in which it happens, and its moment."""

    desk: Desk
    connection: Connection
    caller: Caller
    now: datetime
    clock: Callable[[], datetime]


@dataclass(frozen=True)
class Published:
    """What a publication made."""

    draft: Draft
    revision: int
    hash: str
    published_at: datetime
    sentence: Bilingual
    confirm_by: datetime | None


def _again(before: Answered, request_digest: str, caller: Caller, action: Action) -> Reply:
    """Return what a request was answered before, if it is that request and may still be read."""
    if before.request_digest != request_digest:
        raise KeyReused("This Idempotency-Key was used for another request. Make a new one.")
    if not caller.organisations(action):
        raise NotEntitled("You may not read what this was answered any more.")
    return Reply(before.status, before.headers, before.body)


def create(work: Work, organisation: str | None, publisher: str | None, content: Mapping[str, Any]) -> Draft:
    """Begin a draft for an organisation whose drafter the caller is.

    Args:
        work: The write.
        organisation: Its key; None if the caller is drafter of one alone.
        publisher: The organisation that is to review and publish it; None is the same.
        content: The content, which may still be defective.
    """
    own = work.caller.organisations(Action.WRITE_DRAFT)
    if organisation is None:
        if len(own) != 1:
            raise NotEntitled(
                "Say for which organisation: you are drafter of " + ("several." if own else "none.")
            )
        writes = people.organisation_number(work.connection, next(iter(own)))
    else:
        writes = people.organisation_of(work.connection, organisation)
    if writes.id not in own:
        raise NotEntitled(f"To write a draft you need to be drafter of {writes.name}.", step="create")
    publishes = writes if publisher is None else people.organisation_of(work.connection, publisher)
    draft_id = work.desk.new_id()
    data = _canonical(content)
    drafts.add(work.connection, draft_id, writes, publishes, data, work.caller.person, work.now)
    return drafts.find(work.connection, draft_id)


def edit(work: Work, draft_id: UUID, seen: Callable[[Draft], bool], changed: Callable[[Any], Any]) -> Draft:
    """Write a draft's next version; approvals of the one before no longer count.

    Raises:
        Stale: If the caller saw another state of it than it is in.
    """
    draft = _begin(work, draft_id, Step.EDIT)
    if not seen(draft):
        raise Stale("The draft has changed since you read it.", draft=draft_id, step=Step.EDIT)
    data = _canonical(changed(strict_json.loads(draft.content)))
    if data != draft.content:
        drafts.add_version(work.connection, draft, data, work.caller.person, work.now)
        drafts.set_state(work.connection, draft_id, TRANSITIONS[draft.state, Step.EDIT])
    return drafts.find(work.connection, draft_id)


def reread(work: Work, draft_id: UUID) -> Draft:
    """Return a draft as it stands within a write."""
    return drafts.find(work.connection, draft_id)


def version_of(work: Work, draft_id: UUID, version: int) -> bytes | None:
    """Return what a draft said in an earlier version, None if it has no such version."""
    return drafts.content_of(work.connection, draft_id, version)


def submit(work: Work, draft_id: UUID, digest: str) -> Draft:
    """Hand a draft to its reviewers.

    Raises:
        DraftDefective: If anything stops it.
    """
    draft = _begin(work, draft_id, Step.SUBMIT, digest)
    _require_sound(work, draft, work.now, Step.SUBMIT)
    return _end(work, draft, Step.SUBMIT)


def review(work: Work, draft_id: UUID, digest: str, opinion: Opinion, comment: str | None) -> Draft:
    """Approve what a digest names, send it back to its authors, or reject it for good.

    Raises:
        UnacceptableInput: If anything but an approval comes without a comment.
        NotEntitled: If the caller wrote any of the draft.
        WrongState: If they have reviewed this version.
    """
    step = REVIEWS[opinion]
    draft = _begin(work, draft_id, step, digest)
    if opinion is not Opinion.APPROVED and not (comment or "").strip():
        what = f"Say why in `comment`: to {step} a draft needs one."
        raise UnacceptableInput(what, (Defect("MEMBER_MISSING", "/comment", what),))
    if opinion is Opinion.APPROVED and work.caller.person in draft.authors:
        raise NotEntitled(
            "You wrote a part of this draft: somebody else must approve it.", draft=draft_id, step=step
        )
    if any((each.person, each.version) == (work.caller.person, draft.version) for each in draft.reviews):
        raise WrongState("You have reviewed this version already.", draft=draft_id, step=step)
    drafts.add_review(work.connection, draft, work.caller.person, opinion, comment, work.now)
    return _end(work, draft, step)


def abandon(work: Work, draft_id: UUID, digest: str) -> Draft:
    """Give a draft up; it stays readable."""
    return _end(work, _begin(work, draft_id, Step.ABANDON, digest), Step.ABANDON)


def publish(work: Work, draft_id: UUID, digest: str) -> Published:
    """Make a draft the register's next revision.

    Raises:
        DraftDefective: If anything stops it now, whatever was so when it was submitted.
        WrongState: If an approval is missing.
    """
    register.lock_publishing(work.connection)
    drafts.hold(work.connection, draft_id)
    urgent = drafts.find(work.connection, draft_id).is_emergency
    step = Step.PUBLISH_IN_EMERGENCY if urgent else Step.PUBLISH
    draft = _begin(work, draft_id, step, digest)
    opening = ledger.open_revision(work.connection, work.clock())
    found = _require_sound(work, draft, opening.published_at, step)
    assert found.content is not None
    _require_approvals(work, draft, found, step)
    confirm_by = opening.published_at + CONFIRM_WITHIN if urgent else None
    evidence = _evidence(work, draft)
    content = found.content
    more = {
        "kind": "publication",
        "organisation": draft.publisher.key,
        "draft": str(draft.id),
        "digest": draft.digest,
        "legal_reference": content.legal_reference,
        "evidence": hashlib.sha256(evidence).hexdigest(),
        "confirm_by": confirm_by.isoformat() if confirm_by else None,
    }
    items = content.items if found.decided is None else found.decided.changing
    changes = [_change(content, item, opening.published_at) for item in items]
    decided = found.decided
    data_set = decided.data_set if decided else _data_set_change(work, draft, found, opening)
    digest_of_revision = ledger.write_revision(
        work.connection,
        opening,
        content.reason or content.title,
        [data_set],
        changes,
        more,
        work.desk.keys.sign,
    )
    drafts.add_publication(work.connection, opening.number, draft, work.caller.person, evidence, confirm_by)
    done = _end(work, draft, step)
    assert found.sentence is not None, "what can be published can be read"
    return Published(
        done, opening.number, digest_of_revision, opening.published_at, found.sentence, confirm_by
    )


def confirm(work: Work, draft_id: UUID, digest: str) -> Draft:
    """Stand behind an emergency publication as a second person.

    Raises:
        NotEntitled: If the caller wrote or published it, or may not review.
        WrongState: If it is not an emergency publication, or confirmed already.
    """
    drafts.hold(work.connection, draft_id)
    draft = drafts.find(work.connection, draft_id)
    refused: dict[str, Any] = {"draft": draft_id, "step": "confirm"}
    if not work.caller.may(Action.REVIEW_DRAFT, draft.publisher.id):
        raise NotEntitled(f"To confirm this you need to be approver of {draft.publisher.name}.", **refused)
    if draft.digest != digest:
        raise Stale("This is not the digest of what was published.", **refused)
    emergency = next((e for e in drafts.emergencies(work.connection) if e.draft == draft_id), None)
    if emergency is None:
        raise WrongState("This is no emergency publication.", **refused)
    if emergency.confirmed_at is not None:
        raise WrongState("This was confirmed already.", **refused)
    if work.caller.person in {*draft.authors, emergency.published_by}:
        raise NotEntitled("You wrote or published this: somebody else must confirm it.", **refused)
    drafts.add_confirmation(work.connection, emergency.revision, work.caller.person, work.now)
    return draft


def _canonical(content: Any) -> bytes:
    data = strict_json.canonical(content)
    if len(data) > MAX_CONTENT_BYTES:
        raise InputTooLarge(f"The draft would be larger than {MAX_CONTENT_BYTES} bytes.")
    return data


def _begin(work: Work, draft_id: UUID, step: Step, digest: str | None = None) -> Draft:
    """Return a draft on which the caller may take a step, as they saw it."""
    drafts.hold(work.connection, draft_id)
    draft = drafts.find(work.connection, draft_id)
    refused: dict[str, Any] = {"draft": draft_id, "step": step}
    organisation = draft.organisation_for(step)
    if not work.caller.may(NEEDS[step], organisation.id):
        roles = " or ".join(sorted(POLICY[NEEDS[step]]))
        raise NotEntitled(f"To {step} this draft you need to be {roles} of {organisation.name}.", **refused)
    if (draft.state, step) not in TRANSITIONS:
        can = ", ".join(draft.steps) or "nothing"
        raise WrongState(f"To {step} is no step from {draft.state}. From there: {can}.", **refused)
    if digest is not None and digest != draft.digest:
        raise Stale(
            f"You name {digest[:12]}…, and the draft's version {draft.version} is {draft.digest[:12]}…. Read it again.",
            **refused,
        )
    return draft


def _end(work: Work, draft: Draft, step: Step) -> Draft:
    drafts.set_state(work.connection, draft.id, TRANSITIONS[draft.state, step])
    return drafts.find(work.connection, draft.id)


def _require_approvals(work: Work, draft: Draft, found: Examined, step: Step) -> None:
    if step is Step.PUBLISH_IN_EMERGENCY:
        return
    # Who is no approver any more approves nothing.
    approved_by = {each.person for each in draft.approvals} & people.who_may(
        work.connection, draft.publisher.id, POLICY[Action.REVIEW_DRAFT]
    )
    if not approved_by:
        raise WrongState("No approval of this version counts.", draft=draft.id, step=step)
    if found.brake and len(approved_by) < 2:
        raise WrongState(
            f"{found.brake.en}: a second person must approve it before it is published.",
            draft=draft.id,
            step=step,
        )


def _require_sound(work: Work, draft: Draft, published_at: datetime, step: Step) -> Examined:
    found = work.desk.weigh(work.connection, draft, published_at)
    if found.stopped:
        stops = tuple(defect for defect in found.defects if defect.severity == "stop")
        moved_on = next((defect for defect in stops if defect.code in NOT_AS_THINGS_STAND), None)
        if moved_on is not None:
            raise WrongState(moved_on.detail, draft=draft.id, step=step)
        more = f" and {len(stops) - 1} more" if len(stops) > 1 else ""
        what = f"{stops[0].detail} ({stops[0].pointer or 'the draft'}{more})"
        raise DraftDefective(what, stops, draft=draft.id, step=step)
    return found


def _evidence(work: Work, draft: Draft) -> bytes:
    """Return who wrote, approved and published a draft; its digest is in the public record, and names are not."""
    approvals = [
        {"person": each.person, "name": each.name, "at": each.at.isoformat(), "digest": each.digest}
        for each in draft.approvals
    ]
    return strict_json.canonical(
        {
            # Without it whoever knows the people could try their names until the digest fits.
            "salt": str(work.desk.new_id()),
            "draft": str(draft.id),
            "version": draft.version,
            "digest": draft.digest,
            "authors": [{"person": number, "name": name} for number, name in draft.authors.items()],
            "approvals": approvals,
            "publisher": {"person": work.caller.person, "name": work.caller.name},
        }
    )


def _change(content: DraftContent, item: Item, published_at: datetime) -> Change:
    return Change(
        content.data_set,
        item.country,
        item.identifier,
        valid=item.span(published_at),
        zone=item.zone,
        content=item.content,
        format=item.format or ed318.NAME,
        legal_basis=content.legal_reference if item.zone and not item.undoes else None,
    )


def _data_set_change(work: Work, draft: Draft, found: Examined, opening: Opening) -> DataSetChange:
    """Return what the data set says of itself from now on: it vouches for its coverage from when that is declared."""
    assert found.content is not None
    content = found.content
    said = register.said_of(work.connection, content.data_set)
    if not said:
        provider = [{"text": draft.publisher.name, "lang": None}]
        said = ledger.metadata_to_json(Metadata(title=content.data_set)) | {"provider": provider}
    said = vouching(content, said, opening.published_at, found.vouches_until)
    return DataSetChange(content.data_set, "own", said, [], found.zones_known)
