"""Conversations for tests: an interface of all levels, conversations to import, and the documents of released clients."""

from __future__ import annotations

from typing import Any

import orjson

from tests.common.client import Json

GRADES = {"GOOD": {"name": "Good", "children": []}, "BAD": {"name": "Bad", "children": []}}
JUDGED: Json = {
    "jobs": {
        "QUALITY": {
            "mlTask": "CLASSIFICATION",
            "level": "completion",
            "required": 0,
            "isChild": False,
            "content": {"input": "radio", "categories": GRADES},
        },
        "TOPIC": {
            "mlTask": "CLASSIFICATION",
            "level": "round",
            "required": 0,
            "isChild": False,
            "content": {"input": "checkbox", "categories": {"LAW": {"name": "Law"}, "ART": {"name": "Art"}}},
        },
        "PICK": {
            "mlTask": "COMPARISON",
            "level": "round",
            "required": 0,
            "isChild": False,
            "content": {
                "input": "radio",
                "options": {
                    "IS_BETTER": {"name": "Is better", "id": "option1", "children": []},
                    "TIE": {"name": "Tie", "id": "option2", "mutual": True, "children": []},
                },
            },
        },
        "NOTE": {
            "mlTask": "TRANSCRIPTION",
            "level": "conversation",
            "required": 0,
            "isChild": False,
            "content": {"input": "markdown"},
        },
    }
}
LABEL: Json = {
    "completion": {"QUALITY": {"a1": {"categories": ["GOOD"]}, "a2": {"categories": ["BAD"]}}},
    "round": {
        "TOPIC": {"0": {"categories": ["LAW", "ART"]}},
        "PICK": {"0": {"code": "IS_BETTER", "firstId": "a1", "secondId": "a2"}},
    },
    "conversation": {"NOTE": {"text": "**short**"}},
}
STATIC = {"inputType": "LLM_STATIC", "jsonInterface": orjson.dumps(JUDGED).decode()}
DYNAMIC = {"inputType": "LLM_INSTR_FOLLOWING", "jsonInterface": orjson.dumps(JUDGED).decode()}

# As kili 26.2.4 sends them.
IMPORT = """
mutation ImportConversations($data: ImportConversationsData!, $where: ProjectWhere!) {
  importConversations(data: $data, where: $where) {
    numberOfUploadedAssets
    warnings { type details externalId lineNumber }
  }
}"""
CHAT_ITEMS = """
query ChatItems($where: ChatItemsWhere!) {
  data: chatItems(where: $where) { id content createdAt externalId modelName modelId parentId role }
}"""
CREATE_ASSET = """
mutation CreateLLMAsset($where: ProjectWhere!, $data: CreateLLMAssetData!) {
  createLLMAsset(where: $where, data: $data) { id latestLabel { id } }
}"""
SAY = """
mutation CreateChatItem($data: CreateChatItemData!, $where: AssetWhere!) {
  createChatItem(data: $data, where: $where) { content id labelId modelId parentId role }
}"""
CREATE_MODEL = """
mutation CreateModel($input: CreateModelInput!) { createModel(input: $input) { id name credentials type } }"""
UPDATE_MODEL = """
mutation UpdateModel($id: ID!, $input: UpdateModelInput!) {
  updateModel(id: $id, input: $input) { id name credentials type }
}"""
DELETE_MODEL = "mutation DeleteModel($deleteModelId: ID!) { deleteModel(id: $deleteModelId) }"
MODEL = "query Model($modelId: ID!) { model(id: $modelId) { id name credentials type } }"
MODELS = """
query Models($where: ModelWhere!, $first: PageSize!, $skip: Int!) {
  data: models(where: $where, first: $first, skip: $skip) { id name credentials type }
}"""
PROJECT_MODEL_FIELDS = "id configuration model { id credentials name type }"
CREATE_PROJECT_MODEL = f"""
mutation CreateProjectModel($input: CreateProjectModelInput!) {{
  createProjectModel(input: $input) {{ {PROJECT_MODEL_FIELDS} }}
}}"""
UPDATE_PROJECT_MODEL = f"""
mutation UpdateProjectModel($updateProjectModelId: ID!, $input: UpdateProjectModelInput!) {{
  updateProjectModel(id: $updateProjectModelId, input: $input) {{ {PROJECT_MODEL_FIELDS} }}
}}"""
DELETE_PROJECT_MODEL = """
mutation DeleteProjectModel($deleteProjectModelId: ID!) { deleteProjectModel(id: $deleteProjectModelId) }"""
PROJECT_MODELS = f"""
query ProjectModels($where: ProjectModelWhere!, $first: PageSize!, $skip: Int!) {{
  data: projectModels(where: $where, first: $first, skip: $skip) {{ {PROJECT_MODEL_FIELDS} modelId projectId }}
}}"""


def chat_item(role: str, external_id: str, content: str = "", **more: Any) -> Json:
    """A message to import; answers have a model."""
    model = {"modelName": f"model-{external_id}"} if role == "ASSISTANT" else {}
    return {"role": role, "externalId": external_id, "content": content or f"says {external_id}", **model, **more}


def conversation(external_id: str = "talk", *, rounds: int = 1, system: bool = False, **more: Any) -> Json:
    """A conversation to import: `u1`, `a1`, `a2`, and so on."""
    items = [chat_item("SYSTEM", "s")] if system else []
    for number in range(rounds):
        items.append(chat_item("USER", f"u{number + 1}"))
        items += [chat_item("ASSISTANT", f"a{2 * number + 1}"), chat_item("ASSISTANT", f"a{2 * number + 2}")]
    return {"externalId": external_id, "chatItems": items, **more}
