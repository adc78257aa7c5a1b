"""Subscriptions over websockets: `graphql-transport-ws`, and the older `graphql-ws` that the SDK speaks.

The key comes in the first message, as `Authorization` of its payload or of the headers in it: clients cannot set HTTP headers.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import orjson
import strawberry
from graphql import GraphQLResolveInfo
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_WS_PROTOCOL

from domain.permission import Action
from resolvers.operation import Call, Finished, RequestContext
from resolvers.schema import websocket_schema
from server.authentication import Authenticator
from server.document_cache import DocumentCache
from server.label_feed import LabelFeed
from services.environment import Environment
from services.label_queue import LabelQueue
from storage.database import Database

MAX_SUBSCRIPTIONS = 50


class SubscriptionContext(RequestContext):
    """The context of a connection; the person is known from its first message on."""

    connection_params: Mapping[str, Any] | None
    feed: LabelFeed

    async def labels_of(self, info: strawberry.Info, project_id: str) -> AsyncIterator[Finished]:
        """Each new or changed label of a project that the person may see, read through the plan of the selection."""
        raw: GraphQLResolveInfo[Any] = info._raw_info
        call = Call(self, raw, Action.READ_PROJECT, self.require_actor)
        await call.authorize(project_id)
        async for ids in self.feed.labels(project_id):
            for label in await call.visible_labels(ids):
                yield Finished(label)


class SubscriptionEndpoint(GraphQL[SubscriptionContext, None]):
    """The websocket half of the endpoint."""

    def __init__(
        self, database: Database, environment: Environment, authenticator: Authenticator, feed: LabelFeed
    ) -> None:
        documents = DocumentCache()
        super().__init__(
            websocket_schema(lambda source: documents.get(source).document),
            graphql_ide=None,
            allow_queries_via_get=False,
            keep_alive=True,
            keep_alive_interval=20,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_WS_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=MAX_SUBSCRIPTIONS,
        )
        self._database = database
        self._environment = environment
        self._authenticator = authenticator
        self._label_queue = LabelQueue(database, environment)
        self._feed = feed

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> SubscriptionContext:
        """A context without a person yet."""
        context = SubscriptionContext(
            actor=None,
            database=self._database,
            services=self._environment,
            label_queue=self._label_queue,
            plans={},
            request_id=secrets.token_hex(8),
            address=request.client.host if request.client else "",
        )
        context.connection_params = None
        context.feed = self._feed
        return context

    async def on_ws_connect(self, context: SubscriptionContext) -> Any:
        """Find the person; without a valid key the connection is refused."""
        context.actor = await self._authenticator.authenticate(_authorization(context.connection_params))
        if context.actor is None:
            raise ConnectionRejectionError({"message": "The API key is missing, unknown, expired or revoked."})
        return await super().on_ws_connect(context)

    def encode_json(self, data: object) -> str:
        """Encode a message; finished labels may hold spliced JSON."""
        return orjson.dumps(data).decode()


def _authorization(payload: Mapping[str, Any] | None) -> str | None:
    """The header in the first message, wherever this client generation puts it."""
    if not payload:
        return None
    headers = payload.get("headers")
    for place in (payload, headers if isinstance(headers, Mapping) else {}):
        value = place.get("Authorization") or place.get("authorization")
        if isinstance(value, str):
            return value
    return None
