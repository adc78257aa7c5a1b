"""`assets`, `countAssets` and `countAssetAnnotations`: every key of every filter, pages, and what whom is shown."""

import pytest

from tests.common.documents import ASSETS, COUNT_ASSETS

NAMES = ["todo", "autosaved", "sunny", "rainy", "waiting", "reviewed", "skipped", "predicted"]


async def names(client, where, *, first=100, skip=0):
    """External ids of the assets a filter leaves; that the count agrees is checked as well."""
    listed = await client.data(ASSETS % "externalId", {"where": where, "first": first, "skip": skip})
    if (first, skip) == (100, 0):
        assert await client.data(COUNT_ASSETS, {"where": where}) == len(listed)
    return [asset["externalId"] for asset in listed]


def but(*left_out):
    return [name for name in NAMES if name not in left_out]


LABELED = ["autosaved", "sunny", "rainy", "waiting", "reviewed", "predicted"]
FILTERS = {
    # ids
    "id": (lambda w: {"id": w.ids["sunny"]}, ["sunny"]),
    "id of nothing": (lambda w: {"id": "nothing"}, []),
    "id null": (lambda w: {"id": None}, NAMES),
    "idIn": (lambda w: {"idIn": [w.ids["rainy"], w.ids["todo"], "nothing"]}, ["todo", "rainy"]),
    "idIn empty": (lambda w: {"idIn": []}, []),
    "idNotIn": (lambda w: {"idNotIn": [w.ids["rainy"], "nothing"]}, but("rainy")),
    "idNotIn empty": (lambda w: {"idNotIn": []}, NAMES),
    # external ids
    "externalIdStrictlyIn": (lambda w: {"externalIdStrictlyIn": ["sunny", "SUNNY", "sun", "todo"]}, ["todo", "sunny"]),
    "externalIdIn contains": (lambda w: {"externalIdIn": ["nny"]}, ["sunny"]),
    "externalIdIn ignores case": (lambda w: {"externalIdIn": ["NNY", "INY"]}, ["sunny", "rainy"]),
    "externalIdIn is no pattern": (lambda w: {"externalIdIn": ["%", "_", "s_nny"]}, []),
    # project
    "project by search": (lambda w: {"project": {"id": w.project.id, "searchQuery": "Ware%"}}, NAMES),
    "project by other search": (lambda w: {"project": {"id": w.project.id, "searchQuery": "Other"}}, []),
    "project not archived": (lambda w: {"project": {"id": w.project.id, "archived": False}}, NAMES),
    "project archived": (lambda w: {"project": {"id": w.project.id, "archived": True}}, []),
    # Released clients send an empty id for a project that was not named.
    "idIn and no project": (lambda w: {"idIn": [w.ids["sunny"], "nothing"], "project": {"id": ""}}, ["sunny"]),
    "id and an archived project": (lambda w: {"id": w.ids["sunny"], "project": {"id": "", "archived": True}}, []),
    "no project": (lambda w: {"project": {"id": ""}}, []),
    # state
    "statusIn TODO": (lambda w: {"statusIn": ["TODO"]}, ["todo", "skipped", "predicted"]),
    "statusIn ONGOING": (lambda w: {"statusIn": ["ONGOING"]}, ["autosaved"]),
    "statusIn LABELED": (lambda w: {"statusIn": ["LABELED"]}, ["sunny", "rainy"]),
    "statusIn TO_REVIEW": (lambda w: {"statusIn": ["TO_REVIEW"]}, ["waiting"]),
    "statusIn REVIEWED": (lambda w: {"statusIn": ["REVIEWED", "ONGOING"]}, ["autosaved", "reviewed"]),
    "skipped": (lambda w: {"skipped": True}, ["skipped"]),
    "not skipped": (lambda w: {"skipped": False}, but("skipped")),
    "stepIdIn": (lambda w: {"stepIdIn": [w.steps["Review"]]}, ["waiting", "reviewed"]),
    "stepIdNotIn": (lambda w: {"stepIdNotIn": [w.steps["Review"]]}, but("waiting", "reviewed")),
    "stepStatusIn TO_DO": (lambda w: {"stepStatusIn": ["TO_DO"]}, ["todo", "waiting", "predicted"]),
    "stepStatusIn DONE": (lambda w: {"stepStatusIn": ["DONE"]}, ["sunny", "rainy", "reviewed"]),
    "stepStatusIn DOING": (lambda w: {"stepStatusIn": ["DOING"]}, ["autosaved"]),
    "stepStatusIn IN_PROGRESS": (lambda w: {"stepStatusIn": ["IN_PROGRESS"]}, ["autosaved"]),
    "stepStatusIn REDO": (lambda w: {"stepStatusIn": ["REDO", "REWORK", "PARTIALLY_DONE"]}, []),
    "stepStatusIn SKIPPED": (lambda w: {"stepStatusIn": ["SKIPPED"]}, ["skipped"]),
    "stepStatusNotIn": (lambda w: {"stepStatusNotIn": ["DONE", "TO_DO"]}, ["autosaved", "skipped"]),
    "stepIdAndStatusIn": (
        lambda w: {
            "stepIdAndStatusIn": [
                {"stepId": w.steps["Review"], "status": "TO_DO"},
                {"stepId": w.steps["Default"], "status": "DOING"},
            ]
        },
        ["autosaved", "waiting"],
    ),
    "stepIdAndStatusNotIn": (
        lambda w: {
            "stepIdAndStatusNotIn": [
                {"stepId": w.steps["Review"], "status": "TO_DO"},
                {"stepId": w.steps["Default"], "status": "DONE"},
            ]
        },
        ["todo", "autosaved", "reviewed", "skipped", "predicted"],
    ),
    "groupNameIn": (lambda w: {"groupNameIn": ["Group"]}, []),
    "groupNameNotIn": (lambda w: {"groupNameNotIn": ["Group"]}, NAMES),
    # marks
    "consensusMarkGte": (lambda w: {"consensusMarkGte": 0.5}, ["sunny", "rainy"]),
    "consensusMarkGte more": (lambda w: {"consensusMarkGte": 0.51}, ["rainy"]),
    "consensusMarkLte": (lambda w: {"consensusMarkLte": 0.5}, ["sunny"]),
    "consensusMarkLte 1": (lambda w: {"consensusMarkLte": 1.0}, ["sunny", "rainy"]),
    "honeypotMarkGte": (lambda w: {"honeypotMarkGte": 0}, ["sunny", "reviewed"]),
    "honeypotMarkLte": (lambda w: {"honeypotMarkLte": 0.2}, ["reviewed"]),
    "inferenceMarkGte": (lambda w: {"inferenceMarkGte": 0.75}, ["predicted"]),
    "inferenceMarkLte": (lambda w: {"inferenceMarkLte": 0.74}, []),
    # times
    "createdAtGte a day": (lambda w: {"createdAtGte": "2024-03-06"}, ["reviewed", "skipped", "predicted"]),
    "createdAtLte a day": (lambda w: {"createdAtLte": "2024-03-02"}, ["todo", "autosaved"]),
    "createdAtGte an instant": (
        lambda w: {"createdAtGte": "2024-03-06T12:00:00.000Z"},
        ["reviewed", "skipped", "predicted"],
    ),
    "createdAtLte an instant": (lambda w: {"createdAtLte": "2024-03-02T11:59:59.999Z"}, ["todo"]),
    "updatedAtGte": (lambda w: {"updatedAtGte": "2024-03-16"}, ["reviewed", "skipped", "predicted"]),
    "updatedAtLte": (lambda w: {"updatedAtLte": "2024-03-12"}, ["todo", "autosaved"]),
    # assignment
    "assigneeIn": (lambda w: {"assigneeIn": [w.ada.id]}, ["todo", "autosaved"]),
    "assigneeIn one of": (lambda w: {"assigneeIn": [w.bob.id, w.rex.id]}, ["autosaved"]),
    "assigneeNotIn": (lambda w: {"assigneeNotIn": [w.bob.id]}, but("autosaved")),
    # metadata
    "metadata equal": (lambda w: {"metadata": {"city": "Paris"}}, ["todo"]),
    "metadata one of": (lambda w: {"metadata": {"city": ["Lyon", "paris"]}}, ["autosaved", "rainy", "predicted"]),
    "metadata one of three": (lambda w: {"metadata": {"city": ["Lyon", "Oslo", "Rome"]}}, ["autosaved", "predicted"]),
    "metadata one of one": (lambda w: {"metadata": {"city": ["Par%s"]}}, ["sunny"]),
    "metadata between": (lambda w: {"metadata": {"size": [2, 10]}}, ["autosaved", "sunny", "predicted"]),
    "metadata at most": (lambda w: {"metadata": {"size": [None, 1]}}, ["todo", "waiting"]),
    "metadata at least": (lambda w: {"metadata": {"size": [5, None]}}, ["sunny", "predicted"]),
    "metadata equal number": (lambda w: {"metadata": {"size": 2.5}}, ["autosaved"]),
    "metadata equal text of a number": (lambda w: {"metadata": {"size": "2"}}, ["rainy"]),
    "metadata equal boolean": (lambda w: {"metadata": {"flag": True}}, ["autosaved"]),
    "metadata days between": (lambda w: {"metadata": {"day": ["2024-01-01", "2024-01-15"]}}, ["todo", "autosaved"]),
    "metadata days from": (lambda w: {"metadata": {"day": ["2024-01-15", None]}}, ["autosaved", "sunny"]),
    "metadata days until": (lambda w: {"metadata": {"day": [None, "2024-01-14"]}}, ["todo"]),
    "metadata null": (lambda w: {"metadata": {"city": None}}, NAMES),
    "metadata empty": (lambda w: {"metadata": {}}, NAMES),
    "metadata two keys": (lambda w: {"metadata": {"city": "Lyon", "size": [1, 3]}}, ["autosaved"]),
    "metadata unknown key": (lambda w: {"metadata": {"nothing": "x"}}, []),
    "metadata of a quote": (lambda w: {"metadata": {"ci'ty": "x'"}}, []),
    # what this server does not have
    "issue": (lambda w: {"issue": {"type": "ISSUE", "status": "OPEN"}}, []),
    "datasetAsset": (lambda w: {"datasetAsset": {"id": "d"}}, []),
    # labels: one of them satisfies everything inside
    "label empty": (lambda w: {"label": {}}, NAMES),
    "label of nulls": (lambda w: {"label": {"typeIn": None, "authorIn": None}}, NAMES),
    "label typeIn DEFAULT": (lambda w: {"label": {"typeIn": ["DEFAULT"]}}, ["sunny", "rainy", "waiting", "reviewed"]),
    "label typeIn REVIEW": (lambda w: {"label": {"typeIn": ["REVIEW"]}}, ["reviewed"]),
    "label typeIn AUTOSAVE": (lambda w: {"label": {"typeIn": ["AUTOSAVE"]}}, ["autosaved"]),
    "label typeIn PREDICTION": (lambda w: {"label": {"typeIn": ["PREDICTION", "INFERENCE"]}}, ["predicted"]),
    "label authorIn first name": (lambda w: {"label": {"authorIn": ["bob"]}}, ["rainy", "waiting"]),
    "label authorIn either name": (lambda w: {"label": {"authorIn": ["ADA"]}}, ["autosaved", "sunny", "reviewed"]),
    "label authorIn both names": (lambda w: {"label": {"authorIn": ["Bob De La Cruz"]}}, ["rainy", "waiting"]),
    "label authorIn e-mail": (lambda w: {"label": {"authorIn": [w.rex.email.upper()]}}, ["reviewed"]),
    "label authorIn id": (lambda w: {"label": {"authorIn": [w.rex.id]}}, ["reviewed"]),
    "label authorIn part": (lambda w: {"label": {"authorIn": ["Lo"]}}, []),
    "label labelerIn": (lambda w: {"label": {"labelerIn": [w.ada.id, w.rex.id]}}, ["sunny", "reviewed"]),
    "label labelerNotIn": (lambda w: {"label": {"labelerNotIn": [w.ada.id]}}, ["rainy", "waiting"]),
    "label reviewerIn": (lambda w: {"label": {"reviewerIn": [w.ada.id, w.rex.id]}}, ["reviewed"]),
    "label reviewerNotIn": (lambda w: {"label": {"reviewerNotIn": [w.rex.id]}}, []),
    "label consensusMarkGte": (lambda w: {"label": {"consensusMarkGte": 0.6}}, ["rainy"]),
    "label consensusMarkLte": (lambda w: {"label": {"consensusMarkLte": 0.6}}, ["sunny"]),
    "label honeypotMarkGte": (lambda w: {"label": {"honeypotMarkGte": 0.1}}, ["sunny"]),
    "label honeypotMarkLte": (lambda w: {"label": {"honeypotMarkLte": 0.1}}, ["reviewed"]),
    "label createdAt": (lambda w: {"label": {"createdAt": "2024-03-03"}}, ["sunny"]),
    "label createdAt an instant": (lambda w: {"label": {"createdAt": "2024-03-03T23:00:00Z"}}, ["sunny"]),
    "label createdAtGte": (lambda w: {"label": {"createdAtGte": "2024-03-05"}}, ["waiting", "reviewed", "predicted"]),
    "label createdAtLte": (lambda w: {"label": {"createdAtLte": "2024-03-03"}}, ["autosaved", "sunny"]),
    "label jsonResponseContains": (lambda w: {"label": {"jsonResponseContains": ["RAIN"]}}, ["rainy", "reviewed"]),
    "label jsonResponseContains any": (lambda w: {"label": {"jsonResponseContains": ["car1", "%"]}}, ["sunny"]),
    "label search": (lambda w: {"label": {"search": "PLACE.CAR.count >= 1"}}, ["sunny", "reviewed"]),
    "label search more": (lambda w: {"label": {"search": "PLACE.CAR.count > 1"}}, ["sunny"]),
    "label search none": (
        lambda w: {"label": {"search": "PLACE.CAR.count == 0"}},
        ["autosaved", "rainy", "waiting", "reviewed", "predicted"],
    ),
    "label search and": (
        lambda w: {"label": {"search": "WEATHER.RAIN.count == 1 AND PLACE.CAR.count == 1"}},
        ["reviewed"],
    ),
    "label search or": (
        lambda w: {"label": {"search": "(PLACE.CAR.count>=2 OR WEATHER.RAIN.count==1) AND WEATHER.R*.count>=0"}},
        ["sunny", "rainy", "reviewed"],
    ),
    "label search star": (lambda w: {"label": {"search": "P*.C*R.count >= 2"}}, ["sunny"]),
    "label search stars add up": (lambda w: {"label": {"search": "W*.R*.count >= 1"}}, ["rainy", "reviewed"]),
    "label search blank": (lambda w: {"label": {"search": "  "}}, LABELED),
    "label skipped": (lambda w: {"label": {"skipped": True}}, []),
    "label not skipped": (lambda w: {"label": {"skipped": False}}, LABELED),
    "label of one person and type": (lambda w: {"label": {"typeIn": ["REVIEW"], "authorIn": [w.ada.id]}}, []),
    # several keys
    "status and label": (
        lambda w: {"statusIn": ["LABELED"], "label": {"authorIn": ["Ada"]}, "consensusMarkGte": 0.1},
        ["sunny"],
    ),
}


