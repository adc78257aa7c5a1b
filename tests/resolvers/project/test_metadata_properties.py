"""What `metadataProperties` of a project do: they hide metadata from roles, and say how values are compared."""

import json

import pytest

from tests.common.documents import ASSETS, COUNT_ASSETS, UPDATE_PROJECT

VALUES = {"city": "Oslo", "secret": {"é": [1, 2.50]}, "note": "only for reviewers", "size": 5, "code": "7"}
PROPERTIES = {
    "secret": {"visibleByLabeler": False, "visibleByReviewer": False},
    "note": {"visibleByLabeler": False},
    "city": {"visibleByReviewer": False},
}
SEEN = {
    "LABELER": ["city", "size", "code"],
    "REVIEWER": ["note", "size", "code"],
    "TEAM_MANAGER": list(VALUES),
    "ADMIN": list(VALUES),
}


async def declare(project, properties):
    await project.admin.data(UPDATE_PROJECT, {"data": {"metadataProperties": properties}, "where": {"id": project.id}})


async def count(client, project, metadata):
    return await client.data(COUNT_ASSETS, {"where": {"project": {"id": project.id}, "metadata": metadata}})


@pytest.fixture
async def seen_by(project):
    """An asset that everybody sees, and how a role reads it."""
    asset_id = await project.asset(jsonMetadataArray=json.dumps(VALUES))

    async def read(role):
        member = await project.member(role)
        await project.label(asset_id, by=member)
        fields = "jsonMetadata metadata metadataCompute"
        (found,) = await member.client.data(ASSETS % fields, {"where": {"id": asset_id}, "first": 1, "skip": 0})
        return member, found

    return read


@pytest.mark.parametrize("role", SEEN)
async def test_what_is_hidden_from_a_role_is_left_out(project, seen_by, role):
    await declare(project, PROPERTIES)

    member, found = await seen_by(role)

    expected = {key: VALUES[key] for key in SEEN[role]}
    assert list(json.loads(found["jsonMetadata"]).items()) == list(expected.items())
    assert found["metadata"] == found["metadataCompute"] == expected
    for key, value in (("city", "Oslo"), ("note", "only for reviewers"), ("size", [1, 9])):
        assert await count(member.client, project, {key: value}) == (1 if key in expected else 0), key


@pytest.mark.parametrize("role", ["LABELER", "REVIEWER"])
async def test_without_properties_everything_is_seen_as_it_was_sent(seen_by, role):
    _, found = await seen_by(role)

    assert found["jsonMetadata"] == json.dumps(VALUES)


async def test_the_type_says_how_two_values_are_compared(project):
    for number in (2, 5, 10):
        await project.asset(
            jsonMetadataArray=json.dumps({"size": number, "plain": number, "day": f"2024-01-{number:02}"})
        )
    await declare(project, {"size": {"type": "string"}, "day": {"type": "date"}})
    days = ["2024-01-02", "2024-01-10"]

    assert await count(project.admin, project, {"size": [2, 10]}) == 2
    assert await count(project.admin, project, {"plain": [2, 10]}) == 3
    assert await count(project.admin, project, {"day": days}) == 3
    await declare(project, {"size": {"type": "number"}, "day": {"type": "string"}})
    assert await count(project.admin, project, {"size": [2, 10]}) == 3
    assert await count(project.admin, project, {"size": [6, None]}) == 1
    assert await count(project.admin, project, {"day": days}) == 2


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        ({"key": {"filterable": "yes"}}, "metadataProperties.key.filterable"),
        ({"key": {"visibleByLabeler": 1}}, "metadataProperties.key.visibleByLabeler"),
        ({"key": {"type": "colour"}}, "metadataProperties.key.type"),
        ({"ke\0y": {}}, "metadataProperties"),
        ({f"key{number}": {} for number in range(201)}, None),
    ],
    ids=["filterable", "visible", "type", "NUL", "many"],
)
async def test_what_is_no_property_is_refused(project, properties, path):
    before = await project.everything()

    refused = await project.admin.refused(
        UPDATE_PROJECT, {"data": {"metadataProperties": properties}, "where": {"id": project.id}}
    )

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context.get("path") == path
    assert await project.everything() == before
