"""For whoever runs the service: is it alive, and can it answer?"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from zones_api import __version__
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process runs."""

    status: Literal["alive"] = "alive"
    version: str = __version__


class Ready(BaseModel):
    """The service answers, from this revision."""

    status: Literal["ready"] = "ready"
    revision: int | None
    zones: int
    data_sets: int
    confirmed_at: datetime | None
    confirmed_age_s: float | None


class Index(BaseModel):
    """Where to go from here."""

    name: Literal["zones-api"] = "zones-api"
    version: str = __version__
    what: str = "Which UAS geographical zones apply at a place, at a height and a moment."
    openapi: str = "/openapi.json"
    try_this: str = "/v1/status?lon=4.7639&lat=52.31&max_height=50&reference=AGL"
    ready: str = "/health/ready"


@router.get("/", responses={"5XX": RESPONSES["5XX"]})
async def index() -> Index:
    """Say what this is and where to go from here."""
    return Index()


@router.get("/health/live", responses={"5XX": RESPONSES["5XX"]})
async def live() -> Alive:
    """Say that the process runs."""
    return Alive()


@router.get("/health/ready", responses={"5XX": RESPONSES["5XX"]})
async def ready(service: CurrentService) -> Ready:
    """Say that questions are answered, from which revision, and how long ago the register confirmed it.

    It stays ready while the database is gone: answers then carry the age of their data.
    """
    snapshot = service.following.current()
    confirmed_at = service.following.confirmed_at
    return Ready(
        revision=snapshot.revision,
        zones=len(snapshot.zones),
        data_sets=len(snapshot.coverages),
        confirmed_at=confirmed_at,
        confirmed_age_s=(service.now() - confirmed_at).total_seconds() if confirmed_at else None,
    )