@pytest.mark.parametrize("case", FILTERS)
async def test_each_filter_finds_its_assets(warehouse, case):
    where, found = FILTERS[case]
    in_project = {"project": {"id": warehouse.project.id}, **where(warehouse)}

    assert await names(warehouse.project.admin, in_project) == found


async def test_every_key_of_the_filters_has_a_case(schema_keys):
    tried = [where(_Anything()) for where, _ in FILTERS.values()]

    assert schema_keys("AssetWhere") - {"project"} == {key for where in tried for key in where} - {"project"}
    assert schema_keys("AssetLabelWhere") == {key for where in tried for key in where.get("label", {})}


class _Anything(dict):
    """Answers every name and key with itself, for filters that are built and not sent."""

    def __getattr__(self, name):
        return self

    def __missing__(self, key):
        return self

    def upper(self):
        return self


async def test_without_a_project_the_whole_organization_is_searched(warehouse):
    client = warehouse.project.admin

    assert await names(client, {}) == ["other-0", "other-1", *NAMES]
    assert await names(client, {"project": {"searchQuery": "Other"}}) == ["other-0", "other-1"]
    assert await names(client, {"externalIdStrictlyIn": ["other-1"]}) == ["other-1"]


# Pages


async def test_pages_follow_the_order_of_import_and_end_empty(warehouse):
    client, where = warehouse.project.admin, {"project": {"id": warehouse.project.id}}

    assert await names(client, where, first=3) == NAMES[:3]
    assert await names(client, where, first=3, skip=3) == NAMES[3:6]
    assert await names(client, where, first=3, skip=6) == NAMES[6:]
    assert await names(client, where, first=3, skip=8) == []
    assert await names(client, where, first=0) == []
    assert await names(client, where, first=3, skip=1_000_000) == []


