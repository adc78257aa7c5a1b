"""Reading stores: listing their keys, signing links to their objects, and passing objects on.

obstore is loaded with the first store that is read: most servers have none, and it takes 5 MB.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from labelyard.domain.data_integration import StoreAddress, StoreKind
from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.outgoing import AddressRefused, HostUnknown
from labelyard.services.outgoing.client import CallFailed, OutgoingClient
from labelyard.services.outgoing.gate import Gate

if TYPE_CHECKING:
    from obstore.store import AzureStore, GCSStore, S3Credential, S3Store

    Store = S3Store | AzureStore | GCSStore

PAGE: Final = 1_000
LINK_SECONDS: Final = 300
REQUEST_SECONDS: Final = 30
PIECE_BYTES: Final = 256 * 1024
RETRIES: Final = 2
GOOGLE: Final = "https://storage.googleapis.com"
STATUS: Final = re.compile(r"\b(?:status code|status):? ?(\d{3})|\b([45]\d\d) [A-Z][a-z]")


class StoreRefused(BadUserInput):
    """A store that will say the same again: wrong credentials, no bucket, an address that may not be called."""


class StoreAway(BadUserInput):
    """A store that gives no answer now."""


class ObjectMissing(NotFound):
    """An object that the store does not have any more, or whose bucket is gone."""


class OpenStore:
    """A store that can be asked."""

    def __init__(self, store: Store, failing: Callable[[], Any]) -> None:
        self._store = store
        self._failing = failing

    async def pages(self, prefix: str, after: str | None) -> AsyncIterator[list[str]]:
        """The keys of all objects in a folder, in their order, a page at a time; those behind `after` when it is given."""
        import obstore

        with self._failing():
            stream = obstore.list(self._store, prefix or None, offset=after, chunk_size=PAGE)
            async for page in stream:
                yield [str(item["path"]) for item in page]

    async def check(self) -> None:
        """Read the first keys, whatever they are; raises when the store cannot be listed."""
        async for _ in self.pages("", None):
            return

    async def content(self, key: str) -> tuple[int, AsyncIterator[bytes]]:
        """The size of an object, and its bytes in pieces. Raises `ObjectMissing`."""
        import obstore

        with self._failing():
            try:
                found = await obstore.get_async(self._store, key)
            except FileNotFoundError as error:
                raise ObjectMissing("The store does not have this object any more.") from error

        async def pieces() -> AsyncIterator[bytes]:
            with self._failing():
                async for piece in found.stream(min_chunk_size=PIECE_BYTES):
                    yield bytes(piece)

        return int(found.meta["size"]), pieces()


class ObjectStores:
    """Opens stores. `gcs_service_account` is the key file of the account by which the server reads Google Cloud Storage."""

    def __init__(self, outgoing: OutgoingClient, gcs_service_account: str | None = None) -> None:
        self._outgoing = outgoing
        self._gcs_service_account = gcs_service_account

    @asynccontextmanager
    async def opened(self, address: StoreAddress) -> AsyncIterator[OpenStore]:
        """A store, for as long as the block runs; its requests pass a gate. Raises `StoreRefused` or `StoreAway`."""
        async with Gate(self._outgoing).open() as gate:
            yield OpenStore(self._store(address, gate.url), lambda: _in_our_terms(address, gate))

    def link(self, address: StoreAddress, key: str) -> str | None:
        """A signed link of the store to an object, good for `LINK_SECONDS`; None where the store cannot sign one without showing
        what it is read with.
        """
        import obstore

        if address.kind is StoreKind.AZURE:
            return None
        return obstore.sign(self._store(address, None), "GET", key, timedelta(seconds=LINK_SECONDS))

    def _store(self, address: StoreAddress, proxy_url: str | None) -> Store:
        """The store with everything said, so that nothing is taken from the environment."""
        from obstore.store import AzureStore, GCSStore, S3Store

        client: dict[str, Any] = {
            "allow_http": True,  # the gate decides
            "timeout": timedelta(seconds=REQUEST_SECONDS),
        }
        if proxy_url is not None:
            client["proxy_url"] = proxy_url
        how: dict[str, Any] = {
            "client_options": client,
            "retry_config": {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=REQUEST_SECONDS)},
        }
        if address.kind is StoreKind.S3:
            return S3Store(
                address.bucket,
                config={
                    "endpoint": address.endpoint or "",
                    "aws_endpoint_url_s3": address.endpoint or "",
                    "region": address.region,
                    "virtual_hosted_style_request": address.is_bucket_in_endpoint,
                    "skip_signature": False,
                    "s3_express": False,
                },
                credential_provider=lambda: _s3_credential(address),
                **how,
            )
        if address.kind is StoreKind.AZURE:
            return AzureStore(
                address.bucket,
                config={
                    "account_name": address.account,
                    "endpoint": address.endpoint or "",
                    "sas_key": address.secrets["azureSASToken"],
                    "skip_signature": False,
                    "use_emulator": False,
                    "use_azure_cli": False,
                },
                **how,
            )
        if self._gcs_service_account is None:
            raise StoreRefused(
                "[storageNotConfigured] This server has no account on Google Cloud; its operator sets one with "
                "LABELYARD_GCS_SERVICE_ACCOUNT_FILE.",
                field="platform",
            )
        return GCSStore(
            address.bucket,
            config={"service_account_key": self._gcs_service_account, "skip_signature": False},
            **how,
        )


def _s3_credential(address: StoreAddress) -> S3Credential:
    return {
        "access_key_id": address.secrets["s3AccessKey"],
        "secret_access_key": address.secrets["s3SecretKey"],
        "token": address.secrets.get("s3SessionToken"),
        "expires_at": None,
    }


@contextmanager
def _in_our_terms(address: StoreAddress, gate: Gate) -> Iterator[None]:
    """Say what a store's failure means. What the store answers is never shown: its words are not ours."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, FileNotFoundError, PermissionError, ValueError, OSError) as error:
        raise _failure(address, gate, error) from error


def _failure(address: StoreAddress, gate: Gate, error: Exception) -> BadUserInput:
    from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

    where = address.endpoint or GOOGLE
    if isinstance(gate.failure, AddressRefused):
        kind = StoreAway if isinstance(gate.failure, HostUnknown) else StoreRefused  # which may have an address later
        return kind(
            f"[storageAddressRefused] The store at {where} is not called: {gate.failure.reason}. "
            "The operator of the server can allow it with LABELYARD_OUTGOING_NETWORKS.",
            endpoint=where,
        )
    if isinstance(gate.failure, CallFailed):
        return StoreAway(
            f"[storageUnreachable] The store at {where} cannot be reached: {gate.failure.reason}. Check the address and try again.",
            endpoint=where,
        )
    found = STATUS.search(str(error))
    status = int(found[1] or found[2]) if found else 0
    if isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError) or status in (401, 403):
        return StoreRefused(
            f"[storageDenied] The store at {where} does not let these credentials read {address.bucket!r}; "
            "they must be valid, and allowed to list and to read.",
            endpoint=where,
            bucket=address.bucket,
        )
    if isinstance(error, FileNotFoundError) or status == 404:
        return StoreRefused(
            f"[storageMissing] The store at {where} does not have {address.bucket!r}, or not any more; check its name.",
            endpoint=where,
            bucket=address.bucket,
        )
    if status in (400, 405, 409) or isinstance(error, ValueError):
        return StoreRefused(
            f"[storageRefused] The store at {where} cannot be read as {address.kind}; check its address, region and credentials.",
            endpoint=where,
        )
    return StoreAway(
        f"[storageUnreachable] The store at {where} gives no answer that can be read; try again later.", endpoint=where
    )
