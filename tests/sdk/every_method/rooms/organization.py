"""The organization and its figures."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.rooms.given import a_label
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World


async def its_name(world: World) -> Names:
    ((found),) = await world.read(FIELDS, {})
    return {**found, "new_name": world.unique("Yard")}


async def its_figures(world: World) -> Names:
    """What a separate read says of the same days, after one label more."""
    await a_label(world)
    found = await world.read(
        'organizationMetrics(where: {organizationId: $id, startDate: "2026-01-01", endDate: "2100-01-01"})'
        " { numberOfAnnotations numberOfHours numberOfLabeledAssets }",
        {"id": world.organization.id},
    )
    assert found["numberOfLabeledAssets"] >= 1
    return {"metrics": found, "labeled": found["numberOfLabeledAssets"]}


async def administrators(world: World, names: Names) -> Any:
    """Who is in the new organization, which nobody has a key of yet."""
    async with world.organization.database.reader() as connection:
        found = await connection.fetch(
            """
            select u.email, u.organization_role, o.city
            from user_account u
            join organization o on o.id = u.organization_id
            where o.name = :name
            """,
            {"name": names["new_name"]},
        )
    return [[one["email"], one["organization_role"], one["city"]] for one in found]


HERE = "organizations(where: {}, first: 5, skip: 0) { id name }"
FIELDS = "organizations(where: {}, first: 5, skip: 0) { name address city }"
DAYS = {
    "organization_id": "$organization",
    "start_date": {"$moment": "2026-01-01"},
    "end_date": {"$moment": "2100-01-01"},
}

ROWS: list[Row] = [
    row(
        "organizations",
        "domain:organizations.list",
        "domain:organizations.list_as_generator",
        given=its_name,
        call={"organization_id": "$organization", "fields": ["id", "name"]},
        answer=[{"id": "$organization", "name": "$name"}],
    ),
    row("count_organizations 2.60.0..", call={"organization_id": "$organization"}, answer=1),
    row(
        "create_organization 2.1.1..2.120.0",
        "internal.create_organization 2.140.0..2.160.0",
        given=its_name,
        call={"name": "$new_name", "address": "1 Yard Lane", "zip_code": "2611", "city": "Delft", "country": "NL"},
        read=administrators,
        before=[],
        after=[["$admin_email", "ADMIN", "Delft"]],
    ),
    row(
        "internal.create_organization 2.176.1..",
        given=its_name,
        call={"name": "$new_name"},
        read=administrators,
        before=[],
        after=[["$admin_email", "ADMIN", None]],
    ),
    row(
        "update_properties_in_organization 2.1.1..2.120.0",
        given=its_name,
        call={
            "organization_id": "$organization",
            "name": "$new_name",
            "address": "1 Yard Lane",
            "zip_code": "2611",
            "city": "Delft",
            "country": "NL",
        },
        read=FIELDS,
        before=[{"name": "$name", "address": "$address", "city": "$city"}],
        after=[{"name": "$new_name", "address": "1 Yard Lane", "city": "Delft"}],
    ),
    row(
        "internal.update_properties_in_organization 2.140.0..",
        given=its_name,
        call={"organization_id": "$organization", "name": "$new_name"},
        read=HERE,
        before=[{"id": "$organization", "name": "$name"}],
        after=[{"id": "$organization", "name": "$new_name"}],
    ),
    row(
        "organization_metrics 2.99.0..",
        given=its_figures,
        call=DAYS,
        of=lambda found: found["numberOfLabeledAssets"],
        answer="$labeled",
    ),
    row("domain:organizations.metrics", given=its_figures, call=DAYS, answer="$metrics"),
]
