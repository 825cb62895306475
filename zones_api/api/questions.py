"""What callers ask, checked, as the domain's questions. The command line builds its questions here too."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    model_validator,
)
from pydantic_core import PydanticCustomError

from zones_api.domain.altitude import METRES_PER_FOOT, Height, HeightRange, VerticalReference
from zones_api.domain.applicability import Window
from zones_api.domain.flight import Operation, Question, flight, location, operation_in
from zones_api.domain.geometry import GEOD, Polygon
from zones_api.domain.interpretation import MAX_LEG_M, MAX_WAY_M, Given
from zones_api.errors import Defect, UnacceptableInput

MAX_VERTICES = 10_000
MAX_BUFFER_M = 10_000.0
MAX_HEIGHT_M = 100_000.0
MAX_WINDOW_DAYS = 366


def _plus_restored(value: Any) -> Any:
    """A plus sign in an address arrives as a blank; between a time and an offset nothing else can be meant."""
    return re.sub(r"(:\d{2}(?:\.\d+)?) (\d{2}:?\d{2})$", r"\1+\2", value) if isinstance(value, str) else value


def _with_offset(value: Any) -> Any:
    # Digits alone would be taken for seconds since 1970.
    if not isinstance(value, str) or not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", value):
        raise PydanticCustomError(
            "time_form", "A time is written as 2026-05-01T12:00:00Z, with its offset from UTC"
        )
    return _plus_restored(value)


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time_range", "This time lies outside the calendar in UTC") from None


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("number_form", "This is true or false where a number belongs")
    return value


Lon = Annotated[
    float,
    BeforeValidator(_no_truth),
    Field(ge=-180, le=180, allow_inf_nan=False, description="Longitude in degrees, WGS 84"),
]
Lat = Annotated[
    float,
    BeforeValidator(_no_truth),
    Field(ge=-90, le=90, allow_inf_nan=False, description="Latitude in degrees, WGS 84"),
]
StrictLon = Annotated[Lon, Field(strict=True)]
StrictLat = Annotated[Lat, Field(strict=True)]
Position = tuple[StrictLon, StrictLat]
Metres = Annotated[float, BeforeValidator(_no_truth), Field(ge=-1000, le=MAX_HEIGHT_M, allow_inf_nan=False)]
Moment = Annotated[AwareDatetime, BeforeValidator(_with_offset), AfterValidator(_in_utc)]
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


def _revision_or_moment(value: Any) -> int | datetime:
    if isinstance(value, int | str) and not isinstance(value, bool) and re.fullmatch(r"\d{1,15}", str(value)):
        return int(value)
    return _MOMENT.validate_python(value)


KnownAt = Annotated[int | datetime, PlainValidator(_revision_or_moment, json_schema_input_type=int | str)]
Ring = Annotated[list[Position], Field(min_length=4, max_length=MAX_VERTICES)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Elevation = Annotated[float | None, Field(ge=-1000, le=10_000, allow_inf_nan=False)]
Undulation = Annotated[float | None, Field(ge=-200, le=200, allow_inf_nan=False)]
Category = Literal["open", "specific", "certified"]
Subcategory = Literal["A1", "A2", "A3"]
UasClass = Literal["C0", "C1", "C2", "C3", "C4", "C5", "C6", "none"]
Mass = Annotated[float | None, Field(ge=0, le=10_000_000, allow_inf_nan=False, description="Grams")]


class Surveyed(_Asked):
    """Elevations and an undulation that the caller knows exactly; they override what the service knows."""

    ground_elevation_m: Annotated[
        Elevation,
        Field(description="The ground's elevation in metres above mean sea level, all over the question"),
    ] = None
    geoid_undulation_m: Annotated[
        Undulation, Field(description="Mean sea level above the WGS 84 ellipsoid, in metres")
    ] = None
    takeoff_elevation_m: Annotated[
        Elevation, Field(description="The elevation of the take-off place, for heights above TAKEOFF")
    ] = None

    def _with_what_is_known(self, question: Question, operation: Operation) -> Question:
        return replace(
            question,
            operation=operation,
            ground_elevation_m=self.ground_elevation_m,
            geoid_undulation_m=self.geoid_undulation_m,
            takeoff_elevation_m=self.takeoff_elevation_m,
        )


class StatusQuestion(Surveyed):
    """What applies at a place: at exactly a height, from the ground up to one, or at all heights."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"lon": 4.7639, "lat": 52.31, "max_height": 50, "reference": "AGL"},
                {
                    "lon": 4.7639,
                    "lat": 52.31,
                    "height": 95,
                    "reference": "WGS84",
                    "at": "2026-12-01T12:00:00+01:00",
                    "category": "open",
                    "uas_class": "C1",
                },
            ]
        }
    )

    lon: Lon
    lat: Lat
    height: Annotated[
        Metres | None, Field(description="Exactly this height in metres, above `reference`")
    ] = None
    max_height: Annotated[Metres | None, Field(description="From the ground to this height in metres")] = None
    reference: Annotated[VerticalReference | None, Field(description="What the height is measured from")] = (
        None
    )
    at: Annotated[Moment | None, Field(description="The moment asked about; now if left out")] = None
    known_at: Annotated[
        KnownAt | None,
        Field(description="As known at this revision (its number) or at this time; as known now if left out"),
    ] = None
    category: Category | None = None
    subcategory: Subcategory | None = None
    uas_class: UasClass | None = None
    takeoff_mass_g: Mass = None
    vlos: bool | None = None
    uncertainty_m: Annotated[
        float | None,
        BeforeValidator(_no_truth),
        Field(
            gt=0,
            le=MAX_BUFFER_M,
            allow_inf_nan=False,
            description="The place is known to so many metres: say in `around` what applies within them too",
        ),
    ] = None

    @model_validator(mode="after")
    def _one_height_with_its_reference(self) -> StatusQuestion:
        if self.height is not None and self.max_height is not None:
            raise _at("max_height", "Ask about one `height` or up to a `max_height`, not both")
        if (self.height is None and self.max_height is None) != (self.reference is None):
            needs = "reference" if self.reference is None else "max_height"
            raise _at(needs, "A height and its reference (AGL, AMSL, WGS84 or TAKEOFF) go together")
        return self

    def question(self, now: datetime) -> Question:
        """Return the question about `at`, or about now, at the place itself."""
        return self._within(0.0, now)

    def question_around(self, now: datetime) -> Question | None:
        """Return the same about everywhere within `uncertainty_m`; None where the place is known."""
        return None if self.uncertainty_m is None else self._within(self.uncertainty_m, now)

    def _within(self, buffer_m: float, now: datetime) -> Question:
        moment = self.at or now
        operation = Operation(self.category, self.subcategory, self.uas_class, self.takeoff_mass_g, self.vlos)
        asked = location((self.lon, self.lat), self._heights(), Window(moment, moment), buffer_m)
        return self._with_what_is_known(asked, operation)

    def _heights(self) -> HeightRange:
        if self.reference is None:
            return HeightRange()
        if self.height is not None:
            exactly = Height(self.height, self.reference)
            return HeightRange(exactly, exactly)
        assert self.max_height is not None
        up_to = HeightRange(upper=Height(self.max_height, self.reference))
        return up_to if self.takeoff_elevation_m is not None else _above_ground(up_to)


