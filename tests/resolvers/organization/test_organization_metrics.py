"""What an organization labeled in a period."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.common.client import Client
from tests.common.world import Organization, answer, new_organization

METRICS = """
query organizationMetrics($where: OrganizationMetricsWhere!) {
  data: organizationMetrics(where: $where) { numberOfAnnotations numberOfHours numberOfLabeledAssets }
}"""
DELETE_PROJECT = "mutation ($where: ProjectWhere!) { data: deleteProject(where: $where) { id } }"


@pytest.fixture(scope="module")
async def labeled(database: Any, client: Client) -> Organization:
    """Labels of the first four days of May 2024, at noon; a deleted project and strangers have some as well."""
    organization = await new_organization(database, client)
    first, second = await organization.project(), await organization.project()
    gone = await organization.project()
    strange = await (await new_organization(database, client)).project()
    one, two = await first.assets(2)
    (three,) = await second.assets(1)
    labels = [
        await first.label(one, json_response=answer(cars=2), seconds=1800),
        await first.label(one, label_type="REVIEW", json_response=answer(cars=1), seconds=900),
        await first.label(two, label_type="PREDICTION", model_name="m", json_response=answer(cars=4)),
        await second.label(three, seconds=4500),
    ]
    for day, label_id in enumerate(labels, start=1):
        await database.pool.execute(
            "update label set created_at = $2 where id = $1", label_id, datetime(2024, 5, day, 12, tzinfo=UTC)
        )
    for project in (gone, strange):
        await project.label((await project.assets(1))[0], seconds=60)
    await organization.admin.client.data(DELETE_PROJECT, {"where": {"id": gone.id}})
    return organization


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({}, (11, 2.0, 2)),
        ({"startDate": None, "endDate": None}, (11, 2.0, 2)),
        ({"startDate": "2024-05-02T00:00:00Z", "endDate": "2024-05-03T23:59:59Z"}, (7, 0.25, 1)),
        ({"startDate": "2024-05-01", "endDate": "2024-05-01"}, (3, 0.5, 1)),
        ({"startDate": "2024-05-04T12:00:00Z"}, (1, 1.25, 1)),
        ({"endDate": "2024-05-01T12:00:00Z"}, (3, 0.5, 1)),
        ({"endDate": "2024-05-01T11:59:59Z"}, (0, 0.0, 0)),
        ({"startDate": "2024-05-03", "endDate": "2024-05-02"}, (0, 0.0, 0)),
    ],
    ids=["always", "nulls", "two days", "a day", "from noon", "until noon", "before", "backwards"],
)
async def test_periods(labeled: Organization, period: dict[str, Any], expected: tuple[int, float, int]) -> None:
    where = {"organizationId": labeled.id, **period}
    annotations, hours, assets = expected
    assert await labeled.admin.client.data(METRICS, {"where": where}) == {
        "numberOfAnnotations": annotations,
        "numberOfHours": hours,
        "numberOfLabeledAssets": assets,
    }


async def test_only_administrators_of_the_organization_see_them(labeled: Organization) -> None:
    user = await labeled.person()
    refused = await user.client.refused(METRICS, {"where": {"organizationId": labeled.id}})
    assert refused.at == ("FORBIDDEN", ["data"])
    assert refused.message.startswith("[noOrganizationRights] ")


async def test_other_organizations_do_not_exist(labeled: Organization, other_organization: Organization) -> None:
    messages = {
        (await labeled.admin.client.refused(METRICS, {"where": {"organizationId": identifier}})).message.replace(
            identifier, "…"
        )
        for identifier in (other_organization.id, "nobody")
    }
    assert len(messages) == 1
