"""Counts of whole projects, by status and by type: known without reading a row, and exact at every moment."""

import pytest

from tests.common.counts import FROM_ROWS, KNOWN, check_counts, counts

NEXT = "query ($id: ID!) { data: getNextAssetFromProject(projectID: $id) { id } }"
SKIP = 'mutation ($where: AssetWhere!) { data: skipAsset(where: $where, reason: "dark") { id } }'
ALL_ASSETS = "query { data: countAssets(where: {}) }"
ALL_LABELS = "query { data: countLabels(where: {}) }"
COUNT = "query ($where: AssetWhere!) { data: countAssets(where: $where) }"


@pytest.mark.parametrize("workflow", ["V1", "V2", "V3"])
async def test_counts_follow_labels_skips_and_locks(organization, workflow):
    project = await organization.project(workflowVersion=workflow)
    labeler, other = await project.member(), await project.member()
    first, second, third, *_ = await project.assets(6)
    await project.label(first, by=labeler)
    await project.label(second, by=other, label_type="PREDICTION")
    await project.admin.data(SKIP, {"where": {"id": third}})
    shown = await check_counts(project.admin, project.id)
    assert (shown["a0"], shown["a1"], shown["a5"], shown["l0"], shown["l1"]) == (6, 1, 1, 2, 1)

    for person in (labeler, other):  # locks make assets ONGOING, where there are steps
        await person.client.data(NEXT, {"id": project.id})
    locked = await check_counts(project.admin, project.id)

    assert locked["a4"] == shown["a4"] + (0 if workflow == "V1" else 2)
    async with organization.database.transaction() as connection:
        await connection.fetch("update asset_lock set renewed_at = now() - interval '31 minutes'")
    assert await check_counts(project.admin, project.id) == shown


async def test_counts_read_no_assets_and_no_labels(project, statements):
    await project.assets(3)
    with statements.recording() as texts:
        await counts(project.admin, KNOWN, project.id)
    assert not [text for text in texts if "count(*) from asset t where t.project_id" in text or "from label t" in text]
    assert len([text for text in texts if "_tally t" in text]) == 18
    with statements.recording() as texts:
        await counts(project.admin, FROM_ROWS, project.id)
    assert not [text for text in texts if "_tally t" in text]


async def test_counts_of_all_projects_are_those_of_the_organization(organization, other_organization):
    for place in (organization, other_organization):
        project = await place.project()
        await project.label(await project.asset())
        await project.assets(2, prefix="more")
    empty = await organization.project()
    await empty.assets(4)
    await organization.admin.client.data(
        "mutation ($where: ProjectWhere!) { data: deleteProject(where: $where) { id } }", {"where": {"id": empty.id}}
    )

    assert await organization.admin.client.data(ALL_ASSETS) == 3
    assert await organization.admin.client.data(ALL_LABELS) == 1


async def test_who_labels_counts_what_they_see_and_strangers_nothing(project, organization, other_organization):
    labeler, reviewer = await project.member(), await project.member("REVIEWER")
    elsewhere = await organization.project()
    await elsewhere.join(labeler, "REVIEWER")
    await elsewhere.assets(2)
    first, _ = await project.assets(2)
    await project.label(first, by=labeler)
    await project.label(first, by=reviewer, label_type="REVIEW")
    whole = {"where": {"project": {"id": project.id}}}

    assert await reviewer.client.data(COUNT, whole) == 2
    assert await labeler.client.data(COUNT, whole) == 1
    assert await labeler.client.data(COUNT, {"where": {"project": {"id": elsewhere.id}}}) == 2
    assert await labeler.client.data(COUNT, {"where": {}}) == 3
    assert await other_organization.admin.client.data(COUNT, whole) == 0
    for person in (labeler, reviewer, other_organization.admin):
        await check_counts(person.client, project.id)
