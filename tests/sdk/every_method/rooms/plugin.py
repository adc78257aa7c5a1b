"""Plugins and webhooks, with a server that runs them and a listener that is called."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

from tests.common.world import Project
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

MAIN = """
from kili.plugins import PluginCore


class PluginHandler(PluginCore):
    def on_submit(self, label, asset_id):
        self.logger.info("{said}")
"""
BROKEN = "import a_package_that_nobody_has\n" + MAIN

CREATE = "mutation ($name: String!) { data: createPlugin(data: {pluginName: $name}) }"
RUN = "mutation ($name: String!) { data: createPluginRunner(data: {pluginName: $name, handlerTypes: [onSubmit]}) }"
HOOK = "mutation ($name: String!, $url: String!) { data: createWebhook(data: {pluginName: $name, webhookUrl: $url}) }"
ACTIVATE = """
mutation ($name: String!, $project: ID!) {
  data: activatePluginOnProject(where: {pluginName: $name, projectId: $project}) }"""
LOGS = "getPluginLogs(data: {projectId: $project, pluginName: $plugin}) { content }"
ERRORS = "getPluginBuildErrors(data: {pluginName: $plugin}) { content }"


async def a_folder(world: World, said: str = "first") -> Names:
    """A folder with the program of a plugin, and a name nobody has."""
    folder = world.folder()
    (folder / "main.py").write_text(MAIN.format(said=said))
    return {"folder": str(folder), "plugin": world.unique("checks")}


async def a_plugin(world: World, program: str = MAIN.format(said="first"), becomes: str = "ACTIVE") -> Names:
    """A plugin that has been built, or could not be; a folder with the program of its next version."""
    made = await a_folder(world, "second")
    name = {"name": made["plugin"]}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", program)
    url = await world.send(CREATE, name)
    answered = await world.organization.http.http.put(
        url.split("&id=", maxsplit=1)[0], content=content.getvalue(), headers={"Content-Type": "application/zip"}
    )
    assert answered.status_code == 200, answered.text
    await world.send(RUN, name)
    assert await world.until(status, made, becomes, seconds=60) == becomes
    project = await world.project(title=world.unique("Checked"))
    return {**made, "project": project.id}


async def the_plugin(world: World) -> Names:
    """A plugin that a release builds once, and a project of the row's own."""
    made = world.kept.get("plugin") or await a_plugin(world)
    world.kept["plugin"] = made
    return {**made, "project": (await world.project(title=world.unique("Checked"))).id}


async def all_plugins(world: World) -> Names:
    """All plugins and webhooks of the organization, of which there is one at least."""
    made = await the_plugin(world)
    return {**made, "plugins": names_of(await world.send("{ data: listPlugins { name } }"))}


def names_of(found: Any) -> Any:
    return [one["name"] for one in found]


async def a_registered_plugin(world: World) -> Names:
    """A plugin that is not built yet."""
    made = await a_folder(world)
    await world.send(CREATE, {"name": made["plugin"]})
    return made


async def a_broken_plugin(world: World) -> Names:
    made = await a_plugin(world, BROKEN, "FAILED")
    said = [one["content"] for one in await world.read(ERRORS, made)]
    assert any("a_package_that_nobody_has" in line for line in said), said
    return {**made, "errors": said}


async def an_active_plugin(world: World) -> Names:
    made = await the_plugin(world)
    await world.send(ACTIVATE, {"name": made["plugin"], "project": made["project"]})
    return made


async def a_plugin_that_spoke(world: World) -> Names:
    made = await an_active_plugin(world)
    await label(world, made)
    said = await world.until(LOGS, made, [{"content": "first"}])
    assert said == [{"content": "first"}]
    return made


async def a_hook(world: World) -> Names:
    """A listener that is registered as a webhook, and its other address."""
    made = await a_listener(world)
    await world.send(HOOK, {"name": made["plugin"], "url": made["listener"] + "/old"})
    return made


async def a_listener(world: World) -> Names:
    project = await world.project(title=world.unique("Told"))
    return {
        "project": project.id,
        "plugin": world.unique("hook"),
        "listener": world.outside.listener.url,
    }


async def label(world: World, names: Names) -> None:
    project = Project(names["project"], world.organization)
    await project.label(await project.asset())


async def listed(world: World, names: Names) -> Any:
    """Whether there is a plugin of that name, and whether it is active on the project."""
    found = await world.send("{ data: listPlugins { name projectIds } }")
    return [names.get("project") in one["projectIds"] for one in found if one["name"] == names["plugin"]]


async def status(world: World, names: Names) -> Any:
    """What the plugin of that name is at, or None."""
    if not await listed(world, names):
        return None
    return await world.read("getPluginRunnerStatus(name: $plugin)", names)


async def speaks(world: World, names: Names) -> Any:
    """What the plugin says to a label."""
    await world.send(ACTIVATE, {"name": names["plugin"], "project": names["project"]})
    await label(world, names)
    for _ in range(100):
        if found := await world.read(LOGS, names):
            return [one["content"] for one in found]
        await asyncio.sleep(0.1)
    return []


async def is_called(world: World, names: Names) -> Any:
    """Where the listener is called when somebody labels."""
    await world.send(ACTIVATE, {"name": names["plugin"], "project": names["project"]})
    await label(world, names)
    return await world.outside.listener.heard_of(names["project"])


def texts(found: str) -> list[str]:
    return [one["content"] for one in json.loads(found)]


ON_PROJECT = {"plugin_name": "$plugin", "project_id": "$project"}

ROWS: list[Row] = [
    row(
        "upload_plugin 2.140.0..",
        given=a_folder,
        call={"plugin_path": "$folder", "plugin_name": "$plugin", "verbose": False},
        read=status,
        before=None,
        after="ACTIVE",
    ),
    row(
        "update_plugin 2.140.0..",
        given=a_plugin,
        call={"plugin_path": "$folder", "plugin_name": "$plugin", "verbose": False},
        read=speaks,
        after=["second"],
    ),
    row(
        "activate_plugin_on_project 2.140.0..",
        given=the_plugin,
        call=ON_PROJECT,
        read=listed,
        before=[False],
        after=[True],
    ),
    row(
        "deactivate_plugin_on_project 2.140.0..",
        given=an_active_plugin,
        call=ON_PROJECT,
        read=listed,
        before=[True],
        after=[False],
    ),
    row(
        "delete_plugin 2.140.0..",
        given=a_registered_plugin,
        call={"plugin_name": "$plugin"},
        read=listed,
        before=[False],
        after=[],
    ),
    row("get_plugin_status 2.140.0..", given=the_plugin, call={"plugin_name": "$plugin"}, answer="ACTIVE"),
    row("list_plugins 2.140.0..", given=all_plugins, of=names_of, answer="$plugins"),
    row(
        "get_plugin_build_errors 2.140.0..",
        given=a_broken_plugin,
        call={"plugin_name": "$plugin"},
        of=texts,
        answer="$errors",
    ),
    row("get_plugin_logs 2.140.0..", given=a_plugin_that_spoke, call=ON_PROJECT, of=texts, answer=["first"]),
    row(
        "create_webhook 2.140.0..",
        given=a_listener,
        call={"webhook_url": "$listener/new", "plugin_name": "$plugin", "verbose": False},
        read=is_called,
        after=["/new"],
    ),
    row(
        "update_webhook 2.140.0..",
        given=a_hook,
        call={"new_webhook_url": "$listener/new", "plugin_name": "$plugin", "verbose": False},
        read=is_called,
        after=["/new"],
    ),
]
