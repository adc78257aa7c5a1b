"""What strict workflows refuse, as hosted projects do."""

from tests.common.documents import UPDATE_ASSETS

SET = """
mutation ($projectId: ID!, $assetId: ID) {
  data: setAssetConsensus(assetId: $assetId, projectId: $projectId, isConsensus: true)
}"""


async def test_consensus_is_left_to_its_own_operation_where_there_are_steps(any_project, app_with):
    first, second = await any_project.assets(2)
    strict = app_with(strict_workflows=True).as_(any_project.organization.admin.key)
    change = {
        "whereArray": [{"id": first}, {"id": second}],
        "dataArray": [{"priority": 3}, {"isUsedForConsensus": True}],
    }
    before = await any_project.everything()

    if before["project"][0]["workflow_version"] == "V1":
        await strict.data(UPDATE_ASSETS, change)
        assert await any_project.read_asset(second, "isUsedForConsensus") == {"isUsedForConsensus": True}
        return
    refused = await strict.refused(UPDATE_ASSETS, change)
    assert refused.code == "BAD_USER_INPUT"
    assert refused.message.startswith("[deprecated] ")
    assert "setAssetConsensus" in refused.message
    assert await any_project.everything() == before

    assert await strict.data(SET, {"projectId": any_project.id, "assetId": second}) is True
