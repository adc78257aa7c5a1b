"""Reading objects for one person, through plans, within one budget."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from labelyard.domain.permission import Actor
from labelyard.resolvers.argument import check_skip
from labelyard.services.app_services import AppServices
from labelyard.storage.database import Connection, Database, Reader
from labelyard.storage.filter.condition import Filter
from labelyard.storage.label import total_annotations
from labelyard.storage.plan import ObjectSource, Plan, Selection, compile_plan
from labelyard.storage.plan.budget import ReadBudget
from labelyard.storage.plan.run import Page, count, read_by_ids, read_page
from labelyard.storage.scope import labeler_projects, nameless_projects, viewer_values

T = TypeVar("T")


class ObjectReader:
    """The lists, counts and objects that a person may see. Computed fields of plans get it as their context."""

    __slots__ = ("actor", "budget", "database", "services")

    def __init__(self, database: Database, services: AppServices, actor: Actor, budget: ReadBudget) -> None:
        self.database = database
        self.services = services
        self.actor = actor
        self.budget = budget

    @property
    def viewer_values(self) -> dict[str, Any]:
        """The parameters that plans, filters and scopes may name."""
        return viewer_values(self.actor)

    @property
    def sees_less(self) -> bool:
        """Whether plans hide more from the actor: they label in a project, or are not to learn names in one."""
        return bool(labeler_projects(self.actor) or nameless_projects(self.actor))

    def reader(self) -> AbstractAsyncContextManager[Reader]:
        """A connection for reading."""
        return self.database.reader()

    def reader_for(self, filters: Filter) -> AbstractAsyncContextManager[Connection]:
        """A connection for a filtered list; a filter that looks at many rows waits for others of its kind."""
        if not filters.is_heavy:
            return self.reader()
        return self.database.heavy_reader(self.actor.organization_id)

    async def run_read(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """Run a read on a connection of its own."""
        async with self.reader() as connection:
            return await read(connection)

    def compile(self, source: ObjectSource, selection: Selection) -> Plan:
        """The reading plan of a selection, for this person."""
        return compile_plan(source, selection, for_labeler=self.sees_less, has_kept_ids=self.actor.has_kept_ids)

    async def read_list(self, plan: Plan, filters: Filter, *, first: int, skip: int = 0) -> list[Any]:
        """A page of the objects that a filter leaves, in creation order."""
        check_skip(skip)
        async with self.reader_for(filters) as connection:
            return await read_page(
                connection,
                plan,
                Page(first, skip, filters.list_key),
                where=filters.where,
                values={**self.viewer_values, **filters.values},
                context=self,
                budget=self.budget,
                probe=filters.probe,
            )

    async def read_objects(self, plan: Plan, ids: Sequence[str]) -> list[Any]:
        """Objects that the caller is known to see, in the order of their ids."""
        values, budget = self.viewer_values, self.budget
        return await self.run_read(
            lambda connection: read_by_ids(connection, plan, ids, values=values, context=self, budget=budget)
        )

    async def count(self, table: str, filters: Filter) -> int:
        """How many objects a filter leaves."""
        values = {**self.viewer_values, **filters.values}
        async with self.reader_for(filters) as connection:
            return await count(connection, table, where=filters.where, values=values, total=filters.total)

    async def total_annotations(self, filters: Filter) -> int:
        """How many annotations the labels of the assets that a filter leaves hold."""
        async with self.reader_for(filters) as connection:
            return await total_annotations(connection, filters.where, {**self.viewer_values, **filters.values})
