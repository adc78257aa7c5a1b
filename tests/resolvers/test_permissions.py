"""Every operation as every kind of caller. What is refused changes nothing; whose operation has no row fails the run."""

from __future__ import annotations

import itertools
import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from labelyard.resolvers.operation import OPERATIONS
from labelyard.services.identity import new_id
from labelyard.storage.blob import new_blob_id
from tests.common.client import Client
from tests.common.conversation import (
    CREATE_ASSET,
    CREATE_MODEL,
    CREATE_PROJECT_MODEL,
    DYNAMIC,
    IMPORT,
    LABEL,
    STATIC,
    conversation,
)
from tests.common.world import Organization, Person, Project, new_organization
from tests.resolvers.permission_table import CALLERS, CONVERSATIONS, TABLE, Row

CODES = {
    "U": "UNAUTHENTICATED",
    "N": "NOT_FOUND",
    "F": "FORBIDDEN",
    "I": "NOT_IMPLEMENTED",
    "B": "BAD_USER_INPUT",
    "C": "CONFLICT",
}
_fresh = itertools.count(1)
ROOT = Path(__file__).parents[2]

# All that an organization has, apart from what counts failed log-ins.
STATE = """
select jsonb_build_object(
  'organization', (select jsonb_agg(o order by id) from organization o where id = any(:organizations)),
  'user_account', (select jsonb_agg(u order by id) from user_account u where organization_id = any(:organizations)),
  'api_key', (select jsonb_agg(k order by k.id) from api_key k join user_account u on u.id = k.user_id
    where u.organization_id = any(:organizations)),
  'login_session', (select jsonb_agg(s order by s.id) from login_session s join user_account u on u.id = s.user_id
    where u.organization_id = any(:organizations)),
  'notification', (select jsonb_agg(n order by n.id) from notification n join user_account u on u.id = n.user_id
    where u.organization_id = any(:organizations)),
  'blob', (select jsonb_agg(b order by id) from blob b where organization_id = any(:organizations)),
  'project', (select jsonb_agg(p order by id) from project p where organization_id = any(:organizations)),
  'plugin', (select jsonb_agg(p order by id) from plugin p where organization_id = any(:organizations)),
  'plugin_project', (select jsonb_agg(a order by a.plugin_id, a.project_id) from plugin_project a join plugin p
    on p.id = a.plugin_id where p.organization_id = any(:organizations)),
  'dataset', (select jsonb_agg(d order by id) from dataset d where organization_id = any(:organizations)),
  'dataset_user', (select jsonb_agg(du order by dataset_id, user_id) from dataset_user du join dataset d on d.id = du.dataset_id
    where d.organization_id = any(:organizations)),
  'dataset_asset', (select jsonb_agg(da order by da.id) from dataset_asset da join dataset d on d.id = da.dataset_id
    where d.organization_id = any(:organizations)),
  'tag', (select jsonb_agg(t order by id) from tag t where organization_id = any(:organizations)),
  'data_integration', (select jsonb_agg(i order by id) from data_integration i where organization_id = any(:organizations)),
  'data_connection', (select jsonb_agg(c order by c.id) from data_connection c join project p on p.id = c.project_id
    where p.organization_id = any(:organizations)),
  'project_tag', (select jsonb_agg(pt order by project_id, tag_id) from project_tag pt join project p on p.id = pt.project_id
    where p.organization_id = any(:organizations)),
  'project_version', (select jsonb_agg(v order by v.id) from project_version v join project p on p.id = v.project_id
    where p.organization_id = any(:organizations)),
  'project_export', (select jsonb_agg(e order by e.id) from project_export e join project p on p.id = e.project_id
    where p.organization_id = any(:organizations)),
  'trained_model', (select jsonb_agg(m order by m.id) from trained_model m join project p on p.id = m.project_id
    where p.organization_id = any(:organizations)),
  'learning_loop', (select jsonb_agg(l order by l.project_id) from learning_loop l join project p on p.id = l.project_id
    where p.organization_id = any(:organizations)),
  'project_step', (select jsonb_agg(s order by s.id) from project_step s join project p on p.id = s.project_id
    where p.organization_id = any(:organizations)),
  'step_group', (select jsonb_agg(g order by g.id) from step_group g join project p on p.id = g.project_id
    where p.organization_id = any(:organizations)),
  'project_user', (select jsonb_agg(m order by m.id) from project_user m join project p on p.id = m.project_id
    where p.organization_id = any(:organizations)),
  'asset', (select jsonb_agg(a order by a.id) from asset a join project p on p.id = a.project_id
    where p.organization_id = any(:organizations)),
  'asset_assignee', (select jsonb_agg(aa order by asset_id, user_id) from asset_assignee aa join asset a on a.id = aa.asset_id
    join project p on p.id = a.project_id where p.organization_id = any(:organizations)),
  'asset_lock', (select jsonb_agg(k order by k.id) from asset_lock k join project p on p.id = k.project_id
    where p.organization_id = any(:organizations)),
  'issue', (select jsonb_agg(i order by i.id) from issue i join project p on p.id = i.project_id
    where p.organization_id = any(:organizations)),
  'issue_comment', (select jsonb_agg(c order by c.id) from issue_comment c join issue i on i.id = c.issue_id
    join project p on p.id = i.project_id where p.organization_id = any(:organizations)),
  'model', (select jsonb_agg(m order by id) from model m where organization_id = any(:organizations)),
  'project_model', (select jsonb_agg(m order by m.id) from project_model m join project p on p.id = m.project_id
    where p.organization_id = any(:organizations)),
  'chat_item', (select jsonb_agg(c order by c.id) from chat_item c join project p on p.id = c.project_id
    where p.organization_id = any(:organizations)),
  'label', (select jsonb_agg(l order by l.id) from label l join project p on p.id = l.project_id
    where p.organization_id = any(:organizations)))::text"""