@pytest.mark.parametrize("skip", [-1, 1_000_001], ids=str)
async def test_a_skip_that_no_list_has_is_refused(warehouse, skip):
    refused = await warehouse.project.admin.refused(ASSETS % "id", {"where": {}, "first": 1, "skip": skip})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"skip": skip}


@pytest.mark.parametrize(
    "where",
    [
        {"externalIdIn": ["e" * 201]},
        {"idIn": [str(number) for number in range(2001)]},
        {"metadata": ["city"]},
        {"metadata": {"city": "\0"}},
        {"externalIdStrictlyIn": ["\0"]},
        {"label": {"search": "JOB.CAR.count"}},
        {"label": {"search": "JOB.CAR.count = 1"}},
        {"label": {"search": "SUN > 1"}},
        {"label": {"search": "(" * 60 + "A.B.count > 1" + ")" * 60}},
    ],
    ids=[
        "text too long",
        "list too long",
        "metadata a list",
        "NUL in metadata",
        "NUL in ids",
        "search unfinished",
        "search with one sign",
        "search without count",
        "search too deep",
    ],
)
async def test_a_filter_out_of_form_is_refused(warehouse, where):
    for document in (ASSETS % "id", COUNT_ASSETS):
        refused = await warehouse.project.admin.refused(document, {"where": where, "first": 1, "skip": 0})
        assert refused.at == ("BAD_USER_INPUT", ["data"])


