"""One request on its way through the pipeline, by whatever transport."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from labelyard.domain.permission import Actor


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request it is: `key` is what limits are counted by.

    Holders of a signed URL have no `actor`, and the person it was made for as their `key`.
    """

    key: str
    organization_id: str
    actor: Actor | None = None


@dataclass(slots=True)
class Exchange:
    """What is known of a request: the access log says it all."""

    transport: str
    method: str
    address: str
    asked_at: str | None = None
    """By which address of the server, where it is not the usual one."""
    request_id: str = field(default_factory=lambda: secrets.token_hex(8))
    began: float = field(default_factory=time.perf_counter)
    caller: Caller | None = None
    is_mutation: bool = False
    operation: str | None = None
    root_field: str = ""
    cost: int = 0
    status: int | None = None
    code: str = "OK"
    bytes: int = 0
