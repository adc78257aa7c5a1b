"""Subscriptions: the labels of a project, as far as the person may see them at the moment of each delivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import strawberry
from graphql import GraphQLResolveInfo

from domain.error import QueryTooComplex
from domain.permission import Action, Actor
from resolvers.operation import Call, Finished, RequestContext
from server.edge.error import NOTHING_WAS_RUN, to_error_payload
from server.loop.label_feed import Heard, LabelFeed
from services.guard import require
from storage.plan.budget import ReadBudget

RETRY_SECONDS: Final = 1.0


@dataclass(kw_only=True)
class SubscriptionContext(RequestContext):
    """The context of a subscription. `find_actor` reads the person anew, and raises when there is none any more.

    `turns` bounds how many deliveries of the process are read at once: hundreds of subscribers hear of a label in the same moment.
    """

    feed: LabelFeed
    find_actor: Callable[[], Awaitable[Actor]]
    turns: asyncio.Semaphore
    timeout_seconds: float
    heard: list[Heard] = field(default_factory=list)

    async def labels_of(self, info: strawberry.Info, project_id: str) -> AsyncGenerator[Finished]:
        """Each new or changed label of a project that the person may see, read through the plan of the selection."""
        raw: GraphQLResolveInfo[Any] = info._raw_info
        await Call(self, raw, Action.READ_PROJECT, self.require_actor).authorize(project_id)
        heard = await self.feed.subscribe(project_id)
        self.heard.append(heard)
        return self._deliveries(raw, heard)

    def close(self) -> None:
        """Stop hearing."""
        for heard in self.heard:
            heard.close()

    async def _deliveries(self, raw: GraphQLResolveInfo[Any], heard: Heard) -> AsyncGenerator[Finished]:
        while True:
            for label in await self._visible(raw, heard.project_id, await heard.next()):
                yield Finished(label)

    async def _visible(self, raw: GraphQLResolveInfo[Any], project_id: str, ids: list[str]) -> list[Any]:
        """Those of the labels that the person may see now; while the database is away, this waits."""
        while True:
            try:
                actor = await self.find_actor()
                require(actor, Action.READ_PROJECT, project_id)
                call = Call(self, raw, Action.READ_PROJECT, actor)
                self.budget = ReadBudget(self.budget.max_answer_bytes)  # each delivery is an answer of its own
                async with self.turns, asyncio.timeout(self.timeout_seconds):
                    return await call.visible_labels(ids)
            except QueryTooComplex:
                if len(ids) == 1:
                    raise
                return [label for one in ids for label in await self._visible(raw, project_id, [one])]
            except Exception as error:
                if to_error_payload(error, self.request_id).code not in NOTHING_WAS_RUN:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
