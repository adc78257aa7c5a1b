"""What the tests of the older clients share: documents of any generation sent to one organization's projects."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from labelyard.services.identity import new_id
from labelyard.storage.database import Database
from tests.common.client import Client, Json, Refused
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_TO_LABELS
from tests.common.world import Organization, Person, Project, answer, new_organization

SUN, RAIN = answer("SUN"), answer("RAIN")


@dataclass
class Api:
    """The server as the administrator of an organization asks it, or somebody whose key is given."""

    organization: Organization

    @property
    def admin(self) -> Person:
        return self.organization.admin

    @property
    def database(self) -> Database:
        return self.organization.database

    @property
    def http(self) -> httpx.AsyncClient:
        """For files: no key goes along."""
        return self.admin.client.http

    async def send(self, document: str, *, key: str | None = None, **variables: Any) -> Json:
        """The whole answer of a request."""
        return await self._client(key).graphql(document, variables)

    async def ask(self, document: str, *, key: str | None = None, **variables: Any) -> Any:
        """The value of the one root field."""
        answered = await self.send(document, key=key, **variables)
        assert "errors" not in answered, answered
        (value,) = answered["data"].values()
        return value

    async def refusal(self, document: str, *, key: str | None = None, **variables: Any) -> Refused:
        """The one error of a request that must be refused."""
        return await self._client(key).refused(document, variables)

    async def value(self, sql: str, **values: Any) -> Any:
        """One value read from the database."""
        async with self.database.reader() as connection:
            return await connection.fetch_value(sql, values)

    async def project(self, input_type: str = "IMAGE", interface: Json | None = None) -> str:
        """A new project of the administrator."""
        made = await self.organization.project(interface, title=f"Project {new_id()}", inputType=input_type)
        return made.id

    async def assets(self, project_id: str, *names: str, **arrays: Any) -> list[str]:
        """New assets of a project, named by their external ids."""
        data = {
            "contentArray": [f"https://example.org/{name}.png" for name in names],
            "externalIDArray": list(names),
            **arrays,
        }
        made = await self.ask(APPEND_MANY_ASSETS, data=data, where={"id": project_id})
        return [asset["id"] for asset in made]

    async def label(
        self, asset_id: str, response: str = SUN, *, label_type: str = "DEFAULT", key: str | None = None, **more: Any
    ) -> str:
        """A new label."""
        data = {"jsonResponse": response, "labelType": label_type, **more}
        made = await self.ask(APPEND_TO_LABELS, key=key, data=data, where={"id": asset_id})
        return str(made["id"])

    async def person(self, project_id: str, role: str) -> Person:
        """A new user with a role in a project."""
        return await Project(project_id, self.organization).member(role)

    async def upload(self, body: bytes) -> str:
        """A file put to a signed URL; answers that URL."""
        (url,) = await self.ask('{ urls: createUploadBucketSignedUrls(filePaths: ["projects/p/assets/a/content"]) }')
        answered = await self.http.put(url.partition("&id=")[0], content=body)
        assert answered.status_code == 200, answered.text
        return str(url)

    async def get(self, url: str) -> bytes:
        """The file behind a URL."""
        answered = await self.http.get(url)
        assert answered.status_code == 200, answered.text
        return answered.content

    def _client(self, key: str | None) -> Client:
        return self.admin.client if key is None else self.admin.client.as_(key)


@pytest.fixture(scope="session")
async def api(database: Database, client: Client) -> Api:
    """An organization that the tests of this folder share: each makes projects of its own."""
    return Api(await new_organization(database, client))
