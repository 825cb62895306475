"""Comparing the register's tables with its records: they say the same, no more and no less.

Answers are read from tables, and the chain of hashes protects the records. So what zones, data sets, documents and
publications hold is compared with the records, and the projection is rebuilt from them alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from zones_api.domain.spans import BEGINNING, END, from_microseconds, to_microseconds
from zones_api.domain.timeslices import Slice, cut
from zones_api.errors import ZonesError
from zones_api.formats import strict_json
from zones_api.formats.document import version_of
from zones_api.proof import (
    Chain,
    Entry,
    Findings,
    Key,
    PublicKeys,
    Record,
    Report,
    SignedHead,
    Tell,
    TrustedHead,
    name_of,
    short,
)
from zones_api.store import records
from zones_api.store.records import InOrder, PublicationRow, RevisionRow, SliceRow, VersionRow

_NOT_THERE = "has a row of it, and it is not there."


def check_database(
    connection: Connection,
    keys: PublicKeys | None = None,
    head: TrustedHead | None = None,
    tell: Tell | None = None,
) -> Report:
    """Check the chain that the register holds, and that its tables say what the records say.

    What no record holds is not checked: the format of a content, the outline of a slice, drafts, and people. Needs
    memory for what is known now and for the largest revision.

    Args:
        connection: A transaction that sees one state.
        keys: As in `proof.check`.
        head: As in `proof.check`.
        tell: Told of each revision that is done.
    """
    chain = Chain(keys, head)
    findings, total = chain.findings, records.count_revisions(connection)
    with (
        closing(records.revisions(connection)) as rows,
        closing(_Tables(connection, findings)) as tables,
        closing(_Projection(connection, findings)) as projection,
        closing(records.documents(connection)) as documents,
    ):
        for row in rows:
            record = chain.follow(_entry_of(row, tables.contents_of(row.number)))
            tables.follow(row, record)
            if record is not None:
                projection.follow(row.number, record)
            if tell:
                tell(chain.revisions, total)
        tables.end()
        projection.end()
        for document in documents:
            if hashlib.sha256(document.content).hexdigest() != document.digest:
                what = f"its document {short(document.digest)} was altered."
                where = document.revision
                findings.add(where, what if where else "A document of no revision was altered.")
    for number in records.heads_without_revision(connection):
        findings.add(number, f"signed_head {_NOT_THERE}")
    return chain.report()


def _entry_of(row: RevisionRow, contents: Iterable[bytes]) -> Entry:
    signed = None
    if row.head is not None and row.key_id is not None and row.signature is not None:
        signed = SignedHead(row.head, row.key_id, row.signature)
    return Entry(row.number, row.record, row.hash, signed, contents)


class _Tables:
    """The tables beside the chain, read along with it."""

    def __init__(self, connection: Connection, findings: Findings) -> None:
        self._findings = findings
        self._versions = InOrder(records.versions(connection))
        self._data_sets = InOrder(records.data_sets(connection))
        self._quarantined = InOrder(records.quarantined(connection))
        self._publications = InOrder(records.publications(connection))
        self._held = Counter[tuple[Key, str, str | None, str]]()

    def close(self) -> None:
        """Let go of the rows that are left."""
        for rows in (self._versions, self._data_sets, self._quarantined, self._publications):
            rows.close()

    def contents_of(self, number: int) -> Iterator[bytes]:
        """Give the contents of a revision, and remember which zones they are of."""
        self._held.clear()
        for row in self._of(self._versions, number, "zone_version"):
            digest, zone = hashlib.sha256(row.content).hexdigest(), _key(row)
            if row.version != version_of(row.content):
                what = f"zone_version calls a content of zone {name_of(zone)} {row.version}, and that is not its digest."
                self._findings.add(number, what)
            self._held[zone, digest, row.legal_basis, row.format] += 1
            yield row.content

    def follow(self, row: RevisionRow, record: Record | None) -> None:
        """Compare what the tables hold of a revision with its record; a record that cannot be read says nothing."""
        number = row.number
        set_aside = defaultdict[int, list[Mapping[str, Any]]](list)
        for zone in self._of(self._quarantined, number, "quarantine"):
            set_aside[zone.data_set_version].append(zone.zone)
        data_sets = {
            each.key: {
                "kind": each.kind,
                "document": each.document,
                "metadata": each.metadata,
                "countries": each.countries,
                "zones": each.zones,
                "quarantined": hashlib.sha256(strict_json.canonical(set_aside[each.id])).hexdigest(),
            }
            for each in self._of(self._data_sets, number, "data_set_version")
        }
        publications = list(self._of(self._publications, number, "publication"))
        if record is None:
            return
        if row.published_at_us != to_microseconds(record.published_at):
            self._findings.add(number, "its time is not that of its record.")
        if row.reason != record.all.get("reason"):
            self._findings.add(number, "its reason is not that of its record.")
        self._compare_versions(number, record)
        self._compare_data_sets(number, record, data_sets)
        for what in _faults_of_publication(record, publications[0] if publications else None):
            self._findings.add(number, what)

    def end(self) -> None:
        """Say what there is of revisions that are not there."""
        for row in self._versions.up_to(None):
            self._findings.add(row.revision, f"zone_version {_NOT_THERE}")
        for data_set in self._data_sets.up_to(None):
            self._findings.add(data_set.revision, f"data_set_version {_NOT_THERE}")
        for publication in self._publications.up_to(None):
            self._findings.add(publication.revision, f"publication {_NOT_THERE}")

    def _of(self, rows: InOrder[Any], number: int, table: str) -> Iterator[Any]:
        for row in rows.up_to(number):
            if row.revision == number:
                yield row
            else:
                self._findings.add(row.revision, f"{table} {_NOT_THERE}")

    def _compare_versions(self, number: int, record: Record) -> None:
        # The chain says which contents are missing and which are too many: here, whose the others are.
        named = {each.content for each in record.changes}
        there = {digest for _, digest, *_ in self._held}
        said = {
            (each.key, each.content): (each.legal_basis, each.format)
            for each in record.changes
            if each.content and each.content in there
        }
        # The first records did not say in which format a content is to be read.
        read_as = {(zone, digest): form for zone, digest, _, form in self._held}
        expected = Counter(
            (key, digest, basis, form or read_as.get((key, digest), ""))
            for (key, digest), (basis, form) in said.items()
        )
        held = Counter({each: count for each, count in self._held.items() if each[1] in named})
        for (key, digest, basis, form), which in _differences(expected, held):
            resting = f", resting on {basis!r}" if basis else ""
            what = f"zone_version {which} content {short(digest)} of zone {name_of(key)} as {form}{resting}."
            self._findings.add(number, what)

    def _compare_data_sets(
        self, number: int, record: Record, held: Mapping[str | None, Mapping[str, Any]]
    ) -> None:
        for key in sorted({*held, *record.data_sets}, key=str):
            said, kept = record.data_sets.get(key or ""), held.get(key)
            if said is None:
                self._findings.add(number, f"data_set_version has data set {key}, and its record has not.")
            elif kept is None:
                self._findings.add(number, f"data_set_version lacks data set {key}, and its record has it.")
            else:
                for name in (name for name, value in kept.items() if value != said.get(name)):
                    self._findings.add(number, f"{name} of data set {key} is not what its record says.")


def _key(row: VersionRow) -> Key:
    return row.data_set or "", row.country, row.identifier, row.occurrence


def _differences(expected: Counter[Any], held: Counter[Any]) -> Iterator[tuple[Any, str]]:
    for each in expected - held:
        yield each, "lacks what its record has:"
    for each in held - expected:
        yield each, "has what its record has not:"


def _faults_of_publication(record: Record, row: PublicationRow | None) -> Iterator[str]:
    evidence = record.all.get("evidence")
    if row is None:
        if evidence is not None:
            yield "the evidence of its publication is missing."
        return
    if hashlib.sha256(row.evidence).hexdigest() != evidence:
        yield "the evidence of its publication was altered."
    elif not _names(row.evidence, row.published_by):
        yield "who published it is not whom its evidence names."
    if str(row.draft_id) != record.all.get("draft"):
        yield "the draft that it published is not that of its record."
    if _moment(row.confirm_by_us) != record.all.get("confirm_by"):
        yield "the time by which it is to be confirmed is not that of its record."


def _names(evidence: bytes, publisher: int) -> bool:
    try:
        return bool(strict_json.loads(evidence)["publisher"]["person"] == publisher)
    except (KeyError, TypeError, ZonesError):
        return False


@dataclass(frozen=True)
class _Shown:
    """What a slice shows: the content that a revision published; and since which revision it is known to."""

    revision: int
    digest: str
    since: int


@dataclass(frozen=True)
class _Row:
    """A slice as both sides say it; `valid` in microseconds, its end not included."""

    key: tuple[str | None, str, str, int]
    valid: tuple[Any, Any]
    known: tuple[int | None, int | None]
    shows: tuple[int | None, str | None]


class _Projection:
    """The slices rebuilt from the records, each compared with the table's when it ends."""

    def __init__(self, connection: Connection, findings: Findings) -> None:
        self._rows = InOrder(records.slices(connection), lambda row: row.until)
        self._findings = findings
        self._standing: dict[Key, list[Slice[_Shown]]] = {}

    def close(self) -> None:
        """Let go of the rows that are left."""
        self._rows.close()

    def follow(self, number: int, record: Record) -> None:
        """Change the slices as a revision did."""
        standing, ended = self._standing, list[_Row]()
        for change in record.changes:
            before = standing.get(change.key, [])
            closed, left = cut(before, change.valid)
            # What one change left and the next took away was never written.
            ended += [_row(change.key, each, number) for each in closed if each.what.since < number]
            kept = [each for each in before if each not in closed]
            standing[change.key] = kept + [
                Slice(replace(each.what, since=number), each.valid) for each in left
            ]
        for change in record.changes:
            if change.content is not None:
                standing[change.key].append(Slice(_Shown(number, change.content, number), change.valid))
        self._compare(number, ended, self._rows.up_to(number))

    def end(self) -> None:
        """Compare what is known now."""
        standing = [_row(key, each, None) for key, slices in self._standing.items() for each in slices]
        self._compare(None, standing, self._rows.up_to(None))

    def _compare(self, number: int | None, expected: list[_Row], rows: Iterator[SliceRow]) -> None:
        for each, which in _differences(Counter(expected), Counter(_held(row) for row in rows)):
            revision, version = each.shows
            start, end = (_moment(us) for us in each.valid)
            what = (
                f"zone_slice {which} zone {name_of(each.key)}, version {version} of revision {revision}, valid from"
                f" {start or 'always'} to {end or 'further notice'}, known from {each.known[0]} to {each.known[1] or 'now'}."
            )
            self._findings.add(number or each.known[0], what)


def _row(key: Key, each: Slice[_Shown], until: int | None) -> _Row:
    start, end = each.valid
    valid = (
        None if start == BEGINNING else to_microseconds(start),
        None if end == END else to_microseconds(end) + 1,
    )
    shown = each.what
    return _Row(key, valid, (shown.since, until), (shown.revision, shown.digest[:16]))


def _held(row: SliceRow) -> _Row:
    """Return a row of the table; one with edges that the register never writes is like none that was rebuilt."""
    valid: tuple[Any, Any] = (row.valid_from_us, row.valid_to_us)
    if row.valid_to_included or row.valid_from_included is (row.valid_from_us is None):
        valid = (row.valid_from_us, "an edge of another kind")
    shows = (row.version_revision, row.version) if row.version_is_of_same_zone else (None, None)
    return _Row(
        (row.data_set, row.country, row.identifier, row.occurrence), valid, (row.since, row.until), shows
    )


def _moment(us: Decimal | int | str | None) -> str | None:
    """Return a time as a record writes it; one that no record can hold as the database says it."""
    if us is None:
        return None
    try:
        return from_microseconds(int(us)).isoformat()
    except (OverflowError, ValueError):
        return str(us)
