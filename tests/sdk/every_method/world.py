"""What rows are called in: an organization of the release's own, filled and read by plain GraphQL."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

from tests.common.client import Client
from tests.common.server import ServerProcess
from tests.common.world import Organization, Project
from tests.sdk.every_method.client import ReleasedClient
from tests.sdk.every_method.outside import Outside
from tests.sdk.every_method.row import Names, Read, document

_numbers = itertools.count(1)


class World:
    """The organization, its client of one release, and a folder for files of both."""

    def __init__(
        self, organization: Organization, client: ReleasedClient, server: ServerProcess, outside: Outside
    ) -> None:
        self.organization = organization
        self.client = client
        self.server = server
        self.outside = outside
        self.kept: dict[str, Names] = {}

    @property
    def release(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.client.release.split("."))

    @property
    def admin(self) -> Client:
        return self.organization.admin.client

    @property
    def home(self) -> Path:
        return self.client.home

    def unique(self, name: str) -> str:
        """A name that nothing else in the run has."""
        return f"{name}-{next(_numbers)}"

    def folder(self) -> Path:
        """A new folder within the home of the client."""
        made = self.home / self.unique("folder")
        made.mkdir()
        return made

    async def send(self, text: str, variables: Names | None = None) -> Any:
        """The value of the only root field of a document."""
        answered = await self.admin.graphql(text, variables)
        assert "errors" not in answered, answered
        (value,) = answered["data"].values()
        return value

    async def read(self, read: str | Read, names: Names) -> Any:
        """What a separate read sees."""
        return await (self.send(document(read, names)) if isinstance(read, str) else read(self, names))

    async def project(self, *arguments: Any, **data: Any) -> Project:
        return await self.organization.project(*arguments, **data)

    async def until(self, read: str | Read, names: Names, expected: Any, *, seconds: float = 20) -> Any:
        """What is read when it is what is expected, or at the end of the patience."""
        found = await self.read(read, names)
        for _ in range(int(seconds * 10)):
            if found == expected:
                break
            await asyncio.sleep(0.1)
            found = await self.read(read, names)
        return found
