"""Writing the next revision: its record in the hash chain, and the zones that change with it.

A record is the canonical JSON of what a revision is: its number and time, the hash of the record before it, what
each data set says of itself, and every change with the SHA-256 of the content. The hash of a revision is the
SHA-256 of its record, so whoever holds one hash can tell whether anything before it was altered.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

import shapely
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects.postgresql import Range

from zones_api.domain.data_set import QuarantinedZone
from zones_api.domain.geometry import outline
from zones_api.domain.spans import BEGINNING, END, Span
from zones_api.domain.timeslices import Slice, cut
from zones_api.domain.zone import UASZone
from zones_api.formats import ed318, strict_json
from zones_api.formats.document import Document, Metadata, version_of
from zones_api.store import schema

CHANNEL = "zones_revision"
"""Where a new revision is announced, at commit, with its number."""
ALWAYS: Span = (BEGINNING, END)
ROWS_AT_ONCE = 500
Sign = Callable[[bytes], tuple[str, bytes]]
"""Returns the name of the key that signs, and the signature."""


@dataclass(frozen=True)
class Opening:
    """The next revision, before it is written; times rise strictly, whatever the clock does."""

    number: int
    published_at: datetime
    previous: str | None


@dataclass(frozen=True)
class Change:
    """One zone of a data set over a span of time: `zone` is what applies there from this revision on, None is nothing."""

    data_set: str
    country: str
    identifier: str
    occurrence: int = 1
    valid: Span = ALWAYS
    zone: UASZone | None = None
    content: bytes | None = None
    format: str = ed318.NAME
    legal_basis: str | None = None
    document_id: int | None = None

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What names the zone."""
        return self.data_set, self.country, self.identifier, self.occurrence


@dataclass(frozen=True)
class DataSetChange:
    """What a data set says of itself from this revision on."""

    key: str
    kind: str
    metadata: Mapping[str, Any]
    countries: Sequence[str]
    zones: int
    document: str | None = None
    document_id: int | None = None
    quarantined: tuple[QuarantinedZone, ...] = ()


def open_revision(connection: Connection, now: datetime) -> Opening:
    """Return the number and time of the next revision; the caller holds the publishing lock."""
    table = schema.revision.c
    last = connection.execute(
        select(table.number, table.published_at, table.hash).order_by(table.number.desc()).limit(1)
    ).one_or_none()
    if last is None:
        return Opening(1, now, None)
    rising = max(now, last.published_at + timedelta.resolution)
    return Opening(last.number + 1, rising, last.hash)


def write_revision(
    connection: Connection,
    opening: Opening,
    reason: str,
    data_sets: Sequence[DataSetChange],
    changes: Sequence[Change],
    more: Mapping[str, Any],
    sign: Sign | None = None,
) -> str:
    """Write a revision with all that changes, announce it at commit, and return its hash.

    Args:
        connection: The transaction that holds the publishing lock.
        opening: What `open_revision` returned in it.
        reason: Why, in a sentence.
        data_sets: Every data set that a change belongs to, or that says something new of itself.
        changes: The changes; one zone's do not overlap in time.
        more: Further members of the record; `kind` is one.
        sign: Signs the revision's head; None leaves it unsigned.
    """
    record = strict_json.canonical(
        {
            **more,
            "revision": opening.number,
            "published_at": opening.published_at.isoformat(),
            "reason": reason,
            "previous": opening.previous,
            "data_sets": [_data_set_record(each) for each in data_sets],
            "changes": [_change_record(each) for each in changes],
        }
    )
    digest = hashlib.sha256(record).hexdigest()
    connection.execute(
        insert(schema.revision).values(
            number=opening.number,
            published_at=opening.published_at,
            reason=reason,
            record=record,
            hash=digest,
        )
    )
    if sign is not None:
        head = head_of(opening, digest)
        name, signature = sign(head)
        values = {"revision": opening.number, "head": head, "key_id": name, "signature": signature}
        connection.execute(insert(schema.signed_head).values(values))
    ids = {each.key: _save_data_set(connection, each, opening.number) for each in data_sets}
    _apply(connection, ids, changes, opening.number)
    connection.execute(select(func.pg_notify(CHANNEL, str(opening.number))))
    return digest