ISSUES = """
mutation ($issues: [IssueToCreate!]!, $where: AssetWhere!) { data: createIssues(issues: $issues, where: $where) { id } }"""
CREATE_TAG = "mutation ($label: String!) { data: createTag(data: { label: $label }) { id } }"
CREATE_WEBHOOK = (
    'mutation ($name: String!) { data: createWebhook(data: {pluginName: $name, webhookUrl: "https://93.184.215.14/"}) }'
)
ACTIVATE = """mutation ($name: String!, $project: ID!) {
  data: activatePluginOnProject(where: {pluginName: $name, projectId: $project}) }"""
CHECK_TAG = "mutation ($project: ID!, $tag: ID!) { data: checkTag(data: { projectId: $project, tagId: $tag }) { id } }"
SKIP = 'mutation ($id: ID!) { data: skipAsset(reason: "unreadable", where: { id: $id }) { id } }'


# Mutations that leave no entry in the record of events, and why.
OF_NOBODYS_RIGHTS = "says nothing of who may do what, nor of data of the organization"
STATES = "moves assets in the workflow; the record tells of labels, and of what is sent back"
LATER = "what its job does is recorded by it"
UNRECORDED = {
    "createNotification": OF_NOBODYS_RIGHTS,
    "createNotification for somebody else": OF_NOBODYS_RIGHTS,
    "updatePropertiesInNotification": OF_NOBODYS_RIGHTS,
    "updatePropertiesInProjectUser": OF_NOBODYS_RIGHTS,
    "forceProjectKpiComputation": OF_NOBODYS_RIGHTS,
    "lockAsset": OF_NOBODYS_RIGHTS,
    "deleteLocks": OF_NOBODYS_RIGHTS,
    "makeProjectPublic": "changes nothing",
    "importConversations": "is given one that is not fit; assets and labels of others leave what they always leave",
    "updatePropertiesInAsset metadata": "gives the metadata that the asset has",
    "computeDifferences": LATER,
    "validateDataDifferences": LATER,
    "cancelTraining": "ends what asking for it has recorded",
    "assistLabeling": "finds nothing to predict; labels of models leave what labels always leave",
    "cancelProjectExport": "ends what asking for it has recorded",
    "generateUpdateUrl": "reserves an address; the code is recorded when it is built",
    "createAnnotationFileUpload": "reserves an address",
    "addAssetsToReview": STATES,
    "addAllLabeledAssetsToReview": STATES,
    "forceUpdateStatus": STATES,
    "updatePropertiesInIssue reopen": "opens an issue that is open",
    "appendToComments": "is a remark, which names its author and time",
    "createChatItem": "is a message, which names its label and time",
}
DOCUMENTED_EVENTS = set(re.findall(r"`([a-z]\w*(?:\.\w+)+)`", (ROOT / "docs" / "events.md").read_text("utf-8")))


