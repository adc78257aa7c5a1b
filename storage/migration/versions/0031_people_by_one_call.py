"""People are found by a function"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# The person behind a live key or session, by its digest or its id, or the person of an id, with their roles unless they administrate all projects; all
# null where there is none, or one who is not activated. Every request asks: as one statement of all these parts it took twice
# as long, most of it to make the parts ready that were not needed.
PERSON = """
create function person(
  key_digest text, of_key text, of_user text, out key_id text, out depth int, out user_id text, out email text, out organization_id text,
  out organization_role text, out has_kept_ids boolean, out project_ids text[], out roles text[], out archived text[],
  out anonymized text[]
) language plpgsql stable parallel safe as $$
declare
  holder text := of_user;
begin
  if key_digest is not null then
    select k.id, k.depth, k.user_id into key_id, depth, holder
    from api_key k
    where k.digest = key_digest and k.revoked_at is null and k.expires_at > now();
    if holder is null then
      select s.id, 0, s.user_id into key_id, depth, holder
      from login_session s
      where s.digest = key_digest and s.expires_at > now();
    end if;
  elsif of_key is not null then
    select k.id, k.depth, k.user_id into key_id, depth, holder
    from api_key k
    where k.id = of_key and k.revoked_at is null and k.expires_at > now();
    if holder is null then
      select s.id, 0, s.user_id into key_id, depth, holder
      from login_session s
      where s.id = of_key and s.expires_at > now();
    end if;
  else
    depth := 0;
  end if;
  if holder is null then
    return;
  end if;

  select u.id, u.email, u.organization_id, u.organization_role, o.has_kept_ids
  into user_id, email, organization_id, organization_role, has_kept_ids
  from user_account u join organization o on o.id = u.organization_id and o.deleted_at is null
  where u.id = holder and u.activated;
  project_ids := '{}';
  roles := '{}';
  archived := '{}';
  anonymized := '{}';
  if user_id is null or organization_role = 'ADMIN' then
    return;
  end if;

  select coalesce(array_agg(pu.project_id), '{}'), coalesce(array_agg(pu.role), '{}'),
    coalesce(array_agg(pu.project_id) filter (where p.archived_at is not null), '{}'),
    coalesce(array_agg(pu.project_id) filter (where p.is_anonymized), '{}')
  into project_ids, roles, archived, anonymized
  from project_user pu join project p on p.id = pu.project_id
  where pu.user_id = holder
    and pu.deleted_at is null
    and p.deleted_at is null
    and p.organization_id = person.organization_id;
end $$
"""


def upgrade() -> None:
    op.execute(PERSON.replace(":", r"\:"))


def downgrade() -> None:
    op.execute("drop function person")
