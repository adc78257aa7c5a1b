"""Who opens the transaction of a mutation, and what is never committed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import OPERATIONS, Call, Operation, mutation
from labelyard.resolvers.schema import core_schema
from labelyard.storage.database import Writer

FORCE = "mutation ($id: ID!) { data: forceProjectKpiComputation(projectID: $id) { id } }"
RENAME = "update project set title = 'Renamed' where id = :id"


@pytest.fixture
def function(monkeypatch) -> Iterator[Callable[..., None]]:
    """Replaces the function of `forceProjectKpiComputation`."""
    operation = OPERATIONS[("mutation", "forceProjectKpiComputation")]
    field = core_schema().mutation_type.fields["forceProjectKpiComputation"]

    def use(function: Any, *, opens_transaction: bool = True) -> None:
        changed: Operation = replace(operation, function=function, opens_transaction=opens_transaction)
        monkeypatch.setattr(field, "resolve", changed.resolve)

    return use


async def test_a_write_without_a_check_of_rights_is_rolled_back(project, function):
    async def write(call: Call, writer: Writer, projectID: str) -> Any:
        await writer.fetch(RENAME, {"id": projectID})
        return call.after_commit(call.by_id, projectID)

    function(write)
    before = await project.everything()
    refused = await project.admin.refused(FORCE, {"id": project.id})
    assert refused.code == "INTERNAL_SERVER_ERROR"
    assert await project.everything() == before


async def test_so_is_one_in_a_transaction_that_the_field_opens_itself(project, function):
    async def write(call: Call, projectID: str) -> Any:
        async with call.transaction() as writer:
            await writer.fetch(RENAME, {"id": projectID})
        return await call.by_id(projectID)

    function(write, opens_transaction=False)
    before = await project.everything()
    refused = await project.admin.refused(FORCE, {"id": project.id})
    assert refused.code == "INTERNAL_SERVER_ERROR"
    assert await project.everything() == before


async def test_a_write_with_a_check_of_rights_is_committed_before_its_answer_is_read(project, function):
    async def write(call: Call, writer: Writer, projectID: str) -> Any:
        await call.authorize(projectID)
        await writer.fetch(RENAME, {"id": projectID})
        return call.after_commit(call.by_id, projectID)

    function(write)
    document = "mutation ($id: ID!) { data: forceProjectKpiComputation(projectID: $id) { title } }"
    assert await project.admin.data(document, {"id": project.id}) == {"title": "Renamed"}


async def test_a_second_connection_beside_the_transaction_is_a_defect(project, function):
    async def read(call: Call, writer: Writer, projectID: str) -> Any:
        await call.authorize(projectID)
        await writer.fetch(RENAME, {"id": projectID})
        async with call.reader() as connection:
            return await connection.fetch_value("select title from project where id = :id", {"id": projectID})

    function(read)
    before = await project.everything()
    refused = await project.admin.refused(FORCE, {"id": project.id})
    assert refused.code == "INTERNAL_SERVER_ERROR"
    assert await project.everything() == before


async def test_a_transaction_that_fails_leaves_no_warning(project, function):
    async def fail(call: Call, writer: Writer, projectID: str) -> Any:
        await call.authorize(projectID)
        call.warn([{"message": "written"}])
        await writer.fetch("select 1 / 0")

    function(fail)
    answer = await project.admin.graphql(FORCE, {"id": project.id})
    assert "warnings" not in answer.get("extensions", {})
    assert len(answer["errors"]) == 1


def test_a_mutation_takes_a_writer_or_says_why_not():
    async def neither(call: Call, projectID: str) -> None: ...

    async def both(call: Call, writer: Writer, projectID: str) -> None: ...

    with pytest.raises(TypeError, match="neither takes a `Writer`"):
        mutation(Action.CHANGE_PROJECT)(neither)
    with pytest.raises(TypeError, match="both takes a `Writer`"):
        mutation(Action.CHANGE_PROJECT, own_transaction="stores files first")(both)
    assert ("mutation", "neither") not in OPERATIONS
    assert ("mutation", "both") not in OPERATIONS
