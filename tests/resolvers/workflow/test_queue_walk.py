"""The walk of the queue, held against its rule: every asset that waits is looked at, and what is left is sorted."""

import random
from typing import Any

import asyncpg
import pytest

from labelyard.domain.permission import Actor
from labelyard.storage.asset_queue import CANDIDATES, PLAN_BY_INDEX, choose_next
from labelyard.storage.statement import statement
from labelyard.storage.workflow import AWAITS_AUTHOR
from tests.common.world import Organization

# What waits for a person in a project, in order. It says the same as the walk without lanes, and without an index.
RULE = statement(f"""
with project_of as (select * from project where id = :project_id),
waiting as (
  select a.*, sp.type, coalesce(cg.group_order, 0) = 0 as is_in_first_group,
    a.status = 'TO_REVIEW' as is_in_review,
    (select count(*) from asset_lock al where al.asset_id = a.id and al.user_id <> :viewer
      and al.renewed_at > now() - interval '30 minutes') as locks
  from asset a
  left join project_step sp on sp.id = a.current_step_id
  left join step_group cg on cg.id = sp.step_group_id
  where a.project_id = :project_id and not a.skipped
    and (a.current_step_id is null and a.status = any(:statuses::text[])
      or a.current_step_id = any(:steps::text[]) and a.step_status in ('TO_DO', 'REWORK', 'IN_PROGRESS', 'PARTIALLY_DONE'))
),
counted as (
  select w.*,
    array(
      select aa.user_id
      from asset_assignee aa left join project_user pu on pu.user_id = aa.user_id and pu.project_id = w.project_id
      where aa.asset_id = w.id and pu.role is distinct from case when w.is_in_review then 'LABELER' else 'REVIEWER' end
    ) as assignees,
    exists (
      select 1 from label l
      where l.asset_id = w.id and l.author_id = :viewer and not l.is_honeypot
        and l.label_type = case when w.is_in_review then 'REVIEW' else 'DEFAULT' end
        and l.step_id is not distinct from w.current_step_id and (w.sent_back_at is null or l.created_at > w.sent_back_at)
    ) as is_done,
    exists (
      select 1 from label l
      where l.asset_id = w.id and l.author_id = :viewer and l.label_type in ('DEFAULT', 'REVIEW') and l.step_id is not null
        and l.step_id is distinct from w.current_step_id
    ) as worked_elsewhere,
    (select count(distinct l.author_id) from label l where l.asset_id = w.id and l.author_id <> :viewer and l.label_type = 'DEFAULT'
      and (w.sent_back_at is null or l.created_at > w.sent_back_at)) as labelers,
    w.status in ('TODO', 'ONGOING') and w.is_in_first_group as is_in_first_labeling
  from waiting w
)
select c.id
from counted c, project_of p
where (c.assignees = '{{}}' or :viewer = any(c.assignees))
  and not c.is_done
  and not (p.enforce_step_separation and c.worked_elsewhere)
  and (
    c.is_honeypot and c.is_in_first_labeling
    or case when c.is_used_for_consensus and c.is_in_first_labeling then c.locks + c.labelers < p.min_consensus_size
      else c.locks < 1 end
  )
order by exists (
    select 1
    from asset a join label l on l.asset_id = a.id
    where a.id = c.id and a.sent_back_at is not null and l.author_id = :viewer
      and l.label_type = case when c.is_in_review then 'REVIEW' else 'DEFAULT' end
      and {AWAITS_AUTHOR}
  ) desc,
  c.priority desc, (c.is_used_for_consensus and c.status = 'ONGOING' and c.is_in_first_group) desc,
  c.is_honeypot is distinct from :wants_honeypot::bool, c.position
""")
ASSET = """
insert into asset (id, project_id, external_id, status, skipped, current_step_id, step_status, priority, is_honeypot,
  is_used_for_consensus, sent_back_at)
values ($1, $2, $1, $3, $4, $5, $6, $7, $8, $9, case when $10 then now() - interval '1 hour' end)
"""
LABEL = """
insert into label (id, project_id, asset_id, author_id, label_type, json_response, step_id, created_at)
values ($1, $2, $3, $4, $5, '{}', $6, now() - make_interval(mins => $7))
"""
LOCK = """
insert into asset_lock (id, project_id, asset_id, user_id, renewed_at)
values ($1, $2, $3, $4, now() - make_interval(mins => $5)) on conflict do nothing
"""


async def walked(organization: Organization, values: dict[str, Any]) -> list[str]:
    """What the queue gives a person, one after the other."""
    actor = Actor(values["viewer"], "", organization.id, is_organization_admin=False, roles={})
    given: list[str] = []
    chosen = {name: values[name] for name in ("steps", "statuses", "wants_honeypot")}
    async with organization.database.transaction() as writer:
        while (
            choice := await choose_next(writer, values["project_id"], actor, seen=given, **chosen)
        ).asset_id is not None:
            given.append(choice.asset_id)
    return given


