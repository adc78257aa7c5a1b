"""Models, and the conversations in which they answer."""

from __future__ import annotations

import json
from typing import Any

from tests.common.conversation import DYNAMIC, IMPORT, JUDGED, LABEL, STATIC, conversation
from tests.sdk.every_method.rooms.given import uploads
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

CREATE = "mutation ($input: CreateModelInput!) { data: createModel(input: $input) { id } }"
ADD = "mutation ($input: CreateProjectModelInput!) { data: createProjectModel(input: $input) { id } }"
CONFIGURATION = {"model": "small-1", "temperature": 0.5}


async def a_name(world: World) -> Names:
    return {
        "name": world.unique("model"),
        "new_name": world.unique("model"),
        "endpoint": world.outside.models.url + "/v1",
    }


async def a_model(world: World) -> Names:
    made = await a_name(world)
    created = await world.send(
        CREATE,
        {
            "input": {
                "name": made["name"],
                "type": "OPEN_AI_SDK",
                "organizationId": world.organization.id,
                "credentials": {"apiKey": "sk-of-the-endpoint", "endpoint": made["endpoint"]},
            }
        },
    )
    project = await world.project(JUDGED, title=world.unique("Chat"), inputType=DYNAMIC["inputType"])
    return {**made, "model": created["id"], "project": project.id}


async def a_project_model(world: World) -> Names:
    made = await a_model(world)
    created = await world.send(
        ADD, {"input": {"projectId": made["project"], "modelId": made["model"], "configuration": CONFIGURATION}}
    )
    return {**made, "project_model": created["id"]}


async def two_project_models(world: World) -> Names:
    made = await a_project_model(world)
    await world.send(
        ADD, {"input": {"projectId": made["project"], "modelId": made["model"], "configuration": {"model": "large-1"}}}
    )
    return made


async def a_static_project(world: World) -> Names:
    project = await world.project(JUDGED, title=world.unique("Judged"), inputType=STATIC["inputType"])
    return {"project": project.id, "talk": conversation("talk-1", label=LABEL, labeler=world.organization.admin.email)}


async def an_imported_conversation(world: World) -> Names:
    made = await a_static_project(world)
    await world.send(IMPORT, {"data": {"conversations": [made["talk"]]}, "where": {"id": made["project"]}})
    ((asset),) = await world.read("assets(where: {project: {id: $project}}, first: 5, skip: 0) { id }", made)
    return {**made, "asset": asset["id"]}


async def a_ranked_pair(world: World) -> Names:
    """What 2.160 exports: answers of two models to one prompt, which somebody has judged."""
    project = await world.project(JUDGED, title=world.unique("Ranked"), inputType="LLM_RLHF")
    content = {
        "version": "0.1",
        "prompts": [{"prompt": "Why?", "completions": [{"content": "Because."}, {"content": "Why not?"}]}],
    }
    (url,) = await uploads(world, project.id, json.dumps(content).encode(), kind="application/json")
    (asset,) = await project.assets(1, prefix="pair", contentArray=[url], jsonMetadataArray=['{"models": "a___b"}'])
    await project.label(asset, json_response=json.dumps({"QUALITY": {"categories": [{"name": "GOOD"}]}}))
    return {"project": project.id}


async def talks(world: World, names: Names) -> Any:
    """The messages of each conversation: who says what."""
    found = await world.read("assets(where: {project: {id: $project}}, first: 5, skip: 0) { id externalId }", names)
    said = []
    for asset in found:
        items = await world.read("chatItems(where: {assetId: $asset}) { role content }", {"asset": asset["id"]})
        said.append([[one["role"], one["content"]] for one in items])
    return said


async def spoken(world: World, names: Names) -> Any:
    """Who speaks in each conversation, and what people say."""
    return [
        [role if role == "ASSISTANT" else [role, content] for role, content in talk]
        for talk in await talks(world, names)
    ]


async def models(world: World, names: Names) -> Any:
    """The models of these names."""
    found = await world.send(
        """query ($id: ID!) { data: models(where: {organizationId: $id}, first: 100, skip: 0) {
             name type credentials } }""",
        {"id": world.organization.id},
    )
    return [one for one in found if one["name"] in (names["name"], names["new_name"])]


SHOWN = {"name": "$name", "type": "OPEN_AI_SDK", "credentials": {"apiKey": "***", "endpoint": "$endpoint"}}
PROJECT_MODELS = "projectModels(where: {projectId: $project}, first: 5, skip: 0) { modelId configuration }"
IN_PROJECT = [{"modelId": "$model", "configuration": CONFIGURATION}]
WITHOUT_ANNOTATIONS = "The release reads labels without their annotations, which its exporter then asks for."
TALK = [["USER", "says u1"], ["ASSISTANT", "says a1"], ["ASSISTANT", "says a2"]]

