"""What labelyard uses of its libraries beside their documented interfaces, each with the reason.

An upgrade that moves one of these parts fails here, by name, and not first in the middle of a request.
"""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import graphql
import pytest
import strawberry
import uvicorn
from asyncpg.pool import Pool, PoolConnectionProxy
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.type import GraphQLInputField
from starlette.applications import Starlette
from starlette.responses import Response
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

import labelyard
from labelyard.resolvers import scalar
from labelyard.storage.cluster.programs import INSTALLATION, LIBRARIES, MAJOR_VERSION, packages_of_the_wheel
from labelyard.storage.statement import statement
from tests.test_layers import ROOT

LAYERS = ("domain", "storage", "services", "resolvers", "server")
LIBRARIES_WITH_CLASSES = ("uvicorn", "strawberry", "graphql", "starlette", "asyncpg")

OVERRIDDEN = {
    # The head of a request is bounded in time and size while it arrives, and unsent answers over all connections.
    ("server.http_protocol", "_BoundedHttpProtocol", HttpToolsProtocol): {
        "connection_made": ["transport"],
        "connection_lost": ["exc"],
        "data_received": ["data"],
        "on_message_begin": [],
        "on_headers_complete": [],
        "pause_writing": [],
        "resume_writing": [],
    },
    # Text that is not UTF-8 ends the socket without a traceback in the log.
    ("server.websocket_protocol", "BoundedWebSocketProtocol", WebSocketsSansIOProtocol): {
        "send_receive_event_to_app": []
    },
    # The greeting is printed once the server listens, and signals count from the first moment of the process.
    ("server.serve", "_Server", uvicorn.Server): {
        "__init__": ["config"],
        "startup": ["sockets"],
        "handle_exit": ["sig", "frame"],
    },
    # The headers of an answer are known.
    ("server.door.graphql", "Answer", Response): {"__init__": None},
    # GraphQL over HTTP passes by the routes.
    ("server.application", "Application", Starlette): {"__init__": None, "__call__": ["scope", "receive", "send"]},
    # Values that plans have completed are handed on; variables may have been read before.
    ("resolvers.executor", "CompletedValueExecutor", ExecutorThrowingOnIncremental): {
        "__init__": None,
        "complete_value": ["return_type", "field_details_list", "info", "path", "result", "position_context"],
    },
}

UNDERSCORES = {
    # The schema of graphql-core is extended with the part of the contract that has no behaviour yet, and executed directly.
    ("resolvers/schema.py", "_schema"),
    # A subscription reads the selection, as root fields do, from the info of graphql-core.
    ("server/door/subscription.py", "_raw_info"),
}
# Documented, for all their underscore: parts of named tuples, and the exit of a process.
PUBLIC_UNDERSCORES = {"_asdict", "_exit", "_fields", "_make", "_replace"}


