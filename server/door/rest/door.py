"""Declaring a door: its address, its key, its errors, its routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from labelyard.domain.error import ErrorCode
from labelyard.domain.permission import Action
from labelyard.server.door.rest.body import Sent
from labelyard.server.door.rest.call import Call
from labelyard.server.door.rest.path import Pattern, segments_of
from labelyard.server.edge.authentication import key_in
from labelyard.server.edge.error import ErrorPayload

Handler = Callable[[Call], Awaitable[Any]]
KeyOf = Callable[[Mapping[str, str]], str | None]
ErrorBody = Callable[[ErrorPayload, int], Any]
USUAL_COST: Final = 500


@dataclass(frozen=True, slots=True)
class Route:
    """A verb and a path, the action that a request to them needs, and what answers it.

    `cost` is what a request takes of the cost that its key may spend in a minute, beside the body of the answer.
    """

    verb: str
    pattern: Pattern
    action: Action
    handler: Handler
    sent: Sent
    cost: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a path leads to: routes by their verbs, with the texts of the path."""

    routes: Mapping[str, Route]
    texts: Mapping[str, Mapping[str, str]]

    @property
    def verbs(self) -> list[str]:
        """The verbs that the path takes."""
        return sorted({*self.routes, "OPTIONS", *(("HEAD",) if "GET" in self.routes else ())})


@dataclass
class Door:
    """A front door of REST routes.

    `name` stands in `LABELYARD_DOORS`, `base` is the path that all routes begin with, `key_of` finds the key in the headers (by
    lower-case names), `error` makes the body of a refusal from its payload and status, JSON or a plain text, and `statuses` are the
    codes that this door answers with another status than the table of `server.edge.error` says. `check` refuses to open it where
    something is missing.
    """

    name: str
    title: str
    base: str
    key_of: KeyOf
    error: ErrorBody
    statuses: Mapping[ErrorCode, int] = field(default_factory=dict)
    check: Callable[[], None] | None = None
    routes: list[Route] = field(default_factory=list)

    def get(self, path: str, action: Action = Action.READ, *, cost: int = USUAL_COST) -> Callable[[Handler], Handler]:
        """Declare what answers GET and HEAD; its body is not read."""
        return self._declare("GET", path, action, Sent.NOTHING, cost)

    def delete(
        self, path: str, action: Action, *, sent: Sent = Sent.NOTHING, cost: int = USUAL_COST
    ) -> Callable[[Handler], Handler]:
        """Declare what answers DELETE; its body is not read unless `sent` says so."""
        return self._declare("DELETE", path, action, sent, cost)

    def post(
        self, path: str, action: Action, *, sent: Sent = Sent.JSON, cost: int = USUAL_COST
    ) -> Callable[[Handler], Handler]:
        """Declare what answers POST."""
        return self._declare("POST", path, action, sent, cost)

    def put(
        self, path: str, action: Action, *, sent: Sent = Sent.JSON, cost: int = USUAL_COST
    ) -> Callable[[Handler], Handler]:
        """Declare what answers PUT."""
        return self._declare("PUT", path, action, sent, cost)

    def patch(
        self, path: str, action: Action, *, sent: Sent = Sent.JSON, cost: int = USUAL_COST
    ) -> Callable[[Handler], Handler]:
        """Declare what answers PATCH."""
        return self._declare("PATCH", path, action, sent, cost)

    def _declare(self, verb: str, path: str, action: Action, sent: Sent, cost: int) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            pattern = Pattern.of(path)
            if any(route.verb == verb and route.pattern == pattern for route in self.routes):
                raise ValueError(f"{verb} {path} is declared twice")
            self.routes.append(Route(verb, pattern, action, handler, sent, cost))
            self.routes.sort(key=lambda route: route.pattern.rank)
            return handler

        return declare

    def find(self, raw_path: bytes) -> Found | None:
        """The routes of a path, the base included; None when nothing is there."""
        base = self.base.encode()
        segments = segments_of(raw_path[len(base) :]) if raw_path.startswith(base) else None
        routes: dict[str, Route] = {}
        texts: dict[str, Mapping[str, str]] = {}
        for route in self.routes if segments else ():
            found = route.pattern.match(segments or ())
            if found is not None and route.verb not in routes:
                routes[route.verb], texts[route.verb] = route, found
        return Found(routes, texts) if routes else None

    def status_of(self, error: ErrorPayload) -> int:
        """The status of a refusal."""
        return self.statuses.get(error.code, error.form.plain_status)


def bearer(headers: Mapping[str, str]) -> str | None:
    """The key in `Authorization: Bearer <key>`."""
    return key_in(headers.get("authorization"))


def bare_or_bearer(headers: Mapping[str, str]) -> str | None:
    """The key in `Authorization: <key>`, with or without a scheme."""
    sent = headers.get("authorization", "").strip()
    return key_in(sent) or (sent if sent and " " not in sent else None)


def header(name: str) -> KeyOf:
    """The key in a header of its own."""
    return lambda headers: headers.get(name, "").strip() or None
