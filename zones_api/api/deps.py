"""What handlers get from the application: the snapshot in use and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from zones_api.api.answers import answer
from zones_api.domain.flight import Question
from zones_api.following import Following


@dataclass(frozen=True)
class Service:
    """One running service: what it follows, and its clock (UTC)."""

    following: Following
    now: Callable[[], datetime]

    def answer(self, question: Question) -> Response:
        """Return the answer to a question, from memory alone."""
        snapshot = self.following.current()
        said = answer(snapshot.answer(question), snapshot, self.now(), self.following.confirmed_at)
        headers = {"Zones-Revision": str(snapshot.revision or 0), "Cache-Control": "no-store"}
        return Response(said.model_dump_json(by_alias=True), media_type="application/json", headers=headers)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


CurrentService = Annotated[Service, Depends(_service)]
