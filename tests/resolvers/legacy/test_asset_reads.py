"""Assets as clients before 2.0 read them."""

from itertools import pairwise

import pytest

from tests.common.statements import QueryRecorder
from tests.resolvers.legacy.conftest import RAIN, SUN, Api

SEARCH = """
query ($projectID: ID!, $skip: Int!, $first: Int!, $assetsWhere: LegacyAssetsWhere, $labelsWhere: LegacyLabelsWhere) {
  data: getAssetsWithSearch(
    projectID: $projectID, skip: $skip, first: $first, assetsWhere: $assetsWhere, labelsWhere: $labelsWhere
  ) { externalId labels { labelType } }
}"""
COUNT = """
query ($projectID: ID!, $assetsWhere: LegacyAssetsWhere, $labelsWhere: LegacyLabelsWhere) {
  data: countAssetsWithSearch(projectID: $projectID, assetsWhere: $assetsWhere, labelsWhere: $labelsWhere)
}"""
NO_FILTER = {"externalIdContains": None, "externalIdIn": [], "statusIn": [], "authorIn": [], "skipped": None}


@pytest.fixture(scope="module")
async def project(api: Api) -> str:
    """Four assets: `cat-1` labeled SUN, `cat-2` labeled RAIN, `dog-1` predicted, `dog-2` bare."""
    project_id = await api.project()
    cat_1, cat_2, dog_1, _ = await api.assets(project_id, "cat-1", "cat-2", "dog-1", "dog-2")
    await api.label(cat_1, SUN)
    await api.label(cat_2, RAIN, skipped=True)
    await api.label(dog_1, SUN, label_type="PREDICTION")
    return project_id


CASES = {
    "nothing asked": ({}, {}, ["cat-1", "cat-2", "dog-1", "dog-2"]),
    "empty lists are no filter": (NO_FILTER, {"typeIn": [], "authorIn": None}, ["cat-1", "cat-2", "dog-1", "dog-2"]),
    "external id contains": ({"externalIdContains": "CAT"}, {}, ["cat-1", "cat-2"]),
    "external id in, in part": ({"externalIdIn": ["at-1", None, "og-2"]}, {}, ["cat-1", "dog-2"]),
    "status": ({"statusIn": ["LABELED"]}, {}, ["cat-1", "cat-2"]),
    "unknown status": ({"statusIn": ["DONE"]}, {}, []),
    "author by name": ({"authorIn": ["grace hopper"]}, {}, ["cat-1", "cat-2", "dog-1"]),
    "asset skipped": ({"skipped": True}, {}, []),
    "asset mark": ({"consensusMarkGte": 0.5}, {}, []),
    "label type": ({}, {"typeIn": ["PREDICTION"]}, ["dog-1"]),
    "label skipped": ({}, {"skipped": True}, ["cat-2"]),
    "label of assets named": ({}, {"externalIdContains": "cat"}, ["cat-1", "cat-2"]),
    "label of assets in a status": ({}, {"statusIn": ["TODO"]}, ["dog-1"]),
    "label created after a day": ({}, {"createdAtGt": "2001-01-01"}, ["cat-1", "cat-2", "dog-1"]),
    "label created up to a day": ({}, {"createdAtLte": "2001-01-01"}, []),
    "label mark": ({}, {"honeypotMarkLt": 0.5}, []),
    "both": ({"externalIdContains": "cat"}, {"typeIn": ["DEFAULT"], "skipped": False}, ["cat-1"]),
}


@pytest.mark.parametrize(("assets_where", "labels_where", "expected"), CASES.values(), ids=CASES.keys())
async def test_filters_leave_the_same_assets_in_lists_and_counts(
    api: Api, project: str, assets_where: dict[str, object], labels_where: dict[str, object], expected: list[str]
) -> None:
    wheres = {"assetsWhere": assets_where, "labelsWhere": labels_where}
    found = await api.ask(SEARCH, projectID=project, skip=0, first=100, **wheres)
    assert [asset["externalId"] for asset in found or []] == expected
    assert await api.ask(COUNT, projectID=project, **wheres) == len(expected)


async def test_a_label_type_narrows_the_labels_that_are_listed_in_assets(api: Api, project: str) -> None:
    found = await api.ask(SEARCH, projectID=project, skip=0, first=9, labelsWhere={"typeIn": ["PREDICTION"]})
    assert found == [{"externalId": "dog-1", "labels": [{"labelType": "PREDICTION"}]}]


async def test_pages_end_in_null(api: Api, project: str) -> None:
    pages = [await api.ask(SEARCH, projectID=project, skip=skip, first=3) for skip in (0, 3, 6)]
    assert [None if page is None else [asset["externalId"] for asset in page] for page in pages] == [
        ["cat-1", "cat-2", "dog-1"],
        ["dog-2"],
        None,
    ]


