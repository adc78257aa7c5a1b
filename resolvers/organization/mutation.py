"""Changing one's own organization."""

from collections.abc import Mapping
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import one_form, present
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.organization.input import CreateOrganizationData, OrganizationData, OrganizationWhere
from labelyard.resolvers.organization.type import Organization
from labelyard.services.organization import (
    change_organization,
    check_new_organization,
    check_organization_change,
    create_organization,
    remove_organization,
)
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


@mutation(Action.MANAGE_ORGANIZATION)
async def createOrganization(
    call: Call,
    writer: Writer,
    data: Input[CreateOrganizationData] | None = None,
    name: str | None = None,
    address: str | None = None,
    zipCode: str | None = None,
    city: str | None = None,
    country: str | None = None,
) -> Organization | None:
    """Create an organization, with an account of the caller that administers it and that the operator gives a key."""
    flat = {"name": name, "address": address, "zipCode": zipCode, "city": city, "country": country}
    values = check_new_organization(one_form(data, flat))
    administrator = await create_organization(writer, call.actor, values)
    return call.after_commit(call.as_(administrator).by_id, administrator.organization_id)


@mutation(Action.MANAGE_ORGANIZATION, deprecated="Ask the operator.")
async def deleteOrganization(
    call: Call, writer: Writer, organizationID: strawberry.ID | None = None
) -> Organization | None:
    """Delete one's own organization once it has no projects and nobody else; all access to it ends."""
    if organizationID is None:
        raise BadUserInput("Name the organization: `organizationID`.", field="organizationID")
    await remove_organization(writer, call.actor, organizationID)
    return call.after_commit(call.by_id, organizationID)