def modules() -> Iterator[str]:
    for layer in LAYERS:
        package = importlib.import_module(f"labelyard.{layer}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # The program of plugins runs where it is imported.
            if ".migration." not in module.name and not module.name.endswith("services.plugin.program"):
                yield module.name


def test_every_class_that_changes_a_library_is_named_here() -> None:
    found = {}
    for name in modules():
        for key, value in vars(importlib.import_module(name)).items():
            if not inspect.isclass(value) or value.__module__ != name or issubclass(value, BaseException):
                continue
            bases = [base for base in value.__mro__ if base.__module__.split(".")[0] in LIBRARIES_WITH_CLASSES]
            overridden = {own for own in vars(value) if bases and hasattr(bases[0], own) and callable(vars(value)[own])}
            if overridden:
                found[name.removeprefix(f"{labelyard.__name__}."), key, bases[0]] = overridden
    assert found == {key: set(methods) for key, methods in OVERRIDDEN.items()}


@pytest.mark.parametrize("key", OVERRIDDEN, ids=lambda key: key[1])
def test_what_is_overridden_is_called_as_it_was(key: tuple[str, str, type]) -> None:
    for name, parameters in OVERRIDDEN[key].items():
        if parameters is not None:
            assert list(inspect.signature(getattr(key[2], name)).parameters)[1:] == parameters, name


def test_no_other_private_name_is_used() -> None:
    found = set()
    for layer in LAYERS:
        for path in (Path(ROOT) / layer).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
                    is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
                    if not is_own and node.attr not in PUBLIC_UNDERSCORES and "migration" not in path.parts:
                        found.add((str(path.relative_to(ROOT)), node.attr))
    assert found == UNDERSCORES


def http_protocol() -> HttpToolsProtocol:
    config = uvicorn.Config(lambda: None, log_config=None)
    config.load()
    return HttpToolsProtocol(config, ServerState(), {})


async def test_the_connection_of_uvicorn_has_its_parts() -> None:
    """A late head is answered and its connection closed (`server/http_protocol.py`)."""
    protocol = http_protocol()
    assert {"loop", "transport", "cycle"} <= vars(protocol).keys()
    assert protocol.cycle is None
    assert "response_complete" in inspect.getsource(HttpToolsProtocol)
    assert STATUS_LINE[408].startswith(b"HTTP/1.1 408 ")
    assert STATUS_LINE[431].endswith(b"\r\n")


async def test_the_websocket_of_uvicorn_has_its_parts() -> None:
    """A message that is not UTF-8 closes the socket (`server/websocket_protocol.py`)."""
    config = uvicorn.Config(lambda: None, log_config=None)
    config.load()
    protocol = WebSocketsSansIOProtocol(config, ServerState(), {})
    assert {"curr_msg_data_type", "close_sent", "frames", "conn"} <= vars(protocol).keys()
    assert callable(protocol.conn.send_close)
    assert list(inspect.signature(protocol.handle_parser_exception).parameters) == []


def test_the_server_of_uvicorn_is_asked_to_end_by_a_flag() -> None:
    """`SIGTERM` ends it in order, whoever handles the signal (`server/serve.py`)."""
    assert uvicorn.Server(uvicorn.Config(lambda: None, log_config=None)).should_exit is False


def test_starlette_does_not_redirect_when_told_so() -> None:
    """An address with a slash too many is not found: a redirected POST would lose its body (`server/application.py`)."""
    assert Starlette().router.redirect_slashes is True


def test_strawberry_keeps_what_is_read_of_it() -> None:
    """Descriptions come from docstrings of declared classes; root fields are named here (`resolvers/operation.py`)."""
    assert "origin" in StrawberryObjectDefinition.__dataclass_fields__
    assert "wrapped_cls" in StrawberryEnumDefinition.__dataclass_fields__
    made = strawberry.field(resolver=lambda: None)
    assert isinstance(made, StrawberryField)
    assert hasattr(made, "python_name")
    assert "_raw_info" in strawberry.Info.__dataclass_fields__


def test_strawberry_builds_a_schema_of_graphql_core_and_describes_its_types() -> None:
    @strawberry.type
    class Query:
        """A sentence."""

        one: int = 1

    core = strawberry.Schema(query=Query)._schema
    assert isinstance(core, graphql.GraphQLSchema)
    assert core.type_map["Query"].extensions["strawberry-definition"].origin is Query


def test_variables_are_read_into_what_the_executor_of_graphql_core_keeps() -> None:
    """Values are read faster than the library does (`resolvers/variables.py`), and handed to the executor."""
    assert next(iter(inspect.signature(get_variable_signature).parameters)) == "schema"
    assert [*inspect.signature(VariableValueSource).parameters][:2] == ["signature", "value"]
    assert [*inspect.signature(VariableValues).parameters][:2] == ["sources", "coerced"]
    assert {"name", "type", "default"} <= set(inspect.signature(GraphQLVariableSignature).parameters)
    assert "variable_values" in inspect.getsource(ExecutorThrowingOnIncremental.__mro__[1].__init__)
    assert "executor_class" in inspect.signature(graphql.execute).parameters
    assert inspect.signature(graphql.execute).parameters["custom_context_args"].kind is inspect.Parameter.VAR_KEYWORD
    field = GraphQLInputField(graphql.GraphQLString)
    assert {"default", "default_value", "out_name"} <= {name for name in dir(field) if hasattr(field, name)}
    assert callable(graphql.GraphQLInputObjectType("X", {}).out_type)


def test_ids_are_read_by_a_patched_scalar_of_graphql_core() -> None:
    """The library lets nobody replace its type `ID` (`resolvers/scalar.py`): NUL and lone surrogates are the id of nothing."""
    patched: list[Callable[..., str]] = [scalar.ID.coerce_input_value, scalar.ID.parse_value]
    assert patched == [scalar.read_id] * 2
    assert graphql.GraphQLID is scalar.ID
    schema = graphql.build_schema("type Query { at(id: ID): String }")
    schema.type_map["Query"].fields["at"].resolve = lambda _source, _info, id: repr(id)
    for document, variables in (('{ at(id: "a\\u0000") }', {}), ("query ($id: ID) { at(id: $id) }", {"id": "a\0"})):
        result = graphql.graphql_sync(schema, document, variable_values=variables)
        assert result.data == {"at": repr("a\ufffd")}


def test_tokens_of_graphql_core_are_a_list_in_both_directions() -> None:
    """The way back is cut, so that documents are freed without the garbage collector (`server/edge/document_limits.py`)."""
    document = graphql.parse("{ a }")
    assert document.loc is not None
    second = document.loc.start_token.next
    assert second is not None
    assert second.prev is document.loc.start_token
    assert document.token_count == 3


def test_graphql_core_describes_deprecation_by_a_directive_that_is_replaced() -> None:
    """Clients with graphql-core 3.2 stop at a location that they do not know (`resolvers/schema.py`)."""
    assert graphql.DirectiveLocation.DIRECTIVE_DEFINITION in graphql.GraphQLDeprecatedDirective.locations
    schema = graphql.build_schema("type Query { a: Int }")
    assert {"directives", "query", "types"} <= schema.to_kwargs().keys()


async def test_asyncpg_tells_a_connection_that_its_pool_has_given_up(database) -> None:
    """Connections are kept outside their pool for long (`ConnectionCache`): a lost one is noticed, and given back without harm."""
    pool = await asyncpg.create_pool(database._url, min_size=1, max_size=1)
    driver = await pool.acquire()
    assert isinstance(driver, PoolConnectionProxy)
    driver.terminate()
    try:
        is_lost = driver.is_closed()
    except asyncpg.InterfaceError:
        is_lost = True
    assert is_lost
    await pool.release(driver, timeout=1)
    pool.terminate()
    assert "reset" in inspect.signature(Pool.__init__).parameters


async def test_asyncpg_says_in_english_how_severe_an_error_is(database) -> None:
    """An ERROR is certain to have been rolled back, a FATAL is not, in whatever language it comes (`storage/outcome.py`)."""
    async with database.pool.acquire() as connection:
        with pytest.raises(asyncpg.PostgresError) as raised:
            await connection.fetch("select 1 / 0")
    assert raised.value.severity_en == "ERROR"
    assert statement("select :a").text == "select $1"


def test_the_wheel_holds_postgresql_where_it_is_looked_for() -> None:
    """Its programs are run as they are, its Python code is never loaded (`storage/cluster/programs.py`)."""
    packages = packages_of_the_wheel()
    for program in ("postgres", "initdb", "psql", "pg_dump", "pg_restore"):
        assert (packages / INSTALLATION / "bin" / program).is_file(), program
    for folder in (INSTALLATION / "lib" / "postgresql", INSTALLATION / "share" / "postgresql", LIBRARIES):
        assert (packages / folder).is_dir(), folder
    assert INSTALLATION.name == f"pginstall{MAJOR_VERSION}"
