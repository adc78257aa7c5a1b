"""Changing one's own organization."""

from collections.abc import Mapping
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import present
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.organization.input import OrganizationData, OrganizationWhere
from labelyard.resolvers.organization.type import Organization
from labelyard.services.organization import change_organization, check_organization_change
from labelyard.storage.database import Writer


async def change(call: Call, writer: Writer, organization_id: str | None, data: Mapping[str, Any]) -> Any:
    """Check and write a change, and answer the organization."""
    if organization_id is None:
        raise BadUserInput("Name the organization: `where: {id: …}`.", field="where.id")
    values = check_organization_change(data)
    await change_organization(writer, call.actor, organization_id, values)
    return call.after_commit(call.by_id, organization_id)


@mutation(Action.MANAGE_ORGANIZATION)
async def updatePropertiesInOrganization(
    call: Call, writer: Writer, data: Input[OrganizationData], where: Input[OrganizationWhere]
) -> Organization | None:
    """Change the name or the address of the organization; what is null stays as it is."""
    return await change(call, writer, where.get("id") or where.get("organizationID"), data)


@mutation(Action.MANAGE_ORGANIZATION, deprecated="Ask for `updatePropertiesInOrganization`.")
async def updateOrganization(
    call: Call,
    writer: Writer,
    organizationID: strawberry.ID | None = None,
    name: str | None = None,
    address: str | None = None,
    zipCode: str | None = None,
    city: str | None = None,
    country: str | None = None,
) -> Organization | None:
    """Change the organization as the first clients did."""
    data = present({"name": name, "address": address, "zipCode": zipCode, "city": city, "country": country})
    return await change(call, writer, organizationID, data)