def head_of(opening: Opening, digest: str) -> bytes:
    """Return what is signed of a revision: whoever holds it can tell that nothing up to it was altered or left out."""
    published_at = opening.published_at.isoformat()
    return strict_json.canonical({"revision": opening.number, "published_at": published_at, "hash": digest})


def save_document(
    connection: Connection, data: bytes, document: Document, file_name: str, now: datetime
) -> int:
    """Keep a document's bytes, once; return its number."""
    table = schema.document
    found: int | None = connection.scalar(select(table.c.id).where(table.c.digest == document.digest))
    if found is not None:
        return found
    values = {
        "digest": document.digest,
        "content": data,
        "format": document.published_in,
        "file_name": file_name,
        "received_at": now,
    }
    saved: int = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return saved


def metadata_to_json(metadata: Metadata) -> dict[str, Any]:
    """Return what a document says of itself as the register keeps it."""
    values = asdict(replace(metadata, coverage=None))
    if metadata.coverage is not None:
        values["coverage"] = shapely.to_geojson(metadata.coverage)
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def to_range(span: Span) -> Range[datetime]:
    """Return a span as the database keeps it: its end not included, no bound where it has none."""
    start, end = span
    return Range(
        None if start == BEGINNING else start,
        None if end == END else end + timedelta.resolution,
        bounds="[)" if start != BEGINNING else "()",
    )


def _data_set_record(change: DataSetChange) -> dict[str, Any]:
    set_aside = [_quarantine_row(zone) for zone in change.quarantined]
    return {
        "key": change.key,
        "kind": change.kind,
        "document": change.document,
        "metadata": change.metadata,
        "countries": list(change.countries),
        "zones": change.zones,
        "quarantined": hashlib.sha256(strict_json.canonical(set_aside)).hexdigest(),
    }


def _quarantine_row(zone: QuarantinedZone) -> dict[str, Any]:
    return {
        "pointer": zone.pointer,
        "country": zone.country,
        "identifier": zone.identifier,
        "published_type": zone.published_type,
        # The database keeps no negative zero, and the digest is of what it keeps.
        "bounds": [edge + 0.0 for edge in zone.bounds] if zone.bounds else None,
        "defects": [asdict(defect) for defect in zone.defects],
    }


def _change_record(change: Change) -> dict[str, Any]:
    valid = to_range(change.valid)
    record: dict[str, Any] = {
        "data_set": change.data_set,
        "country": change.country,
        "identifier": change.identifier,
        "occurrence": change.occurrence,
        "from": valid.lower.isoformat() if valid.lower else None,
        "to": valid.upper.isoformat() if valid.upper else None,
        "content": hashlib.sha256(change.content).hexdigest() if change.content is not None else None,
        "format": change.format if change.content is not None else None,
    }
    return record | ({"legal_basis": change.legal_basis} if change.legal_basis else {})


def _save_data_set(connection: Connection, change: DataSetChange, revision: int) -> int:
    table = schema.data_set
    data_set_id: int | None = connection.scalar(select(table.c.id).where(table.c.key == change.key))
    if data_set_id is None:
        values = {"key": change.key, "kind": change.kind}
        data_set_id = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    version_id = connection.execute(
        insert(schema.data_set_version)
        .values(
            data_set_id=data_set_id,
            revision=revision,
            document_id=change.document_id,
            metadata=change.metadata,
            countries=list(change.countries),
            zones=change.zones,
        )
        .returning(schema.data_set_version.c.id)
    ).scalar_one()
    rows = [{"data_set_version_id": version_id} | _quarantine_row(zone) for zone in change.quarantined]
    if rows:
        connection.execute(insert(schema.quarantine), rows)
    assert data_set_id is not None
    return data_set_id


