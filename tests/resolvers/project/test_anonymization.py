"""Anonymized projects: who labels or reviews in one learns nobody's name, by whatever path."""

import re

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from labelyard.resolvers.schema import core_schema
from tests.common.documents import LABELS
from tests.common.world import new_organization
from tests.resolvers.test_reach import LISTS, everything, filled

ANONYMIZE = """
mutation($input: UpdateProjectAnonymizationInput!) { data: updateProjectAnonymization(input: $input) { id } }"""
READ = "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { isAnonymized } }"
NAME = "name-mark"
RENAME = """
update user_account
set firstname = $1 || 'First', lastname = $1 || 'Last', email = $1 || id || '@example.org'
where organization_id = $2 and id <> $3
"""


async def anonymize(project, should=True):
    variables = {"input": {"id": project.id, "shouldAnonymize": should}}
    assert await project.admin.data(ANONYMIZE, variables) == {"id": project.id}


async def crowd(database, client, role):
    """A person in two projects, with colleagues in both, everything there is in both, and names on everybody else."""
    organization = await new_organization(database, client)
    project, beside = await organization.project(), await organization.project()
    person, colleague = await project.member(role), await project.member()
    for user in (person, colleague):
        await database.pool.execute(
            "insert into project_user (id, project_id, user_id, role) values ($1 || $2, $1, $2, $3)",
            beside.id,
            user.id,
            "REVIEWER",
        )
    for place in (project, beside):
        there = await filled(place, colleague)
        await place.label(there["asset"], by=person)
        # An administrator of the organization who is no member of the project reviews in it.
        await place.label(there["asset"], by=organization.admin, label_type="REVIEW")
    await database.pool.execute(RENAME, NAME, organization.id, person.id)
    return organization, project, person, colleague


@pytest.mark.parametrize("role", ["LABELER", "REVIEWER"])
async def test_no_path_leads_to_a_name(database, client, role):
    organization, project, person, _ = await crowd(database, client, role)
    seen_before = [name for name in LISTS if NAME in await everything(organization, project, person, name)]

    await anonymize(project)

    assert {"projects", "assets", "labels"} <= set(seen_before)
    assert [name for name in LISTS if NAME in await everything(organization, project, person, name)] == []
    await anonymize(project, should=False)
    assert [name for name in LISTS if NAME in await everything(organization, project, person, name)] == seen_before


@pytest.mark.parametrize("role", ["TEAM_MANAGER"])
async def test_who_manages_still_sees_names(database, client, role):
    organization, project, person, _ = await crowd(database, client, role)
    before = [name for name in LISTS if NAME in await everything(organization, project, person, name)]

    await anonymize(project)

    assert [name for name in LISTS if NAME in await everything(organization, project, person, name)] == before
    assert "labels" in before


USERS = "query ($where: UserWhere!) { data: countUsers(where: $where) }"
MEMBERS = "query ($where: ProjectUserWhere!) { data: countProjectUsers(where: $where) }"
ORGANIZATIONS = "query ($where: OrganizationWhere!) { data: countOrganizations(where: $where) }"
LABEL_COUNT = "query ($where: LabelWhere!) { data: countLabels(where: $where) }"
ASSET_COUNT = "query ($where: AssetWhere!) { data: countAssets(where: $where) }"


async def test_names_cannot_be_guessed(database, client):
    _, project, reviewer, colleague = await crowd(database, client, "REVIEWER")
    email = f"{NAME}{colleague.id}@example.org"
    of_project = {"project": {"id": project.id}}
    filters = [
        (USERS, {"email": email}),
        (MEMBERS, {**of_project, "user": {"email": email}}),
        (ORGANIZATIONS, {"user": {"email": email}}),
        (LABEL_COUNT, {**of_project, "authorIn": [email]}),
        (LABEL_COUNT, {**of_project, "authorIn": [f"{NAME}First"]}),
        (LABEL_COUNT, {**of_project, "authorIn": [f"{NAME}first {NAME}last"]}),
        (LABEL_COUNT, {**of_project, "user": {"email": email}}),
        (ASSET_COUNT, {**of_project, "label": {"authorIn": [f"{NAME}Last"]}}),
    ]
    for document, where in filters:
        assert await reviewer.client.data(document, {"where": where}) > 0, where

    await anonymize(project)

    for document, where in filters:
        assert await reviewer.client.data(document, {"where": where}) == 0, where
        assert await project.admin.data(document, {"where": where}) > 0, where
    assert await reviewer.client.data(LABEL_COUNT, {"where": {**of_project, "authorIn": [colleague.id]}}) == 1
    assert await reviewer.client.data(USERS, {"where": {"email": reviewer.email}}) == 1