ROWS: list[Row] = [
    row(
        "llm.create_model 2.176.1..",
        given=a_name,
        call={
            "organization_id": "$organization",
            "model": {
                "name": "$name",
                "type": "OPEN_AI_SDK",
                "credentials": {"api_key": "sk-of-the-endpoint", "endpoint": "$endpoint"},
            },
        },
        read=models,
        before=[],
        after=[SHOWN],
    ),
    row(
        "llm.update_properties_in_model 2.176.1..",
        given=a_model,
        call={"model_id": "$model", "model": {"name": "$new_name"}},
        read=models,
        before=[SHOWN],
        after=[{**SHOWN, "name": "$new_name"}],
    ),
    row(
        "llm.delete_model 2.176.1..",
        given=a_model,
        call={"model_id": "$model"},
        read=models,
        before=[SHOWN],
        after=[],
        answer=True,
    ),
    row(
        "llm.model 2.176.1..",
        given=a_model,
        call={"model_id": "$model", "fields": ["id", "name"]},
        answer={"id": "$model", "name": "$name"},
    ),
    row(
        "llm.models 2.176.1..",
        given=a_model,
        call={"organization_id": "$organization", "fields": ["id", "name"]},
        of=lambda found: found[-1],
        answer={"id": "$model", "name": "$name"},
    ),
    row(
        "llm.create_project_model 2.176.1..",
        given=a_model,
        call={"project_id": "$project", "model_id": "$model", "configuration": CONFIGURATION},
        read=PROJECT_MODELS,
        before=[],
        after=IN_PROJECT,
    ),
    row(
        "llm.update_project_model 2.176.1..",
        given=a_project_model,
        call={"project_model_id": "$project_model", "configuration": {"model": "large-1", "temperature": 1}},
        read=PROJECT_MODELS,
        before=IN_PROJECT,
        after=[{"modelId": "$model", "configuration": {"model": "large-1", "temperature": 1}}],
    ),
    row(
        "llm.delete_project_model 2.176.1..",
        given=a_project_model,
        call={"project_model_id": "$project_model"},
        read=PROJECT_MODELS,
        before=IN_PROJECT,
        after=[],
        answer=True,
    ),
    row(
        "llm.project_models 2.176.1..",
        given=a_project_model,
        call={"project_id": "$project", "fields": ["id", "configuration"]},
        answer=[{"id": "$project_model", "configuration": CONFIGURATION}],
    ),
    row(
        "llm.list_project_models 2.160.0",
        given=a_project_model,
        call={"project_id": "$project", "fields": ["id", "configuration"]},
        answer=[{"id": "$project_model", "configuration": CONFIGURATION}],
    ),
    row(
        "llm.import_conversations 2.176.1..",
        given=a_static_project,
        call={"project_id": "$project", "conversations": ["$talk"]},
        read=talks,
        before=[],
        after=[TALK],
        of=lambda found: found["numberOfUploadedAssets"],
        answer=1,
    ),
    row(
        "llm.list_chat_items 2.176.1..",
        given=an_imported_conversation,
        call={"asset_id": "$asset"},
        of=lambda found: [[one["role"], one["content"]] for one in found],
        answer=TALK,
    ),
    row(
        "llm.create_conversation 2.176.1..",
        given=two_project_models,
        call={"project_id": "$project", "initial_prompt": "Why?", "system_prompt": "Be brief."},
        read=spoken,
        before=[],
        after=[[["SYSTEM", "Be brief."], ["USER", "Why?"], "ASSISTANT", "ASSISTANT"]],
    ),
    row(
        "llm.export 26.2.4",
        given=an_imported_conversation,
        call={"project_id": "$project"},
        refused="annotations",
        reason=WITHOUT_ANNOTATIONS,
    ),
    row(
        "llm.export 2.176.1..25.2.10",
        given=an_imported_conversation,
        call={"project_id": "$project"},
        of=lambda found: [one["externalId"] for one in found],
        answer=["talk-1"],
    ),
    row(
        "llm.export 2.160.0",
        given=a_ranked_pair,
        call={"project_id": "$project"},
        of=lambda found: [[item["content"] for item in one["raw_data"]] for one in found],
        answer=[["Why?", "Because.", "Why not?"]],
    ),
]
