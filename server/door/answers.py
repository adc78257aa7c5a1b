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

from labelyard.domain.media import OCTET_STREAM
from labelyard.domain.response import retired_of, without_retired
from labelyard.server.door.signed_url import SignedUrlDoor, guards_of, no_file
from labelyard.server.edge.exchange import Exchange
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
        return await _Download(self, request).answer(self.pipeline)


class _Download(SignedUrlDoor):
    """A long answer takes memory, so it takes a slot as well."""

    name = "answer"
    needs_slot = True

    def __init__(self, answers: _Answers, request: Request) -> None:
        super().__init__(request, answers.guards)
        self._answers = answers
        self.seconds = answers.timeout_seconds

    def find_grant(self, parts: Mapping[str, str]) -> FileGrant | None:
        return self._answers.links.answer_grant(parts, now=int(self._answers.clock()))

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


def _bytes_of(answer: ReadableAnswer) -> bytes:
    if answer.retired_names is None:
        return answer.json_response.encode()
    return without_retired(answer.json_response, retired_of(answer.retired_names)).encode()
