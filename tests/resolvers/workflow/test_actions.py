"""Review, send-back, priority, assignment and skip, through the operations of every client generation."""

import pytest

from tests.common.documents import APPEND_TO_LABELS, COUNT_ASSETS, DELETE_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import answer

OUTCOME = "{ succeeded { assetId externalId } declined { assetId externalId } failed { assetId externalId details } }"
STATE = "status skipped isToReview currentStep { name status }"
REVIEW = f"mutation ($where: AssetWhere!) {{ data: addAssetsToReview(where: $where) {OUTCOME} }}"
SEND_BACK = f"mutation ($where: AssetWhere!) {{ data: sendAssetsBackToQueue(where: $where) {OUTCOME} }}"
PRIORITY = f"""
mutation ($where: AssetWhere!, $priority: Int!) {{ data: setAssetsPriority(where: $where, priority: $priority) {OUTCOME} }}"""
ASSIGN = f"""
mutation ($where: AssetWhere!, $userIds: [String!]!) {{ data: assignAssets(where: $where, userIds: $userIds) {OUTCOME} }}"""
OLD_REVIEW = "mutation ($where: AssetWhere!) { data: addAllLabeledAssetsToReview(where: $where) { id } }"
OLD_SEND_BACK = "mutation ($where: AssetWhere!) { data: sendBackAssetsToQueue(where: $where) { id } }"
OLD_ASSIGN = (
    "mutation ($where: AssetWhere!, $userIds: [String!]!) "
    "{ data: assignAssetsToLabelers(where: $where, userIds: $userIds) { id toBeLabeledBy { user { id } } } }"
)
SKIP = "mutation ($where: AssetWhere!, $reason: String!) { skipAsset(where: $where, reason: $reason) { id } }"
UNSKIP = "mutation ($projectId: ID!, $assetId: ID!) { unskipAsset(projectId: $projectId, assetId: $assetId) }"


def outcome(*, succeeded=(), declined=()):
    """An outcome, from (id, external id)."""
    succeeded, declined = (
        [{"assetId": identifier, "externalId": name} for identifier, name in assets] for assets in (succeeded, declined)
    )
    return {"succeeded": succeeded, "declined": declined, "failed": []}


def state(status, step, step_status, *, skipped=False, flagged=False):
    """`STATE` of an asset; V1 projects have no step."""
    where = {"name": step, "status": step_status} if step else None
    return {"status": status, "skipped": skipped, "isToReview": flagged, "currentStep": where}


async def steps_are_used(project):
    return bool(await project.rows("project_step"))


# Review


async def test_labeled_assets_go_to_review_and_others_are_declined(any_project):
    ids = await any_project.assets(4)
    for asset_id in (ids[3], ids[1]):
        await any_project.label(asset_id)
    await any_project.label(ids[2], label_type="AUTOSAVE")
    names = {identifier: f"asset-{number}" for number, identifier in enumerate(ids)}
    asked = [ids[3], ids[0], ids[1], ids[2], ids[1]]

    assert await any_project.admin.data(REVIEW, {"where": {"idIn": asked}}) == outcome(
        succeeded=[(ids[3], names[ids[3]]), (ids[1], names[ids[1]])],
        declined=[(ids[0], names[ids[0]]), (ids[2], names[ids[2]])],
    )

    in_steps = await steps_are_used(any_project)
    expected = state("TO_REVIEW", "Review", "TO_DO") if in_steps else state("TO_REVIEW", None, None, flagged=True)
    assert await any_project.read_asset(ids[1], STATE) == expected
    waiting = {"where": {"project": {"id": any_project.id}, "statusIn": ["TO_REVIEW"]}}
    assert await any_project.admin.data(COUNT_ASSETS, waiting) == 2
    again = await any_project.admin.data(REVIEW, {"where": {"idIn": [ids[1]]}})
    assert again == outcome(declined=[(ids[1], "asset-1")])


async def test_the_older_form_answers_the_project_or_null_and_reads_as_to_review_at_once(any_project):
    first, second = await any_project.assets(2)
    await any_project.label(first)

    assert await any_project.admin.data(OLD_REVIEW, {"where": {"idIn": [second]}}) is None
    assert await any_project.admin.data(OLD_REVIEW, {"where": {"idIn": [first, second]}}) == {"id": any_project.id}
    seen = {"where": {"idIn": [first], "statusIn": ["TO_REVIEW"]}}
    assert await any_project.admin.data(COUNT_ASSETS, seen) == 1
    assert await any_project.admin.data(OLD_REVIEW, {"where": {"idIn": [first]}}) is None


