"""The modules of the page: their types hold, and what is pure of the browser is tested by itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


def deno(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("deno")
    if not program.exists() and not shutil.which("deno"):
        pytest.skip("deno is not installed on this platform")
    return subprocess.run(
        [str(program), *arguments],
        cwd=ROOT,
        env={"PATH": "", "HOME": "/tmp", "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_types_of_the_domain_and_of_the_transport_hold() -> None:
    modules = sorted(
        str(path) for folder in ("domain", "api") for path in (ROOT / "server/page/static" / folder).glob("*.js")
    )
    checked = deno("check", "--config", str(HERE / "types/deno.json"), *modules)
    assert checked.returncode == 0, checked.stderr


def test_the_modules_hold_nothing_that_is_not_used() -> None:
    static = ROOT / "server/page/static"
    modules = sorted(str(path) for path in static.rglob("*.js") if path.parent != static / "vendor")
    linted = deno("lint", "--rules-tags=", "--rules-include=no-unused-vars", *modules)
    assert linted.returncode == 0, linted.stderr


def test_the_domain_of_the_page() -> None:
    run = deno("test", "--config", str(HERE / "deno.json"), "--no-check", "--allow-read", str(HERE / "domain"))
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
