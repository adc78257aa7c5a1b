"""Datasets: filled, seen by their users, appended to projects, and deleted."""

import base64

import pytest

CREATE = "mutation($data: CreateDatasetData!) { data: createDataset(data: $data) { id } }"
CHANGE = """
mutation($datasetId: ID!, $assetType: InputType!, $name: String!) {
  data: updatePropertiesInDataset(data: {assetType: $assetType, name: $name} where: {id: $datasetId}) { id } }"""
DELETE = "mutation($where: DatasetWhere!) { data: deleteDataset(where: $where) { id } }"
APPEND = """
mutation($data: AppendToDatasetData!, $where: DatasetWhere!) { data: appendToDataset(data: $data, where: $where) { id } }"""
ADD_USER = """
mutation($data: AppendToDatasetUsersData!, $where: DatasetWhere!) {
  data: appendToDatasetUsers(data: $data, where: $where) { id } }"""
TO_PROJECT = """
mutation($data: AppendDatasetsToProjectData!, $where: ProjectWhere!) {
  data: appendDatasetsToProject(data: $data, where: $where) }"""
DELETE_ASSETS = "mutation($where: DatasetAssetWhere!) { data: deleteDatasetAssets(where: $where) }"
CHANGE_ASSETS = """
mutation($whereArray: [DatasetAssetWhere!]!, $dataArray: [DatasetAssetData!]!) {
  data: updatePropertiesInDatasetAssets(where: $whereArray, data: $dataArray) { id } }"""
LEAVE = """
mutation($data: DeleteFromDatasetUsersData!, $where: DatasetWhere!) {
  data: deleteFromDatasetUsers(data: $data, where: $where) { id users { email } } }"""
DATASETS = """
query($where: DatasetWhere!) { data: datasets(where: $where, first: 100, skip: 0) {
  id name type numberOfAssets projectId assets { externalId } users { email } } }"""
DATASET_ASSETS = """
query($where: DatasetAssetWhere!, $first: PageSize!, $skip: Int!) {
  data: datasetAssets(where: $where, skip: $skip, first: $first) {
    id externalId content jsonContent contentJson jsonMetadata metadata assets { externalId } } }"""
COUNT_ASSETS = "query($where: DatasetAssetWhere!) { data: countDatasetAssets(where: $where) }"
ASSETS = """
query($where: AssetWhere!) { data: assets(where: $where, first: 100, skip: 0) {
  id externalId content jsonContent jsonMetadata datasetAssetId status } }"""


class Shelf:
    """A dataset and its administrator."""

    def __init__(self, organization, client, identifier):
        self.organization, self.client, self.id = organization, client, identifier

    async def add(self, *texts):
        data = {"contentArray": list(texts), "externalIdArray": [f"name of {text[:9]}" for text in texts]}
        assert await self.client.data(APPEND, {"data": data, "where": {"id": self.id}}) == {"id": self.id}
        return [asset["id"] for asset in await self.assets()]

    async def assets(self, client=None, **where):
        variables = {"where": {"id": None, "dataset": {"id": self.id}, **where}, "first": 100, "skip": 0}
        return await (client or self.client).data(DATASET_ASSETS, variables)

    async def to(self, project, client=None, **data):
        variables = {"data": {"datasetIds": [], "datasetAssetIds": [], **data}, "where": {"id": project.id}}
        return await (client or self.client).data(TO_PROJECT, variables)


async def create(organization, asset_type="TEXT", client=None):
    client = client or organization.admin.client
    made = await client.data(CREATE, {"data": {"name": "Letters", "assetType": asset_type}})
    return Shelf(organization, client, made["id"])


@pytest.fixture
async def shelf(organization):
    return await create(organization)


@pytest.fixture
async def text_project(organization):
    return await organization.project(inputType="TEXT")


async def assets_of(project):
    return await project.admin.data(ASSETS, {"where": {"project": {"id": project.id}}})


