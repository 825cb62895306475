"""For anyone: one field that finds coordinates, places, aerodromes and zones on a map."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from zones_api.api.deps import CurrentService, each_once
from zones_api.api.problems import RESPONSES

router = APIRouter(tags=["map"])

LIMITATIONS = (
    "What is found says where something is, not which zones apply there. Names of places: GeoNames (CC BY 4.0)."
    " Aerodromes: not for navigation."
)


class SearchQuestion(BaseModel):
    """What is looked for, and where whoever asks is or looks at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[
        str, Field(min_length=1, max_length=200, description="Coordinates, or a part of a code or a name")
    ]
    lon: Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False)] = None
    lat: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)] = None
    limit: Annotated[int, Field(ge=1, le=50)] = 10

    @model_validator(mode="after")
    def _both_or_neither(self) -> SearchQuestion:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("Give both lon and lat, or neither")
        return self

    @property
    def near(self) -> tuple[float, float] | None:
        """The position that was given, None if it was not."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


class SuggestionOut(BaseModel):
    """Something that may be meant."""

    kind: Literal["coordinates", "place", "aerodrome", "zone"]
    label: str
    detail: Annotated[
        str, Field(description="What tells it from others: the text read, a country, codes, a key")
    ]
    position: Annotated[tuple[float, float], Field(description="Longitude, latitude")]
    bounds: Annotated[
        tuple[float, float, float, float] | None,
        Field(description="Of a zone: west, south, east, north; east may pass 180"),
    ]
    id: Annotated[str, Field(description="Names it within its kind; of a zone, the key of the map's tiles")]


class Suggestions(BaseModel):
    """What was found, the best first; an empty list says that nothing of that name is known here."""

    suggestions: list[SuggestionOut]
    limitations: str


@router.get("/v1/search", response_model=Suggestions, responses=RESPONSES, dependencies=[Depends(each_once)])
def search(asked: Annotated[SearchQuestion, Query()], service: CurrentService) -> Suggestions:
    """Find coordinates in words, places, aerodromes and zones. Which zones apply there is for answers to say."""
    found = service.search.find(asked.q, service.following.current(), service.now(), asked.near, asked.limit)
    return Suggestions(suggestions=[SuggestionOut(**asdict(each)) for each in found], limitations=LIMITATIONS)
