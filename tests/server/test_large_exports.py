"""Exports of very large projects in bounded memory of the server: `make large-exports`, with 100,000 assets.

LABELYARD_TEST_EXPORTED says how many.
"""

from __future__ import annotations

import os
import re
import secrets
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS
from tests.common.export import create, ended
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.world import answer, new_organization

ASSETS = int(os.environ.get("LABELYARD_TEST_EXPORTED", "0"))
GROWTH_MIB = 64.0
PIECE = 1_000

pytestmark = pytest.mark.skipif(not ASSETS, reason="minutes long: make large-exports")


def mebibytes(pid: int, name: str) -> float:
    """What the kernel says of a process: `VmRSS` is what it takes now, `VmHWM` the most since `forget`."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def forget(pid: int) -> float:
    """Begin to measure anew; answers what the process takes."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return mebibytes(pid, "VmRSS")


async def test_an_export_takes_as_much_memory_for_many_assets_as_for_few(cluster, tmp_path):
    url = await cluster.new_database()
    key = f"ly_test_{secrets.token_hex(16)}"
    server = ServerProcess(url, tmp_path / "data", api_key=key, **UNLIMITED).start()
    database = await Database.open(url, size=2)
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as http:
        organization = await new_organization(database, Client(http))
        project = await organization.project()
        for start in range(0, ASSETS, PIECE):
            names = [f"asset-{number}" for number in range(start, min(start + PIECE, ASSETS))]
            contents = [f"https://files.example/{name}.png" for name in names]
            data = {"contentArray": contents, "externalIDArray": names}
            made = await project.admin.data(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
            items = [{"assetID": asset["id"], "jsonResponse": answer(cars=3)} for asset in made]
            data = {"labelType": "DEFAULT", "overwrite": False, "labelsData": items}
            await project.admin.data(APPEND_MANY_LABELS, {"data": data, "where": {"id": made[0]["id"]}})
        await project.marked()
        for format_, more in (("RAW", {}), ("RAW", {"singleFile": True}), ("YOLO_V8", {"layout": "MERGED"})):
            before, began = forget(server.pid), time.monotonic()
            export = await ended(
                project.admin,
                await create(project.admin, project.id, format=format_, **more),
                seconds=60 + ASSETS / 200,
            )
            assert (export["status"], export["done"]) == ("DONE", ASSETS), export
            seconds = time.monotonic() - began
            parts = urlsplit(export["url"])
            path = tmp_path / "export.zip"
            with path.open("wb") as file:
                async with http.stream("GET", f"{parts.path}?{parts.query}") as answered:
                    async for piece in answered.aiter_bytes():
                        file.write(piece)
            growth = mebibytes(server.pid, "VmHWM") - before
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
                assert archive.testzip() is None
            print(
                f"\n{format_} {more}: {ASSETS:,} assets in {seconds:.1f} s, {export['size'] / 2**20:.1f} MiB, {len(names):,} files; "
                f"the server of {before:.1f} MiB grew by {growth:.1f} MiB"
            )
            files = [name for name in names if name.startswith("labels/") and not name.endswith("/")]
            assert len(files) == (0 if more.get("singleFile") else ASSETS)
            assert growth <= GROWTH_MIB
    await database.close()
    server.stop()
    await cluster.drop_database(url)
