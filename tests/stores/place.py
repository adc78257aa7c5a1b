"""A server and workers beside it, which tests kill and start again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.common.server import ServerProcess
from tests.common.world import Organization

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 240.0


class Unknown(Exception):
    """A request whose outcome nobody knows: the server was killed."""


@dataclass
class Place:
    """A server without jobs of its own, and two workers; `say` asks it whatever becomes of it."""

    server: ServerProcess
    organization: Organization
    environment: Mapping[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    is_over: bool = False

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker that runs jobs."""
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.common.brisk_worker"],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"labelyard runs jobs.\n"
        return worker

    async def say(self, document: str, variables: Mapping[str, Any], *, may_repeat: bool = True) -> Any:
        """The answer; `Unknown` where the server was killed before it came and the request may not be repeated."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            assert time.monotonic() < deadline, document
            try:
                response = await self.organization.admin.client.post(document, variables)
                said = response.json()
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
                continue
            except httpx.TransportError:
                if may_repeat:
                    continue
                raise Unknown from None
            if response.status_code in (429, 503):
                if said["error"]["code"] == "UNKNOWN_OUTCOME" and not may_repeat:
                    raise Unknown
                await asyncio.sleep(0.05)
                continue
            assert "errors" not in said, said
            return said["data"]["data"]
