"""Projects: their life, settings, copies and versions."""

from __future__ import annotations

import json
from typing import Any

from tests.common.world import WEATHER
from tests.sdk.every_method.rooms.given import a_labeled_picture
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

INTERFACE = WEATHER
LESS = {"jobs": {"WEATHER": WEATHER["jobs"]["WEATHER"]}}
BROKEN_DOCUMENT = "The release sends a document with doubled braces, which is no GraphQL."


async def a_title(world: World) -> Names:
    return {"title": world.unique("Streets"), "projects": await world.send("{ data: countProjects(where: {}) }")}


async def one_more(world: World) -> Names:
    made = await a_title(world)
    return {**made, "one_more": made["projects"] + 1}


async def a_project(world: World) -> Names:
    title = world.unique("Streets")
    project = await world.project(title=title, description="of Delft")
    return {"project": project.id, "title": title}


async def an_archived_project(world: World) -> Names:
    made = await a_project(world)
    await world.send(
        "mutation ($id: ID!) { data: updatePropertiesInProject(where: {id: $id}, data: {archived: true}) { id } }",
        {"id": made["project"]},
    )
    return made


async def a_source(world: World) -> Names:
    """A project to copy, whose picture the client can fetch."""
    return {**await a_labeled_picture(world), "title": world.unique("Copy")}


async def a_version(world: World) -> Names:
    made = await a_project(world)
    (version,) = await world.send(
        "query ($id: ID!) { data: projectVersions(where: {projectId: $id}, first: 10, skip: 0) { id name content } }",
        {"id": made["project"]},
    )
    return {**made, "version": version["id"], "name": version["name"], "content": version["content"]}


def of_project(fields: str) -> str:
    return f"projects(where: {{id: $project}}, first: 1, skip: 0) {{ {fields} }}"


async def is_answered(world: World, names: Names) -> Any:
    """Whether the token of the project is in the answer, which is a text in some releases and an object in others."""
    ((project),) = await world.read(of_project("publicToken"), names)
    return project["publicToken"] in json.dumps(names["answer"])


async def jobs(world: World, names: Names) -> Any:
    """The jobs of the project."""
    ((project),) = await world.read(of_project("jsonInterface"), names)
    return sorted(json.loads(project["jsonInterface"])["jobs"])


FOUND = "projects(where: {searchQuery: $title}, first: 5, skip: 0) { title description inputType numberOfAssets }"
MADE = {"title": "$title", "description": "New", "inputType": "IMAGE", "numberOfAssets": 0}
SETTINGS = of_project(
    "title description instructions reviewCoverage consensusTotCoverage minConsensusSize useHoneyPot canSkipAsset"
)
FRESH: dict[str, Any] = {
    "title": "$title",
    "description": "of Delft",
    "instructions": None,
    "reviewCoverage": 0,
    "consensusTotCoverage": 0,
    "minConsensusSize": 1,
    "useHoneyPot": False,
    "canSkipAsset": True,
}
CHANGED = {"title": "New", "description": "Newer", "instructions": "https://pages.example/how"}
QUALITY = {"consensusTotCoverage": 50, "minConsensusSize": 2}
IS_THERE = "countProjects(where: {id: $project})"
VERSIONS = "projectVersions(where: {projectId: $project}, first: 10, skip: 0) { name projectId content }"