# Every input that may hold an address, and what becomes of it. An input that is missing here fails the build.
ASKING = re.compile("e.?mail|author(?!iz)|labeler|assignee|^user(Id)?s?$|toBeLabeledBy|reviewer", re.IGNORECASE)
ANSWERED_BY = {
    "filters, which `test_names_cannot_be_guessed` asks": (
        "UserWhere.email getUser.email AssetLabelWhere.authorIn LabelWhere.authorIn LegacyAssetsWhere.authorIn "
        "LegacyLabelsWhere.authorIn"
    ),
    "writes, which `test_no_write_tells_whose_an_address_is` tries": (
        "AppendToDatasetUsersData.userEmail DeleteFromDatasetUsersData.userEmail AppendToRolesData.userEmail appendToRoles.userEmail "
        "createUserFromEmailIfNotExists.email AssetData.toBeLabeledBy assignAssets.userIds assignAssetsToLabelers.userIds "
        "resetPassword.email updateApiKey.email updatePassword.email"
    ),
    "ids": (
        "AssetLabelWhere.labelerIn AssetLabelWhere.labelerNotIn AssetLabelWhere.reviewerIn AssetLabelWhere.reviewerNotIn "
        "AssetWhere.assigneeIn AssetWhere.assigneeNotIn LabelWhere.labelerIn LabelWhere.reviewerIn ProjectData.author"
    ),
    "what administrators of the organization write, and log-in, which asks for a password": (
        "CreateUserData.email createUser.email UserData.email updateUser.email signIn.email"
    ),
}


def test_every_input_that_may_hold_an_address_is_known():
    schema = core_schema()
    inputs = {
        f"{kind.name}.{name}": field.type
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLInputObjectType)
        for name, field in kind.fields.items()
    } | {
        f"{field_name}.{name}": argument.type
        for root in (schema.query_type, schema.mutation_type, schema.subscription_type)
        for field_name, field in root.fields.items()
        for name, argument in field.args.items()
    }
    found = {
        name
        for name, kind in inputs.items()
        if ASKING.search(name.partition(".")[2]) and get_named_type(kind).name == "String"
    }

    assert found == {name for names in ANSWERED_BY.values() for name in names.split()}


STEAL = {
    "appendToDatasetUsers": """
mutation ($dataset: ID!, $email: String!) {
  data: appendToDatasetUsers(where: {id: $dataset}, data: {userEmail: $email}) { users { id } } }""",
    "deleteFromDatasetUsers": """
mutation ($dataset: ID!, $email: String!) {
  data: deleteFromDatasetUsers(where: {id: $dataset}, data: {userEmail: $email}) { users { id } } }""",
    "appendToRoles": """
mutation ($project: ID!, $email: String!) {
  data: appendToRoles(where: {id: $project}, data: {userEmail: $email, role: LABELER}) { roles { user { id } } } }""",
    "appendToRoles of first clients": """
mutation ($project: ID!, $email: String!) {
  data: appendToRoles(projectID: $project, userEmail: $email, role: LABELER) { roles { user { id } } } }""",
    "createUserFromEmailIfNotExists": """
mutation ($project: String!, $email: String!) {
  data: createUserFromEmailIfNotExists(projectID: $project, email: $email) { id } }""",
    "toBeLabeledBy": """
mutation ($asset: ID!, $email: String!) {
  data: updatePropertiesInAsset(where: {id: $asset}, data: {toBeLabeledBy: [$email]}) { id } }""",
    "assignAssets": """
mutation ($asset: ID!, $email: String!) {
  data: assignAssets(where: {idIn: [$asset]}, userIds: [$email]) { succeeded { assetId } } }""",
    "assignAssetsToLabelers": """
mutation ($asset: ID!, $email: String!) {
  data: assignAssetsToLabelers(where: {idIn: [$asset]}, userIds: [$email]) { id } }""",
    "importConversations": """
mutation ($talk: ID!, $email: String!) {
  data: importConversations(where: {id: $talk}, data: {conversations: [{externalId: "a", labeler: $email, chatItems: [
    {role: USER, content: "Hello"}, {role: ASSISTANT, content: "Yes", modelName: "a"},
    {role: ASSISTANT, content: "No", modelName: "b"}]}]}) { numberOfUploadedAssets warnings { details } } }""",
    "updatePropertiesInRole": """
mutation ($project: ID!, $email: String!) {
  data: updatePropertiesInRole(where: {project: {id: $project}, user: {email: $email}}, data: {role: REVIEWER}) { user { id } } }""",
    "deleteFromRoles": """
mutation ($project: ID!, $email: String!) {
  data: deleteFromRoles(where: {project: {id: $project}, user: {email: $email}}) { user { id } } }""",
    "updatePropertiesInUser": """
mutation ($email: String!) { data: updatePropertiesInUser(where: {email: $email}, data: {firstname: "X"}) { id } }""",
    "updateApiKey": """
mutation ($email: String!) { data: updateApiKey(email: $email, newApiKey: "aVeryLongKey-9384-qwpoeiruty-zmxnbc") { id } }""",
    "updatePassword": """
mutation ($email: String!) {
  data: updatePassword(email: $email, oldPassword: "old password", newPassword1: "a new one", newPassword2: "a new one") { id } }""",
    "resetPassword": "mutation ($email: String!) { data: resetPassword(email: $email) { id } }",
}


