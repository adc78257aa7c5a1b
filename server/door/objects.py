"""Objects of cloud storage over HTTP: GET or HEAD from the signed URL that is the content of an asset.

A link opens without any other credential, for as long as the person it was made for may see the asset. It leads on to a link that
the store has signed for a few minutes; where a store cannot sign one without showing its credentials, the bytes pass through here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from labelyard.domain.error import Unavailable
from labelyard.domain.media import OCTET_STREAM
from labelyard.server.door.signed_url import SignedUrlDoor, guards_of, no_file
from labelyard.server.edge.exchange import Exchange
from labelyard.server.edge.pipeline import Pipeline
from labelyard.services.app_services import AppServices
from labelyard.services.data_integration.store import ObjectMissing, StoreAway, StoreRefused
from labelyard.services.data_integration.writing import store_address
from labelyard.storage.data_connection import readable_object
from labelyard.storage.database import Database
from labelyard.storage.file_link import OBJECT_PATH, FileGrant


def object_routes(
    *,
    pipeline: Pipeline,
    app_services: AppServices,
    database: Database,
    timeout_seconds: float,
    cross_origin_resource_policy: str = "same-site",
    clock: Callable[[], float] = time.time,
) -> list[Route]:
    """The route of objects; `clock` gives Unix seconds."""
    guards = guards_of(cross_origin_resource_policy)
    objects = _Objects(pipeline, app_services, database, timeout_seconds, guards, clock)
    return [Route(OBJECT_PATH, objects.download, methods=["GET", "HEAD"])]


@dataclass(frozen=True, slots=True)
class _Objects:
    pipeline: Pipeline
    app_services: AppServices
    database: Database
    timeout_seconds: float
    guards: Mapping[str, str]
    clock: Callable[[], float]

    async def download(self, request: Request) -> Response:
        """Lead on to the store, or pass on what it has."""
        return await _Download(self, request).answer(self.pipeline)


class _Download(SignedUrlDoor):
    name = "object"

    def __init__(self, objects: _Objects, request: Request) -> None:
        super().__init__(request, objects.guards)
        self._objects = objects
        self.seconds = objects.timeout_seconds

    def find_grant(self, parts: Mapping[str, str]) -> FileGrant | None:
        return self._objects.app_services.links.object_grant(parts, now=int(self._objects.clock()))

    async def perform(self, exchange: Exchange, _measured: None) -> Response:
        services = self._objects.app_services
        async with self._objects.database.reader() as connection:
            found = await readable_object(connection, self._grant.blob_id, self._grant.user_id)
        if found is None:
            raise no_file()
        address = store_address(services.credentials, found)
        headers = {**self._objects.guards, "X-Request-Id": exchange.request_id}
        # Signing for Google takes a while.
        link = await asyncio.to_thread(services.object_stores.link, address, found["object_key"])
        if link is not None:
            return RedirectResponse(link, status_code=307, headers=headers)
        async with AsyncExitStack() as opening:
            store = await opening.enter_async_context(services.object_stores.opened(address))
            try:
                size, pieces = await store.content(found["object_key"])
            except ObjectMissing as missing:
                raise no_file() from missing
            except (StoreAway, StoreRefused) as failure:
                # Where the store is and why it fails is for those who follow its connection.
                raise Unavailable("The store that has this object cannot be read; try again later.") from failure
            kept = opening.pop_all()
        headers |= {
            "Content-Type": OCTET_STREAM,
            "Content-Disposition": "attachment",
            "Content-Length": str(size),
        }
        if self._request.method == "HEAD":
            await kept.aclose()
            return Response(b"", headers=headers)
        return StreamingResponse(_until_read(pieces, kept), headers=headers)


async def _until_read(pieces: AsyncIterator[bytes], opened: AsyncExitStack) -> AsyncIterator[bytes]:
    """Pieces of an object, whose store is closed behind them."""
    async with opened:
        async for piece in pieces:
            yield piece
