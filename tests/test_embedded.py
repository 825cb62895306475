"""The private PostGIS cluster, on real servers in folders of their own below /tmp."""

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from zones_api import embedded
from zones_api.embedded import find_binaries, running
from zones_api.errors import EmbeddedPostGISFailed

PROJECT = Path(embedded.__file__).parents[1]
BE_A_USER = """
import signal, sys
from pathlib import Path
from zones_api.embedded import running

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
with running(Path(sys.argv[1]), durable=False) as address:
    print(address, flush=True)
    sys.stdin.readline()
"""
LOSE_TWO_SERVERS = """
import ctypes, os, signal, sys
from pathlib import Path
from zones_api.embedded import running

def kill_server():
    os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

folder = Path(sys.argv[1])
be_subreaper = 36
ctypes.CDLL(None).prctl(be_subreaper, 1)
with running(folder, durable=False):
    kill_server()
    with running(folder, durable=False) as address:
        print(address)
        kill_server()
"""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for several users")
needs_proc = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks at processes in /proc")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder that every user may enter; kill the server that is left in it."""
    base = Path(tempfile.mkdtemp(prefix="zones-test-", dir="/tmp"))
    base.chmod(0o755)
    try:
        yield base / "register"
    finally:
        for place in {base / "register", *(lock.parent for lock in base.rglob("start.lock"))}:
            kill_server_left_in(place)
        shutil.rmtree(base, ignore_errors=True)


