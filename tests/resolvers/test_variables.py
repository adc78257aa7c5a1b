"""What is read of variables is what graphql-core reads, and where it refuses, nothing is read."""

import pytest
from graphql import GraphQLInputObjectType, GraphQLList, GraphQLNonNull, get_variable_values, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from labelyard.resolvers.schema import core_schema
from labelyard.resolvers.variables import DocumentVariables

TEXT = """
query Both($where: {0}, $all: [{0}!], $yes: Boolean, $first: PageSize) {{ a: countIssues(where: {{}}) }}
query Preset($first: PageSize = 5) {{ a: countIssues(where: {{}}) }}
"""
INPUTS = sorted(name for name, type_ in core_schema().type_map.items() if isinstance(type_, GraphQLInputObjectType))
odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 2**40),
    st.text(max_size=3),
    st.floats(allow_nan=False),
    st.just([]),
    st.just({}),
)


def values_of(type_, depth=0):
    """Mostly what a type takes, sometimes anything."""
    if isinstance(type_, GraphQLNonNull):
        return values_of(type_.of_type, depth)
    if isinstance(type_, GraphQLList):
        right = st.lists(values_of(type_.of_type, depth), max_size=2) | values_of(type_.of_type, depth)
    elif isinstance(type_, GraphQLInputObjectType):
        right = objects(type_, depth)
    else:
        known = {
            "Boolean": st.booleans(),
            "Int": st.integers(-5, 5),
            "Float": st.floats(-5, 5) | st.integers(-5, 5),
            "String": st.text(max_size=3),
            "ID": st.text(max_size=3) | st.integers(0, 9),
        }
        other = st.sampled_from(list(getattr(type_, "values", {})) or ["x", 3, {"a": 1}])
        right = known.get(type_.name, other)
    return st.integers(0, 19).flatmap(lambda dice: odd if dice == 0 else right)


@st.composite
def objects(draw, type_, depth):
    if depth > 2:
        return {}
    names = draw(st.lists(st.sampled_from(list(type_.fields)), max_size=4, unique=True))
    needed = [name for name, field in type_.fields.items() if isinstance(field.type, GraphQLNonNull)]
    chosen = [*names, *(name for name in needed if name not in names and draw(st.integers(0, 9)))]
    value = {name: draw(values_of(type_.fields[name].type, depth + 1)) for name in chosen}
    return {**value, "unheardOf": 1} if draw(st.integers(0, 19)) == 0 else value


@pytest.mark.parametrize("name", INPUTS)
def test_variables_are_read_as_the_library_reads_them(name):
    schema = core_schema()
    document = parse(TEXT.format(name))
    type_ = schema.type_map[name]
    variables = DocumentVariables(schema, document)
    read_any = False

    @settings(max_examples=40, deadline=None)
    @given(
        st.fixed_dictionaries(
            {},
            optional={
                "where": objects(type_, 0) | st.none(),
                "all": st.lists(objects(type_, 0), max_size=2) | st.none(),
                "yes": st.booleans() | odd,
                "first": st.integers(0, 9) | odd,
                "unused": odd,
            },
        )
    )
    def compare(values):
        nonlocal read_any
        expected = get_variable_values(schema, document.definitions[0].variable_definitions, values)
        read = variables.read("Both", values)
        if read is not None:
            read_any = True
            assert not isinstance(expected, list), expected
            assert read.coerced == expected.coerced
            assert repr(read.sources) == repr(expected.sources)
            assert repr(read.coerced) == repr(expected.coerced)  # in the same order, too

    compare()
    assert read_any


def test_what_is_plainly_right_is_read():
    variables = DocumentVariables(core_schema(), parse(TEXT.format("AssetWhere")))

    read = variables.read("Both", {"where": {"project": {"id": "p"}, "externalIdStrictlyIn": ["a", "b"]}, "first": 3})

    assert read.coerced == {"where": {"externalIdStrictlyIn": ["a", "b"], "project": {"id": "p"}}, "first": 3}


def test_defaults_are_left_to_the_library():
    variables = DocumentVariables(core_schema(), parse(TEXT.format("AssetWhere")))

    assert variables.read("Preset", {}) is None
    assert variables.read("Preset", {"first": 7}).coerced == {"first": 7}
    assert variables.read("nobody", {}) is None


def test_the_document_without_definitions_shares_its_selections():
    document = parse(TEXT.format("AssetWhere"))

    bare = DocumentVariables(core_schema(), document).document

    for ours, theirs in zip(bare.definitions, document.definitions, strict=True):
        assert ours.variable_definitions == ()
        assert ours.selection_set is theirs.selection_set
