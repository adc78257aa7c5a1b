"""Lists of organizations."""

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.organization.input import OrganizationMetricsWhere, OrganizationWhere
from labelyard.resolvers.organization.type import Organization, OrganizationMetrics
from labelyard.resolvers.scalar import PageSize
from labelyard.services.organization import metrics_of
from labelyard.storage.filter.organization import organization_filter


@query(Action.READ)
async def organizations(
    call: Call, where: Input[OrganizationWhere], first: PageSize, skip: int
) -> list[Organization] | None:
    """The caller's organization, if the filter leaves it."""
    return await call.page(organization_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countOrganizations(call: Call, where: Input[OrganizationWhere]) -> int:
    """How many organizations `organizations` lists in all."""
    return await call.count("organization", organization_filter(where))


@query(Action.MANAGE_ORGANIZATION)
async def organizationMetrics(call: Call, where: Input[OrganizationMetricsWhere]) -> OrganizationMetrics | None:
    """What was labeled in the organization in a period; both dates belong to it."""
    async with call.reader() as connection:
        return call.answer(await metrics_of(connection, call.actor, where))
