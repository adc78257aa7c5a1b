"""Asking for exports, and reading what comes."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from typing import Any
from urllib.parse import urlsplit

from tests.common.client import Client, Json

FIELDS = "id format layout labels status done total reason size url finishedAt"
CREATE = "mutation ($p: ID!, $data: ProjectExportData!) { data: createProjectExport(projectId: $p, data: $data) { id status url } }"
CANCEL = "mutation ($id: ID!) { data: cancelProjectExport(id: $id) { id status url } }"
EXPORTS = (
    f"query ($where: ProjectExportWhere!) {{ data: projectExports(where: $where, first: 100, skip: 0) {{ {FIELDS} }} }}"
)


async def create(client: Client, project_id: str, **data: Any) -> str:
    made = await client.data(CREATE, {"p": project_id, "data": data})
    assert made["url"] is None
    return str(made["id"])


async def ended(client: Client, export_id: str, *, seconds: float = 30.0) -> Json:
    deadline = time.monotonic() + seconds
    while True:
        (export,) = await client.data(EXPORTS, {"where": {"id": export_id}})
        if export["status"] not in ("QUEUED", "RUNNING"):
            return dict(export)
        assert time.monotonic() < deadline, export
        await asyncio.sleep(0.05)


async def fetched(client: Client, url: str, *, status: int = 200) -> bytes:
    parts = urlsplit(url)
    response = await client.http.get(f"{parts.path}?{parts.query}")
    assert response.status_code == status, response.text
    return response.content


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {info.filename: opened.read(info) for info in opened.infolist() if not info.is_dir()}


async def exported(client: Client, project_id: str, **data: Any) -> dict[str, bytes]:
    """The files of an export that is made and done."""
    export = await ended(client, await create(client, project_id, **data))
    assert (export["status"], export["reason"]) == ("DONE", None), export
    assert export["done"] == export["total"]
    archive = await fetched(client, export["url"])
    assert len(archive) == export["size"]
    return files_of(archive)