async def test_a_dataset_is_filled_and_listed(shelf):
    await shelf.add("Hello", "World")

    (listed,) = await shelf.client.data(DATASETS, {"where": {"id": shelf.id}})

    assert listed == {
        "id": shelf.id,
        "name": "Letters",
        "type": "TEXT",
        "numberOfAssets": 2,
        "projectId": None,
        "assets": [{"externalId": "name of Hello"}, {"externalId": "name of World"}],
        "users": [{"email": shelf.organization.admin.email}],
    }
    first, _ = await shelf.assets()
    assert {**first, "id": ""} == {
        "id": "",
        "externalId": "name of Hello",
        "content": "Hello",
        "jsonContent": "",
        "contentJson": None,
        "jsonMetadata": "{}",
        "metadata": {},
        "assets": [],
    }
    assert await shelf.client.data(COUNT_ASSETS, {"where": {"dataset": {"id": shelf.id}}}) == 2


async def test_a_name_in_a_dataset_is_unique(shelf):
    await shelf.add("Hello")
    data = {"contentArray": ["a", "b"], "externalIdArray": ["new", "name of Hello"]}
    refused = await shelf.client.refused(APPEND, {"data": data, "where": {"id": shelf.id}})
    assert refused.code == "CONFLICT"
    assert len(await shelf.assets()) == 1


async def test_a_whole_dataset_becomes_assets_of_a_project_once(shelf, text_project):
    ids = await shelf.add("Hello", "World")

    assert await shelf.to(text_project, datasetIds=[shelf.id]) is True
    assert await shelf.to(text_project, datasetIds=[shelf.id]) is True

    found = await assets_of(text_project)
    assert [(one["externalId"], one["content"], one["datasetAssetId"], one["status"]) for one in found] == [
        ("name of Hello", "Hello", ids[0], "TODO"),
        ("name of World", "World", ids[1], "TODO"),
    ]
    made_of = {"project": {"id": text_project.id}, "datasetAsset": {"id": ids[1]}}
    assert [one["id"] for one in await text_project.admin.data(ASSETS, {"where": made_of})] == [found[1]["id"]]
    assert [one["assets"] for one in await shelf.assets()] == [[{"externalId": one["externalId"]}] for one in found]


async def test_named_assets_stand_for_their_dataset(shelf, text_project):
    ids = await shelf.add("Hello", "World")
    await shelf.to(text_project, datasetIds=[shelf.id], datasetAssetIds=[ids[1]])
    assert [one["content"] for one in await assets_of(text_project)] == ["World"]


async def test_a_file_is_shared_and_outlives_the_dataset(organization, database):
    shelf, project = await create(organization, "IMAGE"), await organization.project()
    stranger = await organization.person()
    inlined = "data:text/plain;base64," + base64.b64encode(b"bytes of a picture").decode()
    await shelf.add(inlined)
    (kept,) = await shelf.assets()
    http = shelf.client.http
    assert (await http.get(kept["content"])).content == b"bytes of a picture"
    # somebody who does not see the dataset cannot make an asset of its file
    own = await organization.project()
    await own.join(stranger, "ADMIN")
    stolen = await stranger.client.refused(
        "mutation($p: ID!, $c: [String!]) { data: createAssets(projectID: $p, contents: $c) { id } }",
        {"p": own.id, "c": [kept["content"]]},
    )
    assert stolen.code == "NOT_FOUND"

    await shelf.to(project, datasetIds=[shelf.id])
    assert await shelf.client.data(DELETE, {"where": {"id": shelf.id}}) == {"id": shelf.id}

    (asset,) = await assets_of(project)
    assert (asset["datasetAssetId"], (await http.get(asset["content"])).content) == (None, b"bytes of a picture")
    assert await shelf.client.data(DATASETS, {"where": {"id": shelf.id}}) == []


async def test_the_last_holder_of_a_file_forgets_it(shelf, database):
    inlined = "data:text/plain;base64," + base64.b64encode(b"only here").decode()
    (asset_id,) = await shelf.add(inlined)
    count = "select count(*) from blob where organization_id = :id"

    async def files():
        async with database.reader() as connection:
            return await connection.fetch_value(count, {"id": shelf.organization.id})

    assert await files() == 1
    await shelf.client.data(DELETE_ASSETS, {"where": {"idIn": [asset_id]}})
    assert await files() == 0
    assert await shelf.assets() == []


