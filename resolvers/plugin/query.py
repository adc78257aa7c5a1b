"""Whether plugins run, and what they have logged."""

from typing import Any

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input, check_skip, page_size
from labelyard.resolvers.call import Call
from labelyard.resolvers.operation import query
from labelyard.resolvers.plugin.input import GetPluginBuildErrorsData, GetPluginLogsData
from labelyard.resolvers.plugin.type import PluginLog
from labelyard.services.plugin.registry import plugin_of
from labelyard.storage.plugin import logs_of


@query(Action.MANAGE_PLUGINS)
async def getPluginRunnerStatus(call: Call, name: str) -> str:
    """Whether the newest code of a plugin is being built (`DEPLOYING`), runs (`ACTIVE`), or could not be built (`FAILED`)."""
    async with call.reader() as connection:
        plugin = await plugin_of(connection, call.actor, name=name)
    return str(plugin["status"])


@query(Action.MANAGE_PLUGINS)
async def getPluginBuildErrors(call: Call, data: Input[GetPluginBuildErrorsData]) -> list[PluginLog]:
    """Why a plugin could not be built, newest first."""
    return await _logs(call, data, None)


@query(Action.ACTIVATE_PLUGINS)
async def getPluginLogs(call: Call, data: Input[GetPluginLogsData]) -> list[PluginLog]:
    """What a plugin has logged in a project, newest first."""
    await call.authorize(data["projectId"], in_archive=True)
    return await _logs(call, data, data["projectId"])


async def _logs(call: Call, data: Input[Any], project_id: str | None) -> Any:
    first, skip = page_size(data.get("limit")), data.get("skip", 0)
    check_skip(skip)
    async with call.reader() as connection:
        plugin = await plugin_of(connection, call.actor, name=data["pluginName"])
        since = data.get("createdAt")
        lines = await logs_of(
            connection,
            plugin["id"],
            project_id=project_id,
            since=None if since is None else since.instant,
            limit=first,
            skip=skip,
        )
    call.context.budget.take_values(sum(len(line["content"]) for line in lines))
    return call.answer([{**line, "pluginName": plugin["name"]} for line in lines])
