"""Secrets that others have entrusted to the server: sealed before they are stored, opened only to be used."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Final

from labelyard.domain.error import Conflict

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION: Final = b"\x01"
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32


class UnreadableCredential(Conflict):
    """A stored secret that this server cannot open: it was sealed with another server secret, or for another purpose."""

    def __init__(self, purpose: str) -> None:
        super().__init__(
            f"The stored credentials of {purpose} cannot be read any more: the secret of the server has changed since. "
            "Set them again.",
            purpose=purpose,
        )


class Credentials:
    """Seals texts with a key derived from the server secret (AES-256-GCM).

    A purpose says what a text is for, such as `model:<id>`. It is bound to the sealed form: moved to another row, a sealed text
    does not open.
    """

    def __init__(self, server_secret: bytes) -> None:
        self._server_secret = server_secret

    @cached_property
    def _cipher(self) -> AESGCM:
        # Loaded with the first credential: most servers keep none, and it takes 6 MB.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"labelyard credential 1")
        return AESGCM(derived.derive(self._server_secret))

    def __repr__(self) -> str:
        return "Credentials()"

    def seal(self, text: str, purpose: str) -> bytes:
        """The sealed form of a text, another one each time."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> str:
        """The text of a sealed form. Raises `UnreadableCredential` where secret or purpose are not those it was sealed with."""
        from cryptography.exceptions import InvalidTag

        nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if sealed[:1] != VERSION or len(nonce) < NONCE_BYTES:
            raise UnreadableCredential(purpose)
        try:
            return self._cipher.decrypt(nonce, rest, purpose.encode()).decode()
        except InvalidTag as error:
            raise UnreadableCredential(purpose) from error
