"""Organisations, persons, their roles and keys. Only the register's owner changes them; the service reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Column, Connection, Table, func, insert, select, true, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from zones_api.domain.competence import Competence, Mode
from zones_api.domain.people import Caller, Organisation, Role
from zones_api.domain.zone import ZoneType
from zones_api.errors import NotFound, WrongState
from zones_api.store import schema
from zones_api.store.ledger import from_range, to_range


@dataclass(frozen=True)
class Membership:
    """A role that a person has, or had, in an organisation."""

    person: str
    name: str
    organisation: str
    role: Role
    granted_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Token:
    """An API key, but for its secret, which is kept nowhere."""

    id: int
    person: str
    name: str
    roles: tuple[Role, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def add_organisation(connection: Connection, key: str, name: str) -> None:
    """Add an organisation; one that is there already stays as it is."""
    connection.execute(insert_or_not(schema.organisation).values(key=key, name=name).on_conflict_do_nothing())


def add_person(connection: Connection, key: str, name: str) -> None:
    """Add a person; one that is there already stays as they are."""
    connection.execute(insert_or_not(schema.person).values(key=key, name=name).on_conflict_do_nothing())


def add_identity(connection: Connection, person: str, issuer: str, subject: str) -> None:
    """Say how an OpenID provider names a person.

    Raises:
        WrongState: If the provider's name is another person's.
    """
    person_id = _number(connection, schema.person, person)
    table = schema.identity.c
    taken = connection.scalar(select(table.person_id).where(table.issuer == issuer, table.subject == subject))
    if taken is None:
        values = {"person_id": person_id, "issuer": issuer, "subject": subject}
        connection.execute(insert(schema.identity).values(values))
    elif taken != person_id:
        raise WrongState(f"{subject!r} of {issuer} is another person's already.")


def grant(connection: Connection, person: str, organisation: str, role: Role, now: datetime) -> None:
    """Give a person a role in an organisation, unless they have it."""
    values = {
        "person_id": _number(connection, schema.person, person),
        "organisation_id": _number(connection, schema.organisation, organisation),
        "role": role.value,
        "granted_at": now,
    }
    connection.execute(insert_or_not(schema.membership).values(values).on_conflict_do_nothing())


def end_roles(
    connection: Connection, person: str, organisation: str, roles: Iterable[Role], now: datetime
) -> int:
    """Take roles from a person; return how many of them they had."""
    table = schema.membership
    ended = connection.execute(
        update(table)
        .where(
            table.c.person_id == _number(connection, schema.person, person),
            table.c.organisation_id == _number(connection, schema.organisation, organisation),
            table.c.role.in_([role.value for role in roles]),
            table.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    return ended.rowcount


def memberships(connection: Connection) -> list[Membership]:
    """Return every role that anyone has or had."""
    table, person, organisation = schema.membership.c, schema.person.c, schema.organisation.c
    rows = connection.execute(
        select(person.key, person.name, organisation.key.label("organisation"))
        .add_columns(table.role, table.granted_at, table.ended_at)
        .join_from(schema.membership, schema.person)
        .join(schema.organisation)
        .order_by(person.key, organisation.key, table.granted_at)
    )
    return [
        Membership(row.key, row.name, row.organisation, Role(row.role), row.granted_at, row.ended_at)
        for row in rows
    ]


def add_token(
    connection: Connection,
    person: str,
    name: str,
    roles: Sequence[Role],
    digest: bytes,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep the digest of a new API key."""
    values = {
        "person_id": _number(connection, schema.person, person),
        "name": name,
        "scopes": [role.value for role in roles],
        "secret_hmac": digest,
        "created_at": now,
        "expires_at": expires_at,
    }
    connection.execute(insert(schema.api_token).values(values))


