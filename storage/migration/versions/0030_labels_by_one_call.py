"""Labels are added by a function"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TYPES = {
    "label_to_add": """(
  id text, asset_id text, author_id text, model_name text, step_id text, response text, search jsonb, warning text, annotations int,
  seconds float, client_version int, referenced text, is_latest boolean, is_latest_of_step boolean, is_first boolean,
  actor_id text, origin text
)""",
    "asset_to_move": """(
  id text, status text, skipped boolean, step_id text, step_status text, is_to_review boolean, row_version text
)""",
}
# What a batch of labels of one type changes: their assets move on, drafts of the same people go, the flags of their former latest
# labels are cleared, their locks end or are renewed, the labels are added with their events, marks are requested, listeners are
# notified. Unless no asset has changed since it was read (`row_version`), the project takes labels, and the interface is the one
# that the labels were checked against, it raises STALE_READ and changes nothing. Assets come first: they stay locked until the
# transaction ends, and each new label changes the row of its asset, so that `row_version` also covers which labels it has:
# `has_drafts` and `follows` say that there are drafts, and labels that are no longer the latest.
BODY = """
declare
  changed int;
  told text;
  is_human boolean := kind in ('DEFAULT', 'REVIEW');
begin
  update asset a
  set status = m.status, skipped = m.skipped, current_step_id = m.step_id, step_status = m.step_status,
    is_to_review = m.is_to_review, skip_reason = case when m.skipped then a.skip_reason end, updated_at = now()
  {from_moved}
  where a.id = m.id and a.xmin::text = m.row_version;
  get diagnostics changed = row_count;
  if changed <> {moved} or not exists (
    select 1
    from project p
    where p.id = of_project and p.interface_version = of_interface and p.archived_at is null and p.deleted_at is null
  ) then
    perform labelyard_stale_read();
  end if;

  -- Authors are not compared with `=`, so that labels are found by asset: one person may have a million of them.
  if has_drafts then
    delete from label d
    {using_authors}
    where d.asset_id = f.asset_id and d.author_id is not distinct from f.author_id and d.label_type = 'AUTOSAVE';
    if found then
      update project set removals = removals + 1 where id = of_project;
    end if;
  end if;

  if follows and is_human then
    update label o
    set is_latest_label_for_user = false,
      is_latest_default_label_for_user = o.is_latest_default_label_for_user and kind <> 'DEFAULT',
      is_latest_review_label_for_user = o.is_latest_review_label_for_user and kind <> 'REVIEW',
      is_last_for_step = o.is_last_for_step and not {has_step}
    {from_authors}
    where o.asset_id = f.asset_id and o.author_id is not distinct from f.author_id and o.label_type in ('DEFAULT', 'REVIEW')
      and (o.is_latest_label_for_user or o.is_latest_default_label_for_user or o.is_latest_review_label_for_user
        or o.is_last_for_step);
  elsif follows then
    update label o
    set is_latest_label_for_user = false, is_latest_prediction_label_for_user = false
    {from_models}
    where o.asset_id = f.asset_id and o.author_id is not distinct from f.author_id
      and o.model_name is not distinct from f.model_name and o.label_type = kind and o.is_latest_label_for_user;
  end if;

  if is_human then
    delete from asset_lock k
    {using_fresh}
    where k.asset_id = f.asset_id and k.user_id = f.author_id;
  elsif kind = 'AUTOSAVE' then
    insert into asset_lock (id, project_id, asset_id, user_id)
    select {distinct} f.id, of_project, f.asset_id, f.author_id
    from asset a {join_fresh}
    where a.id = f.asset_id and (a.is_used_for_consensus or not exists (
      select 1
      from asset_lock al
      where al.asset_id = f.asset_id and al.user_id <> f.author_id and al.renewed_at > now() - interval '30 minutes'
    ))
    on conflict (asset_id, user_id) do update set renewed_at = now();
  end if;

  insert into label (id, project_id, asset_id, author_id, label_type, model_name, json_response, search, warnings,
    number_of_annotations, seconds_to_label, client_version, step_id, referenced_label_id, skipped, is_honeypot,
    is_latest_label_for_user, is_latest_default_label_for_user, is_latest_review_label_for_user,
    is_latest_prediction_label_for_user, is_last_for_step, is_first_on_asset)
  select f.id, of_project, f.asset_id, f.author_id, kind, f.model_name, f.response, f.search, f.warning,
    f.annotations, f.seconds, f.client_version, f.step_id, f.referenced, is_skipped, is_right_answer,
    f.is_latest, f.is_latest and kind = 'DEFAULT', f.is_latest and kind = 'REVIEW',
    f.is_latest and kind = 'PREDICTION', f.is_latest_of_step and is_human, f.is_first
  {from_fresh}
  where f.is_latest or kind <> 'AUTOSAVE'
  {in_order};

  -- Drafts are nobody else's business.
  if kind <> 'AUTOSAVE' then
    insert into event (organization_id, project_id, user_id, event, asset_id, label_id, origin)
    select of_organization, of_project, f.actor_id, happened, f.asset_id, f.id, f.origin
    {from_fresh}
    {in_order};
  end if;

  if cardinality(marked) > 0 then
    insert into mark_request (asset_id)
    select unnest(marked)
    on conflict (asset_id) do update
    set ticket = default, requested_at = now(), claimed_until = null, is_slow = false, attempts = 0;
  end if;

  if exists (
    select 1
    from label_listener ll
    where ll.project_id = of_project and ll.seen_at > now() - interval '2 minutes'
  ) then
    {notify}
  end if;
