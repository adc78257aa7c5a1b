"""Signatures of file URLs: what a URL permits is fixed by the server and cannot be altered by who has it."""

from __future__ import annotations

import base64
import hmac
from functools import lru_cache

# Keys for different purposes come from one server secret; the context keeps them apart.
_CONTEXT = b"labelyard file url 2"


@lru_cache(maxsize=8)
def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, _CONTEXT, "sha256")


def sign(
    secret: bytes, *, method: str, blob_id: str, organization_id: str, user_id: str, expires_at: int, max_bytes: int
) -> str:
    """43 URL-safe characters; `user_id` is whom the URL was made for, `expires_at` in Unix seconds, `max_bytes` 0 where
    nothing is written.

    Each part goes in with its length before it, so no two different sets of parts give the same signed text.
    """
    text = (
        f"{len(method)}:{method}{len(blob_id)}:{blob_id}{len(organization_id)}:{organization_id}{len(user_id)}:{user_id}"
        f"{expires_at}:{max_bytes}"
    )
    # A hostile query string may hold lone surrogates: they must fail to verify, not to encode.
    digest = hmac.digest(_key(secret), text.encode("utf-8", "surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(digest)[:43].decode("ascii")


def verify(
    secret: bytes,
    signature: str,
    *,
    method: str,
    blob_id: str,
    organization_id: str,
    user_id: str,
    expires_at: int,
    max_bytes: int,
    now: int,
) -> bool:
    """Whether the signature is ours for exactly these parts, and `now` is before `expires_at`.

    The comparison takes the same time wherever the two differ.
    """
    expected = sign(
        secret,
        method=method,
        blob_id=blob_id,
        organization_id=organization_id,
        user_id=user_id,
        expires_at=expires_at,
        max_bytes=max_bytes,
    )
    # As bytes: compare_digest refuses text outside ASCII.
    is_ours = hmac.compare_digest(expected.encode("ascii"), signature.encode("utf-8", "surrogatepass"))
    return is_ours and now < expires_at
