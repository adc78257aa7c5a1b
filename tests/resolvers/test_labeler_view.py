"""What labelers see: their own work, what they may start from, and nothing of their colleagues."""

import pytest

from tests.common.documents import ASSETS, LABELS
from tests.common.world import answer

MEMBERS = """query ($where: ProjectUserWhere!) {
  data: projectUsers(where: $where, first: 10, skip: 0) { role user { id email } numberOfLabels totalDuration } }"""
COUNT_MEMBERS = "query ($where: ProjectUserWhere!) { data: countProjectUsers(where: $where) }"
PROJECT = """query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
  title author { email } roles { user { email } } steps { assignees { email } }
  dataset { labels { author { email } } toBeLabeledBy { user { email } } sentBackTo { user { email } } } } }"""
ASSIGN = """mutation ($ids: [ID!]!, $users: [String!]!) {
  data: assignAssets(where: {idIn: $ids}, userIds: $users) { succeeded { assetId } } }"""
HONEYPOT = """mutation ($id: ID!, $json: String!) {
  data: createHoneypot(data: {jsonResponse: $json}, where: {id: $id}) { id } }"""
SKIP = """mutation ($id: ID!) { data: skipAsset(reason: "unreadable", where: {id: $id}) { id content } }"""
NEXT = "query ($id: ID!) { data: getNextAssetFromProject(projectID: $id) { id } }"
ORGANIZATIONS = "query ($email: String!) { data: countOrganizations(where: {user: {email: $email}}) }"


def page(where):
    return {"where": where, "first": 100, "skip": 0}


@pytest.fixture
async def ada(project):
    return await project.member()


@pytest.fixture
async def bob(project):
    return await project.member()


async def assign(project, asset_id, *people):
    variables = {"ids": [asset_id], "users": [person.id for person in people]}
    return await project.admin.data(ASSIGN, variables)


async def labels_of(project, person, asset_id, fields="labelType author { id } jsonResponse"):
    return await person.client.data(LABELS % fields, page({"asset": {"id": asset_id}}))


async def test_members_are_themselves_only(project, ada, bob):
    where = {"project": {"id": project.id}}

    assert [member["user"] for member in await ada.client.data(MEMBERS, {"where": where})] == [
        {"id": ada.id, "email": ada.email}
    ]
    assert await ada.client.data(COUNT_MEMBERS, {"where": where}) == 1
    assert await ada.client.data(COUNT_MEMBERS, {"where": {**where, "user": {"email": bob.email}}}) == 0
    assert await ada.client.data(COUNT_MEMBERS, {"where": {}}) == 1
    assert await project.admin.data(COUNT_MEMBERS, {"where": where}) == 3


async def test_addresses_of_others_stand_nowhere(project, organization, ada, bob):
    rex = await project.member("REVIEWER")
    (asset_id,) = await project.assets(1)
    await assign(project, asset_id, ada, bob)
    await project.label(asset_id, by=ada)
    await project.label(asset_id, by=rex, label_type="REVIEW")

    (found,) = await ada.client.data(PROJECT, {"id": project.id})

    assert found["author"] is None
    assert found["roles"] == [{"user": {"email": ada.email}}]
    assert found["steps"][0]["assignees"] == [{"email": ada.email}]
    assert found["dataset"] == [
        {
            "labels": [
                {"author": {"email": ada.email}},
                {"author": {"email": f"{rex.id}@hidden.invalid"}},
            ],
            "toBeLabeledBy": [{"user": {"email": ada.email}}],
            "sentBackTo": [],
        }
    ]
    (full,) = await rex.client.data(PROJECT, {"id": project.id})
    assert full["author"] == {"email": organization.admin.email}
    assert [member["user"]["email"] for member in full["roles"]] == [
        organization.admin.email,
        ada.email,
        bob.email,
        rex.email,
    ]


