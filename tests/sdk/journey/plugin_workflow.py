"""A plugin from its upload to its end: a folder with a sub-folder, which looks at labels, raises issues and sends assets back."""

import sys
import time
from pathlib import Path

from _support import CLASSIFICATION_INTERFACE, connect, refusal_of, report

MAIN = """
from kili.plugins import PluginCore

from .checks.weather import problem_in


class PluginHandler(PluginCore):
    def __init__(self, kili, project_id):
        super().__init__(kili, project_id)
        self.count = 0

    def on_submit(self, label, asset_id):
        self.count += 1
        print(f"call {self.count}, {sorted(label)[:2]}")
        problem = problem_in(label["jsonResponse"])
        if problem is None:
            self.logger.info("nothing to say")
            return
        self.logger.warning(problem)
        self.kili.create_issues(project_id=self.project_id, label_id_array=[label["id"]], text_array=[problem])
        self.kili.send_back_to_queue(asset_ids=[asset_id])
"""
CHECK = """
def problem_in(answer):
    if answer["WEATHER"]["categories"][0]["name"] == "RAIN":
        return "It never rains here"
    return None
"""
SECOND = """
from kili.plugins import PluginCore


class PluginHandler(PluginCore):
    def on_submit(self, label, asset_id):
        self.logger.info("the second version")

    def on_send_back_to_queue(self, asset_id):
        self.logger.info("sent back")
"""
BROKEN = """
import a_package_that_nobody_has
from kili.plugins import PluginCore


class PluginHandler(PluginCore):
    def on_submit(self, label, asset_id):
        pass
"""


def wait_for(look, *, seconds=40):
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "waited in vain"
        REST(0.2)
    return found


REST = time.sleep


def main():
    # What the client waits between two looks at a build, `make test` has no time for.
    longest = float(sys.argv[1])
    time.sleep = lambda seconds: REST(min(seconds, longest))
    kili = connect()
    name = f"weather {time.time_ns()}"
    folder = Path("weather")
    (folder / "checks").mkdir(parents=True)
    (folder / "main.py").write_text(MAIN)
    (folder / "checks" / "weather.py").write_text(CHECK)
    project = kili.create_project(title="Weather", input_type="IMAGE", json_interface=CLASSIFICATION_INTERFACE)["id"]
    assets = [f"a{number}" for number in range(3)]
    urls = [f"https://files.example/{asset}.png" for asset in assets]
    kili.append_many_to_dataset(project, content_array=urls, external_id_array=assets, disable_tqdm=True)

    def label(asset, category):
        answer = {"WEATHER": {"categories": [{"name": category}]}}
        kili.append_labels(
            project_id=project, asset_external_id_array=[asset], json_response_array=[answer], disable_tqdm=True
        )

    def logged():
        import json

        return json.loads(kili.get_plugin_logs(project_id=project, plugin_name=name))

    def texts():
        return [line["content"] for line in logged()]

    def status_of(asset):
        (found,) = kili.assets(project, external_id_strictly_in=[asset], fields=["status"], disable_tqdm=True)
        return found["status"]

    def listed():
        return [plugin["projectIds"] == [project] for plugin in kili.list_plugins() if plugin["name"] == name]

    seen = {"uploaded": kili.upload_plugin(str(folder), name), "listed": listed()}
    seen["again"] = "already exists" in str(refusal_of(kili.upload_plugin, plugin_path=str(folder), plugin_name=name))
    seen["status"] = kili.get_plugin_status(name)
    kili.activate_plugin_on_project(name, project)
    seen["active"] = listed()
    seen["active again"] = "already exists" in str(
        refusal_of(kili.activate_plugin_on_project, plugin_name=name, project_id=project)
    )

    label("a0", "RAIN")
    (issue,) = wait_for(lambda: list(kili.issues(project, fields=["comments.text"], disable_tqdm=True)))
    seen["issue"] = issue["comments"][0]["text"]
    wait_for(lambda: status_of("a0") == "ONGOING")
    label("a1", "SUN")
    wait_for(lambda: "nothing to say" in texts())
    seen["sunny"] = status_of("a1")
    lines = [line for line in logged() if "a_never" not in line["content"]]
    seen["levels"] = sorted({(line["logType"], line["content"]) for line in lines})
    seen["about"] = all(line["metadata"]["assetId"] and line["metadata"]["labelId"] and line["runId"] for line in lines)

    (folder / "main.py").write_text(SECOND)
    seen["updated"] = kili.update_plugin(str(folder), name)
    label("a2", "RAIN")
    wait_for(lambda: "the second version" in texts())
    kili.send_back_to_queue(
        asset_ids=[a["id"] for a in kili.assets(project, external_id_strictly_in=["a2"], disable_tqdm=True)]
    )
    # Releases before 2.148 know no handler of assets that are sent back, and do not ask for it.
    from kili.plugins import PluginCore

    if hasattr(PluginCore, "on_send_back_to_queue"):
        wait_for(lambda: "sent back" in texts())

    (folder / "main.py").write_text(BROKEN)
    try:
        kili.update_plugin(str(folder), name)
    except Exception as error:  # each release has its own
        seen["broken"] = type(error).__name__
    seen["why"] = "a_package_that_nobody_has" in kili.get_plugin_build_errors(name)
    kili.deactivate_plugin_on_project(name, project)
    seen["inactive"] = listed()
    kili.delete_plugin(name)
    seen["deleted"] = listed()
    return seen


if __name__ == "__main__":
    report(main())
