"""The embedded PostgreSQL, for installations without a server of their own. Starting it answers its URL."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from labelyard.domain.error import ClientError, Misconfigured, Unavailable
from labelyard.storage.cluster.account import account_for, name_of
from labelyard.storage.cluster.address import Address
from labelyard.storage.cluster.configuration import DATABASE, ROLE, SERVER_SETTINGS, SOCKET_NAME, write_configuration
from labelyard.storage.cluster.initialize import initialize, is_whole, working_directory
from labelyard.storage.cluster.log import bound_log, last_words, log_size, open_log
from labelyard.storage.cluster.membership import Membership
from labelyard.storage.cluster.processes import Postmaster, ask_to_stop, end_orphans, running_postmaster, stop
from labelyard.storage.cluster.programs import MAJOR_VERSION, Programs, programs_for, run_client

Report = Callable[[str], None]
REPORT_EVERY_SECONDS = 5.0
STOP_SECONDS = 15.0


class EmbeddedPostgres:
    """A PostgreSQL cluster under `directory`, on a socket only, started on demand and stopped with the last process.

    `user` is the account it runs as when this process is root; `report` hears why a start takes long.
    """

    def __init__(
        self,
        directory: Path,
        *,
        user: str | None = None,
        settings: Mapping[str, str] = SERVER_SETTINGS,
        report: Report = lambda _line: None,
    ) -> None:
        self.directory = Path(os.path.realpath(directory))
        self._user = user
        self._settings = settings
        self._report = report
        self._membership = Membership(self.directory)
        self._address = Address(self.directory)
        self._process: subprocess.Popen[bytes] | None = None
        self._programs: Programs | None = None
        self._given_up = False
        self._log_began = 0

    def start(self) -> str:
        """Start the cluster, or join the running one, and answer its URL. Blocks until it accepts connections."""
        with self._explained():
            self.directory.parent.mkdir(parents=True, exist_ok=True)
            with self._guarded():
                self._membership.join()
                atexit.register(self.leave)
                self._bring_up()
            return self._address.url()

    def is_running(self) -> bool:
        """Whether the cluster runs; it may be starting."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        return running_postmaster(self.directory) is not None

    def ensure_running(self) -> None:
        """Start the cluster again if it does not run, once for all processes that notice."""
        with self._explained(), self._guarded():
            if not self.is_running():
                self._bring_up()

    def bound_log(self) -> None:
        """Keep the log of PostgreSQL from growing without end."""
        with suppress(OSError), self._guarded():
            bound_log(self.directory)

    def give_up(self) -> None:
        """Make a start that still waits in another thread end with a refusal."""
        self._given_up = True

    def leave(self, *, wait: bool = True) -> None:
        """Use the cluster no longer; the last process to leave stops it. Without `wait` it is asked to stop, no more."""
        atexit.unregister(self.leave)
        self._given_up = True
        # Who starts or stops it at this moment uses it, too, and takes care of it.
        with suppress(OSError, ClientError), self._membership.guarded(_patience(2.0 if wait else 0.0)):
            if self._membership.leave():
                stop(self.directory, patience_seconds=STOP_SECONDS) if wait else ask_to_stop(self.directory)
        self._membership.leave()
        self._address.forget()

    def run_program(self, name: str, arguments: Sequence[str]) -> int:
        """Run a program, as `pg_dump`, that connects to the cluster without being told where it is. Answers its exit code."""
        return run_client(name, arguments, host=str(self._address.socket_directory()), role=ROLE, database=DATABASE)

    def _bring_up(self) -> None:
        """Make the cluster, take it over, start it: whatever is missing. Called while guarded."""
        programs = self._programs or programs_for(account_for(self.directory, self._user), self.directory.parent)
        self._programs = programs
        if not is_whole(self.directory):
            initialize(self.directory, programs, durable=self._settings.get("fsync") != "off")
        self._check_version()
        self._check_owner(programs)
        changed = write_configuration(self.directory, self._settings)
        running = running_postmaster(self.directory)
        if running is not None and not (self.directory / SOCKET_NAME).exists():
            stop(self.directory, patience_seconds=STOP_SECONDS)  # an older version put its socket elsewhere
            running = None
        if running is None:
            running = self._launch(programs)
        elif changed:
            os.kill(running.pid, signal.SIGHUP)
        self._await_ready(running)

    def _launch(self, programs: Programs) -> Postmaster:
        self._check_given_up()
        end_orphans(self.directory)
        lock = self._membership.lock_of_postgres()
        if lock is None:
            raise Unavailable(
                f"PostgreSQL in {self.directory} is used by processes that cannot be seen from here, as those of another container "
                "are; stop them first. Two of them would destroy the data."
            )
        # The process they name is gone, or is another one by now, which PostgreSQL would take for its own.
        for name in ("postmaster.pid", f"{SOCKET_NAME}.lock"):
            (self.directory / name).unlink(missing_ok=True)
        log = open_log(self.directory)
        try:
            self._log_began = log_size(self.directory)
            data = working_directory(self.directory, programs)
            self._process = programs.spawn("postgres", "-D", data, directory=self.directory, log=log, keep_open=lock)
        finally:
            os.close(log)
            os.close(lock)
        return Postmaster(self._process.pid, is_ready=False)

    def _await_ready(self, postmaster: Postmaster) -> None:
        """Wait as long as the process lives: recovery after a crash takes the time it takes."""
        started = reported = time.monotonic()
        while not postmaster.is_ready:
            time.sleep(0.01)
            running = running_postmaster(self.directory)
            if running is not None:
                postmaster = running
            elif self._process is None or self._process.poll() is not None:
                self._process = None
                reason = last_words(self.directory, self._log_began) or "it ended at once"
                raise Unavailable(
                    f"The embedded PostgreSQL in {self.directory} does not start: {reason} (its log is {self.directory / 'log'})"
                )
            self._check_given_up()
            now = time.monotonic()
            if now - reported >= REPORT_EVERY_SECONDS:
                reported = now
                self._report(
                    f"PostgreSQL is still starting after {now - started:.0f} s, as it does after a crash; waiting for it. "
                    f"It says: {last_words(self.directory, self._log_began)}"
                )

    def _check_version(self) -> None:
        version = (self.directory / "PG_VERSION").read_text().strip()
        if version != MAJOR_VERSION:
            raise Misconfigured(
                f"{self.directory} was made by PostgreSQL {version}, this labelyard has {MAJOR_VERSION}: restore a backup into a new "
                "data directory."
            )

    def _check_owner(self, programs: Programs) -> None:
        """Hold the cluster to the account that runs it: PostgreSQL takes no other owner's."""
        owner, account = self.directory.stat().st_uid, programs.account
        if account is None:
            if owner != os.geteuid():
                raise Misconfigured(
                    f"{self.directory} belongs to {name_of(owner) or owner}: start labelyard as that user, or as root, or give the "
                    "data directory to the user it runs as with `chown -R`."
                )
            return
        if owner != account.uid:
            if running_postmaster(self.directory) is not None:
                raise Misconfigured(
                    f"PostgreSQL in {self.directory} runs as {name_of(owner) or owner}; stop it before it gets another account."
                )
            for folder, folders, files in os.walk(self.directory):
                for name in (*folders, *files):
                    os.chown(Path(folder) / name, account.uid, account.gid, follow_symlinks=False)
            os.chown(self.directory, account.uid, account.gid)
        if self.directory.stat().st_mode & 0o077:
            self.directory.chmod(0o700)

    def _guarded(self) -> AbstractContextManager[None]:
        reported = 0.0

        def waiting(waited: float) -> None:
            nonlocal reported
            self._check_given_up()
            if waited - reported >= REPORT_EVERY_SECONDS:
                reported = waited
                self._report(f"Another process is starting or stopping PostgreSQL; waiting, {waited:.0f} s so far.")

        return self._membership.guarded(waiting)

    def _check_given_up(self) -> None:
        if self._given_up:
            raise Unavailable("Stopped while the embedded PostgreSQL was starting.")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise Misconfigured(
                f"The embedded PostgreSQL cannot use {error.filename or self.directory} ({error.strerror}); its directory belongs to "
                "the user it was made by."
            ) from error
        except (OSError, ValueError) as error:
            raise Unavailable(f"The embedded PostgreSQL cannot start in {self.directory}: {error}") from error


def _patience(seconds: float) -> Callable[[float], None]:
    def waiting(waited: float) -> None:
        if waited >= seconds:
            raise Unavailable("Another process is starting or stopping the embedded PostgreSQL.")

    return waiting