async def test_addresses_of_others_cannot_be_guessed(project, organization, ada):
    rex = await project.member("REVIEWER")
    (asset_id,) = await project.assets(1)
    await project.label(asset_id, by=ada)
    await project.label(asset_id, by=rex, label_type="REVIEW")

    for where in ({"authorIn": [rex.email]}, {"user": {"email": rex.email}}):
        assert await ada.client.data(LABELS % "id", page(where)) == []
    assert len(await ada.client.data(LABELS % "id", page({"authorIn": [rex.id]}))) == 1
    assert await ada.client.data(ORGANIZATIONS, {"email": rex.email}) == 0
    assert await ada.client.data(ORGANIZATIONS, {"email": ada.email}) == 1
    assert await rex.client.data(ORGANIZATIONS, {"email": ada.email}) == 1


async def test_the_right_answer_of_a_honeypot_is_never_shown(project, ada):
    asset_id, plain = await project.assets(2)
    await project.admin.data(HONEYPOT, {"id": asset_id, "json": answer("RAIN")})
    await project.label(plain, by=ada)
    await project.label(asset_id, by=ada)
    await project.label(plain, label_type="REVIEW")

    assert [label["labelType"] for label in await labels_of(project, ada, asset_id)] == ["DEFAULT"]
    assert [label["labelType"] for label in await labels_of(project, ada, plain)] == ["DEFAULT", "REVIEW"]
    reviews = page({"project": {"id": project.id}, "typeIn": ["REVIEW"]})
    assert len(await ada.client.data(LABELS % "id isHoneypot", reviews)) == 1
    fields = "isHoneypot labels { isHoneypot } latestLabel { labelType }"
    assert await project.read_asset(asset_id, fields, client=ada.client) == {
        "isHoneypot": False,
        "labels": [{"isHoneypot": False}],
        "latestLabel": {"labelType": "DEFAULT"},
    }
    assert len(await project.admin.data(LABELS % "id", reviews)) == 2


async def test_a_honeypot_reads_like_any_other_asset(project, ada):
    trap, plain = await project.assets(2)
    await project.admin.data(HONEYPOT, {"id": trap, "json": answer("RAIN")})
    await assign(project, trap, ada)
    await assign(project, plain, ada)
    fields = """labelVersion isHoneypot status skipped numberOfValidLocks isToBeLabeledBy currentStep { name status }
      latestLabel { labelType } latestLabels { labelType isCorrected isLastForStep }
      labels { labelType version isCorrected isLastForStep isLatestLabelForUser totalSecondsToLabel }"""

    for label_type in (None, "AUTOSAVE", "DEFAULT", "DEFAULT"):
        if label_type is not None:
            for asset_id in (trap, plain):
                await project.label(asset_id, by=ada, label_type=label_type)
        seen = await project.read_asset(plain, fields, client=ada.client)
        assert await project.read_asset(trap, fields, client=ada.client) == seen

    assert seen["labelVersion"] == len(seen["labels"]) == 2
    assert len(seen["latestLabels"]) == 1
    assert (await project.read_asset(trap, "labelVersion", client=project.admin))["labelVersion"] == 3


async def test_assignments_of_colleagues_cannot_be_filtered_for(project, ada, bob):
    both, own = await project.assets(2)
    await assign(project, both, ada, bob)
    await assign(project, own, ada)
    await project.label(both, by=ada)
    filters = {"assigneeIn": [0, 2], "assigneeNotIn": [2, 0]}

    for key, (of_colleague, of_oneself) in filters.items():
        for person, count in ((bob, of_colleague), (ada, of_oneself)):
            where = {"project": {"id": project.id}, key: [person.id]}
            assert len(await ada.client.data(ASSETS % "id", page(where))) == count
    where = {"project": {"id": project.id}, "asset": {"assigneeIn": [bob.id]}}
    assert await ada.client.data(LABELS % "id", page(where)) == []
    assert len(await project.admin.data(ASSETS % "id", page({"assigneeIn": [bob.id]}))) == 1


