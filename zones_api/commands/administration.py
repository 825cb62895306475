"""The command line of whoever keeps the register's people: organisations, persons, keys, competences, secrets."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import shapely
import typer
from rich.console import Console
from rich.table import Table

from zones_api.app import utc_now
from zones_api.domain.competence import Competence, Mode
from zones_api.domain.people import Role
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.zone import ZoneType
from zones_api.errors import InvalidInput
from zones_api.formats.drafts import SHORT_NAME
from zones_api.formats.members import date_time
from zones_api.identity import issue_token
from zones_api.keys import make_keys, read_keys
from zones_api.opening import keys_of, register_as_owner, secrets_folder
from zones_api.settings import Settings
from zones_api.store import people
from zones_api.store.register import appending, reading

_stderr = Console(stderr=True, highlight=False)
_stdout = Console(highlight=False)

Key = Annotated[str, typer.Argument(help="A short name of small letters, digits and dashes.")]
Roles = Annotated[list[Role], typer.Option("--role", help="Give it once for each role.")]
Organisation = Annotated[str, typer.Option(help="The organisation's short name.")]

organisation = typer.Typer(help="Keep the organisations.", no_args_is_help=True)
person = typer.Typer(help="Keep the persons and their roles.", no_args_is_help=True)
token = typer.Typer(help="Make and revoke API keys.", no_args_is_help=True)
competence = typer.Typer(
    help="Keep what organisations may propose and publish: where, what and until when.", no_args_is_help=True
)
GROUPS = {"organisation": organisation, "person": person, "token": token, "competence": competence}


def keys() -> None:
    """Make the service's own secrets, once; what is there stays. Prints the public key that proves signed heads."""
    folder = secrets_folder(Settings())
    made = make_keys(folder)
    _stderr.print(
        f"The secrets {'were made' if made else 'are'} in {folder}: keep a copy where only you can read it."
    )
    _stdout.print(read_keys(folder).public_pem, end="")


@organisation.command("add")
def add_organisation(key: Key, name: Annotated[str, typer.Argument(help="Its full name.")]) -> None:
    """Add an organisation."""
    _require_key(key)
    with register_as_owner(Settings()) as engine, appending(engine) as connection:
        people.add_organisation(connection, key, name)
    _stderr.print(f"Organisation {key} is in the register.")


@person.command("add")
def add_person(key: Key, name: Annotated[str, typer.Argument(help="The person's full name.")]) -> None:
    """Add a person; one person is one entry, however many accounts and roles they have."""
    _require_key(key)
    with register_as_owner(Settings()) as engine, appending(engine) as connection:
        people.add_person(connection, key, name)
    _stderr.print(f"Person {key} is in the register.")


@person.command("grant")
def grant(key: Key, organisation: Organisation, role: Roles) -> None:
    """Give a person roles in an organisation."""
    with register_as_owner(Settings()) as engine, appending(engine) as connection:
        for each in role:
            people.grant(connection, key, organisation, each, utc_now())
    _stderr.print(f"{key} is {_and(role)} of {organisation}.")


@person.command("end")
def end(key: Key, organisation: Organisation, role: Roles) -> None:
    """Take roles from a person, from now on."""
    with register_as_owner(Settings()) as engine, appending(engine) as connection:
        ended = people.end_roles(connection, key, organisation, role, utc_now())
    _stderr.print(f"{ended} role{'s' if ended != 1 else ''} of {key} in {organisation} ended.")


@person.command("identity")
def identity(
    key: Key,
    issuer: Annotated[str, typer.Argument(help="The OpenID provider's address, exactly as it names itself.")],
    subject: Annotated[str, typer.Argument(help="How it names the person (`sub`).")],
) -> None:
    """Say how an OpenID provider names a person, so that they can sign in there."""
    with register_as_owner(Settings()) as engine, appending(engine) as connection:
        people.add_identity(connection, key, issuer, subject)
    _stderr.print(f"{key} signs in at {issuer} as {subject}.")


@person.command("list")
def list_persons() -> None:
    """Show who has, or had, which role where."""
    with register_as_owner(Settings()) as engine, reading(engine) as connection:
        found = people.memberships(connection)
    rows = [(m.person, m.name, m.organisation, m.role, _day(m.granted_at), _day(m.ended_at)) for m in found]
    _print(("person", "name", "organisation", "role", "since", "until"), rows, "Nobody has a role yet.")


@token.command("create")
def create_token(
    key: Key,
    name: Annotated[str, typer.Option(help="What it is for.")],
    role: Roles,
    hours: Annotated[
        int, typer.Option(min=1, help="How long it lasts; approver, publisher and police at most 24.")
    ] = 24,
) -> None:
    """Make an API key for a person, who answers for what is done with it. It is shown once."""
    settings, secret = Settings(), secrets.token_urlsafe(32)
    with register_as_owner(settings) as engine:
        made = issue_token(
            engine, keys_of(settings), secret, key, name, role, timedelta(hours=hours), utc_now()
        )
    _stderr.print(f"The key of {key} for {name!r}, {_and(role)}, for {hours} h. It is not shown again:")
    _stdout.print(made, soft_wrap=True)


