from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import build_schema, get_introspection_query, validate
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.error import BadRequest, ClientError, ParseFailed, QueryTooComplex
from labelyard.server.edge.document_cost import CostPlan
from labelyard.server.edge.document_limits import (
    DocumentInvalid,
    DocumentLimits,
    SelectionFacts,
    measure_document,
    parse_document,
)
from tests.server.conftest import Post

# What clients send at start-up.
STANDARD_INTROSPECTION = get_introspection_query(
    descriptions=True,
    specified_by_url=False,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)


def cost(
    source: str,
    *,
    limits: DocumentLimits | None = None,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    **more: Any,
) -> int:
    held = limits or DocumentLimits()
    return measure_document(parse_document(source, held), limits=held, **more).cost(variables, operation_name)


def refused(source: str, *, limits: DocumentLimits | None = None, **more: Any) -> dict[str, Any]:
    with pytest.raises(QueryTooComplex) as refusal:
        cost(source, limits=limits, **more)
    context = refusal.value.context
    if "value" in context:
        assert f"at most {context['value']} are served ({context['limit']})" in refusal.value.message or (
            context["limit"] == "max_tokens"
        )
    return context


def repeated(text: str, times: int) -> str:
    return " ".join(text.format(i=index) for index in range(times))


def nested(levels: int) -> str:
    return "{" + "a{" * (levels - 1) + "a" + "}" * levels


def doubling(levels: int, *, is_aliased: bool) -> str:
    """A document of `levels` fragments that each spread the next one twice."""
    body = "a: x {{ ...F{next} }} b: x {{ ...F{next} }}" if is_aliased else "...F{next} ...F{next}"
    fragments = [f"fragment F{index} on Query {{ {body.format(next=index + 1)} }}" for index in range(levels)]
    return " ".join(["{ ...F0 }", *fragments[:-1], f"fragment F{levels - 1} on Query {{ x }}"])


# (limit, value, a document exactly at it, one just above it, what is then found)
AT_THE_EDGE = [
    ("max_tokens", 1_000, "{x{" + "a " * 995 + "}}", "{x{" + "a " * 996 + "}}", 1_001),
    ("max_depth", 12, nested(12), nested(13), 13),
    ("max_aliases", 30, f"{{x{{{repeated('a{i}: a', 30)}}}}}", f"{{x{{{repeated('a{i}: a', 31)}}}}}", 31),
    ("max_root_fields", 10, f"{{{repeated('a{i}', 10)}}}", f"{{{repeated('a{i}', 11)}}}", 11),
    (
        "max_directives",
        30,
        f"{{x{{{repeated('a{i} @skip(if: false)', 30)}}}}}",
        f"{{x{{{repeated('a{i} @skip(if: false)', 31)}}}}}",
        31,
    ),
    ("max_directives_per_field", 5, "{a " + "@x " * 5 + "}", "{a " + "@x " * 6 + "}", 6),
    (
        "max_fragments",
        50,
        "{a} " + repeated("fragment F{i} on Q {{a}}", 50),
        "{a} " + repeated("fragment F{i} on Q {{a}}", 51),
        51,
    ),
    ("max_operations", 5, repeated("query q{i} {{a}}", 5), repeated("query q{i} {{a}}", 6), 6),
    (
        "max_fields",
        1_000,
        "{a{...F ...F ...F ...F ...F ...F ...F ...F ...F}} fragment F on Q {" + "f " * 111 + "}",
        "{a{b ...F ...F ...F ...F ...F ...F ...F ...F ...F}} fragment F on Q {" + "f " * 111 + "}",
        1_001,
    ),
    ("max_cost", 20_000, "{a(first: 100){b(first: 199){c}}}", "{a(first: 100){b(first: 200){c}}}", 20_100),
    (
        "max_introspection_depth",
        20,
        "{__schema" + nested(19) + "}",
        "{__schema" + nested(20) + "}",
        21,
    ),
    (
        "max_introspection_lists",
        2,
        '{__type(name: "A"){fields{type{interfaces{name}}}}}',
        '{__type(name: "A"){fields{type{interfaces{possibleTypes{name}}}}}}',
        3,
    ),
    ("max_nesting", 64, "{" + "...{" * 63 + "a" + "}" * 64, "{" + "...{" * 64 + "a" + "}" * 65, 65),
]


