"""The program of the child process that makes archives of labels: assets come in, a file is written.

Kili's converters hold whole projects, print and fail on labels that do not fit: they run here, one asset at a time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from os import devnull
from pathlib import Path
from typing import Any, Final

from labelyard.domain.export import YOLO, ExportFormat, ExportOptions, folder_of_files, options_from_json
from labelyard.services.export.archive import Archive
from labelyard.services.export.assets import chosen_asset, without_sent_back
from labelyard.services.export.format.writer import ExportedProject, FormatWriter, NotExportable
from labelyard.storage.child_program import serve

# For one page of assets. The archive of the largest projects is some GiB long.
CPU_SECONDS: Final = 300
MEMORY_BYTES: Final = 3 << 30
FILE_BYTES: Final = 1 << 40
ARCHIVE: Final = "export.zip"
LEAVES_OUT: Final = frozenset({ExportFormat.RAW, ExportFormat.COCO})  # formats that know of labels that were sent back
README: Final = """Exported Labels from KILI
=========================

- Project name: {project.title}
- Project identifier: {project.id}
- Project description: {project.description}
- Export date: {date}
- Exported format: {format}
- Exported labels: {labels}
"""


class Export:
    """The export that this process makes."""

    def __init__(self, begin: Mapping[str, Any]) -> None:
        self.options: ExportOptions = options_from_json(begin["options"])
        self.project = ExportedProject(**begin["project"])
        self.archive = Archive(Path(begin["folder"]) / ARCHIVE)
        self.writer: FormatWriter = writer_of(self.options.format)(self.project, self.options, self.archive)

    def add(self, lines: bytes) -> list[list[str]]:
        """Add assets, one a line; answers the files that go with them, each with the name of its entry."""
        wanted: list[list[str]] = []
        for line in lines.splitlines():
            asset = chosen_asset(json.loads(line), self.options)
            if asset is None:
                continue
            wanted += self._with_files(asset)
            try:
                self.writer.add(asset)
            except NotExportable:
                raise
            except Exception as error:
                raise NotExportable(
                    f"Asset {asset['externalId']!r} ({asset['id']}) cannot be exported as {self.options.format}: {reason_of(error)}"
                ) from error
        return wanted

    def _with_files(self, asset: dict[str, Any]) -> list[list[str]]:
        """Name the files that go with an asset, in place of where they lie; answers them."""
        files = asset.pop("files", None)
        if files is None or (self.options.format in LEAVES_OUT and without_sent_back(asset, self.options) is None):
            return []
        if (frames := files.get("frames")) is not None:
            named = [[blob_id, name if blob_id is None else self._reserve(name)] for blob_id, name in frames]
            asset["jsonContent"] = [name for _, name in named]
            return [[blob_id, name] for blob_id, name in named if blob_id is not None]
        ((key, (blob_id, name)),) = files.items()
        asset[key] = self._reserve(name)
        return [[blob_id, asset[key]]]

    def _reserve(self, name: str) -> str:
        return self.archive.reserve(f"{folder_of_files(self.options.format)}/{name}")

    def finish(self) -> None:
        """Write the end of the archive."""
        self.writer.finish()
        moment = self.project.moment
        text = README.format(
            project=self.project,
            date=moment[:19].replace("-", "").replace(":", "").replace("T", "-"),
            format=self.options.format.lower(),
            labels=self.options.labels.lower(),
        )
        self.archive.add("README.kili.txt", text.encode())
        self.archive.close()


def reason_of(error: Exception) -> str:
    """What keeps an asset out of a format, as far as the converters say it."""
    from kili_formats.exceptions import NotExportableAssetError

    if isinstance(error, NotExportableAssetError):
        return "its size in pixels is not known; set its resolution with updatePropertiesInAssets"
    if isinstance(error, KeyError):
        return f"the format needs {error} in every annotation of its jobs, and one has none"
    return f"{type(error).__name__}: {error}"[:500]


def writer_of(chosen: ExportFormat) -> type[FormatWriter]:
    """The writer of a format, imported when it is wanted."""
    if chosen is ExportFormat.RAW:
        from labelyard.services.export.format.raw import RawWriter

        return RawWriter
    if chosen is ExportFormat.COCO:
        from labelyard.services.export.format.coco import CocoWriter

        return CocoWriter
    if chosen in YOLO:
        from labelyard.services.export.format.yolo import YoloWriter

        return YoloWriter
    if chosen is ExportFormat.PASCAL_VOC:
        from labelyard.services.export.format.voc import VocWriter

        return VocWriter
    from labelyard.services.export.format.geojson import GeoJsonWriter

    return GeoJsonWriter


class Program:
    """Begins an export, adds pages of assets to it, and finishes it."""

    export: Export | None = None

    def answer(self, request: bytes) -> bytes:
        """The error that a request has led to, as JSON; without one the files that are to follow, or `null`."""
        word, _, rest = request.partition(b"\n")
        try:
            with open(devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
                wanted = self._run(word, rest)
        except NotExportable as error:
            return json.dumps({"isFinal": True, "text": str(error)}).encode()
        except Exception as error:
            return json.dumps({"isFinal": False, "text": f"{type(error).__name__}: {error}"[:1000]}).encode()
        return json.dumps(wanted or None).encode()

    def _run(self, word: bytes, rest: bytes) -> list[list[str]] | None:
        if word == b"begin":
            self.export = Export(json.loads(rest))
        elif self.export is None:
            raise LookupError("nothing has begun")
        elif word == b"add":
            return self.export.add(rest)
        elif word == b"file":
            self.export.archive.begin(rest.decode())
        elif word == b"piece":
            self.export.archive.write(rest)
        elif word == b"end":
            self.export.archive.end()
        else:
            self.export.finish()
        return None


if __name__ == "__main__":
    serve(Program().answer, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES, file_bytes=FILE_BYTES)