class PointGeometry(_Asked):
    """A flight that stays over one place."""

    type: Literal["Point"]
    coordinates: Position


class LineStringGeometry(_Asked):
    """A flight along legs; each leg is the shortest line between its ends."""

    type: Literal["LineString"]
    coordinates: Annotated[list[Position], Field(min_length=2, max_length=MAX_VERTICES)]


class PolygonGeometry(_Asked):
    """A flight anywhere inside an area; its edges are straight in longitude and latitude."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1, max_length=100)]


class Heights(_Asked):
    """From `lower` (the ground if left out: a flight takes off and lands) to `upper` (no limit if left out)."""

    lower: Metres | None = None
    upper: Metres | None = None
    reference: VerticalReference
    uom: Literal["m", "ft"] = "m"

    def range(self) -> HeightRange:
        """Return the domain's heights, in metres.

        Raises:
            UnacceptableInput: If they are upside down.
        """
        metres = METRES_PER_FOOT if self.uom == "ft" else 1.0
        lower, upper = (
            None if value is None else Height(value * metres, self.reference)
            for value in (self.lower, self.upper)
        )
        if lower and upper and lower.value_m > upper.value_m:
            raise _unacceptable("/heights/upper", "The upper height is below the lower.")
        return HeightRange(lower, upper)


class TimeWindow(_Asked):
    """From one moment to another, both included."""

    start: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment, Field(alias="to")]


class OperationIn(_Asked):
    """What flies and under which rules, as far as it is known; what is left out counts in its strictest form."""

    category: Category | None = None
    subcategory: Subcategory | None = None
    uas_class: UasClass | None = None
    takeoff_mass_g: Mass = None
    vlos: bool | None = None


class MissionOptions(Surveyed):
    """What the caller says beside a mission file; it counts before what the file says."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"reference": "AGL", "from": "2026-12-01T10:00:00+01:00", "speed_m_s": 8, "buffer_m": 30}
            ]
        }
    )

    reference: Annotated[
        VerticalReference | None,
        Field(description="What the file's heights are measured from, where it does not say"),
    ] = None
    heights: Annotated[
        Heights | None, Field(description="The whole flight's heights, in place of the file's own")
    ] = None
    return_height_m: Annotated[
        Metres | None, Field(description="The height of the way back, above take-off, if the flight returns")
    ] = None
    takeoff: Annotated[Position | None, Field(description="Where it takes off: longitude, latitude")] = None
    start: Annotated[
        Moment | None, Field(alias="from", description="When it starts; as the file says, else now")
    ] = None
    end: Annotated[Moment | None, Field(alias="to", description="When it ends")] = None
    speed_m_s: Annotated[
        float | None, BeforeValidator(_no_truth), Field(gt=0, le=500, allow_inf_nan=False)
    ] = None
    buffer_m: Annotated[
        float | None,
        BeforeValidator(_no_truth),
        Field(ge=0, le=MAX_BUFFER_M, allow_inf_nan=False, description="Metres around it all; 10 if left out"),
    ] = None
    operation: OperationIn = OperationIn()
    columns: Annotated[
        dict[str, str] | None,
        Field(max_length=20, description='The columns of a CSV file: {"lat": "Latitude", …}'),
    ] = None
    flight: Annotated[
        int | None, Field(ge=1, description="The flight to answer, where a file has several; else all")
    ] = None

    def given(self) -> Given:
        """Return what the domain is given.

        Raises:
            UnacceptableInput: If heights are upside down.
        """
        heights = HeightRange() if self.heights is None else self.heights.range()
        back_m = self.return_height_m
        return Given(
            self.reference,
            heights.lower,
            heights.upper,
            None if back_m is None else Height(back_m, VerticalReference.TAKEOFF),
            self.takeoff,
            self.takeoff_elevation_m,
            self.ground_elevation_m,
            self.geoid_undulation_m,
            self.start,
            self.end,
            self.speed_m_s,
            self.buffer_m,
            Operation(**self.operation.model_dump()),
        )


