"""Statements that copy projects and labels."""

from __future__ import annotations

from collections.abc import Sequence

from labelyard.storage.database import Connection, Writer

# The columns that a copy takes over; it is not archived, even if the original is.
PROJECT_COLUMNS = (
    "organization_id, title, description, input_type, json_interface, interface_category, ml_tasks, instructions, rules, "
    "compliance_tags, metadata_properties, is_anonymized, pixel_labeling, workflow_version, enforce_step_separation, "
    "consensus_tot_coverage, min_consensus_size, review_coverage, use_honeypot, max_worker_count, min_agreement, "
    "consensus_mark, honeypot_mark, can_navigate_between_assets, can_skip_asset, should_auto_assign, "
    "seconds_to_label_before_auto_assign"
)
ASSET_COLUMNS = (
    "external_id, content, content_blob_id, json_content, json_content_blob_id, ocr_blob_id, json_metadata, metadata_search, "
    "priority, resolution, page_resolutions, duration, filename, instructions, is_instructions"
)
LABEL_COLUMNS = (
    "author_id, label_type, model_name, json_response, search, warnings, number_of_annotations, seconds_to_label, "
    "client_version, version, skipped, is_honeypot, is_sent_back_to_queue, created_at, updated_at"
)
OLD_ASSET_COLUMNS = ", ".join(f"a.{name.strip()}" for name in ASSET_COLUMNS.split(","))
OLD_LABEL_COLUMNS = ", ".join(f"l.{name.strip()}" for name in LABEL_COLUMNS.split(","))


async def copy_project_row(connection: Writer, source_id: str, new_id: str, author_id: str) -> None:
    """Add a project with the interface and settings of another."""
    await connection.fetch(
        f"""
        insert into project (id, author_id, {PROJECT_COLUMNS})
        select :new_id, :author_id, {PROJECT_COLUMNS}
        from project
        where id = :source_id
        """,
        {"source_id": source_id, "new_id": new_id, "author_id": author_id},
    )


async def copy_groups(connection: Writer, pairs: Sequence[tuple[str, str]], new_project_id: str) -> None:
    """Add groups of steps like others, given as (group, new group), to a project."""
    await connection.fetch(
        """
        insert into step_group (id, project_id, group_order, name)
        select n.new, :project_id, g.group_order, g.name
        from unnest(:old::text[], :new::text[]) n(old, new) join step_group g on g.id = n.old
        """,
        {"old": [old for old, _ in pairs], "new": [new for _, new in pairs], "project_id": new_project_id},
    )


async def copy_steps(
    connection: Writer, pairs: Sequence[tuple[str, str]], new_project_id: str, *, with_assignees: bool
) -> None:
    """Add steps like others, given as (step, new step), to a project that has the same groups of steps."""
    values = {"old": [old for old, _ in pairs], "new": [new for _, new in pairs], "project_id": new_project_id}
    pairing = "unnest(:old::text[], :new::text[]) n(old, new)"
    await connection.fetch(
        f"""
        insert into project_step (
          id, project_id, step_order, name, type, step_coverage, use_honeypot, step_group_id
        )
        select n.new, :project_id, s.step_order, s.name, s.type, s.step_coverage, s.use_honeypot,
          (
            select own.id
            from step_group own join step_group g on g.id = s.step_group_id
            where own.project_id = :project_id and own.group_order = g.group_order
          )
        from {pairing} join project_step s on s.id = n.old
        """,
        values,
    )
    await connection.fetch(
        f"""
        update project_step t
        set send_back_step_id = target.new
        from {pairing}
        join project_step s on s.id = n.old
        join unnest(:old::text[], :new::text[]) target(old, new) on target.old = s.send_back_step_id
        where t.id = n.new and t.project_id = :project_id
        """,
        values,
    )
    if with_assignees:
        await connection.fetch(
            f"""
            insert into step_assignee (step_id, user_id)
            select n.new, sa.user_id
            from {pairing}
            join step_assignee sa on sa.step_id = n.old
            join project_user pu on pu.user_id = sa.user_id and pu.project_id = :project_id
            """,
            values,
        )


async def member_rows(connection: Connection, project_id: str, but: str) -> list[tuple[str, str]]:
    """The members of a project but one, as (user id, role), in the order they joined."""
    rows = await connection.fetch(
        """
        select user_id, role
        from project_user
        where project_id = :id and deleted_at is null and user_id <> :but
        order by position
        """,
        {"id": project_id, "but": but},
    )
    return [(row["user_id"], row["role"]) for row in rows]


