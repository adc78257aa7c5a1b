"""`projectUsers` and `countProjectUsers`."""

import pytest

# The default fields of release 26.2.4.
LIST = """
query projectUsers($where: ProjectUserWhere!, $first: PageSize!, $skip: Int!) {
  data: projectUsers(where: $where, first: $first, skip: $skip) { id activated role starred status user { id email } }
}"""
COUNTERS = """
query ($where: ProjectUserWhere!) {
  data: projectUsers(where: $where, first: 100, skip: 0) {
    numberOfAnnotations numberOfLabels numberOfLabeledAssets totalDuration durationPerLabel lastLabelingAt user { email }
  }
}"""
COUNT = "query ($where: ProjectUserWhere!) { data: countProjectUsers(where: $where) }"


def page(where, first=100, skip=0):
    return {"where": where, "first": first, "skip": skip}


async def emails(client, where, **given):
    return [member["user"]["email"] for member in await client.data(LIST, page(where, **given))]


async def test_members_come_in_the_order_they_joined(organization, project):
    ada, bea = await project.member("REVIEWER"), await project.member("LABELER")
    where = {"project": {"id": project.id}}

    assert await emails(project.admin, where) == [organization.admin.email, ada.email, bea.email]
    assert await emails(project.admin, where, first=1, skip=1) == [ada.email]
    assert await emails(project.admin, where, skip=3) == []
    assert await project.admin.data(COUNT, {"where": where}) == 3


@pytest.fixture
async def crew(organization, project):
    """A member, one who was invited, one whose account is closed, one who has left."""
    invite = (
        "mutation ($p: ID!, $e: String!) { data: appendToRoles(projectID: $p, userEmail: $e, role: LABELER) { id } }"
    )
    people = {"member": (await project.member()).email, "admin": organization.admin.email}
    people["invited"] = f"invited-{project.id}@example.org"
    await project.admin.data(invite, {"p": project.id, "e": people["invited"]})
    closed, left = await project.member(), await project.member()
    await project.admin.data("mutation ($u: ID!) { data: deleteUser(userID: $u) { id } }", {"u": closed.id})
    await project.admin.data(
        "mutation ($where: ProjectUserWhere) { data: deleteFromRoles(where: $where) { id } }",
        {"where": {"project": {"id": project.id}, "user": {"id": left.id}}},
    )
    return {**people, "closed": closed.email, "left": left.email}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, {"admin", "member", "invited", "closed"}),
        ({"deleted": True}, {"admin", "member", "invited", "closed", "left"}),
        ({"deleted": False}, {"admin", "member", "invited", "closed"}),
        ({"status": "ACTIVATED"}, {"member", "invited"}),
        ({"status": "ACTIVATED", "deleted": False}, {"admin", "member", "invited"}),
        ({"status": "ORG_ADMIN"}, {"admin"}),
        ({"status": "ORG_SUSPENDED"}, {"closed"}),
        ({"activeInProject": True}, {"admin", "member"}),
        ({"activeInProject": False}, {"invited", "closed"}),
        ({"status": None, "deleted": None}, {"admin", "member", "invited", "closed"}),
    ],
    ids=[
        "all",
        "with who left",
        "without who left",
        "ACTIVATED",
        "who may be given a step",
        "ORG_ADMIN",
        "ORG_SUSPENDED",
        "active",
        "not",
        "null",
    ],
)
async def test_a_filter_leaves(project, crew, where, found):
    where = {**where, "project": {"id": project.id}}

    assert set(await emails(project.admin, where)) == {crew[name] for name in found}
    assert await project.admin.data(COUNT, {"where": where}) == len(found)


async def test_a_member_is_found_by_address_and_organization(organization, project):
    ada = await project.member("REVIEWER")
    where = {
        "project": {"id": project.id},
        "user": {"email": ada.email.upper(), "organization": {"id": organization.id}},
    }

    (found,) = await project.admin.data(LIST, page(where))

    assert found == {
        "id": found["id"],
        "activated": True,
        "role": "REVIEWER",
        "starred": False,
        "status": "ACTIVATED",
        "user": {"id": ada.id, "email": ada.email},
    }


async def test_counters_follow_the_labels(project):
    ada = await project.member()
    first, second = await project.assets(2)
    await project.label(first, by=ada, seconds=10)
    await project.label(second, by=ada, seconds=30)

    (found,) = await project.admin.data(
        COUNTERS, {"where": {"project": {"id": project.id}, "user": {"email": ada.email}}}
    )

    assert found.pop("lastLabelingAt").endswith("Z")
    assert found == {
        "numberOfAnnotations": 2,
        "numberOfLabels": 2,
        "numberOfLabeledAssets": 2,
        "totalDuration": 40,
        "durationPerLabel": 20,
        "user": {"email": ada.email},
    }


@pytest.mark.parametrize("document", [LIST, COUNTERS], ids=["who", "counters"])
async def test_the_number_of_statements_does_not_grow_with_the_members(project, statements, document):
    counts = []
    for more in (0, 49):
        for _ in range(more):
            await project.member()
        with statements.recording() as heard:
            found = await project.admin.data(document, page({"project": {"id": project.id}}))
        counts.append(len(heard))

    assert len(found) == 50
    assert counts == [2, 2]


async def test_who_was_invited_stays_a_member_until_their_account_is_closed(project):
    invite = (
        "mutation ($p: ID!, $e: String!) { data: appendToRoles(projectID: $p, userEmail: $e, role: LABELER) { id } }"
    )
    email = f"new-{project.id}@example.org"
    await project.admin.data(invite, {"p": project.id, "e": email})

    async def status():
        where = {"project": {"id": project.id}, "user": {"email": email}}
        return [(member["status"], member["user"]["id"]) for member in await project.admin.data(LIST, page(where))]

    ((before, user_id),) = await status()
    await project.admin.data("mutation ($u: ID!) { data: deleteUser(userID: $u) { id } }", {"u": user_id})

    assert before == "ACTIVATED"
    assert await status() == [("ORG_SUSPENDED", user_id)]
    elsewhere = await project.organization.project()
    await elsewhere.admin.data(invite, {"p": elsewhere.id, "e": email})
    (found,) = await elsewhere.admin.data(LIST, page({"project": {"id": elsewhere.id}, "status": "ORG_SUSPENDED"}))
    assert found["user"]["email"] == email


async def test_the_counts_of_each_status_add_up(project, crew):
    where = {"project": {"id": project.id}}

    counts = [
        await project.admin.data(COUNT, {"where": {**where, "status": status}})
        for status in ("ACTIVATED", "ORG_ADMIN", "ORG_SUSPENDED")
    ]

    assert counts == [2, 1, 1]
    assert await project.admin.data(COUNT, {"where": where}) == 4


@pytest.mark.parametrize("is_member", [False, True], ids=["no member", "member"])
async def test_administrators_of_the_organization_count_where_they_are_listed(organization, project, is_member):
    await project.member()
    another = await organization.person(organization_role="ADMIN")
    if is_member:
        await project.join(another, "LABELER")
    where = {"project": {"id": project.id}, "deleted": False, "status": "ACTIVATED"}

    listed = await emails(project.admin, where)

    assert len(listed) == await project.admin.data(COUNT, {"where": where}) == 2 + is_member
    assert (another.email in listed) is is_member
    # Clients of today add up the counts of every status.
    counts = [
        await project.admin.data(COUNT, {"where": {**where, "status": status}})
        for status in ("ACTIVATED", "ORG_ADMIN", "ORG_SUSPENDED")
    ]
    assert counts == [2 + is_member, 0, 0]
