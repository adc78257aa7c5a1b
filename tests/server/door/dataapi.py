"""What the tests of data tasks share: a customer, pictures, and workers who answer through GraphQL."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from PIL import Image

from tests.common.documents import APPEND_MANY_LABELS
from tests.common.world import Organization, Person, Project

ANIMALS = {
    "title": "Animals",
    "description": "short",
    "public_description": "Say what you see.",
    "language": "en",
    "input_spec": [
        {"name": "image_with_animal", "type": "image", "required": True},
        {"name": "hint", "type": "text"},
        {"name": "detail", "type": "image"},
    ],
    "output_spec": [
        {"name": "kind", "type": "radio", "required": True, "label": "Which animal?", "options": ["cat", "dog"]},
        {
            "name": "colours",
            "type": "checkbox",
            "options": [{"value": "b", "label": "black"}, {"value": "w", "label": "white"}],
        },
        {"name": "size", "type": "select", "options": ["small", "large"]},
        {"name": "is_tame", "type": "checkbox"},
        {"name": "note", "type": "input", "label": "Anything else?"},
    ],
}


def picture(kind: str = "PNG", colour: str = "red") -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (3, 2), colour).save(file, kind)
    return file.getvalue()


def sent(data: bytes) -> str:
    """A picture as the published script sends it, whatever its kind."""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def said(kind: str = "cat", **more: Any) -> str:
    """An answer of a worker to `ANIMALS`."""
    answer: dict[str, Any] = {"kind": {"categories": [{"name": kind}]}}
    for name, value in more.items():
        answer[name] = {"text": value} if isinstance(value, str) else {"categories": [{"name": each} for each in value]}
    return orjson.dumps(answer).decode()


@dataclass(frozen=True)
class Customer:
    """Somebody who calls the door with a key."""

    http: httpx.AsyncClient
    organization: Organization
    person: Person

    def as_(self, person: Person) -> Customer:
        """Somebody else."""
        return Customer(self.http, self.organization, person)

    async def call(self, verb: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The JSON of an answer of a status."""
        answered = await self.http.request(
            verb,
            f"/dataapi{path}",
            content=None if body is None else orjson.dumps(body),
            headers={"Authorization": self.person.key, "Content-Type": "application/json"},
        )
        assert answered.status_code == status, (answered.status_code, answered.text)
        assert answered.status_code != 204 or answered.content == b""
        return None if status == 204 else answered.json()

    async def refused(self, verb: str, path: str, body: Any = None, *, status: int) -> dict[str, Any]:
        """The error of a refusal, whose shape is checked."""
        answer = await self.call(verb, path, body, status=status)
        assert answer.keys() == {"error"}
        assert answer["error"].keys() == {"code", "message", "fields"}
        assert answer["error"]["code"] == status
        assert answer["error"]["message"]
        return dict(answer["error"])

    async def project(self, **fields: Any) -> dict[str, Any]:
        """A new project."""
        return dict(await self.call("POST", "/projects", {**ANIMALS, **fields}, status=201))

    async def task(self, project: dict[str, Any], *items: dict[str, Any]) -> dict[str, Any]:
        """A new task of some pictures."""
        spec = list(items) or [{"image_with_animal": sent(picture())}]
        return dict(await self.call("POST", "/tasks", {"project_id": project["id"], "task_spec": spec}, status=201))

    def project_of(self, project: dict[str, Any]) -> Project:
        """The project as GraphQL sees it."""
        return Project(project["uid"], self.organization)

    async def asset_ids(self, project: dict[str, Any]) -> dict[str, str]:
        """The ids of the assets of a project, by external id."""
        rows = await self.project_of(project).rows("asset")
        return {row["external_id"]: row["id"] for row in rows}

    async def answer(
        self,
        project: dict[str, Any],
        item: dict[str, Any],
        response: str,
        *,
        by: Person | None = None,
        kind: str = "DEFAULT",
    ) -> None:
        """Have a worker answer an item through GraphQL."""
        asset_id = (await self.asset_ids(project))[item["external_id"]]
        data = {"labelType": kind, "labelsData": [{"assetID": asset_id, "jsonResponse": response}]}
        answered = await (by or self.person).client.graphql(
            APPEND_MANY_LABELS, {"data": data, "where": {"id": asset_id}}
        )
        assert "errors" not in answered, answered
