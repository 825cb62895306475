"""A private PostGIS cluster made of the PostgreSQL this machine already has, run while it is used.

Everything lies in one folder: `data` (the cluster, complete from the moment it appears), `log` (what
the server says) and three files that only carry locks. `start.lock` is held while somebody starts
or stops the server. `users.lock` is shared by all who use it. `server.lock` is handed down to the
server's own processes, so it is free exactly when none of them is left, whatever a stale
`postmaster.pid` says. The kernel frees each of them when its holders die.
"""

import fcntl
import glob
import hashlib
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlencode

from zones_api.errors import EmbeddedPostGISFailed

# Starting may take this long, waiting for others included; stopping may take as long again.
TIME_LIMIT_S = 60.0
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)

_PROGRAMS = ("initdb", "pg_config", "pg_ctl", "pg_isready", "postgres", "psql")
_OWNER, _DATABASE, _PORT = "zones_owner", "zones", "5432"
_CREATE_ROLES = """
SELECT 'CREATE ROLE zones_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'zones_app')
\\gexec
SELECT 'CREATE ROLE zones_police_log' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'zones_police_log')
\\gexec
"""
"""The role of the service, which owns nothing and can change no fact, and the one that keeps the police's looks."""
# Nothing of the caller's environment: PG* variables redirect PostgreSQL, a PROJ_DATA meant for
# Python breaks PostGIS, and the server may outlive its starter and should not keep its secrets.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class _Cluster:
    folder: Path
    binaries: Path
    uid: int
    gid: int

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        # The path of a socket may have 108 bytes; that of the folder may have more.
        return Path("/tmp") / f"zones-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"


