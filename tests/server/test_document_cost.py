from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from labelyard.domain.error import QueryTooComplex
from labelyard.server.edge.document_cost import cost_of
from labelyard.server.edge.document_limits import measure_document, parse_document


def cost(
    source: str, *, variables: Mapping[str, Any] | None = None, operation_name: str | None = None, **more: Any
) -> int:
    return measure_document(parse_document(source), **more).cost(variables, operation_name)


def refused(source: str, **more: Any) -> dict[str, Any]:
    with pytest.raises(QueryTooComplex) as refusal:
        cost(source, **more)
    return refusal.value.context


@pytest.mark.parametrize(
    ("source", "variables", "expected"),
    [
        pytest.param("{a}", {}, 1, id="a scalar at the root"),
        pytest.param("{a{b c}}", {}, 1, id="an object"),
        pytest.param("{a{b{c} d{e}}}", {}, 3, id="objects in an object"),
        pytest.param("{a(first: 10){b}}", {}, 10, id="a list"),
        pytest.param("{a(first: 10){b{c} d{e}}}", {}, 30, id="objects in a list"),
        pytest.param("{a(first: 10){b(first: 5){c}}}", {}, 60, id="a list in a list"),
        pytest.param("{a(first: 10){b} c(first: 5){d}}", {}, 15, id="two lists"),
        pytest.param("query($n: Int){a(first: $n){b{c}}}", {"n": 7}, 14, id="by variable"),
        pytest.param("query($n: Int){a(first: $n){b}}", {}, 100, id="variable not given"),
        pytest.param("query($n: Int){a(first: $n){b}}", {"n": None}, 100, id="variable null"),
        pytest.param("query($n: Int = 20){a(first: $n){b}}", {}, 20, id="variable with a default"),
        pytest.param("query($n: Int = 20){a(first: $n){b}}", {"n": 3}, 3, id="variable instead of its default"),
        pytest.param("query($n: Int){a(first: $n){b}}", {"n": "9"}, 100, id="variable of a wrong type"),
        pytest.param("query($n: Int){a(first: $n){b}}", {"n": True}, 100, id="variable a boolean"),
        pytest.param("query($n: Int){a(first: $n){b}}", {"n": 9.0}, 9, id="variable a whole float"),
        pytest.param("query($n: Int){a(first: $n){b}}", {"n": -9}, 1, id="variable negative"),
        pytest.param("{a(first: -9){b}}", {}, 1, id="negative"),
        pytest.param("{a(first: null){b}}", {}, 100, id="null"),
        pytest.param("{a(first: 10){...F}} fragment F on Q {b{c} ...on Q{d{e}}}", {}, 30, id="through fragments"),
        pytest.param("{...F ...F} fragment F on Q {a(first: 10){b}}", {}, 20, id="a fragment spread twice"),
        pytest.param(
            "query($n: Int, $m: Int){a(first: $n){b(first: $m){c} d(first: 2){e}}}", {"n": 3, "m": 5}, 24, id="both"
        ),
    ],
)  # fmt: skip
def test_the_cost_is_the_number_of_objects_asked_for(source: str, variables: dict[str, Any], expected: int) -> None:
    assert cost(source, variables=variables) == expected


TEXTS = '["a", "b", "c"]'


@pytest.mark.parametrize(
    ("variable", "arguments", "variables", "expected"),
    [
        pytest.param(f'$w: W = {{search: "a", jsonResponseContains: {TEXTS}}}', "where: $w", {}, 1_100, id="whole"),
        pytest.param(f"$l: L = {{jsonResponseContains: {TEXTS}}}", "where: {label: $l}", {}, 600, id="a part"),
        pytest.param(f"$t: [T] = {TEXTS}", "where: {jsonResponseContains: $t}", {}, 600, id="a list"),
        pytest.param('$t: T = "a"', "where: {search: $t}", {}, 500, id="a text"),
        pytest.param("$m: M = {a: 1, b: [1, 2]}", "labelsWhere: {metadata: $m}", {}, 200, id="an object"),
        pytest.param(f"$t: [T] = {TEXTS}", "where: {jsonResponseContains: $t}", {"t": ["a"]}, 200, id="replaced"),
        pytest.param(f"$t: [T] = {TEXTS}", "where: {jsonResponseContains: $t}", {"t": None}, 0, id="replaced by null"),
        pytest.param("$t: [T]", "where: {jsonResponseContains: $t}", {}, 0, id="none"),
    ],
)
def test_a_filter_that_is_a_default_costs_what_it_costs_when_it_is_sent(
    variable: str, arguments: str, variables: dict[str, Any], expected: int
) -> None:
    assert cost(f"query({variable}){{a({arguments}, first: 1){{id}}}}", variables=variables) == expected + 1


def test_root_fields_known_to_be_lists_count_as_such_without_first() -> None:
    sizes = {"assets": 100}
    source = "{assets{labels{id}} viewer{id} count}"
    assert cost(source, list_size_of=lambda name: sizes.get(name, 1)) == 202
    assert cost("{assets(first: 2){id} a: viewer{assets{id}}}", list_size_of=lambda name: sizes.get(name, 1)) == 4


@pytest.mark.parametrize("page", [10**6, 10**100, 1e300], ids=["million", "many digits", "float"])
def test_a_page_of_any_size_is_refused_and_not_computed_with(page: float) -> None:
    source = "query($n: Int){a(first: $n){a(first: $n){a(first: $n){b}}}}"
    assert refused(source, variables={"n": page})["limit"] == "max_cost"
    assert refused(f"{{a(first: {page:.0f}){{b}}}}")["limit"] == "max_cost"


def test_costs_grow_with_every_page_variable() -> None:
    plan = measure_document(parse_document("query($n: Int){a(first: $n){b(first: $n){c}}}")).plans[None]
    costs = [cost_of(plan, {"n": page}) for page in range(1, 20)]
    assert all(less < more for less, more in pairwise(costs))
