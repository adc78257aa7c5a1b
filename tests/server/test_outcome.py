"""What a client is told when a field cannot say for certain what happened, or says that nothing was run."""

import pytest

from labelyard.domain.error import Forbidden, TooManyRequests, Unavailable, UnknownOutcome
from tests.common.documents import UPDATE_PROJECT

ONE = UPDATE_PROJECT
FIRST_IT = """
mutation ($data: ProjectData!, $where: ProjectWhere!) {
  before: updatePropertiesInProject(data: {description: "done"}, where: $where) { id }
  data: updatePropertiesInProject(data: $data, where: $where) { id }
}"""
IT_FIRST = """
mutation ($data: ProjectData!, $where: ProjectWhere!) {
  data: updatePropertiesInProject(data: $data, where: $where) { id }
  after: updatePropertiesInProject(data: {description: "done"}, where: $where) { id }
}"""
BOTH = """
mutation ($data: ProjectData!, $where: ProjectWhere!) {
  data: updatePropertiesInProject(data: $data, where: $where) { id }
  again: updatePropertiesInProject(data: $data, where: $where) { id }
}"""
DOCUMENTS = {"alone": ONE, "the last": FIRST_IT, "the first": IT_FIRST}


@pytest.fixture
def update(project, monkeypatch):
    """Send an update whose title names an error, which the service raises; other updates are made."""
    from labelyard.resolvers.project import mutation

    made = mutation.update_properties

    async def update_properties(*args, **more):
        for error in ERRORS.values():
            if str(type(error).__name__) in repr((args, more)):
                raise error
        return await made(*args, **more)

    monkeypatch.setattr(mutation, "update_properties", update_properties)

    async def send(document, error):
        return await project.admin.post(
            document, {"data": {"title": type(ERRORS[error]).__name__}, "where": {"id": project.id}}
        )

    return send


ERRORS = {
    "unknown": UnknownOutcome(),
    "away": Unavailable("The database is away."),
    "too many": TooManyRequests("Too many.", retryAfterSeconds=7),
    "forbidden": Forbidden("No."),
}


def assert_plain(response, status, code):
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"code", "message", "requestId"}
    assert response.json()["error"]["code"] == code
    assert 0 < int(response.headers["retry-after"]) <= 60


@pytest.mark.parametrize("place", DOCUMENTS)
async def test_an_unknown_outcome_of_one_field_is_that_of_the_request(update, place):
    assert_plain(await update(DOCUMENTS[place], "unknown"), 503, "UNKNOWN_OUTCOME")


@pytest.mark.parametrize(("error", "code"), [("away", "UNAVAILABLE"), ("too many", "TOO_MANY_REQUESTS")])
@pytest.mark.parametrize("document", [ONE, BOTH], ids=["one field", "two fields"])
async def test_where_nothing_was_run_the_request_may_be_sent_again(update, document, error, code):
    assert_plain(await update(document, error), 429, code)


@pytest.mark.parametrize("error", ["away", "too many"])
@pytest.mark.parametrize("document", [FIRST_IT, IT_FIRST], ids=["the last", "the first"])
async def test_where_another_field_was_run_the_request_may_not_be_sent_again(update, project, document, error):
    response = await update(document, error)

    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"data", "errors"}
    assert {name: bool(value) for name, value in body["data"].items() if name != "data"} in (
        {"before": True},
        {"after": True},
    )
    assert body["data"]["data"] is None
    assert [row["description"] for row in await project.rows("project")] == ["done"]


async def test_a_certain_refusal_stays_one(update):
    response = await update(ONE, "forbidden")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (200, "FORBIDDEN")


async def test_a_field_that_takes_the_others_with_it_hides_whether_they_were_run(project, monkeypatch):
    """A root field that may not be null empties the whole answer: nobody can tell then that nothing was run."""

    def broken(*_):
        raise Unavailable("away")

    monkeypatch.setattr("labelyard.resolvers.project.query.project_filter", broken)
    alone = await project.admin.post("{ countProjects(where: {}) }")
    assert_plain(alone, 503, "UNAVAILABLE")

    beside = await project.admin.post("{ viewer { id } countProjects(where: {}) }")
    assert (beside.status_code, beside.json()["data"]) == (200, None)