@pytest.mark.parametrize(
    ("limit", "value", "at_it", "above_it", "found"), AT_THE_EDGE, ids=[limit for limit, *_ in AT_THE_EDGE]
)
def test_a_limit_is_served_and_one_more_is_refused(
    limit: str, value: int, at_it: str, above_it: str, found: int
) -> None:
    assert getattr(DocumentLimits(), limit) == value
    many = {"operation_name": "q0"} if limit == "max_operations" else {}
    cost(at_it, **many)
    assert refused(above_it, **many) == {"limit": limit, "value": value, "found": found}


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        ("{...A} fragment A on Q {" + repeated("a{i}", 11) + "}", "max_root_fields"),
        ("{... on Q {" + repeated("a{i}", 11) + "}}", "max_root_fields"),
        ("{x{...A ...A}} fragment A on Q {" + repeated("a{i}: a", 16) + "}", "max_aliases"),
        ("{x{...A ...A}} fragment A on Q {" + repeated("a{i} @x", 16) + "}", "max_directives"),
        ("{x{" + "...A @x " * 31 + "}} fragment A on Q {a}", "max_directives"),
        ("{x{" + "...@x{a} " * 31 + "}}", "max_directives"),
        ("{...A @x @x @x @x @x @x} fragment A on Q {a}", "max_directives_per_field"),
        ("query q @x @x @x @x @x @x {a}", "max_directives_per_field"),
        ("{...A} fragment A on Q @x @x @x @x @x @x {a}", "max_directives_per_field"),
        ("query q($a: Int @x @x @x @x @x @x) {a}", "max_directives_per_field"),
        ("query q(" + repeated("$a{i}: Int @x", 31) + ") {a}", "max_directives"),
        ("{a{b{c{d{e{f{g{...A}}}}}}}} fragment A on Q {h{i{j{k{l{m}}}}}}", "max_depth"),
        ("{a} fragment Unused on Q {" + repeated("a{i}: a", 31) + "}", "max_aliases"),
        ("{a} query other " + nested(13), "max_depth"),
        ("mutation {a" + nested(12) + "}", "max_depth"),
        ("subscription {a" + nested(12) + "}", "max_depth"),
        ("{__schema{...A}} fragment A on T {fields{...B}} fragment B on T {type{fields{...C}}} "
         "fragment C on T {type{fields{name}}}", "max_introspection_lists"),
    ],
)  # fmt: skip
def test_limits_hold_wherever_they_are_passed(source: str, limit: str) -> None:
    assert refused(source, operation_name="other" if "other" in source else None)["limit"] == limit


@pytest.mark.parametrize("is_aliased", [False, True], ids=["bare", "aliased"])
@pytest.mark.parametrize("max_fragments", [50, 100], ids=["by default", "with fragments enough allowed"])
async def test_fragments_that_double_sixty_times_are_refused_while_others_are_served(
    post: Post, is_aliased: bool, max_fragments: int
) -> None:
    source = doubling(60, is_aliased=is_aliased)
    # 1,000 tokens do not hold the aliased form: it is also measured with more of everything that would stop it early.
    limits = DocumentLimits(max_tokens=2_000, max_fragments=max_fragments, max_nesting=200)
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        context = refused(source, limits=limits)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.05
    assert context["limit"] == ("max_fields" if max_fragments == 100 else "max_fragments")

    async def ordinary() -> float:
        began = time.perf_counter()
        assert (await post(b'{"query":"{viewer{id}}"}'))[0] == 200
        return time.perf_counter() - began

    hostile = json.dumps({"query": source}).encode()
    answers, waited = await asyncio.gather(
        asyncio.gather(*(post(hostile) for _ in range(5))), asyncio.gather(*(ordinary() for _ in range(5)))
    )
    assert {status for status, _ in answers} == {400}
    assert max(waited) < 0.5


