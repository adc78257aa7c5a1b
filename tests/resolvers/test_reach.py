"""Every path of the type graph, from every list, as everybody: nobody comes across what is not theirs to see.

Foreign ids stand in every reference of every table, as no operation would write them: for each reference there is a copy of an own
row that names a foreign one, and a copy of a foreign row that names an own one. What must not be seen carries a mark in all of its
texts. Documents are executed past the endpoint, whose limits would refuse them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import execute, get_named_type, is_leaf_type, parse
from sqlmodel import SQLModel

import labelyard.storage.table  # noqa: F401 - which declares the tables
from labelyard.domain.error import Forbidden, NotFound
from labelyard.domain.secret import digest_of
from labelyard.resolvers.call import RequestContext
from labelyard.resolvers.executor import CompletedValueExecutor
from labelyard.resolvers.object_type import to_many, to_one
from labelyard.resolvers.schema import core_schema
from labelyard.services.identity import new_id
from labelyard.storage.actor import find_actors
from labelyard.storage.plan.source import ToMany, ToOne, registry, source_of
from tests.common.world import Organization, Person, Project, answer, new_organization

FOREIGN, ELSEWHERE, COLLEAGUES, OWN = "foreign-mark", "elsewhere-mark", "colleague-mark", "own-mark"
LISTS = {
    "projects": "Project",
    "assets": "Asset",
    "labels": "Label",
    "projectUsers": "ProjectUser",
    "users": "User",
    "organizations": "Organization",
    "issues": "Issue",
    "locks": "Lock",
    "apiKeys": "ApiKey",
    "notifications": "Notification",
    "projectVersions": "ProjectVersion",
    "projectExports": "ProjectExport",
    "trainedModels": "TrainedModel",
    "listTagsByOrg": "Tag",
    "datasets": "Dataset",
    "getTools": "Tool",
    "models": "Model",
    "projectModels": "ProjectModel",
    "dataIntegrations": "DataIntegration",
    "dataConnections": "DataConnection",
}
ARGUMENTS = {
    "listTagsByOrg": "",
    "getTools": '(projectID: "{project}")',
    "projectModels": '(where: {{projectId: "{project}"}}, first: 500, skip: 0)',
}
DEPTH = 4
# The columns by which a row has its owner: to write another id there is to give the row away.
OWNERS = {
    ("api_key", "user_id"),
    ("notification", "user_id"),
    ("project_export", "user_id"),
    ("dataset", "owner_id"),
    ("issue_comment", "issue_id"),
    ("step_assignee", "step_id"),
    ("dataset_asset", "dataset_id"),
}
TARGETS = {
    "user_id": "user_account",
    "author_id": "user_account",
    "assignee_id": "user_account",
    "asset_id": "asset",
    "label_id": "label",
    "referenced_label_id": "label",
    "step_id": "project_step",
    "current_step_id": "project_step",
    "sent_back_step_id": "project_step",
    "send_back_step_id": "project_step",
    "step_group_id": "step_group",
    "issue_id": "issue",
    "tag_id": "tag",
    "model_id": "model",
    "project_model_id": "project_model",
    "parent_id": "chat_item",
    "data_connection_id": "data_connection",
    "integration_id": "data_integration",
}
OTHER_TARGETS = {("chat_item", "model_id"): "asset_project_model"}
# Neither seen through the schema nor references to its objects.
LEFT_OUT_TABLES = {
    "blob",
    "blob_part",
    "asset_file",
    "label_listener",
    "login_session",
    "mark_request",
    "label_tally",
    "asset_tally",
    "event",
    "event_link",
    "event_walk",
    "job",
    "label_version",
    "conversation",
    "data_listing",
    "data_difference",
    "plugin",
    "plugin_log",
    "plugin_project",
    "webhook",
    "webhook_delivery",
    "event_cursor",
    "dataset_user",
    "dataset_link",
    "kept_answer",
    "door_asset",
    "door_class",
    "door_dataset",
    "door_dataset_asset",
    "door_project",
    "door_user",
    "thumbnail",
    "image_feature",
    "trained_model_image",
    "learning_loop",
}
LEFT_OUT_COLUMNS = {"external_id", "project_id", "organization_id", "deployment_id", "job_id", "azure_tenant_id"}
_numbers = itertools.count(1_000)


# The documents


def relations(type_name: str) -> Iterator[tuple[str, str]]:
    """The fields of a type that lead to other objects, and the types they lead to; the second names of a field are the same."""
    for name, origin in source_of(type_name).fields.items():
        if isinstance(origin, ToOne | ToMany) and not name.endswith("Compute"):
            yield name, origin.target


def leaves(type_name: str) -> list[str]:
    fields = core_schema().type_map[type_name].fields
    return [name for name, declared in fields.items() if is_leaf_type(get_named_type(declared.type))]


def selection(type_name: str, depth: int, walked: tuple[tuple[str, str], ...] = ()) -> str:
    """Everything of a type, and along every relation; no relation twice on a path."""
    parts = leaves(type_name)
    if depth:
        for name, target in relations(type_name):
            if (type_name, name) not in walked:
                parts.append(f"{name} {selection(target, depth - 1, (*walked, (type_name, name)))}")
    return "{ " + " ".join(parts) + " }"


def texts(value: Any, known: set[int]) -> Iterator[str]:
    """All texts in an answer; lists that several objects share are read once."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, orjson.Fragment):
        yield orjson.dumps(value).decode()
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item, known)
    elif isinstance(value, list) and id(value) not in known:
        known.add(id(value))
        for item in value:
            yield from texts(item, known)


