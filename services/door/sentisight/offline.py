"""A trained model as a server of its own: an archive that runs wherever Python, onnxruntime, numpy and Pillow are."""

from __future__ import annotations

import asyncio
import io
import zipfile
from importlib.resources import files
from typing import Final

import orjson

from labelyard.services.app_services import AppServices
from labelyard.services.export.archive import DATE
from labelyard.services.learning.backbone import NETWORK
from labelyard.storage.database import Database, Row
from labelyard.storage.trained_model import read_head

PROGRAM: Final = "offline_server.txt"
README: Final = "offline_readme.txt"
PICTURE: Final = "picture.py"


async def offline_server(database: Database, services: AppServices, model: Row) -> bytes:
    """The archive: `model.onnx`, `labels.json`, `server.py`, `picture.py` and `README.md`."""
    async with database.reader() as connection:
        head = await read_head(connection, model["id"], "BEST")
    if head is None:
        raise LookupError("a trained model has heads")
    is_multi = model["type"] == "MULTI_LABEL"
    graph = await services.inference.graphs.path() if model["backbone"] == NETWORK else None
    request = {"op": "offline", "labels": len(model["labels"]), "isMulti": is_multi, "graph": graph}
    _, whole = await services.inference.ask(request, head)
    described = {
        "name": model["name"],
        "type": "multi-label" if is_multi else "single-label",
        "describes": "network" if graph is not None else "pixels",
        "labels": model["labels"],
        "thresholds": [round(100 * threshold, 4) for threshold in orjson.loads(model["thresholds"])],
    }
    texts = {
        "server.py": _resource("door.sentisight", PROGRAM),
        "picture.py": _resource("learning", PICTURE),
        "README.md": _resource("door.sentisight", README),
        "labels.json": orjson.dumps(described, option=orjson.OPT_INDENT_2),
    }
    return await asyncio.to_thread(_zipped, {"model.onnx": bytes(whole), **texts})


def _resource(package: str, name: str) -> bytes:
    return files(f"labelyard.services.{package}").joinpath(name).read_bytes()


def _zipped(entries: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), content)
    return written.getvalue()
