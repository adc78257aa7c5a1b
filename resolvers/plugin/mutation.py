"""Registering plugins, and giving them code."""

from labelyard.domain.permission import Action
from labelyard.domain.plugin import event_patterns_of, plugin_name_of
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.operation import mutation
from labelyard.resolvers.plugin.input import PluginNameData, PluginRunnerData
from labelyard.resolvers.upload.query import upload_urls
from labelyard.services.plugin import registry
from labelyard.storage.blob import new_blob_id
from labelyard.storage.database import Writer

COUNTS_FIRST = "counts the URL apart from what becomes of the request"


@mutation(Action.MANAGE_PLUGINS, own_transaction=COUNTS_FIRST)
async def createPlugin(call: Call, data: Input[PluginNameData]) -> str | None:
    """Register a plugin under a new name; answers the URL to PUT its archive to."""
    registry.require_on(call.services.plugins)
    name, upload_id = plugin_name_of(data["pluginName"]), new_blob_id()
    (url,) = await upload_urls(call, [upload_id])
    async with call.transaction() as writer:
        await registry.create_plugin(writer, call.actor, name, upload_id)
    return url


@mutation(Action.MANAGE_PLUGINS, own_transaction=COUNTS_FIRST)
async def generateUpdateUrl(call: Call, data: Input[PluginNameData]) -> str | None:
    """The URL to PUT the archive of a new version of a plugin to."""
    registry.require_on(call.services.plugins)
    upload_id = new_blob_id()
    (url,) = await upload_urls(call, [upload_id])
    async with call.transaction() as writer:
        await registry.expect_upload(writer, call.actor, data["pluginName"], upload_id)
    return url


@mutation(Action.MANAGE_PLUGINS)
async def createPluginRunner(call: Call, writer: Writer, data: Input[PluginRunnerData]) -> str | None:
    """Build the code that was uploaded for a plugin; `getPluginRunnerStatus` says when that has ended. Answers its name."""
    return await _deploy(call, writer, data)


@mutation(Action.MANAGE_PLUGINS)
async def updatePluginRunner(call: Call, writer: Writer, data: Input[PluginRunnerData]) -> str | None:
    """Build the new version that was uploaded for a plugin; until it is ready, the one before goes on. Answers its name."""
    return await _deploy(call, writer, data)


async def _deploy(call: Call, writer: Writer, data: Input[PluginRunnerData]) -> str:
    registry.require_on(call.services.plugins)
    patterns = event_patterns_of(data.get("eventMatcher", []))
    handlers = list(dict.fromkeys(data.get("handlerTypes", []))) or None
    await registry.deploy_plugin(writer, call.actor, data["pluginName"], handler_types=handlers, event_matcher=patterns)
    return str(data["pluginName"])
