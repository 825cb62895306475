"""For anyone: one field that finds coordinates, places, aerodromes and zones on a map."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from zones_api.api.answers import both
from zones_api.api.deps import CurrentService, Service, each_once
from zones_api.api.problems import RESPONSES
from zones_api.api.wire import BothLanguages
from zones_api.domain.texts import Bilingual
from zones_api.elsewhere import SHORTEST, Address, NoAddresses
from zones_api.search import Suggestion

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

    kind: Literal["coordinates", "place", "aerodrome", "zone", "address"]
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


class AddressesOut(BaseModel):
    """Whether addresses are among what was found: they come from another server, where the service names one."""

    state: Literal["off", "not_asked", "answered", "failed"]
    sentence: BothLanguages


class Suggestions(BaseModel):
    """What was found, the best first; an empty list says that nothing of that name is known here."""

    suggestions: list[SuggestionOut]
    addresses: AddressesOut
    limitations: str


_STATES: dict[str, Bilingual] = {
    "off": Bilingual(
        "Street addresses are not searched by this service.",
        "Deze dienst zoekt geen adressen.",
    ),
    "not_asked": Bilingual(
        "Addresses are not searched for coordinates and very short texts.",
        "Bij coördinaten en heel korte teksten wordt niet naar adressen gezocht.",
    ),
    "answered": Bilingual("Addresses were searched too.", "Er is ook naar adressen gezocht."),
    "failed": Bilingual(
        "The address search does not answer now. Places, aerodromes, zones and coordinates are found all the same.",
        "Het zoeken naar adressen antwoordt nu niet. Plaatsen, luchthavens, zones en coördinaten worden wel gevonden.",
    ),
}
_log = structlog.get_logger()


@router.get("/v1/search", response_model=Suggestions, responses=RESPONSES, dependencies=[Depends(each_once)])
def search(asked: Annotated[SearchQuestion, Query()], service: CurrentService) -> Suggestions:
    """Find coordinates in words, places, aerodromes, zones and addresses. What applies there is for answers to say."""
    found = service.search.find(asked.q, service.following.current(), service.now(), asked.near, asked.limit)
    state, addresses = _addresses(asked, service, found)
    own = found[: asked.limit - min(len(addresses), (asked.limit + 1) // 2)]
    more = addresses[: asked.limit - len(own)]
    return Suggestions(
        suggestions=[*(SuggestionOut(**asdict(each)) for each in own), *map(_address, more)],
        addresses=AddressesOut(state=state, sentence=both(_STATES[state])),
        limitations=LIMITATIONS,
    )


def _addresses(
    asked: SearchQuestion, service: Service, found: list[Suggestion]
) -> tuple[Literal["off", "not_asked", "answered", "failed"], tuple[Address, ...]]:
    """Return the addresses that fit, and whether there was anybody to ask."""
    if service.addresses is None:
        return "off", ()
    text = asked.q.strip()
    if len(text) < SHORTEST or any(each.kind == "coordinates" for each in found):
        return "not_asked", ()
    answer = service.addresses.find(text, asked.near)
    if isinstance(answer, NoAddresses):
        _log.warning("address search failed", why=answer.why)
        return "failed", ()
    return "answered", answer


def _address(address: Address) -> SuggestionOut:
    return SuggestionOut(
        kind="address",
        label=address.label,
        detail=address.kind,
        position=address.position,
        bounds=None,
        id=address.id,
    )
