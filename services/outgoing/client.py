"""The one client for requests that the server makes on behalf of its users.

A name is resolved once; every address is checked (`domain.outgoing`), and the connection goes to a checked one, with the name kept
for TLS and the `Host` header. Redirects are followed only where a caller asks for it, and checked again. Nothing is taken from the
environment, no connection is shared, answers are read up to a limit. httpx is loaded with the first request: most servers make none.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from labelyard.domain.outgoing import (
    Address,
    AddressRefused,
    HostUnknown,
    OutgoingPolicy,
    Target,
    check_addresses,
    literal,
    target_of,
)

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS: Final = 3.0
RESOLVE_SECONDS: Final = 3.0
CALL_SECONDS: Final = 10.0
CALL_BYTES: Final = 64 * 1024
MOST_ADDRESSES: Final = 3
OWN_HEADERS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class CallFailed(Exception):
    """A request that got no answer, or one that cannot be read; the reason is fixed and may be shown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OutgoingAnswer:
    """An answer that was read whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class OutgoingStream:
    """An answer whose content is still to be read, up to a number of bytes."""

    def __init__(self, response: httpx.Response, most_bytes: int) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._most_bytes = most_bytes

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content as it comes; `CallFailed` when it is too long or breaks off."""
        import httpx

        taken = 0
        try:
            async for piece in self._response.aiter_raw():
                taken += len(piece)
                if taken > self._most_bytes:
                    raise CallFailed(f"the answer has more than {self._most_bytes:,} bytes")
                yield piece
        except httpx.TimeoutException as error:
            raise CallFailed("no answer in time") from error
        except httpx.HTTPError as error:
            raise CallFailed("the connection broke") from error


class OutgoingClient:
    """Calls addresses that the operator's policy allows. `verify` may be a context with certificates of one's own."""

    def __init__(self, policy: OutgoingPolicy | None = None, *, verify: ssl.SSLContext | bool = True) -> None:
        self.policy = policy or OutgoingPolicy()
        self._verify = verify
        self._context: ssl.SSLContext | bool | None = None

    async def check(self, url: str) -> tuple[Target, list[Address]]:
        """The parts of a URL and the addresses of its host; `AddressRefused` when it may not be called.

        For libraries that make requests of their own, which should be given no other URL afterwards.
        """
        target = target_of(url)
        addresses = await _resolved(target)
        check_addresses(target, addresses, self.policy)
        return target, addresses

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        seconds: float = CALL_SECONDS,
        most_bytes: int = CALL_BYTES,
        redirects: int = 0,
    ) -> OutgoingAnswer:
        """The whole answer to a request; raises `AddressRefused` or `CallFailed`."""
        try:
            async with (
                asyncio.timeout(seconds),
                self.stream(
                    method,
                    url,
                    headers=headers,
                    content=content,
                    seconds=seconds,
                    most_bytes=most_bytes,
                    redirects=redirects,
                ) as answer,
            ):
                pieces = [piece async for piece in answer.pieces()]
                return OutgoingAnswer(answer.status, answer.headers, b"".join(pieces))
        except TimeoutError as error:
            raise CallFailed("no answer in time") from error

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        seconds: float = CALL_SECONDS,
        most_bytes: int = CALL_BYTES,
        redirects: int = 0,
    ) -> AsyncIterator[OutgoingStream]:
        """An answer while it is read; `seconds` pass at most without a byte of it. Raises `AddressRefused` or `CallFailed`."""
        import httpx

        sent = {name: value for name, value in (headers or {}).items() if name.lower() not in OWN_HEADERS}
        timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        async with httpx.AsyncClient(
            verify=await self._tls(),
            trust_env=False,
            follow_redirects=False,
            timeout=timeout,
            limits=httpx.Limits(max_keepalive_connections=0),
        ) as client:
            for left in range(redirects, -1, -1):
                target, addresses = await self.check(url)
                response = await _sent(client, method, target, addresses, sent, content)
                try:
                    if response.status_code not in REDIRECTS or not left or "location" not in response.headers:
                        yield OutgoingStream(response, most_bytes)
                        return
                    url = urljoin(url, response.headers["location"])
                    if target_of(url).host_header != target.host_header:
                        # What was meant for one host is not told to another.
                        sent = {
                            name: value
                            for name, value in sent.items()
                            if name.lower() not in ("authorization", "cookie")
                        }
                    if response.status_code == 303:
                        method, content = "GET", b""
                finally:
                    await response.aclose()

    async def _tls(self) -> ssl.SSLContext | bool:
        import httpx

        if self._context is None:
            # Reading the certificates takes a while.
            self._context = await asyncio.to_thread(httpx.create_ssl_context, self._verify, None, False)
        return self._context


async def _resolved(target: Target) -> list[Address]:
    address = literal(target.host)
    if address is not None:
        return [address]
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            answers = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise HostUnknown from error
    return [ipaddress.ip_address(str(socket_address[0]).split("%")[0]) for *_, socket_address in answers]


async def _sent(
    client: httpx.AsyncClient,
    method: str,
    target: Target,
    addresses: list[Address],
    headers: Mapping[str, str],
    content: bytes,
) -> httpx.Response:
    """The beginning of the answer of the first address that takes a connection."""
    import httpx

    failure: httpx.HTTPError | None = None
    for address in list(dict.fromkeys(addresses))[:MOST_ADDRESSES]:
        try:
            request = client.build_request(
                method,
                target.at(str(address)),
                headers={**headers, "Host": target.host_header, "Accept-Encoding": "identity"},
                content=content,
                extensions={"sni_hostname": target.host} if literal(target.host) is None else None,
            )
            return await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failure = error
        except httpx.TimeoutException as error:
            raise CallFailed("no answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise CallFailed("the answer is no HTTP, or the connection broke") from error
    if isinstance(failure, httpx.ConnectTimeout):
        raise CallFailed("no connection in time") from failure
    is_tls = isinstance(failure, httpx.ConnectError) and "certificate" in str(failure).lower()
    raise CallFailed("the certificate is not valid" if is_tls else "no connection") from failure


__all__ = ["AddressRefused", "CallFailed", "HostUnknown", "OutgoingAnswer", "OutgoingClient", "OutgoingStream"]
