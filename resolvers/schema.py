"""The schema of all declared types and fields, and of those that are not implemented yet."""

import zlib
from collections.abc import Iterator
from functools import cache
from importlib import import_module, resources
from typing import Any

import strawberry
from graphql import (
    DirectiveLocation,
    GraphQLDeprecatedDirective,
    GraphQLDirective,
    GraphQLField,
    GraphQLInt,
    GraphQLResolveInfo,
    GraphQLSchema,
    extend_schema,
    get_nullable_type,
    is_list_type,
    parse,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from labelyard.domain.error import NotImplementedOperation
from labelyard.resolvers.annotation import type as annotation
from labelyard.resolvers.description import describe
from labelyard.resolvers.executor import CompletedValueExecutor
from labelyard.resolvers.object_type import constant
from labelyard.resolvers.operation import FIELDS, OPERATIONS
from labelyard.resolvers.scalar import SCALARS
from labelyard.storage.plan.source import registry

ROOMS = [
    "annotation.query",
    "api_key.mutation",
    "api_key.query",
    "asset.consensus",
    "asset.deletion",
    "asset.importing",
    "asset.legacy",
    "asset.query",
    "asset.update",
    "conversation.mutation",
    "conversation.query",
    "dataset.mutation",
    "dataset.query",
    "event.query",
    "issue.mutation",
    "issue.query",
    "label.deletion",
    "label.legacy",
    "label.query",
    "label.submission",
    "label.update",
    "model.mutation",
    "model.query",
    "notification.mutation",
    "notification.query",
    "organization.mutation",
    "organization.query",
    "plugin.mutation",
    "plugin.query",
    "project.legacy",
    "project.mutation",
    "project.publication",
    "project.query",
    "project_user.mutation",
    "project_user.query",
    "project_version.mutation",
    "project_version.query",
    "tag.mutation",
    "tag.query",
    "tool.legacy",
    "upload.query",
    "user.mutation",
    "user.query",
    "user.session",
    "webhook.mutation",
    "webhook.query",
    "workflow.action",
    "workflow.copy",
    "workflow.lock",
    "workflow.step",
    "workflow.step_group",
]

ANSWERED_THROUGH_INTERFACES = [
    annotation.ClassificationAnnotation,
    annotation.TranscriptionAnnotation,
    annotation.ComparisonAnnotation,
    annotation.RankingAnnotation,
    annotation.ObjectDetectionAnnotation,
    annotation.VideoClassificationAnnotation,
    annotation.VideoObjectDetectionAnnotation,
    annotation.VideoTranscriptionAnnotation,
    annotation.VideoClassificationKeyAnnotation,
    annotation.VideoObjectDetectionKeyAnnotation,
    annotation.VideoTranscriptionKeyAnnotation,
]

ROOT_TYPES = {"query": "Query", "mutation": "Mutation"}


@cache
def whole_schema() -> strawberry.Schema:
    """The whole schema, ready to be executed."""
    for room in ROOMS:
        import_module(f"labelyard.resolvers.{room}")
    from labelyard.resolvers.label.subscription import Subscription

    schema = strawberry.Schema(
        query=create_type("Query", FIELDS["query"]),
        mutation=create_type("Mutation", FIELDS["mutation"]),
        subscription=Subscription,
        types=ANSWERED_THROUGH_INTERFACES,
        execution_context_class=CompletedValueExecutor,
        config=StrawberryConfig(auto_camel_case=False, scalar_map=SCALARS),
    )
    schema._schema = _with_unimplemented(_readable_by_every_client(schema._schema))
    describe(schema._schema)
    _bind(schema._schema)
    return schema


def core_schema() -> GraphQLSchema:
    """The executable schema of graphql-core."""
    return whole_schema()._schema


@cache
def schema_text() -> str:
    """The schema in the schema language, as `schema.graphql` keeps it."""
    return print_schema(core_schema()) + "\n"


@cache
def schema_version() -> str:
    """A version that changes with the schema: clients keep their copy of the schema under it."""
    return f"2.0.{zlib.crc32(schema_text().encode())}"


def missing_operations() -> list[str]:
    """Root fields of the contract that answer `NOT_IMPLEMENTED`, as `mutation.createTag`."""
    return [
        f"{kind}.{name}" for kind, name, field in _unimplemented_fields() if not _is_list_or_count(kind, name, field)
    ]


def empty_operations() -> list[str]:
    """Root fields of the contract that answer an empty list or zero until what they list can be made."""
    return [f"{kind}.{name}" for kind, name, field in _unimplemented_fields() if _is_list_or_count(kind, name, field)]


def _unimplemented_fields() -> Iterator[tuple[str, str, GraphQLField]]:
    schema = core_schema()
    for kind, type_name in ROOT_TYPES.items():
        for name, field in schema.type_map[type_name].fields.items():  # type: ignore[attr-defined]
            if (kind, name) not in OPERATIONS:
                yield kind, name, field


def _is_list_or_count(kind: str, name: str, field: GraphQLField) -> bool:
    answered = get_nullable_type(field.type)
    return kind == "query" and (is_list_type(answered) or (answered is GraphQLInt and name.startswith("count")))


def _with_unimplemented(schema: GraphQLSchema) -> GraphQLSchema:
    """Add what `unimplemented.graphql` declares: the part of the contract that has no behaviour yet."""
    text = resources.files("labelyard.resolvers").joinpath("unimplemented.graphql").read_text()
    extended = extend_schema(schema, parse(text))
    _answer_unimplemented_fields(extended)
    return extended


def _answer_unimplemented_fields(schema: GraphQLSchema) -> None:
    """Answer the fields that the unimplemented part adds to stored objects with what is true while nothing fills them.

    Clients select some of them (`Project.dataConnections`) on the way to what is served.
    """
    for source in registry.values():
        declared: Any = schema.type_map.get(source.name)
        for name, field in declared.fields.items() if declared is not None else ():
            if name not in source.fields:
                is_list = is_list_type(get_nullable_type(field.type))
                source.fields[name] = constant([] if is_list else None)


def _readable_by_every_client(schema: GraphQLSchema) -> GraphQLSchema:
    """Describe `@deprecated` as graphql-core 3.2 knows it: clients that introspect with it stop at a newer location."""
    known = GraphQLDirective(
        name=GraphQLDeprecatedDirective.name,
        locations=[
            location
            for location in GraphQLDeprecatedDirective.locations
            if location is not DirectiveLocation.DIRECTIVE_DEFINITION
        ],
        args=GraphQLDeprecatedDirective.args,
        description=GraphQLDeprecatedDirective.description,
    )
    settings = schema.to_kwargs()
    settings["directives"] = tuple(
        known if directive.name == known.name else directive for directive in schema.directives
    )
    return GraphQLSchema(**settings)


def _bind(schema: GraphQLSchema) -> None:
    """Give every root field its operation, or what it answers while there is none yet."""
    for kind, type_name in ROOT_TYPES.items():
        for name, field in schema.type_map[type_name].fields.items():  # type: ignore[attr-defined]
            operation = OPERATIONS.get((kind, name))
            if operation is not None:
                field.resolve = operation.resolve
            elif not _is_list_or_count(kind, name, field):
                field.resolve = _unimplemented
            else:
                field.resolve = _no_rows if is_list_type(get_nullable_type(field.type)) else _no_count


def _no_rows(_source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> list[Any]:
    info.context.require_actor  # noqa: B018 - strangers learn nothing
    return []


def _no_count(_source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> int:
    info.context.require_actor  # noqa: B018
    return 0


async def _unimplemented(_source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> None:
    info.context.require_actor  # noqa: B018
    raise NotImplementedOperation(
        f"{info.field_name} is part of the contract and not implemented by this server yet; "
        "`labelyard schema --missing` lists all such operations.",
        operation=info.field_name,
    )
