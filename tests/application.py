"""The application as the program makes it, with routes that are worked out once for all tests."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute

from zones_api.app import create_app
from zones_api.following import Following


def application(following: Following, *arguments: Any, **named: Any) -> FastAPI:
    """Return what `create_app` returns; its first question takes milliseconds, not a sixth of a second."""
    made = create_app(following, *arguments, **named)
    made.router.routes[:] = _routes()
    return made


@cache
def _routes() -> list[BaseRoute]:
    # The framework works a route out when it is first looked for. No answer comes from what a route keeps:
    # doors find what they answer from through the request.
    return create_app(Following()).router.routes
