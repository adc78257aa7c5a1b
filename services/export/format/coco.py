"""COCO: one `labels.json` for all jobs or for each, whose long lists are gathered beside the archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kili_formats import convert_from_kili_to_coco_format

from labelyard.domain.export import ExportLayout
from labelyard.services.export.assets import Asset, latest_labels, suffixes, without_sent_back
from labelyard.services.export.format.writer import FormatWriter
from labelyard.storage.work_folder import append_file

LISTS = ("images", "annotations")


class CocoWriter(FormatWriter):
    """Pictures with boxes and masks."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        jobs = {name: self.project.jobs[name] for name in self.fitting}
        is_merged = self.options.layout is ExportLayout.MERGED
        folders = {"": jobs} if is_merged else {f"{name}/": {name: job} for name, job in jobs.items()}
        self._files = [_LabelsFile(self, folder, these, is_merged) for folder, these in folders.items()]

    def add(self, asset: Asset) -> None:
        """See `FormatWriter.add`: each label of an asset becomes a picture of its own."""
        kept = without_sent_back(asset, self.options)
        labels = latest_labels(kept) if kept is not None else []
        for label, suffix in zip(labels, suffixes(labels), strict=True):
            picture = {**asset, "latestLabel": label, "externalId": f"{asset['externalId']}{suffix}"}
            for file in self._files:
                file.add(picture)

    def finish(self) -> None:
        """See `FormatWriter.finish`."""
        for file in self._files:
            file.write()


class _LabelsFile:
    """One `labels.json`."""

    def __init__(self, writer: CocoWriter, folder: str, jobs: Mapping[str, Any], is_merged: bool) -> None:
        self._writer = writer
        self._name = f"{folder}labels.json"
        self._jobs = jobs
        self._is_merged = is_merged
        self._head = self._converted([])
        self._parts = {name: writer.archive.part() for name in LISTS}
        self._pictures = 0
        self._annotations = 0

    def add(self, asset: Asset) -> None:
        converted = self._converted([asset])
        # Converted alone, every picture has the number 0 and its annotations count from 1.
        for image in converted["images"]:
            own = {"file_name": asset["content"]} if self._writer.is_beside(asset["content"]) else {}
            self._append("images", {**image, **own, "id": self._pictures})
        for annotation in converted["annotations"]:
            numbered = {**annotation, "id": annotation["id"] + self._annotations, "image_id": self._pictures}
            self._append("annotations", numbered)
        self._pictures += 1
        response = asset["latestLabel"]["jsonResponse"]
        self._annotations += sum(len(response[job]["annotations"]) for job in self._jobs if job in response)

    def write(self) -> None:
        head = json.dumps({name: value for name, value in self._head.items() if name not in LISTS})
        with self._writer.archive.open(self._name) as entry:
            entry.write(head[:-1].encode())
            for name in LISTS:
                entry.write(f', "{name}": ['.encode())
                append_file(self._parts[name], entry)
                entry.write(b"]")
            entry.write(b"}")

    def _append(self, name: str, value: Mapping[str, Any]) -> None:
        part = self._parts[name]
        part.write((", " if part.tell() else "").encode() + json.dumps(value).encode())

    def _converted(self, assets: list[Asset]) -> dict[str, Any]:
        project = self._writer.project
        return dict(
            convert_from_kili_to_coco_format(
                jobs=dict(self._jobs),
                assets=assets,
                title=project.title,
                project_input_type=project.input_type,
                annotation_modifier=None,
                merged=self._is_merged,
            )
        )