async def test_a_filter_within_a_project_names_assets_too(project):
    first, second = await project.assets(2)
    for asset_id in (first, second):
        await project.label(asset_id)
    where = {"project": {"id": project.id}, "externalIdStrictlyIn": ["asset-1"]}

    assert await project.admin.data(REVIEW, {"where": where}) == outcome(succeeded=[(second, "asset-1")])
    assert await project.admin.data(REVIEW, {"where": {"project": {"id": project.id}, "idIn": [first]}}) == outcome(
        succeeded=[(first, "asset-0")]
    )


@pytest.mark.parametrize("document", [REVIEW, SEND_BACK])
async def test_no_asset_is_no_work(project, document):
    assert await project.admin.data(document, {"where": {"idIn": []}}) == outcome()


# Send-back


async def test_finished_assets_are_sent_back_and_read_as_ongoing_at_once(any_project):
    labeler = await any_project.member("LABELER")
    labeled, to_review, reviewed, todo = await any_project.assets(4)
    for asset_id in (labeled, to_review, reviewed):
        await any_project.label(asset_id, by=labeler)
    await any_project.admin.data(REVIEW, {"where": {"idIn": [to_review]}})
    await any_project.label(reviewed, label_type="REVIEW")

    assert await any_project.admin.data(
        SEND_BACK, {"where": {"idIn": [labeled, todo, to_review, reviewed]}}
    ) == outcome(
        succeeded=[(labeled, "asset-0"), (to_review, "asset-1"), (reviewed, "asset-2")], declined=[(todo, "asset-3")]
    )

    in_steps = await steps_are_used(any_project)
    expected = state("ONGOING", "Default", "REWORK") if in_steps else state("ONGOING", None, None)
    for asset_id in (labeled, to_review, reviewed):
        read = await any_project.read_asset(asset_id, f"{STATE} sentBackTo {{ user {{ id }} }}")
        assert read == {**expected, "sentBackTo": [{"user": {"id": labeler.id}}]}
    flags = "labels { labelType isSentBackToQueue } latestLabel { isSentBackToQueue }"
    assert await any_project.read_asset(reviewed, flags) == {
        "labels": [
            {"labelType": "DEFAULT", "isSentBackToQueue": True},
            {"labelType": "REVIEW", "isSentBackToQueue": True},
        ],
        "latestLabel": {"isSentBackToQueue": True},
    }


async def test_a_new_label_ends_the_send_back_and_only_labels_since_then_count(any_project):
    asset_id = (await any_project.assets())[0]
    await any_project.label(asset_id)
    await any_project.label(asset_id, label_type="REVIEW")
    assert await any_project.admin.data(OLD_SEND_BACK, {"where": {"idIn": [asset_id]}}) == {"id": any_project.id}
    assert await any_project.admin.data(OLD_SEND_BACK, {"where": {"idIn": [asset_id]}}) is None

    newest = await any_project.label(asset_id)

    assert await any_project.read_asset(asset_id, "status sentBackTo { id } labels { isSentBackToQueue }") == {
        "status": "LABELED",
        "sentBackTo": [],
        "labels": [{"isSentBackToQueue": False}] * 3,
    }

    await any_project.admin.data(DELETE_LABELS, {"ids": [newest]})
    # What had ended the send-back is gone.
    assert await any_project.read_asset(asset_id, "status labels { isSentBackToQueue }") == {
        "status": "ONGOING",
        "labels": [{"isSentBackToQueue": True}] * 2,
    }