class World:
    """A project with one asset labeled by its labeler and one labeled by its reviewer, and all who might come along."""

    def __init__(self, organization: Organization, strangers: Organization, project: Project) -> None:
        self.organization = organization
        self.strangers = strangers
        self.project = project
        self.callers: dict[str, Client] = {}
        self.names: dict[str, str] = {}

    @classmethod
    async def make(cls, organization: Organization, strangers: Organization, *, converses: bool = True) -> World:
        world = cls(organization, strangers, await organization.project())
        people = {role: await world.project.member(role) for role in CALLERS[4:8]}
        people |= {
            CALLERS[1]: await organization.person(organization_role="ADMIN"),
            CALLERS[2]: strangers.admin,
            CALLERS[3]: await organization.person(),
            CALLERS[8]: await organization.person(organization_role="ADMIN"),
        }
        world.callers = {CALLERS[0]: organization.http, **{name: person.client for name, person in people.items()}}
        await world._expire(people[CALLERS[1]])
        await world._fill(people["LABELER"], people["REVIEWER"])
        if converses:
            await world._converse({role: people[role] for role in CALLERS[4:8]})
        members = {row["user_id"]: row["id"] for row in await world.project.rows("project_user")}
        world.names |= {
            "organization": organization.id,
            "project": world.project.id,
            "labeler": people["LABELER"].id,
            "labeler_email": people["LABELER"].email,
            "reviewer": people["REVIEWER"].id,
            "author": organization.admin.id,
            "labeler_member": members[people["LABELER"].id],
            "admin_member": members[people["ADMIN"].id],
            "manager_email": people["TEAM_MANAGER"].email,
            "owner_email": people["ADMIN"].email,
            **await world._collect(people["ADMIN"], people["TEAM_MANAGER"]),
            "external": "seen-0",
            **{
                f"{'review' if step['type'] == 'REVIEW' else 'labeling'}_step": step["id"]
                for step in await world.project.rows("project_step")
            },
        }
        return world

    async def send(self, row: Row, caller: str) -> str:
        """What becomes of a row's document: a letter of the table."""
        self.names |= {"fresh": f"fresh-{next(_fresh)}-{self.project.id}", "key": secrets.token_urlsafe(32)}
        response = await self.callers[caller].post(row.document, self._filled(row.variables))
        said = response.json()
        assert set(said) <= {"data", "errors", "extensions"}, (response.status_code, said)
        if "errors" in said:
            (error,) = said["errors"]
            code = error["extensions"]["code"]
            letter = next((letter for letter, known in CODES.items() if known == code), f"{code}: {error['message']}")
            assert response.status_code == (401 if caller in CALLERS[:2] and row.name != "signIn" else 200), said
            return letter
        return "+" if said["data"]["data"] not in (None, [], 0) else "0"

    async def last_event(self) -> int:
        """The newest entry of the record of events."""
        return int(await self.organization.database.pool.fetchval("select coalesce(max(position), 0) from event"))

    async def recorded(self, operation: str, since: int) -> set[str]:
        """The entries that an operation has left in the record of events."""
        # Those of labels say nothing of the operation: labels that arrive together are added by one statement.
        text = """
        select distinct event
        from event
        where position > $1 and (origin::jsonb ->> 'operation' = $2 or event like 'label.workflow.created.%')
        """
        return {row["event"] for row in await self.organization.database.pool.fetch(text, since, operation)}

    async def state(self) -> str:
        """Everything that both organizations have."""
        ids = [self.organization.id, self.strangers.id]
        async with self.organization.database.reader() as connection:
            return str(await connection.fetch_value(STATE, {"organizations": ids}))

    async def _expire(self, person: Person) -> None:
        async with self.organization.database.transaction() as connection:
            await connection.fetch("update api_key set expires_at = now() where user_id = :id", {"id": person.id})

    async def _fill(self, labeler: Person, reviewer: Person) -> None:
        asset, other, open_asset, locked, skipped = await self.project.assets(5, prefix="seen")
        label = await self.project.label(asset, by=labeler)
        other_label = await self.project.label(other, by=reviewer)
        issue, other_issue = await self._raise_issues(label, other_label)
        await self.project.admin.data(SKIP, {"id": skipped})
        webhooks = [f"first {self.project.id}", f"second {self.project.id}"]
        for name in webhooks:
            await self.project.admin.data(CREATE_WEBHOOK, {"name": name})
        await self.project.admin.data(ACTIVATE, {"name": webhooks[1], "project": self.project.id})
        tags = [
            (await self.project.admin.data(CREATE_TAG, {"label": f"{label} {asset}"}))["id"] for label in ("a", "b")
        ]
        await self.project.admin.data(CHECK_TAG, {"project": self.project.id, "tag": tags[1]})
        (version,) = await self.project.rows("project_version")
        notification, file, code, locks = new_id(), new_blob_id(), new_blob_id(), [new_id(), new_id()]
        export, trained, training = new_id(), new_id(), new_id()
        integration, data_connection = new_id(), new_id()
        async with self.organization.database.transaction() as connection:
            await connection.fetch(
                "insert into data_integration (id, organization_id, name, platform, sealed_secrets) "
                "values (:id, :organization, 'Store', 'AWS', '')",
                {"id": integration, "organization": self.organization.id},
            )
            await connection.fetch(
                "insert into data_connection (id, project_id, integration_id) values (:id, :project, :integration)",
                {"id": data_connection, "project": self.project.id, "integration": integration},
            )
            await connection.fetch(
                "insert into notification (id, user_id) values (:id, :user_id)",
                {"id": notification, "user_id": labeler.id},
            )
            for blob in (file, code):
                await connection.fetch(
                    "insert into blob (id, organization_id, size, sha256, media_type) "
                    "values (:id, :organization, 1, '', '')",
                    {"id": blob, "organization": self.organization.id},
                )
            await connection.fetch(
                "insert into asset_file (asset_id, blob_id) values (:asset, :file)", {"asset": asset, "file": file}
            )
            await connection.fetch("delete from asset_lock where project_id = :id", {"id": self.project.id})
            await connection.fetch(
                "insert into project_export (id, project_id, user_id, job_id, format, layout, labels, options) "
                "values (:id, :project, :user, :id, 'RAW', 'SPLIT', 'LATEST', '{}')",
                {"id": export, "project": self.project.id, "user": reviewer.id},
            )
            for model, status in ((trained, "TRAINED"), (training, "QUEUED")):
                await connection.fetch(
                    "insert into trained_model (id, project_id, name, type, job_name, labels, parameters, status, requested_by, "
                    "job_id, backbone, head_best, head_last, thresholds, curves, train_seconds, best_at_seconds, finished_at) "
                    "values (:id, :project, :id, 'MULTI_LABEL', 'WEATHER', '{SUN,RAIN}', '{}', :status, :user, '', 'pixels', :head, "
                    ":head, '[0.5, 0.5]', '{}', 1, 1, now())",
                    {
                        "id": model,
                        "project": self.project.id,
                        "status": status,
                        "user": self.organization.admin.id,
                        "head": bytes(4 * 2 * 321),
                    },
                )
            await connection.fetch(
                "insert into trained_model_image (model_id, place, asset_id, in_validation, truth, scores_best, scores_last) "
                "values (:id, 0, :asset, true, :truth, :scores, :scores)",
                {"id": trained, "asset": asset, "truth": bytes([2, 0]), "scores": bytes(8)},
            )
            for lock, opened, person in zip(locks, (locked, other), (labeler, reviewer), strict=True):
                await connection.fetch(
                    "insert into asset_lock (id, project_id, asset_id, user_id) values (:id, :project, :asset, :user)",
                    {"id": lock, "project": self.project.id, "asset": opened, "user": person.id},
                )
            await connection.fetch(
                "insert into plugin (id, organization_id, owner_id, name, upload_id) "
                "values (:id, :organization, :owner, :id, :code)",
                {
                    "id": f"plugin-{asset}",
                    "organization": self.organization.id,
                    "owner": self.organization.admin.id,
                    "code": code,
                },
            )
            for project in (None, self.project.id):
                await connection.fetch(
                    "insert into plugin_log (plugin_id, project_id, log_type, content) values (:id, :project, 'INFO', 'x')",
                    {"id": f"plugin-{asset}", "project": project},
                )
            await connection.fetch("update label set number_of_annotations = 1 where id = :id", {"id": label})
        self.names |= {
            "asset": asset,
            "other_asset": other,
            "open_asset": open_asset,
            "locked_asset": locked,
            "skipped_asset": skipped,
            "plugin": f"plugin-{asset}",
            "tag": tags[0],
            "webhook": webhooks[0],
            "active_webhook": webhooks[1],
            "checked_tag": tags[1],
            "version": version["id"],
            "integration": integration,
            "data_connection": data_connection,
            "lock": locks[0],
            "other_lock": locks[1],
            "label": label,
            "other_label": other_label,
            "issue": issue,
            "other_issue": other_issue,
            "notification": notification,
            "file": file,
            "export": export,
            "trained": trained,
            "training": training,
        }

    async def _collect(self, owner: Person, user: Person) -> dict[str, str]:
        """A dataset with an asset, its owner, and one user beside the administrators of the organization."""
        dataset, asset = new_id(), new_id()
        async with self.organization.database.transaction() as connection:
            await connection.fetch(
                "insert into dataset (id, organization_id, owner_id, name, type) "
                "values (:id, :organization, :owner, 'Seen', 'NA')",
                {"id": dataset, "organization": self.organization.id, "owner": owner.id},
            )
            for person in (owner, user):
                await connection.fetch(
                    "insert into dataset_user (dataset_id, user_id) values (:id, :user)",
                    {"id": dataset, "user": person.id},
                )
            await connection.fetch(
                "insert into dataset_asset (id, dataset_id, external_id, content) values (:id, :dataset, 'kept', 'Words')",
                {"id": asset, "dataset": dataset},
            )
        return {"dataset": dataset, "dataset_asset": asset}

    async def _converse(self, members: dict[str, Person]) -> None:
        """A project with a conversation that the labeler has labeled, and one with a model that answers."""
        static, dynamic = await self.organization.project(**STATIC), await self.organization.project(**DYNAMIC)
        for role, person in members.items():
            for project in (static, dynamic):
                await project.join(person, role)
        talk = conversation(label=LABEL, labeler=members["LABELER"].email)
        await static.admin.data(IMPORT, {"data": {"conversations": [talk]}, "where": {"id": static.id}})
        given = {"name": "Small", "type": "OPEN_AI_SDK", "organizationId": self.organization.id}
        credentials = {"apiKey": "sk-secret", "endpoint": "https://models.example"}
        model = await static.admin.data(CREATE_MODEL, {"input": {**given, "credentials": credentials}})
        attached = {"projectId": dynamic.id, "modelId": model["id"]}
        project_model = await static.admin.data(CREATE_PROJECT_MODEL, {"input": attached})
        (asset,) = await static.rows("asset")
        begun = await static.admin.data(CREATE_ASSET, {"data": {}, "where": {"id": dynamic.id}})
        self.names |= {
            "static_project": static.id,
            "dynamic_project": dynamic.id,
            "talk": asset["id"],
            "dynamic_talk": begun["id"],
            "model": model["id"],
            "project_model": project_model["id"],
        }

    async def _raise_issues(self, *labels: str) -> list[str]:
        issues = [{"labelID": label, "type": "ISSUE"} for label in labels]
        made = await self.project.admin.data(ISSUES, {"issues": issues, "where": {"project": {"id": self.project.id}}})
        return [issue["id"] for issue in made]

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, str):
            for name, known in self.names.items():
                value = value.replace(f"{{{name}}}", known)
        return value


