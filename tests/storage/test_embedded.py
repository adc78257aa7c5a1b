"""The embedded PostgreSQL as one process sees it: where it can lie, who can reach it, what it survives."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from labelyard.domain.error import Misconfigured, Unavailable
from labelyard.storage.cluster import embedded as module
from labelyard.storage.cluster.embedded import EmbeddedPostgres
from labelyard.storage.cluster.log import bound_log
from labelyard.storage.cluster.processes import running_postmaster
from labelyard.storage.cluster.programs import INSTALLATION, LIBRARIES, Programs, packages_of_the_wheel

ROOT = Path(__file__).parents[2]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")
DAEMON = 1  # an account of every system, which is neither root nor nobody
QUICK = {"fsync": "off", "shared_buffers": "16MB"}
START = """
import asyncio, sys
from pathlib import Path
import asyncpg
from labelyard.storage.cluster.embedded import EmbeddedPostgres

async def version(url):
    connection = await asyncpg.connect(url)
    print(await connection.fetchval("show server_version_num"))
    await connection.close()

asyncio.run(version(EmbeddedPostgres(Path(sys.argv[1]), settings={"fsync": "off"}).start()))
"""


@pytest.fixture
def private() -> Iterator[Path]:
    """A directory that only its owner enters, as a clone below /root is."""
    with tempfile.TemporaryDirectory(prefix="labelyard-embedded-") as name:
        yield Path(name)


@pytest.fixture
def started(private: Path) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(private / "data" / "postgres", settings=QUICK)
    postgres.start()
    yield postgres
    postgres.leave()


def ask(url: str, statement: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


async def asked(url: str, statement: str) -> object:
    return await asyncio.to_thread(ask, url, statement)


def run_start(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, str(directory)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def modes(*paths: Path) -> dict[str, tuple[int, int, int]]:
    """Mode and owners of paths and of all directories above them."""
    slots = {place for path in paths for place in (path, *path.parents)}
    return {str(place): (found := place.stat()) and (found.st_mode, found.st_uid, found.st_gid) for place in slots}


NAMES = {
    "plain": "data",
    "space": "my data",
    "quotes": 'it\'s "my" data',
    "comma": "a,b",
    "alphabet": "données-数据",
    "percent": "50%41?host=x#",
    "long": "x" * 120,
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_it_lies_anywhere_and_opens_nothing(private, name, monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    temporary = private / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    directory = private / name / "postgres"
    directory.parent.mkdir(mode=0o700)
    wheel = packages_of_the_wheel()
    outside = [directory.parent, *(wheel / INSTALLATION).rglob("*"), *(wheel / LIBRARIES).rglob("*")]
    accounts = Path("/etc/passwd").read_bytes()
    before = modes(*outside)

    postgres = EmbeddedPostgres(directory, settings=QUICK)
    url = postgres.start()
    try:
        assert ask(url, "select current_user") == "postgres"
        assert modes(*outside) == before
        assert Path("/etc/passwd").read_bytes() == accounts
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert "trust" not in (directory / "pg_hba.conf").read_text()
        for made in temporary.iterdir():
            assert (stat.S_IMODE(made.stat().st_mode), made.stat().st_uid) == (0o700, os.geteuid()), made
        host = url.partition("host=")[2].partition("&")[0]
        assert len(f"{host}/.s.PGSQL.5432".encode()) <= 107
    finally:
        postgres.leave()

    assert running_postmaster(directory) is None
    assert modes(*outside) == before
    assert list(temporary.iterdir()) == []


@AS_ROOT
def test_root_drops_to_an_account_without_privileges(started):
    found = running_postmaster(started.directory)
    assert found is not None
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{found.pid}/status").read_text().splitlines() if ":\t" in line
    )

    assert "0" not in {*status["Uid"].split(), *status["Gid"].split(), *status["Groups"].split()}
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert "LABELYARD" not in Path(f"/proc/{found.pid}/environ").read_text()


CONNECT = """
import asyncio, os, sys
import asyncpg, asyncpg.exceptions, encodings.idna

os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
try:
    asyncio.run(asyncpg.connect(sys.argv[1]))
except Exception as error:
    print(type(error).__name__)
else:
    print("connected")
"""


def connects_as(uid: int, url: str) -> str:
    done = subprocess.run([sys.executable, "-c", CONNECT, url, str(uid)], capture_output=True, text=True, timeout=30)
    return done.stdout.strip() or done.stderr


@AS_ROOT
def test_another_user_of_the_machine_gets_nothing(private, started):
    """Not through the directory, and not by the system's word for who they are where somebody has opened it."""
    url = started.start()
    assert connects_as(0, url) == "connected"
    for place in (private, private / "data"):
        place.chmod(0o755)

    assert connects_as(DAEMON, url) == "PermissionError"

    started.directory.chmod(0o755)
    (started.directory / ".s.PGSQL.5432").chmod(0o777)
    assert connects_as(DAEMON, url) == "InvalidAuthorizationSpecificationError"