async def test_the_first_new_label_ends_the_flags_of_a_send_back_and_the_others_still_have_to_do_theirs(any_project):
    await any_project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 2}, "where": {"id": any_project.id}})
    ada, bob = await any_project.member(firstname="ada"), await any_project.member(firstname="bob")
    (asset_id,) = await any_project.assets()
    await any_project.admin.data(
        UPDATE_ASSETS, {"dataArray": [{"isUsedForConsensus": True}], "whereArray": [{"id": asset_id}]}
    )
    for person in (ada, bob):
        await any_project.label(asset_id, by=person)
    await any_project.admin.data(SEND_BACK, {"where": {"id": asset_id}})
    seen = []
    for person in (ada, ada, bob):
        await any_project.label(asset_id, by=person)
        read = await any_project.read_asset(
            asset_id, "status sentBackTo { user { firstname } } labels { isSentBackToQueue }"
        )
        names = [user["user"]["firstname"] for user in read["sentBackTo"]]
        seen.append((read["status"], names, [label["isSentBackToQueue"] for label in read["labels"]]))

    assert seen == [
        ("ONGOING", ["bob"], [False, False, False]),
        ("ONGOING", ["bob"], [False, False, False, False]),
        ("LABELED", [], [False] * 5),
    ]


async def test_somebody_else_may_do_what_was_sent_back(any_project):
    ada, bob = await any_project.member(firstname="ada"), await any_project.member(firstname="bob")
    (asset_id,) = await any_project.assets()
    await any_project.label(asset_id, by=ada)
    await any_project.admin.data(SEND_BACK, {"where": {"id": asset_id}})
    gold = """mutation ($id: ID!, $answer: String!) {
      data: createHoneypot(data: {jsonResponse: $answer}, where: {id: $id}) { id } }"""
    fields = "sentBackTo { user { firstname } } labels { isSentBackToQueue }"
    sent_back = [{"user": {"firstname": "ada"}}]

    # A draft and a right answer are no new labels.
    await any_project.label(asset_id, by=ada, label_type="AUTOSAVE")
    await any_project.admin.data(gold, {"id": asset_id, "answer": answer()})
    assert (await any_project.read_asset(asset_id, fields))["sentBackTo"] == sent_back
    await any_project.label(asset_id, by=bob)

    read = await any_project.read_asset(asset_id, fields)
    assert read == {"sentBackTo": [], "labels": [{"isSentBackToQueue": False}] * 3}


async def test_a_review_that_is_sent_back_is_done_again_by_a_review(project):
    text = "mutation ($input: AddReviewStepInput!) { data: addReviewStep(input: $input) { id } }"
    step = {"projectId": project.id, "name": "Last", "assignees": [project.organization.admin.id]}
    await project.admin.data(text, {"input": step})
    (asset_id,) = await project.assets()
    flags = []

    async def seen():
        read = await project.read_asset(asset_id, f"{STATE} labels {{ isSentBackToQueue }}")
        flags.append([label["isSentBackToQueue"] for label in read.pop("labels")])
        return read

    for label_type in ("DEFAULT", "REVIEW"):
        await project.label(asset_id, label_type=label_type)
    await project.admin.data(REVIEW, {"where": {"idIn": [asset_id]}})
    await project.admin.data(SEND_BACK, {"where": {"id": asset_id}})
    assert await seen() == state("TO_REVIEW", "Review", "REWORK")
    await project.label(asset_id)  # a correction of what is reviewed
    assert await seen() == state("TO_REVIEW", "Review", "REWORK")
    await project.label(asset_id, label_type="REVIEW")
    assert await seen() == state("REVIEWED", "Review", "DONE")

    assert flags == [[False, True], [False] * 3, [False] * 4]


async def test_only_the_latest_label_of_each_person_is_flagged(project):
    one, other = await project.member(), await project.member()
    asset_id = (await project.assets())[0]
    for person in (one, one, other):
        await project.label(asset_id, by=person)
    await project.label(asset_id, label_type="PREDICTION", model_name="m")

    await project.admin.data(SEND_BACK, {"where": {"id": asset_id}})

    read = await project.read_asset(asset_id, "labels { isSentBackToQueue }")
    assert [label["isSentBackToQueue"] for label in read["labels"]] == [False, True, True, False]


async def test_a_skipped_asset_is_not_sent_back_in_steps(any_project):
    asset_id = (await any_project.assets())[0]
    await any_project.label(asset_id)
    await any_project.admin.graphql(SKIP, {"where": {"id": asset_id}, "reason": "dark"})
    in_steps = await steps_are_used(any_project)

    done = await any_project.admin.data(SEND_BACK, {"where": {"idIn": [asset_id]}})

    assert done == (
        outcome(declined=[(asset_id, "asset-0")]) if in_steps else outcome(succeeded=[(asset_id, "asset-0")])
    )


