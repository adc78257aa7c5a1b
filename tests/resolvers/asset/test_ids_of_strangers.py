"""An id that another organization has already looks free: in the import, and in everything that is done with the asset
afterwards. One that the own organization has is refused, in whatever project.
"""

from __future__ import annotations

import re

import pytest
from graphql import GraphQLInputObjectType, build_schema, get_named_type

from labelyard.resolvers.kept_id import NAMING
from labelyard.resolvers.schema import schema_text
from tests.common.documents import APPEND_MANY_ASSETS, COUNT_ASSETS
from tests.common.world import Project, answer

BY_ID = "query ($id: ID!) { data: assets(where: {id: $id}, first: 2, skip: 0) { id content } }"
# What may be done with an asset, by its id; the last one deletes it.
DOCUMENTS = {
    "assets": BY_ID,
    "getAsset": "query ($id: ID!) { data: getAsset(assetID: $id) { id project { id } } }",
    "getAsset in the document": 'query { data: getAsset(assetID: "%s") { id } }',
    "countAssets": "query ($id: ID!) { data: countAssets(where: {idIn: [$id]}) }",
    "appendToLabels": "mutation ($id: ID!) { data: appendToLabels("
    'data: {labelType: DEFAULT, jsonResponse: "{}"}, where: {id: $id}) { assetId labelOf { id } } }',
    "labels": "query ($id: ID!) { data: labels(where: {asset: {id: $id}}, first: 2, skip: 0) { assetId labelOf { id } } }",
    "updatePropertiesInAsset": "mutation ($id: ID!) { "
    "data: updatePropertiesInAsset(where: {id: $id}, data: {priority: 3}) { id priority } }",
    "assignAssets": "mutation ($id: ID!) { "
    "data: assignAssets(where: {idIn: [$id]}, userIds: []) { succeeded { assetId externalId } } }",
    "appendToLabels, refused": "mutation ($id: ID!) { data: appendToLabels("
    'data: {labelType: DEFAULT, jsonResponse: "[]"}, where: {id: $id}) { id } }',
    "deleteAssets": "mutation ($id: ID!) { data: deleteAssets(where: {idIn: [$id]}) { succeeded { assetId externalId } } }",
    "afterwards": BY_ID,
}
DIFFERENT = re.compile(r"'requestId': '\w+'|'locations': \[.*?\]")


