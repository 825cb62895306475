"""The command line of readings: what the texts of a mirrored data set are read as, switched on for each of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy import Engine

from zones_api.app import utc_now
from zones_api.domain.data_set import DataSet, Reading, texts_of
from zones_api.domain.zone import CodedCondition
from zones_api.errors import InvalidInput, NotFound
from zones_api.formats.readings import read_reading_file
from zones_api.opening import keys_of, register_of
from zones_api.publishing import switch_reading
from zones_api.settings import Settings
from zones_api.store import register

_stderr = Console(stderr=True, highlight=False)
_stdout = Console(highlight=False)

DataSetName = Annotated[str, typer.Argument(help="The mirrored data set.", metavar="DATA_SET")]

reading = typer.Typer(
    help="Read the texts of a mirrored data set with a reviewed table; it only ever requires more.",
    no_args_is_help=True,
)


@reading.command("on")
def on(
    data_set: DataSetName,
    table: Annotated[
        str, typer.Argument(help="A table that comes with the program, or a TOML file of your own.")
    ],
) -> None:
    """Switch a reading on, from the next revision on; later documents of the data set are read with it too."""
    settings = Settings()
    read = _table(settings, table)
    with register_of(settings) as engine:
        result = switch_reading(engine, data_set, read, utc_now, keys_of(settings).sign)
        _say(data_set, result.revision, is_new=result.is_new, how=f"with {read.title!r}")
        _print_texts(*_texts(engine, data_set))


@reading.command("off")
def off(data_set: DataSetName) -> None:
    """Switch the reading off: from the next revision on the texts are as they are published."""
    settings = Settings()
    with register_of(settings) as engine:
        result = switch_reading(engine, data_set, None, utc_now, keys_of(settings).sign)
    _say(data_set, result.revision, is_new=result.is_new, how="as they are published")


@reading.command("show")
def show(data_set: DataSetName) -> None:
    """List the texts of a data set's zones: what each is read as, and those without a row."""
    with register_of(Settings()) as engine:
        _print_texts(*_texts(engine, data_set))


def _table(settings: Settings, name: str) -> Reading:
    folder = settings.geodata / "readings"
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    try:
        data = path.read_bytes()
    except OSError as error:
        shipped = ", ".join(sorted(each.stem for each in folder.glob("*.toml")))
        raise InvalidInput(
            f"{name} is neither a TOML file that can be read nor one of the tables that come with the program:"
            f" {shipped}."
        ) from error
    return read_reading_file(data)


def _texts(engine: Engine, key: str) -> tuple[DataSet, Counter[str]]:
    with register.reading(engine) as connection:
        contents = register.load(connection)
    found = next((each for each in contents.data_sets if each.key == key), None)
    if found is None:
        raise NotFound(f"There is no data set {key!r}.")
    zones = {
        (each.version, each.zone.identifier): each.zone for each in contents.zones if each.data_set == key
    }
    return found, Counter(text for zone in zones.values() for text in texts_of(zone))


def _print_texts(data_set: DataSet, texts: Counter[str]) -> None:
    rows = {row.text: row for row in data_set.reading.rows} if data_set.reading else {}
    title = data_set.reading.title if data_set.reading else "none: its texts are as they are published"
    _stdout.print(f"Reading of {data_set.key}: {escape(title)}")
    for text, zones in texts.most_common():
        row = rows.get(text)
        _stdout.print(f"\n{zones} zones: “{escape(text)}”")
        if row is None:
            _stdout.print("  without a row: as published")
            continue
        for condition in row.conditions:
            _stdout.print(f"  {escape(_in_words(condition))}")
        _stdout.print(f"  [dim]{escape(row.source)}, reviewed on {row.reviewed_on}[/]")
    for text in rows.keys() - texts.keys():
        _stdout.print(f"\nNo zone has this text now: “{escape(text)}”")


def _in_words(condition: CodedCondition) -> str:
    """Return a condition in a line, as in: open, A1 or A2: CONDITIONAL up to 30 m above ground."""
    words = [
        sorted(each) for each in (condition.category, condition.subcategory, condition.uas_class) if each
    ]
    fits = [" or ".join(each) for each in words]
    if condition.max_takeoff_mass_g is not None:
        fits.append(f"up to {condition.max_takeoff_mass_g:g} g")
    if condition.vlos is not None:
        fits.append("within sight" if condition.vlos else "beyond sight")
    if condition.max_height_m is not None:
        fits.append(f"up to {condition.max_height_m:g} m above ground")
    then = condition.then.value
    if condition.then_max_height_m is not None:
        then += f" up to {condition.then_max_height_m:g} m above ground, PROHIBITED above"
    return f"{', '.join(fits) or 'any operation'}: {then}"


def _say(data_set: str, revision: int | None, *, is_new: bool, how: str) -> None:
    if is_new:
        _stderr.print(f"Revision {revision}: the texts of {data_set} are read {escape(how)}.")
    else:
        _stderr.print(f"Nothing changes: the texts of {data_set} are read {escape(how)} already.")
