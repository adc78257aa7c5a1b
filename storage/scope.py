"""Visibility as SQL: the conditions that every list and every relation starts from.

A `Scope` holds the conditions of one object type: `owner` excludes rows of other organizations and projects, `shown` narrows the
rest to what the role of the person shows. Root lists begin with it; relations (`resolvers.object_type`) add it to their joins.

Organization administrators see everything of their organization; members see the projects they belong to. Labelers see themselves,
the assets given to them, labeled or locked by them, their own labels, reviews of those assets, and the predictions they may
start from. The right answer of a honeypot is never shown to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labelyard.domain.permission import SEE_MARKS, SEE_NAMES, Actor, ProjectRole

LOCK_MINUTES = 30
IS_VALID_LOCK = f"{{r}}.renewed_at > now() - interval '{LOCK_MINUTES} minutes'"
VALID_LOCK = IS_VALID_LOCK.format(r="al")

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
VISIBLE_PROJECT = f"array(select p.id from project p where {OWN_PROJECT} and p.id = :asked_project)"

# `{r}` is the row that is asked about, `{asset}` the id of its asset.
NOT_AS_LABELER = "{r}.project_id <> all(:labeler_projects)"
OWN_ASSET = f"""(
  exists (select 1 from asset_assignee aa where aa.asset_id = {{asset}} and aa.user_id = :viewer)
  or exists (select 1 from label own where own.asset_id = {{asset}} and own.author_id = :viewer)
  or exists (
    select 1
    from asset_lock al
    where al.asset_id = {{asset}} and al.user_id = :viewer and {VALID_LOCK}
  )
)"""
# The same for the project that is asked for, as the set of all of them: found once in a statement, from the person.
OWN_ASSETS = f"""{{r}}.id in (
  select aa.asset_id
  from asset_assignee aa
  where aa.user_id = :viewer
  union all
  select own.asset_id
  from label own
  where own.author_id = :viewer and own.project_id = :asked_project
  union all
  select al.asset_id
  from asset_lock al
  where al.user_id = :viewer and {VALID_LOCK}
)"""
# Whether a labeler of its project may label asset `{r}`: it is their own, or is unassigned, still to be labeled and not locked.
MAY_LABEL = f"""(
  {OWN_ASSET.format(asset="{r}.id")}
  or (
    {{r}}.status in ('TODO', 'ONGOING')
    and not exists (select 1 from asset_assignee assigned where assigned.asset_id = {{r}}.id)
    and (
      {{r}}.is_used_for_consensus
      or not exists (select 1 from asset_lock al where al.asset_id = {{r}}.id and {VALID_LOCK})
    )
  )
)"""
# Whether a person may act on asset `{r}`: a labeler not on what was given to others only.
MAY_TOUCH = f"""(
  {NOT_AS_LABELER}
  or not exists (select 1 from asset_assignee assigned where assigned.asset_id = {{r}}.id)
  or {OWN_ASSET.format(asset="{r}.id")}
)"""
OF_LABELER_ASSET = f"({NOT_AS_LABELER} or {OWN_ASSET})"
# Labelers see the answers of others only after their own, and never the right answer of a honeypot.
LABELER_LABEL = f"""(
  {NOT_AS_LABELER}
  or {{r}}.author_id = :viewer
  or (
    {{r}}.label_type = 'REVIEW'
    and not {{r}}.is_honeypot
    and exists (select 1 from label own where own.asset_id = {{r}}.asset_id and own.author_id = :viewer)
    and not exists (select 1 from asset trap where trap.id = {{r}}.asset_id and trap.is_honeypot)
  )
  or (
    {{r}}.label_type = 'PREDICTION'
    and exists (
      select 1
      from asset drafted
      where drafted.id = {{r}}.asset_id and {MAY_LABEL.format(r="drafted")}
    )
  )
)"""
# Issues are about labels, questions about assets: an issue is visible where its label is.
LABELER_ISSUE = f"""(
  {NOT_AS_LABELER}
  or (
    {OWN_ASSET.format(asset="{r}.asset_id")}
    and (
      {{r}}.label_id is null
      or {{r}}.author_id = :viewer
      or {{r}}.assignee_id = :viewer
      or exists (
        select 1
        from label meant
        where meant.id = {{r}}.label_id
          and meant.asset_id = {{r}}.asset_id
          and {LABELER_LABEL.format(r="meant")}
      )
    )
  )
)"""
# What is said in a conversation, for those who may label it; not what others say in labels that they do not see.
LABELER_CHAT_ITEM = f"""(
  {NOT_AS_LABELER}
  or (
    exists (
      select 1
      from asset spoken
      where spoken.id = {{r}}.asset_id and {MAY_LABEL.format(r="spoken")}
    )
    and (
      {{r}}.label_id is null
      or exists (
        select 1
        from label speaker
        where speaker.id = {{r}}.label_id and {LABELER_LABEL.format(r="speaker")}
      )
    )
  )
)"""
LABELER_ASSET = OF_LABELER_ASSET.format(r="{r}", asset="{r}.id")
ONLY_ONESELF = f"({NOT_AS_LABELER} or {{r}}.user_id = :viewer)"
IN_ORGANIZATION = "{r}.organization_id = :organization_id"
SHARES_PROJECT = """exists (
  select 1
  from project_user pu
  where pu.user_id = {r}.id
    and pu.project_id = any(:member_projects)
    and pu.project_id <> all(:labeler_projects)
)"""
# Whether the e-mail address of a person `{r}` is shown; who labels nowhere sees those of everybody they come across.
SEES_ADDRESS = f"(cardinality(:labeler_projects::text[]) = 0 or {{r}}.id = :viewer or {SHARES_PROJECT})"
HIDDEN_ADDRESS = "@hidden.invalid"
# Whether the name and the address of a person `{r}` may be shown at all. In an anonymized project, who labels or reviews learns
# nobody's; and since ids are the same everywhere, not in other projects either.
SEES_NAME = """(
  cardinality(:nameless_projects::text[]) = 0
  or {r}.id = :viewer
  or not (
    {r}.organization_role = 'ADMIN'
    or exists (select 1 from project_user nm where nm.user_id = {r}.id and nm.project_id = any(:nameless_projects))
    or exists (select 1 from label nl where nl.author_id = {r}.id and nl.project_id = any(:nameless_projects))
  )
)"""
HIDDEN_NAME = "Anonymous"
SEES_PERSON = f"({IN_ORGANIZATION} and (:is_organization_admin or {{r}}.id = :viewer or {SHARES_PROJECT}))"

# Cloud storage is for those who may connect a project to it.
MAY_CONNECT = """(
  :is_organization_admin
  or case
    when coalesce(cardinality({r}.allowed_projects), 0) = 0 then cardinality(:admin_projects::text[]) > 0
    else {r}.allowed_projects && :admin_projects::text[]
  end
)"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows `{r}` of an object type a person may see.

    `shown` speaks of labelers, unless `is_for_everybody`. The condition on the owner is fenced (`is true`), because it must never
    be what a row is found by: a project has a million rows.
    """

    owner: str
    shown: str = "true"
    is_for_everybody: bool = False

    @property
    def condition(self) -> str:
        """Both conditions, for rows that are found in another way."""
        return f"({self.owner}) is true and {self.shown}"

    @property
    def plain(self) -> Scope:
        """The same for people who label nowhere."""
        return Scope(
            self.owner, self.shown if self.is_for_everybody else "true", is_for_everybody=self.is_for_everybody
        )

    def of_same(self, shared: str) -> str:
        """The condition on a row found from a row `{t}` which the person sees and which must have the same owner."""
        return f"{{r}}.{shared} is not distinct from {{t}}.{shared} and {self.shown}"


IN_VISIBLE_PROJECT = f"{{r}}.project_id = any({VISIBLE_PROJECTS})"
# A dataset of the person: one that they are a user of, or any for who administers the organization.
OWN_DATASET = (
    "{r}.organization_id = :organization_id and (:is_organization_admin or exists ("
    "select 1 from dataset_user du where du.dataset_id = {r}.id and du.user_id = :viewer))"
)
VISIBLE_DATASETS = f"array(select d.id from dataset d where {OWN_DATASET.format(r='d')})"
COLLEAGUE = Scope(IN_ORGANIZATION)
KEYS_OF_COLLEAGUE = Scope("{r}.user_id = :viewer or :is_organization_admin")
SCOPES = {
    "ApiKey": Scope("{r}.user_id = :viewer"),
    "Asset": Scope(IN_VISIBLE_PROJECT, LABELER_ASSET),
    "AssetProjectModel": Scope(IN_VISIBLE_PROJECT),
    "AssetWorkflowStep": Scope(IN_VISIBLE_PROJECT),
    "ChatItem": Scope(IN_VISIBLE_PROJECT, LABELER_CHAT_ITEM),
    "DataConnection": Scope(IN_VISIBLE_PROJECT, NOT_AS_LABELER),
    "DataIntegration": Scope(IN_ORGANIZATION, MAY_CONNECT, is_for_everybody=True),
    "Dataset": Scope(OWN_DATASET),
    "DatasetAsset": Scope(f"{{r}}.dataset_id = any({VISIBLE_DATASETS})"),
    "Issue": Scope(IN_VISIBLE_PROJECT, LABELER_ISSUE),
    "Label": Scope(IN_VISIBLE_PROJECT, LABELER_LABEL),
    "Lock": Scope(IN_VISIBLE_PROJECT, ONLY_ONESELF),
    "Model": COLLEAGUE,
    "Notification": Scope("{r}.user_id = :viewer"),
    "Organization": Scope("{r}.id = :organization_id"),
    "Project": Scope(
        f"{{r}}.deleted_at is null and {IN_ORGANIZATION} and (:is_organization_admin or {{r}}.id = any(:member_projects))"
    ),
    "ProjectExport": Scope(IN_VISIBLE_PROJECT, f"({NOT_AS_LABELER} or {{r}}.user_id = :viewer)"),
    "ProjectModel": Scope(IN_VISIBLE_PROJECT),
    "ProjectStep": Scope(IN_VISIBLE_PROJECT),
    "ProjectVersion": Scope(IN_VISIBLE_PROJECT),
    "ProjectUser": Scope(IN_VISIBLE_PROJECT, ONLY_ONESELF),
    "StepGroup": Scope(IN_VISIBLE_PROJECT),
    "Tag": Scope(IN_ORGANIZATION),
    "TrainedModel": Scope(IN_VISIBLE_PROJECT),
    "User": Scope(IN_ORGANIZATION, SEES_PERSON, is_for_everybody=True),
}


def viewer_values(actor: Actor) -> dict[str, Any]:
    """The named parameters that every plan, filter and scope may use."""
    return {
        "viewer": actor.user_id,
        "organization_id": actor.organization_id,
        "is_organization_admin": actor.is_organization_admin,
        "member_projects": list(actor.roles),
        "labeler_projects": labeler_projects(actor),
        "admin_projects": admin_projects(actor),
        "markless_projects": markless_projects(actor),
        "nameless_projects": nameless_projects(actor),
        "label_types": None,  # a filter on assets may narrow the labels that are listed in them
    }


def labeler_projects(actor: Actor) -> list[str]:
    """Projects where the person sees only their own work."""
    if actor.is_organization_admin:
        return []
    return [project for project, role in actor.roles.items() if role is ProjectRole.LABELER]


def admin_projects(actor: Actor) -> list[str]:
    """Projects that a member administers; none for administrators of the organization, who administer all."""
    return [project for project, role in actor.roles.items() if role is ProjectRole.ADMIN]


def markless_projects(actor: Actor) -> list[str]:
    """Projects where the person does not see quality marks."""
    if actor.is_organization_admin:
        return []
    return [project for project, role in actor.roles.items() if role not in SEE_MARKS]


def nameless_projects(actor: Actor) -> list[str]:
    """Projects where the person learns no names."""
    return [project for project in actor.anonymized if actor.role_in(project) not in SEE_NAMES]


def projects() -> str:
    """Projects of the person, deleted ones too."""
    return "t.organization_id = :organization_id and (:is_organization_admin or t.id = any(:member_projects))"


def assets(actor: Actor, values: dict[str, Any], project_id: str | None) -> str:
    """Assets of visible projects, of one when the filter names it."""
    visible = _in_projects(values, project_id)
    if project_id is not None and project_id in labeler_projects(actor):
        return f"{visible} and {OWN_ASSETS.format(r='t')}"
    return f"{visible} and {LABELER_ASSET.format(r='t')}" if labeler_projects(actor) else visible


def labels(actor: Actor, values: dict[str, Any], project_id: str | None) -> str:
    """Labels of visible projects, of one when the filter names it."""
    visible = _in_projects(values, project_id)
    return f"{visible} and {LABELER_LABEL.format(r='t')}" if labeler_projects(actor) else visible


def issues(actor: Actor, values: dict[str, Any], project_id: str | None) -> str:
    """Issues and questions of visible assets, of those of one project when the filter names it."""
    visible = _in_projects(values, project_id)
    return f"{visible} and {LABELER_ISSUE.format(r='t')}" if labeler_projects(actor) else visible


def _in_projects(values: dict[str, Any], project_id: str | None) -> str:
    if project_id is not None:
        values["asked_project"] = project_id
    return of_projects(project_id)


def of_projects(project_id: str | None) -> str:
    """Rows `t` of visible projects, or of the one that is asked for."""
    return f"t.project_id = any({VISIBLE_PROJECTS if project_id is None else VISIBLE_PROJECT})"


def project_users() -> str:
    """Members of visible projects; who labels in one sees only themselves of it."""
    return f"t.project_id = any({VISIBLE_PROJECTS}) and {ONLY_ONESELF.format(r='t')}"


def users() -> str:
    """Everybody of the organization for its administrators; oneself and the people of shared projects for others."""
    return SEES_PERSON.format(r="t")


def events(actor: Actor, values: dict[str, Any]) -> str:
    """What happened in the organization, for its administrators; in the projects that they administer for others."""
    values["organization_id"] = actor.organization_id
    if actor.is_organization_admin:
        return "t.organization_id = :organization_id"
    values["admin_projects"] = [project for project, role in actor.roles.items() if role is ProjectRole.ADMIN]
    return "t.organization_id = :organization_id and t.project_id = any(:admin_projects)"


def own() -> str:
    """Rows that belong to the person: keys, notifications."""
    return "t.user_id = :viewer"


def models() -> str:
    """Models of the organization; who asks is one of its administrators."""
    return IN_ORGANIZATION.format(r="t")


def project_models() -> str:
    """Models that answer in visible projects; who asks is an administrator of them."""
    return f"t.project_id = any({VISIBLE_PROJECTS})"


def chat_items() -> str:
    """Messages of visible conversations."""
    return f"t.project_id = any({VISIBLE_PROJECTS}) and {LABELER_CHAT_ITEM.format(r='t')}"
