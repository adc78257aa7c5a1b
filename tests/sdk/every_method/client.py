"""A client of one release in a process of its own, which lives as long as the tests of that release."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SDK = Path(__file__).parents[3] / ".sdk"
# The newest release leaves to extras what its own methods need.
ENVIRONMENTS = {"26.2.4": "26.2.4-all"}
CHILD = Path(__file__).parent / "child.py"
MOST_SECONDS = 60


@dataclass(frozen=True)
class Refusal:
    """The exception that a user of the client meets."""

    kind: str
    text: str


class ReleasedClient:
    """Calls methods of one release by their full names, `create_project` or `domain:projects.create`."""

    def __init__(self, release: str, endpoint: str, home: Path) -> None:
        self.release = release
        self.home = home
        self._endpoint = endpoint
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> ReleasedClient:
        """Start the process; its home is empty, so no schema of another server is found there."""
        python = SDK / ENVIRONMENTS.get(self.release, self.release) / "bin" / "python"
        if not python.exists():
            raise FileNotFoundError(f"kili {self.release} is not set up at {python}: run `make client-environments`")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KILI_", "PYTHON"))}
        with (self.home / "complaints").open("wb") as complaints:
            self._process = await asyncio.create_subprocess_exec(
                str(python),
                str(CHILD),
                cwd=self.home,
                env={
                    **kept,
                    "HOME": str(self.home),
                    "KILI_API_ENDPOINT": self._endpoint,
                    "NO_PROXY": "127.0.0.1",
                    "KILI_DISABLE_TQDM": "true",
                },
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=complaints,
                limit=64 * 1024 * 1024,
            )
        return self

    async def stop(self) -> None:
        """End the process."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def methods(self, key: str) -> dict[str, list[str]]:
        """Every public method with the names of its parameters, found by looking at the client."""
        found = await self._ask(methods=True, key=key)
        assert not isinstance(found, Refusal), found
        return dict(found)

    async def heard(self) -> Any:
        """What callbacks of this process were called with."""
        return await self._ask(heard=True)

    async def call(self, key: str, method: str, arguments: Mapping[str, Any], *, version: str = "v2") -> Any:
        """What a method answers at the endpoint of a version, or a `Refusal`."""
        return await self._ask(call=method, key=key, arguments=arguments, version=version)

    async def _ask(self, **order: Any) -> Any:
        if self._process is None or self._process.returncode is not None:
            await self.start()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        try:
            line = await asyncio.wait_for(process.stdout.readline(), MOST_SECONDS)
        except TimeoutError:
            await self.stop()  # the next call has a new process
            raise TimeoutError(
                f"{order.get('call')} did not answer within {MOST_SECONDS} s; {self.complaints()}"
            ) from None
        if not line:
            raise RuntimeError(f"{order.get('call')} ended the process; {self.complaints()}")
        found = json.loads(line)
        return found["answer"] if "answer" in found else Refusal(found["refused"], found["text"])

    def complaints(self) -> str:
        """The end of what the process wrote to standard error."""
        return (self.home / "complaints").read_text(errors="replace")[-3000:]
