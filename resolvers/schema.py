"""The schema of all declared types and fields."""

import zlib
from functools import cache
from importlib import import_module, resources

import strawberry
from graphql import (
    DirectiveLocation,
    GraphQLDeprecatedDirective,
    GraphQLDirective,
    GraphQLObjectType,
    GraphQLSchema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from labelyard.resolvers.annotation import type as annotation
from labelyard.resolvers.description import describe
from labelyard.resolvers.executor import CompletedValueExecutor
from labelyard.resolvers.operation import FIELDS, OPERATIONS
from labelyard.resolvers.scalar import SCALARS

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
    "data_connection.mutation",
    "data_connection.query",
    "data_integration.mutation",
    "data_integration.query",
    "export.mutation",
    "export.query",
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
    "trained_model.mutation",
    "trained_model.query",
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
    schema._schema = _readable_by_every_client(schema._schema)
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
    """Root fields that released clients ask for (`contract.txt`) and the schema does not have, as `mutation.createTag`."""
    text = resources.files("labelyard.resolvers").joinpath("contract.txt").read_text()
    schema = core_schema()
    served = {f"{kind}.{name}" for kind, root in schema_roots(schema).items() for name in root.fields}
    return [line for line in text.splitlines() if not line.startswith("#") and line not in served]


def schema_roots(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    """The types of root fields, by the kind of the operations that ask for them."""
    roots = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
    return {kind: root for kind, root in roots.items() if root is not None}


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
    """Give every root field its operation."""
    for kind, type_name in ROOT_TYPES.items():
        for name, field in schema.type_map[type_name].fields.items():  # type: ignore[attr-defined]
            field.resolve = OPERATIONS[(kind, name)].resolve
