"""From a mission file to its interpretation and its answer: what the web sends and `--json` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, Field

from zones_api.api.answers import both, height_out
from zones_api.api.questions import MissionOptions
from zones_api.api.wire import Answer, BothLanguages, HeightOut
from zones_api.domain.altitude import Interval
from zones_api.domain.flight import Question
from zones_api.domain.geometry import LonLat, Polygon
from zones_api.domain.interpretation import Ground, Interpretation, interpret
from zones_api.domain.mission import Mission
from zones_api.domain.planned import Point, Taken
from zones_api.domain.reasons import Reason
from zones_api.domain.scene import Check
from zones_api.domain.texts import QUESTIONS
from zones_api.errors import Defect, InputTooLarge, UnacceptableInput
from zones_api.formats.missions.recognise import read_mission_file

MOST_FLIGHTS = 20
"""More flights of one file are not answered at once."""

OriginName = Literal["file", "given", "computed", "ground", "assumed"]
Bounds = tuple[float, float]
_ORIGIN = "file, given (by the caller), computed, ground (what is known of it there) or assumed"
Origin = Annotated[
    OriginName,
    Field(validation_alias=AliasChoices("from", "origin"), serialization_alias="from", description=_ORIGIN),
]


class DoubtOut(BaseModel):
    """Something a person should look at; a `flag` may change the answer, a `note` does not."""

    code: str
    severity: Literal["flag", "note"]
    place: Annotated[str, Field(description="Where in the file, as a person would look for it")]
    detail: str


class PointOut(BaseModel):
    """A point on the way, and what its height was taken to mean."""

    role: Literal["takeoff", "waypoint", "return"]
    place: Annotated[str, Field(description="Where it stands in the file")]
    position: Annotated[list[float], Field(description="Longitude, latitude")]
    height: Annotated[
        HeightOut | None,
        Field(description="Null where nothing says it: every height counts; at take-off it is on the ground"),
    ]
    height_from: Annotated[OriginName | None, Field(description=_ORIGIN)]
    above_ground_m: Annotated[Bounds | None, Field(description="At least and at most")]
    above_sea_m: Annotated[Bounds | None, Field(description="At least and at most")]
    at: datetime | None
    hold_s: float
    radius_m: Annotated[
        float, Field(description="How far it may leave this place: a circle, a rounded corner")
    ]


class MetresOut(BaseModel):
    """Metres, and where they come from."""

    value: float
    origin: Origin


class SpeedOut(BaseModel):
    """Metres a second over the ground, and where they come from."""

    value: float
    origin: Origin


class MomentOut(BaseModel):
    """A moment, and where it comes from."""

    value: datetime
    origin: Origin


class TakeoffOut(BaseModel):
    """Where the flight takes off; `position` null is anywhere in its area."""

    position: list[float] | None
    position_from: Annotated[OriginName | None, Field(description=_ORIGIN)]
    elevation_m: Annotated[Bounds, Field(description="Metres above mean sea level, at least and at most")]
    elevation_from: Annotated[OriginName, Field(description=_ORIGIN)]


class MissingOut(BaseModel):
    """The one thing to add: the option that says it, and the question to its user."""

    code: Literal[Reason.INPUT_INCOMPLETE] = Reason.INPUT_INCOMPLETE
    option: str
    sentence: BothLanguages


class InterpretationOut(BaseModel):
    """What a flight was taken to mean. The legs are those of the answer's question, in its order."""

    points: list[PointOut]
    areas: Annotated[
        list[list[list[list[float]]]], Field(description="As the coordinates of GeoJSON polygons")
    ]
    legs: Annotated[
        list[tuple[int, int] | None],
        Field(
            description="The points, from 0, that each leg of the question joins, a point with itself where the flight"
            " circles it; null for an area"
        ),
    ]
    takeoff: TakeoffOut
    length_m: float
    hold_s: Annotated[float, Field(description="How long it is held on the way, in all")]
    speed_m_s: Annotated[SpeedOut | None, Field(description="Null for a flight in an area")]
    start: MomentOut
    end: MomentOut
    buffer_m: MetresOut
    question: Annotated[MissingOut | None, Field(description="What decides and is missing; null is nothing")]
    doubts: list[DoubtOut]


class FlightOut(BaseModel):
    """One flight of the file: first what it was taken to mean, then the answer."""

    number: Annotated[int, Field(description="Its place in the file, from 1")]
    name: str | None
    interpretation: InterpretationOut
    answer: Answer


