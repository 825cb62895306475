"""The command line of whoever draws zones: coordinates in words and shapes, as GeoJSON on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from zones_api.api.geometry_tools import (
    CircleIn,
    CoordinatesIn,
    CoordinatesOut,
    CorridorIn,
    DoubtOut,
    RunwayIn,
    ShapeOut,
    circle_of,
    corridor_of,
    read_text,
    runway_of,
)
from zones_api.errors import InvalidInput
from zones_api.formats.aerodromes import Aerodromes, read_aerodromes
from zones_api.formats.coordinates.blocks import MAX_CHARACTERS
from zones_api.settings import Settings

EXIT_STOPPED = 1
EXIT_CODES = "Exit codes: 0 drawn, 1 something in the text stops it, 2 wrong usage or bad input."
_stderr = Console(stderr=True, highlight=False)

draw = typer.Typer(
    help="Draw zones: coordinates in words, circles, corridors, runways; as GeoJSON, never smaller than meant.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Words = Annotated[str | None, typer.Argument(help="Coordinates in words; standard input if left out.")]
Country = Annotated[str | None, typer.Option(help="Where the points should be, ISO 3166-1 alpha-3 [Europe].")]
LonFirst = Annotated[bool, typer.Option("--lon-first", help="Plain numbers are longitude, then latitude.")]
Uom = Annotated[str, typer.Option(help="What lengths are in: m, km, NM or ft.")]


@draw.command(epilog=EXIT_CODES)
def coordinates(
    text: Words = None,
    country: Country = None,
    lon_first: LonFirst = False,
    line: Annotated[bool, typer.Option("--line", help="The points of a line, not of an area.")] = False,
) -> None:
    """Read coordinates as a law or publication writes them, with arcs and circles."""
    _print(_read(text, country, lon_first, "line" if line else "area"))


@draw.command(epilog=EXIT_CODES)
def circle(
    centre: Annotated[str, typer.Argument(help="An ICAO code, or coordinates in words.")],
    radius: Annotated[float, typer.Option(help="The radius.")],
    uom: Uom = "m",
    country: Country = None,
    lon_first: LonFirst = False,
) -> None:
    """Draw a circle around a point or an aerodrome. Aerodromes are not for navigation."""
    aerodromes, asked = _aerodromes(), {"radius": radius, "uom": uom}
    if centre.strip().upper() in aerodromes.by_code:
        _print(circle_of(CircleIn(aerodrome=centre.strip(), **asked), aerodromes))
        return
    (position,) = _positions(centre, country, lon_first, 1)
    _print(circle_of(CircleIn(centre=position, **asked), aerodromes))


@draw.command(epilog=EXIT_CODES)
def corridor(
    each_side: Annotated[float, typer.Option(help="The distance on each side: half the width.")],
    line: Words = None,
    uom: Uom = "m",
    country: Country = None,
    lon_first: LonFirst = False,
) -> None:
    """Draw everything within a distance on each side of a line."""
    positions = _positions(line, country, lon_first)
    drawn = corridor_of(CorridorIn(line=positions, each_side=each_side, uom=uom), _unhurried)
    _tell(f"The corridor is {drawn.total_width_m:g} m wide: {drawn.each_side_m:g} m on each side.")
    _print(drawn)


@draw.command(epilog=EXIT_CODES)
def runway(
    thresholds: Words = None,
    around: Annotated[float | None, typer.Option(help="The distance around the runway.")] = None,
    approach: Annotated[float | None, typer.Option(help="The length of the approach at both ends.")] = None,
    half_width: Annotated[float, typer.Option(help="Of the approach, on each side where it starts.")] = 0.0,
    splay: Annotated[float, typer.Option(help="How the approach widens on each side, per cent.")] = 0.0,
    starts: Annotated[float, typer.Option(help="How far beyond the threshold the approach starts.")] = 0.0,
    uom: Uom = "m",
    country: Country = None,
    lon_first: LonFirst = False,
) -> None:
    """Draw the distance around a runway, and its approaches, from its two thresholds."""
    asked: dict[str, Any] = {"around": around, "uom": uom}
    if approach is not None:
        asked["approach"] = {
            "length": approach,
            "half_width": half_width,
            "splay_percent": splay,
            "starts": starts,
        }
    positions = _positions(thresholds, country, lon_first, 2)
    _print(runway_of(RunwayIn.model_validate({"thresholds": positions, **asked}), _unhurried))


def _unhurried() -> None:
    """Let the work take as long as it does: nobody else waits for it."""


def _aerodromes() -> Aerodromes:
    return read_aerodromes(Settings().geodata)


def _read(text: str | None, country: str | None, lon_first: bool, reads: str) -> CoordinatesOut:
    given = {
        "text": sys.stdin.read(MAX_CHARACTERS + 1) if text is None else text,
        "country": country.upper() if country else None,
        "order": "lon_lat" if lon_first else "lat_lon",
        "reads": reads,
    }
    return read_text(CoordinatesIn.model_validate(given), _aerodromes())


def _positions(
    text: str | None, country: str | None, lon_first: bool, count: int | None = None
) -> list[tuple[float, float]]:
    """Return the points of a text, or end with what stops it."""
    read = _read(text, country, lon_first, "line")
    # A single point is no line, but it is what a circle asks for.
    doubts = [doubt for doubt in read.doubts if not (count == 1 and doubt.code == "TOO_FEW_POINTS")]
    _tell_doubts(doubts)
    positions = [
        (point.position[0], point.position[1]) for point in read.points if point.position is not None
    ]
    if count is not None and len(read.points) != count:
        raise InvalidInput(
            f"{count} point{'s' if count > 1 else ''} are asked for here, and {len(read.points)} given."
        )
    if any(doubt.severity == "stop" for doubt in doubts):
        raise typer.Exit(EXIT_STOPPED)
    return positions


def _print(said: ShapeOut) -> None:
    _tell_doubts(said.doubts)
    if said.geometry is None:
        raise typer.Exit(EXIT_STOPPED)
    if said.largest_error_m:
        _tell(f"It is drawn outward, by up to {said.largest_error_m:g} m.")
    typer.echo(json.dumps(said.geometry))


def _tell_doubts(doubts: Sequence[DoubtOut]) -> None:
    for doubt in doubts:
        _tell(f"{doubt.severity}: {doubt.detail} ({doubt.code})")


def _tell(sentence: str) -> None:
    _stderr.print(sentence, markup=False, soft_wrap=True)
