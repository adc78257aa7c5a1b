"""The whole server on one screen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from resolvers.schema import schema_version
from server.answer import json_response
from server.authentication import Authenticator
from server.files import file_routes
from server.graphiql import graphiql_routes
from server.graphql import GraphQLEndpoint
from server.health import health_routes
from server.housekeeping import housekeeping
from server.label_feed import LabelFeed
from server.marking import marking
from server.secret import server_secret
from server.settings import Settings
from server.subscription import SubscriptionEndpoint
from server.welcome import welcome_routes
from services.environment import Environment
from storage.blob import LocalBlobs
from storage.database import Database
from storage.file_link import FileLinks

ENDPOINT = "/api/label/v2/graphql"
VERSION = "/api/label/v2/version"


def create_app(settings: Settings, database: Database) -> Starlette:
    """Build the application on an open database whose schema is current."""
    blobs = LocalBlobs(settings.data_dir / "files")
    links = FileLinks(
        public_url(settings), server_secret(settings), settings.signed_url_seconds, settings.max_upload_bytes
    )
    environment = Environment(
        links=links,
        blobs=blobs,
        now=lambda: int(time.time()),
        max_items=settings.max_items_per_mutation,
        max_imported=settings.max_imported_assets,
        max_upload_bytes=settings.max_upload_bytes,
        max_organization_bytes=settings.max_organization_bytes or None,
        max_uploads_per_day=settings.max_uploads_per_day,
        workflow_version=settings.workflow_version.value,
        strict_labels=settings.strict_labels,
        strict_workflows=settings.strict_workflows,
    )
    authenticator = Authenticator(database)
    graphql = GraphQLEndpoint(
        database,
        environment,
        authenticator,
        graphiql=settings.graphiql,
        max_answer_bytes=settings.max_answer_bytes,
        timeout_seconds=settings.request_timeout_seconds,
    )
    feed = LabelFeed(database)

    async def user_of(headers: object) -> str | None:
        actor = await authenticator.authenticate(headers.get("authorization"))  # type: ignore[attr-defined]
        return actor.user_id if actor else None

    async def version(_request: Request) -> Response:
        return json_response({"version": schema_version()})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with (
            housekeeping(database, blobs, links_live=timedelta(seconds=settings.signed_url_seconds)),
            marking(database),
            feed.running(),
        ):
            yield

    routes = [
        Route(ENDPOINT, graphql),
        WebSocketRoute(ENDPOINT, SubscriptionEndpoint(database, environment, authenticator, feed)),
        Route(VERSION, version, methods=["GET"]),
        *graphiql_routes(settings.graphiql),
        *file_routes(
            blobs=blobs,
            links=links,
            pool=database.pool,
            authenticate=user_of,
            page_sizes=environment.page_sizes,
            max_organization_bytes=settings.max_organization_bytes or None,
        ),
        *health_routes(database, settings.data_dir),
        *welcome_routes({"endpoint": ENDPOINT, "version": VERSION, "health": "/health/ready"}),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.router.redirect_slashes = False
    return app


def public_url(settings: Settings) -> str:
    """How clients reach the server."""
    return settings.public_url or f"http://{settings.url_host}:{settings.port}"
