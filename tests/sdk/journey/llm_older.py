"""What 2.160.0 knows of models and conversations: its list of models, and its exports of both kinds of projects."""

import json
import sys

from kili.client import Kili

INTERFACE, CHAT_PROJECT, CHAT = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
CONTENT = {
    "version": "0.1",
    "prompts": [{"prompt": "Why?", "completions": [{"content": "Because."}, {"content": "Why not?"}]}],
}

kili = Kili()
ranked_id = kili.create_project(title="Ranked", input_type="LLM_RLHF", json_interface=INTERFACE)["id"]
kili.append_many_to_dataset(
    ranked_id,
    content_array=[CONTENT],
    external_id_array=["pair"],
    json_metadata_array=[{"models": "a___b"}],
    disable_tqdm=True,
)
kili.append_labels(
    project_id=ranked_id,
    asset_external_id_array=["pair"],
    json_response_array=[{"QUALITY": {"categories": [{"name": "GOOD"}]}, "NOTE": {"text": "clear"}}],
    label_type="DEFAULT",
    disable_tqdm=True,
)
print(
    json.dumps(
        {
            "ranked": kili.llm.export(ranked_id, disable_tqdm=True),
            "models": kili.llm.list_project_models(CHAT_PROJECT),
            # One that has no system prompt: on these, the exporter of this release ends with `KeyError: 'pre_prompt'`.
            "chats": kili.llm.export(CHAT_PROJECT, disable_tqdm=True, asset_ids=[CHAT]),
        }
    )
)
