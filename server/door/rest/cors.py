"""Which pages of other origins may read the answers of doors: those that `LABELYARD_CORS_ORIGINS` names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
HEADERS = "content-type, authorization, x-auth-token"
MAX_AGE_SECONDS = 600


class Origins:
    """The origins of pages that may call doors."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = frozenset(allowed)

    def headers(self, origin: str | None) -> Mapping[str, str]:
        """What every answer to an origin carries."""
        if not self._allowed:
            return {}
        if origin not in self._allowed or origin is None:
            return {"Vary": "Origin"}
        return {"Vary": "Origin", "Access-Control-Allow-Origin": origin}

    def preflight(self, origin: str | None) -> Mapping[str, str]:
        """What the answer to OPTIONS carries."""
        headers = self.headers(origin)
        if "Access-Control-Allow-Origin" not in headers:
            return headers
        return {
            **headers,
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": HEADERS,
            "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        }
