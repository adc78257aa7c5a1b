"""A picture that is given as a link: fetched only from hosts that the operator names, and from no private network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urljoin

from labelyard.domain.error import BadUserInput
from labelyard.domain.outgoing import AddressRefused, target_of
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import NewFile
from labelyard.services.outgoing.client import REDIRECTS, CallFailed

SECONDS: Final = 60.0
MOST_REDIRECTS: Final = 3


def is_link(text: str) -> bool:
    """Whether a text is a link rather than the picture itself."""
    return text[:8].lower().startswith(("http://", "https://"))


def linked_file(app_services: AppServices, url: str, *, name: str, most_bytes: int) -> NewFile:
    """The file behind a link, to be fetched while it is stored.

    A host that is not allowed, now or in a redirect, an address that is not public, an answer other than 200 and a file that is too
    large are refused under `name`. What the other server answers is told to nobody beyond its status.
    """
    _check_host(app_services, url, name)
    return NewFile(lambda: _fetched(app_services, url, name, most_bytes), "")


async def _fetched(app_services: AppServices, url: str, name: str, most_bytes: int) -> AsyncIterator[bytes]:
    for _ in range(MOST_REDIRECTS + 1):
        _check_host(app_services, url, name)
        try:
            async with app_services.outgoing.stream("GET", url, seconds=SECONDS, most_bytes=most_bytes) as answer:
                if answer.status in REDIRECTS and "location" in answer.headers:
                    url = urljoin(url, answer.headers["location"])
                    continue
                if answer.status != 200:
                    raise _refused(name, f"cannot be fetched: the host answers {answer.status}")
                size = 0
                async for piece in answer.pieces():
                    size += len(piece)
                    yield piece
                if not size:
                    raise _refused(name, "cannot be fetched: the host answers nothing")
                return
        except AddressRefused as refused:
            raise _refused(name, f"cannot be fetched: {refused.reason}") from None
        except CallFailed as failed:
            raise _refused(name, f"cannot be fetched: {failed.reason}") from None
    raise _refused(name, f"cannot be fetched: the host leads on more than {MOST_REDIRECTS} times")


def _check_host(app_services: AppServices, url: str, name: str) -> None:
    try:
        host = target_of(url).host
    except AddressRefused as refused:
        raise _refused(name, f"cannot be fetched: {refused.reason}") from None
    if host not in app_services.fetch_hosts:
        raise _refused(
            name, f"is a link to {host[:100]}, from which nothing is fetched; send the picture itself, in base64"
        )


def _refused(name: str, what: str) -> BadUserInput:
    return BadUserInput(f"{name} {what}.", field=name, fields={name: what})
