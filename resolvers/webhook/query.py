"""Lists of plugins and webhooks."""

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.operation import query
from labelyard.resolvers.webhook.input import PluginWhere
from labelyard.resolvers.webhook.type import Plugin
from labelyard.services.webhook.registry import list_plugins


@query(Action.READ)
async def listPlugins(call: Call) -> list[Plugin]:
    """Plugins and webhooks of the organization, for its administrators and for those of projects."""
    async with call.reader() as connection:
        return call.answer(await list_plugins(connection, call.actor))


@query(Action.READ)
async def countPlugins(call: Call, where: Input[PluginWhere]) -> int:
    """How many plugins and webhooks there are of a name or an id, or in all."""
    async with call.reader() as connection:
        plugins = await list_plugins(connection, call.actor, name=where.get("pluginName"), identifier=where.get("id"))
    return len(plugins)
