"""The schema is answered once per document, and quickly the second time."""

import pytest
from graphql import get_introspection_query

WHOLE = get_introspection_query()


async def test_the_schema_is_not_expanded_twice(organization):
    inner = WHOLE[WHOLE.index("{", WHOLE.index("__schema")) : WHOLE.index("fragment")].rpartition("}")[0]
    fragments = WHOLE[WHOLE.index("fragment") :]
    twice = f"query {{ a: __schema {inner} b: __schema {inner} }} {fragments}"

    refused = await organization.admin.client.refused(twice, status=400)

    assert refused.code == "QUERY_TOO_COMPLEX"
    assert "max_introspection_repeats" in refused.message


@pytest.mark.parametrize("name", ["fields", "inputFields", "enumValues", "possibleTypes", "interfaces"])
async def test_its_lists_are_not_repeated_by_aliases(organization, name):
    repeated = " ".join(f"a{number}: {name} {{ name }}" for number in range(4))

    refused = await organization.admin.client.refused(f"{{ __schema {{ types {{ {repeated} }} }} }}", status=400)

    assert refused.code == "QUERY_TOO_COMPLEX"


async def test_the_standard_document_is_answered_the_same_again_and_never_without_a_key(organization, client):
    first = await organization.admin.client.graphql(WHOLE)

    assert await organization.admin.client.graphql(WHOLE) == first
    assert (await client.refused(WHOLE, status=401)).code == "UNAUTHENTICATED"
    assert first["data"]["__schema"]["queryType"]["name"] == "Query"
