"""Makers of what tests are about: an organization with its people, projects, assets and labels.

A test makes an organization of its own, so tests meet only in the database's size and may run at once.
People are written into the database; everything they make goes through the API.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from labelyard.domain.permission import ProjectRole
from labelyard.services.first_start import add_key
from labelyard.services.identity import new_id
from labelyard.services.member import put_member
from labelyard.storage.database import Database
from tests.common.client import Client, Json
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS, ASSETS, CREATE_PROJECT, LABELS

_numbers = itertools.count(1)

WEATHER = {
    "jobs": {
        "WEATHER": {
            "mlTask": "CLASSIFICATION",
            "required": 1,
            "isChild": False,
            "content": {
                "input": "radio",
                "categories": {
                    "SUN": {"name": "Sun", "children": []},
                    "RAIN": {"name": "Rain", "children": []},
                },
            },
        },
        "PLACE": {
            "mlTask": "OBJECT_DETECTION",
            "tools": ["rectangle"],
            "required": 0,
            "isChild": False,
            "content": {
                "input": "radio",
                "categories": {"CAR": {"name": "Car", "children": []}, "TREE": {"name": "Tree", "children": []}},
            },
        },
    }
}


def answer(category: str = "SUN", *, cars: int = 0, job: str = "WEATHER") -> str:
    """An answer to `WEATHER`: a category, and boxes around so many cars."""
    said: Json = {job: {"categories": [{"name": category, "confidence": 100}]}}
    if cars:
        said["PLACE"] = {"annotations": [box(mid=f"car{number}") for number in range(cars)]}
    return orjson.dumps(said).decode()


def box(category: str = "CAR", *, mid: str, left: float = 0.1, top: float = 0.1) -> Json:
    """A rectangle."""
    corners = [(left, top), (left + 0.2, top), (left + 0.2, top + 0.2), (left, top + 0.2)]
    return {
        "mid": mid,
        "type": "rectangle",
        "categories": [{"name": category, "confidence": 100}],
        "boundingPoly": [{"normalizedVertices": [{"x": round(x, 3), "y": round(y, 3)} for x, y in corners]}],
    }


@dataclass(frozen=True)
class Person:
    """A user with an API key of their own."""

    id: str
    email: str
    key: str
    client: Client


@dataclass
class Organization:
    """An organization; `admin` is its administrator."""

    id: str
    name: str
    database: Database
    http: Client
    people: list[Person] = field(default_factory=list)

    @property
    def admin(self) -> Person:
        """The administrator made with the organization."""
        return self.people[0]

    async def person(
        self,
        *,
        organization_role: str = "USER",
        firstname: str = "Ada",
        lastname: str = "Lovelace",
        email: str | None = None,
    ) -> Person:
        """One person more, with a key."""
        number = next(_numbers)
        key = f"ly_test_{secrets.token_hex(16)}"
        user_id, address = new_id(), email or f"person{number}-{secrets.token_hex(4)}@example.com"
        async with self.database.transaction() as connection:
            await connection.fetch(
                "insert into user_account (id, organization_id, email, firstname, lastname, organization_role) "
                "values (:id, :organization_id, :email, :firstname, :lastname, :role)",
                {
                    "id": user_id,
                    "organization_id": self.id,
                    "email": address,
                    "firstname": firstname,
                    "lastname": lastname,
                    "role": organization_role,
                },
            )
            await add_key(connection, user_id=user_id, name="test", key=key, now=datetime.now(UTC))
        made = Person(user_id, address, key, self.http.as_(key))
        self.people.append(made)
        return made

    async def project(self, interface: Mapping[str, Any] | None = None, **data: Any) -> Project:
        """A project made by the administrator; its interface is `WEATHER` unless one is given."""
        chosen = {
            "title": "A project",
            "inputType": "IMAGE",
            "jsonInterface": orjson.dumps(WEATHER if interface is None else interface).decode(),
            **data,
        }
        answered = await self.admin.client.graphql(CREATE_PROJECT, {"data": chosen})
        assert "errors" not in answered, answered
        return Project(answered["data"]["data"]["id"], self)


@dataclass(frozen=True)
class Project:
    """A project of an organization."""

    id: str
    organization: Organization

    @property
    def admin(self) -> Client:
        """The client of the organization's administrator."""
        return self.organization.admin.client

    async def member(self, role: str = "LABELER", **person: str) -> Person:
        """A new person with a role in the project."""
        made = await self.organization.person(**person)
        await self.join(made, role)
        return made

    async def join(self, person: Person, role: str) -> str:
        """Give a person a role; answers the membership's id."""
        async with self.organization.database.transaction() as connection:
            return await put_member(connection, project_id=self.id, user_id=person.id, role=ProjectRole(role))

    async def assets(self, count: int = 1, *, prefix: str = "asset", **arrays: Sequence[Any]) -> list[str]:
        """Import assets named `asset-0`, `asset-1`, … and answer their ids."""
        data = {
            "contentArray": [f"https://files.example/{prefix}-{number}.png" for number in range(count)],
            "externalIDArray": [f"{prefix}-{number}" for number in range(count)],
            **arrays,
        }
        made = await self.admin.data(APPEND_MANY_ASSETS, {"data": data, "where": {"id": self.id}})
        return [asset["id"] for asset in made]

    async def asset(self, **arrays: Any) -> str:
        """Import one asset; keyword arguments are single values of the import's arrays."""
        name = f"single-{next(_numbers)}"
        return (await self.assets(1, prefix=name, **{key: [value] for key, value in arrays.items()}))[0]

    async def label(
        self,
        asset_id: str,
        *,
        by: Person | None = None,
        label_type: str = "DEFAULT",
        json_response: str | None = None,
        model_name: str | None = None,
        seconds: float | None = None,
    ) -> str:
        """Import one label for a person (the administrator by default) and answer its id."""
        item = {
            "assetID": asset_id,
            "jsonResponse": json_response or answer(),
            "authorID": by.id if by else None,
            "modelName": model_name,
            "secondsToLabel": seconds,
        }
        data = {"labelType": label_type, "overwrite": False, "labelsData": [item]}
        answered = await self.admin.graphql(APPEND_MANY_LABELS, {"data": data, "where": {"id": asset_id}})
        assert "errors" not in answered, answered
        return str(answered["data"]["data"][0]["id"])

    async def read_asset(self, asset_id: str, fields: str, *, client: Client | None = None) -> Json:
        """One asset as a person (the administrator by default) sees it."""
        variables = {"where": {"id": asset_id}, "first": 1, "skip": 0}
        (found,) = await (client or self.admin).data(ASSETS % fields, variables)
        return dict(found)

    async def read_label(self, label_id: str, fields: str, *, client: Client | None = None) -> Json:
        """One label as a person (the administrator by default) sees it."""
        variables = {"where": {"id": label_id}, "first": 1, "skip": 0}
        (found,) = await (client or self.admin).data(LABELS % fields, variables)
        return dict(found)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table that belong to the project, in creation order."""
        column = "id" if table == "project" else "project_id"
        order = "step_order" if table == "project_step" else "position"
        async with self.organization.database.reader() as connection:
            found = await connection.fetch(
                f"select * from {table} where {column} = :id order by {order}", {"id": self.id}
            )
        return [dict(row) for row in found]

    async def marked(self) -> None:
        """Wait until the background has computed all marks that labels of the project asked for."""
        async with asyncio.timeout(60):
            while True:
                async with self.organization.database.reader() as connection:
                    if not await connection.fetch_value(MARKS_ASKED_FOR, {"id": self.id}):
                        return
                await asyncio.sleep(0.05)

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that is stored of the project, to be compared before and after what must change nothing.

        What the background still writes is waited for: nobody's refused label changes marks, the accepted one before it does.
        """
        await self.marked()
        tables = ("project", "project_step", "project_user", "asset", "label")
        return {table: await self.rows(table) for table in tables}


MARKS_ASKED_FOR = """
select (select count(*) from mark_request r join asset a on a.id = r.asset_id where a.project_id = :id)
  + (select count(*) from project_mark_request where project_id = :id)
"""


async def new_organization(database: Database, http: Client) -> Organization:
    """An organization with one administrator."""
    organization = Organization(new_id(), f"Organization {next(_numbers)}", database, http)
    async with database.transaction() as connection:
        await connection.fetch(
            "insert into organization (id, name) values (:id, :name)",
            {"id": organization.id, "name": organization.name},
        )
    await organization.person(organization_role="ADMIN", firstname="Grace", lastname="Hopper")
    return organization
