"""Kili's own format: assets with their labels as JSON, points in pixels beside fractions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from kili_formats import clean_json_response, convert_to_pixel_coords

from labelyard.domain.export import is_labeled_in_pixels
from labelyard.services.export.assets import Asset, every_label, frames_numbered, without_sent_back
from labelyard.services.export.format.writer import FormatWriter
from labelyard.storage.work_folder import append_file

SCALED = frozenset({"IMAGE", "PDF", "VIDEO"})


class RawWriter(FormatWriter):
    """A file for each asset, or one with all of them."""

    _part: IO[bytes] | None = None

    def add(self, asset: Asset) -> None:
        """See `FormatWriter.add`."""
        kept = without_sent_back(asset, self.options)
        if kept is None:
            return
        for label in every_label(kept):
            label["jsonResponse"] = frames_numbered(label["jsonResponse"])
        if is_labeled_in_pixels(self.project.geospatial_settings):
            if self.options.normalized_coordinates is not True:
                add_grid_pixels(kept)
            clean_json_response(kept)
        elif self.project.input_type in SCALED:
            convert_to_pixel_coords(
                kept, {"inputType": self.project.input_type, "jsonInterface": self.project.interface}
            )
            clean_json_response(kept)
        text = json.dumps(kept, sort_keys=True, indent=4)
        if self.options.single_file:
            self._add_to_list(text)
        else:
            self.archive.add(f"labels/{kept['externalId'].replace(' ', '_')}.json", text.encode())

    def finish(self) -> None:
        """See `FormatWriter.finish`."""
        if not self.options.single_file:
            return
        with self.archive.open("data.json") as entry:
            if self._part is None:
                entry.write(b"[]")
                return
            entry.write(b"[")
            append_file(self._part, entry)
            entry.write(b"\n]")

    def _add_to_list(self, text: str) -> None:
        # Line breaks inside of texts are escaped, so every line is one of the layout.
        shifted = "\n    " + text.replace("\n", "\n    ")
        if self._part is None:
            self._part = self.archive.part()
        else:
            self._part.write(b",")
        self._part.write(shifted.encode())


def add_grid_pixels(asset: Asset) -> None:
    """Add points in the grid of the first layer of a GEOSPATIAL asset beside its fractions; the converters do not know such grids."""
    layers = asset.get("geospatialExportMetadata") or []
    width, height = (layers[0].get("width"), layers[0].get("height")) if layers else (None, None)
    if not width or not height:
        return
    for label in every_label(asset):
        for answer in (label["jsonResponse"] or {}).values():
            if isinstance(answer, dict):
                for annotation in answer.get("annotations", ()):
                    _scale(annotation, int(width), int(height))


def _scale(annotation: dict[str, Any], width: int, height: int) -> None:
    def point(fractions: Mapping[str, Any]) -> dict[str, Any]:
        return {**fractions, "x": fractions["x"] * width, "y": fractions["y"] * height}

    def ring(fractions: Mapping[str, Any]) -> dict[str, Any]:
        return {**fractions, "vertices": [point(vertex) for vertex in fractions["normalizedVertices"]]}

    if annotation.get("boundingPoly") is not None:
        annotation["boundingPoly"] = [
            [ring(each) for each in part] if isinstance(part, list) else ring(part)
            for part in annotation["boundingPoly"]
        ]
    if annotation.get("point") is not None:
        annotation["pointPixels"] = point(annotation["point"])
    if annotation.get("polyline") is not None:
        annotation["polylinePixels"] = [point(vertex) for vertex in annotation["polyline"]]