end
"""
REST = """marked text[], of_project text, of_organization text, of_interface int, kind text, happened text, is_skipped boolean,
  is_right_answer boolean, has_drafts boolean, follows boolean"""
# One label is added by the same statements as many, on the variables `f` and `m` instead of rows: to read rows out of an array
# costs a third of what a statement on one row does.
ONE = {
    "from_moved": "",
    "moved": "1",
    "using_authors": "",
    "from_authors": "",
    "from_models": "",
    "has_step": "(f.step_id is not distinct from o.step_id)",
    "using_fresh": "",
    "distinct": "",
    "join_fresh": "",
    "from_fresh": "",
    "in_order": "",
    "notify": "perform pg_notify('labelyard_label', of_project || ' ' || f.id) where f.is_latest or kind <> 'AUTOSAVE';",
}
MANY = {
    "from_moved": "from unnest(moved) m",
    "moved": "cardinality(moved)",
    "using_authors": "using (select distinct asset_id, author_id from unnest(fresh)) f",
    "from_authors": "from (select distinct asset_id, author_id from unnest(fresh)) f",
    "from_models": "from (select distinct asset_id, author_id, model_name from unnest(fresh)) f",
    "has_step": """exists (
        select 1
        from unnest(fresh) m
        where m.asset_id = o.asset_id and m.author_id = o.author_id and m.step_id is not distinct from o.step_id
      )""",
    "using_fresh": "using unnest(fresh) f",
    "distinct": "distinct on (f.asset_id, f.author_id)",
    "join_fresh": "cross join unnest(fresh) f",
    "from_fresh": "from unnest(fresh) with ordinality f",
    "in_order": "order by f.ordinality",
    # 200 ids in one notification, which is limited to 8,000 bytes.
    "notify": """for told in
      select string_agg(f.id, ',' order by f.ordinality)
      from unnest(fresh) with ordinality f
      where f.is_latest or kind <> 'AUTOSAVE'
      group by (f.ordinality - 1) / 200
    loop
      perform pg_notify('labelyard_label', of_project || ' ' || told);
    end loop;""",
}
FUNCTIONS = {
    "add_label": ("f label_to_add, m asset_to_move", ONE),
    "add_labels": ("fresh label_to_add[], moved asset_to_move[]", MANY),
}


def upgrade() -> None:
    for name, columns in TYPES.items():
        op.execute(f"create type {name} as {columns}")
    for name, (parameters, parts) in FUNCTIONS.items():
        text = f"create function {name}({parameters}, {REST}) returns void language plpgsql as $${BODY.format(**parts)}$$"
        op.execute(text.replace(":", r"\:"))


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"drop function {name}")
    for name in TYPES:
        op.execute(f"drop type {name}")
