"""Proving that nothing that was published was altered or left out, from the records alone.

A revision's hash is the SHA-256 of its record; the record holds the hash before it, and the digest of every content.
So whoever trusts one hash can tell everything up to it, and a head that the register signed is such a hash. What lies
after the newest head that somebody keeps elsewhere can still be cut off unnoticed.

`check` needs nothing of the register but what `export` writes; `comparison` compares the register's tables with it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import Engine

from zones_api.domain.spans import BEGINNING, END, Span
from zones_api.errors import InvalidInput, ZonesError
from zones_api.formats import strict_json
from zones_api.keys import key_id
from zones_api.store import records, register
from zones_api.store.records import InOrder

MAX_FAULTS = 100
"""So many faults are said in words; the rest are counted."""
_PEM_END = "-----END PUBLIC KEY-----"

Tell = Callable[[int, int], None]
"""Is told how many revisions are done, of how many."""
Key = tuple[str, str, str, int]
"""Data set, country, identifier, occurrence: what names a zone."""
PublicKeys = Mapping[str, Ed25519PublicKey]
"""The keys that sign heads, by their names; a key that was replaced is still needed for what it signed."""


@dataclass(frozen=True)
class SignedHead:
    """What a key signed of a revision."""

    head: bytes
    key_id: str
    signature: bytes


@dataclass(frozen=True)
class TrustedHead:
    """A signed head that was given: at its revision the chain has this hash, or is another chain."""

    revision: int
    hash: str
    signed: SignedHead


@dataclass(frozen=True)
class Entry:
    """One revision as it is kept; `contents` are those that its record names, and may be read once."""

    revision: int
    record: bytes
    hash: str
    head: SignedHead | None
    contents: Iterable[bytes]


@dataclass(frozen=True)
class Unreadable:
    """A line of a file that is no revision, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Report:
    """What was proven: `faults` are sentences, the first MAX_FAULTS of `fault_count`.

    `heads` is how many signed heads there are, `unsigned` how many revisions before the first of them were written
    without a key; `signatures_checked` is whether there was a key to check them with. `trusted` is the revision of
    the head that was given, None if none was given.
    """

    revisions: int
    contents: int
    heads: int
    unsigned: int
    newest: int | None
    hash: str | None
    signatures_checked: bool
    trusted: int | None
    faults: tuple[str, ...]
    fault_count: int


def read_public_keys(pem: bytes) -> dict[str, Ed25519PublicKey]:
    """Return the public keys of a PEM file: one, or several after each other.

    Raises:
        InvalidInput: If it holds anything else.
    """
    blocks = [part + _PEM_END for part in pem.decode("ascii", "replace").split(_PEM_END)[:-1]]
    found: dict[str, Ed25519PublicKey] = {}
    for block in blocks:
        try:
            key = load_pem_public_key(block.encode())
        except ValueError as error:
            raise InvalidInput("The public key is not PEM as zones keys prints it.") from error
        if not isinstance(key, Ed25519PublicKey):
            raise InvalidInput("The public key is not an Ed25519 key, and only such keys sign heads.")
        found[key_id(key)] = key
    if not found:
        raise InvalidInput("The public key is not PEM as zones keys prints it.")
    return found


def read_trusted_head(data: bytes) -> TrustedHead:
    """Return a head that was given: a revision as `GET /v1/revisions` lists it, or the newest of its whole answer.

    Raises:
        InvalidInput: If it is neither, or the revision is not signed.
    """
    value = strict_json.loads(data)
    try:
        listed = value.get("revisions", [value])
        signed = next(each for each in listed if each["signature"] is not None)
        head = SignedHead(_decoded(signed["head"]), _text(signed["key_id"]), _decoded(signed["signature"]))
        said = strict_json.loads(head.head)
        return TrustedHead(_number(said["revision"]), _text(said["hash"]), head)
    except (AttributeError, KeyError, TypeError, ValueError, StopIteration, ZonesError) as error:
        raise InvalidInput(
            "The head is not a signed revision as GET /v1/revisions lists it: head, key_id and signature."
        ) from error


def export(engine: Engine, out: BinaryIO, tell: Tell | None = None) -> int:
    """Write every revision as a line of JSON that needs no other line to be read; return how many there are.

    Raises:
        RegisterUnavailable: If the database cannot be reached or fails.
    """
    done = 0
    with register.reading(engine) as connection:
        total = records.count_revisions(connection)
        with (
            closing(InOrder(records.versions(connection))) as versions,
            closing(records.revisions(connection)) as rows,
        ):
            for row in rows:
                members: dict[str, Any] = {
                    "revision": row.number,
                    "hash": row.hash,
                    "record": _encoded(row.record),
                }
                if row.head is not None and row.signature is not None:
                    signed = {"head": row.head, "signature": row.signature}
                    members |= {name: _encoded(value) for name, value in signed.items()} | {
                        "key_id": row.key_id
                    }
                # Piece by piece, because a first import holds every content there is.
                out.write(json.dumps(members)[:-1].encode() + b', "contents": [')
                seen: set[bytes] = set()
                for version in versions.up_to(row.number):
                    digest = hashlib.sha256(version.content).digest()
                    if digest not in seen:
                        out.write((b', "' if seen else b'"') + base64.b64encode(version.content) + b'"')
                        seen.add(digest)
                out.write(b"]}\n")
                done += 1
                if tell:
                    tell(done, total)
    return done


