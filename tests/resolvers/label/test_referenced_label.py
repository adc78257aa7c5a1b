"""A label may refer to another label of its asset that its author sees, and to nothing else."""

import pytest

from tests.common.documents import APPEND_MANY_LABELS
from tests.common.world import answer

LABEL = "referencedLabel { id jsonResponse author { email } labelOf { content project { title } } }"


def batch(*items):
    labels = [
        {"assetID": asset_id, "jsonResponse": answer(), "referencedLabelId": referenced}
        for asset_id, referenced in items
    ]
    return {
        "data": {"labelType": "DEFAULT", "labelsData": labels},
        "where": {"idIn": [asset_id for asset_id, _ in items]},
    }


@pytest.fixture
async def assets(project):
    return await project.assets(2)


async def test_a_label_of_the_same_asset_is_found_again(project, assets):
    first = await project.label(assets[0])

    (made,) = await project.admin.data(APPEND_MANY_LABELS, batch((assets[0], first)))

    assert (await project.read_label(made["id"], "referencedLabel { id }"))["referencedLabel"] == {"id": first}
    assert (await project.read_label(first, "isCorrected"))["isCorrected"] is True


@pytest.mark.parametrize("which", ["of another asset", "of another organization", "of nobody", "not seen"])
async def test_any_other_reads_like_one_that_does_not_exist(project, assets, other_organization, which):
    foreign = await other_organization.project()
    (foreign_asset,) = await foreign.assets(1)
    labeler = await project.member()
    label = {
        "of another asset": await project.label(assets[1]),
        "of another organization": await foreign.label(foreign_asset),
        "of nobody": "no-label",
        "not seen": await project.label(assets[0], label_type="INFERENCE", model_name="m"),
    }[which]
    client = labeler.client if which == "not seen" else project.admin
    before = await project.everything()

    refused = await client.refused(APPEND_MANY_LABELS, batch((assets[0], None), (assets[0], label)))
    unknown = await client.refused(APPEND_MANY_LABELS, batch((assets[0], None), (assets[0], "unknown")))

    assert refused.at == unknown.at == ("NOT_FOUND", ["data"])
    assert refused.message.replace(label, "unknown") == unknown.message
    assert await project.everything() == before


async def test_labels_without_a_reference_take_no_statement_more(project, assets, statements):
    counts = []
    for referenced in (None, await project.label(assets[0])):
        with statements.recording() as texts:
            await project.admin.data(APPEND_MANY_LABELS, batch((assets[0], referenced)))
        counts.append(len(texts))

    assert counts[1] == counts[0] + 1


async def test_a_foreign_id_that_is_stored_leads_nowhere(database, project, assets, other_organization):
    foreign = await other_organization.project()
    (foreign_asset,) = await foreign.assets(1)
    theirs, mine = await foreign.label(foreign_asset), await project.label(assets[0])
    await database.pool.execute("update label set referenced_label_id = $1 where id = $2", theirs, mine)

    assert await project.read_label(mine, LABEL) == {"referencedLabel": None}
