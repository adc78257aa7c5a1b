"""Signed URLs of files: made here, understood here.

Every query part that the server needs to accept an upload stands before `&id=`, because clients cut the URL there
before they PUT and send the whole of it back as the content of an asset.

A URL is made for a person: whether they still may is asked when it is opened (`storage.file_access`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from labelyard.domain.file_url import blob_id_of, is_blob_id
from labelyard.domain.signature import sign, verify

FILES_PATH = "/api/label/v2/files"
UPLOAD_PATH = f"{FILES_PATH}/upload"
ANSWER_PATH = f"{FILES_PATH}/label"
"""Where the answers of labels are read that are too long for a page."""

OBJECT_PATH = f"{FILES_PATH}/object"
"""Where assets are read whose content is in cloud storage."""

# Signed in place of a method: the signature of a file opens no label, nor the other way round.
READ_ANSWER = "GET label"
READ_OBJECT = "GET object"

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_UPLOAD_PARTS = frozenset({"blob", "organization", "user", "expires", "limit", "signature"})
_DOWNLOAD_PARTS = frozenset({"organization", "user", "expires", "signature"})


@dataclass(frozen=True, slots=True)
class FileGrant:
    """What a signed URL permits, and to whom it was given; `max_bytes` is 0 for a download."""

    blob_id: str
    organization_id: str
    user_id: str
    max_bytes: int


class FileLinks:
    """Makes and checks the URLs under one public address; `seconds` is how long each is good for."""

    def __init__(self, public_url: str, secret: bytes, seconds: int, max_upload_bytes: int) -> None:
        self._secret = secret
        self._seconds = seconds
        self.public_url = public_url.rstrip("/")
        self._upload = self.public_url + UPLOAD_PATH
        self._download = self.public_url + FILES_PATH
        self._answer = self.public_url + ANSWER_PATH
        self._object = self.public_url + OBJECT_PATH
        self.max_upload_bytes = max_upload_bytes

    def at(self, public_url: str | None) -> FileLinks:
        """The same links under another address of the server; under this one for None."""
        if public_url is None or public_url == self.public_url:
            return self
        return FileLinks(public_url, self._secret, self._seconds, self.max_upload_bytes)

    def upload_url(self, *, blob_id: str, organization_id: str, user_id: str, now: int) -> str:
        """A URL for one PUT of this file by a person, up to the size limit; `now` in Unix seconds."""
        expires_at = now + self._seconds
        signature = sign(
            self._secret,
            method="PUT",
            blob_id=blob_id,
            organization_id=organization_id,
            user_id=user_id,
            expires_at=expires_at,
            max_bytes=self.max_upload_bytes,
        )
        return (
            f"{self._upload}?blob={_in_query(blob_id)}&organization={_in_query(organization_id)}&user={_in_query(user_id)}"
            f"&expires={expires_at}&limit={self.max_upload_bytes}&signature={signature}&id={_in_query(blob_id)}"
        )

    def download_url(self, *, blob_id: str, organization_id: str, user_id: str, now: int) -> str:
        """A URL by which a person reads this file; `now` in Unix seconds."""
        return self._reading_url(self._download, "GET", blob_id, organization_id, user_id, now)

    def answer_url(self, *, label_id: str, organization_id: str, user_id: str, now: int) -> str:
        """A URL by which a person reads the answer of this label; `now` in Unix seconds."""
        return self._reading_url(self._answer, READ_ANSWER, label_id, organization_id, user_id, now)

    def object_url(self, *, asset_id: str, organization_id: str, user_id: str, now: int) -> str:
        """A URL by which a person reads the object of an asset; `now` in Unix seconds."""
        return self._reading_url(self._object, READ_OBJECT, asset_id, organization_id, user_id, now)

    def _reading_url(
        self, address: str, method: str, identifier: str, organization_id: str, user_id: str, now: int
    ) -> str:
        expires_at = now + self._seconds
        signature = sign(
            self._secret,
            method=method,
            blob_id=identifier,
            organization_id=organization_id,
            user_id=user_id,
            expires_at=expires_at,
            max_bytes=0,
        )
        return (
            f"{address}?organization={_in_query(organization_id)}&user={_in_query(user_id)}&expires={expires_at}"
            f"&signature={signature}&id={_in_query(identifier)}"
        )

    @staticmethod
    def blob_id_of(url: str) -> str | None:
        """The file a URL names when it has the form of ours, or of one a client builds; scheme and host do not count.

        The file may not exist or belong to others: look it up within the organization.
        """
        return blob_id_of(url)

    def upload_grant(self, parts: Mapping[str, str], *, now: int) -> FileGrant | None:
        """What the query of an upload URL permits, cut at `&id=` or whole; None when altered or expired."""
        if parts.keys() - {"id"} != _UPLOAD_PARTS or parts.get("id", parts["blob"]) != parts["blob"]:
            return None
        return self._grant(parts, method="PUT", blob_id=parts["blob"], limit=parts["limit"], now=now)

    def download_grant(self, parts: Mapping[str, str], *, now: int) -> FileGrant | None:
        """What the query of a download URL permits; None when altered or expired."""
        if parts.keys() != _DOWNLOAD_PARTS | {"id"}:
            return None
        return self._grant(parts, method="GET", blob_id=parts["id"], limit="0", now=now)

    def answer_grant(self, parts: Mapping[str, str], *, now: int) -> FileGrant | None:
        """What the query of a URL of a label's answer permits, the label standing for the file; None when altered or expired."""
        if parts.keys() != _DOWNLOAD_PARTS | {"id"}:
            return None
        return self._grant(parts, method=READ_ANSWER, blob_id=parts["id"], limit="0", now=now)

    def object_grant(self, parts: Mapping[str, str], *, now: int) -> FileGrant | None:
        """What the query of a URL of an asset's object permits, the asset standing for the file; None when altered or expired."""
        if parts.keys() != _DOWNLOAD_PARTS | {"id"}:
            return None
        return self._grant(parts, method=READ_OBJECT, blob_id=parts["id"], limit="0", now=now)

    def _grant(self, parts: Mapping[str, str], *, method: str, blob_id: str, limit: str, now: int) -> FileGrant | None:
        # One spelling for each number, or an altered URL could still be a valid one.
        if not (_NUMBER.fullmatch(parts["expires"]) and _NUMBER.fullmatch(limit) and is_blob_id(blob_id)):
            return None
        organization_id, user_id, max_bytes = parts["organization"], parts["user"], int(limit)
        is_ours = verify(
            self._secret,
            parts["signature"],
            method=method,
            blob_id=blob_id,
            organization_id=organization_id,
            user_id=user_id,
            expires_at=int(parts["expires"]),
            max_bytes=max_bytes,
            now=now,
        )
        return FileGrant(blob_id, organization_id, user_id, max_bytes) if is_ours else None


def _in_query(text: str) -> str:
    # Ids are nearly always plain, and thousands of URLs go into one answer: quoting costs ten times the check.
    return text if text.isascii() and text.replace("-", "").isalnum() else quote(text, safe="")
