"""Which processes have subscribers on which projects."""

from __future__ import annotations

from collections.abc import Sequence

from labelyard.storage.database import Writer


async def keep_listening(connection: Writer, process_id: str, project_ids: Sequence[str]) -> None:
    """Record that a process listens to projects, and remove processes that have been silent for ten minutes."""
    await connection.fetch(
        """
        with silent as (
          delete from label_listener
          where seen_at < now() - interval '10 minutes' and process_id <> :process_id
        )
        insert into label_listener (project_id, process_id, seen_at)
        select p.id, :process_id, now()
        from project p
        where p.id = any(:projects)
        on conflict (project_id, process_id) do update set seen_at = excluded.seen_at
        """,
        {"process_id": process_id, "projects": list(project_ids)},
    )


async def forget_process(connection: Writer, process_id: str) -> None:
    """Say that a process listens no more."""
    await connection.fetch("delete from label_listener where process_id = :process_id", {"process_id": process_id})
