"""The command line's questions: what applies at a place, and which zones a flight meets."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from zones_api.api.answers import answer, place_answer
from zones_api.api.missions import answer_file
from zones_api.api.questions import FlightQuestion, MissionOptions, StatusQuestion
from zones_api.api.wire import Answer
from zones_api.app import utc_now
from zones_api.commands import (
    importing,
    readback,
    terminal,
)
from zones_api.commands.importing import read_bytes, read_documents
from zones_api.commands.terminal import Language
from zones_api.domain.assessment import Assessment
from zones_api.domain.feed import FeedState
from zones_api.domain.flight import Question
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.scene import Check
from zones_api.errors import InvalidInput
from zones_api.following import read_snapshot
from zones_api.formats import strict_json
from zones_api.formats.files import How
from zones_api.opening import register_of, territories_of
from zones_api.settings import Settings
from zones_api.snapshot import Snapshot, build_snapshot, within
from zones_api.store.feeds import all_states
from zones_api.store.register import reading

EXIT_NO_ZONE, EXIT_APPLIES, EXIT_CANNOT_TELL = 0, 1, 3
EXIT_CODES = (
    "Exit codes: 0 no restricting zone found, 1 something applies, 3 cannot tell, 2 wrong usage or bad input."
)

_stdout = Console(highlight=False)

ZoneFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--zones", help="Answer from zone documents alone, without a register; give it once for each."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's answer, byte for byte.")]
Lang = Annotated[str, typer.Option("--lang", help="en or nl: the language of headlines and sentences.")]
Reference = Annotated[str | None, typer.Option("--reference", help="AGL, AMSL, WGS84 or TAKEOFF.")]
GroundElevation = Annotated[
    float | None,
    typer.Option(
        "--ground-elevation", help="The ground's elevation, in metres AMSL, if you know it exactly."
    ),
]
GeoidUndulation = Annotated[
    float | None,
    typer.Option("--geoid-undulation", help="Mean sea level above the WGS 84 ellipsoid, in metres."),
]
TakeoffElevation = Annotated[
    float | None,
    typer.Option("--takeoff-elevation", help="The take-off place's elevation, in metres AMSL, for TAKEOFF."),
]
Category = Annotated[str | None, typer.Option("--category", help="open, specific or certified.")]
Subcategory = Annotated[str | None, typer.Option("--subcategory", help="A1, A2 or A3.")]
UasClass = Annotated[str | None, typer.Option("--class", help="C0 to C6, or none.")]
Mass = Annotated[float | None, typer.Option("--mass", help="Take-off mass, in grams.")]
Vlos = Annotated[bool | None, typer.Option("--vlos/--bvlos", help="Within visual line of sight, or beyond.")]


def status(
    lon: Annotated[float, typer.Option(help="Longitude in degrees, WGS 84.")],
    lat: Annotated[float, typer.Option(help="Latitude in degrees, WGS 84.")],
    height: Annotated[float | None, typer.Option(help="Exactly this height, in metres.")] = None,
    max_height: Annotated[
        float | None, typer.Option(help="From the ground to this height, in metres.")
    ] = None,
    reference: Reference = None,
    at: Annotated[
        str | None, typer.Option(help="The moment, with its offset, as 2026-05-01T12:00:00Z [now].")
    ] = None,
    uncertainty: Annotated[
        float | None,
        typer.Option(help="The place is known to so many metres: say what applies within them too."),
    ] = None,
    ground_elevation: GroundElevation = None,
    geoid_undulation: GeoidUndulation = None,
    takeoff_elevation: TakeoffElevation = None,
    category: Category = None,
    subcategory: Subcategory = None,
    uas_class: UasClass = None,
    mass: Mass = None,
    vlos: Vlos = None,
    zones: ZoneFiles = None,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Say which zones apply at a place, at a height (all heights if none is given) and a moment."""
    given = {
        "lon": lon,
        "lat": lat,
        "height": height,
        "max_height": max_height,
        "reference": reference,
        "at": at,
        "uncertainty_m": uncertainty,
        **_surveyed(ground_elevation, geoid_undulation, takeoff_elevation),
        **_operation(category, subcategory, uas_class, mass, vlos),
    }
    asked = StatusQuestion.model_validate(_stated(given))
    now = utc_now()
    _answer(asked.question(now), zones, as_json, lang, asked.question_around(now))


