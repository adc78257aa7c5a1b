"""Tags: created, renamed, deleted, put on projects, and looked for."""

import asyncio

import pytest

CREATE = "mutation createTag($data: TagData!) { createTag(data: $data) { id color label } }"
UPDATE = """
mutation updateTag($tagId: ID!, $data: UpdateTagData!) {
  data: updateTag(tagId: $tagId, data: $data) { affectedRows updatedTag { id label checkedForProjects } } }"""
DELETE = "mutation deleteTag($tagId: ID!) { data: deleteTag(tagId: $tagId) }"
CHECK = "mutation checkTag($data: CheckedTagData!) { data: checkTag(data: $data) { id } }"
UNCHECK = """
mutation uncheckTag($projectId: ID!, $tagId: ID!) { data: uncheckTag(projectId: $projectId, tagId: $tagId) { id } }"""
BY_ORGANIZATION = "query listTagsByOrg { data: listTagsByOrg { id organizationId label color checkedForProjects } }"
BY_PROJECT = "query listTagsByProject($projectId: ID!) { data: listTagsByProject(projectId: $projectId) { id label } }"
PROJECTS = """
query ($where: ProjectWhere!) { data: projects(where: $where, first: 100, skip: 0) { id tags { label } } }"""
COUNT = "query ($where: ProjectWhere!) { data: countProjects(where: $where) }"


async def create(organization, label, color=None):
    made = await organization.admin.client.data(CREATE, {"data": {"label": label, "color": color}})
    return made["id"]


async def check(project, tag_id, client=None):
    data = {"data": {"projectId": project.id, "tagId": tag_id}}
    assert await (client or project.admin).data(CHECK, data) == {"id": tag_id}


async def test_a_tag_is_listed_with_the_projects_that_have_it(organization):
    first, second, third = [await organization.project() for _ in range(3)]
    red = await create(organization, "red", "#ff0000")
    plain = await create(organization, "plain")
    for project in (second, first):
        await check(project, red)
    await check(first, red)

    assert await organization.admin.client.data(BY_ORGANIZATION) == [
        {
            "id": red,
            "organizationId": organization.id,
            "label": "red",
            "color": "#ff0000",
            "checkedForProjects": [first.id, second.id],
        },
        {
            "id": plain,
            "organizationId": organization.id,
            "label": "plain",
            "color": "#607D8B",
            "checkedForProjects": [],
        },
    ]
    assert await first.admin.data(BY_PROJECT, {"projectId": first.id}) == [{"id": red, "label": "red"}]
    assert await first.admin.data(BY_PROJECT, {"projectId": third.id}) == []


async def test_members_learn_of_their_own_projects_only(organization):
    first, second = await organization.project(), await organization.project()
    tag = await create(organization, "shared")
    for project in (first, second):
        await check(project, tag)
    labeler = await first.member()

    (listed,) = await labeler.client.data(BY_ORGANIZATION)

    assert listed["checkedForProjects"] == [first.id]
    assert await labeler.client.data(BY_PROJECT, {"projectId": first.id}) == [{"id": tag, "label": "shared"}]


async def test_projects_are_found_by_any_of_their_tags(organization, other_organization):
    one, two, three = [await organization.project() for _ in range(3)]
    red, blue, unused = [await create(organization, label) for label in ("red", "blue", "unused")]
    for project, tag in ((one, red), (two, red), (two, blue)):
        await check(project, tag)
    client = organization.admin.client

    for tags, found in (
        ([red], [one, two]),
        ([blue], [two]),
        ([red, blue], [one, two]),
        ([unused], []),
        ([], [one, two, three]),
    ):
        listed = await client.data(PROJECTS, {"where": {"tagIds": tags}})
        assert [project["id"] for project in listed] == [project.id for project in found]
        assert await client.data(COUNT, {"where": {"tagIds": tags}}) == len(found)
    assert await other_organization.admin.client.data(COUNT, {"where": {"tagIds": [red]}}) == 0
    listed = await client.data(PROJECTS, {"where": {"organizationId": organization.id}})
    assert {project["id"]: [tag["label"] for tag in project["tags"]] for project in listed} == {
        one.id: ["red"],
        two.id: ["red", "blue"],
        three.id: [],
    }


async def test_a_tag_is_renamed_on_all_projects(project, organization):
    tag = await create(organization, "before")
    await check(project, tag)

    changed = await project.admin.data(UPDATE, {"tagId": tag, "data": {"label": "after"}})
    again = await project.admin.data(UPDATE, {"tagId": tag, "data": {"label": "after"}})

    assert changed == {
        "affectedRows": 1,
        "updatedTag": {"id": tag, "label": "after", "checkedForProjects": [project.id]},
    }
    assert again["affectedRows"] == 0
    assert await project.admin.data(BY_PROJECT, {"projectId": project.id}) == [{"id": tag, "label": "after"}]


async def test_a_deleted_tag_is_gone_from_all_projects(project, organization):
    tag, other = await create(organization, "gone"), await create(organization, "stays")
    for each in (tag, other):
        await check(project, each)

    assert await project.admin.data(DELETE, {"tagId": tag}) is True

    assert await project.admin.data(BY_PROJECT, {"projectId": project.id}) == [{"id": other, "label": "stays"}]
    assert [known["id"] for known in await project.admin.data(BY_ORGANIZATION)] == [other]
    assert (await project.admin.refused(DELETE, {"tagId": tag})).code == "NOT_FOUND"