def revoke_token(connection: Connection, number: int, now: datetime) -> None:
    """Make an API key invalid from now on.

    Raises:
        NotFound: If there is none of that number that is still valid.
    """
    table = schema.api_token
    revoked = connection.execute(
        update(table).where(table.c.id == number, table.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    if revoked.rowcount == 0:
        raise NotFound(f"There is no API key number {number} that could be revoked.")


def tokens(connection: Connection) -> list[Token]:
    """Return every API key there is or was."""
    table = schema.api_token.c
    rows = connection.execute(
        select(schema.api_token, schema.person.c.key).join(schema.person).order_by(table.id)
    )
    return [
        Token(
            row.id,
            row.key,
            row.name,
            tuple(Role(scope) for scope in row.scopes),
            row.created_at,
            row.expires_at,
            row.revoked_at,
        )
        for row in rows
    ]


def caller_of_token(connection: Connection, digest: bytes, now: datetime) -> Caller | None:
    """Return who an API key speaks for, None if there is no such key or it is not valid now."""
    table = schema.api_token.c
    row = connection.execute(
        select(table.person_id, table.scopes, table.expires_at, table.revoked_at).where(
            table.secret_hmac == digest
        )
    ).one_or_none()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    return _caller(connection, row.person_id, frozenset(Role(scope) for scope in row.scopes))


def caller_of_identity(connection: Connection, issuer: str, subject: str) -> Caller | None:
    """Return who an OpenID provider's subject is, None if nobody here."""
    table = schema.identity.c
    person_id = connection.scalar(
        select(table.person_id).where(table.issuer == issuer, table.subject == subject)
    )
    return None if person_id is None else _caller(connection, person_id, frozenset(Role))


def add_competence(connection: Connection, organisation: str, competence: Competence, now: datetime) -> int:
    """Give an organisation a competence; return its number."""
    area = shapely.multipolygons(shapely.get_parts(competence.area))
    values = {
        "organisation_id": _number(connection, schema.organisation, organisation),
        "mode": competence.mode.value,
        "zone_types": sorted(competence.zone_types),
        "max_height_m": competence.max_height_m,
        "valid": to_range(competence.valid),
        "area": f"SRID=4326;{shapely.to_wkt(area, rounding_precision=-1)}",
        "legal_basis": competence.legal_basis,
        "granted_at": now,
    }
    table = schema.competence
    number: int = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return number


def end_competence(connection: Connection, number: int, now: datetime) -> None:
    """Take a competence away from now on.

    Raises:
        NotFound: If there is none of that number that has not ended.
    """
    table = schema.competence
    ended = connection.execute(
        update(table).where(table.c.id == number, table.c.ended_at.is_(None)).values(ended_at=now)
    )
    if ended.rowcount == 0:
        raise NotFound(f"There is no competence number {number} that could be ended.")


def competences(connection: Connection, organisation: int | None = None) -> list[tuple[str, Competence]]:
    """Return the competences that have not been taken away, of one organisation or of all, with its key."""
    table = schema.competence.c
    rows = connection.execute(
        select(schema.competence, schema.organisation.c.key, func.ST_AsBinary(table.area).label("wkb"))
        .join(schema.organisation)
        .where(table.ended_at.is_(None))
        .where(true() if organisation is None else table.organisation_id == organisation)
        .order_by(table.id)
    )
    return [
        (
            row.key,
            Competence(
                row.id,
                Mode(row.mode),
                frozenset(ZoneType(each) for each in row.zone_types),
                row.max_height_m,
                from_range(row.valid),
                shapely.from_wkb(row.wkb),
                row.legal_basis,
            ),
        )
        for row in rows
    ]


def caller_of_person(connection: Connection, key: str) -> Caller:
    """Return a person with all their roles.

    Raises:
        NotFound: If there is nobody of that key.
    """
    return _caller(connection, _number(connection, schema.person, key), frozenset(Role))


def organisation_of(connection: Connection, key: str) -> Organisation:
    """Return an organisation.

    Raises:
        NotFound: If there is none of that key.
    """
    row = connection.execute(
        select(schema.organisation).where(schema.organisation.c.key == key)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no organisation {key!r}.")
    return Organisation(row.id, row.key, row.name)


def organisation_number(connection: Connection, number: int) -> Organisation:
    """Return an organisation that is known to be there."""
    row = connection.execute(select(schema.organisation).where(schema.organisation.c.id == number)).one()
    return Organisation(row.id, row.key, row.name)


def who_may(connection: Connection, organisation: int, roles: Iterable[Role]) -> frozenset[int]:
    """Return the persons who have any of some roles in an organisation now."""
    table = schema.membership.c
    rows = connection.execute(
        select(table.person_id).where(
            table.organisation_id == organisation,
            table.role.in_([role.value for role in roles]),
            table.ended_at.is_(None),
        )
    )
    return frozenset(rows.scalars())


def _caller(connection: Connection, person_id: int, scope: frozenset[Role]) -> Caller:
    table = schema.membership.c
    roles: dict[int, set[Role]] = defaultdict(set)
    rows = connection.execute(
        select(table.organisation_id, table.role).where(
            table.person_id == person_id, table.ended_at.is_(None)
        )
    )
    for row in rows:
        roles[row.organisation_id] |= scope & {Role(row.role)}
    name = connection.scalar(select(schema.person.c.name).where(schema.person.c.id == person_id))
    return Caller(person_id, name or "", {number: frozenset(held) for number, held in roles.items()})


def _number(connection: Connection, table: Table, key: str) -> int:
    identifier: Column[Any] = table.c.id
    number: int | None = connection.scalar(select(identifier).where(table.c.key == key))
    if number is None:
        raise NotFound(f"There is no {table.name} {key!r}.")
    return number
