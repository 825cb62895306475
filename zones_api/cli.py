"""The command line: the same answers as the web, from the register or from files alone."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from zones_api.api.problems import defects_of
from zones_api.commands import (
    administration,
    asking,
    curating,
    exporting,
    importing,
    proving,
    readings,
    serving,
    sketching,
    terminal,
)
from zones_api.errors import DocumentRefused, InvalidInput, ZonesError
from zones_api.opening import engine_at, register_of
from zones_api.settings import Settings
from zones_api.store.migrating import migrate

EXIT_FAULT = 70

app = typer.Typer(
    help="UAS geographical zones: ask what applies, check a flight, bring zones in, take them out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serving.serve)
app.command("status", epilog=asking.EXIT_CODES)(asking.status)
app.command("check", epilog=asking.EXIT_CODES)(asking.check)
app.command("import")(importing.import_)
app.command("export", epilog=exporting.EXIT_CODES)(exporting.export)
app.command("follow", epilog=curating.EXIT_CODES)(curating.follow)
app.command("document")(curating.document)
app.command("keys")(administration.keys)
app.command("verify", epilog=proving.EXIT_CODES)(proving.verify)
app.command("history")(proving.history)
app.command("backup")(proving.backup)
app.command("restore", epilog=proving.EXIT_CODES)(proving.restore)
app.add_typer(sketching.draw, name="draw")
app.add_typer(curating.quarantine, name="quarantine")
app.add_typer(readings.reading, name="reading")
for name, group in administration.GROUPS.items():
    app.add_typer(group, name=name)
_stderr = Console(stderr=True, highlight=False)


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
        sys.exit(importing.EXIT_BAD_INPUT)
    except InvalidInput as error:
        _stderr.print(f"zones: {error.detail}", markup=False, soft_wrap=True)
        if isinstance(error, DocumentRefused) and any(defect.pointer for defect in error.defects):
            terminal.print_defects(error.defects, _stderr)
        sys.exit(importing.EXIT_BAD_INPUT)
    except ZonesError as error:
        _stderr.print(f"zones: {error.detail}", markup=False, soft_wrap=True)
        if os.environ.get("ZONES_LOG_LEVEL") == "debug":
            _stderr.print(error.context)
        sys.exit(importing.EXIT_BAD_INPUT)
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
