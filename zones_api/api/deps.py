"""What handlers get from the application: the snapshot in use and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from zones_api.api.answers import answer, place_answer
from zones_api.api.questions import StatusQuestion
from zones_api.api.wire import Answer
from zones_api.authoring import Desk
from zones_api.domain.assessment import Assessment
from zones_api.domain.flight import Question
from zones_api.domain.scene import Check
from zones_api.elsewhere import Addresses, BaseMap
from zones_api.errors import Defect, InvalidInput, RegisterUnavailable, UnacceptableInput
from zones_api.following import Following
from zones_api.formats.aerodromes import Aerodromes
from zones_api.history import History
from zones_api.identity import Identity
from zones_api.intake import Intake
from zones_api.originals import Originals
from zones_api.publications import Publications
from zones_api.search import Search
from zones_api.snapshot import Snapshot
from zones_api.tiles import Tiles


@dataclass(frozen=True)
class RegisterDoors:
    """What needs the register's database: its past, its people and their drafts, and publishers' documents."""

    history: History
    identity: Identity
    desk: Desk
    originals: Originals
    intake: Intake


@dataclass(frozen=True)
class Service:
    """One running service: what it follows, its clock (UTC) and its limits.

    `time_limit` starts the time that one question may take; `stale_after` is the age from which a data set no
    longer vouches for a place, `confirm_within` how long it may do so unconfirmed by the register; None is for ever.
    """

    following: Following
    now: Callable[[], datetime]
    time_limit: Callable[[], Check]
    stale_after: timedelta | None
    confirm_within: timedelta | None = None
    register: RegisterDoors | None = None
    aerodromes: Aerodromes = field(default_factory=Aerodromes)
    publications: Publications = field(default_factory=Publications)
    tiles: Tiles = field(default_factory=Tiles)
    search: Search = field(default_factory=Search)
    base_map: BaseMap | None = None
    addresses: Addresses | None = None

    def of_register(self) -> RegisterDoors:
        """Return what needs the register.

        Raises:
            RegisterUnavailable: If this service answers without one.
        """
        if self.register is None:
            raise RegisterUnavailable("This service has no register: it answers from files alone.")
        return self.register

    def as_known(self, at: int | datetime) -> Snapshot:
        """Return what was known at a revision or a moment; it needs the register, so not on the event loop.

        Raises:
            UnacceptableInput: If that moment is still to come: what will be known then may yet change.
        """
        if isinstance(at, datetime) and at > self.now():
            what = "What will be known then is not known yet."
            raise UnacceptableInput(what, (Defect("VALUE_UNACCEPTABLE", "/known_at", what),))
        return self.of_register().history.as_known(at)

    def answer(self, question: Question, snapshot: Snapshot | None = None) -> Response:
        """Return the answer to a question: from memory alone, or from a snapshot of the past."""
        confirmed_at = self.following.confirmed_at if snapshot is None else self.now()
        snapshot = snapshot or self.following.current()
        said = self.said(question, snapshot, confirmed_at, self.time_limit())
        return self.respond(said, snapshot)

    def answer_place(self, asked: StatusQuestion, snapshot: Snapshot | None = None) -> Response:
        """Return the answer for a place, and for all of the circle in which it lies where that was asked."""
        confirmed_at = self.following.confirmed_at if snapshot is None else self.now()
        snapshot, now, check = snapshot or self.following.current(), self.now(), self.time_limit()

        def ask(question: Question) -> tuple[Assessment, Answer]:
            found = snapshot.answer(question, check)
            return found, self.told(found, snapshot, confirmed_at)

        _, said = ask(asked.question(now))
        return self.respond(place_answer(said, asked.question_around(now), ask), snapshot)

    def said(
        self, question: Question, snapshot: Snapshot, confirmed_at: datetime | None, check: Check
    ) -> Answer:
        """Return what a snapshot, confirmed at that time, says to a question."""
        return self.told(snapshot.answer(question, check), snapshot, confirmed_at)

    def told(self, found: Assessment, snapshot: Snapshot, confirmed_at: datetime | None) -> Answer:
        """Return what callers get of an assessment by a snapshot that was confirmed at that time."""
        return answer(
            found,
            snapshot,
            self.now(),
            confirmed_at,
            self.stale_after,
            self.confirm_within,
            self.following.feeds,
        )

    @staticmethod
    def respond(said: BaseModel, snapshot: Snapshot) -> Response:
        """Return what was said from a snapshot, with its revision."""
        headers = {"Zones-Revision": str(snapshot.revision or 0), "Cache-Control": "no-store"}
        return Response(said.model_dump_json(by_alias=True), media_type="application/json", headers=headers)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


CurrentService = Annotated[Service, Depends(_service)]


def each_once(request: Request) -> None:
    """Refuse an address that gives a member twice: either value may have been meant."""
    given = [name for name, _ in request.query_params.multi_items()]
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        detail = f"{twice[0]} is given more than once."
        raise InvalidInput(detail, tuple(Defect("GIVEN_TWICE", f"/{name}", detail) for name in twice))


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Say whether a caller has what they ask for: If-None-Match compares tags whether weak or strong."""
    known = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return tag in known or "*" in known