# Priority and assignment


async def test_priority_goes_to_what_waits_in_a_queue(any_project):
    todo, begun, labeled, to_review, skipped, back = await any_project.assets(6)
    for asset_id in (labeled, to_review, back):
        await any_project.label(asset_id)
    await any_project.label(begun, label_type="AUTOSAVE")
    await any_project.admin.data(REVIEW, {"where": {"idIn": [to_review]}})
    await any_project.admin.data(SEND_BACK, {"where": {"idIn": [back]}})
    await any_project.admin.graphql(SKIP, {"where": {"id": skipped}, "reason": "dark"})
    asked = [todo, begun, labeled, to_review, skipped, back]

    answered = await any_project.admin.data(PRIORITY, {"where": {"idIn": asked}, "priority": -3})

    assert [asset["assetId"] for asset in answered["succeeded"]] == [todo, to_review, back]
    assert [asset["assetId"] for asset in answered["declined"]] == [begun, labeled, skipped]
    assert [row["priority"] for row in await any_project.rows("asset")] == [-3, 0, 0, -3, 0, -3]


async def test_people_are_assigned_replaced_and_taken_away(project):
    one, other = await project.member(), await project.member("REVIEWER")
    first, second = await project.assets(2)
    where = {"idIn": [second, first]}
    people = "toBeLabeledBy { user { id } } isToBeLabeledBy"

    assert await project.admin.data(ASSIGN, {"where": where, "userIds": [one.id, other.id]}) == outcome(
        succeeded=[(second, "asset-1"), (first, "asset-0")]
    )
    assert await project.read_asset(first, people) == {
        "toBeLabeledBy": [{"user": {"id": one.id}}, {"user": {"id": other.id}}],
        "isToBeLabeledBy": True,
    }
    assert await project.admin.data(OLD_ASSIGN, {"where": where, "userIds": [other.email.upper()]}) == [
        {"id": second, "toBeLabeledBy": [{"user": {"id": other.id}}]},
        {"id": first, "toBeLabeledBy": [{"user": {"id": other.id}}]},
    ]
    await project.admin.data(ASSIGN, {"where": where, "userIds": []})
    assert await project.read_asset(first, people) == {"toBeLabeledBy": [], "isToBeLabeledBy": False}


async def test_who_has_begun_to_label_stays_assigned(project):
    one, other = await project.member(), await project.member()
    asset_id = (await project.assets())[0]
    await project.admin.data(ASSIGN, {"where": {"id": asset_id}, "userIds": [one.id]})
    draft = {"data": {"jsonResponse": answer(), "labelType": "AUTOSAVE"}, "where": {"id": asset_id}}
    await one.client.graphql(APPEND_TO_LABELS, draft)

    await project.admin.data(ASSIGN, {"where": {"id": asset_id}, "userIds": [other.id]})

    read = await project.read_asset(asset_id, "toBeLabeledBy { user { id } }")
    assert [member["user"]["id"] for member in read["toBeLabeledBy"]] == [one.id, other.id]


async def test_only_members_can_be_assigned(project, other_organization):
    asset_id = (await project.assets())[0]
    for name in (other_organization.admin.id, (await project.organization.person()).email, "nobody"):
        refused = await project.admin.refused(ASSIGN, {"where": {"id": asset_id}, "userIds": [name]})
        assert refused.at == ("NOT_FOUND", ["data"])
        assert refused.context == {"userIds": [name]}
    assert (await project.read_asset(asset_id, "isToBeLabeledBy"))["isToBeLabeledBy"] is False


# Skip


