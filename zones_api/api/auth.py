"""Who is calling, and writes that can be repeated without harm."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from zones_api.api.deps import CurrentService, RegisterDoors
from zones_api.authoring import Desk, Reply, Work
from zones_api.domain.people import Action, Caller
from zones_api.errors import InvalidInput, NotSignedIn

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def _register(service: CurrentService) -> RegisterDoors:
    return service.of_register()


Doors = Annotated[RegisterDoors, Depends(_register)]


def _caller(request: Request, doors: Doors, service: CurrentService) -> Caller:
    kind, _, credential = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not credential.strip():
        raise NotSignedIn("Sign in: send Authorization: Bearer and an API key or access token.")
    return doors.identity.caller(credential.strip(), service.now())


SignedIn = Annotated[Caller, Depends(_caller)]


@dataclass(frozen=True)
class Write:
    """A write that a person asks for: the same request with the same Idempotency-Key is done once.

    `action` is what one must be entitled to, for any organisation, to be told again what it was answered.
    """

    desk: Desk
    caller: Caller
    key: str
    request_digest: str
    clock: Callable[[], datetime]
    action: Action = Action.READ_DRAFT

    def once(self, act: Callable[[Work], Reply]) -> Response:
        """Do the write, or answer again what was answered before; it is committed before it is answered."""
        reply = self.desk.once(self.caller, self.key, self.request_digest, self.clock, act, self.action)
        return Response(reply.body, reply.status, headers=dict(reply.headers), media_type="application/json")


async def _write(
    request: Request,
    caller: SignedIn,
    doors: Doors,
    service: CurrentService,
    idempotency_key: Annotated[
        str | None, Header(description="A new one for each write; the same again for a repetition of it")
    ] = None,
) -> Write:
    key = key_of_write(idempotency_key)
    parts = (request.method, request.url.path, request.headers.get("if-match", ""))
    head = "\n".join(parts).encode() + b"\n"
    digest = hashlib.sha256(head + await request.body()).hexdigest()
    return Write(doors.desk, caller, key, digest, service.now)


def key_of_write(idempotency_key: str | None) -> str:
    """Return the key that a write came with.

    Raises:
        InvalidInput: If it came with none.
    """
    if idempotency_key is None or not _KEY.fullmatch(idempotency_key):
        raise InvalidInput(
            "A write needs an Idempotency-Key: up to 255 printable characters that you never used before."
        )
    return idempotency_key


Writing = Annotated[Write, Depends(_write)]