@contextmanager
def running(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Run or join the private PostGIS cluster of `folder`, yield its address; its last user stops it.

    The address is SQLAlchemy's, of the database `zones` as its owner, over a socket that only the
    server's user and root can reach. A user that is killed stops counting by itself; a server it
    leaves behind is adopted by the next. Takes 2 s at first, 0.2 s to start again, 20 ms to join.

    Args:
        folder: Where the cluster lies, or shall lie; made if absent.
        durable: False gives up safety in a crash for speed, in tests. True never joins a server
            that does so: it restarts it if nobody uses it.

    Raises:
        EmbeddedPostGISFailed: PostgreSQL or PostGIS is missing, the folder or its data cannot be
            used, or the server does not answer within `TIME_LIMIT_S`.
    """
    try:
        cluster = _cluster_in(folder.resolve())
        users = _join(cluster, durable=durable)
    except OSError as error:
        detail = f"The folder {folder} cannot hold a PostGIS cluster; choose one that this user may write to."
        raise EmbeddedPostGISFailed(detail, cause=str(error)) from error
    with users:
        try:
            # The port is named because the driver would otherwise obey the caller's PGPORT.
            query = urlencode({"host": cluster.sockets, "port": _PORT}, safe="/")
            yield f"postgresql+psycopg://{_OWNER}@/{_DATABASE}?{query}"
        finally:
            with _deciding(cluster):
                _stop_if_unused(cluster, users)


def find_binaries(data: Path | None = None, places: Iterable[str] = PLACES) -> Path:
    """Return the folder of the programs of the newest PostgreSQL that has PostGIS.

    Args:
        data: A cluster, which only the major version that made it can run; need not exist yet.
        places: Glob patterns of folders to look in, besides the PATH.

    Raises:
        EmbeddedPostGISFailed: There is none; the sentence names the Debian packages to install.
    """
    made_by = _major_of(data) if data else None
    usable: dict[int, Path] = {}
    without_postgis = 0
    for folder in _folders_with_programs(places):
        major, has_postgis = _ask_major_and_postgis(folder)
        if has_postgis:
            usable.setdefault(major, folder)
        else:
            without_postgis = max(without_postgis, major)
    if made_by in usable or (usable and made_by is None):
        return usable[made_by or max(usable)]
    detail = "PostgreSQL is not here; install the Debian packages postgresql and postgresql-postgis."
    if made_by is not None:
        packages = f"postgresql-{made_by} and postgresql-{made_by}-postgis-3"
        detail = f"PostgreSQL {made_by} made {data} and is not here; install the Debian packages {packages}."
    elif without_postgis:
        package = f"postgresql-{without_postgis}-postgis-3"
        detail = f"PostgreSQL is here, but without PostGIS; install the Debian package {package}."
    raise EmbeddedPostGISFailed(detail, usable=usable, without_postgis=without_postgis)


def _folders_with_programs(places: Iterable[str]) -> list[Path]:
    on_path = shutil.which("initdb")
    folders = [Path(match) for place in places for match in glob.glob(place)]
    folders += [Path(on_path).resolve().parent] if on_path else []
    return [folder for folder in folders if all((folder / name).exists() for name in _PROGRAMS)]


def _ask_major_and_postgis(binaries: Path) -> tuple[int, bool]:
    command = [str(binaries / "pg_config"), "--version", "--sharedir"]
    answer = subprocess.run(command, env=_ENVIRONMENT, cwd="/", capture_output=True, text=True, check=False)
    version, _, share = answer.stdout.partition("\n")
    number = re.search(r"\d+", version)
    return int(number[0]) if number else 0, Path(share.strip(), "extension/postgis.control").exists()


def _major_of(data: Path) -> int | None:
    if not data.exists():
        return None
    try:
        return int((data / "PG_VERSION").read_text().split(".")[0])
    except (FileNotFoundError, NotADirectoryError, ValueError):
        # Our data appear complete or not at all, so these are somebody else's.
        raise EmbeddedPostGISFailed(f"{data} is not a PostgreSQL cluster; choose another folder.") from None


def _cluster_in(folder: Path) -> _Cluster:
    uid, gid = _server_account(folder / "data")
    _require_enterable(folder, uid, gid)
    cluster = _Cluster(folder, find_binaries(folder / "data"), uid, gid)
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    return cluster


def _server_account(data: Path) -> tuple[int, int]:
    """Return the user and the group the server runs as, never root."""
    owner = data.stat() if data.exists() else None
    if owner and (owner.st_uid == 0 or os.geteuid() not in (0, owner.st_uid)):
        detail = f"{data} belongs to root or to another user; give it to this user or choose another folder."
        raise EmbeddedPostGISFailed(detail, owner=owner.st_uid)
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if owner:
        return owner.st_uid, owner.st_gid
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            return account.pw_uid, account.pw_gid
    raise EmbeddedPostGISFailed("PostgreSQL refuses to run as root; create a user named postgres for it.")


def _require_enterable(folder: Path, uid: int, gid: int) -> None:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    command = ["test", "-x", str(nearest)]
    if subprocess.run(command, env=_ENVIRONMENT, cwd="/", check=False, **_as_user(uid, gid)).returncode:
        detail = f"PostgreSQL's user may not enter the folder {folder}; choose another folder."
        raise EmbeddedPostGISFailed(detail, uid=uid, nearest=str(nearest))


def _as_user(uid: int, gid: int) -> dict[str, Any]:
    return {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _join(cluster: _Cluster, *, durable: bool) -> TextIO:
    """Return an open file whose shared lock counts the caller among the users of a ready server."""
    with ExitStack() as undo:
        users = undo.enter_context(_open(cluster, "users.lock"))
        with _deciding(cluster) as deadline:
            _claim_socket_folder(cluster)
            try:
                _make_ready(cluster, users, deadline, durable=durable)
            except BaseException:
                _stop_if_unused(cluster, users)
                raise
        undo.pop_all()
    return users


@contextmanager
def _deciding(cluster: _Cluster) -> Iterator[float]:
    """Yield a deadline, while nobody else starts or stops the server."""
    deadline = time.monotonic() + TIME_LIMIT_S
    with _open(cluster, "start.lock") as lock:
        while not _lock_alone(lock):
            _wait(cluster, deadline)
        try:
            yield deadline
        finally:
            # Closing would not do: a process forked meanwhile holds the same lock.
            fcntl.flock(lock, fcntl.LOCK_UN)


def _make_ready(cluster: _Cluster, users: TextIO, deadline: float, *, durable: bool) -> None:
    for left_over in cluster.folder.glob("data.unfinished-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    if not cluster.data.exists():
        _create(cluster, deadline, durable=durable)
    _start_and_await(cluster, deadline, durable=durable)
    if durable and "fsync=off" in (cluster.data / "postmaster.opts").read_text():
        if not _lock_alone(users):
            detail = f"The server in {cluster.folder} runs tests and may lose data; choose another folder."
            raise EmbeddedPostGISFailed(detail)
        _stop(cluster)
        _start_and_await(cluster, deadline, durable=durable)
    fcntl.flock(users, fcntl.LOCK_SH)


def _start_and_await(cluster: _Cluster, deadline: float, *, durable: bool) -> None:
    # Not `pg_ctl status`, which takes a killed server for a running one until its parent reaps it.
    is_ready = ("pg_isready", "-q", "-t", "2", "-h", str(cluster.sockets), "-p", _PORT)
    started = False
    while _run(cluster, is_ready, deadline).returncode != 0:
        _start_unless_alive(cluster, deadline, durable=durable)
        started = True
        _wait(cluster, deadline)
    if started:
        # Each time, because a cluster may have been made before there was this role.
        psql = (
            "psql",
            "-X",
            "-q",
            "-h",
            str(cluster.sockets),
            "-p",
            _PORT,
            "-U",
            "postgres",
            "-d",
            _DATABASE,
        )
        finished = _run(cluster, (*psql, "-v", "ON_ERROR_STOP=1"), deadline, _CREATE_ROLES)
        if finished.returncode:
            raise _failure(cluster, "could not be given its role", finished.stderr)


def _claim_socket_folder(cluster: _Cluster) -> None:
    """Make sure that only the server's user and root can reach what lies in the socket folder."""
    sockets = cluster.sockets
    with suppress(FileExistsError):
        sockets.mkdir(mode=0o700)
    found = sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), cluster.uid):
        raise EmbeddedPostGISFailed(f"{sockets} is somebody else's; remove it or choose another folder.")
    # Nobody else can swap it from here on: in /tmp only its owner may rename or remove it.
    os.chown(sockets, cluster.uid, cluster.gid)
    sockets.chmod(0o700)


