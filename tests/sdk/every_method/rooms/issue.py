"""Issues about labels and questions about assets."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.rooms.given import a_label, an_asset
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

CREATE = """
mutation ($issues: [IssueToCreate!]!, $asset: ID!) {
  data: createIssues(issues: $issues, where: {id: $asset}) { id } }"""


def issue(kind: str, status: str = "OPEN") -> Any:
    """A label, and one issue or question with a status."""

    async def made(world: World) -> Names:
        names = await a_label(world)
        about = {"labelID": names["label"]} if kind == "ISSUE" else {"assetId": names["asset"]}
        ((created),) = await world.send(
            CREATE, {"issues": [{"type": kind, "text": "Why?", **about}], "asset": names["asset"]}
        )
        if status != "OPEN":
            await world.send(
                "mutation ($id: ID!, $status: IssueStatus!) "
                "{ data: updatePropertiesInIssue(data: {status: $status}, where: {id: $id}) { id } }",
                {"id": created["id"], "status": status},
            )
        return {**names, "issue": created["id"]}

    return made


async def issues(world: World, names: Names) -> Any:
    found = await world.read(
        "issues(where: {project: {id: $project}}, first: 50, skip: 0)"
        " { type status labelId objectMid asset { externalId } comments { text } }",
        names,
    )
    return [
        [
            one["type"],
            one["status"],
            one["labelId"] is not None,
            one["objectMid"],
            one["asset"]["externalId"],
            [comment["text"] for comment in one["comments"]],
        ]
        for one in found
    ]


def about(kind: str, status: str = "OPEN", mid: str | None = None) -> list[Any]:
    return [[kind, status, kind == "ISSUE", mid, "street-0", ["Why?"]]]


def changed(kind: str, before: str, after: str) -> dict[str, Any]:
    return {
        "given": issue(kind, before),
        "read": issues,
        "before": about(kind, before),
        "after": about(kind, after),
    }


def listed(kind: str) -> dict[str, Any]:
    return {
        "given": issue(kind),
        "answer": [{"id": "$issue", "type": kind, "status": "OPEN", "assetId": "$asset"}],
    }


FIELDS = ["id", "type", "status", "assetId"]
ON_A_LABEL = {"given": a_label, "read": issues, "before": [], "after": about("ISSUE", mid="car0")}
ON_AN_ASSET = {"given": an_asset, "read": issues, "before": [], "after": about("QUESTION")}

ROWS: list[Row] = [
    row(
        "append_to_issues 2.120.0..",
        call={"label_id": "$label", "project_id": "$project", "object_mid": "car0", "text": "Why?"},
        **ON_A_LABEL,
    ),
    row(
        "create_issues 2.140.0..",
        "domain:issues.create",
        call={
            "project_id": "$project",
            "label_id_array": ["$label"],
            "object_mid_array": ["car0"],
            "text_array": ["Why?"],
        },
        **ON_A_LABEL,
    ),
    row(
        "create_questions 2.140.0",
        "domain:questions.create",
        call={"project_id": "$project", "asset_id_array": ["$asset"], "text_array": ["Why?"]},
        **ON_AN_ASSET,
    ),
    row(
        "update_issue_status 2.160.0..",
        call={"issue_id": "$issue", "status": "SOLVED"},
        **changed("ISSUE", "OPEN", "SOLVED"),
    ),
    row("domain:issues.solve", call={"issue_id": "$issue"}, **changed("ISSUE", "OPEN", "SOLVED")),
    row("domain:issues.cancel", call={"issue_id": "$issue"}, **changed("ISSUE", "OPEN", "CANCELLED")),
    row("domain:issues.open", call={"issue_id": "$issue"}, **changed("ISSUE", "SOLVED", "OPEN")),
    row("domain:questions.solve", call={"question_id": "$issue"}, **changed("QUESTION", "OPEN", "SOLVED")),
    row("domain:questions.cancel", call={"question_id": "$issue"}, **changed("QUESTION", "OPEN", "CANCELLED")),
    row("domain:questions.open", call={"question_id": "$issue"}, **changed("QUESTION", "SOLVED", "OPEN")),
    row(
        "issues 2.99.0",
        given=issue("ISSUE"),
        call={"project_id": "$project", "fields": ["id", "type", "status"]},
        answer=[{"id": "$issue", "type": "ISSUE", "status": "OPEN"}],
    ),
    row("issues 2.120.0..", call={"project_id": "$project", "fields": FIELDS}, **listed("ISSUE")),
    row(
        "domain:issues.list",
        "domain:issues.list_as_generator",
        call={"project_id": "$project", "fields": FIELDS},
        **listed("ISSUE"),
    ),
    row(
        "domain:questions.list",
        "domain:questions.list_as_generator",
        call={"project_id": "$project", "fields": FIELDS},
        **listed("QUESTION"),
    ),
    row("count_issues 2.120.0..", given=issue("ISSUE"), call={"project_id": "$project"}, answer=1),
    row("domain:issues.count", given=issue("ISSUE"), call={"project_id": "$project"}, answer=1),
    row("domain:questions.count", given=issue("QUESTION"), call={"project_id": "$project"}, answer=1),
]
