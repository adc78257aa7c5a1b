"""`organizations` and `countOrganizations`."""

import pytest

# What every import since 2.129.1 asks, by e-mail address.
LICENSE = """
query organizations($where: OrganizationWhere!, $first: PageSize!, $skip: Int!) {
  data: organizations(where: $where, first: $first, skip: $skip) { id name license { uploadLocalData api inputType seats } }
}"""
COUNT = "query ($where: OrganizationWhere!) { data: countOrganizations(where: $where) }"
USERS = "{ data: organizations(where: {}, first: 5, skip: 0) { users { email } numberOfLabeledAssets numberOfAnnotations } }"


def page(where, first=100, skip=0):
    return {"where": where, "first": first, "skip": skip}


@pytest.mark.parametrize("named", ["email", "id", "organizationID", "nothing"])
async def test_one_sees_ones_own_organization_and_its_license(organization, named):
    ada = await organization.person()
    where = {
        "email": {"user": {"email": ada.email.upper()}},
        "id": {"id": organization.id},
        "organizationID": {"organizationID": organization.id},
        "nothing": {"id": None, "user": {"email": None}},
    }[named]

    (found,) = await ada.client.data(LICENSE, page(where))

    assert (found["id"], found["name"]) == (organization.id, organization.name)
    assert (found["license"]["uploadLocalData"], found["license"]["api"], found["license"]["seats"]) == (
        True,
        True,
        None,
    )
    assert "IMAGE" in found["license"]["inputType"]
    assert await ada.client.data(LICENSE, page(where, skip=1)) == []
    assert await ada.client.data(COUNT, {"where": where}) == 1


async def test_others_are_not_seen(organization, other_organization):
    for where in ({"id": other_organization.id}, {"user": {"email": other_organization.admin.email}}):
        assert await organization.admin.client.data(LICENSE, page(where)) == []
        assert await organization.admin.client.data(COUNT, {"where": where}) == 0


async def test_administrators_see_the_people_and_others_themselves(organization, project, statements):
    ada = await project.member()
    await project.label(await project.asset(), by=ada)
    counts = []
    for more in (0, 20):
        for _ in range(more):
            await organization.person()
        with statements.recording() as heard:
            (seen,) = await organization.admin.client.data(USERS)
        counts.append(len(heard))

    assert [len(seen.pop("users")), seen] == [22, {"numberOfLabeledAssets": 1, "numberOfAnnotations": 1}]
    assert counts == [3, 3]
    assert (await ada.client.data(USERS))[0]["users"] == [{"email": ada.email}]
