"""Notifications that clients leave and change."""

import pytest

from tests.resolvers.legacy.conftest import Api

CREATE = "mutation ($data: NotificationData!) { data: createNotification(data: $data) { id } }"
CHANGE = """
mutation ($id: ID!, $taskId: ID, $hasBeenSeen: Boolean, $progress: Int, $status: NotificationStatus, $url: String) {
  data: updatePropertiesInNotification(where: {id: $id, taskId: $taskId},
    data: {hasBeenSeen: $hasBeenSeen, progress: $progress, status: $status, url: $url}) { id }
}"""
READ = """
query ($where: NotificationWhere!) {
  data: notifications(where: $where, first: 10, skip: 0) { message status progress url hasBeenSeen userID }
}"""
GIVEN = {"message": "Export", "status": "PENDING", "url": "/exports/1"}


async def test_what_is_left_out_keeps_its_value(api: Api) -> None:
    user_id = api.admin.id
    identifier = (await api.ask(CREATE, data={**GIVEN, "userID": user_id, "progress": 10}))["id"]
    await api.ask(CHANGE, id=identifier, hasBeenSeen=True, status="SUCCESS", progress=100)
    assert await api.ask(READ, where={"id": identifier}) == [
        {
            "message": "Export",
            "status": "SUCCESS",
            "progress": 100,
            "url": "/exports/1",
            "hasBeenSeen": True,
            "userID": user_id,
        }
    ]


async def test_an_administrator_leaves_and_changes_notifications_of_others(api: Api) -> None:
    person = await api.person(await api.project(), "LABELER")
    identifier = (await api.ask(CREATE, data={**GIVEN, "userID": person.id}))["id"]
    assert await api.ask(READ, where={"id": identifier}) == []
    await api.ask(CHANGE, id=identifier, status="FAILURE")
    (found,) = await api.ask(READ, key=person.key, where={"id": identifier})
    assert (found["status"], found["progress"], found["hasBeenSeen"]) == ("FAILURE", 0, False)


async def test_others_may_leave_them_for_themselves_only(api: Api) -> None:
    person = await api.person(await api.project(), "ADMIN")
    error = await api.refusal(CREATE, key=person.key, data={**GIVEN, "userID": api.admin.id})
    assert error.code == "FORBIDDEN"
    identifier = (await api.ask(CREATE, key=person.key, data=GIVEN))["id"]
    stranger = await api.person(await api.project(), "ADMIN")
    error = await api.refusal(CHANGE, key=stranger.key, id=identifier, status="SUCCESS")
    assert error.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"userID": "c" + "0" * 24}, "NOT_FOUND"),
        ({"progress": 101}, "BAD_USER_INPUT"),
        ({"url": "u" * 2049}, "BAD_USER_INPUT"),
    ],
    ids=["unknown user", "progress above 100", "long URL"],
)
async def test_bad_values_are_refused_and_leave_nothing(api: Api, data: dict[str, object], code: str) -> None:
    before = await api.value("select count(*) from notification")
    error = await api.refusal(CREATE, data={**GIVEN, **data})
    assert error.code == code
    assert await api.value("select count(*) from notification") == before