@AS_ROOT
def test_a_cluster_of_somebody_stays_theirs(private):
    (private / "data").mkdir()
    os.chown(private / "data", DAEMON, DAEMON)

    postgres = EmbeddedPostgres(private / "data" / "postgres", settings=QUICK)
    postgres.start()
    postgres.leave()

    assert {path.stat().st_uid for path in (private / "data").rglob("*")} == {DAEMON}


@AS_ROOT
@pytest.mark.parametrize("name", ["no-such-account", "root"])
def test_an_account_that_cannot_be_is_refused(private, name):
    with pytest.raises(Misconfigured, match=f"LABELYARD_POSTGRES_USER.*{name}|{name}.*LABELYARD_POSTGRES_USER"):
        EmbeddedPostgres(private / "postgres", user=name).start()

    assert not (private / "postgres").exists()


@AS_ROOT
@pytest.mark.parametrize("data_is", ["open", "closed"])
def test_programs_that_its_account_cannot_run_are_copied(private, data_is):
    """An environment below a closed directory, made with the umask 077: the data directory is closed as well, or is not."""
    wheel, closed = packages_of_the_wheel(), private / "environment"
    shutil.copytree(wheel / INSTALLATION, closed / INSTALLATION)
    shutil.copytree(wheel / LIBRARIES, closed / LIBRARIES)
    (closed / INSTALLATION.parts[0] / "__init__.py").touch()
    for folder, folders, files in os.walk(closed):
        for name in (*folders, *files):
            path = Path(folder, name)
            path.chmod(path.stat().st_mode & 0o700)
    with tempfile.TemporaryDirectory(prefix="labelyard-embedded-") as name:
        data = Path(name)
        if data_is == "open":
            data.chmod(0o755)
        before = modes(*closed.rglob("*"), data)

        done = run_start(data / "postgres", PYTHONPATH=f"{closed}:{ROOT}")

        assert (done.returncode, done.stderr) == (0, "")
        assert int(done.stdout) >= 180000
        assert modes(*closed.rglob("*"), data) == before
        assert (data / "postgres-programs").is_dir()
        assert os.listdir("/mnt") == [] or not (Path("/mnt") / INSTALLATION).exists()