@pytest.fixture
async def make_world(database, client):
    async def make(row: Row) -> World:
        organization, strangers = await new_organization(database, client), await new_organization(database, client)
        return await World.make(organization, strangers, converses=row in CONVERSATIONS)

    return make


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.title)
async def test_the_table_holds(make_world, row):
    """Callers who are refused share a world, which must not change; whoever may change something gets one of their own."""
    assert len(row.outcomes) == len(CALLERS)
    world = await make_world(row)
    before = await world.state()
    seen = {}
    unrecorded: set[str] = set()
    for caller, outcome in zip(CALLERS, row.outcomes, strict=True):
        if outcome != "+" or row.only_reads:
            seen[caller] = await world.send(row, caller)
            if outcome == "~" and seen[caller] in "+0":
                seen[caller] = "~"
    assert await world.state() == before
    for caller in CALLERS:
        if caller not in seen:
            world = await make_world(row)
            since = await world.last_event()
            seen[caller] = await world.send(row, caller)
            recorded = await world.recorded(row.name, since)
            assert recorded <= DOCUMENTED_EVENTS
            if row.kind == "mutation" and seen[caller] == "+" and not recorded:
                unrecorded.add(caller)

    assert {caller: seen[caller] for caller in CALLERS} == dict(zip(CALLERS, row.outcomes, strict=True))
    # What is written is recorded by the transaction that writes it, or it is said here why not.
    assert unrecorded == set() or row.title in UNRECORDED, unrecorded


def test_every_operation_has_a_row():
    assert {(row.kind, row.name) for row in TABLE} == set(OPERATIONS)


def test_no_two_rows_are_called_the_same():
    titles = [row.title for row in TABLE]

    assert sorted(set(titles)) == sorted(titles)


@pytest.mark.parametrize("row", [row for row in TABLE if "N" in row.outcomes[2:4]], ids=lambda row: row.title)
async def test_foreign_ids_read_like_ids_that_do_not_exist(make_world, row):
    """The same code and, but for the id itself, the same text and context."""
    world = await make_world(row)
    foreign = {name: known for name, known in world.names.items() if name not in ("organization",)}
    caller = world.callers[CALLERS[2]]

    async def told() -> tuple[str, str, str]:
        refused = await caller.refused(row.document, world._filled(row.variables))
        message, context = refused.message, repr(sorted(refused.context))
        for known in sorted(world.names.values(), key=len, reverse=True):
            message = message.replace(known, "…")
        return refused.code, message, context

    about_theirs = await told()
    world.names |= {name: f"missing-{number}" for number, name in enumerate(foreign)}
    world.names["labeler_email"] = "missing@example.org"

    assert await told() == about_theirs
