"""`labels` and `countLabels`: every key of the filter, pages, and what whom is shown."""

import pytest

from tests.common.documents import COUNT_LABELS, LABELS

ALL = ["sun", "rain", "review", "draft", "prediction", "inference", "bobs"]


async def names(archive, client, where, *, first=100, skip=0):
    """Names of the labels a filter leaves; that the count agrees is checked as well."""
    listed = await client.data(LABELS % "id", {"where": where, "first": first, "skip": skip})
    if (first, skip) == (100, 0):
        assert await client.data(COUNT_LABELS, {"where": where}) == len(listed)
    by_id = {label_id: name for name, label_id in archive.ids.items()}
    return [by_id[label["id"]] for label in listed]


FILTERS = {
    "nothing": (lambda a: {}, ALL),
    "id": (lambda a: {"id": a.ids["rain"]}, ["rain"]),
    "id of nothing": (lambda a: {"id": "nothing"}, []),
    "id null": (lambda a: {"id": None}, ALL),
    "idIn": (lambda a: {"idIn": [a.ids["bobs"], "nothing", a.ids["sun"]]}, ["sun", "bobs"]),
    "idIn empty": (lambda a: {"idIn": []}, []),
    "typeIn": (lambda a: {"typeIn": ["DEFAULT"]}, ["sun", "rain", "bobs"]),
    "typeIn two": (lambda a: {"typeIn": ["REVIEW", "INFERENCE"]}, ["review", "inference"]),
    "typeIn drafts": (lambda a: {"typeIn": ["AUTOSAVE"]}, ["draft"]),
    "typeIn predictions": (lambda a: {"typeIn": ["PREDICTION"]}, ["prediction"]),
    "authorIn first name": (lambda a: {"authorIn": ["bob"]}, ["rain", "bobs"]),
    "authorIn either name": (lambda a: {"authorIn": ["Ada"]}, ["sun", "review", "draft"]),
    "authorIn both names": (lambda a: {"authorIn": ["ada LOVELACE"]}, ["sun", "draft"]),
    "authorIn e-mail": (lambda a: {"authorIn": [a.rex.email.upper()]}, ["review"]),
    "authorIn id": (lambda a: {"authorIn": [a.bob.id, "nobody"]}, ["rain", "bobs"]),
    "labelerIn": (lambda a: {"labelerIn": [a.bob.id, a.rex.id]}, ["rain", "bobs"]),
    "reviewerIn": (lambda a: {"reviewerIn": [a.bob.id, a.rex.id]}, ["review"]),
    "consensusMarkGte": (lambda a: {"consensusMarkGte": 0.75}, ["rain"]),
    "consensusMarkLte": (lambda a: {"consensusMarkLte": 0.75}, ["sun", "rain"]),
    "honeypotMarkGte": (lambda a: {"honeypotMarkGte": 0.5}, ["rain"]),
    "honeypotMarkLte": (lambda a: {"honeypotMarkLte": 0.4}, []),
    "createdAt": (lambda a: {"createdAt": "2024-05-03"}, ["review"]),
    "createdAt an instant": (lambda a: {"createdAt": "2024-05-03T01:00:00+01:00"}, ["review"]),
    "createdAtGte": (lambda a: {"createdAtGte": "2024-05-06"}, ["inference", "bobs"]),
    "createdAtLte": (lambda a: {"createdAtLte": "2024-05-02"}, ["sun", "rain"]),
    "createdAtGte an instant": (lambda a: {"createdAtGte": "2024-05-06T12:00:00.001Z"}, ["bobs"]),
    "createdAtLte an instant": (lambda a: {"createdAtLte": "2024-05-02T11:59:59.999Z"}, ["sun"]),
    "jsonResponseContains": (lambda a: {"jsonResponseContains": ["RAIN"]}, ["rain"]),
    "jsonResponseContains any": (lambda a: {"jsonResponseContains": ["car1", "car0", "%"]}, ["rain", "review"]),
    "search": (lambda a: {"search": "PLACE.CAR.count > 1"}, ["rain"]),
    "search zero": (lambda a: {"search": "PLACE.CAR.count == 0 AND WEATHER.SUN.count == 1"}, ["sun", *ALL[3:]]),
    "search blank": (lambda a: {"search": " "}, ALL),
    "skipped": (lambda a: {"skipped": True}, ["bobs"]),
    "not skipped": (lambda a: {"skipped": False}, ALL[:-1]),
    # by asset
    "asset id": (lambda a: {"asset": {"id": a.assets["third"]}}, ["inference", "bobs"]),
    "asset external id part": (lambda a: {"asset": {"externalIdIn": ["IR"]}}, ["sun", "rain", "review", *ALL[5:]]),
    "asset external id exact": (lambda a: {"asset": {"externalIdStrictlyIn": ["first"]}}, ["sun", "rain", "review"]),
    "asset status": (lambda a: {"asset": {"statusIn": ["ONGOING"]}}, ["draft", "prediction"]),
    "asset step status": (lambda a: {"asset": {"stepStatusIn": ["DOING"]}}, ["draft", "prediction"]),
    "asset metadata": (lambda a: {"asset": {"metadata": {"city": "Rome"}}}, ["sun", "rain", "review"]),
    "asset of a project": (lambda a: {"asset": {"project": {"id": a.project.id}}}, ALL),
    "asset with another label": (
        lambda a: {"asset": {"label": {"typeIn": ["REVIEW"]}}, "typeIn": ["DEFAULT"]},
        ["sun", "rain"],
    ),
    "asset empty": (lambda a: {"asset": {}}, ALL),
    "asset of nulls": (lambda a: {"asset": {"id": None, "statusIn": None, "label": {"typeIn": None}}}, ALL),
    # by person
    "user id": (lambda a: {"user": {"id": a.bob.id}}, ["rain", "bobs"]),
    "user e-mail": (lambda a: {"user": {"email": a.ada.email.upper()}}, ["sun", "draft"]),
    "user ids": (lambda a: {"user": {"idIn": [a.ada.id, a.rex.id]}}, ["sun", "review", "draft"]),
    "user of the organization": (lambda a: {"user": {"organization": {"id": a.organization.id}}}, ALL),
    "user of nowhere": (lambda a: {"user": {"organization": {"id": "nowhere"}}}, []),
    "user empty": (lambda a: {"user": {}}, ALL),
    # by project
    "project search": (lambda a: {"project": {"id": a.project.id, "searchQuery": "Arch%"}}, ALL),
    "project archived": (lambda a: {"project": {"id": a.project.id, "archived": True}}, []),
    # several
    "several": (lambda a: {"typeIn": ["DEFAULT"], "user": {"id": a.bob.id}, "consensusMarkGte": 0.1}, ["rain"]),
}


