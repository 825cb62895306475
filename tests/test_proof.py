"""Whatever is altered or left out is found, from the register and from an exported file alone."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from tests import authority
from tests.authority import NOW, Bench, asserting, register_of_its_own, withdrawing
from tests.documents import collection, feature
from zones_api.commands import proving
from zones_api.comparison import check_database
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.territory import Territories
from zones_api.errors import InvalidInput, ZonesError
from zones_api.formats.document import read_document
from zones_api.keys import make_keys, read_keys
from zones_api.proof import (
    MAX_FAULTS,
    PublicKeys,
    Report,
    TrustedHead,
    check,
    export,
    read_entries,
    read_public_keys,
    read_trusted_head,
)
from zones_api.publishing import Submission, import_documents
from zones_api.store import ledger
from zones_api.store.ledger import Change, DataSetChange
from zones_api.store.register import open_register, reading, writing

ROOT = Path(__file__).resolve().parent.parent
REVISIONS = 6


@dataclass(frozen=True)
class Filled:
    """A register with a past, its superuser, and what is kept of it elsewhere."""

    bench: Bench
    superuser: Engine
    lines: list[dict[str, Any]]
    said: dict[str, Any]

    def head(self, revision: int | None = None) -> TrustedHead:
        """Return a head as the service gave it before anything was altered; None is its whole answer."""
        said = next((each for each in self.said["revisions"] if each["revision"] == revision), self.said)
        return read_trusted_head(json.dumps(said).encode())

    def keys(self, pem: str = "") -> PublicKeys:
        return read_public_keys((pem or self.bench.keys.public_pem).encode())

    def verify(self, *attack: str, head: TrustedHead | None = None, pem: str = "") -> Report:
        """Check the register, altered as nobody but a superuser can alter it; afterwards it is as it was."""
        with self.superuser.connect() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in attack:
                assert connection.execute(text(statement)).rowcount != 0, statement
            return check_database(connection, self.keys(pem), head)

    def verify_file(self, lines: list[dict[str, Any]], head: TrustedHead | None = None) -> Report:
        return check(read_entries(json.dumps(line).encode() for line in lines), self.keys(), head)


def take(bench: Bench, *features: dict[str, Any], signed: bool = True) -> None:
    data = collection(*features)
    submission = Submission("ours", "zones.json", data, read_document(data), accept_fewer_zones=True)
    import_documents(bench.engine, [submission], lambda: NOW, bench.keys.sign if signed else None)


def hours(start: int, end: int | None = None) -> dict[str, Any]:
    at = [None if hour is None else (NOW + timedelta(hours=hour)).isoformat() for hour in (start, end)]
    return {"from": at[0], "to": at[1]}


@pytest.fixture(scope="module")
def filled(
    cluster: str, tmp_path_factory: pytest.TempPathFactory, territories: Territories
) -> Iterator[Filled]:
    """An import without a key, two with one, a publication, its correction in the middle, and a withdrawal."""
    secrets, out = tmp_path_factory.mktemp("secrets"), io.BytesIO()
    with (
        register_of_its_own(cluster, "proof") as (engine, owner),
        authority.bench(engine, owner, secrets, territories) as bench,
    ):
        take(bench, feature("A"), feature("B"), signed=False)
        take(bench, feature("A"), feature("C"))
        broken = feature("D", geometry=None)
        take(bench, feature("A", message=[{"text": "new", "lang": "en-GB"}]), feature("C"), broken)
        bench.published(reason="a reason", items=[asserting("T1", 1000, hours(-10))])
        bench.published(reason="it was wider", items=[asserting("T1", 1500, hours(-5, -1)), asserting("T2")])
        bench.published(items=[withdrawing("T1", hours(24))])
        export(engine, out)
        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        superuser = open_register(owner.url.set(username="postgres").render_as_string())
        yield Filled(bench, superuser, lines, bench.client.get("/v1/revisions").json())
        superuser.dispose()


def flip(table: str, column: str, where: str) -> str:
    return f"UPDATE {table} SET {column} = set_byte({column}, 9, get_byte({column}, 9) # 1) WHERE {where}"


def rewritten(change: str, number: int) -> str:
    """Return the statement that alters a record and gives it the hash it then has."""
    record = f"convert_to({change}, 'UTF8')"
    return f"UPDATE revision SET record = {record}, hash = encode(sha256({record}), 'hex') WHERE number = {number}"


MILDER = "replace(convert_from(record, 'UTF8'), '\"NLD\"', '\"BEL\"')"
LATEST = "(SELECT id FROM zone_slice WHERE identifier = 'T2' LIMIT 1)"


def test_a_register_that_nobody_altered_is_proven(filled: Filled) -> None:
    report = filled.verify(head=filled.head())

    assert report.faults == ()
    assert (report.revisions, report.newest, report.trusted) == (REVISIONS, REVISIONS, REVISIONS)
    assert (report.heads, report.unsigned, report.contents) == (REVISIONS - 1, 1, 7)
    assert report.hash == filled.head().hash
    assert filled.verify_file(filled.lines, filled.head()) == report


@pytest.mark.parametrize(
    ("attack", "says"),
    [
        (flip("revision", "record", "number = 4"), "Revision 4: its record was altered"),
        ("UPDATE revision SET hash = 'x' WHERE number = 3", "Revision 3: its record was altered"),
        ("UPDATE revision SET reason = 'x' WHERE number = 3", "Revision 3: its reason is not"),
        (
            "UPDATE revision SET published_at = published_at - interval '1 us' WHERE number = 1",
            "Revision 1: its time is not",
        ),
        ("UPDATE revision SET published_at = 'infinity' WHERE number = 6", "Revision 6: its time is not"),
        (rewritten(MILDER, 2), "Revision 3: its record does not name the hash of the revision before"),
        (rewritten(MILDER, 6), "Revision 6: its signed head is not of this number, time and hash"),
        ("DELETE FROM revision WHERE number = 3", "Revision 4: revision 3 is missing before it"),
        ("DELETE FROM revision WHERE number = 1", "Revision 2: revision 1 is missing before it"),
        ("DELETE FROM revision WHERE number = 6", "Revision 6: zone_slice has"),
        ("DELETE FROM revision WHERE number = 6", "Revision 6: publication has a row of it"),
        ("DELETE FROM revision WHERE number = 6", "Revision 6: signed_head has a row of it"),
        (flip("zone_version", "content", "revision = 4"), "Revision 4: the content of zone NLD T1"),
        ("DELETE FROM zone_version WHERE revision = 4", "Revision 4: the content of zone NLD T1"),
        ("UPDATE zone_version SET revision = 5 WHERE revision = 4", "Revision 5: it has a content"),
        ("UPDATE zone_version SET version = 'x' WHERE revision = 4", "and that is not its digest"),
        ("UPDATE zone_version SET legal_basis = 'none' WHERE revision = 4", "resting on 'none'"),
        ("UPDATE zone_version SET format = 'ed269' WHERE revision = 4", "as ed269"),
        ("UPDATE zone_version SET identifier = 'Z' WHERE revision = 4", "of zone NLD Z of caa-zones"),
        (flip("document", "content", "id = 2"), "Revision 2: its document"),
        (
            "UPDATE document SET content = '{}', digest = encode(sha256('{}'), 'hex') WHERE id = 2",
            "Revision 2: document of data set ours is not",
        ),
        ("UPDATE quarantine SET bounds = '[0, 0, 1, 1]'", "Revision 3: quarantined of data set ours is not"),
        ("DELETE FROM quarantine", "Revision 3: quarantined of data set ours is not"),
        (
            "UPDATE data_set_version SET metadata = jsonb_set(metadata, '{coverage}', '\"all\"') WHERE revision = 2",
            "Revision 2: metadata of data set ours is not",
        ),
        ("UPDATE data_set_version SET zones = 9 WHERE revision = 4", "Revision 4: zones of data set caa"),
        ("UPDATE data_set SET kind = 'own' WHERE key = 'ours'", "Revision 1: kind of data set ours"),
        ("UPDATE data_set SET key = 'mine' WHERE key = 'ours'", "data_set_version has data set mine"),
        ("DELETE FROM data_set_version WHERE revision = 4", "data_set_version lacks data set caa-zones"),
        (flip("publication", "evidence", "revision = 5"), "Revision 5: the evidence of its publication was"),
        ("DELETE FROM publication WHERE revision = 5", "Revision 5: the evidence of its publication is"),
        ("UPDATE publication SET published_by = 1 WHERE revision = 5", "Revision 5: who published it is not"),
        (
            "UPDATE publication SET confirm_by = 'infinity' WHERE revision = 5",
            "Revision 5: the time by which",
        ),
        ("UPDATE publication SET draft_id = gen_random_uuid() WHERE revision = 5", "Revision 5: the draft"),
        (flip("signed_head", "signature", "revision = 4"), "Revision 4: its signed head was not signed"),
        (flip("signed_head", "head", "revision = 4"), "Revision 4: its signed head was not signed"),
        ("DELETE FROM signed_head WHERE revision = 4", "Revision 4: it is not signed, although revision 2"),
        (f"DELETE FROM zone_slice WHERE id = {LATEST}", "Revision 5: zone_slice lacks what its record has"),
        (
            f"UPDATE zone_slice SET valid = tstzrange(lower(valid), lower(valid) + interval '1 h') WHERE id = {LATEST}",
            "Revision 5: zone_slice has what its record has not: zone NLD T2",
        ),
        (
            f"UPDATE zone_slice SET valid = '[2020-01-01, infinity]' WHERE id = {LATEST}",
            "an edge of another kind",
        ),
        (
            f"UPDATE zone_slice SET known = '[5, 6)' WHERE id = {LATEST}",
            "zone_slice has what its record has not",
        ),
        ("UPDATE zone_slice SET known = '[1, 4)' WHERE upper(known) = 5", "Revision 4: zone_slice has"),
        ("UPDATE zone_slice SET known = '(, 5)' WHERE upper(known) = 5", "known from None to 5"),
        (f"UPDATE zone_slice SET identifier = 'T9' WHERE id = {LATEST}", "Revision 5: zone_slice lacks"),
        (
            (
                "INSERT INTO zone_slice (zone_version_id, data_set_id, country, identifier, occurrence, valid, known, geom)"
                " SELECT zone_version_id, data_set_id, country, identifier, 2, valid, known, geom FROM zone_slice"
                " WHERE identifier = 'T2'"
            ),
            "Revision 5: zone_slice has what its record has not: zone NLD T2 (2)",
        ),
        (
            (
                "UPDATE zone_slice SET zone_version_id = v.id FROM zone_version v"
                " WHERE zone_slice.identifier = 'T1' AND v.identifier = 'T1' AND v.id <> zone_slice.zone_version_id"
            ),
            "zone_slice has what its record has not: zone NLD T1",
        ),
    ],
)
def test_each_thing_that_is_altered_in_the_register_is_found(filled: Filled, attack: str, says: str) -> None:
    faults = filled.verify(attack, head=filled.head(2)).faults

    assert any(says in fault for fault in faults), faults


def test_two_slices_whose_contents_are_swapped_are_found_both_ways(filled: Filled) -> None:
    faults = filled.verify(
        "UPDATE zone_slice s SET zone_version_id = v.id FROM zone_version v WHERE upper_inf(s.known) AND upper_inf(s.valid)"
        " AND (s.identifier, v.identifier, v.revision) IN (('A', 'C', 2), ('C', 'A', 3))"
    ).faults

    assert [fault.split(": ")[1] for fault in faults] == [
        "zone_slice lacks what its record has",
        "zone_slice lacks what its record has",
        "zone_slice has what its record has not",
        "zone_slice has what its record has not",
    ]


CUT = [
    "DELETE FROM publication WHERE revision > 4",
    "DELETE FROM signed_head WHERE revision > 4",
    "DELETE FROM data_set_version WHERE revision > 4",
    "DELETE FROM zone_slice WHERE lower(known) > 4",
    "UPDATE zone_slice SET known = int8range(lower(known), NULL) WHERE upper(known) > 4",
    "DELETE FROM zone_version WHERE revision > 4",
    "DELETE FROM revision WHERE number > 4",
]


def test_a_tail_that_was_cut_off_shows_against_a_head_kept_elsewhere_and_against_nothing_else(
    filled: Filled, capsys: pytest.CaptureFixture[str]
) -> None:
    report = filled.verify(*CUT)

    assert filled.verify(*CUT, head=filled.head()).faults == (
        "Revision 6: it is missing: the head that was given names it, and the newest here is 4.",
    )
    assert filled.verify(*CUT, head=filled.head(3)).faults == ()
    assert report.faults == ()
    assert proving.print_report(report, proving._stdout) == 0
    assert "nobody can tell whether newer revisions were cut off" in capsys.readouterr().out


def test_a_chain_written_anew_shows_against_a_head_kept_elsewhere(filled: Filled) -> None:
    attack = ("DELETE FROM signed_head", rewritten(MILDER, 6))

    without = filled.verify(*attack)
    report = filled.verify(*attack, head=filled.head())

    # The table of slices shows it too, but whoever rewrites the chain can rewrite that.
    assert without.unsigned == REVISIONS
    assert set(report.faults) - set(without.faults) == {
        "Revision 6: its hash is not that of the head that was given: this is another chain."
    }


def test_another_public_key_proves_no_head(filled: Filled, tmp_path: Path) -> None:
    make_keys(tmp_path)
    other = read_keys(tmp_path).public_pem

    faults = filled.verify(head=filled.head(), pem=other).faults

    assert len(faults) == REVISIONS
    assert faults[0].startswith("The head that was given, of revision 6, is signed by key")
    assert filled.verify(head=filled.head(), pem=other + filled.bench.keys.public_pem).faults == ()


def test_without_a_key_signatures_are_not_checked_and_the_report_says_so(filled: Filled) -> None:
    with reading(filled.bench.engine) as connection:
        report = check_database(connection)

    assert report.faults == ()
    assert not report.signatures_checked
    assert filled.verify().signatures_checked


def test_faults_beyond_a_hundred_are_counted(filled: Filled) -> None:
    report = filled.verify(
        "INSERT INTO signed_head SELECT 1000 + n, head, key_id, signature FROM signed_head, generate_series(1, 99) n"
        " WHERE revision = 2",
        "UPDATE revision SET hash = 'x' || number",
    )

    assert len(report.faults) == MAX_FAULTS
    assert report.fault_count > MAX_FAULTS


def altered(entry: dict[str, Any], member: str, change: Callable[[bytes], bytes]) -> dict[str, Any]:
    """Return a line with the bytes of a member changed."""
    return entry | {member: base64.b64encode(change(base64.b64decode(entry[member]))).decode()}


def other_byte(data: bytes) -> bytes:
    return data[:9] + bytes([data[9] ^ 1]) + data[10:]


def rehashed(entry: dict[str, Any]) -> dict[str, Any]:
    record = base64.b64decode(entry["record"]).replace(b'"NLD"', b'"BEL"')
    digest = hashlib.sha256(record).hexdigest()
    return entry | {"record": base64.b64encode(record).decode(), "hash": digest}


Lines = list[dict[str, Any]]
ALTERATIONS: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "a byte of a record": (
        lambda lines: [*lines[:3], altered(lines[3], "record", other_byte), *lines[4:]],
        "Revision 4: its record was altered",
    ),
    "a record and its hash": (
        lambda lines: [lines[0], rehashed(lines[1]), *lines[2:]],
        "Revision 3: its record does not name the hash",
    ),
    "the newest record and its hash": (
        lambda lines: [*lines[:-1], rehashed(lines[-1])],
        "Revision 6: its signed head is not of this number, time and hash",
    ),
    "a hash": (
        lambda lines: [*lines[:3], lines[3] | {"hash": "0" * 64}, *lines[4:]],
        "Revision 5: its record does not name the hash",
    ),
    "a number": (
        lambda lines: [*lines[:5], lines[5] | {"revision": 7}],
        "Revision 7: its record is that of revision 6",
    ),
    "a head": (
        lambda lines: [*lines[:3], altered(lines[3], "head", other_byte), *lines[4:]],
        "Revision 4: its signed head was not signed by",
    ),
    "a signature": (
        lambda lines: [*lines[:3], altered(lines[3], "signature", other_byte), *lines[4:]],
        "Revision 4: its signed head was not signed by",
    ),
    "a head of another revision": (
        lambda lines: [
            *lines[:3],
            lines[3] | {name: lines[4][name] for name in ("head", "key_id", "signature")},
            *lines[4:],
        ],
        "Revision 4: its signed head is not of this number",
    ),
    "the name of a key": (
        lambda lines: [*lines[:3], lines[3] | {"key_id": "k"}, *lines[4:]],
        "Revision 4: its signed head is signed by key k",
    ),
    "no signature": (
        lambda lines: [*lines[:3], lines[3] | {"signature": None}, *lines[4:]],
        "Revision 4: it is not signed, although revision 2",
    ),
    "a content": (
        lambda lines: [
            *lines[:3],
            lines[3] | {"contents": [base64.b64encode(b"[]").decode()]},
            *lines[4:],
        ],
        "Revision 4: the content of zone NLD T1",
    ),
    "a content left out": (
        lambda lines: [*lines[:3], lines[3] | {"contents": []}, *lines[4:]],
        "Revision 4: the content of zone NLD T1",
    ),
    "a content too many": (
        lambda lines: [*lines[:5], lines[5] | {"contents": lines[3]["contents"]}],
        "Revision 6: it has a content",
    ),
    "a line in the middle": (lambda lines: lines[:2] + lines[3:], "Revision 4: revision 3 is missing"),
    "several lines in the middle": (
        lambda lines: lines[:1] + lines[4:],
        "Revision 5: revisions 2 to 4 are missing",
    ),
    "the first line": (lambda lines: lines[1:], "Revision 2: revision 1 is missing"),
    "two lines exchanged": (
        lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
        "Revision 3: it stands after revision 4",
    ),
    "a line twice": (lambda lines: [*lines[:3], *lines[2:]], "Revision 3: it stands after revision 3"),
    "the last line": (lambda lines: lines[:-1], "Revision 6: it is missing"),
    "every line": (lambda _: [], "Revision 6: it is missing"),
    "a member left out": (
        lambda lines: [*lines[:3], {"revision": 4, "hash": "0" * 64}, *lines[4:]],
        "Line 4 is no revision. It has no member 'record'",
    ),
    "a record that is none": (
        lambda lines: [*lines[:3], altered(lines[3], "record", lambda _: b"[1]"), *lines[4:]],
        "Revision 4: its record cannot be read",
    ),
    "no base64": (
        lambda lines: [*lines[:3], lines[3] | {"record": "!"}, *lines[4:]],
        "Line 4 is no revision. A member is not what it should be",
    ),
    "a line of another kind": (lambda lines: [*lines[:3], [], *lines[4:]], "Line 4 is no revision"),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_each_thing_that_is_altered_in_an_exported_file_is_found(filled: Filled, name: str) -> None:
    alter, says = ALTERATIONS[name]

    report = filled.verify_file(alter([*filled.lines]), filled.head())

    assert any(fault.startswith(says) for fault in report.faults), report.faults


@pytest.mark.parametrize("by", [timedelta(0), timedelta(hours=1)])
def test_a_revision_that_was_not_published_after_the_one_before_is_found(
    filled: Filled, by: timedelta
) -> None:
    lines = [*filled.lines]
    before, last = (json.loads(base64.b64decode(line["record"])) for line in lines[4:])
    earlier = datetime.fromisoformat(before["published_at"]) - by
    record = json.dumps(last | {"published_at": earlier.isoformat()}).encode()
    lines[5] = altered(lines[5], "record", lambda _: record)

    faults = filled.verify_file(lines).faults

    assert "Revision 6: it was not published after the revision before it." in faults


def test_a_head_of_another_time_is_found_though_the_key_signed_it(filled: Filled) -> None:
    said = {"revision": 6, "hash": filled.lines[5]["hash"], "published_at": "2026-11-25T11:00:00+00:00"}
    head = json.dumps(said).encode()
    key_id, signature = filled.bench.keys.sign(head)
    signed = {
        "head": base64.b64encode(head).decode(),
        "key_id": key_id,
        "signature": base64.b64encode(signature).decode(),
    }

    faults = filled.verify_file([*filled.lines[:5], filled.lines[5] | signed]).faults

    assert faults == ("Revision 6: its signed head is not of this number, time and hash.",)


def test_contents_stand_in_the_file_once_for_each_revision_that_names_them(filled: Filled) -> None:
    lines = filled.lines

    assert [len(line["contents"]) for line in lines] == [2, 1, 1, 1, 2, 0]
    assert ["signature" in line for line in lines] == [False, *[True] * 5]
    assert b"Bram" not in json.dumps(lines).encode()


def test_an_empty_file_proves_nothing(filled: Filled) -> None:
    report = filled.verify_file([])

    assert (report.revisions, report.newest, report.hash, report.faults) == (0, None, None, ())


def test_an_empty_register_is_exported_and_checked(engine: Engine) -> None:
    out = io.BytesIO()

    written = export(engine, out)
    with reading(engine) as connection:
        report = check_database(connection)

    assert (written, out.getvalue()) == (0, b"")
    assert (report.revisions, report.fault_count) == (0, 0)


def test_the_script_in_the_documentation_recomputes_the_chain_from_an_exported_file(
    filled: Filled, tmp_path: Path
) -> None:
    (script,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "proof.md").read_text("utf-8"), re.DOTALL)
    file = tmp_path / "register.jsonl"

    def run(lines: Lines) -> subprocess.CompletedProcess[str]:
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        command = [sys.executable, "-c", script, str(file)]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    lines = filled.lines
    finished = run(lines)
    assert finished.stdout == f"6 {filled.head().hash}\n", finished.stderr
    assert len(script.strip().splitlines()) <= 16
    unnoticed = {"a head", "a signature", "a head of another revision", "the name of a key", "no signature"}
    unnoticed |= {"the newest record and its hash", "the last line", "every line"}
    for name in ALTERATIONS.keys() - unnoticed:
        assert run(ALTERATIONS[name][0](lines)).returncode == 1, name


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"revisions": []}', b'{"signature": "AA=="}', b"3"])
def test_a_head_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_trusted_head(data)


def test_a_head_without_a_signature_is_refused(filled: Filled) -> None:
    with pytest.raises(InvalidInput, match="not a signed revision"):
        filled.head(1)


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", b"\xff"])
def test_a_public_key_that_is_none_is_refused(pem: bytes) -> None:
    with pytest.raises(InvalidInput, match="public key"):
        read_public_keys(pem)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("AB"),
            st.tuples(st.booleans(), st.one_of(st.none(), st.integers(-4, 4)), st.sampled_from([None, 1, 3])),
            min_size=1,
        ),
        min_size=2,
        max_size=6,
    )
)
def test_whatever_changes_the_table_of_slices_is_what_the_records_say(
    register_of_one_example: Any, revisions: list[dict[str, tuple[bool, int | None, int | None]]]
) -> None:
    with register_of_one_example() as engine:
        for changes in revisions:
            publish(engine, [change(name, *changed) for name, changed in changes.items()])

        with reading(engine) as connection:
            report = check_database(connection)

    assert report.faults == ()
    assert report.revisions == len(revisions)


def test_what_one_change_left_and_the_next_took_away_was_never_written(engine: Engine) -> None:
    publish(engine, [change("A", True, None, None)])
    publish(engine, [change("A", True, 0, 1), change("A", False, 2, 1)])

    with reading(engine) as connection:
        report = check_database(connection)

    assert report.faults == ()


def test_one_content_of_two_data_sets_is_written_once_and_neither_shows_that_of_the_other(
    engine: Engine, owner: Engine
) -> None:
    data = collection(feature("A"))
    twice = [Submission(name, "a.json", data, read_document(data)) for name in ("ours", "theirs")]
    import_documents(engine, twice, lambda: NOW)
    out = io.BytesIO()
    export(engine, out)
    assert len(json.loads(out.getvalue())["contents"]) == 1
    with owner.begin() as connection:
        connection.execute(text("UPDATE zone_slice SET zone_version_id = (SELECT max(id) FROM zone_version)"))

    with reading(engine) as connection:
        faults = check_database(connection).faults

    assert len(faults) == 2
    assert all("zone NLD A of ours" in fault for fault in faults)


def change(name: str, asserts: bool, start: int | None, length: int | None) -> Change:
    """Return a change from an hour on, None is always, for some hours, None is for ever."""
    valid = (
        BEGINNING if start is None else NOW + timedelta(hours=start),
        END if length is None else NOW + timedelta(hours=(start or 0) + length) - timedelta.resolution,
    )
    if not asserts:
        return Change("own", "NLD", name, valid=valid)
    zone = read_document(collection(feature(name))).zones[0]
    return Change("own", "NLD", name, valid=valid, zone=zone.zone, content=zone.content)


def publish(engine: Engine, changes: list[Change]) -> None:
    with writing(engine) as connection:
        opening = ledger.open_revision(connection, NOW)
        data_set = DataSetChange("own", "own", {}, [], 0)
        ledger.write_revision(connection, opening, "a test", [data_set], changes, {"kind": "test"})


@pytest.fixture
def zones(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command on the filled register in process; return its exit code, standard output and error."""
    monkeypatch.setenv("ZONES_DATABASE_URL", filled.bench.engine.url.render_as_string())
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(tmp_path / "none"))
    (tmp_path / "key.pem").write_text(filled.bench.keys.public_pem)
    (tmp_path / "head.json").write_text(json.dumps(filled.said))
    app = typer.Typer()
    app.command()(proving.verify)
    app.command()(proving.history)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            app([str(argument) for argument in arguments], standalone_mode=True)
        return int(exit_.value.code or 0), *capsys.readouterr()

    return run


