"""Every answer that a label has had can be read back."""

from __future__ import annotations

import pytest

from tests.common.world import answer

EDIT = "mutation ($w: LabelWhere!, $d: LabelData!) { data: updatePropertiesInLabel(where: $w, data: $d) { id } }"


async def history(project, label):
    found = (await project.read_label(label, "jsonResponseHistory"))["jsonResponseHistory"]
    return [(item["version"], item["jsonResponse"], item["authorId"]) for item in found]


async def test_a_label_that_was_never_edited_has_had_one_answer(project):
    labeler = await project.member()
    (asset,) = await project.assets()
    label = await project.label(asset, by=labeler)
    ((version, response, author),) = await history(project, label)
    assert (version, author) == (1, labeler.id)
    assert response == {"WEATHER": {"categories": [{"name": "SUN", "confidence": 100}]}}
    read = await project.read_label(label, "createdAt jsonResponseHistory")
    assert read["jsonResponseHistory"][0]["createdAt"] == read["createdAt"]


async def test_edits_are_kept_with_who_made_them(project):
    labeler = await project.member()
    (asset,) = await project.assets()
    label = await project.label(asset, by=labeler)
    await labeler.client.data(EDIT, {"w": {"id": label}, "d": {"jsonResponse": answer("RAIN")}})
    await project.admin.data(EDIT, {"w": {"id": label}, "d": {"jsonResponse": answer("SUN", cars=1)}})
    # Neither the same answer nor another property is a new version.
    await project.admin.data(EDIT, {"w": {"id": label}, "d": {"jsonResponse": answer("SUN", cars=1)}})
    await project.admin.data(EDIT, {"w": {"id": label}, "d": {"secondsToLabel": 3}})
    found = await history(project, label)
    assert [version for version, _, _ in found] == [1, 2, 3]
    assert [response["WEATHER"]["categories"][0]["name"] for _, response, _ in found] == ["SUN", "RAIN", "SUN"]
    assert [author for _, _, author in found] == [labeler.id, labeler.id, project.organization.admin.id]
    read = await project.read_label(label, "jsonResponse jsonResponseHistory")
    assert read["jsonResponseHistory"][-1]["jsonResponse"]["PLACE"]["annotations"][0]["mid"] == "car0"


@pytest.mark.parametrize("count", [1, 20])
async def test_history_costs_no_statement_of_its_own(project, statements, count):
    assets = await project.assets(count)
    for asset in assets:
        await project.label(asset)
    document = "query ($w: LabelWhere!) { data: labels(where: $w, first: 50, skip: 0) { id %s } }"
    taken = []
    for field in ("", "jsonResponseHistory"):
        with statements.recording() as texts:
            await project.admin.data(document % field, {"w": {"project": {"id": project.id}}})
        taken.append(len(texts))
    assert taken[0] == taken[1]