async def test_a_wrong_search_says_so_in_the_words_of_the_client(warehouse):
    where = {"label": {"search": "JOB.CAR.count ?"}}

    refused = await warehouse.project.admin.refused(COUNT_ASSETS, {"where": where})

    assert refused.message.startswith("Invalid category search query: ")


# Who sees what


async def test_a_labeler_sees_what_they_were_given_or_labeled(warehouse):
    where = {"project": {"id": warehouse.project.id}}

    assert await names(warehouse.ada.client, where) == ["todo", "autosaved", "sunny", "reviewed"]
    assert await names(warehouse.bob.client, where) == ["autosaved", "rainy", "waiting"]
    assert await names(warehouse.ada.client, {"id": warehouse.ids["rainy"]}) == []


async def test_reviewers_and_managers_see_everything_and_only_managers_marks(warehouse):
    where = {"project": {"id": warehouse.project.id}}
    manager = await warehouse.project.member("TEAM_MANAGER")

    assert await names(warehouse.rex.client, where) == NAMES
    assert await names(manager.client, where) == NAMES
    assert await names(warehouse.rex.client, {**where, "consensusMarkGte": 0}) == []
    assert await names(manager.client, {**where, "consensusMarkGte": 0}) == ["sunny", "rainy"]
    marks = "consensusMark honeypotMark inferenceMark calculatedConsensusMark consensusMarkPerCategory"
    one = {"where": {"id": warehouse.ids["sunny"]}, "first": 1, "skip": 0}
    seen = {
        "consensusMark": 0.5,
        "honeypotMark": 0.25,
        "inferenceMark": None,
        "calculatedConsensusMark": 0.5,
        "consensusMarkPerCategory": None,
    }
    assert await manager.client.data(ASSETS % marks, one) == [seen]
    assert await warehouse.rex.client.data(ASSETS % marks, one) == [dict.fromkeys(seen)]


