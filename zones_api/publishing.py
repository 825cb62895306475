"""Every write to the register: one function and one transaction each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from zones_api.domain.data_set import QuarantinedZone, Reading
from zones_api.domain.spans import END
from zones_api.domain.zone import Decision
from zones_api.errors import Defect, DocumentRefused, NotFound
from zones_api.formats.decisions import left_standing, read_decisions, with_decisions
from zones_api.formats.document import Document, ReadZone, read_zone
from zones_api.formats.readings import reading_to_json
from zones_api.store import ledger, register
from zones_api.store.ledger import ALWAYS, Change, DataSetChange, Opening, Sign
from zones_api.store.register import Key

SHRINK_LIMIT = 0.4
"""A document with this part fewer zones than the data set has is held: it is more likely cut off than meant."""


@dataclass(frozen=True)
class Submission:
    """A document to import, and the data set it is a version of."""

    data_set: str
    file_name: str
    data: bytes
    document: Document
    accept_fewer_zones: bool = False


@dataclass(frozen=True)
class Imported:
    """What became of one document: how many zones are new, changed, gone, unchanged and set aside.

    `notices` are sentences on decisions that it makes void.
    """

    data_set: str
    added: int
    changed: int
    removed: int
    unchanged: int
    quarantined: tuple[QuarantinedZone, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportResult:
    """The revision the register is at, and whether the import made it."""

    revision: int | None
    is_new: bool
    documents: tuple[Imported, ...]


def import_documents(
    engine: Engine, submissions: Sequence[Submission], clock: Callable[[], datetime], sign: Sign | None = None
) -> ImportResult:
    """Take documents into the register as one revision; what the register already holds changes nothing.

    A zone that is set aside keeps its last good version until a person decides. The clock is read when nobody else can
    publish any more, so that what is known at a time never changes.

    Raises:
        DocumentRefused: If a document has too many zones fewer than before, or its data set is the register's own;
            nothing at all is then written.
        RegisterUnavailable: If the database fails; nothing is then written.
    """
    with register.writing(engine) as connection:
        return take_documents(connection, submissions, clock, sign)


def take_documents(
    connection: Connection,
    submissions: Sequence[Submission],
    clock: Callable[[], datetime],
    sign: Sign | None = None,
) -> ImportResult:
    """Do what `import_documents` does in a transaction that holds the publishing lock.

    Raises:
        DocumentRefused: As there; the transaction must then not be committed.
    """
    now = clock()
    before = {s.data_set: register.versions_in_force(connection, s.data_set) for s in submissions}
    for submission in submissions:
        refuse(connection, submission, len(before[submission.data_set]))
    new = [s for s in submissions if not _is_held(connection, s, before[s.data_set])]
    if not new:
        revision = register.current_revision(connection)
        done = tuple(_unchanged(s, before[s.data_set]) for s in submissions)
        return ImportResult(revision, is_new=False, documents=done)
    opening = ledger.open_revision(connection, now)
    parts = {s.data_set: _replace_data_set(connection, s, before[s.data_set], opening, now) for s in new}
    names = ", ".join(submission.file_name for submission in new)
    ledger.write_revision(
        connection,
        opening,
        f"import of {names}",
        [part.data_set for part in parts.values()],
        [change for part in parts.values() for change in part.changes],
        {"kind": "import"},
        sign,
    )
    results = tuple(
        parts[s.data_set].imported if s.data_set in parts else _unchanged(s, before[s.data_set])
        for s in submissions
    )
    return ImportResult(opening.number, is_new=True, documents=results)


def data_set_of(file_name: str) -> str:
    """Return the name of a document's data set: the file's name without its endings, in plain small letters."""
    plain = re.sub(r"[^a-z0-9]+", "-", file_name.split(".", maxsplit=1)[0].lower()).strip("-")
    return plain[:63] or "document"


def switch_reading(
    engine: Engine,
    data_set: str,
    reading: Reading | None,
    clock: Callable[[], datetime],
    sign: Sign | None = None,
) -> ImportResult:
    """Read a mirrored data set's texts with a table from the next revision on, or with none; later documents too.

    Raises:
        NotFound: If there is no such mirrored data set; the register's own codes its conditions itself.
        RegisterUnavailable: If the database fails; nothing is then written.
    """
    with register.writing(engine) as connection:
        now = clock()
        current = register.mirrored(connection, data_set)
        if current is None:
            raise NotFound(f"There is no mirrored data set {data_set!r}.")
        said = {name: value for name, value in current.metadata.items() if name != "reading"}
        if reading is not None:
            said["reading"] = reading_to_json(reading)
        if said == current.metadata:
            return ImportResult(register.current_revision(connection), is_new=False, documents=())
        opening = ledger.open_revision(connection, now)
        how = f"with {reading.title!r}" if reading else "as they are published"
        ledger.write_revision(
            connection,
            opening,
            f"texts of {data_set} are read {how}",
            [replace(current, metadata=said)],
            [],
            {"kind": "reading"},
            sign,
        )
    return ImportResult(opening.number, is_new=True, documents=())


def refuse(connection: Connection, submission: Submission, had: int) -> None:
    """Refuse a document that its data set, which has so many zones in force, cannot take.

    Raises:
        DocumentRefused: If it has too many zones fewer than before, or its data set is the register's own.
    """
    _refuse_own(connection, submission)
    _hold_if_shrunk(submission, had)


def _is_held(connection: Connection, submission: Submission, before: dict[Key, tuple[str, str]]) -> bool:
    """Say whether the register holds a document already, read the same way.

    A file that was converted may be read otherwise the next time, as the person who maps it says.
    """
    document = submission.document
    last = register.last_document(connection, submission.data_set)
    if last != (document.digest, document.format):
        return False
    if document.converted_from is None:
        return True
    after = {key: (read.version, document.format) for key, read in by_key(document.zones).items()}
    set_aside = {(zone.country, zone.identifier) for zone in document.quarantined}
    return after.items() <= before.items() and all(
        key[:2] in set_aside for key in before.keys() - after.keys()
    )


@dataclass(frozen=True)
class _Part:
    """One document's part in a revision."""

    data_set: DataSetChange
    changes: list[Change]
    imported: Imported