class FlightQuestion(Surveyed):
    """A planned flight: where, how high and when. Without `heights` it may be at any height."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "geometry": {"type": "LineString", "coordinates": [[4.70, 52.40], [4.7639, 52.31]]},
                    "heights": {"upper": 50, "reference": "AGL"},
                    "window": {"from": "2026-12-01T10:00:00+01:00", "to": "2026-12-01T10:20:00+01:00"},
                    "buffer_m": 30,
                    "operation": {"category": "open", "subcategory": "A3", "vlos": True},
                }
            ]
        }
    )

    geometry: Annotated[
        PointGeometry | LineStringGeometry | PolygonGeometry,
        Field(
            discriminator="type", description="GeoJSON; heights are stated apart, never as a third coordinate"
        ),
    ]
    heights: Heights | None = None
    window: TimeWindow
    buffer_m: Annotated[
        float,
        Field(ge=0, le=MAX_BUFFER_M, allow_inf_nan=False, description="Metres on the ground around it all"),
    ] = 0.0
    operation: OperationIn = OperationIn()

    def question(self) -> Question:
        """Return the domain's question.

        Raises:
            UnacceptableInput: If an end is before its start, heights are upside down or a ring is not simple.
        """
        return self._with_what_is_known(self._where(), Operation(**self.operation.model_dump()))

    def _where(self) -> Question:
        window, heights = self._window(), self._heights()
        match self.geometry:
            case PointGeometry(coordinates=position):
                if self.takeoff_elevation_m is None:
                    heights = _above_ground(heights)
                return location(position, heights, window, self.buffer_m)
            case LineStringGeometry(coordinates=positions):
                _plausible(positions)
                return flight(tuple(positions), heights, window, self.buffer_m)
            case PolygonGeometry(coordinates=rings):
                return operation_in(_simple(rings), heights, window, self.buffer_m)

    def _window(self) -> Window:
        start, end = self.window.start, self.window.end
        if start > end:
            raise _unacceptable("/window/to", "The window ends before it starts.")
        if end - start > timedelta(days=MAX_WINDOW_DAYS):
            raise _unacceptable("/window/to", f"The window is longer than {MAX_WINDOW_DAYS} days.")
        return Window(start, end)

    def _heights(self) -> HeightRange:
        return HeightRange() if self.heights is None else self.heights.range()


def _above_ground(heights: HeightRange) -> HeightRange:
    """Return heights of a flight that takes off where it stays: above take-off is above the ground there."""
    return HeightRange(
        *(
            replace(end, reference=VerticalReference.AGL)
            if end is not None and end.reference is VerticalReference.TAKEOFF
            else end
            for end in heights.ends
        )
    )


def _plausible(positions: list[tuple[float, float]]) -> None:
    """Refuse a flight with a leg that no flight has: it is more likely a mistake, and costly."""
    lengths_m = np.array([GEOD.inv(*here, *there)[2] for here, there in pairwise(positions)])
    if lengths_m.max() > MAX_LEG_M:
        where = f"/geometry/coordinates/{int(lengths_m.argmax()) + 1}"
        raise _unacceptable(where, f"The leg that ends here is longer than {MAX_LEG_M / 1000:.0f} km.")
    _not_too_long(lengths_m.sum(), "/geometry/coordinates", "The flight")


def _not_too_long(way_m: float, where: str, what: str) -> None:
    if way_m > MAX_WAY_M:
        raise _unacceptable(where, f"{what} is longer than {MAX_WAY_M / 1000:.0f} km.")


def _simple(rings: list[list[tuple[float, float]]]) -> Polygon:
    """Return the polygon of closed rings that do not cross, or say where they do."""
    for number, ring in enumerate(rings):
        if ring[0] != ring[-1]:
            where = f"/geometry/coordinates/{number}/{len(ring) - 1}"
            raise _unacceptable(where, "The ring is open: its last position must repeat its first.")
        if max(lon for lon, _ in ring) - min(lon for lon, _ in ring) > 180:
            raise _unacceptable(f"/geometry/coordinates/{number}", "The ring spans more than 180 degrees.")
        _not_too_long(
            GEOD.line_length([lon for lon, _ in ring], [lat for _, lat in ring]),
            f"/geometry/coordinates/{number}",
            "The ring",
        )
    polygon = shapely.Polygon(rings[0], rings[1:])
    if not polygon.is_valid:
        why = shapely.is_valid_reason(polygon)
        raise _unacceptable(
            "/geometry/coordinates", f"The area is not a simple polygon: {why} (longitude latitude)."
        )
    return Polygon(tuple(rings[0]), tuple(tuple(ring) for ring in rings[1:]))


def _unacceptable(pointer: str, detail: str) -> UnacceptableInput:
    return UnacceptableInput(detail, (Defect("VALUE_UNACCEPTABLE", pointer, detail),))


def _at(member: str, message: str) -> PydanticCustomError:
    return PydanticCustomError("value_unacceptable", "{message}", {"message": message, "member": member})