@pytest.mark.parametrize("case", FILTERS)
async def test_each_filter_finds_its_labels(archive, case):
    where, found = FILTERS[case]
    in_project = {"project": {"id": archive.project.id}, **where(archive)}

    assert await names(archive, archive.project.admin, in_project) == found


async def test_every_key_of_the_filter_has_a_case(archive, schema_keys):
    assert schema_keys("LabelWhere") == {key for where, _ in FILTERS.values() for key in where(archive)}


async def test_without_a_project_the_whole_organization_is_searched(archive):
    client = archive.project.admin

    assert await names(archive, client, {}) == [*ALL, "elsewhere"]
    assert await names(archive, client, {"project": {"searchQuery": "Other"}}) == ["elsewhere"]


async def test_pages_follow_the_order_of_creation_and_end_empty(archive):
    client, where = archive.project.admin, {"project": {"id": archive.project.id}}

    assert await names(archive, client, where, first=5) == ALL[:5]
    assert await names(archive, client, where, first=5, skip=5) == ALL[5:]
    assert await names(archive, client, where, first=5, skip=7) == []
    assert await names(archive, client, where, first=0) == []


async def test_a_stale_document_of_nulls_filters_nothing(archive, schema_keys):
    nulls = dict.fromkeys(schema_keys("LabelWhere") - {"project"})

    assert await names(archive, archive.project.admin, {**nulls, "project": {"id": archive.project.id}}) == ALL


