"""Selections that are read for something other than a GraphQL client."""

import pytest

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Actor
from labelyard.domain.secret import digest_of
from labelyard.resolvers.reading import MOST_OBJECTS, read_selection, read_selection_by_ids
from labelyard.services.app_services import AppServices
from labelyard.services.credential import Credentials
from labelyard.storage.actor import find_actors
from labelyard.storage.blob import LocalBlobs
from labelyard.storage.database import Database
from labelyard.storage.file_link import FileLinks
from labelyard.storage.filter.asset import asset_filter
from labelyard.storage.filter.label import label_filter
from labelyard.storage.filter.project import project_filter
from tests.common.world import answer

SELECTION = "{ number: externalId labels { jsonResponse author { ...Address } } } fragment Address on User { email }"


@pytest.fixture
def services(tmp_path) -> AppServices:
    return AppServices(
        links=FileLinks("http://files", b"0" * 32, 60, 1_000),
        blobs=LocalBlobs(tmp_path),
        now=lambda: 0,
        credentials=Credentials(b"0" * 32),
    )


async def actor_of(database: Database, key: str) -> Actor:
    async with database.reader() as connection:
        return (await find_actors(connection, [digest_of(key)]))[digest_of(key)]


async def test_it_reads_what_a_client_reads(project, database, services):
    first, _ = await project.assets(2)
    await project.label(first, json_response=answer("SUN"))
    actor = await actor_of(database, project.organization.admin.key)
    found = await read_selection(
        database, services, actor, "Asset", SELECTION, asset_filter({"project": {"id": project.id}}, actor)
    )
    fields, fragment = SELECTION.split(" fragment ")
    document = f"query ($id: ID!) {{ data: assets(where: {{project: {{id: $id}}}}, first: 9, skip: 0) {fields} }} fragment {fragment}"
    assert found == await project.admin.data(document, {"id": project.id})
    assert [asset["number"] for asset in found] == ["asset-0", "asset-1"]
    assert found[0]["labels"][0]["author"] == {"email": project.organization.admin.email}


async def test_it_has_the_scopes_of_the_person(project, database, services):
    first, second = await project.assets(2)
    labeler, colleague = await project.member("LABELER"), await project.member("LABELER")
    own = await project.label(first, json_response=answer("SUN"), by=labeler)
    await project.label(second, json_response=answer("SUN"), by=colleague)
    actor = await actor_of(database, labeler.key)
    found = await read_selection(
        database, services, actor, "Label", "{ id }", label_filter({"project": {"id": project.id}}, actor)
    )
    assert found == [{"id": own}]


async def test_strangers_read_nothing(project, other_organization, database, services):
    actor = await actor_of(database, other_organization.admin.key)
    assert (
        await read_selection(database, services, actor, "Project", "{ id }", project_filter({"id": project.id})) == []
    )


async def test_objects_are_read_by_id_in_order(project, database, services):
    first, second = await project.assets(2)
    actor = await actor_of(database, project.organization.admin.key)
    found = await read_selection_by_ids(database, services, actor, "Asset", "{ externalId }", [second, first])
    assert found == [{"externalId": "asset-1"}, {"externalId": "asset-0"}]


async def test_no_page_is_larger_than_that_of_a_client(project, database, services):
    actor = await actor_of(database, project.organization.admin.key)
    with pytest.raises(BadUserInput, match="0 to 1,000 objects"):
        await read_selection(database, services, actor, "Project", "{ id }", project_filter({}), first=MOST_OBJECTS + 1)


@pytest.mark.parametrize("selection", ["{ nothing }", "{ steps }", "{ id { id } }"])
async def test_a_selection_that_the_schema_does_not_know_is_a_defect(project, database, services, selection):
    actor = await actor_of(database, project.organization.admin.key)
    with pytest.raises(ValueError, match="Project cannot be read"):
        await read_selection(database, services, actor, "Project", selection, project_filter({}))