async def fill(
    connection: asyncpg.Connection, project_id: str, steps: list[str], people: list[str], draw: random.Random
) -> None:
    """Assets, labels, locks and assignees by chance, also such as no workflow makes."""
    for number in range(draw.choice([3, 40])):
        asset = f"{project_id}a{number}"
        step = draw.choice(steps) if steps and draw.random() < 0.9 else None
        status = draw.choice(["TODO", "ONGOING", "TO_REVIEW", "LABELED"])
        open_statuses = ["TO_DO", "REWORK", "IN_PROGRESS", "PARTIALLY_DONE", "DONE"]
        await connection.execute(
            ASSET, asset, project_id, status, draw.random() < 0.05, step, step and draw.choice(open_statuses),
            draw.choice([0, 0, 0, 5, -1]), draw.random() < 0.2, draw.random() < 0.4, draw.random() < 0.3,
        )  # fmt: skip
        for place in range(draw.choice([0, 0, 1, 3])):
            kind, step_id = draw.choice(["DEFAULT", "REVIEW"]), draw.choice([*steps, None])
            author, minutes = draw.choice(people), draw.choice([10, 90])
            await connection.execute(LABEL, f"{asset}l{place}", project_id, asset, author, kind, step_id, minutes)
        for person in draw.sample(people, draw.choice([0, 0, 0, 1, 2])):
            await connection.execute(LOCK, f"{asset}k{person}", project_id, asset, person, draw.choice([1, 31]))
        for person in draw.sample(people, draw.choice([0, 0, 0, 1, 2])):
            await connection.execute("insert into asset_assignee (asset_id, user_id) values ($1, $2)", asset, person)


@pytest.mark.parametrize("seed", range(8))
async def test_the_walk_gives_what_the_rule_gives(organization: Organization, database_url: str, seed: int) -> None:
    draw = random.Random(seed)
    project = await organization.project(**draw.choice([{}, {"workflowVersion": "V1"}, {"workflowVersion": "V3"}]))
    members = [await project.member(role) for role in ("LABELER", "LABELER", "REVIEWER", "TEAM_MANAGER")]
    stranger = await organization.person()
    people = [person.id for person in [*members, stranger]]
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "update project set min_consensus_size = $2, enforce_step_separation = $3 where id = $1",
            project.id, draw.choice([1, 2, 3]), draw.random() < 0.5,
        )  # fmt: skip
        rows = await connection.fetch("select id from project_step where project_id = $1", project.id)
        steps = [row["id"] for row in rows]
        if steps and seed % 2:  # a step of a later group
            await connection.execute(
                "insert into step_group (id, project_id, group_order, name) values ($1, $2, 9, 'late')",
                f"{project.id}g",
                project.id,
            )
            await connection.execute(
                "update project_step set step_group_id = $1 where id = $2", f"{project.id}g", steps[-1]
            )
        await fill(connection, project.id, steps, people, draw)
        # People change their role after they were assigned.
        await connection.execute(
            "update project_user set role = 'REVIEWER' where project_id = $1 and user_id = $2", project.id, people[1]
        )
        for viewer in people:
            values = {
                "project_id": project.id,
                "viewer": viewer,
                "steps": draw.sample(steps, draw.randint(0, len(steps))),
                "statuses": draw.choice([["TODO", "ONGOING"], ["TO_REVIEW"], ["TODO", "ONGOING", "TO_REVIEW"]]),
                "wants_honeypot": draw.random() < 0.5,
            }
            expected = [row["id"] for row in await connection.fetch(RULE.text, *RULE.arguments(values))]
            assert await walked(organization, values) == expected, (seed, viewer)
    finally:
        await connection.close()


async def test_the_walk_is_planned_on_its_index_before_there_is_anything(own_database_url: str) -> None:
    connection = await asyncpg.connect(own_database_url, server_settings={"plan_cache_mode": "force_generic_plan"})
    try:
        await connection.execute("vacuum asset")
        await connection.execute("begin")
        await connection.execute(f"select {PLAN_BY_INDEX}")
        await connection.execute(f"prepare walk as {statement(CANDIDATES).text}")
        plan = await connection.fetch(
            "explain execute walk(" + ", ".join(["null"] * len(statement(CANDIDATES).names)) + ")"
        )
    finally:
        await connection.close()
    # On a table without any row, and for ever after on this connection.
    lines = [row[0].strip() for row in plan]
    assert [line.split("  (")[0] for line in lines if " on asset a" in line] == [
        "->  Index Scan using asset_queue on asset a"
    ]
