"""Copies of a register, and a register made from a copy, which is kept only if it proves to be what was copied."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine

from zones_api.comparison import check_database
from zones_api.domain.revision import RevisionHead
from zones_api.errors import InvalidInput, RegisterUnavailable, ZonesError
from zones_api.formats import strict_json
from zones_api.proof import PublicKeys, Report, Tell, TrustedHead, read_trusted_head
from zones_api.store import emptying, records, register
from zones_api.store.migrating import migrate

_OF_SUPERUSERS = re.compile(
    rb"^\d+; \d+ \d+ (EXTENSION|COMMENT - EXTENSION|TABLE DATA public spatial_ref_sys) "
)
"""What a superuser made before, in the list of a copy: the database's owner may not."""


@dataclass(frozen=True)
class Label:
    """What is kept beside a copy: its SHA-256 and its newest revision, None if it has none.

    `head` is what was signed of that revision, None if it was written without a key.
    """

    digest: str
    newest: int | None
    hash: str | None
    head: TrustedHead | None


def copy(engine: Engine, binaries: Path, out: BinaryIO) -> RevisionHead | None:
    """Write all that a register holds to a file, and return the newest revision that is in it.

    Args:
        engine: The register, as its owner; it may be in use.
        binaries: The folder of PostgreSQL's programs, not older than the server.
        out: A file of the operating system.

    Raises:
        RegisterUnavailable: If the database cannot be reached, or not be copied.
    """
    with register.reading(engine) as connection, _address(engine) as address:
        newest = register.heads(connection, None, 1)
        snapshot = records.share_snapshot(connection)
        command = [str(binaries / "pg_dump"), "-Fc", f"--snapshot={snapshot}", "-d", address]
        # Its standard output, because the file is nobody else's to read.
        finished = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if finished.returncode:
        raise RegisterUnavailable(
            "The register could not be copied.", stderr=finished.stderr.decode(errors="replace")
        )
    return newest[0] if newest else None


def write_label(digest: str, newest: RevisionHead | None) -> bytes:
    """Return what is kept beside a copy; it can also be used as a head that was kept elsewhere."""
    listed = [] if newest is None else [newest]
    revisions = [
        {
            "revision": each.number,
            "published_at": each.published_at.isoformat(),
            "hash": each.hash,
            "head": _encoded(each.head),
            "key_id": each.key_id,
            "signature": _encoded(each.signature),
        }
        for each in listed
    ]
    return json.dumps({"sha256": digest, "revisions": revisions}, indent=2).encode() + b"\n"


def read_label(data: bytes) -> Label:
    """Return what is kept beside a copy.

    Raises:
        InvalidInput: If it is not what `write_label` wrote.
    """
    value = strict_json.loads(data)
    try:
        digest, listed = str(value["sha256"]), list(value["revisions"])
        if not listed:
            return Label(digest, None, None, None)
        (newest,) = listed
        head = None if newest["signature"] is None else read_trusted_head(data)
        return Label(digest, int(newest["revision"]), str(newest["hash"]), head)
    except (AttributeError, KeyError, TypeError, ValueError, ZonesError) as error:
        raise InvalidInput("What is kept beside the copy is not what zones backup wrote.") from error


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def require_nothing_there(engine: Engine) -> None:
    """Make sure that a database holds nothing that making a register in it would take away.

    Raises:
        InvalidInput: If it does.
        RegisterUnavailable: If the database cannot be reached.
    """
    with register.reading(engine) as connection:
        there = emptying.what_is_there(connection)
    if there is not None:
        raise InvalidInput(
            f"Only an empty register is restored to, and this one has something in {there!r}."
            " Name another database, or another folder for the private PostGIS (ZONES_DATA_FOLDER)."
        )


def restore(
    engine: Engine,
    binaries: Path,
    file: Path,
    migrations: Path,
    label: Label,
    keys: PublicKeys | None = None,
    head: TrustedHead | None = None,
    tell: Tell | None = None,
) -> Report:
    """Make a register from a copy, and prove it; unless it is proven, the database holds nothing afterwards.

    Args:
        engine: A database with the extensions and roles and nothing else, as its owner.
        binaries: The folder of PostgreSQL's programs.
        file: The copy.
        migrations: The migrations, for a copy of an earlier schema.
        label: What was kept beside the copy.
        keys: The public keys that heads are signed with.
        head: A head that was kept elsewhere; None is the copy's own.
        tell: Told of each revision that is proven.

    Raises:
        InvalidInput: If the database holds anything.
        RegisterUnavailable: If the database cannot be reached, or not be restored to.
    """
    if digest_of(file) != label.digest:
        return _refused("The copy was altered: its SHA-256 is not the one that is kept beside it.")
    require_nothing_there(engine)
    with register.domain_errors(), engine.begin() as connection:
        emptying.take_away(connection)
    try:
        _load(engine, binaries, file)
        migrate(engine, migrations)
        with register.reading(engine) as connection:
            report = check_database(connection, keys, head or label.head, tell)
        if not report.fault_count and (report.newest, report.hash) != (label.newest, label.hash):
            report = _refused(
                f"The copy is of revision {report.newest}, and what is kept beside it says {label.newest}."
            )
    except BaseException:
        _take_away(engine)
        raise
    if report.fault_count:
        _take_away(engine)
    return report


def _load(engine: Engine, binaries: Path, file: Path) -> None:
    program = str(binaries / "pg_restore")
    listed = subprocess.run([program, "-l", str(file)], capture_output=True, check=False)  # noqa: S603
    lines = [line for line in listed.stdout.splitlines() if not _OF_SUPERUSERS.match(line)]
    with _address(engine) as address, tempfile.NamedTemporaryFile() as chosen:
        chosen.write(b"\n".join(lines) + b"\n")
        chosen.flush()
        command = [program, "--no-owner", "--exit-on-error", "--single-transaction", "-L", chosen.name]
        finished = subprocess.run([*command, "-d", address, str(file)], capture_output=True, check=False)  # noqa: S603
    if listed.returncode or finished.returncode:
        raise RegisterUnavailable(
            "The copy could not be restored. Is the database's owner named, are its extensions and roles made"
            " (docs/operating.md), and is PostgreSQL here as new as where it was copied?",
            stderr=(listed.stderr + finished.stderr).decode(errors="replace"),
        )


def _take_away(engine: Engine) -> None:
    with register.domain_errors(), engine.begin() as connection:
        emptying.take_away(connection)


@contextmanager
def _address(engine: Engine) -> Iterator[str]:
    """Give the database's address for PostgreSQL's own programs; the password stands in a file, as others see arguments."""
    _, given = engine.dialect.create_connect_args(engine.url)
    known = {name: str(value) for name, value in given.items() if name not in ("context", "password")}
    with tempfile.NamedTemporaryFile("w") as passwords:
        if "password" in given:
            word = str(given["password"]).replace("\\", "\\\\").replace(":", "\\:")
            passwords.write(f"*:*:*:*:{word}\n")
            passwords.flush()
            known["passfile"] = passwords.name
        yield make_conninfo("", **known)


def _refused(what: str) -> Report:
    return Report(
        0, 0, 0, 0, None, None, signatures_checked=False, trusted=None, faults=(what,), fault_count=1
    )


def _encoded(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
