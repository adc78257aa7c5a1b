"""The only root field of a document is resolved as the library's executor would."""

import pytest
from graphql import execute, parse, validate

from labelyard.resolvers.call import RequestContext
from labelyard.resolvers.executor import CompletedValueExecutor
from labelyard.resolvers.root_field import root_fields
from labelyard.resolvers.schema import core_schema
from labelyard.resolvers.variables import DocumentVariables
from labelyard.server.app_services import app_services_of
from labelyard.services.label.queue import LabelQueue
from tests.resolvers.test_reading import actor_of

PROJECT = {"id": "of the project"}
# Documents, their variables, and whether the field is plain enough.
DOCUMENTS = {
    "a list": ("query ($w: LabelWhere!, $f: PageSize!, $s: Int!) { labels(where: $w, first: $f, skip: $s) { id author { email } } }",
               {"w": {"project": PROJECT}, "f": 9, "s": 0}, True),
    "a count under another name": ("query ($w: AssetWhere!) { n: countAssets(where: $w) }", {"w": {"project": PROJECT}}, True),
    "a fragment": ("query Me { viewer { ...who } } fragment who on User { email }", {}, True),
    "a refusal where null may stand": (
        "mutation ($w: AssetWhere) { label: appendToLabels(where: $w) { id } }", {"w": {"id": "nobody's"}}, True),
    "a refusal where null may not stand": ("query ($w: LabelWhere!) { countLabels(where: $w) }",
                                           {"w": {"search": "no search ("}}, True),
    "a literal": ('query ($w: AssetWhere!) { assets(where: $w, first: 2, skip: 0) { id } }', {"w": {"project": PROJECT}}, False),
    "a directive": ("query ($w: AssetWhere!, $b: Boolean!) { countAssets(where: $w) @include(if: $b) }",
                    {"w": {"project": PROJECT}, "b": False}, False),
    "two fields": ("{ viewer { email } __typename }", {}, False),
    "introspection": ("{ __schema { queryType { name } } }", {}, False),
}  # fmt: skip


def filled(value, project_id):
    if isinstance(value, dict):
        return (
            {"id": project_id} if value is PROJECT else {key: filled(item, project_id) for key, item in value.items()}
        )
    return value


def said(result):
    return result.data, [(error.message, error.path, error.locations) for error in result.errors or ()]


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_it_answers_what_the_library_would(project, database, settings, name):
    text, variables, is_plain = DOCUMENTS[name]
    services = app_services_of(settings)
    await project.label(await project.asset())
    variables = filled(variables, project.id)
    actor = await actor_of(database, project.organization.admin.key)
    document = parse(text)
    assert validate(core_schema(), document) == []
    known = DocumentVariables(core_schema(), document)

    def context():
        return RequestContext(
            actor=actor,
            database=database,
            services=services,
            label_queue=LabelQueue(database, services),
            plans={},
            request_id="",
        )

    (root,) = root_fields(core_schema(), known.document).values()
    assert (root is not None) is is_plain
    executed = execute(
        core_schema(),
        document,
        variable_values=variables,
        context_value=context(),
        executor_class=CompletedValueExecutor,
    )
    expected = await executed if hasattr(executed, "__await__") else executed
    if root is not None:
        operation = next(node for node in document.definitions if node.kind == "operation_definition")
        read = known.read(operation.name.value if operation.name else None, variables)
        arguments = root.arguments(read)
        result = await root.result(arguments, read, context(), known.document)
        assert said(result) == said(expected)
        assert bool(expected.errors) == ("refusal" in name), expected.errors
