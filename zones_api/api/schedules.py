"""For whoever writes the times of a zone: when they come into force next. Nothing is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from zones_api.api.answers import reason_out, time_out
from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.api.quarantine import DefectOut, defect_out
from zones_api.api.questions import Moment, Position
from zones_api.api.wire import FROM, TO, ReasonOut, TimeOut
from zones_api.domain.activations import activations
from zones_api.domain.spans import END
from zones_api.domain.zone import ALWAYS, DaylightEvent, TimePeriod
from zones_api.errors import Defect, InputTooLarge, UnacceptableInput
from zones_api.formats.members import Found, flag_fixed_hours, periods

MAX_PERIODS = 100
MAX_ENTRIES = 200
MAX_ACTIVATIONS = 50

router = APIRouter(prefix="/v1/schedules", tags=["schedules"], route_class=JsonRoute)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Validity(_Asked):
    """When the register would have the zone apply, the end not included; null is now, and until further notice."""

    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment | None, Field(alias="to")] = None


class ActivationsQuestion(_Asked):
    """The times of a zone as ED-318 writes them, and where it is."""

    limitedApplicability: Annotated[  # noqa: N815 - ED-318's own word
        list[dict[str, Any]],
        Field(max_length=MAX_PERIODS, description="Its periods, as in ED-318; none is always"),
    ] = []
    country: Annotated[
        str, Field(max_length=10, description="ISO 3166-1 alpha-3: whose civil time is told beside UTC")
    ]
    position: Annotated[
        Position | None, Field(description="Where sunrise and sunset are meant; needed for them alone")
    ] = None
    valid: Validity = Validity()
    at: Annotated[Moment | None, Field(description="From when on; now if left out")] = None
    most: Annotated[int, Field(ge=1, le=MAX_ACTIVATIONS)] = 10


class ActivationOut(BaseModel):
    """A time in which the zone is in force, or may be.

    `from` is null where it is in force already at the moment asked about, `to` where no end was found.
    """

    start: Annotated[TimeOut | None, FROM]
    end: Annotated[TimeOut | None, TO]
    certain: bool
    reasons: Annotated[list[ReasonOut], Field(description="Why it is in doubt; none where it is certain")]


class ActivationsOut(BaseModel):
    """When the zone is in force next, as the decision itself reads its times."""

    at: TimeOut
    is_always: Annotated[bool, Field(description="It is in force at that moment and no end was found")]
    is_never: Annotated[bool, Field(description="It is never in force from that moment on")]
    activations: list[ActivationOut]
    looked_until: Annotated[
        TimeOut | None,
        Field(description="How far was looked; null is to the end: nothing comes after those listed"),
    ]
    doubts: Annotated[list[DefectOut], Field(description="What is odd or cannot be read, by JSON pointer")]


@router.post("/activations", response_model=ActivationsOut, responses=RESPONSES)
def next_activations(asked: ActivationsQuestion, service: CurrentService) -> ActivationsOut:
    """Say when a zone with these times is in force next, in order of time.

    Times that touch are one. What is in doubt is listed with its reasons, as an answer would have it.
    """
    found = Found()
    read = periods(asked.limitedApplicability, found, "/limitedApplicability", has_permanent=False) or ALWAYS
    flag_fixed_hours(read, asked.country, found, "/limitedApplicability")
    if sum(len(period.schedule) for period in read) > MAX_ENTRIES:
        raise InputTooLarge(f"The schedules have more than {MAX_ENTRIES} entries together.")
    if asked.position is None and _by_the_sun(read):
        what = "Sunrise and sunset are those of a place: say where."
        raise UnacceptableInput(what, (Defect("VALUE_UNACCEPTABLE", "/position", what),))
    at = asked.at or service.now()
    first, last = max(at, asked.valid.start or at), asked.valid.end or END
    if first >= last:
        return _told([], at, asked.country, None, found)
    coming = activations(read, (first, last), asked.position or (0.0, 0.0), asked.most, service.time_limit())
    told = [
        ActivationOut(
            start=None if each.start == at else time_out(each.start, asked.country),
            end=None if each.end is None else time_out(each.end, asked.country),
            certain=not each.reasons,
            reasons=[reason_out(reason) for reason in sorted(each.reasons)],
        )
        for each in coming.found
    ]
    until = None if coming.looked_until is None else time_out(coming.looked_until, asked.country)
    return _told(told, at, asked.country, until, found)


def _told(
    told: list[ActivationOut], at: datetime, country: str, until: TimeOut | None, found: Found
) -> ActivationsOut:
    return ActivationsOut(
        at=time_out(at, country),
        is_always=len(told) == 1 and told[0].start is None and told[0].end is None and told[0].certain,
        is_never=not told and until is None,
        activations=told,
        looked_until=until,
        doubts=[defect_out(defect) for defect in found.defects],
    )


def _by_the_sun(read: tuple[TimePeriod, ...]) -> bool:
    ends = (end for period in read for entry in period.schedule for end in (entry.start, entry.end))
    return any(isinstance(end, DaylightEvent) for end in ends)