async def add_members(
    connection: Writer, project_id: str, ids: Sequence[str], members: Sequence[tuple[str, str]]
) -> None:
    """Add members, given as (user id, role), to a project that does not have them."""
    await connection.fetch(
        """
        insert into project_user (id, project_id, user_id, role)
        select n.id, :project_id, n.user_id, n.role
        from unnest(:ids::text[], :users::text[], :roles::text[]) with ordinality n(id, user_id, role, ordinal)
        order by n.ordinal
        """,
        {
            "project_id": project_id,
            "ids": list(ids),
            "users": [user for user, _ in members],
            "roles": [role for _, role in members],
        },
    )


async def asset_ids_of(connection: Connection, project_id: str) -> list[str]:
    """The assets of a project in creation order."""
    rows = await connection.fetch("select id from asset where project_id = :id order by position", {"id": project_id})
    return [row["id"] for row in rows]


async def copy_assets(
    connection: Writer, pairs: Sequence[tuple[str, str]], project_id: str, first_step_id: str | None
) -> None:
    """Add assets like others, given as (asset, new asset), to a project; they are to be labeled, and share their files."""
    values = {
        "old": [old for old, _ in pairs],
        "new": [new for _, new in pairs],
        "project_id": project_id,
        "step_id": first_step_id,
    }
    await connection.fetch(
        f"""
        insert into asset (id, project_id, current_step_id, step_status, {ASSET_COLUMNS})
        select n.new, :project_id, :step_id::text, case when :step_id::text is not null then 'TO_DO' end,
          {OLD_ASSET_COLUMNS}
        from unnest(:old::text[], :new::text[]) with ordinality n(old, new, ordinal)
        join asset a on a.id = n.old
        order by n.ordinal
        """,
        values,
    )
    await connection.fetch(
        """
        insert into asset_file (asset_id, blob_id)
        select n.new, f.blob_id
        from unnest(:old::text[], :new::text[]) n(old, new)
        join asset_file f on f.asset_id = n.old
        join asset a on a.id = n.old
        where strpos(a.json_content, f.blob_id) > 0
        """,
        values,
    )


async def label_ids_of(connection: Connection, asset_id: str) -> list[tuple[str, str, str]]:
    """The labels of an asset in creation order, as (id, type, answer)."""
    rows = await connection.fetch(
        "select id, label_type, json_response from label where asset_id = :id order by position", {"id": asset_id}
    )
    return [(row["id"], row["label_type"], row["json_response"]) for row in rows]


async def copy_labels(connection: Writer, pairs: Sequence[tuple[str, str]], asset_id: str, project_id: str) -> None:
    """Add labels like others, given as (label, new label), to an asset; the first step of their kind is theirs."""
    values = {
        "old": [old for old, _ in pairs],
        "new": [new for _, new in pairs],
        "asset_id": asset_id,
        "project_id": project_id,
    }
    await connection.fetch(
        f"""
        insert into label (id, project_id, asset_id, step_id, {LABEL_COLUMNS})
        select n.new, :project_id, :asset_id,
          (
            select s.id
            from project_step s left join project_step was on was.id = l.step_id
            where s.project_id = :project_id
              and l.label_type in ('DEFAULT', 'REVIEW')
              and s.type = l.label_type
            order by s.step_order is distinct from was.step_order, s.step_order
            limit 1
          ),
          {OLD_LABEL_COLUMNS}
        from unnest(:old::text[], :new::text[]) with ordinality n(old, new, ordinal)
        join label l on l.id = n.old
        order by n.ordinal
        """,
        values,
    )
    await connection.fetch(
        """
        insert into asset_file (asset_id, blob_id)
        select :asset_id, f.blob_id
        from asset_file f
        where f.asset_id in (select l.asset_id from label l where l.id = any(:old))
          and exists (select 1 from label l where l.id = any(:new) and strpos(l.json_response, f.blob_id) > 0)
        on conflict do nothing
        """,
        values,
    )
    await connection.fetch(
        # The dates of the labels say as much as before: which of them came after the asset was sent back.
        """
        update asset a
        set is_honeypot = a.is_honeypot
          or exists (select 1 from label l where l.id = any(:new) and l.is_honeypot),
          sent_back_at = coalesce(
            (
              select s.sent_back_at
              from asset s join label l on l.asset_id = s.id
              where l.id = any(:old)
              limit 1
            ),
            a.sent_back_at
          ),
          sent_back_step_id = coalesce(
            (
              select own.id
              from asset s
              join label l on l.asset_id = s.id
              join project_step was on was.id = s.sent_back_step_id
              join project_step own
                on own.project_id = :project_id
                  and own.step_order = was.step_order
                  and own.type = was.type
              where l.id = any(:old)
              limit 1
            ),
            a.sent_back_step_id
          )
        where a.id = :asset_id
        """,
        values,
    )
