"""What handlers get from the application: the snapshot in use and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request, Response

from zones_api.api.answers import answer
from zones_api.domain.flight import Question
from zones_api.domain.scene import Check
from zones_api.following import Following


@dataclass(frozen=True)
class Service:
    """One running service: what it follows, its clock (UTC) and its limits.

    `time_limit` starts the time that one question may take; `stale_after` is the age from which a data set no
    longer vouches for a place, None is never.
    """

    following: Following
    now: Callable[[], datetime]
    time_limit: Callable[[], Check]
    stale_after: timedelta | None

    def answer(self, question: Question) -> Response:
        """Return the answer to a question, from memory alone."""
        snapshot = self.following.current()
        assessment = snapshot.answer(question, self.time_limit())
        said = answer(assessment, snapshot, self.now(), self.following.confirmed_at, self.stale_after)
        headers = {"Zones-Revision": str(snapshot.revision or 0), "Cache-Control": "no-store"}
        return Response(said.model_dump_json(by_alias=True), media_type="application/json", headers=headers)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


CurrentService = Annotated[Service, Depends(_service)]