def kill_server_left_in(folder: Path) -> None:
    with suppress(OSError, IndexError, ValueError):
        pid = postmaster(folder)
        if Path(f"/proc/{pid}/cwd").readlink() == folder / "data":
            os.kill(pid, signal.SIGKILL)
    if sockets_of(folder).is_symlink():
        sockets_of(folder).unlink()
    shutil.rmtree(sockets_of(folder), ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a place where no cluster has been made yet."""
    with temporary_folder() as place:
        yield place


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    with temporary_folder() as place:
        with running(place, durable=False):
            pass
        yield place


@pytest.fixture
def made(made_once: Path) -> Iterator[Path]:
    """Return the folder of a complete cluster that does not run, shared by tests that leave it whole."""
    yield made_once
    kill_server_left_in(made_once)


@pytest.fixture
def copied(made_once: Path, folder: Path) -> Path:
    """Return the folder of a complete cluster of the test's own."""
    subprocess.run(["cp", "-a", made_once, folder], check=True)
    return folder


def sockets_of(folder: Path) -> Path:
    uid, gid = os.geteuid(), os.getegid()
    return embedded._Cluster(folder, Path(), uid, gid).sockets


def ask(address: str, question: str) -> Any:
    """Return the one row that answers `question`, or None if it has no rows."""
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        answer = connection.execute(sa.text(question))
        return tuple(answer.one()) if answer.returns_rows else None


def as_superuser(address: str) -> str:
    return address.replace("zones_owner@", "postgres@")


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def is_stopped(folder: Path) -> bool:
    return not (folder / "data" / "postmaster.pid").exists() and not sockets_of(folder).exists()


def wait_until(holds: Callable[[], bool], limit_s: float = 15) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@contextmanager
def started_process(folder: Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a process that uses the cluster of `folder`, until its input ends unless told otherwise."""
    command = [options.pop("interpreter", sys.executable), "-c", options.pop("script", BE_A_USER), folder]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **({"cwd": PROJECT} | pipes | options)) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                try:
                    process.communicate("", timeout=60)
                finally:
                    process.kill()


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def an_ordinary_account() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def identity(account: pwd.struct_passwd) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


# Making a cluster


def test_first_use_makes_a_postgis_database_owned_by_a_role_that_is_no_superuser(folder: Path) -> None:
    question = """
        SELECT current_user::text, rolsuper, rolcreaterole, pg_get_userbyid(datdba)::text,
               pg_encoding_to_char(encoding)::text, datcollate::text, datctype::text,
               (SELECT array_agg(extname || ' of ' || pg_get_userbyid(extowner) ORDER BY extname)
                  FROM pg_extension WHERE extname <> 'plpgsql'),
               ST_Intersects('POINT(1 1)'::geometry, 'LINESTRING(0 0, 2 2)'::geometry)
          FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user"""

    with running(folder, durable=False) as address:
        answer = ask(address, question)

    extensions = ["btree_gist of postgres", "postgis of postgres"]
    owner, form = "zones_owner", ("UTF8", "C.UTF-8", "C.UTF-8")
    assert answer == (owner, False, False, owner, *form, extensions, True)


def test_what_the_owner_stores_is_there_after_a_restart(made: Path) -> None:
    with running(made) as address:
        ask(address, "CREATE TABLE zone (id int, place geography)")
        ask(address, "INSERT INTO zone VALUES (1, 'POINT(4.76 52.3)')")

    with running(made) as address:
        answer = ask(address, "SELECT id, ST_AsText(place) FROM zone")

    assert answer == (1, "POINT(4.76 52.3)")


def test_nobody_is_trusted_but_over_the_socket(made: Path) -> None:
    rules = "SELECT array_agg(DISTINCT type || ' ' || auth_method ORDER BY type || ' ' || auth_method) "

    with running(made, durable=False) as address:
        listens = ask(address, "SHOW listen_addresses")
        trusted = ask(as_superuser(address), rules + "FROM pg_hba_file_rules")

    assert listens == ("",)
    assert trusted == (["host reject", "local trust"],)


def test_the_address_is_plain_and_names_the_port(made: Path) -> None:
    with running(made, durable=False) as address:
        pass

    assert address == f"postgresql+psycopg://zones_owner@/zones?host={sockets_of(made)}&port=5432"


def test_safety_in_a_crash_is_given_up_only_when_asked(made: Path) -> None:
    question = """SELECT current_setting('fsync'), current_setting('synchronous_commit'),
                         current_setting('full_page_writes')"""

    with running(made) as address:
        durable = ask(address, question)
    with running(made, durable=False) as address:
        fast = ask(address, question)

    assert durable == ("on", "on", "on")
    assert fast == ("off", "off", "off")


def test_a_killed_start_leaves_nothing_half_made_and_the_next_cleans_up(folder: Path) -> None:
    with started_process(folder, start_new_session=True) as process:
        wait_until(lambda: any(folder.glob("data.unfinished-*/PG_VERSION")))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    left_over = list(folder.glob("data*"))

    with running(folder, durable=False) as address:
        answer = ask(address, "SELECT count(*) FROM geometry_columns")

    assert [path.name.split("-")[0] for path in left_over] == ["data.unfinished"]
    assert answer == (0,)
    assert [path.name for path in folder.glob("data*")] == ["data"]


def test_a_start_does_not_meet_the_initdb_that_a_killed_one_left_behind(folder: Path) -> None:
    with started_process(folder) as process:
        wait_until(lambda: any(folder.glob("data.unfinished-*/PG_VERSION")))
        process.kill()
        process.wait()

    with running(folder, durable=False) as address:
        answer = ask(address, "SELECT count(*) FROM geometry_columns")

    assert answer == (0,)


def test_a_cluster_whose_extensions_cannot_be_made_never_appears(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(install_copy_with_broken_postgis(folder / "usr")))
    place = folder / "cluster"

    with pytest.raises(EmbeddedPostGISFailed, match="could not be set up") as failure, running(place):
        pass

    assert str(place / "log") in failure.value.detail
    assert "ERROR" in (place / "log").read_text()
    assert "ERROR" in failure.value.context["stderr"]
    assert "ERROR" not in failure.value.detail
    assert list(place.glob("data*")) == []


def install_copy_with_broken_postgis(prefix: Path) -> Path:
    """Return the folder of copied programs, which look for the files of PostgreSQL beside them."""
    original = find_binaries()
    if not original.match("/usr/lib/postgresql/*/bin"):
        pytest.skip("knows only how Debian lays PostgreSQL out")
    major = original.parent.name
    binaries, share = prefix / "lib/postgresql" / major / "bin", prefix / "share/postgresql" / major
    shutil.copytree(original, binaries)
    (binaries.parent / "lib").symlink_to(original.parent / "lib")
    ignored = shutil.ignore_patterns("postgis*--*.sql")
    shutil.copytree(Path("/usr/share/postgresql", major), share, ignore=ignored)
    (binaries / "pg_config").write_text(f"#!/bin/sh\necho PostgreSQL 99.0\necho {share}\n")
    return binaries


def test_a_data_folder_that_is_no_cluster_is_refused_and_left_alone(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "thesis.txt").write_text("the only copy")
    shutil.chown(folder / "data", an_ordinary_account().pw_uid)

    with pytest.raises(EmbeddedPostGISFailed, match="choose another folder") as failure, running(folder):
        pass

    assert str(folder) in failure.value.detail
    assert (folder / "data" / "thesis.txt").read_text() == "the only copy"


def test_folders_of_any_name_and_length_will_do(folder: Path) -> None:
    place = folder / ("a deep folder " * 10) / """it's $HOME "quoted" `id` \\ $(id) ü%20"""

    with running(place, durable=False) as address:
        answer = ask(address, "SELECT 1")

    assert answer == (1,)
    assert (place / "data" / "PG_VERSION").exists()
    assert not sockets_of(place).exists()


# Who runs the server


@needs_root
@needs_proc
def test_root_has_the_server_run_by_postgres_or_nobody(made: Path) -> None:
    with running(made, durable=False):
        owner = Path(f"/proc/{postmaster(made)}").stat().st_uid

    assert pwd.getpwuid(owner).pw_name in {"postgres", "nobody"}


@needs_root
@needs_proc
def test_root_has_existing_data_served_by_their_owner(copied: Path) -> None:
    account = an_ordinary_account()
    subprocess.run(["chown", "-R", f"{account.pw_uid}:{account.pw_gid}", copied / "data"], check=True)

    with running(copied, durable=False):
        owner = Path(f"/proc/{postmaster(copied)}").stat()

    assert (owner.st_uid, owner.st_gid) == (account.pw_uid, account.pw_gid)


@needs_root
def test_data_that_belong_to_root_are_refused(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)

    with pytest.raises(EmbeddedPostGISFailed, match="belongs to root") as failure, running(folder):
        pass

    assert str(folder) in failure.value.detail


@needs_root
def test_a_folder_the_server_may_not_enter_is_named_and_nothing_is_made_in_it(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    place = folder / "cluster"

    with pytest.raises(EmbeddedPostGISFailed, match="choose another folder") as failure, running(place):
        pass

    assert str(place) in failure.value.detail
    assert not place.exists()


def test_an_ordinary_user_runs_the_server_itself(folder: Path) -> None:
    account = an_ordinary_account()
    folder.mkdir()
    shutil.chown(folder, account.pw_uid, account.pw_gid)
    options = program_for(account, folder)

    with started_process(folder / "cluster", **options) as process:
        address = address_of(process)
        answer = ask(address, "SELECT current_user::text, postgis_lib_version() > ''")
        owners = {path.stat().st_uid for path in (folder / "cluster").iterdir()}
    _, complaint = process.communicate()

    assert answer == ("zones_owner", True)
    assert owners == {account.pw_uid}
    assert (process.returncode, complaint) == (0, "")
    assert is_stopped(folder / "cluster")


@needs_root
def test_an_ordinary_user_is_told_which_folder_it_may_not_use(made: Path, folder: Path) -> None:
    options = program_for(an_ordinary_account(), folder)

    with started_process(made, **options) as of_another, started_process(folder / "new", **options) as new:
        complaints = [of_another.communicate()[1], new.communicate()[1]]

    assert f"{made}/data belongs to root or to another user" in complaints[0]
    assert f"The folder {folder}/new cannot hold a PostGIS cluster; choose one" in complaints[1]


def program_for(account: pwd.struct_passwd, folder: Path) -> dict[str, Any]:
    """Return how to run this package as `account`, which may enter neither the checkout nor its Python."""
    package = folder / "copy" / "zones_api"
    package.mkdir(parents=True)
    for name in ("__init__", "errors", "embedded"):
        shutil.copy(PROJECT / "zones_api" / f"{name}.py", package)
    options = identity(account) | {"cwd": package.parent, "env": {"PYTHONDONTWRITEBYTECODE": "1"}}
    for interpreter in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with suppress(OSError):
            check = [interpreter, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
            if subprocess.run(check, check=False, **options).returncode == 0:
                return options | {"interpreter": interpreter}
    pytest.skip("no Python 3.11 that an ordinary user may run")


# The socket folder


def test_the_socket_folder_is_short_and_private_and_goes_with_the_server(made: Path) -> None:
    with running(made, durable=False):
        mode = stat.S_IMODE(sockets_of(made).stat().st_mode)

    assert mode == 0o700
    assert len(str(sockets_of(made))) < 40
    assert not sockets_of(made).exists()


def test_a_symbolic_link_for_a_socket_folder_is_refused(made: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    sockets_of(made).symlink_to(folder)

    with pytest.raises(EmbeddedPostGISFailed) as failure, running(made):
        pass

    assert str(sockets_of(made)) in failure.value.detail
    assert sockets_of(made).is_symlink()
    assert list(folder.iterdir()) == []


@needs_root
def test_a_socket_folder_of_somebody_else_is_refused(made: Path) -> None:
    sockets_of(made).mkdir(mode=0o700)
    os.chown(sockets_of(made), 12345, 12345)

    with pytest.raises(EmbeddedPostGISFailed) as failure, running(made):
        pass

    assert str(sockets_of(made)) in failure.value.detail
    assert sockets_of(made).stat().st_uid == 12345


def test_a_socket_folder_that_others_may_enter_is_closed(made: Path) -> None:
    sockets_of(made).mkdir()
    sockets_of(made).chmod(0o777)

    with running(made, durable=False):
        mode = stat.S_IMODE(sockets_of(made).stat().st_mode)

    assert mode == 0o700


# Killed processes and what they leave behind


def test_a_killed_user_leaves_a_server_that_the_next_one_adopts(made: Path) -> None:
    with started_process(made) as process:
        address = address_of(process)
        process.kill()
        process.wait()
    before = postmaster(made)

    with running(made, durable=False) as joined:
        after = postmaster(made)
        answer = ask(joined, "SELECT 1")

    assert (joined, after, answer) == (address, before, (1,))
    assert is_stopped(made)


def test_a_killed_server_is_started_again_with_all_it_had_committed(made: Path) -> None:
    with running(made) as address:
        ask(address, "CREATE TABLE publication AS SELECT 7 AS revision")
        for _ in range(3):
            os.kill(postmaster(made), signal.SIGKILL)
            with running(made):
                answer = ask(address, "SELECT revision FROM publication")
            assert answer == (7,)

    assert is_stopped(made)


def test_leaving_a_server_that_was_killed_is_no_failure(made: Path) -> None:
    with running(made, durable=False):
        os.kill(postmaster(made), signal.SIGKILL)

    with running(made, durable=False) as address:
        answer = ask(address, "SELECT 1")

    assert answer == (1,)


@needs_proc
def test_a_killed_server_need_not_be_reaped_as_in_containers_without_an_init(made: Path) -> None:
    with started_process(made, script=LOSE_TWO_SERVERS) as process:
        said, complaint = process.communicate(timeout=60)

    assert (process.returncode, complaint) == (0, "")
    assert said.startswith("postgresql+psycopg://")


@needs_proc
@pytest.mark.parametrize("content", ["{number}\n{data}\n1790000000\n5432\n", "", "\0\0\0\0", "nonsense"])
def test_stale_files_of_a_dead_server_do_not_keep_it_from_starting(made: Path, content: str) -> None:
    owner = (made / "data").stat()
    sockets_of(made).mkdir(mode=0o700)
    socket = sockets_of(made) / ".s.PGSQL.5432"

    with run_as_owner(made, "sleep", "60") as has_its_number:
        for stale in (made / "data" / "postmaster.pid", socket, socket.with_name(".s.PGSQL.5432.lock")):
            stale.write_text(content.format(number=has_its_number.pid, data=made / "data"))
            os.chown(stale, owner.st_uid, owner.st_gid)
        with running(made, durable=False) as address:
            answer = ask(address, "SELECT 1")

    assert answer == (1,)


@needs_proc
def test_a_server_started_by_hand_is_neither_joined_nor_harmed(made: Path, folder: Path) -> None:
    owner = (made / "data").stat()
    folder.mkdir()
    os.chown(folder, owner.st_uid, owner.st_gid)
    postgres = find_binaries() / "postgres"

    with run_as_owner(
        made, postgres, "-D", made / "data", "-c", "listen_addresses=", "-k", folder
    ) as by_hand:
        wait_until(lambda: "ready" in pid_file_of(made))
        with pytest.raises(EmbeddedPostGISFailed, match="did not start") as failure, running(made):
            pass
        kept = pid_file_of(made)
        survivor = ask(f"postgresql+psycopg://zones_owner@/zones?host={folder}", "SELECT 1")
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait(timeout=60)

    assert survivor == (1,)
    assert kept.startswith(f"{by_hand.pid}\n")
    assert str(made / "log") in failure.value.detail


@contextmanager
def run_as_owner(folder: Path, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program as the owner of the data in `folder`; end it if it has not ended."""
    owner = (folder / "data").stat()
    account: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    options = account if os.geteuid() == 0 else {}
    with subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def pid_file_of(folder: Path) -> str:
    with suppress(FileNotFoundError):
        return (folder / "data" / "postmaster.pid").read_text()
    return ""


# Many users


@pytest.mark.parametrize("starters", [2, 5])
def test_starters_at_the_same_moment_get_the_same_address_and_all_work(folder: Path, starters: int) -> None:
    def use() -> tuple[str, Any]:
        with started_process(folder) as process:
            address = address_of(process)
            return address, ask(address, "SELECT count(*) FROM geometry_columns")

    with ThreadPoolExecutor(starters) as pool:
        answers = [future.result() for future in [pool.submit(use) for _ in range(starters)]]

    assert len({address for address, _ in answers}) == 1
    assert [answer for _, answer in answers] == [(0,)] * starters
    assert is_stopped(folder)


def test_the_server_stops_with_its_last_user_and_not_before(made: Path) -> None:
    with started_process(made) as first:
        address = address_of(first)
        with running(made, durable=False):
            first.communicate("", timeout=60)
            answer = ask(address, "SELECT 1")

    assert answer == (1,)
    assert is_stopped(made)


def test_a_killed_user_no_longer_counts(made: Path) -> None:
    with started_process(made) as starter, running(made, durable=False):
        address_of(starter)
        starter.kill()
        starter.wait()

    assert is_stopped(made)


@needs_proc
def test_the_server_holds_no_lock_but_its_own(made: Path) -> None:
    with running(made, durable=False):
        opened = [link.readlink().name for link in Path(f"/proc/{postmaster(made)}/fd").iterdir()]

    assert "server.lock" in opened
    assert {"users.lock", "start.lock"}.isdisjoint(opened)


def test_coming_and_going_at_the_same_time_never_meets_a_stopped_server(made: Path) -> None:
    def come_and_go() -> list[Any]:
        answers = []
        for _ in range(5):
            with running(made, durable=False) as address:
                answers.append(ask(address, "SELECT 1"))
        return answers

    with ThreadPoolExecutor(4) as pool:
        answers = [future.result() for future in [pool.submit(come_and_go) for _ in range(4)]]

    assert answers == [[(1,)] * 5] * 4
    assert is_stopped(made)


def test_a_durable_user_starts_an_abandoned_test_server_anew(made: Path) -> None:
    with started_process(made) as tests:
        address_of(tests)
        tests.kill()
        tests.wait()

    with running(made) as address:
        answer = ask(address, "SHOW fsync")

    assert answer == ("on",)


def test_a_durable_user_does_not_share_a_server_that_may_lose_data(made: Path) -> None:
    with running(made, durable=False) as address:
        with pytest.raises(EmbeddedPostGISFailed, match="may lose data"), running(made):
            pass
        still = ask(address, "SELECT 1")

    assert still == (1,)


# Ends of all kinds


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, OSError])
def test_the_server_stops_however_its_user_ends(made: Path, end: type[BaseException]) -> None:
    reason = end("enough")

    with pytest.raises(end) as raised, running(made, durable=False):
        raise reason

    assert raised.value is reason
    assert is_stopped(made)


def test_an_interrupted_start_leaves_no_server_behind(made: Path) -> None:
    with started_process(made) as process:
        wait_until(lambda: pid_file_of(made) != "")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)

    wait_until(lambda: is_stopped(made))
    assert process.returncode != 0


def test_a_server_that_cannot_start_fails_at_once_and_its_log_is_named(copied: Path) -> None:
    with (copied / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("\nno_such_setting = on\n")

    with pytest.raises(EmbeddedPostGISFailed, match="did not start") as failure, running(copied):
        pass

    assert str(copied / "log") in failure.value.detail
    assert "no_such_setting" in (copied / "log").read_text()
    assert "no_such_setting" not in failure.value.detail


def test_a_server_that_does_not_answer_is_given_up_at_the_time_limit(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "TIME_LIMIT_S", 0.5)

    with started_process(made) as process:
        address_of(process)
        os.kill(postmaster(made), signal.SIGSTOP)
        before = time.monotonic()
        with pytest.raises(EmbeddedPostGISFailed, match="in time") as failure, running(made, durable=False):
            pass
        took_s = time.monotonic() - before
        os.kill(postmaster(made), signal.SIGCONT)

    assert str(made / "log") in failure.value.detail
    assert took_s < 2


def test_waiting_for_another_start_ends_at_the_time_limit(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "TIME_LIMIT_S", 0.5)

    with (made / "start.lock").open() as another_start:
        fcntl.flock(another_start, fcntl.LOCK_EX)
        with pytest.raises(EmbeddedPostGISFailed, match="in time") as failure, running(made):
            pass

    assert str(made / "log") in failure.value.detail


def test_joining_takes_a_fraction_of_a_cold_start(folder: Path) -> None:
    joins_s = []

    before = time.monotonic()
    with running(folder):
        cold_s = time.monotonic() - before
        for _ in range(5):
            before = time.monotonic()
            with running(folder):
                joins_s.append(time.monotonic() - before)

    assert min(joins_s) < cold_s / 2


# What the machine has


@needs_proc
def test_the_environment_of_the_caller_changes_nothing(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGDATA", "PGOPTIONS", "PROJ_DATA", "A_SECRET"):
        monkeypatch.setenv(name, "nowhere")
    monkeypatch.setenv("PGPORT", "1")

    with running(made, durable=False) as address:
        monkeypatch.delenv("PGOPTIONS")
        answer = ask(address, "SELECT round(ST_X(ST_Transform('SRID=4326;POINT(5 52)'::geometry, 28992)))")
        inherited = Path(f"/proc/{postmaster(made)}/environ").read_text()

    assert answer == (128410,)
    assert "nowhere" not in inherited


def test_missing_programs_are_named_by_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(EmbeddedPostGISFailed) as failure:
        find_binaries(places=())

    assert "install the Debian packages postgresql and postgresql-postgis" in failure.value.detail


def test_missing_postgis_is_named_by_its_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    install(folder, 16, postgis=False)

    with pytest.raises(EmbeddedPostGISFailed) as failure:
        find_binaries(places=[f"{folder}/*/bin"])

    assert "install the Debian package postgresql-16-postgis-3" in failure.value.detail


def test_the_newest_version_that_has_postgis_is_taken(folder: Path) -> None:
    install(folder, 9, postgis=True)
    install(folder, 100, postgis=True)
    install(folder, 101, postgis=False)

    binaries = find_binaries(places=[f"{folder}/*/bin"])

    assert binaries == folder / "100" / "bin"


def test_the_version_that_made_the_data_is_preferred_to_a_newer_one(made: Path, folder: Path) -> None:
    install(folder, 98, postgis=True)
    places = [*embedded.PLACES, f"{folder}/*/bin"]

    binaries = find_binaries(made / "data", places)

    assert binaries == find_binaries()


def test_the_path_is_searched_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(folder, 98, postgis=True)
    monkeypatch.setenv("PATH", f"{folder}/98/bin")

    binaries = find_binaries(places=())

    assert binaries == folder / "98" / "bin"


def test_data_of_another_version_are_refused_and_left_alone(copied: Path) -> None:
    (copied / "data" / "PG_VERSION").write_text("12\n")
    before = times_of(copied / "data")

    with pytest.raises(EmbeddedPostGISFailed) as failure, running(copied):
        pass

    assert times_of(copied / "data") == before
    assert f"PostgreSQL 12 made {copied}/data" in failure.value.detail
    assert "install the Debian packages postgresql-12 and postgresql-12-postgis-3" in failure.value.detail


def times_of(folder: Path) -> list[tuple[Path, int]]:
    return sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))


def install(folder: Path, major: int, *, postgis: bool) -> None:
    """Lay out what an installation of PostgreSQL shows to somebody who looks for one."""
    binaries, extensions = folder / str(major) / "bin", folder / str(major) / "share" / "extension"
    binaries.mkdir(parents=True)
    extensions.mkdir(parents=True)
    for name in ("initdb", "pg_ctl", "pg_isready", "postgres", "psql"):
        (binaries / name).touch(mode=0o755)
    (binaries / "pg_config").write_text(f"#!/bin/sh\necho PostgreSQL {major}.1\necho {extensions.parent}\n")
    (binaries / "pg_config").chmod(0o755)
    if postgis:
        (extensions / "postgis.control").touch()
