"""Ids of assets that another organization has already: see `domain.identifier.kept_id`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Writer
from labelyard.storage.scope import ITS_PROJECT

TAKEN = f"""
select a.id, p.organization_id = :organization_id as is_own
from asset a {ITS_PROJECT.format(row="a")}
where a.id = any(:ids)
"""

# An id whose plain form is an asset of the same organization always means that asset. The subquery keeps the planner from
# reading all assets.
KEPT = f"""
select named.id
from unnest(:ids::text[], :forms::text[]) named(id, form)
join asset kept on kept.id = named.form
where (
  select p.organization_id
  from asset plain {ITS_PROJECT.format(row="plain")}
  where plain.id = named.id
) is distinct from :organization_id
"""


async def taken_ids(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, bool]:
    """Those of the ids that any asset has, and whether it is of the person's organization, be its project deleted or not."""
    rows = await connection.fetch(TAKEN, {"ids": list(ids), "organization_id": actor.organization_id})
    return {row["id"]: row["is_own"] for row in rows}


async def keep_ids(connection: Writer, organization_id: str) -> None:
    """Remember that an organization has assets whose ids are kept in another form."""
    await connection.fetch(
        "update organization set has_kept_ids = true where id = :id and not has_kept_ids", {"id": organization_id}
    )


async def ids_in_kept_form(connection: Connection, forms: Mapping[str, str], organization_id: str) -> set[str]:
    """Those of the ids, given with their kept forms, under whose kept form the organization has an asset, and none under the id."""
    values = {"ids": list(forms), "forms": list(forms.values()), "organization_id": organization_id}
    return {row["id"] for row in await connection.fetch(KEPT, values)}
