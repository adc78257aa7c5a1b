"""GeoJSON: a collection of features for each georeferenced asset."""

from __future__ import annotations

import json

from kili_formats.format.geojson import convert_from_kili_to_geojson_format

from labelyard.services.export.assets import Asset, latest_labels, suffixes
from labelyard.services.export.format.writer import FormatWriter

IS_ON_GLOBE = "isOnGlobe"
"""The key under which the reader says whether an asset's points are longitudes and latitudes."""


class GeoJsonWriter(FormatWriter):
    """Assets whose points are longitudes and latitudes; others are left out."""

    def add(self, asset: Asset) -> None:
        """See `FormatWriter.add`."""
        is_on_globe = asset.pop(IS_ON_GLOBE, False)
        if not is_on_globe and self.project.input_type != "GEOSPATIAL":
            return
        labels = latest_labels(asset)
        for label, suffix in zip(labels, suffixes(labels), strict=True):
            collection = convert_from_kili_to_geojson_format(
                label["jsonResponse"], dict(self.project.interface), flatten_properties=True
            )
            about = {
                "assetId": asset["id"],
                "author": (label["author"] or {}).get("email"),
                "exportDate": self.project.moment,
            }
            if asset.get("geospatialExportMetadata"):
                about["geospatialExportMetadata"] = asset["geospatialExportMetadata"]
            collection.setdefault("properties", {})["kili"] = about
            self.archive.add(f"labels/{asset['externalId']}{suffix}.geojson", json.dumps(collection).encode())
