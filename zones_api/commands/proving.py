"""The command line of whoever keeps the register: proving that it was not altered, copying it, restoring it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from zones_api.backup import copy, digest_of, read_label, write_label
from zones_api.backup import restore as restore_copy
from zones_api.comparison import check_database
from zones_api.embedded import find_binaries, running
from zones_api.errors import InvalidInput, KeysMissing
from zones_api.keys import read_keys
from zones_api.opening import engine_at, register_as_owner, register_of, secrets_folder
from zones_api.proof import (
    PublicKeys,
    Report,
    Tell,
    TrustedHead,
    check,
    export,
    read_entries,
    read_public_keys,
    read_trusted_head,
)
from zones_api.settings import Settings
from zones_api.store.register import reading

EXIT_FAULTS = 1
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
_stderr = Console(stderr=True, highlight=False)
_stdout = Console(highlight=False)

PublicKeyFile = Annotated[
    Path | None,
    typer.Option("--public-key", help="The key that signs heads, PEM [that of the service's own secrets]."),
]
EXIT_CODES = "Exit codes: 0 nothing was altered or left out, 1 something was, 2 wrong usage or bad input."


def verify(
    file: Annotated[
        Path | None,
        typer.Argument(help="What zones history wrote; without it the register itself.", metavar="[FILE]"),
    ] = None,
    head: Annotated[
        Path | None,
        typer.Option(help="A revision that was kept elsewhere, as GET /v1/revisions lists it (JSON)."),
    ] = None,
    public_key: PublicKeyFile = None,
) -> None:
    """Prove that no revision was altered or left out, or say each thing that was."""
    settings = Settings()
    keys = _keys(public_key, settings)
    trusted = read_trusted_head(_read(head)) if head else None
    report = _check_register(settings, keys, trusted) if file is None else _check_file(file, keys, trusted)
    raise typer.Exit(print_report(report, _stdout))


def history(
    file: Annotated[Path, typer.Argument(help="The file to write, JSON Lines.", metavar="FILE.jsonl")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write every revision to a file from which anybody can prove that nothing was altered or left out."""
    with (
        register_of(Settings()) as engine,
        writing_anew(file, force=force) as out,
        _counting_revisions() as tell,
    ):
        written = export(engine, out, tell)
    _stderr.print(
        f"{_count(written, 'revision')} in {file}. Keep a signed head elsewhere to prove them by: see docs/proof.md.",
        markup=False,
        soft_wrap=True,
    )


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.", metavar="FILE")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Copy the whole register to a file, which only its user can read, and its newest signed head beside it."""
    settings, label = Settings(), _label_of(file)
    with (
        register_as_owner(settings) as engine,
        writing_anew(label, force=force) as out,
        Progress(*_COLUMNS[:2], TimeElapsedColumn(), console=_stderr, transient=True) as progress,
    ):
        progress.add_task("copying", total=None)
        with writing_anew(file, force=force, mode=0o600) as copied:
            newest = copy(engine, _binaries(settings), copied)
            digest = digest_of(Path(copied.name))
        out.write(write_label(digest, newest))
    said = "an empty register" if newest is None else f"revision {newest.number}"
    _stderr.print(
        f"{file} holds the register up to {said}, and {label.name} its newest head: keep that elsewhere too."
        f" The service's own secrets are not in it: keep a copy of {secrets_folder(settings)} apart.",
        markup=False,
        soft_wrap=True,
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What zones backup wrote.", metavar="FILE")],
    head: Annotated[
        Path | None,
        typer.Option(help="A revision that was kept elsewhere [FILE.head.json, which lies beside the file]."),
    ] = None,
    public_key: PublicKeyFile = None,
) -> None:
    """Make a register from a copy, and keep it only if it proves to be what was copied and signed."""
    settings = Settings()
    keys, label = _keys(public_key, settings), read_label(_read(_label_of(file)))
    trusted = read_trusted_head(_read(head)) if head else None
    if not file.is_file():
        raise InvalidInput(f"{file} cannot be read: there is no such file.")
    with _empty_register(settings) as engine, _counting_revisions() as tell:
        report = restore_copy(
            engine, _binaries(settings), file, settings.migrations, label, keys, trusted, tell
        )
    code = print_report(report, _stdout)
    _stderr.print(
        "NOT restored: the database holds nothing."
        if code
        else "Restored. The service also needs its own secrets, which are not in the copy (zones keys).",
        markup=False,
        soft_wrap=True,
    )
    raise typer.Exit(code)


