"""The tutorial-style server: Strawberry types with resolvers over SQLModel rows, executed without any caching."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from labelyard.storage.table import Asset, Label, UserAccount


@strawberry.type
class PlainUser:
    """A user."""

    id: strawberry.ID
    email: str


@strawberry.type
class PlainAsset:
    """An asset."""

    id: strawberry.ID
    external_id: str


@strawberry.type
class PlainLabel:
    """A label."""

    row: strawberry.Private[Any]
    author_row: strawberry.Private[Any]
    asset_row: strawberry.Private[Any]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.row.id)

    @strawberry.field
    def json_response(self) -> str:
        return str(self.row.json_response)

    @strawberry.field
    def label_type(self) -> str:
        return str(self.row.label_type)

    @strawberry.field
    def seconds_to_label(self) -> float | None:
        return self.row.seconds_to_label

    @strawberry.field
    def created_at(self) -> datetime:
        return self.row.created_at

    @strawberry.field
    def is_latest_label_for_user(self) -> bool:
        return bool(self.row.is_latest_label_for_user)

    @strawberry.field
    def asset_id(self) -> str:
        return str(self.row.asset_id)

    @strawberry.field
    def author(self) -> PlainUser:
        return PlainUser(id=self.author_row.id, email=self.author_row.email)

    @strawberry.field
    def label_of(self) -> PlainAsset:
        return PlainAsset(id=self.asset_row.id, external_id=self.asset_row.external_id)


@strawberry.type
class Query:
    """Lists."""

    @strawberry.field
    async def labels(self, info: strawberry.Info, project_id: str, first: int) -> list[PlainLabel]:
        statement = (
            select(Label, UserAccount, Asset)
            .join(UserAccount, UserAccount.id == Label.author_id)
            .join(Asset, Asset.id == Label.asset_id)
            .where(Label.project_id == project_id)
            .order_by(Label.position)
            .limit(first)
        )
        async with AsyncSession(info.context["engine"]) as session:
            rows = (await session.exec(statement)).all()
        return [PlainLabel(row=label, author_row=author, asset_row=asset) for label, author, asset in rows]


SCHEMA = strawberry.Schema(Query)
DOCUMENT = """query ($p: String!, $n: Int!) { labels(projectId: $p, first: $n) { id jsonResponse labelType secondsToLabel
  createdAt isLatestLabelForUser assetId author { id email } labelOf { id externalId } } }"""


async def read(engine: AsyncEngine, project_id: str, count: int) -> None:
    """Read labels the plain way."""
    result = await SCHEMA.execute(DOCUMENT, {"p": project_id, "n": count}, {"engine": engine})
    if result.errors:
        raise RuntimeError(str(result.errors[0]))