async def test_assets_are_changed_in_place(shelf, text_project):
    first, second = await shelf.add("Hello", "World")
    changes = [
        {"externalId": "name of World", "jsonMetadata": '{"a": 1}', "content": None, "jsonContent": '[{"x": 1}]'},
        {"externalId": "name of Hello", "content": "Moon", "jsonMetadata": None, "jsonContent": None},
    ]
    where = [{"id": first}, {"id": second}]
    answered = await shelf.client.data(CHANGE_ASSETS, {"whereArray": where, "dataArray": changes})
    assert answered == where
    found = await shelf.assets()
    assert [(one["externalId"], one["content"], one["contentJson"], one["metadata"]) for one in found] == [
        ("name of World", "Hello", [{"x": 1}], {"a": 1}),
        ("name of Hello", "Moon", None, {}),
    ]
    refused = await shelf.client.refused(
        CHANGE_ASSETS, {"whereArray": where, "dataArray": [{"content": "x"}, {"externalId": "name of World"}]}
    )
    assert refused.code == "CONFLICT"
    assert await shelf.assets() == found
    await shelf.to(text_project, datasetAssetIds=[first])
    (asset,) = await assets_of(text_project)
    assert (asset["jsonContent"], asset["jsonMetadata"]) == ('[{"x": 1}]', '{"a": 1}')


async def test_users_see_and_change_a_dataset_and_others_do_not(shelf, text_project):
    user, stranger = await shelf.organization.person(), await shelf.organization.person()
    await shelf.add("Hello")
    add = {"data": {"userEmail": user.email}, "where": {"id": shelf.id}}
    assert (await stranger.client.refused(ADD_USER, add)).code == "NOT_FOUND"
    assert await shelf.client.data(ADD_USER, add) == {"id": shelf.id}

    assert len(await shelf.assets(user.client)) == 1
    assert await shelf.assets(stranger.client) == []
    assert await stranger.client.data(DATASETS, {"where": {}}) == []
    renamed = {"datasetId": shelf.id, "assetType": "TEXT", "name": "Notes"}
    assert (await stranger.client.refused(CHANGE, renamed)).code == "NOT_FOUND"
    await user.client.data(CHANGE, renamed)
    (listed,) = await shelf.client.data(DATASETS, {"where": {"id": shelf.id}})
    assert listed["name"] == "Notes"
    own = await shelf.organization.project(inputType="TEXT")
    await own.join(stranger, "ADMIN")
    foreign = {"data": {"datasetIds": [shelf.id]}, "where": {"id": own.id}}
    assert (await stranger.client.refused(TO_PROJECT, foreign)).code == "NOT_FOUND"
    assert await assets_of(own) == []


async def test_who_made_a_dataset_says_who_uses_it_and_whether_it_stays(organization, database):
    owner, user, other = [await organization.person() for _ in range(3)]
    shelf = await create(organization, client=owner.client)
    await shelf.add("Hello")
    where = {"where": {"id": shelf.id}}

    def named(person):
        return {"data": {"userEmail": person.email}, **where}

    await owner.client.data(ADD_USER, named(user))
    read = "query($where: DatasetWhere!) { data: datasets(where: $where, first: 1, skip: 0) { id users { id } } }"
    before = await owner.client.data(read, where)
    for document, variables in [
        (ADD_USER, named(other)),
        (DELETE, where),
        (LEAVE, named(owner)),
        (LEAVE, named(other)),
    ]:
        refused = await user.client.refused(document, variables)
        assert (refused.code, refused.context) == ("FORBIDDEN", {"datasetId": shelf.id})
        assert (await other.client.refused(document, variables)).code == "NOT_FOUND"
    assert await owner.client.data(read, where) == before
    assert (await owner.client.refused(LEAVE, named(other))).code == "NOT_FOUND"

    # Somebody whom it is taken from sees nothing of it any more, its files neither; who leaves it themselves does not, either.
    (kept,) = await owner.client.data(DATASET_ASSETS, {"where": {"dataset": {"id": shelf.id}}, "first": 9, "skip": 0})
    assert await owner.client.data(LEAVE, named(user)) == {"id": shelf.id, "users": [{"email": owner.email}]}
    assert await shelf.assets(user.client) == []
    own = await organization.project(inputType="TEXT")
    await own.join(user, "ADMIN")
    taken = {"data": {"datasetAssetIds": [kept["id"]]}, "where": {"id": own.id}}
    assert (await user.client.refused(TO_PROJECT, taken)).code == "NOT_FOUND"
    await owner.client.data(LEAVE, named(owner))
    assert (await owner.client.refused(DELETE, where)).code == "NOT_FOUND"
    await organization.admin.client.data(ADD_USER, named(owner))
    assert (await owner.client.refused(DELETE, where)).code == "FORBIDDEN"
    assert await organization.admin.client.data(DELETE, where) == {"id": shelf.id}


