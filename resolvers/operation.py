"""Root fields: how they are declared, what they get, and what they may answer.

A root field is an async function decorated with `query` or `mutation` and the action it needs. Its first parameter is the
`Call`; the others are the GraphQL arguments, which arrive as plain values: input objects as dicts, enums as texts, and nothing
where the client sent null or nothing (`Input[X]` says so to the reader and X to the schema).

The second parameter of a mutation is a `Writer`: its transaction, opened before the function and committed after it. The
function returns what to read then (`call.after_commit`), for what is answered is read through the same plans as every list. A
mutation that does something slow first declares `own_transaction` with the reason, and opens `call.transaction()` itself: no
transaction is open while files are written, passwords hashed or assets searched for.

Behind a commit there is only the answer or `UnknownOutcome`: `Operation.resolve` sees to it for every field, however it writes.
"""

import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin

import strawberry
import structlog
from graphql import GraphQLResolveInfo
from strawberry.types.field import StrawberryField

from labelyard.domain.error import ClientError
from labelyard.domain.permission import Action, Actor
from labelyard.resolvers.argument import Input, without_nulls
from labelyard.resolvers.call import AfterCommit, Call, RequestContext, UncheckedWriteError, is_unchecked
from labelyard.resolvers.kept_id import as_chosen_in, as_chosen_text, with_kept_ids
from labelyard.resolvers.once import Once
from labelyard.resolvers.performing import Performing
from labelyard.storage.database import Writer

log = structlog.get_logger("labelyard.operation")

