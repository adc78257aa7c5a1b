"""The answers of labels over HTTP: GET or HEAD from the signed URL of one that is too long for a page (`Label.jsonResponseUrl`).

A link opens without any other credential, for as long as the person it was made for may read the label.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labelyard.domain.error import Forbidden
from labelyard.domain.media import OCTET_STREAM
from labelyard.domain.response import retired_of, without_retired
from labelyard.server.door.files import guards_of, no_file, single_parts
from labelyard.server.edge.body import check_headers
from labelyard.server.edge.error import ErrorPayload, plain_response
from labelyard.server.edge.exchange import Caller, Exchange
from labelyard.server.edge.pipeline import Pipeline
from labelyard.storage.database import Database
from labelyard.storage.file_access import ReadableAnswer, readable_answer
from labelyard.storage.file_link import ANSWER_PATH, FileGrant, FileLinks


def answer_routes(
    *,
    pipeline: Pipeline,
    links: FileLinks,
    database: Database,
    timeout_seconds: float,
    cross_origin_resource_policy: str = "same-site",
    clock: Callable[[], float] = time.time,
) -> list[Route]:
    """The route of answers; `clock` gives Unix seconds."""
    answers = _Answers(pipeline, links, database, timeout_seconds, guards_of(cross_origin_resource_policy), clock)
    return [Route(ANSWER_PATH, answers.download, methods=["GET", "HEAD"])]


@dataclass(frozen=True, slots=True)
class _Answers:
    pipeline: Pipeline
    links: FileLinks
    database: Database
    timeout_seconds: float
    guards: Mapping[str, str]
    clock: Callable[[], float]

    async def download(self, request: Request) -> Response:
        """The answer as it stands in `jsonResponse`, byte for byte."""
        address = request.client.host if request.client else ""
        exchange = Exchange("file", request.method, address, root_field="answer")
        answered: Response | None = await self.pipeline.answer(exchange, _Download(self, request))
        response = answered if answered is not None else Response(status_code=400, headers=self.guards)
        exchange.status = response.status_code
        exchange.bytes = int(response.headers.get("content-length", 0))
        self.pipeline.log(exchange)
        return response


class _Download:
    """One request; see `server.edge.pipeline.Door`. A long answer takes memory, so it takes a place as well."""

    needs_slot = True
    max_wait_seconds: float | None = None
    _grant: FileGrant

    def __init__(self, answers: _Answers, request: Request) -> None:
        self._answers = answers
        self._request = request

    @property
    def seconds(self) -> float:
        return self._answers.timeout_seconds

    async def identify(self, exchange: Exchange) -> Caller | None:
        check_headers(self._request.scope)
        grant = self._answers.links.answer_grant(single_parts(self._request), now=int(self._answers.clock()))
        if grant is None:
            return None
        self._grant = grant
        return Caller(grant.user_id, grant.organization_id)

    async def read(self, exchange: Exchange) -> None:
        if exchange.caller is None:
            raise Forbidden("Forbidden")

    def measure(self, exchange: Exchange, _request: None) -> tuple[None, int]:
        return None, 0

    async def perform(self, exchange: Exchange, _measured: None) -> Response:
        async with self._answers.database.reader() as connection:
            found = await readable_answer(connection, self._grant.blob_id, self._grant.user_id)
        if found is None:
            raise no_file()
        body = await asyncio.to_thread(_bytes_of, found)
        headers = {
            **self._answers.guards,
            "Content-Type": OCTET_STREAM,
            "Content-Disposition": f'attachment; filename="{self._grant.blob_id}.json"',
            "Content-Length": str(len(body)),
            "X-Request-Id": exchange.request_id,
        }
        return Response(b"" if self._request.method == "HEAD" else body, headers=headers)

    def refuse(self, exchange: Exchange, error: ErrorPayload) -> Response:
        return plain_response(error, exchange.request_id, self._answers.guards)


def _bytes_of(answer: ReadableAnswer) -> bytes:
    if answer.retired_names is None:
        return answer.json_response.encode()
    return without_retired(answer.json_response, retired_of(answer.retired_names)).encode()
