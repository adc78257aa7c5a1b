"""Imported conversations: labels at three levels, read back and exported."""

import json
import sys
import zipfile

from kili.client import Kili
from llm_export import export

INTERFACE, CONVERSATIONS = json.loads(sys.argv[1]), json.loads(sys.argv[2])

kili = Kili()
project_id = kili.create_project(title="Judged", description="", input_type="LLM_STATIC", json_interface=INTERFACE)[
    "id"
]
imported = kili.llm.import_conversations(project_id, CONVERSATIONS)
assets = kili.assets(project_id, fields=["id", "externalId", "status", "jsonMetadata"], disable_tqdm=True)
items = {asset["externalId"]: kili.llm.list_chat_items(asset["id"]) for asset in assets}
labels = kili.labels(project_id, fields=["id", "jsonResponse", "labelType", "author.email"], disable_tqdm=True)
exported = export(kili, project_id, INTERFACE)
one = export(kili, project_id, INTERFACE, externalIdStrictlyIn=["talk-2"])
unlabeled = kili.llm.export(project_id, disable_tqdm=True, external_ids=["talk-3"])

# An export is an import.
again_id = kili.create_project(title="Again", description="", input_type="LLM_STATIC", json_interface=INTERFACE)["id"]
without_models = [{key: value for key, value in entry.items() if key != "metadata"} for entry in exported]
again = kili.llm.import_conversations(again_id, without_models)
kili.export_labels(again_id, "raw.zip", "raw", disable_tqdm=True, with_assets=False, single_file=True)
with zipfile.ZipFile("raw.zip") as archive:
    raw = json.loads(archive.read("data.json"))

names = {item["id"]: item["externalId"] for found in items.values() for item in found}
print(
    json.dumps(
        {
            "imported": imported,
            "assets": {asset["externalId"]: [asset["status"], asset["jsonMetadata"]] for asset in assets},
            "items": {
                name: [[item["role"], item["content"], item["externalId"], item["modelName"]] for item in found]
                for name, found in items.items()
            },
            "labels": [[label["labelType"], label["author"]["email"], label["jsonResponse"]] for label in labels],
            "names": names,
            "exported": exported,
            "one": [entry["externalId"] for entry in one],
            "unlabeled": unlabeled,
            "again": again,
            "exported again": export(kili, again_id, INTERFACE),
            "raw": [[asset["externalId"], asset["latestLabel"]["jsonResponse"]] for asset in raw],
        }
    )
)