async def test_a_tag_is_taken_from_one_project(organization):
    one, two = await organization.project(), await organization.project()
    tag = await create(organization, "tag")
    for project in (one, two):
        await check(project, tag)

    assert await one.admin.data(UNCHECK, {"projectId": one.id, "tagId": tag}) == {"id": tag}

    assert await one.admin.data(BY_PROJECT, {"projectId": one.id}) == []
    assert len(await one.admin.data(BY_PROJECT, {"projectId": two.id})) == 1
    refused = await one.admin.refused(UNCHECK, {"projectId": one.id, "tagId": tag})
    assert refused.at == ("NOT_FOUND", ["data"])
    assert "does not have tag" in refused.message


async def test_a_text_names_one_tag_of_an_organization(organization, other_organization):
    tag, second = await create(organization, "twice"), await create(organization, "once")
    client = organization.admin.client

    taken = await client.refused(CREATE, {"data": {"label": "twice"}})
    renamed = await client.refused(UPDATE, {"tagId": second, "data": {"label": "twice"}})

    assert taken.at == ("CONFLICT", ["createTag"])
    assert taken.message.startswith("[tagTaken] ")
    assert taken.context == renamed.context == {"tagId": tag}
    assert [known["label"] for known in await client.data(BY_ORGANIZATION)] == ["twice", "once"]
    await create(other_organization, "twice")


async def test_of_two_who_create_the_same_tag_at_once_one_is_refused(organization):
    answers = await asyncio.gather(
        *(organization.admin.client.graphql(CREATE, {"data": {"label": "race"}}) for _ in range(4))
    )

    assert sorted("errors" in answer for answer in answers) == [False, True, True, True]
    assert len(await organization.admin.client.data(BY_ORGANIZATION)) == 1


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"label": ""}, "one line"),
        ({"label": "  "}, "one line"),
        ({"label": "a\nb"}, "one line"),
        ({"label": "x" * 101}, "1 to 100 characters"),
        ({"label": "x", "color": "#12345"}, "is written like"),
        ({"label": "x", "color": "url(javascript:1)"}, "is written like"),
    ],
)
async def test_what_is_no_tag_is_refused(organization, data, text):
    refused = await organization.admin.client.refused(CREATE, {"data": data})

    assert refused.at == ("BAD_USER_INPUT", ["createTag"])
    assert text in refused.message
    assert await organization.admin.client.data(BY_ORGANIZATION) == []


async def test_an_organization_has_at_most_a_thousand_tags(organization, database):
    await database.pool.execute(
        "insert into tag (id, organization_id, label, color) select $1 || n, $1, 'tag' || n, '' from generate_series(1, 1000) n",
        organization.id,
    )

    refused = await organization.admin.client.refused(CREATE, {"data": {"label": "one more"}})

    assert refused.code == "BAD_USER_INPUT"
    assert refused.message.startswith("[quotaReached] ")
    assert len(await organization.admin.client.data(BY_ORGANIZATION)) == 1000


async def test_a_tag_of_strangers_is_put_on_nothing(project, other_organization):
    tag = await create(other_organization, "theirs")

    refused = await project.admin.refused(CHECK, {"data": {"projectId": project.id, "tagId": tag}})

    assert refused.at == ("NOT_FOUND", ["data"])
    assert await project.admin.data(BY_PROJECT, {"projectId": project.id}) == []


async def test_an_archived_project_keeps_its_tags(project, organization):
    tag, other = await create(organization, "on"), await create(organization, "off")
    await check(project, tag)
    archive = "mutation ($id: ID!) { data: updatePropertiesInProject(data: {archived: true}, where: {id: $id}) { id } }"
    await project.admin.data(archive, {"id": project.id})

    for document, variables in (
        (CHECK, {"data": {"projectId": project.id, "tagId": other}}),
        (UNCHECK, {"projectId": project.id, "tagId": tag}),
    ):
        assert (await project.admin.refused(document, variables)).code == "FORBIDDEN"
    assert await project.admin.data(BY_PROJECT, {"projectId": project.id}) == [{"id": tag, "label": "on"}]


async def test_lists_are_as_many_statements_for_fifty_tags_as_for_one(project, organization, database, statements):
    counts = []
    for size in (1, 49, 0):
        await database.pool.execute(
            "insert into tag (id, organization_id, label, color) "
            "select $1 || $2::text || n, $1, $2::text || n, '' from generate_series(1, $2::int) n",
            organization.id,
            size,
        ) if size else None
        await database.pool.execute(
            "insert into project_tag select $1, id from tag where organization_id = $2 on conflict do nothing",
            project.id,
            organization.id,
        )
        with statements.recording() as texts:
            await project.admin.data(BY_ORGANIZATION)
            await project.admin.data(BY_PROJECT, {"projectId": project.id})
            await project.admin.data(PROJECTS, {"where": {"id": project.id}})
        counts.append(len(texts))

    assert len(set(counts)) == 1, counts