@pytest.mark.parametrize("is_aliased", [False, True], ids=["bare", "aliased"])
def test_the_pass_is_linear_in_the_document(is_aliased: bool) -> None:
    """Twice the fragments are twice the spreads and twice the work, whatever they expand to."""

    def steps(levels: int) -> int:
        spreads: list[object] = []
        with pytest.MonkeyPatch.context() as patch:
            # Nothing is added up, so that no limit ends the pass early and the plan has nothing to expand.
            patch.setattr(SelectionFacts, "add_fragment", lambda _facts, inner: spreads.append(inner))
            patch.setattr("labelyard.server.edge.document_limits.plan_cost", lambda *_: CostPlan(0))
            measure_document(
                parse_document(doubling(levels, is_aliased=is_aliased)), limits=DocumentLimits(max_nesting=200)
            )
        return len(spreads)

    assert (steps(25), steps(50)) == (49, 99)


def as_dict(limits: DocumentLimits) -> dict[str, int]:
    return {name: getattr(limits, name) for name in DocumentLimits.__dataclass_fields__}


@pytest.mark.parametrize(
    "source",
    [
        "{...A} fragment A on Q {...A}",
        "{...A} fragment A on Q {b{...B}} fragment B on Q {...on Q{...A}}",
        "{a} fragment A on Q {...B} fragment B on Q {...C} fragment C on Q {...B}",
    ],
)
def test_fragments_in_a_circle_are_refused(source: str) -> None:
    assert refused(source)["limit"] == "fragment_circle"


def test_a_fragment_that_does_not_exist_is_left_to_validation() -> None:
    assert cost("{a ...Missing}") == 1


def test_the_standard_introspection_document_costs_nothing() -> None:
    assert cost(STANDARD_INTROSPECTION) == 0
    assert cost(get_introspection_query(descriptions=False)) == 0


def test_the_standard_introspection_document_is_fifteen_levels_deep() -> None:
    assert refused(STANDARD_INTROSPECTION, limits=DocumentLimits(max_introspection_depth=14))["found"] == 15


def test_typename_is_no_level_and_costs_nothing() -> None:
    assert cost("{" + "a{" * 11 + "a __typename" + "}" * 12) == 11
    assert cost("{__typename}") == 0


def test_a_selection_of_250_fields_is_served() -> None:
    fields = repeated("field{i}", 250)
    source = (
        "query labels($where: LabelWhere!, $first: PageSize!, $skip: Int!) "
        f"{{ data: labels(where: $where, first: $first, skip: $skip) {{ {fields} author {{ id email }} }} }}"
    )
    assert cost(source, variables={"where": {}, "first": 100, "skip": 0}) == 200


def test_one_operation_is_chosen_by_name() -> None:
    source = "query one {a(first: 5){b}} query two {a(first: 6){b}}"
    facts = measure_document(parse_document(source))
    assert (facts.cost(None, "one"), facts.cost(None, "two")) == (5, 6)


@pytest.mark.parametrize("source", ["query one {a} query two {b}", "query one {a} {b}"])
def test_several_operations_need_a_name(source: str) -> None:
    with pytest.raises(BadRequest, match="has 2 operations"):
        cost(source)


@pytest.mark.parametrize("source", ["{a}", "query one {a}", "query one {a} query two {b}"])
def test_an_operation_that_is_not_there_cannot_be_chosen(source: str) -> None:
    with pytest.raises(BadRequest, match="no operation named 'three'"):
        cost(source, operation_name="three")


@pytest.mark.parametrize(
    "source",
    [
        "fragment F on Q {a}",
        "query one {a} query one {b}",
        "{a} {b}",
        "{...F} fragment F on Q {a} fragment F on Q {b}",
        "{a} type Query {a: Int}",
        "{a} extend type Query {a: Int}",
        "schema {query: Q}",
    ],
)
def test_what_cannot_be_executed_is_invalid(source: str) -> None:
    with pytest.raises(DocumentInvalid) as refusal:
        cost(source)
    assert refusal.value.code == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("", 1, 1),
        ("{", 1, 2),
        ("{a}\n}", 2, 1),
        ("{\n  a(b: 1.)\n}", 2, 10),
        ("{ viewer {} }", 1, 11),
        ("{a\0}", 1, 3),
        ("{a" + "{a" * 250 + "}" * 251, 1, 401),
        ("{a(b: " + "[" * 300 + ")}", 1, 206),
        ("query($a: " + "[" * 400, 1, 212),
    ],
    ids=["empty", "open", "closed twice", "number", "empty selection", "NUL", "levels", "lists", "list types"],
)
def test_a_document_that_does_not_parse_names_the_place(source: str, line: int, column: int) -> None:
    with pytest.raises(ParseFailed) as refusal:
        parse_document(source)
    assert refusal.value.context == {"line": line, "column": column}
    assert refusal.value.message.endswith(f"(line {line}, column {column})")


