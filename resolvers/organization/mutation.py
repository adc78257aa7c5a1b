"""Changing one's own organization."""

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.organization.input import OrganizationData, OrganizationWhere
from labelyard.resolvers.organization.type import Organization
from labelyard.services.organization import change_organization, check_organization_change


async def change(call: Call, organization_id: str | None, data: Input[OrganizationData] | dict[str, str]) -> str:
    """Check and write a change, and answer the organization's id."""
    if organization_id is None:
        raise BadUserInput("Name the organization: `where: {id: …}`.", field="where.id")
    values = check_organization_change(data)
    async with call.transaction() as connection:
        await change_organization(connection, call.actor, organization_id, values)
    return organization_id


@mutation(Action.MANAGE_ORGANIZATION)
async def updatePropertiesInOrganization(
    call: Call, data: Input[OrganizationData], where: Input[OrganizationWhere]
) -> Organization | None:
    """Change the name or the address of the organization; what is null stays as it is."""
    return await call.by_id(await change(call, where.get("id") or where.get("organizationID"), data))


@mutation(Action.MANAGE_ORGANIZATION, deprecated="Ask for `updatePropertiesInOrganization`.")
async def updateOrganization(
    call: Call,
    organizationID: strawberry.ID | None = None,
    name: str | None = None,
    address: str | None = None,
    zipCode: str | None = None,
    city: str | None = None,
    country: str | None = None,
) -> Organization | None:
    """Change the organization as the first clients did."""
    said = {"name": name, "address": address, "zipCode": zipCode, "city": city, "country": country}
    return await call.by_id(
        await change(call, organizationID, {key: value for key, value in said.items() if value is not None})
    )