def _create(cluster: _Cluster, deadline: float, *, durable: bool) -> None:
    """Make a complete cluster under another name, then rename it: `data` is never half-made."""
    # Never the same name twice: the initdb of a killed starter may still be writing.
    unfinished = cluster.folder / f"data.unfinished-{secrets.token_hex(4)}"
    unfinished.mkdir(mode=0o700)
    os.chown(unfinished, cluster.uid, cluster.gid)
    initdb = ("initdb", "-D", unfinished.name)
    trust = ("-U", "postgres", "--auth-local=trust", "--auth-host=reject")
    form = ("--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-sync", "--no-instructions")
    alone = ("postgres", "--single", "-F", "-D", unfinished.name)
    steps: list[tuple[tuple[str, ...], str]] = [
        ((*initdb, *trust, *form), ""),
        ((*alone, "postgres"), f"CREATE ROLE {_OWNER} LOGIN\nCREATE DATABASE {_DATABASE} OWNER {_OWNER}\n"),
        ((*alone, _DATABASE), "CREATE EXTENSION postgis\nCREATE EXTENSION btree_gist\n"),
    ]
    if durable:
        steps.append(((*initdb, "--sync-only"), ""))
    try:
        for command, statements in steps:
            finished = _run(cluster, command, deadline, statements)
            # After a failed statement a server run alone goes on, and ends with 0.
            if finished.returncode or "ERROR:" in finished.stderr:
                raise _failure(cluster, "could not be set up", finished.stderr)
        unfinished.rename(cluster.data)
        _sync_names(cluster.folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _sync_names(folder: Path) -> None:
    """Make a rename survive a power cut: under its old name the cluster would be cleaned away."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _start_unless_alive(cluster: _Cluster, deadline: float, *, durable: bool) -> None:
    # The log is opened here because the server's user may not make files in the folder.
    with _open(cluster, "server.lock") as server, _open(cluster, "log"):
        if not _lock_alone(server):
            return  # It starts, recovers or shuts down.
        _remove_traces_of_dead_server(cluster)
        unsafe = () if durable else ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        settings = " ".join(f"-c {setting}" for setting in ("listen_addresses=", *unsafe))
        options = f"-k {cluster.sockets} -p {_PORT} {settings}"
        # Names relative to the folder, because pg_ctl hands them to a shell.
        command = ("pg_ctl", "start", "-s", "-w", "-t", "3600", "-D", "data", "-l", "log", "-o", options)
        finished = _run(cluster, command, deadline, pass_fds=(server.fileno(),))
        if finished.returncode:
            raise _failure(cluster, "did not start", finished.stderr)


def _remove_traces_of_dead_server(cluster: _Cluster) -> None:
    """Remove files that keep a server from starting when another process has its number by now."""
    pid_file = cluster.data / "postmaster.pid"
    if sys.platform == "linux" and pid_file.exists():
        number = "".join(pid_file.read_text(errors="replace").split()[:1])
        with suppress(OSError, ValueError):
            if Path(f"/proc/{number}/cwd").readlink() == cluster.data:
                return  # Somebody started a server by hand.
        pid_file.unlink()
    for left_over in cluster.sockets.iterdir():
        left_over.unlink()


def _stop_if_unused(cluster: _Cluster, users: TextIO) -> None:
    if _lock_alone(users):
        _stop(cluster)
        with suppress(OSError):
            cluster.sockets.rmdir()
    fcntl.flock(users, fcntl.LOCK_UN)


def _stop(cluster: _Cluster) -> None:
    deadline = time.monotonic() + TIME_LIMIT_S
    while _server_lives(cluster):
        # It waits for one second only: the file it watches stays if the server was killed.
        _run(cluster, ("pg_ctl", "stop", "-s", "-w", "-t", "1", "-m", "fast", "-D", "data"), deadline)
        _wait(cluster, deadline)


def _server_lives(cluster: _Cluster) -> bool:
    with _open(cluster, "server.lock") as server:
        return not _lock_alone(server)


def _open(cluster: _Cluster, name: str) -> TextIO:
    """Open a file of the server's user; programs started meanwhile do not inherit it."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(cluster.folder / name, flags, 0o600)
    os.fchown(descriptor, cluster.uid, cluster.gid)
    return os.fdopen(descriptor, "a", encoding="utf-8")


def _lock_alone(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(cluster: _Cluster, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise _failure(cluster, "did not answer in time")
    time.sleep(0.02)


def _run(
    cluster: _Cluster,
    command: Sequence[str],
    deadline: float,
    statements: str = "",
    pass_fds: tuple[int, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL inside the folder, as the server's user."""
    try:
        return subprocess.run(
            [str(cluster.binaries / command[0]), *command[1:]],
            input=statements,
            timeout=max(deadline - time.monotonic(), 0.1),
            pass_fds=pass_fds,
            cwd=cluster.folder,
            env=_ENVIRONMENT,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            **_as_user(cluster.uid, cluster.gid),
        )
    except subprocess.TimeoutExpired:
        raise _failure(cluster, "did not answer in time") from None


def _failure(cluster: _Cluster, what: str, said: str = "") -> EmbeddedPostGISFailed:
    with _open(cluster, "log") as log:
        log.write(said)
    detail = f"PostgreSQL {what} in {cluster.folder}; its log {cluster.folder / 'log'} says why."
    return EmbeddedPostGISFailed(detail, stderr=said)