async def test_a_skipped_asset_leaves_the_queue_until_it_is_unskipped_or_labeled(any_project):
    first, second = await any_project.assets(2)
    in_steps = await steps_are_used(any_project)
    for asset_id in (first, second):
        answered = await any_project.admin.graphql(SKIP, {"where": {"id": asset_id}, "reason": "too dark"})
        assert answered == {"data": {"skipAsset": {"id": asset_id}}}
    expected = (
        state("TODO", "Default", "SKIPPED", skipped=True) if in_steps else state("TODO", None, None, skipped=True)
    )
    assert await any_project.read_asset(first, STATE) == expected
    assert [row["skip_reason"] for row in await any_project.rows("asset")] == ["too dark", "too dark"]
    counters = "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { %s } }"
    counters %= "numberOfSkippedAssets numberOfRemainingAssets"
    assert await any_project.admin.data(counters, {"id": any_project.id}) == [
        {"numberOfSkippedAssets": 2, "numberOfRemainingAssets": 0}
    ]

    unskip = {"projectId": any_project.id, "assetId": first}
    assert await any_project.admin.graphql(UNSKIP, unskip) == {"data": {"unskipAsset": True}}
    assert await any_project.admin.graphql(UNSKIP, unskip) == {"data": {"unskipAsset": False}}
    expected = state("TODO", "Default", "TO_DO") if in_steps else state("TODO", None, None)
    assert await any_project.read_asset(first, STATE) == expected

    await any_project.label(second)
    expected = state("LABELED", "Default", "DONE") if in_steps else state("LABELED", None, None)
    assert await any_project.read_asset(second, STATE) == expected
    assert [row["skip_reason"] for row in await any_project.rows("asset")] == [None, None]


async def test_a_draft_leaves_a_skip_alone(any_project):
    asset_id = (await any_project.assets())[0]
    await any_project.admin.graphql(SKIP, {"where": {"id": asset_id}, "reason": "dark"})
    before = await any_project.read_asset(asset_id, STATE)

    await any_project.label(asset_id, label_type="AUTOSAVE")

    assert await any_project.read_asset(asset_id, STATE) == before


async def test_a_consensus_asset_cannot_be_skipped(project):
    asset_id = (await project.assets())[0]
    change = {"whereArray": [{"id": asset_id}], "dataArray": [{"isUsedForConsensus": True}]}
    await project.admin.data(UPDATE_ASSETS, change)
    before = await project.everything()

    refused = await project.admin.refused(SKIP, {"where": {"id": asset_id}, "reason": "dark"})

    assert refused.at == ("BAD_USER_INPUT", ["skipAsset"])
    assert await project.everything() == before


async def test_labelers_skip_only_where_the_project_lets_them(project):
    labeler, reviewer = await project.member("LABELER"), await project.member("REVIEWER")
    asset_id = (await project.assets())[0]
    variables = {"where": {"id": asset_id, "project": {"id": project.id}}, "reason": "dark"}
    back = {"projectId": project.id, "assetId": asset_id}
    assert (await labeler.client.graphql(SKIP, variables))["data"] == {"skipAsset": {"id": asset_id}}
    assert (await labeler.client.graphql(UNSKIP, back))["data"] == {"unskipAsset": True}

    await project.admin.data(UPDATE_PROJECT, {"data": {"canSkipAsset": False}, "where": {"id": project.id}})
    refused = await labeler.client.refused(SKIP, variables)
    assert refused.at == ("FORBIDDEN", ["skipAsset"])
    assert (await project.read_asset(asset_id, "skipped"))["skipped"] is False
    assert (await reviewer.client.graphql(SKIP, variables))["data"] == {"skipAsset": {"id": asset_id}}
    assert (await labeler.client.refused(UNSKIP, back)).at == ("FORBIDDEN", ["unskipAsset"])


# What is refused changes nothing

CALLS = [
    (REVIEW, {}, {"TEAM_MANAGER", "REVIEWER"}),
    (OLD_REVIEW, {}, {"TEAM_MANAGER", "REVIEWER"}),
    (SEND_BACK, {}, {"TEAM_MANAGER", "REVIEWER"}),
    (OLD_SEND_BACK, {}, {"TEAM_MANAGER", "REVIEWER"}),
    (PRIORITY, {"priority": 1}, {"TEAM_MANAGER"}),
    (ASSIGN, {"userIds": []}, {"TEAM_MANAGER"}),
    (OLD_ASSIGN, {"userIds": []}, {"TEAM_MANAGER"}),
]
NAMES = ["review", "older review", "send back", "older send back", "priority", "assign", "older assign"]


