"""Clients that write without pause and remember what they were told, to be compared with what is in the database."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import orjson

from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS, APPEND_TO_LABELS, CREATE_PROJECT

INTERFACE = {
    "jobs": {"TEXT": {"mlTask": "TRANSCRIPTION", "required": 1, "isChild": False, "content": {"input": "textField"}}}
}
BUSY = 8
NOBODY = "nobody listens"


@dataclass(frozen=True)
class Sent:
    """One request: what it was to write, by names that are used once, and what the client was told."""

    kind: str
    tokens: tuple[str, ...]
    outcome: str
    """`done`, `unknown` or `refused`."""
    detail: str
    at: float


@dataclass
class Findings:
    """What is wrong: names of what was lost, doubled, half written, or written and refused."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    half: list[Sent] = field(default_factory=list)
    refused_but_written: list[Sent] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.double or self.half or self.refused_but_written)


class Load:
    """Eight clients of one server."""

    def __init__(self, endpoint: str, key: str, seed: int) -> None:
        self.endpoint = endpoint
        self._headers = {"Authorization": f"X-API-Key: {key}"}
        self._random = random.Random(seed)
        self._numbers = itertools.count(1)
        self._assets: list[str] = []
        self._project = ""
        self.sent: list[Sent] = []
        self.last_done = 0.0

    async def prepare(self) -> None:
        """Make a project with assets to label."""
        async with httpx.AsyncClient(timeout=30, headers=self._headers) as http:
            data = {"title": "load", "inputType": "TEXT", "jsonInterface": orjson.dumps(INTERFACE).decode()}
            self._project = (await self._asked(http, CREATE_PROJECT, data=data))["id"]
            contents = {"contentArray": ["text"] * 40, "externalIDArray": [f"target {n}" for n in range(40)]}
            made = await self._asked(http, APPEND_MANY_ASSETS, data=contents, where={"id": self._project})
            self._assets = [asset["id"] for asset in made]

    async def _asked(self, http: httpx.AsyncClient, document: str, **variables: Any) -> Any:
        response = await http.post(self.endpoint, json={"query": document, "variables": variables})
        return response.json()["data"]["data"]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write while the block runs."""
        tasks = [asyncio.create_task(self._write_on()) for _ in range(BUSY)]
        try:
            yield
        finally:
            self._is_ending = True
            await asyncio.gather(*tasks)

    _is_ending = False

    async def _write_on(self) -> None:
        self._is_ending = False
        async with httpx.AsyncClient(timeout=40, headers=self._headers) as http:
            while not self._is_ending:
                await self._write(http)

    async def _write(self, http: httpx.AsyncClient) -> None:
        kind = self._random.choices(["label", "batch", "import"], [6, 2, 2])[0]
        count = 1 if kind == "label" else self._random.randint(2, 20)
        tokens = tuple(f"t{next(self._numbers)}" for _ in range(count))
        assets = self._random.choices(self._assets, k=count)
        answers = [orjson.dumps({"TEXT": {"text": token}}).decode() for token in tokens]
        if kind == "label":
            document, variables = (
                APPEND_TO_LABELS,
                {
                    "data": {"jsonResponse": answers[0], "labelType": "DEFAULT"},
                    "where": {"id": assets[0]},
                },
            )
        elif kind == "batch":
            labels = [{"assetID": asset, "jsonResponse": text} for asset, text in zip(assets, answers, strict=True)]
            document, variables = (
                APPEND_MANY_LABELS,
                {
                    "data": {"labelType": "DEFAULT", "labelsData": labels},
                    "where": {"idIn": assets},
                },
            )
        else:
            document, variables = (
                APPEND_MANY_ASSETS,
                {
                    "data": {"contentArray": ["text"] * count, "externalIDArray": list(tokens)},
                    "where": {"id": self._project},
                },
            )
        outcome, detail = await self._outcome(http, document, variables)
        if outcome == "done":
            self.last_done = time.monotonic()
        else:
            await asyncio.sleep(0.2 if detail == NOBODY else 0.02)  # a server that starts needs the machine more
        self.sent.append(Sent(kind, tokens, outcome, detail, time.monotonic()))

    async def _outcome(self, http: httpx.AsyncClient, document: str, variables: dict[str, Any]) -> tuple[str, str]:
        try:
            response = await http.post(self.endpoint, json={"query": document, "variables": variables})
            body = response.json()
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return "refused", NOBODY
        except (httpx.HTTPError, ValueError) as error:
            return "unknown", repr(error)
        if "error" in body:
            code = body["error"]["code"]
            return ("unknown" if response.status_code == 503 else "refused"), f"{response.status_code} {code}"
        if "errors" in body:
            code = body["errors"][0]["extensions"]["code"]
            return ("unknown" if code == "UNKNOWN_OUTCOME" else "refused"), code
        return "done", ""

    async def wait_for_success(self, *, since: float, timeout_seconds: float) -> float:
        """How many seconds after a moment the first write that began or ended behind it was done."""
        while self.last_done <= since:
            if time.monotonic() - since > timeout_seconds:
                raise AssertionError(f"nothing is written {timeout_seconds} s later: {self.sent[-BUSY:]}")
            await asyncio.sleep(0.005)
        return self.last_done - since

    async def findings(self, url: str) -> Findings:
        """Compare what was told with what is there."""
        connection = await asyncpg.connect(url)
        labels = await connection.fetch(
            "select json_response::jsonb #>> '{TEXT,text}' from label where project_id = $1", self._project
        )
        assets = await connection.fetch("select external_id from asset where project_id = $1", self._project)
        await connection.close()
        there = Counter([row[0] for row in labels] + [row[0] for row in assets])
        found = Findings(double=[token for token, count in there.items() if count > 1])
        for sent in self.sent:
            written = [token for token in sent.tokens if token in there]
            if 0 < len(written) < len(sent.tokens):
                found.half.append(sent)
            if sent.outcome == "done":
                found.lost += [token for token in sent.tokens if token not in there]
            if sent.outcome == "refused" and written:
                found.refused_but_written.append(sent)
        return found

    def report(self) -> str:
        """How many requests came to what."""
        return ", ".join(f"{count} {name}" for name, count in sorted(Counter(s.outcome for s in self.sent).items()))
