"""A register is copied and restored whole, and a copy that is not what was signed is not kept."""

from __future__ import annotations

import io
import json
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from tests import authority
from tests.authority import NOW, Bench, asserting, register_of_its_own, withdrawing
from tests.documents import collection, feature
from zones_api.backup import copy, digest_of, read_label, restore, write_label
from zones_api.commands import proving
from zones_api.domain.territory import Territories
from zones_api.embedded import find_binaries, running
from zones_api.errors import InvalidInput, RegisterUnavailable, ZonesError
from zones_api.formats.document import read_document
from zones_api.formats.mending import digest_of as digest_of_feature
from zones_api.proof import PublicKeys, Report, TrustedHead, export, read_public_keys
from zones_api.publishing import Submission, import_documents
from zones_api.store import emptying
from zones_api.store.migrating import migrate
from zones_api.store.register import as_service, load, open_register, reading

ROOT = Path(__file__).resolve().parent.parent
REVISIONS = 4


@dataclass(frozen=True)
class Copied:
    """A register in use, and a copy of it."""

    bench: Bench
    file: Path
    label: bytes

    @property
    def keys(self) -> PublicKeys:
        return read_public_keys(self.bench.keys.public_pem.encode())

    def restore(
        self, owner: Engine, file: Path | None = None, head: TrustedHead | None = None, **label: Any
    ) -> Report:
        """Restore the copy, or another file that somebody gave this one's label and their own digest."""
        said = json.loads(self.label) | ({"sha256": digest_of(file)} if file else {}) | label
        read = read_label(json.dumps(said).encode())
        return restore(owner, find_binaries(), file or self.file, ROOT / "migrations", read, self.keys, head)


@pytest.fixture(scope="module")
def copied(
    cluster: str, tmp_path_factory: pytest.TempPathFactory, territories: Territories
) -> Iterator[Copied]:
    folder = tmp_path_factory.mktemp("copied")
    with (
        register_of_its_own(cluster, "copied") as (engine, owner),
        authority.bench(engine, owner, folder / "secrets", territories) as bench,
    ):
        broken = feature("D", geometry=None)
        data = collection(feature("A"), feature("B"), broken, coverage=authority.COVERAGE)
        submission = Submission("ours", "zones.json", data, read_document(data))
        import_documents(engine, [submission], lambda: NOW, bench.keys.sign)
        bench.published(items=[asserting("T1"), asserting("T2")], coverage=authority.COVERAGE)
        mended = {"change": "assert", "mends": digest_of_feature(broken), "feature": feature("D")}
        bench.published(data_set="ours", items=[mended])
        bench.published(items=[withdrawing("T2")])
        file = folder / "zones.dump"
        with file.open("wb") as out:
            newest = copy(owner, find_binaries(), out)
        yield Copied(bench, file, write_label(digest_of(file), newest))


