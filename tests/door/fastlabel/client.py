"""A released client in a process of its own, and the person who uses it."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).parent / "child.py"
RELEASES = ("0.26.0", "0.14.13")
MOST_SECONDS = 60


@dataclass(frozen=True)
class Refusal:
    """The exception that a user of the client meets."""

    kind: str
    text: str
    code: int | None


class RefusedError(AssertionError):
    """A call that was to succeed."""


@dataclass
class ReleasedClient:
    """Calls methods of one release by name; `called` are those that succeeded or were refused as they should."""

    release: str
    url: str
    home: Path
    key: str
    called: set[str] = field(default_factory=set)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> asyncio.subprocess.Process:
        """Start the process, in a folder of its own."""
        python = ROOT / ".sdk" / f"fastlabel-{self.release}" / "bin" / "python"
        if not python.exists():
            raise FileNotFoundError(f"fastlabel {self.release} is not set up at {python}: run `make door-environments`")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FASTLABEL_", "PYTHON"))}
        with (self.home / "complaints").open("wb") as complaints:
            self.process = await asyncio.create_subprocess_exec(
                str(python),
                str(CHILD),
                cwd=self.home,
                env={
                    **kept,
                    "HOME": str(self.home),
                    "FASTLABEL_API_URL": f"{self.url}/fastlabel/v1/",
                    "FASTLABEL_ACCESS_TOKEN": self.key,
                    "NO_PROXY": "127.0.0.1",
                },
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=complaints,
                limit=64 << 20,
            )
        return self.process

    async def stop(self) -> None:
        """End the process."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def methods(self) -> set[str]:
        """Every public method, found by looking at the client."""
        return set(await self._ask(self.key, methods=True))

    async def call(self, method: str, /, *, key: str | None = None, **arguments: Any) -> Any:
        """What a method answers."""
        answered = await self._ask(key or self.key, call=method, arguments=arguments)
        if isinstance(answered, Refusal):
            raise RefusedError(f"{method}: {answered.kind}: {answered.text}")
        self.called.add(method)
        return answered

    async def refused(self, method: str, /, *, key: str | None = None, **arguments: Any) -> Refusal:
        """The refusal of a call, which the client turns into its own exception."""
        answered = await self._ask(key or self.key, call=method, arguments=arguments)
        assert isinstance(answered, Refusal), f"{method} answered {answered!r}"
        self.called.add(method)
        return answered

    async def _ask(self, key: str, **order: Any) -> Any:
        process = self.process if self.process is not None else await self.start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"key": key, **order}).encode() + b"\n")
        line = await asyncio.wait_for(process.stdout.readline(), MOST_SECONDS)
        if not line:
            raise RuntimeError(
                f"{order.get('call')} ended the process: {(self.home / 'complaints').read_text()[-3000:]}"
            )
        found = json.loads(line)
        return found["answer"] if "answer" in found else Refusal(found["refused"], found["text"], found["code"])