IS_STRICT = sys.flags.dev_mode
"""Whether a committed write without any check of rights fails (tests, `python -X dev`) or is only logged."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A declared root field."""

    kind: str
    name: str
    action: Action
    function: Callable[..., Awaitable[Any]]
    is_public: bool
    opens_transaction: bool
    """Whether the function gets a `Writer`."""
    waits_for_others: bool = False
    """Whether it asks another server before it writes; its transaction begins with looking at the rights again."""

    async def resolve(self, _source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Authenticate, check what needs no object, and run the function."""
        context: RequestContext = info.context
        actor = NOBODY if self.is_public else context.require_actor
        with Performing(
            self.name,
            self.action,
            actor,
            is_mutation=self.kind == "mutation",
            address=context.address,
            request_id=context.request_id,
        ) as writes:
            if context.once is not None and not self.is_public:
                return await self._answer_once(context.once, context, info, actor, arguments)
            call = self._call(context, info, actor)
            answer = await self._answer(call, without_nulls(arguments))
            if writes.may_have_happened and call.is_unchecked:
                report_unchecked(self.name, context.request_id)
        return answer

    async def _answer_once(
        self,
        once: Once,
        context: RequestContext,
        info: GraphQLResolveInfo[Any],
        actor: Actor,
        arguments: Mapping[str, Any],
    ) -> Any:
        """The answer that the field gave when its request came first; else its answer now, kept with what it does."""

        async def run() -> Any:
            return await self._answer(self._call(context, info, actor), without_nulls(arguments))

        return await once.answer(
            context,
            actor,
            str(info.path.key),
            run,
            is_slow=self.waits_for_others,
            is_unchecked=lambda: is_unchecked(self.action),
        )

    def _call(self, context: RequestContext, info: GraphQLResolveInfo[Any], actor: Actor) -> Call:
        return Call(context, info, self.action, actor, waits_for_others=self.waits_for_others)

    async def _answer(self, call: Call, arguments: Mapping[str, Any]) -> Any:
        """The answer of the function. Ids in arguments are looked up, and ids in warnings and refusals are cut."""
        context = call.context
        if call.actor.has_kept_ids:
            arguments = await with_kept_ids(context.database, call.actor, call.info, arguments)
        try:
            answer = await self._run(call, arguments)
            return await answer.read() if answer.__class__ is AfterCommit else answer
        except ClientError as refusal:
            if call.actor.has_kept_ids:
                as_chosen_in(refusal, call.actor)
            raise
        finally:
            if call.actor.has_kept_ids:
                context.warnings[:] = as_chosen_text(context.warnings, call.actor)

    async def _run(self, call: Call, arguments: Mapping[str, Any]) -> Any:
        """Run the function, in a transaction if it gets one; of a transaction that fails no warning is left either."""
        if not self.opens_transaction:
            return await self.function(call, **arguments)
        warnings = call.context.warnings
        before = len(warnings)
        try:
            async with call.transaction() as writer:
                return await self.function(call, writer, **arguments)
        except BaseException:
            del warnings[before:]
            raise


def report_unchecked(name: str, request_id: str) -> None:
    """Report a defect that a `Call` cannot prevent: a service has committed without a check of rights."""
    log.error("written without a check of rights", field=name, request_id=request_id)
    if IS_STRICT:
        raise UncheckedWriteError(f"{name} has written without a check of rights in any project")


NOBODY = Actor("", "", "", is_organization_admin=False, roles={})
OPERATIONS: dict[tuple[str, str], Operation] = {}
FIELDS: dict[str, list[StrawberryField]] = {"query": [], "mutation": []}


def _schema_type(annotation: Any) -> Any:
    """`Input[X]` as X, inside lists and optionals too."""
    origin = get_origin(annotation)
    if origin is Input:
        return get_args(annotation)[0]
    if origin is None or origin is Annotated:
        return annotation
    inner = tuple(_schema_type(part) for part in get_args(annotation))
    if origin is list:
        return list[inner[0]]  # type: ignore[valid-type]
    joined = inner[0]
    for part in inner[1:]:
        joined = joined | part
    return joined


def _declare(operation: Operation, *, deprecated: str | None) -> None:
    """Register a root field and make its Strawberry field."""
    function = operation.function
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(
            annotation=_schema_type(parameter.annotation),
            default=strawberry.UNSET if parameter.default is None else parameter.default,
        )
        for parameter in list(signature.parameters.values())[2 if operation.opens_transaction else 1 :]
    ]

    def resolver(**_arguments: Any) -> Any:
        raise LookupError("root fields are resolved by their Operation")

    resolver.__name__ = operation.name
    resolver.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    resolver.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    resolver.__annotations__["return"] = signature.return_annotation
    OPERATIONS[(operation.kind, operation.name)] = operation
    field = strawberry.field(
        resolver=resolver, description=inspect.cleandoc(function.__doc__ or ""), deprecation_reason=deprecated
    )
    field.python_name = operation.name
    FIELDS[operation.kind].append(field)


def _takes_writer(function: Callable[..., Awaitable[Any]]) -> bool:
    """Whether the second parameter is a `Writer`."""
    parameters = list(inspect.signature(function).parameters.values())
    return len(parameters) > 1 and parameters[1].annotation is Writer


F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


def query(action: Action, *, deprecated: str | None = None) -> Callable[[F], F]:
    """Declare a query field that needs an action."""

    def declare(function: F) -> F:
        operation = Operation("query", function.__name__, action, function, is_public=False, opens_transaction=False)
        _declare(operation, deprecated=deprecated)
        return function

    return declare


def mutation(
    action: Action,
    *,
    own_transaction: str | None = None,
    waits_for_others: bool = False,
    is_public: bool = False,
    deprecated: str | None = None,
) -> Callable[[F], F]:
    """Declare a mutation field that needs an action; only log-in is public.

    The function gets a `Writer` as its second parameter. `own_transaction` is the reason why it gets none: what it does before
    its transaction, or instead of one. `waits_for_others` says that another server is
    called before: rights that end meanwhile are none any more.
    """

    def declare(function: F) -> F:
        opens_transaction = _takes_writer(function)
        if opens_transaction == bool(own_transaction):
            raise TypeError(
                f"{function.__name__} takes a `Writer` after its `Call`, or says why not: "
                '`@mutation(…, own_transaction="hashes the password first")`'
            )
        operation = Operation(
            "mutation",
            function.__name__,
            action,
            function,
            is_public=is_public,
            opens_transaction=opens_transaction,
            waits_for_others=waits_for_others,
        )
        _declare(operation, deprecated=deprecated)
        return function

    return declare


__all__ = ["FIELDS", "OPERATIONS", "Call", "Input", "mutation", "query"]
