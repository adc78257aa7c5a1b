"""Which metadata of assets a person sees: the properties of a project's keys say who does.

The SQL speaks of `{asset}`, the row of an asset, and of the parameters of `storage.scope.viewer_values`. Administrators and team
managers see all of it.
"""

from __future__ import annotations

# Whether key `{key}` is hidden from the person in project `mp`, where they label or review.
IS_HIDDEN = """(
  mp.metadata_properties::json -> {key}
    ->> (case when mp.id = any(:labeler_projects) then 'visibleByLabeler' else 'visibleByReviewer' end)
) is not distinct from 'false'"""
# The metadata with the keys that the person sees, each value as it was sent.
VISIBLE_METADATA = f"""(
  case when {{asset}}.project_id = any(:markless_projects) then (
    select case when mp.metadata_properties = json_build_object()::text then {{asset}}.json_metadata else (
      select coalesce(json_object_agg(m.key, m.value order by m.place)::text, json_build_object()::text)
      from json_each({{asset}}.json_metadata::json) with ordinality m(key, value, place)
      where not ({IS_HIDDEN.format(key="m.key")})
    ) end
    from project mp
    where mp.id = {{asset}}.project_id
  ) else {{asset}}.json_metadata end
)"""
# Whether the person sees a key of an asset's metadata, and so may look for its values.
SEES_KEY = f"""(
  {{asset}}.project_id <> all(:markless_projects)
  or not exists (
    select 1
    from project mp
    where mp.id = {{asset}}.project_id and {IS_HIDDEN}
  )
)"""
