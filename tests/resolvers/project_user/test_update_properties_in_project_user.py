"""`updatePropertiesInProjectUser`."""

import pytest

from domain.error import ErrorCode

# Releases 2.24.0 to 2.126.2.
UPDATE = """
mutation ($projectUserID: ID!, $totalDuration: Int, $numberOfLabeledAssets: Int, $starred: Boolean, $consensusMark: Float,
  $honeypotMark: Float) {
  data: updatePropertiesInProjectUser(
    where: {id: $projectUserID},
    data: { totalDuration: $totalDuration numberOfLabeledAssets: $numberOfLabeledAssets starred: $starred
      consensusMark: $consensusMark honeypotMark: $honeypotMark }
  ) { id starred totalDuration numberOfLabeledAssets consensusMark }
}"""


async def own_id(project, person):
    (found,) = (row["id"] for row in await project.rows("project_user") if row["user_id"] == person.id)
    return found


@pytest.mark.parametrize("role", ["LABELER", "REVIEWER", "TEAM_MANAGER", "ADMIN"])
async def test_everybody_stars_for_themselves(project, role):
    ada = await project.member(role)
    identifier = await own_id(project, ada)

    starred = await ada.client.data(UPDATE, {"projectUserID": identifier, "starred": True})
    listed = await ada.client.data("{ data: projects(where: { starred: true }, first: 10, skip: 0) { id starred } }")
    dimmed = await ada.client.data(UPDATE, {"projectUserID": identifier, "starred": False})

    assert (starred["id"], starred["starred"], dimmed["starred"]) == (identifier, True, False)
    assert listed == [{"id": project.id, "starred": True}]


@pytest.mark.parametrize("starred", [{}, {"starred": None}], ids=["absent", "null"])
async def test_the_star_stays_when_nothing_is_said_of_it(project, starred):
    ada = await project.member()
    identifier = await own_id(project, ada)
    await ada.client.data(UPDATE, {"projectUserID": identifier, "starred": True})

    answer = await ada.client.data(UPDATE, {"projectUserID": identifier, **starred})

    assert answer["starred"] is True


async def test_counters_are_computed_whatever_a_client_says(project):
    ada = await project.member()
    identifier = await own_id(project, ada)
    before = await project.everything()

    answer = await ada.client.data(
        UPDATE, {"projectUserID": identifier, "totalDuration": 99, "numberOfLabeledAssets": 7, "consensusMark": 0.5}
    )

    assert answer == {
        "id": identifier,
        "starred": False,
        "totalDuration": 0,
        "numberOfLabeledAssets": 0,
        "consensusMark": None,
    }
    assert await project.everything() == before


async def test_nobody_stars_for_others(project):
    ada, bea = await project.member(), await project.member()
    identifier = await own_id(project, bea)

    # To labelers no other member exists.
    for client, code in ((ada.client, ErrorCode.NOT_FOUND), (project.admin, ErrorCode.FORBIDDEN)):
        refused = await client.refused(UPDATE, {"projectUserID": identifier, "starred": True})
        assert refused.at == (code, ["data"])
    assert [row["starred"] for row in await project.rows("project_user")] == [False, False, False]
