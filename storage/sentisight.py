"""What the door of SentiSight asks of the tables: images with their labels, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row
from labelyard.storage.scope import LABELER_LABEL, SCOPES, viewer_values
from labelyard.storage.trained_model import VALIDATION_KEY

# The label that stands for an image is the latest review, else the latest answer of a labeler, of those that the person sees.
IMAGE: Final = f"""
select a.id, a.external_id, a.position, coalesce(a.metadata_search -> '{VALIDATION_KEY}' = 'true', false) as is_marked,
  array(
    select c.value ->> 'name'
    from jsonb_array_elements(
      case jsonb_typeof(s.answer -> 'categories') when 'array' then s.answer -> 'categories' else '[]' end
    ) with ordinality c(value, place)
    where c.value ->> 'name' is not null
    order by c.place
  ) as labels
from asset a
left join lateral (
  select l.json_response::jsonb -> :job_name::text as answer
  from label l
  where l.asset_id = a.id and l.label_type in ('REVIEW', 'DEFAULT') and not l.skipped and {LABELER_LABEL.format(r="l")}
  order by l.label_type = 'REVIEW' desc, l.position desc
  limit 1
) s on true
where a.project_id = :project_id
  and (:ids::text[] is null or a.id = any(:ids))
  and {SCOPES["Asset"].condition.format(r="a")}
"""
IMAGES: Final = f"""
{IMAGE}
order by a.position
limit :limit
"""
# The images themselves are counted as those of no label.
COUNTS: Final = f"""
select label, count(*) as images
from ({IMAGE}) image, unnest(image.labels || array[null::text]) label
group by label
order by min(image.position), label
"""


async def list_images(
    connection: Connection,
    actor: Actor,
    project_id: str,
    job_name: str,
    *,
    ids: Sequence[str] | None = None,
    limit: int,
) -> list[Row]:
    """The images of a project that the person sees, or those of some ids, with their labels in a job, the default one first."""
    values = {
        "project_id": project_id,
        "job_name": job_name,
        "ids": list(ids) if ids is not None else None,
        "limit": limit,
        **viewer_values(actor),
    }
    return await connection.fetch(IMAGES, values)


async def count_images(
    connection: Connection, actor: Actor, project_id: str, job_name: str
) -> tuple[int, dict[str, int]]:
    """How many images of a project the person sees, and how many of them have each label of a job."""
    values = {"project_id": project_id, "job_name": job_name, "ids": None, **viewer_values(actor)}
    counts = {row["label"]: row["images"] for row in await connection.fetch(COUNTS, values)}
    return counts.pop(None, 0), counts
