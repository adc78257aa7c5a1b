"""Subscriptions to the labels of a project; visibility is checked at each delivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final

import strawberry
from graphql import GraphQLResolveInfo

from labelyard.domain.error import ClientError, QueryTooComplex, TooManyRequests
from labelyard.domain.permission import Action, Actor
from labelyard.resolvers.call import Call, CompletedValue, RequestContext
from labelyard.resolvers.kept_id import as_chosen_in
from labelyard.server.edge.document_limits import DEFAULT_LIMITS
from labelyard.server.edge.error import NOTHING_WAS_RUN, to_error_payload
from labelyard.server.loop.label_feed import Heard, LabelFeed
from labelyard.services.guard import require

RETRY_SECONDS: Final = 1.0


@dataclass(kw_only=True)
class SubscriptionContext(RequestContext):
    """The context of a subscription. `find_actor` reads the person anew, and raises when there is none any more.

    `take_turn` bounds how many deliveries of the process are read at once: hundreds of subscribers hear of a label in the same
    moment. Each label costs its key `label_cost`, as it would in a list.
    """

    feed: LabelFeed
    find_actor: Callable[[], Awaitable[Actor]]
    charge: Callable[[int], None]
    label_cost: int
    take_turn: Callable[[], AbstractAsyncContextManager[None]]
    timeout_seconds: float
    heard: list[Heard] = field(default_factory=list)

    async def labels_of(self, info: strawberry.Info, project_id: str) -> AsyncGenerator[CompletedValue]:
        """Each new or changed label of a project that the person may see, read through the plan of the selection."""
        raw: GraphQLResolveInfo[Any] = info._raw_info
        await Call(self, raw, Action.READ_PROJECT, self.require_actor).authorize(project_id)
        heard = await self.feed.subscribe(project_id)
        self.heard.append(heard)
        return self._deliveries(raw, heard)

    def close(self) -> None:
        """Stop hearing, and hold nothing any more."""
        for heard in self.heard:
            heard.close()
        if self.budget.memory is not None:
            self.budget.memory.release()

    async def _deliveries(self, raw: GraphQLResolveInfo[Any], heard: Heard) -> AsyncGenerator[CompletedValue]:
        while True:
            batch = await heard.next()
            # No more at a time than one request may cost.
            most = max(1, DEFAULT_LIMITS.max_cost // self.label_cost)
            for ids in (batch[start : start + most] for start in range(0, len(batch), most)):
                await self._pay(len(ids) * self.label_cost)
                for label in await self._visible(raw, heard.project_id, ids):
                    yield CompletedValue(label)

    async def _pay(self, cost: int) -> None:
        """Count the cost of a delivery, waiting until the key and its organization may have it."""
        while True:
            try:
                self.charge(cost)
                return
            except TooManyRequests:
                await asyncio.sleep(RETRY_SECONDS)

    async def _visible(self, raw: GraphQLResolveInfo[Any], project_id: str, ids: list[str]) -> list[Any]:
        """Those of the labels that the person may see now; while the database is away, this waits."""
        while True:
            try:
                actor = await self.find_actor()
                require(actor, Action.READ_PROJECT, project_id)
                call = Call(self, raw, Action.READ_PROJECT, actor)
                self.budget = self.budget.renewed()  # each delivery is an answer of its own
                async with self.take_turn(), asyncio.timeout(self.timeout_seconds):
                    return await self._read(call, ids)
            except QueryTooComplex:
                if len(ids) == 1:
                    raise
                return [label for one in ids for label in await self._visible(raw, project_id, [one])]
            except Exception as error:
                if to_error_payload(error, self.request_id).code not in NOTHING_WAS_RUN:
                    raise
                await asyncio.sleep(RETRY_SECONDS)

    @staticmethod
    async def _read(call: Call, ids: list[str]) -> list[Any]:
        """The labels, with ids of assets as clients chose them, in a refusal too."""
        try:
            return await call.visible_labels(ids)
        except ClientError as refusal:
            if call.actor.has_kept_ids:
                as_chosen_in(refusal, call.actor)
            raise
