"""Labels as clients before 2.0 read them."""

from tests.resolvers.legacy.conftest import RAIN, SUN, Api

OF_USER = (
    "query ($assetID: ID!, $userID: ID!) { data: getLabel(assetID: $assetID, userID: $userID) { id jsonResponse } }"
)
LATEST = (
    "query ($projectID: ID!, $skip: Int!, $first: Int!)"
    " { data: getLatestLabels(projectID: $projectID, skip: $skip, first: $first) { id } }"
)
LATEST_OF_USER = """
query ($projectID: ID!, $userID: ID!) { data: getLatestLabelsForUser(projectID: $projectID, userID: $userID) { id } }"""


async def test_only_the_newest_answer_of_each_person_is_read(api: Api) -> None:
    project_id = await api.project()
    first, second = await api.assets(project_id, "first", "second")
    labeler = await api.person(project_id, "LABELER")
    await api.label(first, SUN, label_type="PREDICTION")
    await api.label(first, SUN, key=labeler.key)
    newest = await api.label(first, RAIN, key=labeler.key)
    own = await api.label(second, SUN)

    assert await api.ask(OF_USER, assetID=first, userID=labeler.id) == {"id": newest, "jsonResponse": RAIN}
    assert await api.ask(OF_USER, assetID=second, userID=labeler.id) is None
    variables = {"projectID": project_id}
    assert [label["id"] for label in await api.ask(LATEST, skip=0, first=9, **variables)] == [newest, own]
    assert [label["id"] for label in await api.ask(LATEST, skip=1, first=9, **variables)] == [own]
    assert [label["id"] for label in await api.ask(LATEST_OF_USER, userID=labeler.id, **variables)] == [newest]
    assert await api.ask(LATEST, skip=0, first=9, key=labeler.key, **variables) == [{"id": newest}]
