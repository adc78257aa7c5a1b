"""Steps of the workflow, in projects of one group of steps and of several."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.rooms.given import member_of
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

ADD = "mutation ($input: AddReviewStepInput!) { data: addReviewStep(input: $input) { id } }"
UPDATE = (
    "mutation ($input: EditProjectWorkflowSettingsInput!) { data: editProjectWorkflowSettings(input: $input) { id } }"
)


def steps_of(version: str) -> Any:
    """A project whose steps are Default for one member and Review for another; and a third who is in neither."""

    async def made(world: World) -> Names:
        project = await world.project(title=world.unique("Steps"), workflowVersion=version)
        names: dict[str, Any] = {"project": project.id}
        for who, role in (("labeler", "LABELER"), ("reviewer", "REVIEWER"), ("third", "REVIEWER")):
            member = await member_of(world, project.id, role)
            names |= {who: member["member"], f"{who}_email": member["member_email"]}
        ((found),) = await world.read(STEPS, names)
        labeling, review = (step["id"] for step in found["steps"])
        updates = [
            {"id": labeling, "assignees": [names["labeler"]]},
            {"id": review, "assignees": [names["reviewer"]], "stepCoverage": 20},
        ]
        await world.send(UPDATE, {"input": {"projectId": project.id, "steps": {"updates": updates}}})
        return {**names, "labeling": labeling, "review": review}

    return made


a_project = steps_of("V2")
a_project_of_groups = steps_of("V3")


async def two_projects(world: World) -> Names:
    """A project with steps, and another that is as projects begin."""
    source = await a_project(world)
    target = await world.project(title=world.unique("Target"), workflowVersion="V2")
    return {**source, "source": source["project"], "project": target.id}


async def a_step_of_two(world: World) -> Names:
    """The third member reviews, too."""
    made = await a_project(world)
    return await with_assignees(world, made, made["review"], made["reviewer"], made["third"])


async def a_labeling_step_of_two(world: World) -> Names:
    """The reviewer labels, too."""
    made = await a_project_of_groups(world)
    return await with_assignees(world, made, made["labeling"], made["labeler"], made["reviewer"])


async def a_project_with_a_check(world: World) -> Names:
    """A second step of review, by the third member."""
    made = await a_project(world)
    step = {"name": "Check", "assignees": [made["third"]], "stepCoverage": 50}
    await world.send(ADD, {"input": {"projectId": made["project"], **step}})
    return made


async def with_assignees(world: World, made: Names, step: str, *people: str) -> Names:
    updates = {"updates": [{"id": step, "assignees": list(people)}]}
    await world.send(UPDATE, {"input": {"projectId": made["project"], "steps": updates}})
    return made


async def coverages(world: World, names: Names) -> Any:
    return [[name, coverage] for name, _, coverage, _ in await steps(world, names)]


async def steps(world: World, names: Names) -> Any:
    """Each step: name, type, how much of it is done, and by whom."""
    ((project),) = await world.read(STEPS, names)
    return [
        [
            step["name"],
            step["type"],
            step["stepCoverage"] if step["type"] == "REVIEW" else step["consensusCoverage"],
            sorted(one["email"] for one in step["assignees"] or []),
        ]
        for step in project["steps"]
    ]


STEPS = """projects(where: {id: $project}, first: 1, skip: 0) {
  steps { id name type stepCoverage consensusCoverage assignees { email } } }"""
LABELING = ["Default", "DEFAULT", 0, ["$labeler_email"]]
REVIEW = ["Review", "REVIEW", 20, ["$reviewer_email"]]
CHECK = ["Check", "REVIEW", 50, ["$third_email"]]
BEFORE = [LABELING, REVIEW]
NEW_STEP = {"name": "Check", "type": "REVIEW", "assignees": ["$third"], "step_coverage": 50}
ON_REVIEW = {"project_id": "$project", "step_name": "Review"}
ON_LABELING = {"project_id": "$project", "step_name": "Default"}


def changed(*after: list[Any], given: Any = a_project) -> dict[str, Any]:
    return {"given": given, "read": steps, "before": BEFORE, "after": list(after)}


ROWS: list[Row] = [
    row(
        "get_steps 2.176.1",
        given=a_project,
        call={"project_id": "$project"},
        read=steps,
        before=BEFORE,
        refused="list indices must be integers",
        reason="The release takes the list of steps for one of them.",
    ),
    row(
        "get_steps 25.2.10..",
        "domain:projects.workflow.list",
        given=a_project,
        call={"project_id": "$project"},
        of=lambda found: [[one["id"], one["name"], one["type"]] for one in found],
        answer=[["$labeling", "Default", "DEFAULT"], ["$review", "Review", "REVIEW"]],
    ),
    row(
        "update_project_workflow 2.176.1..25.2.10",
        "domain:projects.workflow.update 25.2.10",
        call={"project_id": "$project", "create_steps": [{**NEW_STEP, "order": 2}], "enforce_step_separation": True},
        **changed(LABELING, REVIEW, CHECK),
    ),
    row(
        "update_project_workflow 26.2.4",
        "domain:projects.workflow.update 26.2.4",
        call={"project_id": "$project", "create_steps": [NEW_STEP]},
        **changed(LABELING, REVIEW, CHECK),
    ),
    row(
        "add_reviewers_to_step 26.2.4",
        "domain:projects.workflow.add_reviewers 26.2.4",
        call=dict(**ON_REVIEW, emails=["$third_email"]),
        answer=["$third_email"],
        **changed(LABELING, ["Review", "REVIEW", 20, ["$reviewer_email", "$third_email"]]),
    ),
    row(
        "remove_reviewers_from_step 26.2.4",
        "domain:projects.workflow.remove_reviewers 26.2.4",
        given=a_step_of_two,
        call=dict(**ON_REVIEW, emails=["$third_email"]),
        answer=["$third_email"],
        read=steps,
        before=[LABELING, ["Review", "REVIEW", 20, ["$reviewer_email", "$third_email"]]],
        after=BEFORE,
    ),
    row(
        "add_labelers_to_step 26.2.4",
        "domain:projects.workflow.add_labelers 26.2.4",
        call=dict(**ON_LABELING, emails=["$reviewer_email"]),
        answer=["$reviewer_email"],
        **changed(["Default", "DEFAULT", 0, ["$labeler_email", "$reviewer_email"]], REVIEW, given=a_project_of_groups),
    ),
    row(
        "remove_labelers_from_step 26.2.4",
        "domain:projects.workflow.remove_labelers 26.2.4",
        given=a_labeling_step_of_two,
        call=dict(**ON_LABELING, emails=["$reviewer_email"]),
        answer=["$reviewer_email"],
        read=steps,
        before=[["Default", "DEFAULT", 0, ["$labeler_email", "$reviewer_email"]], REVIEW],
        after=BEFORE,
    ),
    row(
        "copy_workflow_from_project 26.2.4",
        "domain:projects.workflow.copy_from_project 26.2.4",
        given=two_projects,
        call={"destination_project_id": "$project", "source_project_id": "$source"},
        read=coverages,
        before=[["Default", 0], ["Review", 0]],
        after=[["Default", 0], ["Review", 20]],
    ),
    row(
        "add_review_step 26.2.4",
        call={"project_id": "$project", "step_name": "Check", "assignees": ["$third_email"], "step_coverage": 50},
        **changed(LABELING, REVIEW, CHECK),
    ),
    row(
        "update_labeling_step_properties 26.2.4",
        call=dict(**ON_LABELING, consensus_coverage=40, number_of_expected_labels_for_consensus=2),
        **changed(["Default", "DEFAULT", 40, ["$labeler_email"]], REVIEW),
    ),
    row(
        "update_review_step_properties 26.2.4",
        call=dict(**ON_REVIEW, step_coverage=60, assignees=["$third_email"]),
        **changed(LABELING, ["Review", "REVIEW", 60, ["$third_email"]]),
    ),
    row("rename_step 26.2.4", call=dict(**ON_REVIEW, new_name="Look"), **changed(LABELING, ["Look", *REVIEW[1:]])),
    row(
        "delete_last_step 26.2.4",
        given=a_project_with_a_check,
        call={"project_id": "$project"},
        read=steps,
        before=[LABELING, REVIEW, CHECK],
        after=BEFORE,
    ),
]