@pytest.mark.parametrize("name", STEAL)
async def test_no_write_tells_whose_an_address_is(database, client, name):
    """Who learns no names in one project cannot learn them in projects and datasets of their own, where the ids are the same."""
    organization, project, spy, colleague = await crowd(database, client, "LABELER")
    own = await organization.project()
    talk = await organization.project(inputType="LLM_STATIC", jsonInterface='{"jobs": {}}')
    for place in (own, talk):
        await place.join(spy, "ADMIN")
        await place.join(colleague, "LABELER")
    dataset = await spy.client.data('mutation { data: createDataset(data: {name: "Mine", assetType: NA}) { id } }')
    await database.pool.execute(
        "insert into dataset_user (dataset_id, user_id) values ($1, $2)", dataset["id"], colleague.id
    )
    known = {"dataset": dataset["id"], "project": own.id, "talk": talk.id, "asset": await own.asset()}
    document = STEAL[name]
    variables = {key: value for key, value in known.items() if f"${key}:" in document}
    await anonymize(project)

    answers = []
    for email in (f"{NAME}{colleague.id}@example.org", f"nobody{colleague.id}@example.org"):
        answer = await spy.client.graphql(document, {**variables, "email": email})
        for error in answer.get("errors", []):
            del error["extensions"]["requestId"]
        answer.pop("extensions", None)
        answers.append(repr(answer).replace(email, "EMAIL"))

    assert answers[0] == answers[1]
    assert colleague.id not in answers[0]
    assert NAME not in answers[0]


async def test_what_stands_for_a_name(database, client):
    _, project, labeler, _ = await crowd(database, client, "LABELER")
    await anonymize(project)
    where = {"project": {"id": project.id}, "typeIn": ["DEFAULT", "REVIEW"]}
    fields = "author { id firstname lastname name email }"

    own, review = await labeler.client.data(LABELS % fields, {"where": where, "first": 10, "skip": 0})

    assert own["author"]["email"] == labeler.email
    admin = project.organization.admin.id
    assert review["author"] == {
        "id": admin,
        "firstname": "Anonymous",
        "lastname": "",
        "name": "Anonymous",
        "email": f"{admin}@hidden.invalid",
    }


async def test_it_is_read_back_and_copied(project):
    copy = "mutation ($data: CopyProjectData!) { data: copyProject(data: $data) }"
    assert await project.admin.data(READ, {"id": project.id}) == [{"isAnonymized": False}]

    await anonymize(project)

    assert await project.admin.data(READ, {"id": project.id}) == [{"isAnonymized": True}]
    made = await project.admin.data(copy, {"data": {"projectId": project.id}})
    assert await project.admin.data(READ, {"id": made}) == [{"isAnonymized": True}]


async def test_a_list_is_as_many_statements_as_before(project, statements):
    reviewer = await project.member("REVIEWER")
    for asset_id in await project.assets(3):
        await project.label(asset_id)
    variables = {"where": {"project": {"id": project.id}}, "first": 10, "skip": 0}
    counts = []
    for _ in range(2):
        with statements.recording() as texts:
            found = await reviewer.client.data(LABELS % "id author { email firstname name }", variables)
        assert len(found) == 3
        counts.append(len(texts))
        await anonymize(project)

    assert counts[0] == counts[1]
