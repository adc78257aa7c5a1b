"""Random campaigns with fixed seeds; `make campaigns` runs long ones with new seeds."""

from collections.abc import AsyncIterator

import pytest

from tests.campaign.servers import Ground, two_servers

# Seeds decide what people do; ids, and so the draws, are made by the server.
SHORT = [(seed, version, 60) for seed in (1, 2) for version in ("V1", "V2", "V3")]


@pytest.fixture(scope="module")
async def ground(cluster, tmp_path_factory) -> AsyncIterator[Ground]:
    async with two_servers(await cluster.new_database(), tmp_path_factory.mktemp("campaign") / "data") as ground:
        yield ground


@pytest.mark.parametrize(("seed", "version", "steps"), SHORT)
async def test_the_server_and_the_model_see_the_same(ground, seed, version, steps):
    report = await ground.campaign(seed, version, steps=steps)

    assert report.figures > 100 * steps