def test_a_long_token_is_not_repeated_in_the_message() -> None:
    with pytest.raises(ParseFailed) as refusal:
        parse_document('{a(b: c "%s")}' % ("x" * 60_000))
    assert len(refusal.value.message) < 400


def test_comments_count_as_tokens() -> None:
    assert refused("#\n" * 1_001 + "{a}")["limit"] == "max_tokens"


# Documents of any shape: fragments that only spread later ones (so no circle), and fields of the schema below.
SCHEMA = build_schema("type Query { a(first: Int): Query b: Int c: [Query] }")
names = st.sampled_from("abc")


@st.composite
def documents(draw: st.DrawFn) -> str:
    count = draw(st.integers(0, 4))

    def selections(level: int, later: int) -> str:
        parts = []
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from(["leaf", "field", "inline", "spread"]))
            if kind == "spread" and later < count:
                parts.append(f"...F{draw(st.integers(later, count - 1))}")
            elif kind == "inline" and level < 4:
                parts.append(f"... on Query {{ {selections(level + 1, later)} }}")
            elif kind == "field" and level < 4:
                alias = draw(st.sampled_from(["", "x: ", "y: "]))
                first = draw(st.sampled_from(["", "(first: 2)", "(first: $n)"]))
                parts.append(f"{alias}a{first} {{ {selections(level + 1, later)} }}")
            else:
                parts.append("b")
        return " ".join(parts)

    fragments = [f"fragment F{index} on Query {{ {selections(0, index + 1)} }}" for index in range(count)]
    return " ".join([f"query($n: Int) {{ {selections(0, 0)} }}", *fragments])


def expanded(source: str) -> list[tuple[tuple[str, ...], int]]:
    """Every field as (path of names, objects it answers), fragments written out: the plain and exponential way."""
    document = parse_document(source, DocumentLimits(max_tokens=100_000))
    by_name = {d.name.value: d for d in document.definitions if d.kind == "fragment_definition"}  # type: ignore[attr-defined]
    found: list[tuple[tuple[str, ...], int]] = []

    def walk(selection_set: Any, path: tuple[str, ...], times: int) -> None:
        for selection in selection_set.selections:
            if selection.kind == "field":
                page = next((argument.value for argument in selection.arguments or ()), None)
                size = times * (1 if page is None else 3 if page.kind == "variable" else int(page.value))
                below = selection.selection_set
                found.append(((*path, selection.name.value), size if below else int(not path)))
                if below:
                    walk(below, (*path, selection.name.value), size)
            elif selection.kind == "inline_fragment":
                walk(selection.selection_set, path, times)
            else:
                walk(by_name[selection.name.value].selection_set, path, times)

    walk(document.definitions[0].selection_set, (), 1)  # type: ignore[attr-defined]
    return found


@given(documents())
def test_facts_equal_those_of_the_written_out_document(source: str) -> None:
    fields = expanded(source)
    objects = sum(size for _, size in fields)
    depth = max(len(path) for path, _ in fields)
    exact = DocumentLimits(
        max_tokens=100_000, max_depth=depth, max_fields=10**9, max_aliases=10**9, max_root_fields=10**9, max_cost=10**12
    )
    assert cost(source, limits=exact, variables={"n": 3}) == objects
    for name, found in (
        ("max_depth", depth),
        ("max_root_fields", sum(len(path) == 1 for path, _ in fields)),
    ):
        below = DocumentLimits(**{**as_dict(exact), name: found - 1})
        assert refused(source, limits=below, variables={"n": 3}) == {"limit": name, "value": found - 1, "found": found}


@given(documents())
def test_a_served_document_is_validated_and_a_refused_one_says_why(source: str) -> None:
    try:
        cost(source, variables={"n": 3})
    except ClientError as refusal:
        assert refusal.context["found"] > refusal.context["value"]  # noqa: PT017
    else:
        validate(SCHEMA, parse_document(source))