def check(
    file: Annotated[
        Path,
        typer.Argument(
            help="A mission file of any format that is read, a GeoJSON geometry, or a whole question."
        ),
    ],
    max_height: Annotated[
        float | None, typer.Option(help="The flight's top, in metres [any height].")
    ] = None,
    min_height: Annotated[
        float | None, typer.Option(help="The flight's floor, in metres [the ground].")
    ] = None,
    reference: Reference = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Start of the flight, with its offset [now].")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="End of the flight, with its offset [the start].")
    ] = None,
    buffer_m: Annotated[
        float | None, typer.Option("--buffer", help="Metres on the ground around the flight.")
    ] = None,
    speed_m_s: Annotated[
        float | None, typer.Option("--speed", help="Of a mission: its speed, in metres a second.")
    ] = None,
    return_height: Annotated[
        float | None,
        typer.Option(help="Of a mission: the height of the way back, in metres above take-off."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(help="Of a CSV file: which column holds what, as lat=Latitude; once for each."),
    ] = None,
    flight: Annotated[
        int | None, typer.Option(help="Of a file with several flights: only this one, from 1.")
    ] = None,
    ground_elevation: GroundElevation = None,
    geoid_undulation: GeoidUndulation = None,
    takeoff_elevation: TakeoffElevation = None,
    category: Category = None,
    subcategory: Subcategory = None,
    uas_class: UasClass = None,
    mass: Mass = None,
    vlos: Vlos = None,
    zones: ZoneFiles = None,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Check a planned flight: each leg counts, and it takes off and lands unless it has a floor."""
    data = read_bytes(file, importing.MAX_DOCUMENT_BYTES)
    body = _flight_body(data)
    heights = {"lower": min_height, "upper": max_height, "reference": reference}
    of_a_mission = {
        "speed_m_s": speed_m_s,
        "return_height_m": return_height,
        "columns": _columns(columns),
        "flight": flight,
    }
    if body is None:
        options = {
            "reference": reference,
            "heights": None if min_height is None and max_height is None else _stated(heights),
            "from": start,
            "to": end,
            "buffer_m": buffer_m,
            "operation": _stated(_operation(category, subcategory, uas_class, mass, vlos)),
            **_surveyed(ground_elevation, geoid_undulation, takeoff_elevation),
            **of_a_mission,
        }
        _answer_mission(data, MissionOptions.model_validate(_stated(options)), zones, as_json, lang)
    if _stated(of_a_mission):
        raise InvalidInput("--speed, --return-height, --columns and --flight go with a mission file.")
    if any(value is not None for value in heights.values()):
        body["heights"] = _stated(heights)
    if start or end or "window" not in body:
        start = start or end or utc_now().isoformat()
        body["window"] = {"from": start, "to": end or start}
    if buffer_m is not None:
        body["buffer_m"] = buffer_m
    body |= _stated(_surveyed(ground_elevation, geoid_undulation, takeoff_elevation))
    operation = _stated(_operation(category, subcategory, uas_class, mass, vlos))
    if operation:
        given = body.get("operation")
        body["operation"] = (given if isinstance(given, dict) else {}) | operation
    _answer(FlightQuestion.model_validate(body).question(), zones, as_json, lang)


def _surveyed(ground: float | None, undulation: float | None, takeoff: float | None) -> dict[str, Any]:
    return {"ground_elevation_m": ground, "geoid_undulation_m": undulation, "takeoff_elevation_m": takeoff}


def _operation(
    category: str | None,
    subcategory: str | None,
    uas_class: str | None,
    mass: float | None,
    vlos: bool | None,
) -> dict[str, Any]:
    return {
        "category": category,
        "subcategory": subcategory,
        "uas_class": uas_class,
        "takeoff_mass_g": mass,
        "vlos": vlos,
    }


def _stated(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _answer(
    question: Question, zones: list[Path] | None, as_json: bool, lang: str, wider: Question | None = None
) -> NoReturn:
    language, settings = _language(lang), Settings()
    snapshot, feeds = (_from_files(zones, settings), {}) if zones else _from_register(settings)
    check = within(settings.question_limit_s, time.perf_counter)
    ask = partial(
        _asked, snapshot=snapshot, settings=settings, check=check, from_files=bool(zones), feeds=feeds
    )
    said = place_answer(ask(question)[1], wider, ask)
    if as_json:
        sys.stdout.write(said.model_dump_json(by_alias=True) + "\n")
    else:
        terminal.print_answer(said, _stdout, language)
        if said.around:
            _stdout.print(escape(getattr(said.around.sentence, language)))
    raise typer.Exit(exit_code(said.around.somewhere if said.around else said))


def _answer_mission(
    data: bytes, options: MissionOptions, zones: list[Path] | None, as_json: bool, lang: str
) -> NoReturn:
    language, settings = _language(lang), Settings()
    snapshot, feeds = (_from_files(zones, settings), {}) if zones else _from_register(settings)
    check = within(settings.question_limit_s, time.perf_counter)
    ask = partial(
        _asked, snapshot=snapshot, settings=settings, check=check, from_files=bool(zones), feeds=feeds
    )
    ground = snapshot.territories.surroundings
    said = answer_file(data, options, utc_now(), ground, lambda question: ask(question)[1], check)
    if as_json:
        sys.stdout.write(said.model_dump_json(by_alias=True) + "\n")
    else:
        readback.print_mission(said, _stdout, language)
    codes = {exit_code(flight.answer) for flight in said.flights}
    raise typer.Exit(next(code for code in (EXIT_APPLIES, EXIT_CANNOT_TELL, EXIT_NO_ZONE) if code in codes))


def _language(lang: str) -> Language:
    if lang not in ("en", "nl"):
        raise InvalidInput("--lang is en or nl.")
    return "nl" if lang == "nl" else "en"


def _asked(
    question: Question,
    snapshot: Snapshot,
    settings: Settings,
    check: Check,
    *,
    from_files: bool,
    feeds: Mapping[str, FeedState],
) -> tuple[Assessment, Answer]:
    assessment = snapshot.answer(question, check)
    confirmed_at = None if from_files else utc_now()
    said = answer(assessment, snapshot, utc_now(), confirmed_at, settings.stale_after, feeds=feeds)
    return assessment, said


def exit_code(said: Answer) -> int:
    """Return the exit code of an answer: what applies counts before what cannot be told."""
    if Outcome[said.assessment.known] >= Outcome.CONDITIONAL:
        return EXIT_APPLIES
    return EXIT_NO_ZONE if said.verdict == Verdict.NO_ZONE_FOUND else EXIT_CANNOT_TELL


def _from_files(files: list[Path], settings: Settings) -> Snapshot:
    documents = read_documents(files, {}, How())
    zones = [zone for key, (_, document) in documents.items() for zone in document.published_as(key)]
    data_sets = [document.data_set(key) for key, (_, document) in documents.items()]
    return build_snapshot(zones, data_sets, territories_of(settings))


def _from_register(settings: Settings) -> tuple[Snapshot, dict[str, FeedState]]:
    with register_of(settings) as engine, reading(engine) as connection:
        return read_snapshot(engine, territories_of(settings)), all_states(connection)


def _flight_body(data: bytes) -> dict[str, Any] | None:
    """Return the body of a flight check from a whole question or a bare geometry without heights; None from a mission."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return None
    value = strict_json.loads(data)
    if "geometry" in value and value.get("type") != "Feature":
        return dict(value)
    position = value.get("coordinates")
    while isinstance(position, list) and position and isinstance(position[0], list):
        position = position[0]
    is_flat = isinstance(position, list) and len(position) == 2
    return (
        {"geometry": value} if value.get("type") in ("Point", "LineString", "Polygon") and is_flat else None
    )


def _columns(given: list[str] | None) -> dict[str, str] | None:
    if not given:
        return None
    pairs = [pair.partition("=") for text in given for pair in text.split(",")]
    if not all(name and column for name, _, column in pairs):
        raise InvalidInput("--columns names columns as lat=Latitude.")
    return {name: column for name, _, column in pairs}