HOLD = """
mutation($p: ID!, $c: [String!]) { data: createAssets(projectID: $p, contents: $c) { id } }"""


@pytest.mark.parametrize("role", ["REVIEWER", "ADMIN"])
@pytest.mark.parametrize("way", ["as content", "as jsonContent", "in a document", "by an update", "of another dataset"])
async def test_a_dataset_keeps_no_file_that_is_taken_away(organization, project, role, way):
    """A file of a project, or of another dataset, goes into no dataset, or its users would go on to read it."""
    ada = await project.member(role)
    shelf = await create(organization, "NA", client=ada.client)
    (own,) = await shelf.add("Hello")
    inlined = "data:text/plain;base64," + base64.b64encode(b"secret bytes").decode()
    if way == "of another dataset":
        theirs = await create(organization)
        await theirs.add(inlined)
        await theirs.client.data(ADD_USER, {"data": {"userEmail": ada.email}, "where": {"id": theirs.id}})
        ((url),) = [one["content"] for one in await theirs.assets(ada.client)]
    else:
        await project.assets(1, contentArray=[inlined])
        ((url),) = [one["content"] for one in await ada.client.data(ASSETS, {"where": {"project": {"id": project.id}}})]
    assert (await ada.client.http.get(url)).content == b"secret bytes"
    before = await shelf.assets()
    if way == "in a document":
        (uploaded,) = await ada.client.data(
            "query ($paths: [String!]) { data: createUploadBucketSignedUrls(filePaths: $paths) }", {"paths": ["a"]}
        )
        body = f'{{"0": "{url}"}}'.encode()
        assert (await ada.client.http.put(uploaded.partition("&id=")[0], content=body)).status_code == 200
        change = {"jsonContent": uploaded}
    else:
        change = {"jsonContent" if way == "as jsonContent" else "content": url}
    if way in ("as content", "of another dataset"):
        variables = {"data": {"contentArray": [url], "externalIdArray": ["b"]}, "where": {"id": shelf.id}}
        answer = await ada.client.graphql(APPEND, variables)
    else:
        answer = await ada.client.graphql(CHANGE_ASSETS, {"whereArray": [{"id": own}], "dataArray": [change]})

    if (way, role) != ("in a document", "REVIEWER"):  # where it is not a part of the document
        code = "BAD_USER_INPUT" if role == "ADMIN" or way == "of another dataset" else "FORBIDDEN"
        assert answer["errors"][0]["extensions"]["code"] == code
        assert await shelf.assets() == before
    await organization.admin.client.data(
        "mutation ($p: ID!, $e: String!) { data: deleteFromRoles(where: {project: {id: $p}, user: {email: $e}}) { id } }",
        {"p": project.id, "e": ada.email},
    )
    if way == "of another dataset":
        await theirs.client.data(LEAVE, {"data": {"userEmail": ada.email}, "where": {"id": theirs.id}})
    assert (await ada.client.http.get(url)).status_code == 404


async def test_who_only_reads_a_file_takes_it_into_no_project(organization, project):
    ada = await project.member("REVIEWER")
    mine = await organization.project()
    await mine.join(ada, "ADMIN")
    inlined = "data:text/plain;base64," + base64.b64encode(b"secret bytes").decode()
    await project.assets(1, contentArray=[inlined])
    (seen,) = await ada.client.data(ASSETS, {"where": {"project": {"id": project.id}}})

    refused = await ada.client.refused(HOLD, {"p": mine.id, "c": [seen["content"]]})

    assert refused.code == "FORBIDDEN"
    assert await assets_of(mine) == []
    # Who may change the assets of the project may take them along; so do those who administer both.
    (made,) = await organization.admin.client.data(HOLD, {"p": mine.id, "c": [seen["content"]]})
    assert [one["id"] for one in await assets_of(mine)] == [made["id"]]


