"""Pages of assets by what their labels hold: the same whether few or many labels satisfy it."""

import pytest

from labelyard.storage.filter import label as label_filter
from tests.common.documents import ASSETS

WHERE = [
    {"typeIn": ["DEFAULT"]},
    {"typeIn": ["PREDICTION"]},
    {"typeIn": ["INFERENCE"]},
    {"authorIn": ["nobody"]},
    {"skipped": False, "createdAtGte": "2020-01-01"},
    {"jsonResponseContains": ["RAIN"]},
    {"search": "WEATHER.RAIN.count > 0"},
    {"search": "WEATHER.RAIN.count == 0"},
    {"search": "WEATHER.RAIN.count <= 0 OR WEATHER.SUN.count >= 1"},
    {"labelerNotIn": ["nobody"], "consensusMarkLte": 1},
]


@pytest.mark.parametrize("most", [0, 2, 10_000])
async def test_pages_are_the_same_for_few_and_many(project, monkeypatch, most):
    changed = label_filter.PROBE.replace("<= 10000", f"<= {most}").replace("limit 10001", f"limit {most + 1}")
    assert (changed == label_filter.PROBE) == (most == 10_000)
    monkeypatch.setattr(label_filter, "PROBE", changed)
    ids = await project.assets(6)
    for place, asset in enumerate(ids[:5]):
        rain = '{"WEATHER": {"categories": [{"name": "RAIN", "confidence": 100}]}}' if place % 2 else None
        await project.label(asset, json_response=rain)
        await project.label(asset)
    await project.label(ids[5], label_type="PREDICTION", model_name="model")

    async def page(where, first=10, skip=0):
        variables = {"where": {"project": {"id": project.id}, "label": where}, "first": first, "skip": skip}
        return [asset["id"] for asset in await project.admin.data(ASSETS % "id", variables)]

    expected = [ids[:5], ids[5:], [], [], ids, [ids[1], ids[3]], [ids[1], ids[3]], ids, ids, []]
    assert [await page(where) for where in WHERE] == expected
    assert await page(WHERE[0], first=2, skip=2) == ids[2:4]