@token.command("list")
def list_tokens() -> None:
    """Show which API keys there are and were; their secrets are kept nowhere."""
    with register_as_owner(Settings()) as engine, reading(engine) as connection:
        found = people.tokens(connection)
    rows = [
        (str(t.id), t.person, t.name, _and(t.roles), _day(t.expires_at), _day(t.revoked_at)) for t in found
    ]
    _print(("number", "person", "name", "roles", "expires", "revoked"), rows, "There are no API keys.")


@token.command("revoke")
def revoke_token(number: Annotated[int, typer.Argument(help="The number that `list` shows.")]) -> None:
    """Make an API key invalid from now on."""
    with register_as_owner(Settings()) as engine, appending(engine) as connection:
        people.revoke_token(connection, number, utc_now())
    _stderr.print(f"API key {number} is revoked.")


@competence.command("add")
def add_competence(
    organisation: Annotated[str, typer.Argument(help="The organisation's short name.")],
    mode: Annotated[Mode, typer.Option(help="What it may do.")],
    area: Annotated[Path, typer.Option(help="A GeoJSON file with a Polygon or MultiPolygon.")],
    legal_basis: Annotated[str, typer.Option(help="What gives it the competence.")],
    zone_type: Annotated[list[ZoneType], typer.Option("--type", help="Give it once for each zone type.")],
    max_height: Annotated[
        float | None, typer.Option(help="Metres above ground that a zone may reach [no limit].")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="The first moment a zone may be in force [no limit].")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="The last moment a zone may be in force [no limit].")
    ] = None,
) -> None:
    """Give an organisation a competence."""
    held = Competence(
        0,
        mode,
        frozenset(zone_type),
        max_height,
        (_moment(since, "--from") or BEGINNING, _moment(until, "--to") or END),
        _area(area),
        legal_basis,
    )
    if held.valid[1] < held.valid[0]:
        raise InvalidInput("--to is before --from.")
    with register_as_owner(Settings()) as engine, appending(engine) as connection:
        number = people.add_competence(connection, organisation, held, utc_now())
    _stderr.print(
        f"Competence {number}: {organisation} may {mode} zones of type {_and(held.zone_types)} there."
    )


@competence.command("end")
def end_competence(number: Annotated[int, typer.Argument(help="The number that `list` shows.")]) -> None:
    """Take a competence away, from now on; what was published stays."""
    with register_as_owner(Settings()) as engine, appending(engine) as connection:
        people.end_competence(connection, number, utc_now())
    _stderr.print(f"Competence {number} has ended.")


@competence.command("list")
def list_competences() -> None:
    """Show which organisation may do what."""
    with register_as_owner(Settings()) as engine, reading(engine) as connection:
        found = people.competences(connection)
    rows = [
        (
            str(held.id),
            key,
            held.mode,
            _and(held.zone_types),
            "no limit" if held.max_height_m is None else f"{held.max_height_m:g} m AGL",
            ", ".join(f"{edge:.4f}" for edge in held.area.bounds),
            held.legal_basis,
        )
        for key, held in found
    ]
    heads = ("number", "organisation", "may", "types", "up to", "west, south, east, north", "legal basis")
    _print(heads, rows, "No organisation has a competence yet, so nothing can be published.")


def _require_key(key: str) -> None:
    if not re.fullmatch(SHORT_NAME, key):
        raise InvalidInput(f"{key!r} is no short name: small letters, digits and dashes, at most 63.")


def _moment(value: str | None, option: str) -> datetime | None:
    moment = date_time(value) if value is not None else None
    if value is not None and (moment is None or moment.tzinfo is None):
        raise InvalidInput(f"{option} is a time with its offset, as 2026-05-01T12:00:00Z.")
    return moment.astimezone(UTC) if moment else None


def _area(path: Path) -> shapely.Geometry:
    try:
        value = json.loads(path.read_text("utf-8"))
        geometry = value.get("geometry", value) if isinstance(value, dict) else value
        area = shapely.from_geojson(json.dumps(geometry))
    except (OSError, ValueError, shapely.errors.GEOSException) as error:
        raise InvalidInput(f"{path} cannot be read as GeoJSON.") from error
    if area.geom_type not in ("Polygon", "MultiPolygon") or area.is_empty or not area.is_valid:
        raise InvalidInput(f"{path} is no valid Polygon or MultiPolygon.")
    return area


def _and(words: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(words))


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _print(heads: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    if not rows:
        _stderr.print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=number < 2)
    for row in rows:
        table.add_row(*row)
    _stdout.print(table)
