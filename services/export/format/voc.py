"""Pascal VOC: an XML file for each picture with its boxes in pixels."""

from __future__ import annotations

from pathlib import PurePosixPath

from kili_formats import convert_from_kili_to_voc_format
from kili_formats.media.image import get_image_dimensions

from labelyard.services.export.assets import Asset, latest_labels, suffixes
from labelyard.services.export.format.writer import FormatWriter


class VocWriter(FormatWriter):
    """Boxes of all jobs together."""

    def add(self, asset: Asset) -> None:
        """See `FormatWriter.add`."""
        labels = latest_labels(asset)
        for label, suffix in zip(labels, suffixes(labels), strict=True):
            width, height = get_image_dimensions(asset)
            file = asset["externalId"]
            if self.is_beside(asset["content"]):
                file = PurePosixPath(asset["content"]).name
            text = convert_from_kili_to_voc_format(
                label["jsonResponse"], width, height, {"filename": file}, self.fitting
            )
            self.archive.add(f"labels/{asset['externalId']}{suffix}.xml", f"{text}\n".encode())
