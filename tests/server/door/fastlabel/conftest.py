"""The FastLabel door, opened on the application of the tests, and what is asked of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.common.world import Organization, Person
from tests.file_samples import png


@dataclass
class Answered:
    """A refusal: its status and what it says."""

    status: int
    message: str


@dataclass
class FastLabel:
    """One person at the door."""

    http: httpx.AsyncClient
    person: Person
    organization: Organization
    numbers: list[int] = field(default_factory=lambda: [0])

    async def send(
        self, verb: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        return await self.http.request(
            verb,
            f"/fastlabel/v1/{path}",
            json=body,
            params=query or None,
            headers={"Authorization": f"Bearer {self.person.key.removeprefix('X-API-Key: ')}"},
        )

    async def ask(self, verb: str, path: str, body: Any = None, **query: Any) -> Any:
        """What is answered to a request that succeeds."""
        answer = await self.send(verb, path, body, query)
        assert answer.status_code in (200, 204), (verb, path, answer.status_code, answer.text)
        return answer.json() if answer.status_code == 200 else None

    async def get(self, path: str, **query: Any) -> Any:
        return await self.ask("GET", path, **query)

    async def post(self, path: str, **body: Any) -> Any:
        return await self.ask("POST", path, body)

    async def put(self, path: str, **body: Any) -> Any:
        return await self.ask("PUT", path, body)

    async def delete(self, path: str) -> Any:
        return await self.ask("DELETE", path)

    async def refused(self, verb: str, path: str, body: Any = None, **query: Any) -> Answered:
        """The refusal of a request."""
        answer = await self.send(verb, path, body, query)
        assert answer.status_code >= 400, answer.text
        said = answer.json()
        assert set(said) == {"statusCode", "error", "message"}
        assert said["statusCode"] == answer.status_code
        return Answered(answer.status_code, said["message"])

    async def project(self, kind: str, *classes: Mapping[str, Any], **more: Any) -> str:
        """A project of a type with classes; answers its slug."""
        self.numbers[0] += 1
        slug = f"p-{self.person.id}-{self.numbers[0]}"
        await self.post("projects", type=kind, name="A project", slug=slug, workflow="two_step", **more)
        for one in classes:
            path = "annotations/classification" if one.get("type") == "classification" else "annotations"
            await self.post(path, project=slug, **one)
        return slug

    async def image(self, slug: str, name: str = "a.png", *, width: int = 100, height: int = 80, **more: Any) -> str:
        """A task with a picture."""
        family = more.pop("family", "image")
        return await self.post(f"tasks/{family}", project=slug, name=name, file=encoded(png(width, height)), **more)

    async def member(self, slug: str, role: str) -> FastLabel:
        """Somebody with a role in a project, at the door."""
        (project,) = await self.get("projects", slug=slug)
        person = await self.organization.person()
        await self.person.client.data(
            """mutation ($id: ID!, $email: String!, $role: ProjectRole!) {
              data: appendToRoles(where: {id: $id}, data: {userEmail: $email, role: $role}) { id } }""",
            {"id": project["id"], "email": person.email, "role": role},
        )
        return self.as_(person)

    def as_(self, person: Person) -> FastLabel:
        return FastLabel(self.http, person, self.organization, self.numbers)


def encoded(data: bytes) -> str:
    """Bytes as the client sends them."""
    return base64.b64encode(data).decode()


@pytest.fixture
def fastlabel(app_with, organization: Organization) -> FastLabel:
    """The administrator of an organization at the door."""
    return FastLabel(app_with(doors="fastlabel").http, organization.admin, organization)


@pytest.fixture
def stranger(fastlabel: FastLabel, other_organization: Organization) -> FastLabel:
    """The administrator of another organization."""
    return fastlabel.as_(other_organization.admin)
