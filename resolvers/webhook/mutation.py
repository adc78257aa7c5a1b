"""Registering webhooks, and making plugins and webhooks active on projects."""

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.operation import mutation
from labelyard.resolvers.webhook.input import PluginOnProjectWhere, PluginWhere, WebhookData
from labelyard.services.webhook import registry
from labelyard.storage.database import Writer

RESOLVES = "resolves the name of the host first"


@mutation(Action.MANAGE_PLUGINS, own_transaction=RESOLVES, waits_for_others=True)
async def createWebhook(call: Call, data: Input[WebhookData]) -> str | None:
    """Register a URL to be called on events. Answers, this once, the secret that calls are signed with."""
    checked = await registry.check_webhook(call.services, data)
    async with call.transaction() as writer:
        secret = await registry.create_webhook(writer, call.services, call.actor, checked)
    return f"The webhook {checked.name} is registered. Its calls are signed with the secret {secret}"


@mutation(Action.MANAGE_PLUGINS, own_transaction=RESOLVES, waits_for_others=True)
async def updateWebhook(call: Call, data: Input[WebhookData]) -> str | None:
    """Change all of a webhook but its name and its secret: what is left out is none. Answers what was done."""
    checked = await registry.check_webhook(call.services, data)
    async with call.transaction() as writer:
        await registry.update_webhook(writer, call.services, call.actor, checked)
    return f"The webhook {checked.name} is changed."


@mutation(Action.ACTIVATE_PLUGINS)
async def activatePluginOnProject(call: Call, writer: Writer, where: Input[PluginOnProjectWhere]) -> str | None:
    """Have a plugin or webhook handle what happens in a project from now on. Answers its name."""
    await call.authorize(where["projectId"])
    await registry.activate(writer, call.actor, where["pluginName"], where["projectId"])
    return str(where["pluginName"])


@mutation(Action.ACTIVATE_PLUGINS)
async def deactivatePluginOnProject(call: Call, writer: Writer, where: Input[PluginOnProjectWhere]) -> str | None:
    """End that a plugin or webhook handles what happens in a project. Answers its name."""
    await call.authorize(where["projectId"], in_archive=True)
    await registry.deactivate(writer, call.actor, where["pluginName"], where["projectId"])
    return str(where["pluginName"])


@mutation(Action.MANAGE_PLUGINS)
async def deletePlugin(call: Call, writer: Writer, where: Input[PluginWhere]) -> str | None:
    """Delete a plugin or webhook, on all projects. Answers its name."""
    if "pluginName" not in where:
        raise BadUserInput("Say which plugin or webhook to delete, by `pluginName`.", field="where")
    await registry.delete_plugin(writer, call.actor, where["pluginName"])
    return str(where["pluginName"])
