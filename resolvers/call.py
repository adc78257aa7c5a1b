"""One root field being resolved: its caller, the connection it writes with, and how it reads its answer."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import structlog
from graphql import FieldNode, GraphQLResolveInfo, get_argument_values, get_named_type

from labelyard.domain.error import BadUserInput, Unauthenticated, Unavailable
from labelyard.domain.permission import ROLES_ALLOWED, Action, Actor
from labelyard.resolvers.kept_id import as_chosen
from labelyard.resolvers.object_reader import ObjectReader
from labelyard.resolvers.selection import selection_of
from labelyard.services.app_services import AppServices
from labelyard.services.guard import authorize, current_checks, renewed
from labelyard.services.label.queue import LabelQueue
from labelyard.storage.database import Connection, Database, Reader, Writer
from labelyard.storage.filter.condition import Filter
from labelyard.storage.filter.label import label_filter
from labelyard.storage.outcome import Writes, current_writes
from labelyard.storage.plan import Plan, Selected, source_of
from labelyard.storage.plan.budget import ReadBudget
from labelyard.storage.plan.tree import shape

if TYPE_CHECKING:
    from labelyard.resolvers.once import Once

P = ParamSpec("P")
T = TypeVar("T")
log = structlog.get_logger("labelyard.operation")

READING_ATTEMPTS = 2
"""How often a connection is replaced under the answer of a write."""

PlanCache = dict[tuple[int, tuple[Any, ...]], tuple[FieldNode, Plan]]


@dataclass(slots=True)
class CompletedValue:
    """A value that needs no completion: the executor passes it on as it is."""

    value: Any


@dataclass(frozen=True, slots=True)
class AfterCommit:
    """The answer of a mutation, read when its transaction has been committed."""

    read: Callable[[], Awaitable[Any]]


class UncheckedWriteError(AssertionError):
    """A defect: a root field with a project action has written without asking for rights in any project."""


@dataclass
class RequestContext:
    """The caller, the data and the plans of one request."""

    actor: Actor | None
    database: Database
    services: AppServices
    label_queue: LabelQueue
    plans: PlanCache
    request_id: str
    address: str = ""  # where the request comes from, as far as the server can tell
    warnings: list[dict[str, Any]] = field(default_factory=list)
    budget: ReadBudget = field(default_factory=ReadBudget)
    once: "Once | None" = None  # of a mutation that says how it is recognised when it is sent again

    @property
    def require_actor(self) -> Actor:
        """The person, or the refusal of a request without a valid key."""
        if self.actor is None:
            raise Unauthenticated("This needs an API key: send the header `Authorization: X-API-Key <key>`.")
        return self.actor


def is_unchecked(action: Action) -> bool:
    """Whether an action needs rights in a project, and the field being resolved has asked for none yet."""
    return action in ROLES_ALLOWED and not current_checks()


def refuse_unchecked(writer: Writer, action: Action, name: str) -> None:
    """Refuse to commit what has been written for a project action without asking for rights in any project."""
    if writer.has_written and is_unchecked(action):
        log.error("written without a check of rights", field=name, rolled_back=True)
        raise UncheckedWriteError(f"{name} writes without a check of rights in any project")


class Call(ObjectReader):
    """One root field being resolved. `writes` says whether it may have committed something.

    `writer` is the open transaction of the field while there is one. Everything then reads and writes through it: a second
    connection would be waited for with the first one held.
    """

    __slots__ = ("action", "context", "info", "waits_for_others", "writer", "writes")

    def __init__(
        self,
        context: RequestContext,
        info: GraphQLResolveInfo[Any],
        action: Action,
        actor: Actor,
        *,
        waits_for_others: bool = False,
    ) -> None:
        super().__init__(context.database, context.services, actor, context.budget)
        self.context = context
        self.info = info
        self.action = action
        self.waits_for_others = waits_for_others
        self.writes: Writes = current_writes()
        self.writer: Writer | None = None

    async def authorize(self, project_id: str, *, in_archive: bool = False) -> None:
        """Refuse unless the actor may do the field's action in a project; an archived one takes it with `in_archive` only."""
        await authorize(self.writer or self.database, self.actor, self.action, project_id, in_archive=in_archive)

    def warn(self, problems: Sequence[Mapping[str, Any]]) -> None:
        """Add to `extensions.warnings` of the answer."""
        self.context.warnings.extend(dict(problem) for problem in problems)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writer]:
        """A transaction, committed when the block ends and rolled back when it raises.

        `mutation` opens it for most fields. A write of a project action for which no rights were asked is never committed.
        """
        self._refuse_second_connection()
        async with self.database.transaction() as writer:
            self.writer = writer
            try:
                if self.waits_for_others:
                    self.actor = await renewed(writer, self.actor, self.action)
                yield writer
            finally:
                self.writer = None
            refuse_unchecked(writer, self.action, self.info.field_name)

    @property
    def is_unchecked(self) -> bool:
        """Whether the field needs rights in a project, and none have been asked for yet."""
        return is_unchecked(self.action)

    def after_commit(self, read: Callable[P, Awaitable[Any]], *arguments: P.args, **named: P.kwargs) -> Any:
        """The answer of a mutation, to be read by a call of `read` after the commit."""
        return AfterCommit(lambda: read(*arguments, **named))

    def reader(self) -> AbstractAsyncContextManager[Reader]:
        """A connection for reading, outside any transaction."""
        self._refuse_second_connection()
        return super().reader()

    def reader_for(self, filters: Filter) -> AbstractAsyncContextManager[Connection]:
        """A connection for a filtered list, outside any transaction."""
        self._refuse_second_connection()
        return super().reader_for(filters)

    def _refuse_second_connection(self) -> None:
        if self.writer is not None:
            raise LookupError(
                f"{self.info.field_name} has a transaction open: read through its writer, or answer with `after_commit`"
            )

    async def run_read(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """Run a read. Behind a commit, a connection that is lost is replaced: reading may be repeated."""
        for _ in range(READING_ATTEMPTS if self.writes.may_have_happened else 0):
            with suppress(Unavailable):
                return await super().run_read(read)
        return await super().run_read(read)

    def plan(self) -> Plan:
        """The reading plan of this field's selection, compiled once per document and set of included fields."""
        node = self.info.field_nodes[0]
        known = self.context.plans.get((id(node), self.included))
        if known is None:
            source = source_of(get_named_type(self.info.return_type).name)
            # The node is kept with its plan: as long as it lives, nothing else can have its identity.
            known = (node, self.compile(source, selection_of(self.info)))
            self.context.plans[(id(node), self.included)] = known
        return known[1]

    @property
    def included(self) -> tuple[Any, ...]:
        """What besides the first node of the field decides about its plan: whether the actor sees less, whether the organization
        keeps ids in another form, all boolean variables, each by its name, and the other nodes of the field, of which each
        operation of a document may have its own.
        """
        values = self.info.variable_values.coerced
        booleans = tuple((name, value) for name, value in values.items() if isinstance(value, bool))
        return (
            self.sees_less,
            self.actor.has_kept_ids,
            *booleans,
            *(id(node) for node in self.info.field_nodes[1:]),
        )

    def with_nulls(self, argument: str) -> Any:
        """An argument with its nulls, for the few keys where null has a meaning of its own: it clears."""
        field = self.info.parent_type.fields[self.info.field_name]
        return get_argument_values(field, self.info.field_nodes[0], self.info.variable_values)[argument]

    # What follows answers `CompletedValue` values, which stand for objects of the field's type: hence `Any`.

    def answer(self, value: Any) -> Any:
        """A value that is not stored, cut down to this field's selection, with ids of assets as clients chose them."""
        if self.actor.has_kept_ids:
            value = as_chosen(value, self.actor)
        return CompletedValue(shape(value, selection_of(self.info), get_named_type(self.info.return_type).name))

    async def page(self, filters: Filter, *, first: int, skip: int) -> Any:
        """A page of the objects that a filter leaves, in creation order."""
        return CompletedValue(await self.read_list(self.plan(), filters, first=first, skip=skip))

    async def first_of(self, filters: Filter) -> Any:
        """The first object that a filter leaves, or null."""
        objects = await self.read_list(self.plan(), filters, first=1)
        return CompletedValue(objects[0]) if objects else None

    async def all_of(self, filters: Filter, *, most: int, instead: str) -> Any:
        """Everything that a filter leaves; a list longer than `most` is refused with what to call `instead`, never cut."""
        objects = await self.read_list(self.plan(), filters, first=most + 1)
        if len(objects) > most:
            raise BadUserInput(
                f"[tooManyItems] {self.info.field_name} has no pages and answers at most {most:,} objects; "
                f"call {instead} with `first` and `skip`.",
                limit=most,
            )
        return CompletedValue(objects)

    async def by_ids(self, ids: Sequence[str]) -> Any:
        """Objects that the caller is known to see, in the order of their ids."""
        plan = self.plan()
        if plan.is_identity:
            return CompletedValue(plan.build([(identifier,) for identifier in ids], (), self))
        return CompletedValue(await self.read_objects(plan, ids))

    async def by_id(self, identifier: str | None) -> Any:
        """One object, or null."""
        if identifier is None:
            return None
        objects: list[Any] = (await self.by_ids([identifier])).value
        return CompletedValue(objects[0]) if objects else None

    async def object_below(self, field: Selected, identifier: str) -> Any:
        """A stored object that a field of a value which is not stored leads to."""
        plan = self.compile(source_of(field.type_name), field.children or ())
        return (await self.read_objects(plan, [identifier]))[0]

    async def visible_labels(self, ids: Sequence[str]) -> list[Any]:
        """Those of the labels with these ids that the caller may see, for this field's selection."""
        self.budget = self.budget.renewed()  # each message is an answer of its own
        return await self.read_list(self.plan(), label_filter({"idIn": list(ids)}, self.actor), first=len(ids))

    def as_(self, actor: Actor) -> "Call":
        """The same field, resolved for another person: the one who has just logged in."""
        return Call(self.context, self.info, self.action, actor)

    def with_project(self, project_id: str) -> "Call":
        """The same field, for the actor as the administrator of a project that they have just created."""
        return self.as_(self.actor.administering(project_id))

    def keeps_ids(self) -> None:
        """Remember, for the rest of the request, that it has stored an asset under an id in another form."""
        self.actor = self.context.actor = replace(self.actor, has_kept_ids=True)