async def test_a_labeler_is_not_told_which_assets_are_honeypots(warehouse):
    await warehouse.organization.database.pool.execute(
        "update asset set is_honeypot = true where id = $1", warehouse.ids["sunny"]
    )
    one = {"where": {"id": warehouse.ids["sunny"]}, "first": 1, "skip": 0}

    assert await warehouse.project.admin.data(ASSETS % "isHoneypot", one) == [{"isHoneypot": True}]
    assert await warehouse.ada.client.data(ASSETS % "isHoneypot", one) == [{"isHoneypot": False}]


async def test_strangers_see_nothing_whatever_they_ask(warehouse, other_organization):
    stranger = other_organization.admin.client
    for where in (
        {},
        {"project": {"id": warehouse.project.id}},
        {"id": warehouse.ids["sunny"]},
        {"idIn": list(warehouse.ids.values())},
        {"assigneeIn": [warehouse.ada.id]},
        {"stepIdIn": list(warehouse.steps.values())},
        {"label": {"authorIn": ["Ada"]}},
    ):
        assert await names(stranger, where) == []


# What lists of labels in assets hold


async def test_labels_in_assets_are_all_but_drafts_unless_asked_for(warehouse):
    async def types(where):
        listed = await warehouse.project.admin.data(
            ASSETS % "labels { labelType }",
            {"where": {"project": {"id": warehouse.project.id}, **where}, "first": 100, "skip": 0},
        )
        return [[label["labelType"] for label in asset["labels"]] for asset in listed]

    assert await types({}) == [[], [], ["DEFAULT"], ["DEFAULT"], ["DEFAULT"], ["DEFAULT", "REVIEW"], [], ["PREDICTION"]]
    assert await types({"label": {"typeIn": ["AUTOSAVE"]}}) == [["AUTOSAVE"]]
    assert await types({"label": {"typeIn": ["REVIEW"]}}) == [["REVIEW"]]
    assert await types({"label": {"authorIn": ["Rex"]}}) == [["DEFAULT", "REVIEW"]]
    assert await types({"label": {"search": "PLACE.CAR.count == 1"}}) == [["DEFAULT", "REVIEW"]]