ROWS: list[Row] = [
    row(
        "create_project 2.60.0..",
        "domain:projects.create",
        given=a_title,
        call={"title": "$title", "description": "New", "input_type": "IMAGE", "json_interface": INTERFACE},
        read=FOUND,
        before=[],
        after=[MADE],
    ),
    row(
        "create_empty_project 2.1.1",
        given=one_more,
        call={"user_id": "$admin"},
        read="countProjects(where: {})",
        before="$projects",
        after="$one_more",
    ),
    row(
        "projects 2.60.0..",
        given=a_project,
        call={"project_id": "$project", "fields": ["id", "title", "description"]},
        answer=[{"id": "$project", "title": "$title", "description": "of Delft"}],
    ),
    row(
        "projects 2.1.1",
        given=a_project,
        call={"project_id": "$project", "fields": ["id", "title", "description"]},
        answer=[{"id": "$project", "title": "$title", "description": "of Delft"}],
    ),
    row(
        "domain:projects.list",
        "domain:projects.list_as_generator",
        given=a_project,
        call={"filter": {"project_id": "$project"}, "fields": ["id", "title"]},
        answer=[{"id": "$project", "title": "$title"}],
    ),
    row(
        "get_project 2.120.0",
        given=a_project,
        call={"project_id": "$project"},
        of=lambda one: one["title"],
        answer="$title",
    ),
    row("count_projects", given=a_project, call={"search_query": "$title"}, answer=1),
    row("domain:projects.count", given=a_project, call={"filter": {"search_query": "$title"}}, answer=1),
    row(
        "update_project 2.1.1",
        given=a_project,
        call={
            "project_id": "$project",
            "title": "New",
            "description": "Newer",
            "interface_category": "IMAGE",
            "input_type": "IMAGE",
            "consensus_tot_coverage": 50,
            "min_consensus_size": 2,
            "max_worker_count": 4,
            "min_agreement": 80,
            "use_honey_pot": True,
            "instructions": "https://pages.example/how",
        },
        read=SETTINGS,
        before=[FRESH],
        after=[{**FRESH, **CHANGED, **QUALITY, "useHoneyPot": True}],
    ),
    row(
        "update_properties_in_project",
        given=a_project,
        call={
            "project_id": "$project",
            "title": "New",
            "description": "Newer",
            "instructions": "https://pages.example/how",
            "consensus_tot_coverage": 50,
            "min_consensus_size": 2,
        },
        read=SETTINGS,
        before=[FRESH],
        after=[{**FRESH, **CHANGED, **QUALITY}],
    ),
    row(
        "update_properties_in_project 2.120.0..",
        given=a_project,
        call={"project_id": "$project", "use_honeypot": True, "review_coverage": 30},
        read=SETTINGS,
        before=[FRESH],
        after=[{**FRESH, "useHoneyPot": True, "reviewCoverage": 30}],
    ),
    row(
        "update_properties_in_project",
        "domain:projects.update_interface",
        given=a_project,
        call={"project_id": "$project", "json_interface": LESS},
        read=jobs,
        before=["PLACE", "WEATHER"],
        after=["WEATHER"],
    ),
    row(
        "domain:projects.update_info",
        given=a_project,
        call={
            "project_id": "$project",
            "title": "New",
            "description": "Newer",
            "instructions": "https://pages.example/how",
        },
        read=SETTINGS,
        before=[FRESH],
        after=[{**FRESH, **CHANGED}],
    ),
    row(
        "domain:projects.update_workflow_settings",
        given=a_project,
        call={
            "project_id": "$project",
            "can_navigate_between_assets": False,
            "can_skip_asset": False,
            "should_auto_assign": True,
        },
        read=of_project("canNavigateBetweenAssets canSkipAsset shouldAutoAssign"),
        before=[{"canNavigateBetweenAssets": True, "canSkipAsset": True, "shouldAutoAssign": False}],
        after=[{"canNavigateBetweenAssets": False, "canSkipAsset": False, "shouldAutoAssign": True}],
    ),
    row(
        "domain:projects.update_metadata_properties",
        "update_properties_in_project 2.176.1..",
        given=a_project,
        call={
            "project_id": "$project",
            "metadata_properties": {
                "city": {"filterable": True, "type": "string", "visibleByLabeler": False, "visibleByReviewer": True}
            },
        },
        read=of_project("metadataProperties"),
        before=[{"metadataProperties": {}}],
        after=[
            {
                "metadataProperties": {
                    "city": {"filterable": True, "type": "string", "visibleByLabeler": False, "visibleByReviewer": True}
                }
            }
        ],
    ),
    row(
        "domain:projects.update_privacy_settings",
        given=a_project,
        call={"project_id": "$project", "compliance_tags": ["PHI"], "should_anonymize": True},
        read=of_project("complianceTags isAnonymized"),
        before=[{"complianceTags": [], "isAnonymized": False}],
        after=[{"complianceTags": ["PHI"], "isAnonymized": True}],
    ),
    row(
        "update_project_anonymization 2.140.0..",
        given=a_project,
        call={"project_id": "$project", "should_anonymize": True},
        read=of_project("isAnonymized"),
        before=[{"isAnonymized": False}],
        after=[{"isAnonymized": True}],
    ),
    row(
        "archive_project 2.140.0..",
        "domain:projects.archive",
        given=a_project,
        call={"project_id": "$project"},
        read="countProjects(where: {id: $project, archived: true})",
        before=0,
        after=1,
        answer={"id": "$project"},
    ),
    row(
        "unarchive_project 2.140.0..",
        "domain:projects.unarchive",
        given=an_archived_project,
        call={"project_id": "$project"},
        read="countProjects(where: {id: $project, archived: true})",
        before=1,
        after=0,
        answer={"id": "$project"},
    ),
    row(
        "copy_project 2.140.0..",
        "domain:projects.copy",
        given=a_source,
        call={
            "from_project_id": "$project",
            "title": "$title",
            "description": "New",
            "copy_assets": True,
            "copy_labels": True,
        },
        read="projects(where: {searchQuery: $title}, first: 5, skip: 0) { title description numberOfAssets numberOfLatestLabels }",
        before=[],
        after=[{"title": "$title", "description": "New", "numberOfAssets": 2, "numberOfLatestLabels": 1}],
    ),
    row(
        "delete_project 2.60.0",
        "delete_project 2.120.0..",
        "internal_delete_project 2.99.0..2.120.0",
        "internal.delete_project 2.140.0..",
        "domain:projects.delete",
        given=a_project,
        call={"project_id": "$project"},
        read=IS_THERE,
        before=1,
        after=0,
    ),
    row(
        "delete_project 2.99.0",
        "make_project_public 2.99.0",
        given=a_project,
        call={"project_id": "$project"},
        read=IS_THERE,
        before=1,
        refused="Syntax Error",
        reason=BROKEN_DOCUMENT,
    ),
    row(
        "make_project_public 2.60.0",
        "make_project_public 2.120.0",
        given=a_project,
        call={"project_id": "$project"},
        read=is_answered,
        after=True,
    ),
    row(
        "force_project_kpis 2.1.1..2.60.0",
        version="v1",
        given=a_source,
        call={"project_id": "$project"},
        read=of_project("numberOfAssets numberOfLatestLabels"),
        after=[{"numberOfAssets": 2, "numberOfLatestLabels": 1}],
    ),
    row(
        "force_project_kpis 2.99.0",
        given=a_project,
        call={"project_id": "$project"},
        read=IS_THERE,
        before=1,
        refused="not compatible with the following endpoint",
        reason="The release calls it at /v1/ only, where it does not connect.",
    ),
    row(
        "project_version 2.99.0..",
        given=a_version,
        call={"project_id": "$project", "fields": ["id", "name", "projectId"]},
        answer=[{"id": "$version", "name": "$name", "projectId": "$project"}],
    ),
    row("count_project_versions 2.99.0..", given=a_version, call={"project_id": "$project"}, answer=1),
    row(
        "update_properties_in_project_version 2.99.0..",
        given=a_version,
        call={"project_version_id": "$version", "content": "https://files.example/1.zip"},
        read=VERSIONS,
        before=[{"name": "$name", "projectId": "$project", "content": "$content"}],
        after=[{"name": "$name", "projectId": "$project", "content": "https://files.example/1.zip"}],
    ),
]