@pytest.mark.parametrize(
    "where",
    [
        {"search": "A.B.count"},
        {"search": "A.B.count = 2"},
        {"idIn": [str(number) for number in range(2001)]},
        {"jsonResponseContains": ["x" * 201]},
        {"authorIn": ["\0"]},
        {"asset": {"metadata": "city"}},
    ],
    ids=["search unfinished", "one sign", "list too long", "text too long", "NUL", "metadata"],
)
async def test_a_filter_out_of_form_is_refused(archive, where):
    for document in (LABELS % "id", COUNT_LABELS):
        refused = await archive.project.admin.refused(document, {"where": where, "first": 1, "skip": 0})
        assert refused.at == ("BAD_USER_INPUT", ["data"])


# Who sees what


async def test_a_labeler_sees_their_own_labels_reviews_of_them_and_predictions_to_start_from(archive):
    where = {"project": {"id": archive.project.id}}

    assert await names(archive, archive.ada.client, where) == ["sun", "review", "draft", "prediction"]
    assert await names(archive, archive.bob.client, where) == ["rain", "review", "bobs"]
    assert await names(archive, archive.bob.client, {"id": archive.ids["sun"]}) == []
    assert await names(archive, archive.bob.client, {"idIn": list(archive.ids.values())}) == ["rain", "review", "bobs"]


async def test_reviewers_and_managers_see_everything_and_only_managers_marks(archive):
    where = {"project": {"id": archive.project.id}}
    manager = await archive.project.member("TEAM_MANAGER")
    fields = "consensusMark honeypotMark inferenceMark reviewScore"
    one = {"where": {"id": archive.ids["rain"]}, "first": 1, "skip": 0}

    assert await names(archive, archive.rex.client, where) == ALL
    assert await names(archive, manager.client, where) == ALL
    assert await names(archive, manager.client, {**where, "consensusMarkGte": 0}) == ["sun", "rain"]
    assert await names(archive, archive.rex.client, {**where, "consensusMarkGte": 0}) == []
    seen = {"consensusMark": 0.75, "honeypotMark": 0.5, "inferenceMark": None, "reviewScore": None}
    assert await manager.client.data(LABELS % fields, one) == [seen]
    assert await archive.rex.client.data(LABELS % fields, one) == [dict.fromkeys(seen)]


async def test_strangers_see_nothing_whatever_they_ask(archive, other_organization):
    for where in (
        {},
        {"project": {"id": archive.project.id}},
        {"id": archive.ids["sun"]},
        {"asset": {"id": archive.assets["first"]}},
        {"asset": {"externalIdIn": ["first"]}},
        {"user": {"id": archive.ada.id}},
        {"authorIn": ["Ada"]},
    ):
        assert await names(archive, other_organization.admin.client, where) == []


# What hangs on a label


async def test_objects_around_a_label_come_with_it(archive):
    fields = """
    labelOf { externalId project { title } labels { id } latestLabel { id } }
    author { email organization { name } }
    assetStep { name } annotations { __typename job ... on ClassificationAnnotation { annotationValue { categories } } }
    """
    (label,) = await archive.project.admin.data(
        LABELS % fields, {"where": {"id": archive.ids["sun"]}, "first": 1, "skip": 0}
    )

    ids = archive.ids
    assert label["labelOf"] == {
        "externalId": "first",
        "project": {"title": "Archive"},
        "labels": [{"id": ids["sun"]}, {"id": ids["rain"]}, {"id": ids["review"]}],
        "latestLabel": {"id": ids["review"]},
    }
    assert label["author"] == {"email": archive.ada.email, "organization": {"name": archive.organization.name}}
    assert label["assetStep"] == {"name": "Default"}
    assert label["annotations"] == [
        {"__typename": "ClassificationAnnotation", "job": "WEATHER", "annotationValue": {"categories": ["SUN"]}}
    ]