@pytest.mark.parametrize(("document", "variables", "allowed"), CALLS, ids=NAMES)
async def test_who_may(project, document, variables, allowed):
    asset_id = (await project.assets())[0]
    await project.label(asset_id)
    asked = {"where": {"idIn": [asset_id]}, **variables}
    for role in ("LABELER", "REVIEWER", "TEAM_MANAGER"):
        member = await project.member(role)
        before = await project.everything()
        if role in allowed:
            assert "errors" not in await member.client.graphql(document, asked)
            continue
        refused = await member.client.refused(document, asked)
        assert refused.at == ("FORBIDDEN", ["data"])
        assert await project.everything() == before


@pytest.mark.parametrize(("document", "variables", "allowed"), CALLS, ids=NAMES)
async def test_strangers_and_unknown_ids_read_the_same_and_nothing_is_done(
    project, other_organization, document, variables, allowed
):
    del allowed
    asset_id = (await project.assets())[0]
    await project.label(asset_id)
    outsider = await project.organization.person()
    elsewhere = (await (await other_organization.project()).assets())[0]
    before = await project.everything()
    for client, ids in [
        (other_organization.admin.client, [asset_id]),
        (outsider.client, [asset_id]),
        (project.admin, [asset_id, "nothing"]),
        (project.admin, [asset_id, elsewhere]),
        (project.admin, [asset_id, *(await (await project.organization.project()).assets())]),
    ]:
        refused = await client.refused(document, {"where": {"idIn": ids}, **variables})
        assert refused.at == ("NOT_FOUND", ["data"])
        assert refused.message.startswith("[notFound] One or more of these assets cannot be found")
    unknown = {"where": {"idIn": [asset_id], "project": {"id": (await project.organization.project()).id}}, **variables}
    assert (await project.admin.refused(document, unknown)).at == ("NOT_FOUND", ["data"])
    assert await project.everything() == before


@pytest.mark.parametrize(("document", "variables", "allowed"), CALLS, ids=NAMES)
async def test_archived_projects_and_vague_wheres_are_refused(project, document, variables, allowed):
    del allowed
    asset_id = (await project.assets())[0]
    await project.label(asset_id)
    assert (await project.admin.refused(document, {"where": {}, **variables})).at == ("BAD_USER_INPUT", ["data"])
    many = {"where": {"idIn": [f"id{number}" for number in range(1_001)]}, **variables}
    assert (await project.admin.refused(document, many)).context == {"limit": 1_000, "given": 1_001}
    await project.admin.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": project.id}})
    before = await project.everything()

    refused = await project.admin.refused(document, {"where": {"idIn": [asset_id]}, **variables})

    assert refused.at == ("FORBIDDEN", ["data"])
    assert await project.everything() == before


@pytest.mark.parametrize("reason", ["r" * 2_001])
async def test_a_reason_has_an_end(project, reason):
    asset_id = (await project.assets())[0]
    refused = await project.admin.refused(SKIP, {"where": {"id": asset_id}, "reason": reason})
    assert refused.at == ("BAD_USER_INPUT", ["skipAsset"])


async def test_skipping_names_one_visible_asset(project, other_organization):
    asset_id = (await project.assets())[0]
    assert (await project.admin.refused(SKIP, {"where": {}, "reason": "r"})).context == {"field": "where.id"}
    other = await project.organization.project()
    for client, where in [
        (other_organization.admin.client, {"id": asset_id}),
        (project.admin, {"id": asset_id, "project": {"id": other.id}}),
        (project.admin, {"id": "nothing"}),
    ]:
        refused = await client.refused(SKIP, {"where": where, "reason": "r"})
        assert refused.at == ("NOT_FOUND", ["skipAsset"])
    unskip = {"projectId": other.id, "assetId": asset_id}
    assert (await project.admin.refused(UNSKIP, unskip)).at == ("NOT_FOUND", ["unskipAsset"])


@pytest.mark.parametrize(("document", "variables", "allowed"), CALLS, ids=NAMES)
async def test_statements_do_not_grow_with_assets(project, statements, document, variables, allowed):
    del allowed
    few, many = await project.assets(2), await project.assets(30, prefix="more")
    for asset_id in few + many:
        await project.label(asset_id)
    counts = []
    for ids in (few, many):
        with statements.recording() as texts:
            await project.admin.graphql(document, {"where": {"idIn": ids}, **variables})
        counts.append(len(texts))

    assert counts[0] == counts[1]
    assert counts[1] <= 10