@AS_ROOT
def test_a_user_without_privileges_needs_nothing(private):
    script = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    loaded = (
        "import encodings.idna, asyncpg.protocol, ssl, getpass, importlib.util, storage.cluster.embedded, pwd, locale\n"
    )
    private.chmod(0o711)
    (private / "data").mkdir()
    os.chown(private / "data", 65534, 65534)

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            loaded + START.replace("asyncio.run(", f"{script}asyncio.run("),
            str(private / "data" / "postgres"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 180000
    assert {path.stat().st_uid for path in (private / "data").rglob("*")} == {65534}


def test_a_cluster_that_trusts_everybody_is_taken_over(private):
    """As versions before made them: `trust`, a list of processes in a file, which may be damaged, settings of ours."""
    directory = private / "postgres"
    postgres = EmbeddedPostgres(directory, settings=QUICK)
    ask(postgres.start(), "create table kept (id int)")
    postgres.leave()
    (directory / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 trust\n")
    (directory / "pg_ident.conf").write_text("")
    (directory / ".handle_pids.json").write_text("[1, ")
    (directory / "postgresql.auto.conf").write_text("# written by labelyard\nshared_buffers = '16MB'\n")
    if os.geteuid() == 0:
        for path in (directory, *directory.rglob("*")):
            os.chown(path, DAEMON, 0)

    postgres = EmbeddedPostgres(directory, settings=QUICK)
    url = postgres.start()
    try:
        assert ask(url, "select count(*) from kept") == 0
        assert ask(url, "select string_agg(auth_method, ',') from pg_hba_file_rules") == "peer"
        if os.geteuid() == 0:
            assert directory.stat().st_uid == DAEMON
    finally:
        postgres.leave()


def test_one_that_runs_and_trusts_everybody_is_told_to_stop_doing_so(started):
    (started.directory / "pg_hba.conf").write_text("local all all trust\n")
    found = running_postmaster(started.directory)
    assert found is not None

    other = EmbeddedPostgres(started.directory, settings=QUICK)
    url = other.start()

    assert running_postmaster(started.directory).pid == found.pid  # type: ignore[union-attr]
    assert ask(url, "select string_agg(auth_method, ',') from pg_hba_file_rules") == "peer"
    other.leave()
    assert ask(url, "select 1") == 1  # the first one is still there


@pytest.mark.parametrize("killed", ["while it made files", "before, by an older version"])
def test_a_first_start_that_was_killed_is_begun_anew(private, killed):
    directory = private / "postgres"
    if killed == "while it made files":
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(directory)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        while process.poll() is None and not list(private.glob("postgres.initdb-*/base")):
            time.sleep(0.002)
        process.kill()
        process.wait()
        assert not directory.exists()
    else:
        for part in ("base/1", "base/4", "global", "pg_wal"):
            (directory / part).mkdir(parents=True)
        (directory / "PG_VERSION").write_text("18\n")
        (directory / "global" / "pg_control").write_bytes(bytes(8192))

    for _ in range(2):
        done = run_start(directory)
        assert (done.returncode, done.stderr) == (0, "")

    assert not list(private.glob("postgres.initdb-*"))
    assert len(list(private.glob("postgres.unfinished-*"))) == (killed != "while it made files")


def test_files_that_name_somebody_elses_process_prevent_no_start(private):
    directory = private / "postgres"
    assert run_start(directory).returncode == 0
    owner = directory.stat()
    sleeper = subprocess.Popen(["sleep", "60"], **({"user": owner.st_uid} if os.geteuid() == 0 else {}))
    try:
        named = f"{sleeper.pid}\n{directory}\n1700000000\n5432\n.\n\n1 1\nready\n"
        (directory / "postmaster.pid").write_text(named)
        (directory / ".s.PGSQL.5432.lock").write_text(named)
        (directory / ".s.PGSQL.5432").touch()
        done = run_start(directory)
        assert (done.returncode, done.stderr) == (0, "")
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.parametrize("what", ["the postmaster", "the postmaster beside a backend that hangs", "everything"])
def test_it_is_started_again_after_a_kill(started, what):
    url = started.start()
    ask(url, "create table kept as select 1 as id")
    found = running_postmaster(started.directory)
    assert found is not None
    children = [int(pid) for pid in Path(f"/proc/{found.pid}/task/{found.pid}/children").read_text().split()]
    if "hangs" in what:
        os.kill(children[0], signal.SIGSTOP)
    for pid in [found.pid, *(children if what == "everything" else [])]:
        os.kill(pid, signal.SIGKILL)
    began = time.monotonic()

    while started.is_running():
        assert time.monotonic() - began < 60
    started.ensure_running()

    assert time.monotonic() - began < 60
    assert ask(url, "select count(*) from kept") == 1


def test_processes_that_cannot_be_seen_are_not_started_beside(started, monkeypatch):
    """Two PostgreSQL on one directory destroy it; those of another container have ids that mean nothing here."""
    monkeypatch.setattr(module, "running_postmaster", lambda _directory: None)
    monkeypatch.setattr(module, "end_orphans", lambda _directory: None)
    pid_file = (started.directory / "postmaster.pid").read_text()

    with pytest.raises(Unavailable, match="another container"):
        started.ensure_running()

    assert (started.directory / "postmaster.pid").read_text() == pid_file


def test_a_recovery_that_takes_long_is_waited_for(private, monkeypatch):
    """PostgreSQL is held for a while, as a long log would."""
    monkeypatch.setattr(module, "REPORT_EVERY_SECONDS", 0.4)
    directory, said = private / "postgres", []
    first = EmbeddedPostgres(directory, settings=QUICK)
    first.start()
    found = running_postmaster(directory)
    assert found is not None
    os.kill(found.pid, signal.SIGKILL)
    first.leave()

    spawn = Programs.spawn

    def spawn_and_hold(self: Programs, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        process = spawn(self, *arguments, **options)  # type: ignore[arg-type]
        process.send_signal(signal.SIGSTOP)
        threading.Timer(1.5, process.send_signal, [signal.SIGCONT]).start()
        return process

    monkeypatch.setattr(Programs, "spawn", spawn_and_hold)
    postgres = EmbeddedPostgres(directory, settings=QUICK, report=said.append)
    url = postgres.start()
    try:
        assert ask(url, "select 1") == 1
        assert len(said) >= 2
        assert all("PostgreSQL is still starting" in line for line in said)
    finally:
        postgres.leave()


def test_why_it_does_not_start_is_said_in_one_line(private):
    directory = private / "postgres"
    assert run_start(directory).returncode == 0

    with pytest.raises(Unavailable) as refused:
        EmbeddedPostgres(directory, settings={"shared_buffers": "1TB", "huge_pages": "on"}).start()

    assert str(directory) in refused.value.message
    assert "FATAL" in refused.value.message
    assert "\n" not in refused.value.message
    assert run_start(directory).returncode == 0


def test_its_log_does_not_grow_without_end(started):
    log = started.directory / "log"
    url = started.start()
    ask(url, "select 1")
    with log.open("ab") as file:
        file.write(b"x" * 5000 + b"\n")

    assert bound_log(started.directory, most_bytes=4096)

    assert log.stat().st_size == 0
    assert (started.directory / "log.1").stat().st_size == 4096
    with pytest.raises(asyncpg.DivisionByZeroError):
        ask(url, "select 1 / 0")
    text = log.read_bytes()
    assert b"division by zero" in text
    assert b"\0" not in text
    assert not bound_log(started.directory, most_bytes=4096)


def test_a_language_of_the_environment_that_is_not_there_prevents_no_start(private):
    done = run_start(private / "postgres", LC_ALL="xx_YY.UTF-8", LANG="xx_YY.UTF-8")

    assert (done.returncode, done.stderr) == (0, "")
