"""The command line of whoever keeps the mirrored data sets: following their publishers, and what was set aside."""

from __future__ import annotations

import json
import re
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from zones_api.app import configure_logging, mirror_of, utc_now
from zones_api.commands.proving import writing_anew
from zones_api.domain.data_set import SetAside
from zones_api.domain.feed import FeedState
from zones_api.domain.texts import decided
from zones_api.errors import InvalidInput
from zones_api.fetching import DEFAULT_INTERVAL, Feed
from zones_api.formats.drafts import SHORT_NAME
from zones_api.formats.mending import InPlace
from zones_api.mirroring import Mirror, check, follow_feeds
from zones_api.opening import keys_of, register_of
from zones_api.originals import Originals
from zones_api.publishing import data_set_of
from zones_api.settings import Settings
from zones_api.store import feeds
from zones_api.store.register import reading

EXIT_NOT_TAKEN = 1
EXIT_CODES = "Exit codes with --once: 0 every document is fresh, 1 one could not be fetched or was held, 2 wrong usage."
quarantine = typer.Typer(
    help="Show the zones that were set aside, and begin to mend one.",
    no_args_is_help=False,
    invoke_without_command=True,
)
_stderr = Console(stderr=True, highlight=False)
_stdout = Console(highlight=False)

DataSetName = Annotated[str, typer.Argument(help="The data set.", metavar="DATASET")]
ZoneName = Annotated[
    str, typer.Argument(help="Its identifier, or its JSON pointer in the document.", metavar="ZONE")
]


def follow(
    urls: Annotated[
        list[str] | None,
        typer.Argument(help="Addresses of documents [those of ZONES_FEEDS].", metavar="[URL...]"),
    ] = None,
    data_set: Annotated[
        str | None, typer.Option(help="The data set of the one address given [from its file name].")
    ] = None,
    every: Annotated[
        str | None, typer.Option(help="How often to ask, ISO 8601: PT1M to P7D [PT15M].")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Ask each server once, now, and end.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show what is known of every feed, and ask nobody.")
    ] = False,
) -> None:
    """Keep publishers' documents fresh: fetch what is new and import it; the last good version stands."""
    settings = Settings()
    if status:
        with register_of(settings) as engine, reading(engine) as connection:
            known = feeds.all_states(connection)
        _print_states(list(known.values()), settings.feeds, utc_now())
        return
    followed = _feeds_of(urls or [], data_set, every, settings)
    configure_logging(settings.log_level)
    with register_of(settings) as engine:
        mirror = mirror_of(engine, keys_of(settings))
        if once:
            raise typer.Exit(_check_all(mirror, followed))
        stop = threading.Event()
        threads = follow_feeds(mirror, followed, stop)
        try:
            while any(thread.is_alive() for thread in threads):
                stop.wait(1.0)
        finally:
            stop.set()


@quarantine.callback()
def list_set_aside(
    context: typer.Context,
    data_set: Annotated[str | None, typer.Option(help="Of this data set alone [of all].")] = None,
) -> None:
    """List the zones that were set aside, with every defect, and what was decided of them.

    Answers near one of which nothing is decided are not complete.
    """
    if context.invoked_subcommand is not None:
        return
    with register_of(Settings()) as engine:
        found = Originals(engine).quarantine(data_set)
    if not found:
        _stderr.print("No zone is set aside.")
    for each in found:
        _print_set_aside(each)


@quarantine.command("show")
def show_set_aside(data_set: DataSetName, zone: ZoneName) -> None:
    """Print a zone as it was published and why it was set aside, and its last good version, which stays in force."""
    with register_of(Settings()) as engine:
        read = Originals(engine).unreadable(data_set, zone)
    _print_set_aside(read.found)
    _stdout.print(f"\n[bold]As published[/] in document {read.document.digest[:12]}…:")
    if read.feature is None:
        _stdout.print(
            f"  The document is not JSON, or was converted: zones document {escape(data_set)} -o FILE gives it whole."
        )
    else:
        _print_json(read.feature)
    if read.last_good is None:
        _stdout.print("\nIt has no last good version.")
        return
    _stdout.print(f"\n[bold]In force meanwhile[/], version {read.last_good.version}:")
    _print_json(read.last_good.features)


