"""The whole server on one screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from labelyard.resolvers.schema import schema_version
from labelyard.server.app_services import ENDPOINT, app_services_of, public_url
from labelyard.server.door.answers import answer_routes
from labelyard.server.door.files import file_routes
from labelyard.server.door.graphql import GraphQLDoor
from labelyard.server.door.objects import object_routes
from labelyard.server.door.open_sockets import OpenSockets
from labelyard.server.door.opening import opened, origins_in
from labelyard.server.door.rest.cors import Origins
from labelyard.server.door.rest.serving import SPOOLED_AT_ONCE, RestTools, rest_routes
from labelyard.server.door.socket import SocketDoor
from labelyard.server.door.socket_operation import SocketTools
from labelyard.server.edge.asked_address import AskedAddresses
from labelyard.server.edge.authentication import Authenticator, Callers
from labelyard.server.edge.body_room import BodyRoom
from labelyard.server.edge.error import json_response
from labelyard.server.edge.execution import Execution
from labelyard.server.edge.load import Load
from labelyard.server.edge.pipeline import Pipeline
from labelyard.server.graphiql import graphiql_routes
from labelyard.server.health import health_routes
from labelyard.server.loop.event_loop import event_loop
from labelyard.server.loop.job_loop import JobLoops
from labelyard.server.loop.label_feed import LabelFeed
from labelyard.server.loop.learning_loop import learning_loop
from labelyard.server.loop.maintenance import maintenance
from labelyard.server.loop.mark_loop import mark_loops
from labelyard.server.loop.runner import LoopRunner
from labelyard.server.loop.thumbnail_loop import thumbnail_loop
from labelyard.server.page import PAGE_PATH, labeling_page, page_routes
from labelyard.server.settings import Settings
from labelyard.server.welcome import welcome_routes
from labelyard.services.label.queue import LabelQueue
from labelyard.services.mark.computation import Marking
from labelyard.storage.database import Database
from labelyard.storage.fair_queue import FairQueue

VERSION = "/api/label/v2/version"
# Every version of the address that clients have been released with; all lead to the same.
PREFIXES = ("/api/label/v2", "/api/label/v1", "/api/label")


class Application(Starlette):
    """Routes, and a direct way past routing and its layers to those that nearly all requests are for, by their paths."""

    def __init__(self, *, direct: Mapping[str, ASGIApp], **options: Any) -> None:
        super().__init__(**options)
        self._direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or go through the life of the process."""
        direct = self._direct.get(scope["path"]) if scope["type"] == "http" else None
        await (direct or super().__call__)(scope, receive, send)


def create_app(settings: Settings, database: Database) -> Starlette:
    """Build the application on an open database whose schema is current."""
    app_services = app_services_of(settings)
    blobs, links = app_services.blobs, app_services.links
    addresses = AskedAddresses(settings.named_addresses)
    pipeline = Pipeline(Load(settings.load_limits))
    authenticator = Authenticator(database)
    callers = Callers(authenticator, pipeline.load)
    execution = Execution(
        database,
        app_services,
        LabelQueue(database, app_services),
        max_answer_bytes=settings.max_answer_bytes,
        answer_bytes_at_once=settings.answer_bytes_at_once,
    )
    marks = Marking(database)
    feed = LabelFeed(database)
    jobs = JobLoops(database, app_services, slots=settings.worker_jobs) if settings.worker else None
    sockets = OpenSockets(authenticator, settings.socket_limits)
    timeout_seconds = settings.request_timeout_seconds
    loops = LoopRunner(
        [
            maintenance(
                database,
                blobs,
                links_live=timedelta(seconds=settings.signed_url_seconds),
                work_dir=app_services.work_dir,
            ),
            *mark_loops(marks),
            event_loop(database),
            thumbnail_loop(database, app_services),
            learning_loop(database, app_services.inference),
            *(jobs.loops if jobs is not None else ()),
            feed.loop,
            sockets.loop,
        ]
    )

    async def version(_request: Request) -> Response:
        return json_response({"version": schema_version()})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        working = jobs.running() if jobs is not None else nullcontext()
        async with marks.running(), feed.open(), working, loops.running():
            try:
                yield
            finally:
                await app_services.inference.end()

    http = GraphQLDoor(
        pipeline, callers, execution, addresses=addresses, graphiql=settings.graphiql, timeout_seconds=timeout_seconds
    )
    tools = SocketTools(
        pipeline=pipeline,
        callers=callers,
        execution=execution,
        feed=feed,
        sockets=sockets,
        turns=FairQueue(database.share_of_readers),
        timeout_seconds=timeout_seconds,
    )
    socket = SocketDoor(tools, addresses=addresses, public_url=public_url(settings))
    rest = RestTools(
        pipeline=pipeline,
        callers=callers,
        execution=execution,
        addresses=addresses,
        origins=Origins(origins_in(settings.cors_origins)),
        timeout_seconds=timeout_seconds,
        disk=BodyRoom(SPOOLED_AT_ONCE, limit="on the disk"),
    )
    page = labeling_page(settings.page, settings.content_origins)
    routes = [
        *(Route(f"{prefix}/graphql", http) for prefix in PREFIXES),
        *(WebSocketRoute(f"{prefix}/graphql", socket) for prefix in PREFIXES),
        *(Route(f"{prefix}/version", version, methods=["GET"]) for prefix in PREFIXES),
        *graphiql_routes(settings.graphiql),
        *file_routes(
            pipeline=pipeline,
            callers=callers,
            blobs=blobs,
            links=links,
            addresses=addresses,
            database=database,
            page_sizes=app_services.page_sizes,
            film_reader=app_services.film_reader,
            max_organization_bytes=settings.max_organization_bytes or None,
        ),
        *answer_routes(pipeline=pipeline, links=links, database=database, timeout_seconds=timeout_seconds),
        *object_routes(
            pipeline=pipeline, app_services=app_services, database=database, timeout_seconds=timeout_seconds
        ),
        *(route for door in opened(settings.open_doors) for route in rest_routes(door, rest)),
        *health_routes(database, blobs, loops),
        *(page_routes(page) if page is not None else ()),
        *welcome_routes(
            {
                "endpoint": ENDPOINT,
                "version": VERSION,
                "health": "/health/ready",
                **({"page": PAGE_PATH} if page is not None else {}),
            },
            page.answer if page is not None else None,
        ),
    ]
    app = Application(direct={f"{prefix}/graphql": http for prefix in PREFIXES}, routes=routes, lifespan=lifespan)
    app.router.redirect_slashes = False
    return app