# The world


async def mark(project: Project, text: str, *people: Person) -> None:
    """Put a mark into all texts of a project, and into the addresses of people."""
    values = {"project": project.id, "mark": text}
    statements = [
        "update project set title = :mark, description = :mark where id = :project",
        "update project_step set name = :mark || step_order where project_id = :project",
        "update step_group set name = :mark || group_order where project_id = :project",
        "update asset set external_id = :mark || position, content = :mark, json_content = :mark, filename = :mark, "
        "instructions = :mark, json_metadata = json_build_object('x', :mark::text)::text where project_id = :project",
        "update label set json_response = json_build_object('x', :mark::text)::text, model_name = :mark "
        "where project_id = :project",
        "update project_version set content = :mark where project_id = :project",
        "update chat_item set content = :mark, external_id = :mark, model_name = :mark where project_id = :project",
        "update project_model set configuration = json_build_object('x', :mark::text)::text where project_id = :project",
        "update asset_project_model set name = :mark where project_id = :project",
        "update data_connection set prefix = :mark, include = array[:mark] where project_id = :project",
        "update issue set object_mid = :mark where project_id = :project",
        "update issue_comment set text = :mark where issue_id in (select id from issue where project_id = :project)",
    ]
    async with project.organization.database.transaction() as connection:
        for statement in statements:
            names = {name: value for name, value in values.items() if f":{name}" in statement}
            await connection.fetch(statement, names)
        for person in people:
            await connection.fetch(
                "update user_account set email = :mark || id, firstname = :mark where id = :id",
                {"id": person.id, "mark": text},
            )
            await connection.fetch(
                "update api_key set name = :mark where user_id = :id", {"id": person.id, "mark": text}
            )


NAMED = (
    "asset_lock",
    "issue",
    "issue_comment",
    "step_group",
    "notification",
    "tag",
    "dataset",
    "dataset_asset",
    "model",
    "project_model",
    "asset_project_model",
    "chat_item",
    "project_export",
    "trained_model",
    "data_integration",
    "data_connection",
)


