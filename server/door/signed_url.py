"""What the doors behind signed URLs share: the guards of every answer, the one refusal, and the way through the pipeline."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from labelyard.domain.error import Forbidden, NotFound
from labelyard.server.edge.body import check_headers
from labelyard.server.edge.error import ErrorPayload, plain_response
from labelyard.server.edge.exchange import Caller, Exchange
from labelyard.server.edge.pipeline import Pipeline
from labelyard.storage.file_link import FileGrant


class SignedUrlDoor(ABC):
    """One request to a signed URL; see `server.edge.pipeline.Door`.

    A file takes as long as its client's line does, so neither a time limit nor a slot for running requests is for it: the pace
    of the body is. Doors whose answers are made here set both.
    """

    name: str
    """What the access log calls it."""
    needs_slot = False
    seconds: float | None = None
    max_wait_seconds: float | None = None
    _grant: FileGrant

    def __init__(self, request: Request, guards: Mapping[str, str]) -> None:
        self._request = request
        self._guards = guards

    @abstractmethod
    def find_grant(self, parts: Mapping[str, str]) -> FileGrant | None:
        """What the query of the URL allows; None without a valid signature."""

    async def identify(self, exchange: Exchange) -> Caller | None:
        """The person that the URL was signed for."""
        check_headers(self._request.scope)
        grant = self.find_grant(single_parts(self._request))
        if grant is None:
            return None
        self._grant = grant
        return Caller(grant.user_id, grant.organization_id)

    async def read(self, exchange: Exchange) -> None:
        """Refuse a URL without a valid signature."""
        if exchange.caller is None:
            raise Forbidden("Forbidden")

    def measure(self, exchange: Exchange, _request: None) -> tuple[None, int]:
        """Nothing: a file has no cost."""
        return None, 0

    @abstractmethod
    async def perform(self, exchange: Exchange, _measured: None) -> Response:
        """Store or answer the file."""

    def refuse(self, exchange: Exchange, error: ErrorPayload) -> Response:
        """The plain shape of an error, with the guards."""
        return plain_response(error, exchange.request_id, self._guards)

    async def answer(self, pipeline: Pipeline) -> Response:
        """Take the request through the pipeline, and log it."""
        address = self._request.client.host if self._request.client else ""
        exchange = Exchange("file", self._request.method, address, root_field=self.name)
        answered: Response | None = await pipeline.answer(exchange, self)
        # Nobody reads the answer when the client has left; nothing was kept.
        response = answered if answered is not None else Response(status_code=400, headers=self._guards)
        exchange.status = response.status_code
        exchange.bytes = int(response.headers.get("content-length", 0))
        pipeline.log(exchange)
        return response


def guards_of(cross_origin_resource_policy: str) -> dict[str, str]:
    """The headers that keep a browser from taking a stranger's file for a page."""
    return {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": cross_origin_resource_policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private",
    }


def no_file() -> NotFound:
    """The one answer for what never was, what is gone, and what belongs to others."""
    return NotFound("There is no such file.")


def single_parts(request: Request) -> dict[str, str]:
    """The query; empty (and so refused) when a part is given twice and it would be unclear which one counts."""
    parts = request.query_params.multi_items()
    single = dict(parts)
    return single if len(single) == len(parts) else {}
