"""Random lives of a register, against a plain list of what was said when: no past answer ever changes."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import authority
from tests.authority import NOW, Bench, asserting, withdrawing

EXAMPLES = int(os.environ.get("ZONES_LAW_EXAMPLES", "60")) // 10
NAMES = ("A", "B")
HOURS = st.one_of(st.none(), st.integers(-6, 6))
LENGTHS = st.sampled_from([None, 1, 3, 8])


class Register(RuleBasedStateMachine):
    """`facts` is the oracle: revision, zone, from, to and what it says from then on, None for nothing."""

    bench: Bench

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[tuple[int, str, datetime | None, datetime | None, str | None]] = []
        self.answers: dict[tuple[int, int], str] = {}
        self.revision = 0

    @rule(name=st.sampled_from(NAMES), start=HOURS, length=LENGTHS)
    def assert_or_correct(self, name: str, start: int | None, length: int | None) -> None:
        valid = self._valid(start, length)
        message = f"number {self.revision + 1}"
        item = asserting(name, valid=valid, message=[{"text": message, "lang": "en-GB"}])
        self._publish(item, name, message)

    @precondition(lambda self: self._standing())
    @rule(data=st.data(), start=HOURS, length=LENGTHS)
    def withdraw(self, data: st.DataObject, start: int | None, length: int | None) -> None:
        name = data.draw(st.sampled_from(self._standing()))
        self._publish(withdrawing(name, valid=self._valid(start, length)), name, None)

    @rule(name=st.sampled_from(NAMES))
    def draft_without_publishing(self, name: str) -> None:
        draft = self.bench.draft(items=[asserting(name)])
        assert self.bench.step("anna", draft, "submission").status_code == 200

    @invariant()
    def answers_are_those_of_the_list(self) -> None:
        for revision in range(1, self.revision + 1):
            for hour in (-7, -3, 0, 2, 9):
                said = self._messages(revision, hour)
                if revision == self.revision:
                    assert said == self._expected(revision, NOW + timedelta(hours=hour))
                assert self.answers.setdefault((revision, hour), json.dumps(said)) == json.dumps(said)

    def _valid(self, start: int | None, length: int | None) -> dict[str, Any]:
        since = self.bench.now if start is None else NOW + timedelta(hours=start)
        until = None if length is None else since + timedelta(hours=length)
        if until is not None and start is None:
            return {"from": None, "to": until.isoformat()}
        return {
            "from": None if start is None else since.isoformat(),
            "to": until.isoformat() if until else None,
        }

    def _publish(self, item: dict[str, Any], name: str, message: str | None) -> None:
        draft = self.bench.draft(items=[item], reason="a correction, as it may be")
        submitted = self.bench.step("anna", draft, "submission")
        if message is None and submitted.status_code == 422:
            assert [e["code"] for e in submitted.json()["errors"]] == ["NOTHING_TO_WITHDRAW"]
            return
        for person in ("bram", "evert"):
            assert self.bench.step(person, draft, "reviews", verdict="approved").status_code == 200
        published = self.bench.step("cees", draft, "publication")
        assert published.status_code == 201, published.text
        said = published.json()
        assert said["revision"] == self.revision + 1
        self.revision = said["revision"]
        self.bench.follow()
        at = datetime.fromisoformat(said["published_at"])
        start = datetime.fromisoformat(item["valid"]["from"]) if item["valid"]["from"] else at
        end = datetime.fromisoformat(item["valid"]["to"]) if item["valid"]["to"] else None
        self.facts.append((self.revision, name, start, end, message))

    def _standing(self) -> list[str]:
        return sorted({name for _, name, *_ in self.facts})

    def _expected(self, revision: int, at: datetime) -> list[str]:
        found = []
        for name in NAMES:
            last = [
                message
                for number, named, start, end, message in self.facts
                if (number <= revision and named == name)
                and (start is None or start <= at)
                and (end is None or at < end)
            ][-1:]
            found += [message for message in last if message is not None]
        return sorted(found)

    def _messages(self, revision: int, hour: int) -> list[str]:
        said = self.bench.status(4.8, 52.3, at=NOW + timedelta(hours=hour), known_at=revision)
        return sorted(zone["message"][0]["text"] for zone in said["assessment"]["zones"])


def test_no_past_answer_ever_changes_whatever_is_published(
    cluster: str, territories: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    class OnARegisterOfItsOwn(Register):
        def __init__(self) -> None:
            super().__init__()
            self.opened = authority.register_of_its_own(cluster, "zones_of_both_times")
            engine, owner = self.opened.__enter__()
            folder = tmp_path_factory.mktemp("secrets")
            self.people = authority.bench(engine, owner, folder, territories)
            self.bench = self.people.__enter__()

        def teardown(self) -> None:
            self.people.__exit__(None, None, None)
            self.opened.__exit__(None, None, None)

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        OnARegisterOfItsOwn,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=8, deadline=None, suppress_health_check=checks
        ),
    )
