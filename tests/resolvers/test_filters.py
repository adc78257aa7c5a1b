"""Filters of every kind with values that are hard to look for."""

import pytest

from labelyard.domain.timestamp import parse_timestamp
from tests.common.documents import ASSETS, LABELS

PROJECTS = "query ($where: ProjectWhere!) { data: projects(where: $where, first: 10, skip: 0) { title } }"
COUNTS = {
    "projects": "query ($where: ProjectWhere!) { data: countProjects(where: $where) }",
    "assets": "query ($where: AssetWhere!) { data: countAssets(where: $where) }",
    "labels": "query ($where: LabelWhere!) { data: countLabels(where: $where) }",
}
HARD = ["%", "\\", "%\\", "\\%", "_", "%_\\%", "'", '"', "%%%%", "\\\\", "a%\\b", ";--", "*", "😀"]
SEARCHES = {
    "searchQuery": ("projects", lambda text, id_: {"searchQuery": text}),
    "searchQuery of assets": ("assets", lambda text, id_: {"project": {"id": id_, "searchQuery": text}}),
    "externalIdIn": ("assets", lambda text, id_: {"externalIdIn": [text]}),
    "externalIdStrictlyIn": ("assets", lambda text, id_: {"externalIdStrictlyIn": [text]}),
    "jsonResponseContains": ("labels", lambda text, id_: {"jsonResponseContains": [text]}),
    "metadata": ("assets", lambda text, id_: {"metadata": {text: text}}),
    "metadata list": ("assets", lambda text, id_: {"metadata": {text: [text, text]}}),
    "authorIn": ("labels", lambda text, id_: {"authorIn": [text]}),
}


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize("name", SEARCHES)
async def test_every_text_can_be_looked_for(project, name, text):
    listed, where = SEARCHES[name]

    assert await project.admin.data(COUNTS[listed], {"where": where(text, project.id)}) >= 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("100%", ["100% of _it_\\"]),
        ("%of%", ["100% of _it_\\", "of"]),
        ("_it_", ["100% of _it_\\"]),
        ("xitx", []),
        ("%\\", ["100% of _it_\\"]),
        ("%it\\", []),
        ("\\", ["100% of _it_\\"]),
        ("o%", ["of"]),
        ("%_it%", ["100% of _it_\\"]),
    ],
)
async def test_a_percent_sign_stands_for_anything_and_all_else_for_itself(organization, query, found):
    for title in ("100% of _it_\\", "of"):
        await organization.project(title=title)

    listed = await organization.admin.client.data(PROJECTS, {"where": {"searchQuery": query}})

    assert [project["title"] for project in listed] == found


@pytest.mark.parametrize(
    "value",
    [
        "{a: 99999999999999999999999999}",
        "{a: [1e999, 2]}",
        "{a: [" + "9" * 400 + ", 1]}",
        "{a: [" + "9" * 5_000 + ", 1]}",
        "{" + ", ".join(f"k{number}: 1" for number in range(51)) + "}",
        "[1]",
        '"x"',
        "{a: " + "[" * 40 + "]" * 40 + "}",
    ],
    ids=[
        "a long number",
        "infinity",
        "a longer number",
        "the longest number",
        "many keys",
        "a list",
        "a text",
        "nested",
    ],
)
async def test_metadata_that_nothing_can_match_is_refused_or_finds_nothing(project, value):
    answered = await project.admin.post(f"{{ data: countAssets(where: {{metadata: {value}}}) }}")

    said = answered.json()
    if "errors" in said:
        assert [error["extensions"]["code"] for error in said["errors"]] == ["BAD_USER_INPUT"]
    else:
        assert said["data"] == {"data": 0}


async def test_metadata_with_many_keys_is_refused_with_the_number_allowed(project):
    refused = await project.admin.refused(
        COUNTS["assets"], {"where": {"metadata": {str(number): 1 for number in range(51)}}}
    )

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"limit": 50, "given": 51}


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"createdAtGte": "2999-01-01"}, 0),
        ({"createdAtLte": "2999-01-01"}, 1),
        ({"createdAtGte": "0001-01-01"}, 1),
        ({"createdAtLte": "0001-01-01"}, 0),
        ({"createdAtLte": "9999-12-31"}, 1),
        ({"createdAtLte": "9999-12-31T23:59:59.999-12:00"}, 1),
        ({"createdAtGte": "0001-01-01T00:00:00+14:00"}, 1),
        ({"createdAtGte": "1970-01-01T00:00:00.000Z", "createdAtLte": "2201-01-01"}, 1),
    ],
    ids=lambda value: repr(value),
)
async def test_dates_in_filters_lie_in_any_year(project, where, count):
    (asset_id,) = await project.assets(1)
    await project.label(asset_id)
    in_project = {**where, "project": {"id": project.id}}

    assert await project.admin.data(COUNTS["assets"], {"where": in_project}) == count
    assert await project.admin.data(COUNTS["labels"], {"where": in_project}) == count
    page = {"where": in_project, "first": 10, "skip": 0}
    assert len(await project.admin.data(ASSETS % "id", page)) == count
    assert len(await project.admin.data(LABELS % "id", page)) == count


def test_the_last_day_has_an_end():
    assert parse_timestamp("9999-12-31").end.isoformat() == "9999-12-31T23:59:59.999000+00:00"
