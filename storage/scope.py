"""What a person may see, as SQL, in one place: every list starts here.

The conditions name the row `t`. Organization administrators see everything of their organization; members see the projects
they belong to; labelers see the assets given to or labeled by them, their own labels, and reviews of those assets.
"""

from __future__ import annotations

from typing import Any

from domain.permission import SEE_MARKS, Actor, ProjectRole

# A project `p` of the person: what every statement asks that finds rows by ids which a client has sent, so that the ids of
# strangers read like ids that do not exist.
OWN_PROJECT = (
    "p.deleted_at is null and p.organization_id = :organization_id "
    "and (:is_organization_admin or p.id = any(:member_projects))"
)
# That project, for rows which are found by their ids. The fence (`offset 0`) keeps the planner from finding such a row by way of
# its project: it would read all of the project's rows wherever it knows nothing yet about tables that have just been filled.
ITS_PROJECT = "cross join lateral (select * from project where id = {row}.project_id offset 0) p"
# Evaluated once per statement (an InitPlan), so that a list pays one array comparison per row and keeps its index order.
VISIBLE_PROJECTS = f"array(select p.id from project p where {OWN_PROJECT})"
VISIBLE_PROJECT = VISIBLE_PROJECTS[:-1] + " and p.id = :asked_project)"

OF_LABELER_ASSET = (
    "({t}.project_id <> all(:labeler_projects) "
    "or exists (select 1 from asset_assignee aa where aa.asset_id = {asset} and aa.user_id = :viewer) "
    "or exists (select 1 from label own where own.asset_id = {asset} and own.author_id = :viewer))"
)
LABELER_ASSET = OF_LABELER_ASSET.format(t="t", asset="t.id")
LABELER_LABEL = (
    "({t}.project_id <> all(:labeler_projects) or {t}.author_id = :viewer or ({t}.label_type = 'REVIEW' and exists "
    "(select 1 from label own where own.asset_id = {t}.asset_id and own.author_id = :viewer)))"
)


def viewer_values(actor: Actor) -> dict[str, Any]:
    """The named parameters that every plan, filter and scope may use."""
    return {
        "viewer": actor.user_id,
        "organization_id": actor.organization_id,
        "is_organization_admin": actor.is_organization_admin,
        "member_projects": list(actor.roles),
        "labeler_projects": labeler_projects(actor),
        "markless_projects": markless_projects(actor),
        "label_types": None,  # a filter on assets may narrow the labels that are listed in them
    }


def labeler_projects(actor: Actor) -> list[str]:
    """Projects where the person sees only their own work."""
    if actor.is_organization_admin:
        return []
    return [project for project, role in actor.roles.items() if role is ProjectRole.LABELER]


def markless_projects(actor: Actor) -> list[str]:
    """Projects where the person does not see quality marks."""
    if actor.is_organization_admin:
        return []
    return [project for project, role in actor.roles.items() if role not in SEE_MARKS]


def projects() -> str:
    """Projects of the person, deleted ones never."""
    return "t.organization_id = :organization_id and (:is_organization_admin or t.id = any(:member_projects))"


def assets(actor: Actor, values: dict[str, Any], project_id: str | None) -> str:
    """Assets of visible projects, of one when the filter names it."""
    visible = _in_projects(values, project_id)
    return f"{visible} and {LABELER_ASSET}" if labeler_projects(actor) else visible


def labels(actor: Actor, values: dict[str, Any], project_id: str | None) -> str:
    """Labels of visible projects, of one when the filter names it."""
    visible = _in_projects(values, project_id)
    return f"{visible} and {LABELER_LABEL.format(t='t')}" if labeler_projects(actor) else visible


def issues(actor: Actor, values: dict[str, Any], project_id: str | None) -> str:
    """Issues and questions of visible assets, of those of one project when the filter names it."""
    visible = _in_projects(values, project_id)
    return f"{visible} and {OF_LABELER_ASSET.format(t='t', asset='t.asset_id')}" if labeler_projects(actor) else visible


def _in_projects(values: dict[str, Any], project_id: str | None) -> str:
    if project_id is None:
        return f"t.project_id = any({VISIBLE_PROJECTS})"
    values["asked_project"] = project_id
    return f"t.project_id = any({VISIBLE_PROJECT})"


def project_users() -> str:
    """Members of visible projects."""
    return f"t.project_id = any({VISIBLE_PROJECTS})"


def users() -> str:
    """Everybody of the organization for its administrators; oneself and the people of shared projects for others."""
    return (
        "t.organization_id = :organization_id and (:is_organization_admin or t.id = :viewer or exists ("
        "select 1 from project_user pu where pu.user_id = t.id and pu.project_id = any(:member_projects) "
        "and pu.project_id <> all(:labeler_projects)))"
    )


def own() -> str:
    """Rows that belong to the person: keys, notifications."""
    return "t.user_id = :viewer"
