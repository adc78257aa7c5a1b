"""Models of the organization and of a project, and conversations in which they answer."""

import json
import sys

from kili.client import Kili
from llm_export import export

INTERFACE, ENDPOINT = json.loads(sys.argv[1]), sys.argv[2]

kili = Kili()
organization_id = kili.organizations()[0]["id"]
credentials = {"api_key": "sk-of-the-endpoint", "endpoint": ENDPOINT + "/v1"}
model = kili.llm.create_model(organization_id, {"name": "Open", "type": "OPEN_AI_SDK", "credentials": credentials})
azure = kili.llm.create_model(
    organization_id,
    {"name": "Azure", "type": "AZURE_OPEN_AI", "credentials": {**credentials, "deployment_id": "gpt-4o"}},
)
renamed = kili.llm.update_properties_in_model(azure["id"], {"name": "Blue"})
rekeyed = kili.llm.update_properties_in_model(
    azure["id"], {"credentials": {**credentials, "api_key": "sk-new", "deployment_id": "gpt-5"}}
)
models = kili.llm.models(organization_id)
read = kili.llm.model(azure["id"])
deleted = kili.llm.delete_model(azure["id"])
try:
    gone = kili.llm.model(azure["id"])
except Exception as error:
    gone = type(error).__name__
left = kili.llm.models(organization_id, fields=["id"])

project_id = kili.create_project(
    title="Chat", description="", input_type="LLM_INSTR_FOLLOWING", json_interface=INTERFACE
)["id"]
first = kili.llm.create_project_model(
    project_id, model["id"], {"model": "small-1", "temperature": {"min": 0.2, "max": 0.8}}
)
second = kili.llm.create_project_model(project_id, model["id"], {"model": "large-1", "temperature": 1.5})
third = kili.llm.create_project_model(project_id, model["id"], {"model": "never"})
updated = kili.llm.update_project_model(second["id"], {"model": "large-1", "temperature": 0.3})
removed = kili.llm.delete_project_model(third["id"])
project_models = kili.llm.project_models(project_id)
filtered = kili.llm.project_models(project_id, filters={"model_id": model["id"]}, fields=["id"])

plain = kili.llm.create_conversation(project_id, initial_prompt="Why is the sky blue?")
system = kili.llm.create_conversation(project_id, initial_prompt="And the sea?", system_prompt="Be brief.")
assets = kili.assets(project_id, fields=["id", "status", "latestLabel.id", "latestLabel.labelType"], disable_tqdm=True)
listed = [kili.llm.list_chat_items(asset["id"]) for asset in assets]
_, answer, other = plain
label = {
    "completion": {"QUALITY": {answer["id"]: {"categories": ["GOOD"]}}},
    "round": {"PICK": {"0": {"code": "IS_BETTER", "firstId": answer["id"], "secondId": other["id"]}}},
    "conversation": {"NOTE": {"text": "fine"}},
}
kili.append_labels(
    project_id=project_id,
    asset_id_array=[assets[0]["id"]],
    json_response_array=[label],
    label_type="DEFAULT",
    disable_tqdm=True,
)
exported = export(kili, project_id, INTERFACE)
print(
    json.dumps(
        {
            "organization": organization_id,
            "model": model,
            "azure": azure,
            "renamed": renamed,
            "rekeyed": rekeyed,
            "models": models,
            "read": read,
            "deleted": deleted,
            "gone": gone,
            "left": left,
            "first": first,
            "second": second,
            "updated": updated,
            "removed": removed,
            "project models": project_models,
            "filtered": filtered,
            "plain": plain,
            "system": system,
            "assets": assets,
            "listed": listed,
            "exported": exported,
            "project": project_id,
        }
    )
)
