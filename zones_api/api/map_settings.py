"""For maps: what whoever runs this service added to it, a base map and a search for addresses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES

router = APIRouter(tags=["map"])


class BaseMapOut(BaseModel):
    """Pictures of a map, which a browser loads from their own server."""

    url: Annotated[str, Field(description="With {z}, {x} and {y} for a square of Web Mercator")]
    attribution: str
    max_zoom: int


class MapSettings(BaseModel):
    """What is added to the map; null is not."""

    base_map: BaseMapOut | None
    addresses: Annotated[str | None, Field(description="Whose addresses /v1/search finds")]


@router.get("/v1/map-settings", response_model=MapSettings, responses=RESPONSES)
async def map_settings(service: CurrentService) -> MapSettings:
    """Return which base map this service names, and whether its search finds addresses."""
    base, addresses = service.base_map, service.addresses
    return MapSettings(
        base_map=BaseMapOut(**asdict(base)) if base else None,
        addresses=addresses.server.attribution if addresses else None,
    )
