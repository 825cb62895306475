"""The command line of whoever takes zones elsewhere: exports of the register, or of zone documents alone."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from zones_api.api.publications import read_box
from zones_api.errors import DocumentRefused, InputTooLarge, InvalidInput, NotFound
from zones_api.following import Following, read_snapshot
from zones_api.formats.document import read_document
from zones_api.formats.exports.export import FORMATS, Export
from zones_api.formats.exports.outline import FEWEST
from zones_api.formats.exports.publication import Options
from zones_api.formats.members import date_time
from zones_api.history import History
from zones_api.opening import register_of, territories_of
from zones_api.publications import Publications, Selection
from zones_api.settings import Settings
from zones_api.snapshot import Snapshot, build_snapshot

MAX_DOCUMENT_BYTES = 200_000_000
EXIT_CODES = (
    "Exit codes: 0 written, 2 wrong usage or bad input, and nothing is written. What the format cannot carry as it was"
    " published is listed on standard error; it is made stricter, never milder."
)
_stderr = Console(stderr=True, highlight=False)


def export(
    format_name: Annotated[
        str, typer.Option("--format", help="ed318, ed269, geojson, kml, qgc (a geofence) or outline.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write [standard output].")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    revision: Annotated[
        int | None, typer.Option(min=1, help="The register at this revision [the newest].")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="As known at this time, as 2026-05-01T12:00:00Z [now].")
    ] = None,
    bbox: Annotated[
        str | None, typer.Option(help="west,south,east,north in degrees: the zones that touch this box.")
    ] = None,
    data_set: Annotated[str | None, typer.Option(help="The zones of this data set alone.")] = None,
    country: Annotated[str | None, typer.Option(help="The zones of this country alone, as NLD.")] = None,
    zones: Annotated[
        list[Path] | None,
        typer.Option(
            "--zones", help="Export zone documents alone, without a register; give it once for each."
        ),
    ] = None,
    vertices: Annotated[
        int, typer.Option(min=FEWEST, max=1000, help="The most corners an outline or a fence has.")
    ] = Options().vertices,
    every_loss: Annotated[
        bool, typer.Option("--losses", help="List every loss, not only how many there are.")
    ] = False,
) -> None:
    """Write zones in another format; nothing is milder than as published, and what is lost is listed."""
    if format_name not in FORMATS:
        raise InvalidInput(f"--format is one of {', '.join(FORMATS)}.")
    if sum(each is not None for each in (revision, known_at)) > 1 or (zones and (revision or known_at)):
        raise InvalidInput("--revision, --known-at and --zones each say what to export: give one of them.")
    if output is not None and output.exists() and not force:
        raise InvalidInput(f"{output} is there already. Name another, or write over it with --force.")
    selection = Selection(data_set, country, None if bbox is None else read_box(bbox))
    settings, options = Settings(), Options(vertices)
    try:
        if zones:
            snapshot = _from_files(zones, settings)
            made = Publications().export(snapshot, selection, format_name, options)
        else:
            with register_of(settings) as engine:
                history = History(
                    engine,
                    territories_of(settings),
                    Following(read_snapshot(engine, territories_of(settings))),
                    lambda: UUID(int=0),
                )
                at = revision if revision is not None else _moment(known_at)
                snapshot = history.following.current() if at is None else history.as_known(at)
                made = Publications(engine).export(snapshot, selection, format_name, options)
    except NotFound as error:
        raise InvalidInput(error.detail) from error
    _write(output, made.data)
    _print_summary(made, snapshot, output, every_loss=every_loss)


def _moment(known_at: str | None) -> datetime | None:
    if known_at is None:
        return None
    read = date_time(known_at)
    if read is None or read.tzinfo is None:
        raise InvalidInput("--known-at is a time with its offset, as 2026-05-01T12:00:00Z.")
    return read.astimezone(UTC)


def _from_files(files: list[Path], settings: Settings) -> Snapshot:
    """Return the snapshot of zone documents, each a data set named after its file."""
    documents = {}
    for path in files:
        key = re.sub(r"[^a-z0-9]+", "-", path.name.split(".")[0].lower()).strip("-")[:63] or "document"
        if key in documents:
            raise InvalidInput(f"{path} and another file would both be data set {key!r}; rename one.")
        try:
            documents[key] = read_document(_read(path))
        except DocumentRefused as error:
            raise DocumentRefused(f"{path.name}: {error.detail}", error.defects) from error
    zones = [zone for key, document in documents.items() for zone in document.published_as(key)]
    data_sets = [document.data_set(key) for key, document in documents.items()]
    return build_snapshot(zones, data_sets, territories_of(settings))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise InputTooLarge(f"{path} is larger than {MAX_DOCUMENT_BYTES} bytes.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error


def _write(output: Path | None, data: bytes) -> None:
    """Write a file that gets its name when it is complete."""
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with draft.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(output)
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _print_summary(made: Export, snapshot: Snapshot, output: Path | None, *, every_loss: bool) -> None:
    of = f"revision {snapshot.revision}" if snapshot.revision else "files"
    what = f"{made.zones} zone{'' if made.zones == 1 else 's'} of {of} as {made.format}"
    _say(f"{what}{f' in {output}' if output else ''}, SHA-256 {made.digest}.")
    if made.error_m is not None:
        _say(
            f"The largest error is {made.error_m:.2f} m, outward: so far an outline reaches outside its zone at most."
        )
    if not made.losses:
        _say("Nothing was lost.")
    elif every_loss:
        for loss in made.losses:
            _say(
                f"  {f'{loss.zone[0]} {loss.zone[1]}'.strip() if loss.zone else 'all'}: {loss.code}: {loss.sentence}"
            )
    else:
        first = {loss.code: loss for loss in reversed(made.losses)}
        for code, count in Counter(loss.code for loss in made.losses).most_common():
            zone = first[code].zone
            where = f", first {zone[0]} {zone[1]}".rstrip() if zone else ""
            _say(f"  {count} x {code}{where}: {first[code].sentence}")
        _say("Every one of them is listed with --losses.")


def _say(line: str) -> None:
    _stderr.print(line, markup=False, soft_wrap=True)
