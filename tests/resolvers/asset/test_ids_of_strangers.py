"""An id that somebody else has already looks free: in the import, and in everything that is done with the asset afterwards."""

from __future__ import annotations

import re

import pytest

from tests.common.documents import APPEND_MANY_ASSETS, COUNT_ASSETS
from tests.common.world import Project

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


@pytest.mark.parametrize("owner", ["of another organization", "of a project out of sight"])
async def test_an_id_of_strangers_looks_free(organization, other_organization, owner):
    theirs = await (other_organization if owner == "of another organization" else organization).project()
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
