"""The command line: the same answers as the web, from the register or from files alone."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from zones_api import __version__, demonstration
from zones_api.api.answers import answer
from zones_api.api.missions import answer_file
from zones_api.api.problems import defects_of
from zones_api.api.questions import FlightQuestion, MissionOptions, StatusQuestion
from zones_api.api.wire import Answer
from zones_api.app import configure_logging, following_app, utc_now
from zones_api.commands import (
    administration,
    curating,
    exporting,
    importing,
    proving,
    readback,
    readings,
    sketching,
    terminal,
)
from zones_api.commands.terminal import Language
from zones_api.domain.feed import FeedState
from zones_api.domain.flight import Question
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.scene import Check
from zones_api.errors import DocumentRefused, InputTooLarge, InvalidInput, ZonesError
from zones_api.following import read_snapshot
from zones_api.formats import strict_json
from zones_api.formats.document import Document
from zones_api.formats.drafts import SHORT_NAME
from zones_api.opening import engine_at, keys_of, register_as_owner, register_of, territories_of
from zones_api.previewing import preview as preview_import
from zones_api.publishing import Submission, data_set_of, import_documents
from zones_api.settings import Settings
from zones_api.snapshot import Snapshot, build_snapshot, within
from zones_api.store.feeds import all_states
from zones_api.store.migrating import migrate
from zones_api.store.register import reading

EXIT_NO_ZONE, EXIT_APPLIES, EXIT_BAD_INPUT, EXIT_CANNOT_TELL, EXIT_FAULT = 0, 1, 2, 3, 70
MAX_DOCUMENT_BYTES = 200_000_000
DEMONSTRATION = Path("demonstration") / "netherlands-demonstration.ed318.json"

app = typer.Typer(
    help="UAS geographical zones: import them, ask what applies, check a flight.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for name, group in administration.GROUPS.items():
    app.add_typer(group, name=name)
app.add_typer(readings.reading, name="reading")
app.add_typer(sketching.draw, name="draw")
app.command("keys")(administration.keys)
app.command("verify", epilog=proving.EXIT_CODES)(proving.verify)
app.command("history")(proving.history)
app.command("backup")(proving.backup)
app.command("export", epilog=exporting.EXIT_CODES)(exporting.export)
app.command("follow", epilog=curating.EXIT_CODES)(curating.follow)
app.command("document")(curating.document)
app.add_typer(curating.quarantine, name="quarantine")
app.command("restore", epilog=proving.EXIT_CODES)(proving.restore)
_stderr = Console(stderr=True, highlight=False)
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

EXIT_CODES = (
    "Exit codes: 0 no restricting zone found, 1 something applies, 3 cannot tell, 2 wrong usage or bad input."
)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to serve at [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="The port to serve at [8318].")] = None,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="Load the demonstration zones first; beside the private PostGIS, with people to sign in as.",
        ),
    ] = False,
    demo_sign_in: Annotated[
        bool,
        typer.Option(
            "--demo-sign-in",
            help="Let anyone sign in as the demonstration's people; beside a named database only with"
            " ZONES_DEMO_SIGN_IN=true as well.",
        ),
    ] = False,
) -> None:
    """Serve the API; without ZONES_DATABASE_URL on a private PostGIS that stops with it."""
    settings = Settings()
    host, port = host or settings.host, settings.port if port is None else port
    configure_logging(settings.log_level)
    if demo_sign_in and settings.database_url is not None and not settings.demo_sign_in:
        raise InvalidInput(
            "--demo-sign-in would let anyone publish in the database that is named. If that is meant, set"
            " ZONES_DEMO_SIGN_IN=true as well."
        )
    demo_sign_in = demo_sign_in or (demo and settings.database_url is None)
    if demo_sign_in and settings.database_url is None:
        _prepare_demonstration(settings)
    with _listen(host, port) as listening, register_of(settings) as engine:
        if demo:
            _import(
                engine,
                settings,
                [settings.geodata / DEMONSTRATION],
                {},
                importing.How(),
                accept_fewer_zones=False,
            )
        application = following_app(
            engine, territories_of(settings), keys_of(settings), settings, demo_sign_in=demo_sign_in
        )
        config = uvicorn.Config(application, log_config=None, access_log=False, server_header=False)
        shown_host = f"[{host}]" if ":" in host else host
        address = f"http://{shown_host}:{listening.getsockname()[1]}"

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                _print_welcome(address, demo, demo_sign_in)

        Server(config).run(sockets=[listening])


def _prepare_demonstration(settings: Settings) -> None:
    area = territories_of(settings).areas["NLD"]
    with register_as_owner(settings) as owner:
        demonstration.prepare(owner, area, utc_now())


def _print_welcome(address: str, demo: bool, demo_sign_in: bool) -> None:
    lines = [f"zones-api {__version__} answers at {address}"]
    if demo:
        program = _program()
        lines += [
            "",
            "DEMONSTRATION zones are loaded: made up and simplified, not for navigation. Three things to try,",
            "the first in a browser, the others in another terminal:",
            "",
            "  1. What applies at Schiphol, from the ground to 50 m, now?",
            f"     {address}/v1/status?lon=4.7639&lat=52.31&max_height=50&reference=AGL",
            "  2. And at the World Forum in The Hague, during the summit of June 2025?",
            (
                f"     {program} status --lon 4.2835 --lat 52.0930 --max-height 50 --reference AGL"
                " --at 2025-06-24T12:00:00+02:00"
            ),
            "  3. Which zones does this flight meet, from Haarlem to Schiphol?",
            f"     {program} check docs/examples/haarlem-schiphol.json",
        ]
    if demo_sign_in:
        lines += [
            "",
            "Anyone who reaches this service may sign in as the demonstration's people. To draw a zone, have it",
            "approved by another person and publish it:",
            "",
            f"     python3 docs/examples/publish.py {address}",
        ]
    lines += ["", "Stop with Ctrl-C."]
    print("\n".join(lines), flush=True)


def _program() -> str:
    """Return how to call this program from where it was called."""
    called = Path(sys.argv[0])
    return str(called) if called.parent != Path() else "zones"


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="ED-269, ED-318 or AIXM 5.1 documents; with a mapping also GeoJSON, KML, KMZ, a GeoPackage or a"
            " zipped shapefile.",
            metavar="FILE...",
        ),
    ],
    data_set: Annotated[
        str | None, typer.Option(help="The data set the document is a version of [from the file's name].")
    ] = None,
    accept_fewer_zones: Annotated[
        bool, typer.Option("--accept-fewer-zones", help="Take a document with far fewer zones than before.")
    ] = False,
    dialect: Annotated[
        str | None,
        typer.Option(help="The dialect the documents are in, as in docs/importing.md [by their content]."),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Print what would change, zone by zone, and write nothing.")
    ] = False,
    mapping: Annotated[
        Path | None,
        typer.Option(help="Which column means what, in TOML or JSON (docs/importing-from-gis.md)."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="A member's column, as identifier=CODE; once for each."),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option("--set", help="What holds for every row, as country=NLD; once for each."),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="The layer to read, of a file with several.")] = None,
    crs: Annotated[
        str | None, typer.Option(help="The coordinate system, as EPSG:28992, of a file that does not say it.")
    ] = None,
) -> None:
    """Read zone documents into the register, as one revision; the same file again changes nothing."""
    if data_set and not re.fullmatch(SHORT_NAME, data_set):
        raise InvalidInput("--data-set is a name of small letters, digits and dashes, at most 63.")
    if data_set and len(files) > 1:
        raise InvalidInput("--data-set goes with one file: each document is a data set of its own.")
    said = _read(mapping, importing.MAX_MAPPING_BYTES) if mapping else None
    mapped = importing.mapping_of(said, column or [], fixed or [], layer, crs)
    importing.one_mapping(files, mapped)
    how = importing.How(mapped, dialect)
    settings = Settings()
    names = {data_set: files[0]} if data_set else {}
    if preview:
        documents = _read_documents(files, names, how)
        with register_of(settings) as engine:
            _preview(engine, documents, accept_fewer_zones=accept_fewer_zones)
    with register_of(settings) as engine:
        _import(engine, settings, files, names, how, accept_fewer_zones=accept_fewer_zones)


@app.command(epilog=EXIT_CODES)
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
        **_surveyed(ground_elevation, geoid_undulation, takeoff_elevation),
        **_operation(category, subcategory, uas_class, mass, vlos),
    }
    asked = StatusQuestion.model_validate(_stated(given))
    _answer(asked.question(utc_now()), zones, as_json, lang)


@app.command(epilog=EXIT_CODES)
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
    data = _read(file, MAX_DOCUMENT_BYTES)
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


@app.command("migrate")
def migrate_() -> None:
    """Bring the register's database to this program's schema."""
    settings = Settings()
    if settings.database_url is None:
        with register_of(settings):
            _stderr.print("The private database is at this program's schema.")
        return
    with engine_at(settings.database_url) as engine:
        done = migrate(engine, settings.migrations)
    _stderr.print("Migrated." if done else "Nothing to do: the database is at this program's schema.")


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


def _answer(question: Question, zones: list[Path] | None, as_json: bool, lang: str) -> NoReturn:
    language, settings = _language(lang), Settings()
    snapshot, feeds = (_from_files(zones, settings), {}) if zones else _from_register(settings)
    check = within(settings.question_limit_s, time.perf_counter)
    said = _said(question, snapshot, settings, check, from_files=bool(zones), feeds=feeds)
    if as_json:
        sys.stdout.write(said.model_dump_json(by_alias=True) + "\n")
    else:
        terminal.print_answer(said, _stdout, language)
    raise typer.Exit(exit_code(said))


def _answer_mission(
    data: bytes, options: MissionOptions, zones: list[Path] | None, as_json: bool, lang: str
) -> NoReturn:
    language, settings = _language(lang), Settings()
    snapshot, feeds = (_from_files(zones, settings), {}) if zones else _from_register(settings)
    check = within(settings.question_limit_s, time.perf_counter)
    answered = partial(
        _said, snapshot=snapshot, settings=settings, check=check, from_files=bool(zones), feeds=feeds
    )
    ground = snapshot.territories.surroundings
    said = answer_file(data, options, utc_now(), ground, answered, check)
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


def _said(
    question: Question,
    snapshot: Snapshot,
    settings: Settings,
    check: Check,
    *,
    from_files: bool,
    feeds: Mapping[str, FeedState],
) -> Answer:
    assessment = snapshot.answer(question, check)
    confirmed_at = None if from_files else utc_now()
    return answer(assessment, snapshot, utc_now(), confirmed_at, settings.stale_after, feeds=feeds)


def exit_code(said: Answer) -> int:
    """Return the exit code of an answer: what applies counts before what cannot be told."""
    if Outcome[said.assessment.known] >= Outcome.CONDITIONAL:
        return EXIT_APPLIES
    return EXIT_NO_ZONE if said.verdict == Verdict.NO_ZONE_FOUND else EXIT_CANNOT_TELL


def _from_files(files: list[Path], settings: Settings) -> Snapshot:
    documents = _read_documents(files, {}, importing.How())
    zones = [zone for key, (_, document) in documents.items() for zone in document.published_as(key)]
    data_sets = [document.data_set(key) for key, (_, document) in documents.items()]
    return build_snapshot(zones, data_sets, territories_of(settings))


def _from_register(settings: Settings) -> tuple[Snapshot, dict[str, FeedState]]:
    with register_of(settings) as engine, reading(engine) as connection:
        return read_snapshot(engine, territories_of(settings)), all_states(connection)


def _import(
    engine: Engine,
    settings: Settings,
    files: list[Path],
    names: dict[str, Path],
    how: importing.How,
    *,
    accept_fewer_zones: bool,
) -> None:
    documents = _read_documents(files, names, how)
    submissions = [
        Submission(key, path.name, _read(path, MAX_DOCUMENT_BYTES), document, accept_fewer_zones)
        for key, (path, document) in documents.items()
    ]
    with _stderr.status("Writing to the register"):
        result = import_documents(engine, submissions, utc_now, keys_of(settings).sign)
    paths = {key: path for key, (path, _) in documents.items()}
    terminal.print_import(result, paths, {key: document for key, (_, document) in documents.items()}, _stderr)


def _preview(
    engine: Engine, documents: dict[str, tuple[Path, Document]], *, accept_fewer_zones: bool
) -> NoReturn:
    refused = False
    for key, (path, document) in documents.items():
        found = preview_import(engine, Submission(key, path.name, b"", document, accept_fewer_zones))
        importing.print_preview(found, document, path, _stdout)
        refused = refused or found.refused is not None
    raise typer.Exit(EXIT_BAD_INPUT if refused else 0)


def _read_documents(
    files: list[Path], names: dict[str, Path], how: importing.How
) -> dict[str, tuple[Path, Document]]:
    """Return the documents by the data set they are a version of, with a bar on a terminal."""
    documents: dict[str, tuple[Path, Document]] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_stderr, transient=True) as progress:
        for path in files:
            key = next((name for name, named in names.items() if named == path), data_set_of(path.name))
            if key in documents:
                raise InvalidInput(
                    f"{path} and {documents[key][0]} would both be data set {key!r}; rename one."
                )
            task = progress.add_task(path.name, total=None)
            advance = partial(progress.update, task)
            try:
                document = importing.read_file(_read(path, MAX_DOCUMENT_BYTES), how, _telling(advance))
            except DocumentRefused as error:
                raise DocumentRefused(f"{path.name}: {error.detail}", error.defects) from error
            documents[key] = (path, document)
    return documents


def _telling(advance: Callable[..., None]) -> Callable[[int, int], None]:
    return lambda done, total: advance(completed=done, total=total)


def _read(path: Path, limit: int) -> bytes:
    try:
        if path.stat().st_size > limit:
            raise InputTooLarge(f"{path} is larger than {limit} bytes.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error


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


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Two servers could otherwise both bind and only one would be heard.
        listening.listen(2048)
    except OSError as error:
        listening.close()
        what = f"Nothing can be served at {host} port {port}: {error.strerror}. Choose another with --port."
        raise InvalidInput(what) from error
    return listening


def _stop(_signal: int, _frame: Any) -> NoReturn:
    raise SystemExit(0)


def main() -> None:
    """Run the command line; a failure is one sentence on standard error and an exit code."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        app(standalone_mode=True)
    except ValidationError as error:
        for located_in, _, where, detail in defects_of(error.errors()):
            _stderr.print(f"zones: {where.lstrip('/') or located_in}: {detail}", markup=False, soft_wrap=True)
        sys.exit(EXIT_BAD_INPUT)
    except InvalidInput as error:
        _stderr.print(f"zones: {error.detail}", markup=False, soft_wrap=True)
        if isinstance(error, DocumentRefused) and any(defect.pointer for defect in error.defects):
            terminal.print_defects(error.defects, _stderr)
        sys.exit(EXIT_BAD_INPUT)
    except ZonesError as error:
        _stderr.print(f"zones: {error.detail}", markup=False, soft_wrap=True)
        if os.environ.get("ZONES_LOG_LEVEL") == "debug":
            _stderr.print(error.context)
        sys.exit(EXIT_BAD_INPUT)
    except KeyboardInterrupt:
        _stderr.print("zones: stopped.")
        sys.exit(130)
    except Exception:  # noqa: BLE001 - the last line of defence
        # A traceback's exit code would be 1, and say that something applies.
        _stderr.print_exception()
        _stderr.print(
            "zones: a fault of the program's own; nothing was answered. Please report it.", markup=False
        )
        sys.exit(EXIT_FAULT)


if __name__ == "__main__":
    main()
