"""Statements about language models and the projects they answer in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import OWN_PROJECT, viewer_values

PROJECT_MODEL = f"""
select pm.id, pm.project_id, p.archived_at
from project_model pm
join project p on p.id = pm.project_id
where pm.id = :id
  and {OWN_PROJECT}
"""


async def insert_model(connection: Writer, values: Mapping[str, Any]) -> None:
    """Add a model."""
    await connection.insert_row("model", values)


async def own_model(connection: Connection, model_id: str, organization_id: str) -> Row | None:
    """A model of an organization, without its key; None when there is no such model."""
    return await connection.fetch_one(
        """
        select m.id, m.type
        from model m
        where m.id = :id and m.organization_id = :organization_id
        """,
        {"id": model_id, "organization_id": organization_id},
    )


async def update_model(connection: Writer, model_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a model."""
    await connection.update_row("model", model_id, values)


async def delete_model(connection: Writer, model_id: str, organization_id: str) -> bool:
    """Remove a model of an organization, from its projects too; answers whether it existed."""
    row_id = await connection.fetch_value(
        """
        delete from model
        where id = :id and organization_id = :organization_id
        returning id
        """,
        {"id": model_id, "organization_id": organization_id},
    )
    return row_id is not None


async def count_models(connection: Connection, organization_id: str) -> int:
    """How many models an organization has."""
    return int(
        await connection.fetch_value(
            "select count(*) from model where organization_id = :organization_id", {"organization_id": organization_id}
        )
    )


async def insert_project_model(connection: Writer, values: Mapping[str, Any]) -> None:
    """Have a model answer in a project."""
    await connection.insert_row("project_model", values)


async def own_project_model(connection: Connection, project_model_id: str, actor: Actor) -> Row | None:
    """Id, project and archiving of a model in one of the person's projects; None when there is no such model."""
    return await connection.fetch_one(PROJECT_MODEL, {"id": project_model_id, **viewer_values(actor)})


async def set_configuration(connection: Writer, project_model_id: str, configuration: str) -> bool:
    """Configure a model of a project anew; answers whether it is still in the project."""
    row_id = await connection.fetch_value(
        """
        update project_model
        set configuration = :configuration, updated_at = now()
        where id = :id
        returning id
        """,
        {"id": project_model_id, "configuration": configuration},
    )
    return row_id is not None


async def delete_project_model(connection: Writer, project_model_id: str) -> bool:
    """Take a model out of a project; answers whether it was in it."""
    row_id = await connection.fetch_value(
        "delete from project_model where id = :id returning id", {"id": project_model_id}
    )
    return row_id is not None


async def models_of_project(connection: Connection, project_id: str) -> list[Row]:
    """The models that answer in a project, in the order in which they joined it."""
    return await connection.fetch(
        """
        select pm.id as project_model_id, pm.model_id, pm.configuration, m.name
        from project_model pm
        join model m on m.id = pm.model_id
        where pm.project_id = :project_id
        order by pm.position
        """,
        {"project_id": project_id},
    )


async def models_to_call(connection: Connection, ids: list[str]) -> dict[str, Row]:
    """What a request to models needs, their sealed keys too, by id."""
    rows = await connection.fetch(
        """
        select m.id, m.type, m.endpoint, m.deployment_id, m.sealed_key
        from model m
        where m.id = any(:ids)
        """,
        {"ids": ids},
    )
    return {row["id"]: row for row in rows}
