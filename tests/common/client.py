"""A client of the GraphQL endpoint that checks what every answer has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from labelyard.server.application import ENDPOINT

Json = dict[str, Any]


class Client:
    """Sends documents as the SDK does. `key` is whose API key goes along; None sends no key at all."""

    def __init__(self, http: httpx.AsyncClient, key: str | None = None) -> None:
        self.http = http
        self.key = key

    def as_(self, key: str | None) -> Client:
        """The same server, asked by somebody else."""
        return Client(self.http, key)

    async def post(self, document: str, variables: Mapping[str, Any] | None = None) -> httpx.Response:
        """The bare response."""
        headers = {} if self.key is None else {"Authorization": f"X-API-Key: {self.key}"}
        return await self.http.post(ENDPOINT, json={"query": document, "variables": variables or {}}, headers=headers)

    async def graphql(self, document: str, variables: Mapping[str, Any] | None = None, *, status: int = 200) -> Json:
        """The whole answer, whose shape is checked: `errors` only where something failed, `extensions` always an object."""
        response = await self.post(document, variables)
        assert response.status_code == status, (response.status_code, response.text)
        assert response.headers["content-type"] == "application/json"
        answer: Json = response.json()
        assert set(answer) <= {"data", "errors", "extensions"}
        assert answer.get("errors") != []
        for error in answer.get("errors", []):
            assert error["message"]
            assert set(error["extensions"]) == {"code", "context", "requestId"}
            assert error["extensions"]["requestId"] == response.headers["x-request-id"]
        return answer

    async def data(self, document: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The value of the only root field of a document that succeeds without a warning."""
        answer = await self.graphql(document, variables)
        assert set(answer) == {"data"}, answer
        (value,) = answer["data"].values()
        return value

    async def warned(self, document: str, variables: Mapping[str, Any] | None = None) -> tuple[Any, list[Json]]:
        """The value of the only root field, and the warnings that came with it."""
        answer = await self.graphql(document, variables)
        assert set(answer) == {"data", "extensions"}, answer
        assert set(answer["extensions"]) == {"warnings"}
        (value,) = answer["data"].values()
        return value, answer["extensions"]["warnings"]

    async def refused(self, document: str, variables: Mapping[str, Any] | None = None, *, status: int = 200) -> Refused:
        """The one error of a document that is refused, with the name of the root field it stands at."""
        answer = await self.graphql(document, variables, status=status)
        assert len(answer["errors"]) == 1, answer
        error = answer["errors"][0]
        return Refused(error)


class Refused:
    """The one error of an answer."""

    def __init__(self, error: Json) -> None:
        self.code: str = error["extensions"]["code"]
        self.path: list[Any] | None = error.get("path")
        self.message: str = error["message"]
        self.context: Json = error["extensions"]["context"]

    @property
    def at(self) -> tuple[str, list[Any] | None]:
        """Code and path, which tests compare first."""
        return self.code, self.path