def test_the_register_and_its_file_are_verified_on_the_command_line(
    filled: Filled, zones: Any, tmp_path: Path
) -> None:
    file, key, head = (tmp_path / name for name in ("register.jsonl", "key.pem", "head.json"))
    proven = (
        f"6 revisions, 7 contents, 5 signed heads: nothing was altered or left out up to revision 6"
        f" (hash {filled.head().hash}). The first is not signed: it was written without a key."
    )

    code, out, err = zones("history", file)
    assert (code, out) == (0, "")
    assert err.strip().startswith("6 revisions in ")
    for what in ([], [file]):
        code, out, _ = zones("verify", *what, "--public-key", key, "--head", head)
        assert (code, out) == (0, f"{proven} The head that was given is that of revision 6.\n")
        code, out, _ = zones("verify", *what, "--public-key", key)
        assert (code, out.startswith(proven), "cut off" in out) == (0, True, True)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[1:]))
    code, out, _ = zones("verify", file, "--public-key", key, "--head", head)
    assert code == 1
    assert out == "Revision 2: revision 1 is missing before it.\n1 fault in 5 revisions.\n"


def test_a_file_that_is_there_is_written_over_only_when_told_to(zones: Any, tmp_path: Path) -> None:
    file = tmp_path / "register.jsonl"
    file.write_text("mine")

    with pytest.raises(InvalidInput, match="there already"):
        zones("history", file)
    assert file.read_text() == "mine"
    assert zones("history", file, "--force")[0] == 0
    assert len(file.read_text().splitlines()) == REVISIONS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["head.json", "key.pem", "register.jsonl"]


def test_a_file_that_did_not_get_whole_is_taken_away(tmp_path: Path) -> None:
    def fail() -> None:
        with proving.writing_anew(tmp_path / "a", force=False) as out:
            out.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify"], "--public-key KEY.pem"),
        (["verify", "nowhere.jsonl", "--public-key", "{}/key.pem"], "nowhere.jsonl cannot be read"),
        (["verify", "--public-key", "{}/head.json"], "not PEM"),
        (["verify", "--public-key", "{}/key.pem", "--head", "{}/key.pem"], "not JSON"),
        (["verify", "--public-key", "{}/key.pem", "--head", "nowhere"], "nowhere cannot be read"),
        (["history", "{}/no/where.jsonl"], "cannot be written"),
    ],
)
def test_bad_input_is_a_sentence(zones: Any, tmp_path: Path, arguments: list[str], says: str) -> None:
    with pytest.raises(ZonesError, match=re.escape(says)):
        zones(*(argument.format(tmp_path) for argument in arguments))
