"""The calls of the public recipe about invoices: pictures with nested texts, dates and numbers, and a plugin in one file."""

import json
import sys
import time
from pathlib import Path

from _support import box, connect, png, report

# As the sample of the recipe does, it names issues by the box, asks for a review, and writes metadata as Python shows it.
PLUGIN = """
from kili.plugins import PluginCore


class PluginHandler(PluginCore):
    @staticmethod
    def problems_in(annotations):
        for annotation in annotations:
            kind, nested = annotation["categories"][0]["name"], annotation["children"]
            if kind == "ACCOUNT" and not nested["ACCOUNT_TEXT"]["text"].startswith("FR"):
                yield "French accounts begin with FR", annotation["mid"]
            if kind == "CURRENCY" and nested["CURRENCY_TEXT"]["text"] not in ("EURO", "DOLLAR"):
                yield "Currencies are euros and dollars", annotation["mid"]

    def on_submit(self, label, asset_id):
        annotations = label["jsonResponse"]["PAYMENT"]["annotations"]
        found = list(self.problems_in(annotations))
        for text, mid in found:
            self.kili.create_issues(
                project_id=self.project_id, label_id_array=[label["id"]], text_array=[text], object_mid_array=[mid]
            )
        self.kili.add_to_review(asset_ids=[asset_id])
        accuracy = (1 - len(found) / len(annotations)) * 100
        self.kili.update_properties_in_assets(asset_ids=[asset_id], json_metadatas=[str({"accuracy": accuracy})])
        self.logger.info(f"{len(found)} of {len(annotations)} boxes")
"""


def nested(entry):
    return {"content": {"input": entry}, "instruction": "", "mlTask": "TRANSCRIPTION", "required": 0, "isChild": True}


def boxes(**children):
    categories = {name: {"name": name.title(), "children": [child]} for name, child in children.items()}
    return {
        "content": {"categories": categories, "input": "radio"},
        "instruction": "Boxes",
        "mlTask": "OBJECT_DETECTION",
        "tools": ["rectangle"],
        "required": 0,
        "isChild": False,
    }


INTERFACE = {
    "jobs": {
        "PAYMENT": boxes(ACCOUNT="ACCOUNT_TEXT", CURRENCY="CURRENCY_TEXT", AMOUNT="AMOUNT_NUMBER"),
        "DATES": boxes(BILLED="BILLED_DATE"),
        "ACCOUNT_TEXT": nested("textField"),
        "CURRENCY_TEXT": nested("textField"),
        "AMOUNT_NUMBER": nested("number"),
        "BILLED_DATE": nested("date"),
    }
}


def found(category, mid, job, text):
    return {**box(category, mid, 0.1, 0.1, 0.2, 0.2), "children": {job: {"text": text}}}


def main():
    rest, longest = time.sleep, float(sys.argv[1])
    time.sleep = lambda seconds: rest(min(seconds, longest))
    kili = connect()
    for name, color in (("bill.png", (200, 0, 0)), ("invoice.png", (0, 0, 200))):
        Path(name).write_bytes(png(40, 30, color))
    Path("plugin.py").write_text(PLUGIN)
    project = kili.create_project(title="Invoices", description="", input_type="IMAGE", json_interface=INTERFACE)["id"]
    files = sorted(path.name for path in Path().glob("*.png"))
    kili.append_many_to_dataset(project, content_array=files, external_id_array=files, disable_tqdm=True)
    kili.update_properties_in_project(project_id=project, metadata_types={"accuracy": "number"})
    name = f"invoices {time.time_ns()}"
    kili.upload_plugin("plugin.py", name)
    kili.activate_plugin_on_project(name, project_id=project)
    answer = [
        found("ACCOUNT", "account", "ACCOUNT_TEXT", "DE01"),
        found("ACCOUNT", "other", "ACCOUNT_TEXT", "FR01"),
        found("CURRENCY", "total", "CURRENCY_TEXT", "YEN"),
        found("AMOUNT", "amount", "AMOUNT_NUMBER", "12.5"),
    ]
    kili.append_labels(
        project_id=project,
        asset_external_id_array=["bill.png"],
        json_response_array=[{"PAYMENT": {"annotations": answer}}],
        disable_tqdm=True,
    )
    deadline = time.monotonic() + 100
    while not (logged := json.loads(kili.get_plugin_logs(project_id=project, plugin_name=name))):
        assert time.monotonic() < deadline, "the plugin was not called"
        rest(0.2)
    issues = kili.issues(project, fields=["comments.text", "objectMid"], disable_tqdm=True)
    assets = kili.assets(project, fields=["externalId", "status", "jsonMetadata"], disable_tqdm=True)
    return {
        "assets": [asset["externalId"] for asset in assets],
        "issues": sorted([issue["comments"][0]["text"], issue["objectMid"]] for issue in issues),
        "asset": [assets[0]["status"], assets[0]["jsonMetadata"]],
        "logged": [line["content"] for line in logged if line["logType"] == "INFO"],
    }


if __name__ == "__main__":
    report(main())