async def test_a_labeler_sees_their_labels_and_reviews_of_their_assets(warehouse):
    variables = {"where": {"project": {"id": warehouse.project.id}}, "first": 100, "skip": 0}
    listed = await warehouse.ada.client.data(ASSETS % "externalId labels { labelType author { firstname } }", variables)

    assert [(asset["externalId"], [label["author"]["firstname"] for label in asset["labels"]]) for asset in listed] == [
        ("todo", []),
        ("autosaved", []),
        ("sunny", ["Ada"]),
        ("reviewed", ["Ada", "Rex"]),
    ]


async def test_annotations_are_counted_over_all_labels(warehouse):
    document = "query ($where: AssetWhere!) { data: countAssetAnnotations(where: $where) }"
    client = warehouse.project.admin

    # A ticked category counts as one, each car as one.
    assert await client.data(document, {"where": {"id": warehouse.ids["sunny"]}}) == 3
    assert await client.data(document, {"where": {"id": warehouse.ids["todo"]}}) == 0
    where = {"project": {"id": warehouse.project.id}, "externalIdIn": ["y"]}
    assert await client.data(document, {"where": where}) == 4


async def test_a_stale_document_of_nulls_filters_nothing(warehouse, schema_keys):
    where = {"project": {"id": warehouse.project.id}}
    nulls = dict.fromkeys(schema_keys("AssetWhere") - {"project", "label"})
    inner = dict.fromkeys(schema_keys("AssetLabelWhere"))

    assert await names(warehouse.project.admin, {**where, **nulls, "label": inner}) == NAMES
