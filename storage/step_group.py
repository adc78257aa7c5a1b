"""Statements about the groups of steps of V3 projects."""

from __future__ import annotations

from labelyard.storage.database import Connection, Row, Writer


async def groups_of(connection: Connection, project_id: str) -> list[Row]:
    """The groups of steps of a project, in order."""
    return await connection.fetch(
        "select g.id, g.name, g.group_order from step_group g where g.project_id = :project_id order by g.group_order",
        {"project_id": project_id},
    )


async def described_groups(connection: Connection, project_id: str) -> list[Row]:
    """The groups of a project, in order, with the names of their steps and the number of assets in them."""
    return await connection.fetch(
        """
        select g.id, g.name,
          array(select s.name from project_step s where s.step_group_id = g.id order by s.step_order) as steps,
          (
            select count(*)::int
            from asset a join project_step s on s.id = a.current_step_id
            where a.project_id = g.project_id and s.step_group_id = g.id
          ) as assets
        from step_group g
        where g.project_id = :project_id
        order by g.group_order
        """,
        {"project_id": project_id},
    )


async def insert_group(connection: Writer, *, identifier: str, project_id: str, name: str, group_order: int) -> None:
    """Add a group of steps."""
    await connection.fetch(
        "insert into step_group (id, project_id, group_order, name) values (:id, :project_id, :group_order, :name)",
        {"id": identifier, "project_id": project_id, "group_order": group_order, "name": name},
    )


async def take_steps(connection: Writer, *, project_id: str, group_id: str) -> None:
    """Put all steps of a project into a group."""
    await connection.fetch(
        "update project_step set step_group_id = :group_id where project_id = :project_id",
        {"project_id": project_id, "group_id": group_id},
    )


async def name_group(connection: Writer, *, group_id: str, name: str) -> None:
    """Rename a group."""
    await connection.fetch("update step_group set name = :name where id = :id", {"id": group_id, "name": name})


async def delete_group(connection: Writer, *, project_id: str, group_id: str) -> None:
    """Delete a group without steps; those behind it close up."""
    values = {"id": group_id, "project_id": project_id}
    await connection.fetch("delete from step_group where id = :id and project_id = :project_id", values)
    # Two groups cannot share an order, not even while they close up.
    await connection.fetch(
        "update step_group set group_order = group_order + 1000000 where project_id = :project_id", values
    )
    await connection.fetch(
        """
        update step_group g
        set group_order = n.ordinal - 1
        from (
          select id, row_number() over (order by group_order) as ordinal
          from step_group
          where project_id = :project_id
        ) n
        where n.id = g.id
        """,
        values,
    )