async def filled(project: Project, author: Person) -> dict[str, str]:
    """One row of every table in a project, by the table's name."""
    (asset,) = await project.assets(1)
    label = await project.label(asset, by=author)
    ids = {name: new_id() for name in NAMED}
    (step, *_) = await project.rows("project_step")
    members = {row["user_id"]: row["id"] for row in await project.rows("project_user")}
    values = {
        **ids,
        "project": project.id,
        "asset": asset,
        "label": label,
        "author": author.id,
        "step": step["id"],
    }
    async with project.organization.database.transaction() as connection:
        for statement in (
            "insert into step_group (id, project_id, group_order, name) values (:step_group, :project, 0, 'g')",
            "update project_step set step_group_id = :step_group where project_id = :project",
            "insert into tag (id, organization_id, label, color) select :tag, organization_id, 'tag' || position, '' "
            "from project where id = :project",
            "insert into project_tag (project_id, tag_id) values (:project, :tag)",
            "insert into dataset (id, organization_id, name, type) select :dataset, organization_id, 'd', 'IMAGE' "
            "from project where id = :project",
            "insert into dataset_asset (id, dataset_id, external_id) values (:dataset_asset, :dataset, 'd')",
            "insert into dataset_link (asset_id, dataset_asset_id) values (:asset, :dataset_asset)",
            "insert into asset_lock (id, project_id, asset_id, user_id) values (:asset_lock, :project, :asset, :author)",
            "insert into asset_assignee (asset_id, user_id) values (:asset, :author)",
            "insert into step_assignee (step_id, user_id) values (:step, :author)",
            "insert into issue (id, project_id, asset_id, label_id, author_id, assignee_id, issue_number, type) "
            "values (:issue, :project, :asset, :label, :author, :author, 1, 'ISSUE')",
            "insert into issue_comment (id, issue_id, author_id, text) values (:issue_comment, :issue, :author, 'c')",
            "insert into notification (id, user_id, message) values (:notification, :author, 'n')",
            "insert into model (id, organization_id, name, type, endpoint, sealed_key) select :model, organization_id, 'm', "
            "'OPEN_AI_SDK', 'https://models.example', '' from project where id = :project",
            "insert into project_model (id, project_id, model_id) values (:project_model, :project, :model)",
            "insert into asset_project_model (id, project_id, asset_id, project_model_id, model_id, name) "
            "values (:asset_project_model, :project, :asset, :project_model, :model, 'm')",
            "insert into chat_item (id, project_id, asset_id, label_id, parent_id, role, content, model_id) "
            "values (:chat_item, :project, :asset, :label, :chat_item, 'ASSISTANT', 'c', :asset_project_model)",
            "insert into project_export (id, project_id, user_id, job_id, format, layout, labels, options) "
            "values (:project_export, :project, :author, 'j', 'RAW', 'SPLIT', 'LATEST', '{}')",
            "insert into trained_model (id, project_id, name, type, job_name, parameters, requested_by, job_id) "
            "values (:trained_model, :project, 'm', 'SINGLE_LABEL', 'WEATHER', '{}', :author, '')",
            "insert into data_integration (id, organization_id, name, platform, sealed_secrets) "
            "select :data_integration, organization_id, 'i', 'AWS', '' from project where id = :project",
            "insert into data_connection (id, project_id, integration_id) values (:data_connection, :project, :data_integration)",
            "update asset set data_connection_id = :data_connection, object_key = 'k' where id = :asset",
            "update label set referenced_label_id = :label, step_id = :step where id = :label",
            "update asset set current_step_id = :step where id = :asset",
        ):
            named = set(re.findall(r":(\w+)", statement))
            await connection.fetch(statement, {name: value for name, value in values.items() if name in named})
    return {
        **ids,
        "asset": asset,
        "label": label,
        "project": project.id,
        "project_step": step["id"],
        "project_user": members[author.id],
        "user_account": author.id,
    }


def references() -> Iterator[tuple[str, str]]:
    """Every column that names an object of the schema, owners left out."""
    for table in SQLModel.metadata.tables.values():
        for column in table.columns:
            place = (table.name, column.name)
            is_named = column.name.endswith("_id") and column.name not in LEFT_OUT_COLUMNS
            is_named &= not column.name.endswith("blob_id")
            if is_named and table.name not in LEFT_OUT_TABLES and place not in OWNERS:
                yield place


