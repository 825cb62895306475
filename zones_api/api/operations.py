"""For whoever runs the service: is it alive, and can it answer?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel

from zones_api import __version__
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.domain.feed import FeedState

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


@router.get("/v1", responses={"5XX": RESPONSES["5XX"]})
async def index() -> Index:
    """Say what this is and where to go from here."""
    return Index()


@router.get("/metrics", response_class=Response, responses={"5XX": RESPONSES["5XX"]})
async def metrics(service: CurrentService) -> Response:
    """Return gauges in the text format that Prometheus reads."""
    now, following = service.now(), service.following
    registry = CollectorRegistry()

    def gauge(name: str, what: str, value: float | None) -> None:
        if value is not None:
            Gauge(f"zones_{name}", what, registry=registry).set(value)

    snapshot, confirmed_at = following.snapshot, following.confirmed_at
    age_s = (now - confirmed_at).total_seconds() if confirmed_at else None
    open_ = [each for each in following.emergencies if each.confirmed_at is None]
    gauge(
        "revision",
        "The revision that questions are answered from.",
        (snapshot.revision or 0) if snapshot else None,
    )
    gauge("loaded", "Zones in memory, in force at whatever time.", len(snapshot.zones) if snapshot else None)
    gauge("confirmed_age_seconds", "Seconds since the register confirmed the revision.", age_s)
    gauge("emergencies_unconfirmed", "Emergency publications that nobody confirmed yet.", len(open_))
    overdue = sum(each.is_overdue(now) for each in open_)
    gauge("emergencies_overdue", "Those that nobody confirmed in time: alarm on it.", overdue)
    _feed_gauges(following.feeds.values(), now, registry)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _feed_gauges(feeds: Iterable[FeedState], now: datetime, registry: CollectorRegistry) -> None:
    checked, changed, failures = (
        Gauge(f"zones_feed_{name}", what, ["data_set"], registry=registry)
        for name, what in (
            (
                "checked_age_seconds",
                "Seconds since a publisher last sent its document or said it is unchanged.",
            ),
            ("changed_age_seconds", "Seconds since a publisher's document last became another one."),
            ("failures", "Checks of a publisher's document that failed since the last success: alarm on it."),
        )
    )
    for feed in feeds:
        failures.labels(feed.data_set).set(feed.failures)
        for gauge, at in ((checked, feed.checked_at), (changed, feed.changed_at)):
            if at is not None:
                gauge.labels(feed.data_set).set((now - at).total_seconds())


@router.get("/health/live", responses={"5XX": RESPONSES["5XX"]})
async def live() -> Alive:
    """Say that the process runs."""
    return Alive()


@router.get("/health/ready", responses={"5XX": RESPONSES["5XX"]})
async def ready(service: CurrentService) -> Ready:
    """Say that questions are answered, from which revision, and how long ago the register confirmed it.

    It stays ready while the database is gone: answers then carry the age of their data.
    """
    snapshot, now = service.following.current(), service.now()
    confirmed_at = service.following.confirmed_at
    return Ready(
        revision=snapshot.revision,
        zones=sum(each.valid[1] >= now for each in snapshot.zones),
        data_sets=len(snapshot.coverages),
        confirmed_at=confirmed_at,
        confirmed_age_s=(now - confirmed_at).total_seconds() if confirmed_at else None,
    )