def read_entries(lines: Iterable[bytes]) -> Iterator[Entry | Unreadable]:
    """Give the revisions of an exported file, one line in memory at a time."""
    for number, line in enumerate(lines, start=1):
        try:
            entry: Entry | Unreadable = _read_entry(strict_json.loads(line))
        except KeyError as error:
            entry = Unreadable(number, f"It has no member {error}.")
        except ZonesError as error:
            entry = Unreadable(number, error.detail)
        except (AttributeError, TypeError, ValueError) as error:
            entry = Unreadable(number, f"A member is not what it should be ({error}).")
        yield entry


def _read_entry(value: Any) -> Entry:
    signed = None
    if value.get("signature") is not None:
        signed = SignedHead(_decoded(value["head"]), _text(value["key_id"]), _decoded(value["signature"]))
    return Entry(
        _number(value["revision"]),
        _decoded(value["record"]),
        _text(value["hash"]),
        signed,
        [_decoded(content) for content in value["contents"]],
    )


def check(
    entries: Iterable[Entry | Unreadable], keys: PublicKeys | None = None, head: TrustedHead | None = None
) -> Report:
    """Recompute the chain of hashes, and say everything that is wrong with it.

    Args:
        entries: The revisions, in their order.
        keys: The public keys that heads are signed with; without any, signatures are not checked.
        head: A head that was given; without one nobody can tell whether the newest revisions were cut off.
    """
    chain = Chain(keys, head)
    for entry in entries:
        if isinstance(entry, Unreadable):
            chain.findings.add(None, f"Line {entry.line} is no revision. {entry.why}")
        else:
            chain.follow(entry)
    return chain.report()


@dataclass
class Findings:
    """Faults as sentences, the first of them in words."""

    faults: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, revision: int | None, what: str) -> None:
        """Keep a sentence; one about a revision starts with a small letter, after its number."""
        self.count += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(what if revision is None else f"Revision {revision}: {what}")


@dataclass(frozen=True)
class RecordedChange:
    """One zone over a span of time, as a record says it; `content` is a digest, None is nothing."""

    data_set: str
    country: str
    identifier: str
    occurrence: int
    valid: Span
    content: str | None
    format: str | None
    legal_basis: str | None

    @property
    def key(self) -> Key:
        """What names the zone."""
        return self.data_set, self.country, self.identifier, self.occurrence


@dataclass(frozen=True)
class Record:
    """A record as read; `all` is everything it says."""

    revision: int
    published_at: datetime
    previous: str | None
    data_sets: Mapping[str, Mapping[str, Any]]
    changes: tuple[RecordedChange, ...]
    all: Mapping[str, Any]


def read_record(data: bytes) -> Record | None:
    """Return what a record says, None if it is not of the form that the register writes."""
    try:
        value = strict_json.loads(data)
        return Record(
            _number(value["revision"]),
            _moment(value["published_at"]),
            None if value["previous"] is None else _text(value["previous"]),
            {_text(each["key"]): dict(each) for each in value["data_sets"]},
            tuple(_read_change(each) for each in value["changes"]),
            value,
        )
    except (KeyError, TypeError, ValueError, OverflowError, ZonesError):
        return None


def _read_change(value: Any) -> RecordedChange:
    start, end = value["from"], value["to"]
    content, form, legal_basis = value["content"], value.get("format"), value.get("legal_basis")
    return RecordedChange(
        _text(value["data_set"]),
        _text(value["country"]),
        _text(value["identifier"]),
        _number(value["occurrence"]),
        (
            BEGINNING if start is None else _moment(start),
            END if end is None else _moment(end) - timedelta.resolution,
        ),
        None if content is None else _text(content),
        None if form is None else _text(form),
        None if legal_basis is None else _text(legal_basis),
    )