async def append(project: Project, identifier: str, content: str) -> str:
    data = {"contentArray": [content], "externalIDArray": [content], "idArray": [identifier]}
    answer = await project.admin.graphql(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
    return repr(answer)


async def test_an_id_of_strangers_looks_free(organization, other_organization):
    theirs = await other_organization.project()
    ada = await organization.person()
    known, free = f"known-{theirs.id}", f"fresh-{theirs.id}"
    await append(theirs, known, "https://files.example/theirs.png")
    seen = []
    for identifier in (known, free):
        mine = await organization.project()
        await mine.join(ada, "ADMIN")
        data = {"contentArray": ["https://files.example/a.png"], "externalIDArray": ["a"], "idArray": [identifier]}
        imports = [
            await ada.client.graphql(APPEND_MANY_ASSETS, {"data": data, "where": {"id": mine.id}}),
            await ada.client.graphql(
                APPEND_MANY_ASSETS, {"data": {**data, "externalIDArray": ["b"]}, "where": {"id": mine.id}}
            ),
            await ada.client.graphql(
                COUNT_ASSETS, {"where": {"project": {"id": mine.id}, "idIn": [identifier, "another"]}}
            ),
        ]
        done = {
            name: await ada.client.graphql(
                document.replace("%s", identifier), {"id": identifier} if "$id" in document else {}
            )
            for name, document in DOCUMENTS.items()
        }
        seen.append(DIFFERENT.sub("", repr((imports, done))).replace(identifier, "…").replace(mine.id, "(project)"))

    assert seen[0] == seen[1]
    assert "exists already" in seen[0]
    (found,) = await theirs.admin.data(BY_ID, {"id": known})
    assert found == {"id": known, "content": "https://files.example/theirs.png"}
    assert len(await theirs.rows("asset")) == 1


MINE = {"contentArray": ["https://files.example/mine.png"], "externalIDArray": ["mine"]}
DELETE_PROJECT = "mutation ($id: ID!) { data: deleteProject(where: {id: $id}) { id } }"
LABEL = """
mutation ($id: ID!, $json: String!) {
  data: appendToLabels(data: {labelType: DEFAULT, jsonResponse: $json}, where: {id: $id}) { assetId labelOf { id externalId } }
}"""
PAGE = """
query ($p: ID!) {
  data: assets(where: {project: {id: $p}}, first: 5, skip: 0) {
    id externalId jsonMetadata labels { assetId labelOf { id } } locks { lockOfIdCompute }
    issues { assetId asset { id } }
  }
}"""
ASK = """
mutation ($p: ID!, $id: ID!) {
  data: createIssues(issues: [{assetId: $id, text: "why?", type: QUESTION}], where: {project: {id: $p}}) { assetId }
}"""
ISSUES = "query ($p: ID!, $ids: [ID!]) { data: issues(where: {project: {id: $p}, assetIn: $ids}, first: 5, skip: 0) { assetId } }"


@pytest.mark.parametrize("state", ["out of sight", "deleted"])
async def test_an_id_of_the_own_organization_is_refused(organization, state):
    theirs, mine = await organization.project(), await organization.project()
    ada = await organization.person()
    await mine.join(ada, "ADMIN")
    known = f"known-{theirs.id}"
    await theirs.assets(1, prefix="theirs", idArray=[known])
    if state == "deleted":
        await theirs.admin.data(DELETE_PROJECT, {"id": theirs.id})

    refused = await ada.client.graphql(
        APPEND_MANY_ASSETS, {"data": {**MINE, "idArray": [known]}, "where": {"id": mine.id}}
    )

    (error,) = refused["errors"]
    assert error["extensions"]["code"] == "CONFLICT"
    assert f"Asset id {known!r} exists already" in error["message"]
    assert await mine.rows("asset") == []
    (row,) = await theirs.rows("asset")
    assert row["id"] == known
    assert not await organization.database.pool.fetchval(
        "select has_kept_ids from organization where id = $1", organization.id
    )


async def test_an_id_is_free_again_when_its_asset_is_deleted(organization):
    theirs, mine = await organization.project(), await organization.project()
    known = f"known-{theirs.id}"
    await theirs.assets(1, prefix="theirs", idArray=[known])
    await theirs.admin.data(DOCUMENTS["deleteAssets"], {"id": known})

    await mine.assets(1, prefix="mine", idArray=[known])

    assert [row["id"] for row in await mine.rows("asset")] == [known]


async def test_an_asset_keeps_its_id_whatever_was_stored_beside_it(organization, other_organization):
    """The kept form of an own id, as earlier versions stored it, takes nothing from the asset that has the id."""
    theirs, mine = await organization.project(), await organization.project()
    known = f"known-{theirs.id}"
    await theirs.assets(1, prefix="theirs", idArray=[known])
    (other,) = await mine.assets(1, prefix="mine")
    pool = organization.database.pool
    await pool.execute("update asset set id = $1 where id = $2", f"{known}.{organization.id}", other)
    await pool.execute("update organization set has_kept_ids = true where id = $1", organization.id)

    made = await organization.admin.client.data(LABEL, {"id": known, "json": answer()})

    assert made == {"assetId": known, "labelOf": {"id": known, "externalId": "theirs-0"}}
    assert [label["asset_id"] for label in await theirs.rows("label")] == [known]
    assert await mine.rows("label") == []
    await organization.admin.client.data(DOCUMENTS["deleteAssets"], {"id": known})
    assert await theirs.rows("asset") == []
    assert len(await mine.rows("asset")) == 1


@pytest.fixture
async def kept(organization, other_organization):
    """A project with an asset whose id another organization has, and that id."""
    theirs, mine = await other_organization.project(), await organization.project()
    known = f"known-{theirs.id}"
    await append(theirs, known, "https://files.example/theirs.png")
    await mine.assets(1, idArray=[known], externalIDArray=[f"report.{organization.id}"])
    assert [row["id"] for row in await mine.rows("asset")] == [f"{known}.{organization.id}"]
    return mine, known


async def test_texts_keep_what_looks_like_an_ending(kept, organization):
    mine, known = kept
    text = f'{{"id": "{known}", "of": "x.{organization.id}"}}'
    document = (
        "mutation ($id: ID!, $text: String!) { data: updatePropertiesInAsset(where: {id: $id}, data: {jsonMetadata: $text}) "
        "{ id externalId jsonMetadata } }"
    )
    expected = {"id": known, "externalId": f"report.{organization.id}", "jsonMetadata": text}

    assert await mine.admin.data(document, {"id": known, "text": text}) == expected

    assert await mine.admin.data(ASK, {"p": mine.id, "id": known}) == [{"assetId": known}]
    await mine.admin.data(LABEL, {"id": known, "json": answer()})
    (found,) = await mine.admin.data(PAGE, {"p": mine.id})
    assert found == {
        **expected,
        "labels": [{"assetId": known, "labelOf": {"id": known}}],
        "locks": [],
        "issues": [{"assetId": known, "asset": {"id": known}}],
    }


async def test_lists_of_issues_find_the_asset(kept):
    mine, known = kept
    await mine.admin.data(ASK, {"p": mine.id, "id": known})

    assert await mine.admin.data(ISSUES, {"p": mine.id, "ids": [known]}) == [{"assetId": known}]
    assert await mine.admin.data(ISSUES, {"p": mine.id, "ids": ["another"]}) == []


async def test_the_request_that_stores_the_kept_form_uses_the_chosen_id_from_then_on(organization, other_organization):
    theirs, mine = await other_organization.project(), await organization.project()
    known = f"known-{theirs.id}"
    await append(theirs, known, "https://files.example/theirs.png")
    document = """
    mutation ($data: AppendManyAssetsData!, $p: ID!, $id: ID!, $json: String!) {
      first: appendManyAssets(data: $data, where: {id: $p}) { id externalId }
      second: appendToLabels(data: {labelType: DEFAULT, jsonResponse: $json}, where: {id: $id}) { assetId labelOf { id } }
    }"""

    answered = await mine.admin.graphql(
        document, {"data": {**MINE, "idArray": [known]}, "p": mine.id, "id": known, "json": answer()}
    )

    assert answered == {
        "data": {"first": [{"id": known, "externalId": "mine"}], "second": {"assetId": known, "labelOf": {"id": known}}}
    }


# Names of arguments and keys that never name assets which exist, and owners whose ids are of other objects.
OTHER_NAMES = {
    "assignees",
    "auth0Id",
    "authorID",
    "authorId",
    "awsRoleExternalId",
    "azureTenantId",
    "connectionId",
    "dataIntegrationId",
    "datasetAssetIds",
    "datasetId",
    "datasetIds",
    "deletes",
    "externalID",
    "externalIDArray",
    "externalIds",
    "externalIDs",
    "externalId",
    "externalIdArray",
    "externalIdIn",
    "externalIdStrictlyIn",
    "fileId",
    "fromEventId",
    "idArray",
    "integrationId",
    "labelID",
    "labelId",
    "modelId",
    "organizationID",
    "organizationId",
    "parentId",
    "projectID",
    "projectId",
    "referencedLabelId",
    "roleID",
    "sendBackStepId",
    "stepGroupId",
    "stepId",
    "stepIdIn",
    "stepIdNotIn",
    "tagId",
    "tagIds",
    "taskId",
    "toolID",
    "untilEventId",
    "userID",
    "userId",
    "userIds",
}
OTHER_OWNERS = {
    "ApiKeyWhere",
    "DataConnectionIdWhere",
    "DataIntegrationWhere",
    "DatasetAssetWhere",
    "DatasetWhere",
    "IssueWhere",
    "LabelWhere",
    "LockWhere",
    "NotificationWhere",
    "OrganizationWhere",
    "PluginWhere",
    "ProjectExportWhere",
    "ProjectUserWhere",
    "cancelProjectExport",
    "ProjectVersionWhere",
    "ProjectWhere",
    "StepGroupName",
    "TrainedModelWhere",
    "UpdateProjectAnonymizationInput",
    "UserWhere",
    "WorkflowStepInput",
    "assistLabeling",
    "cancelTraining",
    "deleteDatasetAssets",
    "deleteLabels",
    "deleteModel",
    "deleteProjectModel",
    "deleteTrainedModel",
    "model",
    "predictAssets",
    "setTrainedModelThresholds",
    "trainedModelPredictions",
    "trainedModelStatistics",
    "updateModel",
    "updateProjectModel",
}
LOOKS_LIKE_AN_ID = re.compile(r".*(I[dD]s?|[aA]sset(I[dD])?s?)(In|NotIn|Array)?|i[dD]s?(In|NotIn|Array)?")


def test_every_id_of_the_schema_is_known_to_name_assets_or_not():
    schema = build_schema(schema_text())
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    keys = {
        (owner, name): given.type
        for owner, given_names in [
            *((field_name, field.args) for root in roots for field_name, field in root.fields.items()),
            *(
                (kind.name, kind.fields)
                for kind in schema.type_map.values()
                if isinstance(kind, GraphQLInputObjectType)
            ),
        ]
        for name, given in given_names.items()
    }
    ids = {
        (owner, name)
        for (owner, name), kind in keys.items()
        if get_named_type(kind).name == "ID"
        or (get_named_type(kind).name == "String" and LOOKS_LIKE_AN_ID.fullmatch(name))
    }
    naming = {(owner, name) for owner, name in ids if f"{owner}.{name}" in NAMING}
    others = {
        (owner, name)
        for owner, name in ids - naming
        if name in OTHER_NAMES or (owner in OTHER_OWNERS and name in {"id", "idIn", "ids", "assetIds"})
    }

    assert ids - naming - others == set()
    assert len(naming) == len(NAMING)
