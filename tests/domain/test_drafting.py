"""The states of a draft, its steps, and whose approval counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from zones_api.domain.drafting import NEEDS, TRANSITIONS, Draft, Opinion, Review, State, Step
from zones_api.domain.people import POLICY, Action, Caller, Organisation, Role

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OWN, OTHER = Organisation(1, "caa", "The CAA"), Organisation(2, "other", "Another")


def draft(*reviews: Review, **changes: Any) -> Draft:
    """Return version 2 of a draft that persons 1 and 2 wrote."""
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "organisation": OWN,
        "publisher": OTHER,
        "state": State.SUBMITTED,
        "version": 2,
        "content": b"{}",
        "digest": "now",
        "authors": {1: "Anna", 2: "Dina"},
        "reviews": reviews,
        "created_at": NOW,
        "written_at": NOW,
        "revision": None,
    }
    return Draft(**(values | changes))


def review(person: int, opinion: Opinion = Opinion.APPROVED, version: int = 2, digest: str = "now") -> Review:
    return Review(person, f"Person {person}", version, digest, opinion, None, NOW)


@pytest.mark.parametrize(
    ("reviews", "counting"),
    [
        ([], set()),
        ([review(3)], {3}),
        ([review(3), review(4)], {3, 4}),
        ([review(1)], set()),
        ([review(3), review(2)], {3}),
        ([review(3, version=1)], set()),
        ([review(3, digest="before")], set()),
        ([review(3), review(4, Opinion.SENT_BACK)], set()),
        ([review(4, Opinion.SENT_BACK), review(3)], {3}),
        ([review(3, version=1), review(4)], {4}),
    ],
)
def test_an_approval_counts_for_exactly_this_content_by_who_wrote_none_of_it(
    reviews: list[Review], counting: set[int]
) -> None:
    assert {each.person for each in draft(*reviews).approvals} == counting


def test_what_is_published_rejected_or_abandoned_stays_so() -> None:
    for state in (State.PUBLISHED, State.REJECTED, State.ABANDONED):
        assert draft(state=state).steps == ()


def test_only_what_is_approved_is_published_but_in_an_emergency() -> None:
    published_from = {state for state, step in TRANSITIONS if step is Step.PUBLISH}
    urgent_from = {state for state, step in TRANSITIONS if step is Step.PUBLISH_IN_EMERGENCY}

    assert published_from == {State.APPROVED}
    assert urgent_from == {State.DRAFT, State.SUBMITTED, State.APPROVED}


def test_the_next_steps_are_those_of_an_emergency_or_of_any_other_draft() -> None:
    ordinary, urgent = draft(state=State.APPROVED), draft(state=State.APPROVED, is_emergency=True)

    assert set(ordinary.steps) ^ set(urgent.steps) == {Step.PUBLISH, Step.PUBLISH_IN_EMERGENCY}
    assert Step.PUBLISH in ordinary.steps


def test_a_person_is_told_only_the_steps_that_they_may_take() -> None:
    every = frozenset({Role.DRAFTER, Role.APPROVER, Role.PUBLISHER})
    author, reviewer, other = (Caller(n, "", {1: every, 2: every}) for n in (1, 3, 4))
    only_drafts = Caller(4, "", {1: frozenset({Role.DRAFTER})})
    submitted, approved = draft(), draft(review(3), state=State.APPROVED)

    assert submitted.steps_of(author) == (Step.EDIT, Step.SEND_BACK, Step.REJECT, Step.ABANDON)
    assert submitted.steps_of(other) == (
        Step.EDIT,
        Step.APPROVE,
        Step.SEND_BACK,
        Step.REJECT,
        Step.ABANDON,
    )
    assert submitted.steps_of(only_drafts) == (Step.EDIT, Step.ABANDON)
    assert approved.steps_of(reviewer) == (Step.EDIT, Step.PUBLISH, Step.ABANDON)


def test_an_edit_leads_back_to_a_draft_from_wherever_it_can_be_done() -> None:
    assert {to for (_, step), to in TRANSITIONS.items() if step is Step.EDIT} == {State.DRAFT}


def test_one_writes_in_the_drafts_organisation_and_does_the_rest_in_its_publishers() -> None:
    for step in Step:
        expected = OWN if NEEDS[step] is Action.WRITE_DRAFT else OTHER
        assert draft().organisation_for(step) == expected


def test_an_administrator_and_an_operator_have_no_right_to_any_draft() -> None:
    for role in (Role.ADMINISTRATOR, Role.OPERATOR):
        assert not any(role in roles for roles in POLICY.values())


def test_a_role_counts_in_its_own_organisation() -> None:
    caller = Caller(1, "Anna", {1: frozenset({Role.DRAFTER}), 2: frozenset({Role.AUDITOR})})

    assert caller.organisations(Action.READ_DRAFT) == {1, 2}
    assert caller.may(Action.WRITE_DRAFT, 1)
    assert not caller.may(Action.WRITE_DRAFT, 2)
    assert not caller.may(Action.READ_DRAFT, 3)