def target_of(table: str, column: str) -> str:
    return OTHER_TARGETS.get((table, column)) or TARGETS[column]


async def plant(connection: Any, table: str, column: str, of: dict[str, str], there: dict[str, str]) -> None:
    """Copy the row of a table, and write into one of its references the id of a row elsewhere."""
    columns = [known.name for known in SQLModel.metadata.tables[table].columns if known.name != "position"]
    number = next(_numbers)
    fresh = {
        "id": new_id(),
        "external_id": f"copy-{number}",
        "issue_number": number,
        "step_order": number,
        "group_order": number,
        "object_key": f"copy-{number}",
        "digest": f"copy-{number}",
    }
    if table in ("asset_assignee", "step_assignee"):
        key = "asset" if table == "asset_assignee" else "project_step"
        own = f"t.{key.rpartition('_')[2]}_id = '{of[key]}' and t.user_id = '{of['user_account']}'"
    elif table == "project_tag":
        own = f"t.project_id = '{of['project']}' and t.tag_id = '{of['tag']}'"
    else:
        own = f"t.id = '{of[table]}'"
    changed = {
        **{name: value for name, value in fresh.items() if name in columns},
        column: there[target_of(table, column)],
    }
    names = ", ".join(columns)
    await connection.fetch(
        f"insert into {table} ({names}) select {', '.join('n.' + name for name in columns)} from {table} t, "
        f"jsonb_populate_record(null::{table}, to_jsonb(t) || :changed::jsonb) n where {own}",
        {"changed": orjson.dumps(changed).decode()},
    )


@pytest.fixture(scope="module")
async def world(database, client):
    """Who looks, by role."""
    organization, strangers = await new_organization(database, client), await new_organization(database, client)
    project, elsewhere, foreign = await organization.project(), await organization.project(), await strangers.project()
    people = {role: await project.member(role) for role in ("LABELER", "REVIEWER", "TEAM_MANAGER", "ADMIN")}
    people["administrator"] = await organization.person(organization_role="ADMIN")
    people["stranger"] = await organization.person()
    colleague, outsider = await project.member(), await elsewhere.member()
    foreigner = await foreign.member()
    theirs = await filled(foreign, foreigner)
    others = await filled(elsewhere, outsider)
    await mark(foreign, FOREIGN, foreigner, strangers.admin)
    await mark(elsewhere, ELSEWHERE, outsider)
    # What is a colleague's; then, unmarked by that, what is the labeler's.
    given = await filled(project, colleague)
    (shared,) = await project.assets(1, prefix="shared")
    trap = await organization.admin.client.data(
        "mutation ($a: ID!, $j: String!) { data: createHoneypot(data: {jsonResponse: $j}, where: {id: $a}) { id } }",
        {"a": shared, "j": answer()},
    )
    await project.label(shared, by=colleague)
    await mark(project, COLLEAGUES, colleague, *(people[role] for role in ("REVIEWER", "TEAM_MANAGER", "ADMIN")))
    own_label = await project.label(shared, by=people["LABELER"])
    own = {**given, "label": own_label, "asset": shared, "user_account": people["LABELER"].id}
    async with database.transaction() as connection:
        await connection.fetch(
            "update organization set name = :mark where id = :id", {"mark": FOREIGN, "id": strangers.id}
        )
        await connection.fetch(
            "update tag set label = :mark where organization_id = :id", {"mark": FOREIGN, "id": strangers.id}
        )
        await connection.fetch(
            "update data_integration set name = :mark, s3_bucket_name = :mark where organization_id = :id",
            {"mark": FOREIGN, "id": strangers.id},
        )
        await connection.fetch(
            "update model set name = :mark, endpoint = :mark where organization_id = :id",
            {"mark": FOREIGN, "id": strangers.id},
        )
        for statement in (
            "update project set title = :mark, description = '' where id = :id",
            "update project_step set name = :mark || step_order where project_id = :id",
            "update step_group set name = :mark where project_id = :id",
            "update project_version set content = :mark where project_id = :id",
            "update data_connection set prefix = :mark, include = null where project_id = :id",
        ):
            await connection.fetch(statement, {"mark": OWN, "id": project.id})
        # The one asset is for everybody to see, its right answer is not.
        await connection.fetch(
            "update asset set external_id = 'shared', content = :mark, json_content = '', filename = '', instructions = '', "
            "json_metadata = '{}' where id = :id",
            {"mark": OWN, "id": shared},
        )
        for table, column in references():
            for mine in (given, own) if table in ("asset", "label") else (given,):
                await plant(connection, table, column, mine, theirs)
            await plant(connection, table, column, theirs, own)
            if target_of(table, column) != "user_account":
                await plant(connection, table, column, given, others)
                await plant(connection, table, column, others, own)
    assert trap
    return organization, project, people