@pytest.fixture(scope="module")
def machine() -> Iterator[str]:
    """The address of another PostGIS, in which nothing was migrated."""
    folder = Path(tempfile.mkdtemp(prefix="zones-tests-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with running(folder / "postgis", durable=False) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty(machine: str) -> Iterator[Engine]:
    """The other PostGIS as its owner, with nothing in it."""
    owner = open_register(machine)
    yield owner
    with owner.begin() as connection:
        emptying.take_away(connection)
    owner.dispose()


def everything(engine: Engine) -> tuple[Any, ...]:
    with reading(engine) as connection:
        past = tuple(load(connection, revision=number + 1) for number in range(REVISIONS))
    out = io.BytesIO()
    export(engine, out)
    return past, out.getvalue()


def tables(owner: Engine) -> list[str]:
    with owner.connect() as connection:
        return list(connection.execute(text(emptying._TABLES)).scalars())


def altered(owner: Engine, file: Path, *statements: str) -> Path:
    """Return a copy of a register that a superuser altered."""
    superuser = open_register(owner.url.set(username="postgres").render_as_string())
    with superuser.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount != 0, statement
    superuser.dispose()
    with file.open("wb") as out:
        copy(owner, find_binaries(), out)
    with owner.begin() as connection:
        emptying.take_away(connection)
    return file


def test_a_register_is_restored_on_another_machine_with_the_same_answers_and_goes_on(
    copied: Copied, empty: Engine, territories: Territories
) -> None:
    report = copied.restore(empty)

    assert report.faults == ()
    assert (report.newest, report.trusted, report.heads) == (REVISIONS, REVISIONS, REVISIONS)
    service = open_register(as_service(empty.url.render_as_string()))
    assert everything(service) == everything(copied.bench.engine)
    restored = Bench(service, empty, copied.bench.keys, territories)
    restored.tokens, restored._numbers = copied.bench.tokens, copied.bench._numbers
    with restored.client:
        assert restored.status(4.8, 52.3)["assessment"] == copied.bench.status(4.8, 52.3)["assessment"]
        inside = restored.status(5.3, 52.05)["assessment"]
        assert [zone["identifier"] for zone in inside["zones"] if zone["mended"]] == ["D"]
        assert restored.published(items=[asserting("T3")])["revision"] == REVISIONS + 1
    service.dispose()


def test_what_protects_the_facts_is_restored_with_them(copied: Copied, empty: Engine) -> None:
    copied.restore(empty)

    service = open_register(as_service(empty.url.render_as_string()))
    with service.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text("UPDATE revision SET reason = 'x'"))
    with empty.connect() as connection, pytest.raises(ProgrammingError, match="never changed"):
        connection.execute(text("UPDATE revision SET reason = 'x'"))
    with service.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM draft")) == 0
    with empty.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM draft")) == 3
        granted = "SELECT has_function_privilege('public', 'close_slices(bigint[], bigint)', 'EXECUTE')"
        assert connection.scalar(text(granted)) is False
    assert migrate(empty, ROOT / "migrations") is False
    service.dispose()


def test_a_migrated_database_without_anything_in_it_is_restored_to(copied: Copied, empty: Engine) -> None:
    migrate(empty, ROOT / "migrations")

    assert copied.restore(empty).faults == ()


@pytest.mark.parametrize(
    ("there", "table"),
    [
        ("INSERT INTO organisation (key, name) VALUES ('caa', 'x')", "organisation"),
        ("CREATE TABLE mine (a int)", "mine"),
        ("CREATE VIEW seen AS SELECT 1 AS a", "seen"),
    ],
)
def test_a_database_in_which_anything_is_is_left_alone(
    copied: Copied, empty: Engine, there: str, table: str
) -> None:
    migrate(empty, ROOT / "migrations")
    with empty.begin() as connection:
        connection.execute(text(there))
    before = tables(empty)

    with pytest.raises(InvalidInput, match=f"something in '{table}'"):
        copied.restore(empty)

    assert tables(empty) == before


def test_a_register_with_revisions_is_not_restored_to(copied: Copied, empty: Engine) -> None:
    copied.restore(empty)
    before = everything(empty)

    with pytest.raises(InvalidInput, match="Only an empty register is restored to"):
        copied.restore(empty)

    assert everything(empty) == before


def test_a_file_with_a_flipped_byte_is_refused_before_anything_is_done(
    copied: Copied, empty: Engine, tmp_path: Path
) -> None:
    data = bytearray(copied.file.read_bytes())
    data[len(data) // 2] ^= 1
    file = tmp_path / "altered.dump"
    file.write_bytes(data)

    report = copied.restore(empty, file, sha256=json.loads(copied.label)["sha256"])

    assert report.faults == ("The copy was altered: its SHA-256 is not the one that is kept beside it.",)
    assert tables(empty) == []


@pytest.mark.parametrize(
    ("attack", "says"),
    [
        (
            ["UPDATE zone_version SET content = set_byte(content, 9, 66) WHERE identifier = 'T1'"],
            "Revision 2: the content of zone NLD T1",
        ),
        (["UPDATE document SET content = '{}'"], "Revision 1: its document"),
        (
            ["UPDATE data_set_version SET metadata = metadata - 'decisions' WHERE revision = 3"],
            "Revision 3: metadata of data set ours is not",
        ),
        (["DELETE FROM zone_slice WHERE identifier = 'A'"], "Revision 1: zone_slice lacks"),
        (
            [
                "DELETE FROM publication WHERE revision = 4",
                "DELETE FROM signed_head WHERE revision = 4",
                "DELETE FROM data_set_version WHERE revision = 4",
                "DELETE FROM zone_slice WHERE lower(known) = 4",
                "UPDATE zone_slice SET known = int8range(lower(known), NULL) WHERE upper(known) = 4",
                "DELETE FROM revision WHERE number = 4",
            ],
            "Revision 4: it is missing: the head that was given names it",
        ),
    ],
)
def test_a_copy_whose_data_was_altered_is_not_kept(
    copied: Copied, empty: Engine, tmp_path: Path, attack: list[str], says: str
) -> None:
    copied.restore(empty)
    file = altered(empty, tmp_path / "altered.dump", *attack)

    report = copied.restore(empty, file)

    assert any(fault.startswith(says) for fault in report.faults), report.faults
    assert tables(empty) == []


def test_an_older_copy_under_a_newer_label_and_a_newer_copy_under_an_older_label_are_not_kept(
    copied: Copied, empty: Engine
) -> None:
    newest = json.loads(copied.label)["revisions"][0]
    unsigned = {"head": None, "key_id": None, "signature": None}

    for said in (newest | unsigned | {"revision": 2}, newest | unsigned | {"hash": "0" * 64}):
        report = copied.restore(empty, revisions=[said])
        assert "and what is kept beside it says" in report.faults[0]
        assert tables(empty) == []
    assert copied.restore(empty, revisions=[]).fault_count == 1


def test_a_file_that_is_no_copy_leaves_nothing_behind(copied: Copied, empty: Engine, tmp_path: Path) -> None:
    file = tmp_path / "no.dump"
    file.write_bytes(b"nothing")

    with pytest.raises(RegisterUnavailable, match="could not be restored"):
        copied.restore(empty, file)

    assert tables(empty) == []


def test_a_restoring_that_is_stopped_before_it_is_proven_leaves_nothing_behind(
    copied: Copied, empty: Engine
) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    label = read_label(copied.label)
    with pytest.raises(KeyboardInterrupt):
        restore(empty, find_binaries(), copied.file, ROOT / "migrations", label, copied.keys, tell=stop)

    assert tables(empty) == []


def test_a_register_is_restored_for_an_owner_of_another_name(copied: Copied, machine: str) -> None:
    admin = create_engine(make_url(machine).set(username="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE ROLE somebody LOGIN"))
        connection.execute(text("CREATE DATABASE theirs OWNER somebody"))
    theirs = make_url(machine).set(database="theirs")
    superuser = create_engine(theirs.set(username="postgres"))
    with superuser.begin() as connection:
        connection.execute(text("CREATE EXTENSION postgis; CREATE EXTENSION btree_gist"))
    superuser.dispose()
    owner = open_register(theirs.set(username="somebody").render_as_string())

    report = copied.restore(owner)

    service = open_register(theirs.set(username="zones_app").render_as_string())
    assert report.faults == ()
    assert everything(service) == everything(copied.bench.engine)
    for engine in (owner, service):
        engine.dispose()
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE theirs WITH (FORCE)"))
    admin.dispose()


@pytest.mark.parametrize("data", [b"{}", b"[]", b"3", b'{"sha256": "x", "revisions": [{}]}', b""])
def test_what_is_kept_beside_a_copy_is_read_only_as_it_was_written(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_label(data)


@pytest.fixture
def zones(
    copied: Copied, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command with the copied register's secrets; return its exit code, standard output and error."""
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(copied.file.parent / "secrets"))
    app = typer.Typer()
    for command in (proving.backup, proving.restore, proving.verify):
        app.command()(command)

    def run(database: Engine | Path, *arguments: object) -> tuple[int, str, str]:
        monkeypatch.delenv("ZONES_DATABASE_URL", raising=False)
        if isinstance(database, Path):
            monkeypatch.setenv("ZONES_DATA_FOLDER", str(database))
        else:
            monkeypatch.setenv("ZONES_DATABASE_URL", database.url.render_as_string(hide_password=False))
        with pytest.raises(SystemExit) as exit_:
            app([str(argument) for argument in arguments], standalone_mode=True)
        return int(exit_.value.code or 0), *capsys.readouterr()

    return run


@pytest.fixture
def fresh() -> Iterator[Path]:
    """A data folder that is not there yet."""
    folder = Path(tempfile.mkdtemp(prefix="zones-tests-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


def test_a_register_is_copied_restored_and_copied_again_on_the_command_line(
    copied: Copied, zones: Any, tmp_path: Path, fresh: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    other = tmp_path / "older.json"
    other.write_text(json.dumps(copied.bench.client.get("/v1/revisions?before=3").json()))

    code, _, err = zones(copied.bench.owner, "backup", first)
    assert (code, "up to revision 4" in err, "secrets are not in it" in err) == (0, True, True)
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    code, out, err = zones(fresh, "restore", first, "--head", other)
    assert (code, "The head that was given is that of revision 2" in out) == (0, True), (out, err)
    assert "Restored." in err
    assert zones(fresh, "verify", "--head", tmp_path / "first.head.json")[0] == 0
    assert zones(fresh, "backup", second)[0] == 0
    said = [json.loads((tmp_path / f"{name}.head.json").read_text()) for name in ("first", "second")]
    assert said[0]["revisions"] == said[1]["revisions"]
    with pytest.raises(InvalidInput, match="Only an empty register"):
        zones(fresh, "restore", first)


def test_a_copy_that_is_not_proven_is_said_so_loudly(
    copied: Copied, zones: Any, tmp_path: Path, empty: Engine
) -> None:
    file = tmp_path / "zones.dump"
    shutil.copy(copied.file, file)
    (tmp_path / "zones.dump.head.json").write_bytes(copied.label.replace(b'"hash": "', b'"hash": "0'))

    code, out, err = zones(empty, "restore", file)

    assert code == 1
    assert "what is kept beside it says" in out
    assert "NOT restored" in err
    assert tables(empty) == []


def test_files_are_not_written_over_and_missing_ones_are_named(
    copied: Copied, zones: Any, tmp_path: Path, empty: Engine
) -> None:
    file, label = tmp_path / "zones.dump", tmp_path / "zones.dump.head.json"

    for there in (file, label):
        there.write_bytes(copied.label)
        with pytest.raises(InvalidInput, match="there already"):
            zones(copied.bench.owner, "backup", file)
        there.unlink()
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidInput, match=r"head\.json cannot be read"):
        zones(empty, "restore", file)
    label.write_bytes(copied.label)
    with pytest.raises(InvalidInput, match="no such file"):
        zones(empty, "restore", file)
    with pytest.raises(ZonesError, match="Only the database's owner"):
        zones(copied.bench.engine, "backup", file)
