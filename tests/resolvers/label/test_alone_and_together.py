"""One label is added by a function of its own, several by another one: both leave the same behind."""

import re

import pytest

from tests.common.documents import APPEND_MANY_LABELS
from tests.common.world import answer

LABEL = re.compile(r"^(id|position|asset_id|.*_at)$")
BEHIND = {
    "label": "select * from label where asset_id = $1 order by position",
    "asset": "select status, skipped, is_to_review, consensus_mark, inference_mark from asset where id = $1",
    "asset_lock": "select user_id, lock_type from asset_lock where asset_id = $1 order by user_id",
    "event": "select event, user_id, origin from event where asset_id = $1 order by position",
}


async def behind(pool, asset_id):
    """All that labels have left on an asset, but for what is different on each."""
    return {
        name: [
            {column: value for column, value in row.items() if not LABEL.match(column)}
            for row in await pool.fetch(query, asset_id)
        ]
        for name, query in BEHIND.items()
    }


@pytest.mark.parametrize("label_type", ["DEFAULT", "REVIEW", "AUTOSAVE", "PREDICTION", "INFERENCE"])
async def test_a_label_added_alone_leaves_the_same_as_with_others(database, project, label_type):
    """With a draft, former labels of every type by the same and by another person, and a lock on each asset."""
    assets = await project.assets(3)
    ada = await project.member()
    for asset_id in assets:
        await project.label(asset_id, by=ada, label_type="AUTOSAVE")
        for former in ("PREDICTION", "INFERENCE", "DEFAULT", "REVIEW", "AUTOSAVE"):
            await project.label(
                asset_id, label_type=former, model_name="m" if former in ("PREDICTION", "INFERENCE") else None
            )
    labels = [
        {
            "assetID": asset_id,
            "jsonResponse": answer("RAIN"),
            "modelName": "m",
            "secondsToLabel": 3,
            "clientVersion": 7,
        }
        for asset_id in assets
    ]
    for part in (labels[:1], labels[1:]):
        data = {"labelType": label_type, "overwrite": False, "labelsData": part}
        await project.admin.data(
            APPEND_MANY_LABELS, {"data": data, "where": {"idIn": [item["assetID"] for item in part]}}
        )

    await project.marked()
    alone, *together = [await behind(database.pool, asset_id) for asset_id in assets]
    assert [one["label_type"] for one in alone["label"]][-1] == label_type
    assert together == [alone, alone]