async def test_a_held_asset_is_ones_own(project, ada, bob):
    (asset_id,) = await project.assets(1)
    assert await ada.client.data(ASSETS % "id", page({"id": asset_id})) == []

    assert await ada.client.data(NEXT, {"id": project.id}) == {"id": asset_id}

    assert await ada.client.data(ASSETS % "id", page({"id": asset_id})) == [{"id": asset_id}]
    assert await bob.client.data(ASSETS % "id", page({"id": asset_id})) == []
    await project.organization.database.pool.execute(
        "update asset_lock set renewed_at = now() - interval '31 minutes' where asset_id = $1", asset_id
    )
    assert await ada.client.data(ASSETS % "id", page({"id": asset_id})) == []


async def test_predictions_are_shown_to_who_may_label(project, ada, bob):
    open_asset, given, held = await project.assets(3)
    for asset_id in (open_asset, given, held):
        await project.label(asset_id, label_type="PREDICTION", model_name="m")
        await project.label(asset_id, label_type="INFERENCE", model_name="m")
    await assign(project, given, ada)
    await project.label(held, by=bob, label_type="AUTOSAVE")

    async def seen(person):
        return [
            [label["labelType"] for label in await labels_of(project, person, asset_id)]
            for asset_id in (open_asset, given, held)
        ]

    assert await seen(ada) == [["PREDICTION"], ["PREDICTION"], []]
    assert await seen(bob) == [["PREDICTION"], [], ["PREDICTION", "AUTOSAVE"]]
    await project.label(open_asset, by=bob)
    assert await seen(ada) == [[], ["PREDICTION"], []]


async def test_an_asset_given_to_others_is_skipped_like_one_that_does_not_exist(project, ada, bob):
    asset_id, open_asset = await project.assets(2)
    await assign(project, asset_id, bob)
    before = await project.everything()

    refused = await ada.client.refused(SKIP, {"id": asset_id})
    unknown = await ada.client.refused(SKIP, {"id": "nothing"})

    assert refused.at == unknown.at == ("NOT_FOUND", ["data"])
    assert refused.message.replace(asset_id, "nothing") == unknown.message
    assert await project.everything() == before
    assert (await ada.client.data(SKIP, {"id": open_asset}))["id"] == open_asset
    assert (await bob.client.data(SKIP, {"id": asset_id}))["id"] == asset_id


async def test_annotations_of_others_are_not_counted(project, ada, bob):
    (asset_id,) = await project.assets(1)
    await project.label(asset_id, by=ada, json_response=answer(cars=1))
    await project.label(asset_id, by=bob, json_response=answer(cars=5))
    document = "query ($id: ID!) { data: countAssetAnnotations(where: {id: $id}) }"

    assert await ada.client.data(document, {"id": asset_id}) == 2
    assert await project.admin.data(document, {"id": asset_id}) == 8


async def test_the_counts_by_status_that_clients_add_up_are_as_many_as_the_list(project, ada):
    where = {"project": {"id": project.id}, "deleted": False}
    listed = await project.admin.data(MEMBERS, {"where": where})

    counts = {
        status: await project.admin.data(COUNT_MEMBERS, {"where": {**where, "status": status}})
        for status in ("ACTIVATED", "ORG_ADMIN", "ORG_SUSPENDED")
    }

    assert sum(counts.values()) == len(listed) == 2
    for status, count in counts.items():
        assert len(await project.admin.data(MEMBERS, {"where": {**where, "status": status}})) == count


async def test_the_maker_of_a_project_reads_it_in_the_answer(organization):
    ada = await organization.person()
    document = """mutation { data: createProject(data: {title: "Mine", inputType: TEXT}) {
      title author { email } roles { role user { email } } steps { name } } }"""

    made = await ada.client.data(document)

    assert made == {
        "title": "Mine",
        "author": {"email": ada.email},
        "roles": [{"role": "ADMIN", "user": {"email": ada.email}}],
        "steps": made["steps"],
    }
    assert made["steps"]