def _replace_data_set(
    connection: Connection,
    submission: Submission,
    before: dict[Key, tuple[str, str]],
    opening: Opening,
    now: datetime,
) -> _Part:
    """Return what a document changes: from now on what it changes or drops, for all time what is new in it.

    What applied before was published then, and a document of today does not take it back.
    """
    document, name = submission.document, submission.data_set
    after = by_key(document.zones)
    said = register.said_of(connection, name)
    decisions, notices = left_standing(read_decisions(said), document)
    set_aside = tuple(_with_bounds(connection, name, zone, decisions) for zone in document.quarantined)
    kept = kept_by(document, decisions)
    added = {key: read for key, read in after.items() if key not in before}
    changed = {
        key: read
        for key, read in after.items()
        if key in before and before[key] != (read.version, document.format)
    }
    removed = [key for key in before if key not in after and key[:2] not in kept]
    had = before.keys() | register.ever_known(connection, name)
    from_now_on = (opening.published_at, END)

    document_id = ledger.save_document(connection, submission.data, document, submission.file_name, now)
    data_set = DataSetChange(
        name,
        "mirrored",
        with_decisions(ledger.metadata_to_json(document.metadata), decisions)
        | {"format": document.format}
        | ({"reading": said["reading"]} if "reading" in said else {}),
        sorted(document.countries),
        len(document.zones),
        document.digest,
        document_id,
        set_aside,
    )
    asserted = [
        Change(
            name,
            *key,
            valid=from_now_on if key in had else ALWAYS,
            zone=read.zone,
            content=read.content,
            format=document.format,
            document_id=document_id,
        )
        for key, read in (added | changed).items()
    ]
    imported = Imported(
        name,
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        unchanged=len(after) - len(added) - len(changed),
        quarantined=set_aside,
        notices=notices,
    )
    return _Part(data_set, [*(Change(name, *key, valid=from_now_on) for key in removed), *asserted], imported)


def kept_by(document: Document, decisions: Sequence[Decision]) -> set[tuple[str, str | None]]:
    """Return the names whose versions stay in force although the document has none that can be read."""
    set_aside = {(zone.country, zone.identifier) for zone in document.quarantined}
    return set_aside | {(each.country, each.identifier) for each in decisions}


def by_key(zones: Sequence[ReadZone]) -> dict[Key, ReadZone]:
    """Return the zones by country, identifier and how many of that key came before."""
    seen: Counter[tuple[str, str]] = Counter()
    keyed: dict[Key, ReadZone] = {}
    for read in zones:
        name = (read.zone.country, read.zone.identifier)
        seen[name] += 1
        keyed[(*name, seen[name])] = read
    return keyed


def _with_bounds(
    connection: Connection, data_set: str, zone: QuarantinedZone, decisions: Sequence[Decision]
) -> QuarantinedZone:
    """Return a zone set aside with bounds that hold its last good version and what could be read of it.

    While a decision stands on it, that is the last good version of its publisher: the decision may be undone.
    """
    if zone.identifier is None:
        return zone
    decided = next((each for each in decisions if each.pointer == zone.pointer), None)
    name = data_set, zone.country, zone.identifier
    last: tuple[str, bytes] | None = None
    if decided is None:
        last = register.last_good(connection, *name)
    elif decided.last_good is not None:
        held = register.content_of(connection, *name, *decided.last_good)
        last = held.format, held.content
    if last is None:
        return zone
    boxes = [read_zone(*last).bounds, *(box for box in (zone.bounds, zone.partly) if box)]
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return replace(zone, bounds=(min(wests), min(souths), max(easts), max(norths)))


def _unchanged(submission: Submission, before: dict[Key, tuple[str, str]]) -> Imported:
    return Imported(submission.data_set, 0, 0, 0, len(before), submission.document.quarantined)


def _refuse_own(connection: Connection, submission: Submission) -> None:
    if register.kind_of(connection, submission.data_set) == "own":
        what = (
            f"Data set {submission.data_set!r} is the register's own: it changes by drafts, not by documents."
        )
        raise DocumentRefused(what, (Defect("DATA_SET_OWN", "", what),))


def _hold_if_shrunk(submission: Submission, had: int) -> None:
    document = submission.document
    now_has = len(document.zones) + len(document.quarantined)
    if submission.accept_fewer_zones or now_has > had * (1 - SHRINK_LIMIT) or had == 0:
        return
    what = (
        f"{submission.file_name} has {now_has} zones where data set {submission.data_set!r} has {had}: it may be"
        " cut off, so it was held and nothing was changed. If it is meant, import it with --accept-fewer-zones."
    )
    raise DocumentRefused(what, (Defect("DOCUMENT_SHRUNK", "", what),))
