"""The plans kept with a document answer each operation and each set of variables by its own selection."""

DOCUMENT = """
query ($archived: Boolean, $with: Boolean!, $deleted: Boolean) {
  data: projects(where: {archived: $archived, deleted: $deleted}, first: 10, skip: 0) { id title @include(if: $with) }
}"""


async def test_variables_that_are_left_out_are_not_mistaken_for_others(project):
    client = project.admin

    without = await client.data(DOCUMENT, {"archived": False, "with": False})
    with_title = await client.data(DOCUMENT, {"with": False, "deleted": True})
    assert without == with_title == [{"id": project.id}]

    # The same values, False and True, of other variables.
    assert await client.data(DOCUMENT, {"with": True, "archived": False}) == [{"id": project.id, "title": "A project"}]
    assert await client.data(DOCUMENT, {"with": False, "deleted": True}) == [{"id": project.id}]


async def test_the_same_variable_may_be_given_in_both_ways_one_after_the_other(project):
    for number in range(4):
        expected = {"id": project.id, "title": "A project"} if number % 2 else {"id": project.id}
        assert await project.admin.data(DOCUMENT, {"with": bool(number % 2)}) == [expected]


async def test_operations_of_one_document_that_share_a_fragment_keep_their_own_selections(project):
    document = """
    query Short { ...Listed }
    query Long { ...Listed data: projects(where: {}, first: 10, skip: 0) { title } }
    fragment Listed on Query { data: projects(where: {}, first: 10, skip: 0) { id } }
    """
    short, long = [{"id": project.id}], [{"id": project.id, "title": "A project"}]
    for name, expected in [("Short", short), ("Long", long), ("Short", short)]:
        response = await project.admin.http.post(
            "/api/label/v2/graphql",
            json={"query": document, "operationName": name},
            headers={"Authorization": f"X-API-Key: {project.admin.key}"},
        )
        assert response.json() == {"data": {"data": expected}}