class Chain:
    """What is known of the chain after the revisions that it was shown."""

    def __init__(self, keys: PublicKeys | None, trusted: TrustedHead | None) -> None:
        self.findings = Findings()
        self.revisions = self.contents = self.heads = self.unsigned = 0
        self._keys, self._trusted = keys, trusted
        self._newest: int | None = None
        self._hash: str | None = None
        self._published_at: datetime | None = None
        self._signed_from: int | None = None
        if trusted is not None:
            why = self._why_not_signed(trusted.signed)
            if why:
                self.findings.add(None, f"The head that was given, of revision {trusted.revision}, {why}")

    def follow(self, entry: Entry) -> Record | None:
        """Take the next revision, and return its record if that can be read."""
        number, record = entry.revision, read_record(entry.record)
        self.revisions += 1
        continues = self._is_next(number)
        if hashlib.sha256(entry.record).hexdigest() != entry.hash:
            self.findings.add(number, "its record was altered: its SHA-256 is not the hash that is kept.")
        if record is None:
            self.findings.add(number, "its record cannot be read.")
        else:
            self._compare(number, record, continues=continues)
        self._check_contents(entry, record)
        self._check_head(entry, record)
        if self._trusted and self._trusted.revision == number and self._trusted.hash != entry.hash:
            self.findings.add(
                number, "its hash is not that of the head that was given: this is another chain."
            )
        if self._newest is None or number >= self._newest:
            self._newest, self._hash = number, entry.hash
        return record

    def report(self) -> Report:
        """Return what was proven of all that was shown."""
        last, trusted = self._newest or 0, self._trusted
        if trusted is not None and trusted.revision > last:
            self.findings.add(
                trusted.revision,
                f"it is missing: the head that was given names it, and the newest here is {self._newest or 'none'}.",
            )
        return Report(
            self.revisions,
            self.contents,
            self.heads,
            self.unsigned,
            self._newest,
            self._hash,
            self._keys is not None,
            trusted.revision if trusted else None,
            tuple(self.findings.faults),
            self.findings.count,
        )

    def _is_next(self, number: int) -> bool:
        """Say whether a revision follows the one before without a gap."""
        last = self._newest or 0
        if number > last + 1:
            gone = (
                f"revision {last + 1} is"
                if number == last + 2
                else f"revisions {last + 1} to {number - 1} are"
            )
            self.findings.add(number, f"{gone} missing before it.")
        elif number <= last:
            self.findings.add(number, f"it stands after revision {last}.")
        return number == last + 1

    def _compare(self, number: int, record: Record, *, continues: bool) -> None:
        if record.revision != number:
            self.findings.add(number, f"its record is that of revision {record.revision}.")
        if continues and record.previous != self._hash:
            self.findings.add(number, "its record does not name the hash of the revision before it.")
        if self._published_at is not None and record.published_at <= self._published_at:
            self.findings.add(number, "it was not published after the revision before it.")
        self._published_at = record.published_at

    def _check_contents(self, entry: Entry, record: Record | None) -> None:
        named = {each.content: each for each in record.changes if each.content} if record else {}
        found: set[str] = set()
        for content in entry.contents:
            digest = hashlib.sha256(content).hexdigest()
            if digest in named:
                found.add(digest)
            elif record is not None:
                what = f"it has a content (SHA-256 {short(digest)}) that its record does not name."
                self.findings.add(entry.revision, what)
        self.contents += len(found)
        for digest, change in named.items():
            if digest not in found:
                what = f"the content of zone {name_of(change.key)} (SHA-256 {short(digest)}) is missing or was altered."
                self.findings.add(entry.revision, what)

    def _check_head(self, entry: Entry, record: Record | None) -> None:
        number = entry.revision
        if entry.head is None:
            if self._signed_from is None:
                self.unsigned += 1
            else:
                what = f"it is not signed, although revision {self._signed_from} before it is."
                self.findings.add(number, what)
            return
        self.heads += 1
        self._signed_from = self._signed_from or number
        why = self._why_not_signed(entry.head)
        if why:
            self.findings.add(number, f"its signed head {why}")
        said = {"revision": number, "hash": entry.hash}
        if record is not None:
            said["published_at"] = record.all["published_at"]
        if not _says(entry.head.head, said):
            self.findings.add(number, "its signed head is not of this number, time and hash.")

    def _why_not_signed(self, head: SignedHead) -> str | None:
        if self._keys is None:
            return None
        key = self._keys.get(head.key_id)
        if key is None:
            return f"is signed by key {head.key_id}, and the public key given is {', '.join(self._keys)}."
        try:
            key.verify(head.signature, head.head)
        except InvalidSignature:
            return f"was not signed by key {head.key_id}: the head or its signature was altered."
        return None


def _says(head: bytes, expected: Mapping[str, Any]) -> bool:
    """Say whether a head says what is expected of it; it may say more."""
    try:
        said = strict_json.loads(head)
    except ZonesError:
        return False
    return isinstance(said, dict) and all(said.get(name) == value for name, value in expected.items())


def name_of(key: tuple[str | None, str, str, int]) -> str:
    """Return what a sentence calls a zone."""
    data_set, country, identifier, occurrence = key
    return f"{country} {identifier}" + (f" ({occurrence})" if occurrence != 1 else "") + f" of {data_set}"


def short(digest: str) -> str:
    """Return the start of a digest, for a sentence."""
    return f"{digest[:12]}…"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except binascii.Error as error:
        raise ValueError("what should be base64 is not") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a member that should be a text is none")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a member that should be a whole number is none")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("a time has no offset")
    return moment.astimezone(BEGINNING.tzinfo)