async def test_a_page_size_beyond_the_limit_is_refused(api: Api, project: str) -> None:
    error = await api.refusal(SEARCH, projectID=project, skip=0, first=1001)
    assert (error.code, error.path) == ("BAD_USER_INPUT", ["data"])


async def test_a_date_that_is_none_is_refused(api: Api, project: str) -> None:
    error = await api.refusal(COUNT, projectID=project, labelsWhere={"createdAtGte": "yesterday"})
    assert error.code == "BAD_USER_INPUT"


async def test_the_oldest_documents_write_their_values_into_the_text(api: Api, project: str) -> None:
    found = await api.ask(
        f"""query {{
          getAssetsWithSearch(projectID: "{project}", skip: 0, first: 100
            assetsWhere: {{ externalIdContains: null statusIn: [] authorIn: [] consensusMarkGt: null consensusMarkLt: null
              honeypotMarkGt: null honeypotMarkLt: null skipped: null }}
            labelsWhere: {{ honeypotMarkGt: null honeypotMarkLt: null createdAtLt: null createdAtGt: null typeIn: [] }}) {{
            id externalId content filename isInstructions instructions isHoneypot consensusMark honeypotMark status
            isUsedForConsensus jsonMetadata priority
            labels {{ id createdAt labelType jsonResponse isLatestLabelForUser skipped author {{ id email }} }} }} }}"""
    )
    assert [len(asset["labels"]) for asset in found] == [1, 1, 1, 0]


async def test_one_asset_and_none(api: Api, project: str) -> None:
    document = "query ($assetID: ID!) { data: getAsset(assetID: $assetID) { externalId status } }"
    identifier = await api.value("select id from asset where external_id = 'cat-1' and project_id = :p", p=project)
    assert await api.ask(document, assetID=identifier) == {"externalId": "cat-1", "status": "LABELED"}
    assert await api.ask(document, assetID="c" + "0" * 24) is None


async def test_assets_by_external_id_are_found_exactly(api: Api, project: str) -> None:
    document = (
        "query ($projectID: ID!, $externalID: String!)"
        " { data: getAssetsByExternalId(projectID: $projectID, externalID: $externalID) { externalId } }"
    )
    assert await api.ask(document, projectID=project, externalID="cat-1") == [{"externalId": "cat-1"}]
    assert await api.ask(document, projectID=project, externalID="cat") == []


async def test_all_assets_at_once_and_in_pages(api: Api, project: str) -> None:
    exported = await api.ask(f'query {{ exportAssets(projectID: "{project}") {{ externalId }} }}')
    assert [asset["externalId"] for asset in exported] == ["cat-1", "cat-2", "dog-1", "dog-2"]
    listed = [
        await api.ask(f'query {{ getAssets(projectID: "{project}", skip: {skip}, first: 2) {{ externalId }} }}')
        for skip in (0, 2, 4)
    ]
    assert [None if page is None else len(page) for page in listed] == [2, 2, None]


async def test_an_export_too_long_for_one_answer_is_refused_not_cut(
    api: Api, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labelyard.resolvers.asset.legacy.MAX_EXPORTED", 3)
    error = await api.refusal(f'query {{ exportAssets(projectID: "{project}") {{ id }} }}')
    assert error.code == "BAD_USER_INPUT"
    assert "getAssetsWithSearch" in error.message


async def test_a_labeler_sees_only_assets_of_their_own(api: Api) -> None:
    project_id = await api.project()
    first, _ = await api.assets(project_id, "mine", "theirs")
    labeler = await api.person(project_id, "LABELER")
    await api.label(first, key=labeler.key)
    variables = {"projectID": project_id, "skip": 0, "first": 9}
    assert [a["externalId"] for a in await api.ask(SEARCH, key=labeler.key, **variables)] == ["mine"]
    assert await api.ask(COUNT, key=labeler.key, projectID=project_id) == 1
    stranger = await api.person(await api.project(), "ADMIN")
    assert await api.ask(SEARCH, key=stranger.key, **variables) is None


async def test_a_list_costs_as_many_statements_with_fifty_assets_as_with_one(
    api: Api, statements: QueryRecorder
) -> None:
    counts = []
    for size in (1, 50):
        project_id = await api.project()
        await api.assets(project_id, *[f"a{place}" for place in range(size)])
        with statements.recording() as texts:
            await api.ask(SEARCH, projectID=project_id, skip=0, first=100, assetsWhere={"externalIdIn": ["a"]})
        counts.append(len(texts))
    assert all(before == after for before, after in pairwise(counts))