@quarantine.command("export")
def export_set_aside(
    data_set: DataSetName,
    zone: ZoneName,
    into: Annotated[
        str | None, typer.Option(help="A data set of your organisation's own [DATASET-mended].")
    ] = None,
    in_place: Annotated[
        InPlace | None,
        typer.Option(help="Decide in the mirrored data set itself: mend it, say it is gone, or undo that."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file [standard output].")] = None,
) -> None:
    """Write the content of a draft, as POST /v1/drafts takes it, with all of the zone that could be kept."""
    if into and in_place:
        raise InvalidInput("--into is a data set of your own, --in-place the mirrored one: name one of them.")
    if into and not re.fullmatch(SHORT_NAME, into):
        raise InvalidInput("--into is a name of small letters, digits and dashes, at most 63.")
    with register_of(Settings()) as engine:
        content = Originals(engine).unreadable(data_set, zone).draft(into, in_place)
    text = json.dumps({"content": content}, ensure_ascii=False, indent=2) + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    with writing_anew(output, force=False) as file:
        file.write(text.encode())


def document(
    data_set: DataSetName,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    revision: Annotated[int | None, typer.Option(min=1, help="As of this revision [the newest].")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a publisher's document byte for byte, as it was imported."""
    with register_of(Settings()) as engine:
        originals = Originals(engine)
        found = originals.document(data_set, revision)
        with writing_anew(output, force=force) as file:
            for piece in originals.pieces(found):
                file.write(piece)
    _stderr.print(
        f"{found.size} bytes as of revision {found.revision}, SHA-256 {found.digest}.", soft_wrap=True
    )


def _print_set_aside(each: SetAside) -> None:
    zone = each.zone
    named = zone.identifier or "(without an identifier)"
    _stdout.print(
        f"[bold]{escape(each.data_set)}  {escape(zone.country)} {escape(named)}[/]"
        f"  {escape(zone.published_type or 'type unreadable')}, at {escape(zone.pointer or 'the start')},"
        f" since revision {each.since} ({each.since_at:%Y-%m-%d %H:%M} UTC)",
        soft_wrap=True,
    )
    for defect in zone.defects:
        _stdout.print(
            f"  {defect.severity:<10} {escape(defect.pointer)}: {escape(defect.detail)}", soft_wrap=True
        )
    if each.decision is not None:
        _stdout.print(f"  [bold]decided[/]    {escape(decided(each.decision).en)}", soft_wrap=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201 - as it was published, uncoloured


def _check_all(mirror: Mirror, followed: tuple[Feed, ...]) -> int:
    """Check each feed once and say what came of it; return the exit code."""
    code = 0
    for feed in followed:
        state = check(mirror, feed)
        if state is None:
            _stderr.print(f"{feed.data_set}: another program is fetching it now.", markup=False)
        elif state.is_failing:
            code = EXIT_NOT_TAKEN
            _stderr.print(f"{feed.data_set}: {state.failure}", markup=False, soft_wrap=True)
        else:
            is_new = state.changed_at == state.checked_at
            _stderr.print(f"{feed.data_set}: {'a new document' if is_new else 'unchanged'}.", markup=False)
    return code


def _feeds_of(
    urls: list[str], data_set: str | None, every: str | None, settings: Settings
) -> tuple[Feed, ...]:
    if data_set and len(urls) != 1:
        raise InvalidInput("--data-set goes with one address: each document is a data set of its own.")
    if not urls:
        if every:
            raise InvalidInput(
                "--every goes with an address; the feeds of ZONES_FEEDS have their own `every`."
            )
        if not settings.feeds:
            raise InvalidInput(
                "No document is followed: name an address, or set ZONES_FEEDS (see docs/following-feeds.md)."
            )
        return settings.feeds
    if data_set and not re.fullmatch(SHORT_NAME, data_set):
        raise InvalidInput("--data-set is a name of small letters, digits and dashes, at most 63.")
    interval = _duration(every) if every else DEFAULT_INTERVAL
    made = tuple(_feed(data_set or data_set_of(_file_name(url)), url, interval) for url in urls)
    if len({feed.data_set for feed in made}) != len(made):
        raise InvalidInput(
            "Two addresses would be one data set: follow them apart, each with its --data-set."
        )
    return made


def _feed(data_set: str, url: str, every: timedelta) -> Feed:
    try:
        return Feed(data_set, url, every)
    except ValueError as error:
        raise InvalidInput(f"{url.partition('?')[0]}: {error}") from error


def _file_name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def _duration(value: str) -> timedelta:
    try:
        return TypeAdapter(timedelta).validate_python(value)
    except ValidationError as error:
        raise InvalidInput("--every is a duration such as PT15M (15 minutes) or P1D (a day).") from error


def _print_states(states: list[FeedState], configured: tuple[Feed, ...], now: datetime) -> None:
    never = [
        FeedState(feed.data_set, feed.url)
        for feed in configured
        if all(feed.data_set != state.data_set for state in states)
    ]
    if not states and not never:
        _stderr.print("No document was ever followed here.")
        return
    table = Table(
        "data set", "address", "last checked", "last changed", "last failure", box=None, pad_edge=False
    )
    for state in [*states, *never]:
        failure = "none"
        if state.failed_at:
            times = f" ({state.failures} since the last success)" if state.is_failing else " (answers again)"
            failure = f"{_ago(state.failed_at, now)}: {state.failure}{times}"
        table.add_row(
            state.data_set,
            escape(state.url.partition("?")[0]),
            _ago(state.checked_at, now),
            _ago(state.changed_at, now),
            escape(failure),
        )
    _stdout.print(table)


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    minutes = (now - at) // timedelta(minutes=1)
    days, hours = minutes // (24 * 60), minutes // 60
    age = f"{days} d" if days > 1 else f"{hours} h" if hours > 1 else f"{minutes} min"
    return f"{at:%Y-%m-%d %H:%M} UTC ({age} ago)"
