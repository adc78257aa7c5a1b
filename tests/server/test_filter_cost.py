"""Filters cost by what they make the database read."""

import pytest
from graphql import parse_value

from labelyard.server.edge.filter_cost import filter_cost


@pytest.mark.parametrize(
    ("value", "cost"),
    [
        ({}, 0),
        ({"id": "x"}, 0),
        ({"idIn": ["x"] * 100}, 2),
        ({"jsonResponseContains": ["x", "y"]}, 400),
        ({"jsonResponseContains": "x"}, 200),
        ({"jsonResponseContains": None}, 0),
        ({"search": "A.B.count > 1"}, 500),
        ({"label": {"jsonResponseContains": ["x"], "search": "A"}, "metadata": {"a": 1, "b": [1, 2]}}, 900),
        ({"project": {"searchQuery": "x"}}, 20),
        ({"asset": {"externalIdIn": ["a"] * 3}}, 15),
        ("no filter", 0),
        (None, 0),
        ([1], 0),
    ],
    ids=repr,
)
def test_the_cost_of_a_variable(value, cost):
    assert filter_cost(value, {}) == cost


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ('{jsonResponseContains: ["x", "y"], project: {id: "x"}}', 400),
        ("{jsonResponseContains: $patterns}", 600),
        ("{label: $label}", 200),
        ("{jsonResponseContains: null}", 0),
        ("{metadata: {a: 1, b: 2}}", 200),
        ("$where", 500),
        ("$missing", 0),
    ],
)
def test_the_cost_of_a_literal(text, cost):
    variables = {
        "patterns": ["a", "b", "c"],
        "label": {"jsonResponseContains": ["a"]},
        "where": {"search": "A.B.count > 0"},
    }

    assert filter_cost(parse_value(text), variables) == cost


async def test_a_filter_with_much_to_look_for_is_refused(project):
    counts = " ".join(f"n{number}: countLabels(where: $where)" for number in range(5))
    document = f"query ($where: LabelWhere!) {{ {counts} }}"
    where = {"project": {"id": project.id}, "jsonResponseContains": ["x"] * 50}

    refused = await project.admin.refused(document, {"where": where}, status=400)

    assert refused.code == "QUERY_TOO_COMPLEX"
    assert "max_cost" in refused.message


async def test_a_filter_given_as_the_default_of_a_variable_is_refused_alike(project):
    counts = " ".join(f"n{number}: countLabels(where: $where)" for number in range(5))
    patterns = ", ".join(['"x"'] * 50)
    document = f"query ($where: LabelWhere! = {{jsonResponseContains: [{patterns}]}}) {{ {counts} }}"

    refused = await project.admin.refused(document, status=400)

    assert refused.code == "QUERY_TOO_COMPLEX"
    assert "max_cost" in refused.message


async def test_too_many_patterns_are_refused_with_the_number_allowed(project):
    document = "query ($where: LabelWhere!) { data: countLabels(where: $where) }"

    refused = await project.admin.refused(document, {"where": {"jsonResponseContains": ["x"] * 51}})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"limit": 50, "given": 51}