def print_report(report: Report, console: Console) -> int:
    """Print what was proven, or each fault, and return the exit code that says the same."""
    for fault in report.faults:
        console.print(fault, markup=False, soft_wrap=True)
    if report.fault_count:
        unsaid = report.fault_count - len(report.faults)
        more = f" {unsaid} of them are not shown." if unsaid else ""
        what = f"{_count(report.fault_count, 'fault')} in {_count(report.revisions, 'revision')}.{more}"
        console.print(what, markup=False, soft_wrap=True)
        return EXIT_FAULTS
    console.print(" ".join(_proven(report)), markup=False, soft_wrap=True)
    return 0


def _proven(report: Report) -> Iterator[str]:
    counts = (
        f"{_count(report.revisions, 'revision')}, {_count(report.contents, 'content')},"
        f" {_count(report.heads, 'signed head')}"
    )
    if report.newest is None:
        yield f"{counts}: there is nothing to prove."
    else:
        yield (
            f"{counts}: nothing was altered or left out up to revision {report.newest} (hash {report.hash})."
        )
    if report.unsigned:
        first = "The first is" if report.unsigned == 1 else f"The first {report.unsigned} are"
        yield f"{first} not signed: {'it was' if report.unsigned == 1 else 'they were'} written without a key."
    if report.trusted is None:
        yield "Without a head that was kept elsewhere (--head) nobody can tell whether newer revisions were cut off."
    else:
        yield f"The head that was given is that of revision {report.trusted}."


@contextmanager
def writing_anew(file: Path, *, force: bool, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Give a file to write that gets its name when it is complete, and is taken away if it does not get so far.

    Raises:
        InvalidInput: If it is there already and `force` does not say to write over it, or it cannot be written.
    """
    if file.exists() and not force:
        raise InvalidInput(f"{file} is there already. Name another, or write over it with --force.")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with open(draft, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _check_register(settings: Settings, keys: PublicKeys, trusted: TrustedHead | None) -> Report:
    with register_of(settings) as engine, reading(engine) as connection, _counting_revisions() as tell:
        return check_database(connection, keys, trusted, tell)


@contextmanager
def _counting_revisions() -> Iterator[Tell]:
    with Progress(*_COLUMNS, console=_stderr, transient=True) as progress:
        task = progress.add_task("revisions", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def _empty_register(settings: Settings) -> Iterator[Engine]:
    """Give the database that is named, or a private one, as it is: nothing is migrated in it."""
    if settings.database_url is not None:
        with engine_at(settings.database_url) as engine:
            yield engine
        return
    with running(settings.data_folder) as url, engine_at(url) as engine:
        yield engine


def _binaries(settings: Settings) -> Path:
    return find_binaries(settings.data_folder / "data" if settings.database_url is None else None)


def _label_of(file: Path) -> Path:
    return file.with_name(file.name + ".head.json")


def _check_file(file: Path, keys: PublicKeys, trusted: TrustedHead | None) -> Report:
    try:
        with (
            Progress(console=_stderr, transient=True) as progress,
            progress.open(file, "rb", description=file.name) as lines,
        ):
            return check(read_entries(lines), keys, trusted)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from error


def _keys(public_key: Path | None, settings: Settings) -> PublicKeys:
    if public_key is not None:
        return read_public_keys(_read(public_key))
    try:
        return read_public_keys(read_keys(secrets_folder(settings)).public_pem.encode())
    except KeysMissing as error:
        raise InvalidInput(
            f"There is no public key to check signatures with: name it with --public-key KEY.pem. ({error.detail})"
        ) from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from error


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
