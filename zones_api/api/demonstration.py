"""Signing in as the people of the demonstration, where the service is told to let anyone do so."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from zones_api.api.auth import Doors
from zones_api.api.bodies import JsonRoute
from zones_api.api.problems import RESPONSES
from zones_api.demonstration import FIGURES
from zones_api.errors import NotFound

router = APIRouter(tags=["demonstration"], route_class=JsonRoute)


class FigureOut(BaseModel):
    """A made-up person one may sign in as."""

    person: str
    name: str
    role: str


class Figures(BaseModel):
    """The people of the demonstration."""

    people: list[FigureOut]


class SignIn(BaseModel):
    """Whom to sign in as."""

    model_config = ConfigDict(extra="forbid")

    person: str


class SignedInAs(BaseModel):
    """What to send as `Authorization: Bearer`; it is valid until the service stops."""

    person: str
    token: str


@router.get("/v1/demonstration/people", responses=RESPONSES)
async def figures(doors: Doors) -> Figures:
    """Return whom one may sign in as."""
    _require_on(doors)
    return Figures(people=[FigureOut(person=each.key, name=each.name, role=each.role) for each in FIGURES])


@router.post("/v1/demonstration/sign-in", responses=RESPONSES)
async def sign_in(asked: SignIn, doors: Doors) -> SignedInAs:
    """Sign in as one of them, without a password."""
    _require_on(doors)
    for token, person in doors.identity.demonstration.items():
        if person == asked.person:
            return SignedInAs(person=person, token=token)
    raise NotFound(f"There is nobody called {asked.person!r} in the demonstration.")


def _require_on(doors: Doors) -> None:
    if not doors.identity.demonstration:
        raise NotFound("Nobody signs in here without a key: this service does not run as a demonstration.")
