"""A large project, written by a few statements: what filters, counts and the queue are measured on.

Half of the assets wait to be labeled and have the answer of a model; the others were labeled, some by two people, some reviewed.
Dates, priorities, marks, metadata and assignments are spread by fixed rules, so that every run measures the same rows.
"""

from __future__ import annotations

import asyncpg

from labelyard.domain.secret import digest_of

LABELERS = 50
REVIEWERS = 5
DAYS = 60
AT_ONCE = 50_000
KEY_OF = "ly_bench_key_of_{name}_{number}"

PEOPLE = """
with person as (
  insert into user_account (id, organization_id, email, firstname, lastname)
  values ($1, $2, $1 || '@example.org', initcap($1), 'Bench')
), key as (
  insert into api_key (id, user_id, name, hint, digest, expires_at)
  values ($1, $1, 'bench', 'bench', $3, now() + interval '1 year')
)
insert into project_user (id, project_id, user_id, role, invitation_status)
values ($1, $4, $1, $5, 'ACCEPTED')
"""
AT = f"now() - interval '{DAYS} days' * (1 - n::float / $2)"
ASSETS = f"""
insert into asset (
  id, project_id, external_id, content, json_metadata, metadata_search, status, skipped, current_step_id, step_status,
  is_to_review, priority, is_honeypot, is_used_for_consensus, consensus_mark, honeypot_mark, inference_mark, created_at,
  updated_at
)
select 'large' || n, $1, 'street-' || n || '.png', 'https://example.org/' || n || '.png', metadata::text, metadata,
  status, n % 1000 = 7,
  case when status = 'TO_REVIEW' or status = 'REVIEWED' then $4 else $3 end,
  case
    when status = 'TODO' or status = 'TO_REVIEW' then 'TO_DO'
    when status = 'ONGOING' then 'PARTIALLY_DONE'
    else 'DONE'
  end,
  status = 'TO_REVIEW', case when n % 5000 = 0 then 3 else 0 end, n % 500 = 9, n % 25 = 0,
  case when n % 50 = 25 then (n % 100) / 100.0 end, case when n % 500 = 9 then (n % 90) / 100.0 end,
  case when n % 100 = 1 then (n % 70) / 100.0 end, at, at
from (
  select n, {AT} as at,
    jsonb_build_object('city', 'city ' || n % 200, 'number', n, 'day', to_char({AT}, 'YYYY-MM-DD')) as metadata,
    case
      when n % 2 = 0 then case when n % 50 = 0 and n % 200 = 0 then 'ONGOING' else 'TODO' end
      when n % 10 = 1 then 'TO_REVIEW'
      when n % 10 = 3 then 'REVIEWED'
      else 'LABELED'
    end as status
  from generate_series($5::int, $6::int) n
) made
order by n
"""
ANSWER = """'{"PET":{"categories":[{"name":"' || pet || '","confidence":100}]}}'"""
LABELS = f"""
insert into label (
  id, project_id, asset_id, author_id, label_type, model_name, json_response, search, number_of_annotations,
  seconds_to_label, skipped, step_id, is_latest_label_for_user, is_latest_default_label_for_user,
  is_latest_review_label_for_user, is_last_for_step, is_first_on_asset, consensus_mark, honeypot_mark, created_at,
  updated_at
)
select 'large' || n || kind, $1, 'large' || n, author, label_type, case when kind = 'm' then 'model' end,
  {ANSWER}, jsonb_build_object('PET.' || pet, 1), 1, n % 90, n % 1000 = 7, case when kind = 'r' then $4 when kind <> 'm' then $3 end,
  true, label_type = 'DEFAULT', label_type = 'REVIEW', kind <> 'm', kind = 'a',
  case when n % 50 = 25 then (n % 100) / 100.0 end, case when n % 500 = 9 then (n % 90) / 100.0 end, at, at
from (
  select n, kind, case when n % 3 = 0 then 'CAT' when n % 20000 = 1 then 'RARE' else 'DOG' end as pet,
    {AT} + interval '1 hour' as at,
    case kind
      when 'r' then 'reviewer' || n % {REVIEWERS}
      when 'm' then 'labeler0'
      when 'b' then 'labeler' || (n + 1) % {LABELERS}
      else 'labeler' || n % {LABELERS}
    end as author,
    case kind when 'r' then 'REVIEW' when 'm' then 'INFERENCE' else 'DEFAULT' end as label_type
  from generate_series($5::int, $6::int) n, unnest(array['a', 'b', 'm', 'r']) kind
  where case kind
    when 'a' then n % 2 = 1
    when 'b' then n % 10 = 5
    when 'm' then n % 2 = 0
    else n % 10 = 3
  end
) made
order by n
"""
ASSIGNEES = "insert into asset_assignee (asset_id, user_id) select 'large' || n, 'labeler1' from generate_series(4, $1::int, 1000) n"
ISSUES = """
insert into issue (id, project_id, asset_id, author_id, issue_number, type, status)
select 'issue' || n, $1, 'large' || n, 'reviewer0', n, case when n % 2 = 0 then 'QUESTION' else 'ISSUE' end, 'OPEN'
from generate_series(1, $2::int, 997) n
"""


async def make_large(connection: asyncpg.Connection, project_id: str, organization_id: str, count: int) -> None:
    """Fill a project that has two steps with assets, labels and people; figures are counted by the triggers as always."""
    people = [("labeler", "LABELER", number) for number in range(LABELERS)]
    people += [("reviewer", "REVIEWER", number) for number in range(REVIEWERS)]
    for name, role, number in people:
        digest = digest_of(KEY_OF.format(name=name, number=number))
        await connection.execute(PEOPLE, f"{name}{number}", organization_id, digest, project_id, role)
    steps = [
        row["id"]
        for row in await connection.fetch(
            "select id from project_step where project_id = $1 order by step_order", project_id
        )
    ]
    # Events are written row by row, are no part of what is measured, and would take most of the time.
    for table in ("asset", "label"):
        names = await connection.fetch(
            "select tgname from pg_trigger where tgrelid = $1::text::regclass and not tgisinternal and tgname not like '%tally%'",
            table,
        )
        for row in names:
            await connection.execute(f'alter table {table} disable trigger "{row["tgname"]}"')
    try:
        for text in (ASSETS, LABELS):
            for first in range(1, count + 1, AT_ONCE):
                last = min(first + AT_ONCE - 1, count)
                await connection.execute(text, project_id, float(count), steps[0], steps[-1], first, last, timeout=600)
    finally:
        for table in ("asset", "label"):
            await connection.execute(f"alter table {table} enable trigger user")
    await connection.execute(ASSIGNEES, count)
    await connection.execute(ISSUES, project_id, count)
    await connection.execute("vacuum analyze", timeout=600)