def _apply(connection: Connection, ids: Mapping[str, int], changes: Sequence[Change], revision: int) -> None:
    """End the slices that the changes meet, write again what is left of them, and add what is new."""
    standing = _standing(connection, ids, changes)
    ended: list[int] = []
    for change in changes:
        key = change.key
        closed, left = cut(standing[key], change.valid)
        ended += [each.what.id for each in closed if each.what.id is not None]
        untouched = [each for each in standing[key] if each not in closed]
        standing[key] = untouched + [Slice(replace(each.what, id=None), each.valid) for each in left]
    versions = _save_versions(connection, ids, changes, revision)
    if ended:
        count = connection.scalar(select(func.close_slices(ended, revision)))
        assert count == len(ended)
    left_over = (
        _slice_row(ids, key, each.valid, each.what.version_id, each.what.geom, revision)
        for key, slices in standing.items()
        for each in slices
        if each.what.id is None
    )
    asserted = (
        _slice_row(
            ids, each.key, each.valid, versions[each.key, each.content], _outline_of(each.zone), revision
        )
        for each in changes
        if each.zone is not None and each.content is not None
    )
    added = chain(left_over, asserted)
    # The outlines of a large document are as large as itself: never all at once.
    while rows := list(islice(added, ROWS_AT_ONCE)):
        connection.execute(insert(schema.zone_slice), rows)


@dataclass(frozen=True)
class _Standing:
    """A slice's row: `id` is None for what is left of one that ends."""

    id: int | None
    version_id: int
    geom: Any


def _standing(
    connection: Connection, ids: Mapping[str, int], changes: Iterable[Change]
) -> dict[tuple[str, str, str, int], list[Slice[_Standing]]]:
    """Return what is known now of the zones that change."""
    table = schema.zone_slice.c
    names = {number: key for key, number in ids.items()}
    wanted = {change.key for change in changes}
    rows = connection.execute(
        select(table.id, table.zone_version_id, table.geom, table.valid)
        .add_columns(table.data_set_id, table.country, table.identifier, table.occurrence)
        .where(
            table.data_set_id == func.any(list(names)),
            table.identifier == func.any(sorted({identifier for _, _, identifier, _ in wanted})),
            func.upper_inf(table.known),
        )
        .order_by(table.id)
    )
    found: dict[tuple[str, str, str, int], list[Slice[_Standing]]] = defaultdict(list)
    for row in rows:
        key = (names[row.data_set_id], row.country, row.identifier, row.occurrence)
        if key in wanted:
            found[key].append(Slice(_Standing(row.id, row.zone_version_id, row.geom), from_range(row.valid)))
    return found


def from_range(valid: Range[datetime]) -> Span:
    """Return the database's range as a span that includes its end."""
    return valid.lower or BEGINNING, valid.upper - timedelta.resolution if valid.upper else END


def _save_versions(
    connection: Connection, ids: Mapping[str, int], changes: Sequence[Change], revision: int
) -> dict[tuple[tuple[str, str, str, int], bytes], int]:
    """Write the content of each change, once where it is the same; return the numbers of the versions."""
    contents = {(each.key, each.content): each for each in changes if each.content is not None}
    if not contents:
        return {}
    table = schema.zone_version
    numbers = connection.execute(
        insert(table).returning(table.c.id, sort_by_parameter_order=True),
        [
            {
                **_key_columns(ids, each.key),
                "revision": revision,
                "document_id": each.document_id,
                "legal_basis": each.legal_basis,
                "format": each.format,
                "version": version_of(content),
                "content": content,
            }
            for (_, content), each in contents.items()
        ],
    ).scalars()
    return dict(zip(contents, numbers, strict=True))


def _slice_row(
    ids: Mapping[str, int],
    key: tuple[str, str, str, int],
    valid: Span,
    version_id: int,
    geom: Any,
    revision: int,
) -> dict[str, Any]:
    return {
        **_key_columns(ids, key),
        "zone_version_id": version_id,
        "valid": to_range(valid),
        "known": Range(revision, None, bounds="[)"),
        "geom": geom,
    }


def _key_columns(ids: Mapping[str, int], key: tuple[str, str, str, int]) -> dict[str, Any]:
    data_set, country, identifier, occurrence = key
    return {
        "data_set_id": ids[data_set],
        "country": country,
        "identifier": identifier,
        "occurrence": occurrence,
    }


def _outline_of(zone: UASZone) -> str:
    shapes = [outline(footprint) for volume in zone.volumes for footprint in volume.footprints]
    return f"SRID=4326;{shapely.to_wkt(shapely.union_all(shapes), rounding_precision=-1)}"