@pytest.mark.parametrize("is_old", [False, True], ids=["", "written before"])
async def test_json_of_a_dataset_opens_no_file_through_who_adds_it_to_a_project(
    organization, project, database, is_old
):
    """Whoever knows the address of a file has it not opened by an administrator who adds their assets to a project."""
    ada = await organization.person()
    shelf = await create(organization, "IMAGE", client=ada.client)
    (own,) = await shelf.add("https://files.example/a.png")
    inlined = "data:text/plain;base64," + base64.b64encode(b"secret bytes").decode()
    await project.assets(1, contentArray=[inlined])
    (secret,) = await assets_of(project)
    file_id = secret["content"].partition("&id=")[2]
    address = f"https://label.example/api/label/v2/files?id={file_id}"
    if is_old:
        await database.pool.execute(
            "update dataset_asset set json_content = $1 where id = $2", f'{{"0": "{address}"}}', own
        )
    else:
        before = await shelf.assets()
        change = {"jsonContent": f'{{"0": "{address}"}}'}
        refused = await ada.client.refused(CHANGE_ASSETS, {"whereArray": [{"id": own}], "dataArray": [change]})
        assert (refused.code, refused.context) == ("BAD_USER_INPUT", {"field": "jsonContent"})
        assert await shelf.assets() == before
    mine = await organization.project()
    await mine.join(ada, "REVIEWER")

    await shelf.to(mine, client=organization.admin.client, datasetIds=[shelf.id])

    assert len(await assets_of(mine)) == 1
    key = {"Authorization": f"X-API-Key: {ada.key}"}
    assert (await ada.client.http.get(f"/api/label/v2/files?id={file_id}", headers=key)).status_code == 404


async def test_another_organization_learns_nothing(shelf, other_organization):
    (asset_id,) = await shelf.add("Hello")
    client = other_organization.admin.client
    assert await client.data(DATASETS, {"where": {"id": shelf.id}}) == []
    assert await shelf.assets(client) == []
    for document, variables in [
        (DELETE, {"where": {"id": shelf.id}}),
        (DELETE_ASSETS, {"where": {"idIn": [asset_id]}}),
        (CHANGE_ASSETS, {"whereArray": [{"id": asset_id}], "dataArray": [{"content": "x"}]}),
        (APPEND, {"data": {"contentArray": ["x"]}, "where": {"id": shelf.id}}),
        (ADD_USER, {"data": {"userEmail": other_organization.admin.email}, "where": {"id": shelf.id}}),
    ]:
        assert (await client.refused(document, variables)).code == "NOT_FOUND"
    assert [one["content"] for one in await shelf.assets()] == ["Hello"]


async def test_the_type_of_a_dataset_fits_its_assets_and_projects(shelf, organization):
    pictures = await organization.project()
    change = {"datasetId": shelf.id, "assetType": "PDF", "name": "Letters"}
    await shelf.client.data(CHANGE, change)
    await shelf.add("https://files.example/a.pdf")
    refused = await shelf.client.refused(CHANGE, {**change, "assetType": "IMAGE"})
    assert (refused.code, refused.context["field"]) == ("BAD_USER_INPUT", "assetType")
    variables = {"data": {"datasetIds": [shelf.id]}, "where": {"id": pictures.id}}
    assert "of type IMAGE" in (await shelf.client.refused(TO_PROJECT, variables)).message
    assert await assets_of(pictures) == []


@pytest.mark.parametrize(
    "document",
    [
        'createDataset(name: "x") { id }',
        'createDataset(name: "", assetType: TEXT) { id }',
        "deleteDataset(where: {}) { id }",
        "deleteDatasetAssets(where: {})",
        "deleteDatasetAssets",
        'updatePropertiesInDatasetAssets(where: [{id: "a"}], data: []) { id }',
        "appendToDataset { id }",
    ],
)
async def test_what_names_nothing_is_refused(organization, document):
    refused = await organization.admin.client.refused(f"mutation {{ data: {document} }}")
    assert refused.code == "BAD_USER_INPUT"
