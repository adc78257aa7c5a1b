"""YOLO: a line for each object in a file for each picture or frame, and the names of the classes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from kili_formats import convert_from_kili_to_yolo_format
from kili_formats.types import JobCategory

from labelyard.domain.export import ExportFormat, ExportLayout
from labelyard.domain.text import plain_cell
from labelyard.services.export.assets import Asset, latest_labels, suffixes
from labelyard.services.export.format.writer import FormatWriter
from labelyard.storage.work_folder import append_file

PICTURE_ENDINGS = frozenset({".jpeg", ".jpg", ".png", ".bmp", ".gif", ".webp", ".ico"})
HEAD = ["external id", "url", "label file"]


class YoloWriter(FormatWriter):
    """All jobs together, or a folder for each."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        chosen = self.options.format
        if self.options.layout is ExportLayout.MERGED:
            self._folders = [_Folder(self, "", self._classes(self.fitting), chosen, is_merged=True)]
        else:
            self._folders = [
                _Folder(self, f"{job}/", self._classes([job]), chosen, is_merged=False) for job in self.fitting
            ]

    def add(self, asset: Asset) -> None:
        """See `FormatWriter.add`."""
        for folder in self._folders:
            folder.add(asset)

    def finish(self) -> None:
        """See `FormatWriter.finish`."""
        for folder in self._folders:
            folder.finish()
        # Jobs list the same pictures: the list of the last one stands for all.
        lists = [folder.remote for folder in self._folders if folder.remote.tell()]
        if lists:
            with self.archive.open("images/remote_assets.csv") as entry:
                entry.write(_csv_line(HEAD))
                append_file(lists[-1], entry)

    def _classes(self, jobs: Any) -> dict[str, JobCategory]:
        names = [(job, name) for job in jobs for name in (self.project.jobs[job].get("content") or {})["categories"]]
        return {
            f"{job}__{name}": JobCategory(category_name=name, id=number, job_id=job)
            for number, (job, name) in enumerate(names)
        }


class _Folder:
    """The files of one job, or of all."""

    def __init__(
        self,
        writer: YoloWriter,
        folder: str,
        classes: Mapping[str, JobCategory],
        chosen: ExportFormat,
        *,
        is_merged: bool,
    ) -> None:
        self._is_beside = writer.is_beside
        archive = self._archive = writer.archive
        self._folder = folder
        self._classes = dict(classes)
        self._jobs = list(dict.fromkeys(category.job_id for category in classes.values()))
        self._videos: dict[str, list[str]] = {}
        self.remote = archive.part()
        archive.add(*_class_file(folder, classes, chosen, is_merged=is_merged))

    def add(self, asset: Asset) -> None:
        labels = latest_labels(asset)
        for number, (label, suffix) in enumerate(zip(labels, suffixes(labels), strict=True)):
            response = label["jsonResponse"]
            frames = dict(_frames(response, self._jobs))
            is_video = any(str(frame) in response for frame in range(len(response)))
            for frame, answer in (frames or {-1: response}).items():
                name = asset["externalId"]
                if is_video:
                    name += f"_{str(frame + 1).zfill(len(str(len(response))))}"
                    if number == 0:
                        self._videos.setdefault(asset["externalId"], []).append(name)
                self._write(asset, name + suffix, answer, url_of(asset, frame))

    def finish(self) -> None:
        if self._videos:
            text = json.dumps(self._videos, sort_keys=True, indent=4)
            self._archive.add(f"{self._folder}video_meta.json", text.encode())

    def _write(self, asset: Asset, name: str, response: Mapping[str, Any], url: str) -> None:
        file = f"{without_ending(name)}.txt"
        lines = []
        for job in self._jobs:
            for category, *points in convert_from_kili_to_yolo_format(job, {"jsonResponse": response}, self._classes):
                lines.append(f"{category} {' '.join(str(point) for point in points)}\n")
        self._archive.add(f"{self._folder}labels/{file}", "".join(lines).encode())
        if not self._is_beside(url):
            self.remote.write(_csv_line([asset["externalId"], url, file]))


def url_of(asset: Asset, frame: int) -> str:
    """Where a frame is: one of its own where they are named one by one, else where the film is."""
    frames = asset["jsonContent"]
    return str(frames[frame] if isinstance(frames, list) and 0 <= frame < len(frames) else asset["content"])


def _frames(response: Mapping[str, Any], jobs: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The frames of a video in which something was found."""
    for frame in range(len(response)):
        answer = response.get(str(frame))
        if answer and any((answer.get(job) or {}).get("annotations") for job in jobs):
            yield frame, answer


def _class_file(
    folder: str, classes: Mapping[str, JobCategory], chosen: ExportFormat, *, is_merged: bool
) -> tuple[str, bytes]:
    names = [f"{each.job_id}/{each.category_name}" if is_merged else each.category_name for each in classes.values()]
    if chosen is ExportFormat.YOLO_V4:
        numbered = zip(classes.values(), names, strict=True)
        return f"{folder}classes.txt", "".join(f"{each.id} {name}\n" for each, name in numbered).encode()
    if chosen is ExportFormat.YOLO_V5:
        lines = "".join(f"  {number}: {name}\n" for number, name in enumerate(names))
        return f"{folder}data.yaml", f"names:\n{lines}".encode()
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"{folder}data.yaml", f"nc: {len(names)}\nnames: [{quoted}]\n".encode()


def without_ending(name: str) -> str:
    """A name without the ending of a picture."""
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if path.suffix in PICTURE_ENDINGS else name


def _csv_line(cells: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(map(plain_cell, cells))
    return text.getvalue().encode()
