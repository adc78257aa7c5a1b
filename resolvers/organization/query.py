"""Lists of organizations."""

from domain.permission import Action
from resolvers.operation import Call, Input, query
from resolvers.organization.input import OrganizationWhere
from resolvers.organization.type import Organization
from resolvers.scalar import PageSize
from storage.filter.organization import choose_organizations


@query(Action.READ)
async def organizations(
    call: Call, where: Input[OrganizationWhere], first: PageSize, skip: int
) -> list[Organization] | None:
    """The caller's organization, if the filter leaves it."""
    return await call.page(choose_organizations(where), first=first, skip=skip)


@query(Action.READ)
async def countOrganizations(call: Call, where: Input[OrganizationWhere]) -> int:
    """How many organizations `organizations` lists in all."""
    return await call.count("organization", choose_organizations(where))
