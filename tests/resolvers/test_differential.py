"""Compiled reading answers exactly what the naive reading of the same declarations answers.

Selections are made by hypothesis: aliases, fragments, `@include` and `@skip`, `__typename`, lists in lists.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from graphql import get_named_type, is_composite_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelyard.domain.permission import Actor
from labelyard.resolvers.operation import NOBODY
from labelyard.resolvers.schema import core_schema
from labelyard.storage.database import Database
from labelyard.storage.filter.asset import asset_filter
from labelyard.storage.filter.issue import issue_filter
from labelyard.storage.filter.label import label_filter
from labelyard.storage.scope import viewer_values
from tests.common.naive import Naive, Object
from tests.common.world import Project, answer

ROOTS = {
    "assets": "Asset",
    "labels": "Label",
    "issues": "Issue",
    "projects": "Project",
    "projectUsers": "ProjectUser",
    "users": "User",
}
# Lists without a filter of their own would read the whole database of the test run.
LEFT_OUT = {("Organization", "users"), ("User", "organization")}
DEPTH = 4
# A selection is read by two people, each twice: many of them are a matter for `make search`.
EXAMPLES = 200 if os.environ.get("LABELYARD_TEST_SEARCH") else 15
CREATE_ISSUES = """
mutation ($issues: [IssueToCreate!]!, $where: AssetWhere!) { data: createIssues(issues: $issues, where: $where) { id } }"""


@st.composite
def selections(draw: st.DrawFn, type_name: str, depth: int = DEPTH) -> str:
    """A selection set on an object or interface type."""
    fields = core_schema().type_map[type_name].fields  # type: ignore[attr-defined]
    names = [
        name
        for name, field in fields.items()
        if (type_name, name) not in LEFT_OUT and (depth > 1 or not is_composite_type(get_named_type(field.type)))
    ]
    parts = ["__typename"] if draw(st.booleans()) else []
    for number, name in enumerate(draw(st.lists(st.sampled_from(names), min_size=1, max_size=5))):
        child = get_named_type(fields[name].type)
        inner = draw(selections(child.name, depth - 1)) if is_composite_type(child) else ""
        alias = f"a{number}: " if draw(st.booleans()) or inner else ""
        directive = draw(st.sampled_from(["", "", "", " @include(if: $yes)", " @include(if: $no)", " @skip(if: $no)"]))
        field = f"{alias}{name}{directive} {inner}"
        wrapped = draw(
            st.sampled_from(["{}", "{}", f"... on {type_name} {{{{ {{}} }}}}", "... @include(if: $yes) {{ {} }}"])
        )
        parts.append(wrapped.format(field))
    return "{ __typename " + " ".join(parts) + " }"


@pytest.fixture
async def world(project: Project) -> Project:
    """A project with assets of every state, several people and all kinds of labels."""
    labeler, reviewer = (
        await project.member("LABELER"),
        await project.member("REVIEWER", firstname="", lastname="Noether"),
    )
    first, second, third, _ = await project.assets(4, jsonMetadataArray=['{"a": 1, "b": [null]}', "{}", "{}", "{}"])
    label = await project.label(first, by=labeler, json_response=answer("SUN", cars=2))
    await project.label(first, by=labeler, json_response=answer("RAIN"), seconds=3)
    await project.label(first, by=reviewer, label_type="REVIEW")
    await project.label(second, by=labeler, label_type="AUTOSAVE", json_response=answer("RAIN", cars=1))
    await project.label(third)
    await project.label(third, label_type="PREDICTION", model_name="a model")
    asked = [
        {"type": "ISSUE", "labelID": label, "objectMid": "car0", "text": "Is it?"},
        {"type": "QUESTION", "assetId": second, "text": "What is it?"},
        {"type": "QUESTION", "assetId": third},
    ]
    await reviewer.client.data(CREATE_ISSUES, {"issues": asked, "where": {"project": {"id": project.id}}})
    return project


@pytest.mark.parametrize("root", ROOTS)
async def test_compiled_answers_equal_naive_ones(world: Project, database: Database, root: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(selections(ROOTS[root]))
    def collect(selection: str) -> None:
        found.append(selection)

    found: list[str] = []
    collect()
    for person in (world.organization.admin, world.organization.people[1]):
        actor = await actor_of(database, person.id)
        for selection in found:
            await compare(world, database, person, actor, root, selection)


async def compare(world: Project, database: Database, person: Any, actor: Actor, root: str, selection: str) -> None:
    where = {
        "assets": {"project": {"id": world.id}},
        "labels": {"project": {"id": world.id}},
        "issues": {"project": {"id": world.id}},
        "projects": {"id": world.id},
    }
    variables = {
        "where": where.get(root, {"project": {"id": world.id}} if root == "projectUsers" else {}),
        "yes": True,
        "no": False,
    }
    kind = {"projectUsers": "ProjectUserWhere", "users": "UserWhere"}.get(root, ROOTS[root] + "Where")
    selection = "{ yes: __typename @include(if: $yes) no: __typename @skip(if: $no) " + selection[1:]
    head = f"query ($where: {kind}!, $yes: Boolean = true, $no: Boolean = false)"
    compiled = await person.client.graphql(
        f"{head} {{ data: {root}(where: $where, first: 50, skip: 0) {selection} }}", variables
    )
    async with database.reader() as connection:
        naive = Naive(connection, viewer_values(actor), None)
        ids = await visible(naive, root, variables["where"], actor)
        expected = await naive.read(
            f"{head} {{ data: {root}(where: $where, first: 50, skip: 0) {selection} }}",
            variables,
            {root: [Object(ROOTS[root], identifier) for identifier in ids]},
        )
    assert compiled == {"data": expected}, selection


async def visible(naive: Naive, root: str, where: dict[str, Any], actor: Actor) -> list[str]:
    """The ids of a root list, as its filter says."""
    from labelyard.storage.filter.project import project_filter
    from labelyard.storage.filter.project_user import project_user_filter
    from labelyard.storage.filter.user import user_filter

    table, chosen = {
        "assets": ("asset", lambda: asset_filter(where, actor)),
        "labels": ("label", lambda: label_filter(where, actor)),
        "issues": ("issue", lambda: issue_filter(where, actor)),
        "projects": ("project", lambda: project_filter(where)),
        "projectUsers": ("project_user", lambda: project_user_filter(where)),
        "users": ("user_account", lambda: user_filter(where)),
    }[root]
    chosen = chosen()
    text = f"select t.id from {table} t where {chosen.where} order by t.position"
    return [row[0] for row in await naive.connection.fetch(text, {**naive.values, **chosen.values})]


async def actor_of(database: Database, user_id: str) -> Actor:
    """The person as the server knows them."""
    from labelyard.domain.permission import ProjectRole

    async with database.reader() as connection:
        user = await connection.fetch_one(
            "select organization_id, organization_role from user_account where id = :id", {"id": user_id}
        )
        roles = await connection.fetch("select project_id, role from project_user where user_id = :id", {"id": user_id})
    assert user is not None
    is_admin = user["organization_role"] == "ADMIN"
    return Actor(
        user_id,
        NOBODY.email,
        user["organization_id"],
        is_organization_admin=is_admin,
        roles={} if is_admin else {row["project_id"]: ProjectRole(row["role"]) for row in roles},
    )