async def everything(organization: Organization, project: Project, person: Person, name: str) -> str:
    """All texts that a person comes across from a list."""
    digest = digest_of(person.key)
    async with organization.database.reader() as connection:
        actor = (await find_actors(connection, [digest]))[digest]
    context = RequestContext(
        actor=actor,
        database=organization.database,
        services=None,  # type: ignore[arg-type] # no file is linked to
        label_queue=None,  # type: ignore[arg-type] # nothing is written
        plans={},
        request_id="",
    )
    arguments = ARGUMENTS.get(name, "(where: {{}}, first: 500, skip: 0)").format(project=project.id)
    document = f"{{ found: {name}{arguments} {selection(LISTS[name], DEPTH)} }}"
    result = await execute(  # type: ignore[misc]
        core_schema(), parse(document), context_value=context, executor_class=CompletedValueExecutor
    )
    if result.errors is not None and name in ("models", "projectModels"):  # for administrators only
        assert all(isinstance(error.original_error, Forbidden | NotFound) for error in result.errors), result.errors
        return ""
    assert result.errors is None, result.errors
    return "\n".join(texts(result.data["found"], set()))


SEEN = {
    "LABELER": {OWN},
    "REVIEWER": {OWN, COLLEAGUES},
    "TEAM_MANAGER": {OWN, COLLEAGUES},
    "ADMIN": {OWN, COLLEAGUES},
    "administrator": {OWN, COLLEAGUES, ELSEWHERE},
    "stranger": set(),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("role", SEEN)
async def test_no_path_leads_to_what_is_not_theirs(world, role, name):
    organization, project, people = world

    found = await everything(organization, project, people[role], name)

    assert {text for text in (FOREIGN, ELSEWHERE, COLLEAGUES) if text in found} <= SEEN[role]


async def test_the_paths_lead_somewhere(world):
    """Else nothing would have been proved."""
    organization, project, people = world

    for role, marks in SEEN.items():
        found = [await everything(organization, project, people[role], name) for name in ("projects", "assets")]
        assert {text for text in (OWN, ELSEWHERE, COLLEAGUES) if any(text in one for one in found)} == marks, role


def test_every_type_with_a_table_is_reached():
    reached, rest = set(LISTS.values()), list(LISTS.values())
    while rest:
        for _, target in relations(rest.pop()):
            if target not in reached:
                reached.add(target)
                rest.append(target)

    assert reached == {name for name, source in registry.items() if source.table is not None}


def test_every_reference_is_known():
    assert {column for _, column in references()} == set(TARGETS) - {"issue_id"}


def test_a_relation_says_who_may_see_its_target():
    with pytest.raises(TypeError, match="who may see a Secret"):
        to_one("Secret", on="{r}.id = {t}.secret_id")
    with pytest.raises(TypeError, match="who may see a Secret"):
        to_many("Secret", matches="{r}.asset_id")
    with pytest.raises(TypeError, match="says why it is not"):
        to_one("Label", on="{r}.id = {t}.label_id", unscoped=" ")
