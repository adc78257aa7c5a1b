"""A server in this process on a database of its own, spoken to over HTTP with the documents that clients send."""

import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tests.file_database import database_url

from server.application import ENDPOINT, create_app
from server.settings import Settings
from services.first_start import add_key, first_start
from services.identity import new_id
from storage.database import Database
from storage.migration.run import migrate

KEY = "ly_key_of_the_first_administrator"
WEATHER = json.dumps(
    {
        "jobs": {
            "WEATHER": {
                "mlTask": "CLASSIFICATION",
                "required": 1,
                "isChild": False,
                "content": {"input": "radio", "categories": {"SUN": {"name": "Sun"}, "RAIN": {"name": "Rain"}}},
            }
        }
    }
)
SUN = '{"WEATHER":{"categories":[{"name":"SUN"}]}}'
RAIN = '{"WEATHER":{"categories":[{"name":"RAIN"}]}}'


@dataclass
class Api:
    """What a test knows of the server."""

    client: httpx.AsyncClient
    database: Database
    statements: list[str]
    data_dir: Path

    async def send(self, document: str, *, key: str = KEY, **variables: Any) -> dict[str, Any]:
        """The whole answer of a request."""
        answer = await self.client.post(
            ENDPOINT,
            json={"query": document, "variables": variables},
            headers={"Authorization": f"X-API-Key: {key}"},
        )
        found: dict[str, Any] = answer.json()
        return found

    async def ask(self, document: str, *, key: str = KEY, **variables: Any) -> Any:
        """The value of the one root field, which must have been answered without errors."""
        answer = await self.send(document, key=key, **variables)
        assert "errors" not in answer, answer
        (value,) = answer["data"].values()
        return value

    async def refusal(self, document: str, *, key: str = KEY, **variables: Any) -> dict[str, Any]:
        """The one error of a request that must be refused."""
        answer = await self.send(document, key=key, **variables)
        (error,) = answer["errors"]
        return error

    async def value(self, sql: str, **values: Any) -> Any:
        """One value read from the database."""
        async with self.database.reader() as connection:
            return await connection.fetch_value(sql, values)

    async def project(self, input_type: str = "IMAGE", interface: str = WEATHER) -> str:
        """A new project of the administrator."""
        created = await self.ask(
            "mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id } }",
            data={"title": f"Project {new_id()}", "inputType": input_type, "jsonInterface": interface},
        )
        return str(created["id"])

    async def assets(self, project_id: str, *names: str, **arrays: Any) -> list[str]:
        """New assets of a project, named by their external ids."""
        data = {
            "contentArray": [f"https://example.org/{name}.png" for name in names],
            "externalIDArray": list(names),
            **arrays,
        }
        made = await self.ask(
            "mutation ($data: AppendManyAssetsData!, $where: ProjectWhere!)"
            " { data: appendManyAssets(data: $data, where: $where) { id } }",
            data=data,
            where={"id": project_id},
        )
        return [asset["id"] for asset in made]

    async def label(
        self, asset_id: str, response: str = SUN, *, label_type: str = "DEFAULT", key: str = KEY, **more: Any
    ) -> str:
        """A new label."""
        made = await self.ask(
            "mutation ($data: AppendToLabelsData!, $where: AssetWhere!)"
            " { data: appendToLabels(data: $data, where: $where) { id } }",
            key=key,
            data={"jsonResponse": response, "labelType": label_type, **more},
            where={"id": asset_id},
        )
        return str(made["id"])

    async def person(self, project_id: str, role: str, *, is_admin: bool = False) -> "Person":
        """A new user of the first organization with a role in a project."""
        user_id, key = new_id(), f"ly_key_{new_id()}"
        async with self.database.transaction() as connection:
            await connection.fetch(
                "insert into user_account (id, organization_id, email, organization_role) "
                "select :id, u.organization_id, :email, :role from user_account u order by u.position limit 1",
                {"id": user_id, "email": f"{user_id}@example.org", "role": "ADMIN" if is_admin else "USER"},
            )
            await add_key(connection, user_id=user_id, name="key", key=key, now=datetime.now(UTC))
            await connection.fetch(
                "insert into project_user (id, project_id, user_id, role) values (:id, :project, :user, :role)",
                {"id": new_id(), "project": project_id, "user": user_id, "role": role},
            )
        return Person(user_id, key)

    async def upload(self, body: bytes) -> str:
        """A file put to a signed URL; answers that URL."""
        (url,) = await self.ask(
            'query { urls: createUploadBucketSignedUrls(filePaths: ["projects/p/assets/a/content"]) }'
        )
        answer = await self.client.put(url.partition("&id=")[0], content=body)
        assert answer.status_code == 200, answer.text
        return str(url)


@dataclass(frozen=True)
class Person:
    """A user and their key."""

    id: str
    key: str


@pytest.fixture(scope="session")
async def api() -> AsyncIterator[Api]:
    """The server, with one organization and its administrator."""
    connection = await asyncpg.connect(database_url())
    await connection.execute("create database legacy_rooms")
    await connection.close()
    url = database_url().replace("/postgres?", "/legacy_rooms?")
    await migrate(url)
    statements: list[str] = []
    database = await Database.open(url, size=8)
    database.observe = statements.append
    async with database.transaction() as writer:
        await first_start(writer, email="first@example.org", organization="First", key=KEY, now=datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="labelyard-legacy-") as folder:
        settings = Settings(data_dir=Path(folder), host="test", port=80)
        transport = httpx.ASGITransport(create_app(settings, database), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Api(client, database, statements, Path(folder))
    await database.close()
