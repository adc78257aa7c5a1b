"""Fields whose rooms are still to come, in objects that are there."""

from tests.resolvers.legacy.conftest import Api


async def test_lists_that_nothing_can_have_been_put_into_are_empty(api: Api) -> None:
    project_id = await api.project()
    (asset,) = await api.assets(project_id, "first")
    await api.label(asset)
    found = await api.ask(
        """query ($where: AssetWhere!) { data: assets(where: $where, first: 1, skip: 0) {
          issues { id comments { id } } locks { id } assetProjectModels { id }
          project { dataConnections { id } tags { label } } labels { chatItems { id } } } }""",
        where={"id": asset},
    )
    assert found == [
        {
            "issues": [],
            "locks": [],
            "assetProjectModels": [],
            "project": {"dataConnections": [], "tags": []},
            "labels": [{"chatItems": []}],
        }
    ]
