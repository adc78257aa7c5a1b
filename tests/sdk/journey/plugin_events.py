"""A plugin that subscribes to typed events, as the newest releases have them."""

import json
import os
import sys
import time
from pathlib import Path

from _support import CLASSIFICATION_INTERFACE, connect, report
from kili.client_domain import Kili as DomainKili

MAIN = """
from kili_events import AssetSkippedEvent, LabelWorkflowEvent

from kili.plugins import PluginCore, on_kili_event


class PluginHandler(PluginCore):
    @on_kili_event
    def on_skip(self, event: AssetSkippedEvent) -> None:
        self.logger.info(f"skipped {event.payload.external_id}")

    @on_kili_event
    def on_label(self, event: LabelWorkflowEvent) -> None:
        self.logger.info(f"label: {event.event}")
"""
REST = time.sleep


def main():
    time.sleep = lambda seconds: REST(min(seconds, float(sys.argv[1])))
    kili = connect()
    domain = DomainKili(api_key=os.environ["KILI_API_KEY"], api_endpoint=os.environ["KILI_API_ENDPOINT"])
    name = f"events {time.time_ns()}"
    folder = Path("events")
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    project = kili.create_project(title="Events", input_type="IMAGE", json_interface=CLASSIFICATION_INTERFACE)["id"]
    urls = ["https://files.example/a.png", "https://files.example/b.png"]
    kili.append_many_to_dataset(project, content_array=urls, external_id_array=["a", "b"], disable_tqdm=True)
    seen = {"uploaded": kili.upload_plugin(str(folder), name)}
    seen["patterns"] = next(
        p["eventMatcher"] for p in kili.list_plugins(fields=["name", "eventMatcher"]) if p["name"] == name
    )
    kili.activate_plugin_on_project(name, project)
    (first,) = kili.assets(project, external_id_strictly_in=["a"], fields=["id"], disable_tqdm=True)
    domain.assets.skip(asset_id=first["id"], project_id=project, reason="too dark")
    answer = {"WEATHER": {"categories": [{"name": "SUN"}]}}
    kili.append_labels(
        project_id=project, asset_external_id_array=["b"], json_response_array=[answer], disable_tqdm=True
    )

    def texts():
        found = json.loads(kili.get_plugin_logs(project_id=project, plugin_name=name))
        return sorted({line["content"] for line in found})

    deadline = time.monotonic() + 40
    while len(texts()) < 2 and time.monotonic() < deadline:
        REST(0.3)
    seen["logged"] = texts()
    kili.delete_plugin(name)
    return seen


if __name__ == "__main__":
    report(main())
