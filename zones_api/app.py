"""The web application joined together. With `cli`, the only place with a clock, an environment and a network."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy import Engine

from zones_api import __version__
from zones_api.access_tokens import AccessTokens, Issuer, fetch_json_bytes
from zones_api.api import (
    authorities,
    data_sets,
    demonstration,
    geometry_tools,
    impact,
    import_previews,
    map_settings,
    neighbours,
    operations,
    operators,
    own_zones,
    pages,
    police,
    previews,
    problems,
    public,
    publications,
    quarantine,
    schedules,
    search,
    tiles,
)
from zones_api.api.deps import RegisterDoors, Service
from zones_api.api.requests import RequestLog
from zones_api.authoring import Desk
from zones_api.demonstration import FIGURES
from zones_api.domain.territory import Territories
from zones_api.elsewhere import Addresses, BaseMap
from zones_api.errors import InvalidInput
from zones_api.following import CONFIRM_EVERY_S, Following, follow, read_snapshot
from zones_api.formats.aerodromes import Aerodromes, read_aerodromes
from zones_api.formats.places import Place, read_places
from zones_api.history import History
from zones_api.identity import Identity
from zones_api.intake import Intake
from zones_api.keys import Keys
from zones_api.mirroring import Mirror, follow_feeds
from zones_api.originals import Originals
from zones_api.publications import Publications
from zones_api.search import Search
from zones_api.settings import Settings
from zones_api.snapshot import within
from zones_api.tiles import Tiles

DESCRIPTION = """\
Which UAS geographical zones (Article 15 of Regulation (EU) 2019/947) apply at a place, at a height and a moment, \
what they require and whom to ask. The mildest answer is that no restricting zone was found; where it cannot be \
told, the answer says so and why. Heights are metres above AGL, AMSL or WGS84; coordinates are WGS 84 longitude, \
latitude; times carry their offset from UTC."""


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def create_app(
    following: Following,
    now: Callable[[], datetime] = utc_now,
    lifespan: Any = None,
    question_limit_s: float = 5.0,
    stale_after: timedelta | None = None,
    confirm_within: timedelta | None = None,
    register: RegisterDoors | None = None,
    aerodromes: Aerodromes | None = None,
    places: Sequence[Place] = (),
    base_map: BaseMap | None = None,
    addresses: Addresses | None = None,
) -> FastAPI:
    """Return the application that answers from what `following` holds.

    Args:
        following: The snapshot in use.
        now: The clock, UTC.
        lifespan: What starts and stops with the application.
        question_limit_s: The longest one question may take.
        stale_after: The age from which a document no longer vouches for a place; None is never.
        confirm_within: How long zones are vouched for while the register confirms nothing; None is for ever.
        register: What needs the register's database; None where there is none.
        aerodromes: Those that circles can be drawn around by code; None is none.
        places: Those that can be searched for by name.
        base_map: A base map that browsers may load from its own server.
        addresses: Where addresses are searched for; None is nowhere.
    """
    app = FastAPI(
        title="zones-api",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # the interactive pages fetch scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    engine = register.history.engine if register else None
    app.state.service = Service(
        following,
        now,
        lambda: within(question_limit_s, time.perf_counter),
        stale_after,
        confirm_within,
        register,
        aerodromes or Aerodromes(),
        Publications(engine),
        Tiles(engine),
        Search(places, aerodromes or Aerodromes()),
        base_map,
        addresses,
    )
    doors = (
        public,
        publications,
        tiles,
        search,
        map_settings,
        operators,
        authorities,
        own_zones,
        impact,
        previews,
        geometry_tools,
        neighbours,
        schedules,
        police,
        data_sets,
        import_previews,
        quarantine,
        demonstration,
        operations,
    )
    for door in doors:
        app.include_router(door.router)
    pages.install(app, base_map)
    problems.install(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST", "PATCH"],
        allow_headers=["*"],
        expose_headers=["Content-Disposition", "ETag", "Link", "Location", "Zones-Revision"],
    )
    app.add_middleware(RequestLog, new_id=lambda: uuid.uuid4().hex, seconds=time.perf_counter)
    return app


def following_app(
    engine: Engine, territories: Territories, keys: Keys, settings: Settings, *, demo_sign_in: bool = False
) -> FastAPI:
    """Return an application that follows a register for as long as it runs; the first zones are loaded now.

    Args:
        engine: The register, as the service.
        territories: What is known of countries and their ground.
        keys: The service's own secrets.
        settings: The settings.
        demo_sign_in: Whether anyone may sign in as the people of the demonstration.
    """
    figures = {f"zones_{secrets.token_urlsafe(32)}": figure.key for figure in FIGURES} if demo_sign_in else {}
    following = Following()
    asked_at = utc_now()
    following.snapshot = read_snapshot(engine, territories)
    following.confirmed_at = asked_at

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        thread = threading.Thread(
            target=follow,
            args=(engine, territories, following, utc_now, stop, settings.police_log_retention),
            name="follower",
            daemon=True,
        )
        thread.start()
        follow_feeds(mirror_of(engine, keys), settings.feeds, stop)
        yield
        stop.set()
        await asyncio.to_thread(thread.join, 2 * CONFIRM_EVERY_S)

    return create_app(
        following,
        lifespan=lifespan,
        question_limit_s=settings.question_limit_s,
        stale_after=settings.stale_after,
        confirm_within=settings.confirm_within,
        register=RegisterDoors(
            History(engine, territories, following, uuid.uuid4),
            Identity(engine, keys, _access_tokens(settings.openid_issuers), figures),
            Desk(engine, keys, territories, uuid.uuid4, settings.emergency_area_km2),
            Originals(engine),
            Intake(engine, settings.imports),
        ),
        aerodromes=read_aerodromes(settings.geodata),
        places=read_places(settings.geodata),
        base_map=settings.base_map,
        addresses=Addresses(settings.address_search, utc_now) if settings.address_search else None,
    )


def mirror_of(engine: Engine, keys: Keys) -> Mirror:
    """Return what following publishers' documents needs."""
    return Mirror(engine, utc_now, secrets.SystemRandom().random, keys.sign)


def _access_tokens(issuers: tuple[Issuer, ...]) -> AccessTokens | None:
    if not issuers:
        return None
    try:
        return AccessTokens(issuers, partial(fetch_json_bytes, timeout_s=5.0), time.monotonic)
    except ValueError as error:
        raise InvalidInput(f"ZONES_OPENID_ISSUERS: {error}") from error


def configure_logging(level: str) -> None:
    """Write one JSON object a line to standard error, for our own events and the libraries'."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    renderer = structlog.processors.JSONRenderer()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.getLevelNamesMapping()[level.upper()])
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