class MissionAnswer(BaseModel):
    """What was read of a mission file, and the answer to each of its flights."""

    format: str
    doubts: list[DoubtOut]
    flights: list[FlightOut]


def answer_file(
    data: bytes,
    options: MissionOptions,
    now: datetime,
    ground: Ground,
    answered: Callable[[Question], Answer],
    check: Check,
) -> MissionAnswer:
    """Return the answer to each flight of a mission file.

    Args:
        data: The file.
        options: What the caller says beside it.
        now: The start of a flight that nobody says.
        ground: What is known of the ground and the geoid.
        answered: Answers a question.
        check: Called between pieces of work; raises where all of them have taken too long.

    Raises:
        InvalidInput: If the file cannot be read, or a flight cannot be meant.
        InputTooLarge: If it is larger, has more flights or is more work than is answered at once.
    """
    file = read_mission_file(data, options.columns)
    given = options.given()
    flights = []
    for number, mission in _chosen(file.missions, options.flight).items():
        check()
        taken = interpret(mission, given, now, ground, check)
        said = FlightOut(
            number=number, name=taken.name, interpretation=_taken(taken), answer=answered(taken.question)
        )
        flights.append(said)
    return MissionAnswer(format=file.format, doubts=[_doubt(each) for each in file.doubts], flights=flights)


def _chosen(missions: tuple[Mission, ...], number: int | None) -> Mapping[int, Mission]:
    if not missions:
        raise _unacceptable("", "The file holds no flight.")
    flights = dict(enumerate(missions, 1))
    if number is not None:
        if number not in flights:
            raise _unacceptable("/flight", f"The file has no flight {number}; it has {len(flights)}.")
        return {number: flights[number]}
    if len(flights) > MOST_FLIGHTS:
        raise InputTooLarge(
            f"The file has {len(flights)} flights, more than {MOST_FLIGHTS}. Ask about one at a time, by its number."
        )
    return flights


def _taken(taken: Interpretation) -> InterpretationOut:
    speed, takeoff, missing = taken.speed_m_s, taken.takeoff, taken.missing
    return InterpretationOut(
        points=[_point(each) for each in taken.points],
        areas=[list(_rings(each)) for each in taken.areas],
        legs=list(taken.spans),
        takeoff=TakeoffOut(
            position=None if takeoff is None else _position(takeoff.value),
            position_from=None if takeoff is None else takeoff.origin.value,
            elevation_m=_bounds(taken.takeoff_elevation_m.value),
            elevation_from=taken.takeoff_elevation_m.origin.value,
        ),
        length_m=round(taken.length_m, 1),
        hold_s=taken.hold_s,
        speed_m_s=None if speed is None else SpeedOut(**_with_origin(speed)),
        start=MomentOut(**_with_origin(taken.start)),
        end=MomentOut(**_with_origin(taken.end)),
        buffer_m=MetresOut(**_with_origin(taken.buffer_m)),
        question=None
        if missing is None
        else MissingOut(option=missing.value, sentence=both(QUESTIONS[missing])),
        doubts=[_doubt(each) for each in taken.doubts],
    )


def _point(point: Point) -> PointOut:
    ground, sea = point.above_ground_m, point.above_sea_m
    return PointOut(
        role=point.role.value,
        place=point.source,
        position=_position(point.position),
        height=height_out(point.height),
        height_from=None if point.origin is None else point.origin.value,
        above_ground_m=None if ground is None else _bounds(ground),
        above_sea_m=None if sea is None else _bounds(sea),
        at=point.at,
        hold_s=point.hold_s,
        radius_m=point.radius_m,
    )


def _with_origin(taken: Taken[Any]) -> dict[str, Any]:
    return {"value": taken.value, "origin": taken.origin.value}


def _position(position: LonLat) -> list[float]:
    return [round(position[0], 7), round(position[1], 7)]


def _rings(polygon: Polygon) -> Iterator[list[list[float]]]:
    for ring in (polygon.shell, *polygon.holes):
        yield [_position(each) for each in ring]


def _bounds(interval: Interval) -> Bounds:
    return round(interval.low, 3), round(interval.high, 3)


def _doubt(defect: Defect) -> DoubtOut:
    severity: Literal["flag", "note"] = "note" if defect.severity == "note" else "flag"
    return DoubtOut(code=defect.code, severity=severity, place=defect.pointer, detail=defect.detail)


def _unacceptable(pointer: str, detail: str) -> UnacceptableInput:
    return UnacceptableInput(detail, (Defect("VALUE_UNACCEPTABLE", pointer, detail),))
