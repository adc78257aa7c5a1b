"""Exports, whose files are read from the disk of the client."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from tests.sdk.every_method.rooms.given import a_labeled_picture, category
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World


async def a_labeled_map(world: World) -> Names:
    from tests.sdk.every_method.rooms.label import AREA

    project = await world.project(AREA, title=world.unique("Map"), inputType="GEOSPATIAL")
    (asset,) = await project.assets(1, prefix="street", contentArray=["https://files.example/map.tif"])
    corners = [(0.1, 0.1), (0.3, 0.1), (0.3, 0.3), (0.1, 0.3)]
    polygon = {
        "mid": "one",
        "type": "polygon",
        "categories": [{"name": "CAR"}],
        "children": {},
        "boundingPoly": [{"normalizedVertices": [{"x": x, "y": y} for x, y in corners]}],
    }
    await project.label(asset, json_response=json.dumps({"AREA": {"annotations": [polygon]}}))
    return {"project": project.id, "file": str(world.folder() / "export.zip")}


async def texts(world: World, names: Names) -> dict[str, str]:
    """The files of the export, but for its description and for pictures."""
    with zipfile.ZipFile(names["file"]) as archive:
        return {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if not name.endswith(("/", ".png")) and "README" not in name
        }


async def answers(world: World, names: Names) -> Any:
    """The answers of a raw export: of each asset its category."""
    found = [json.loads(text) for name, text in (await texts(world, names)).items() if name.endswith(".json")]
    assets = [one for part in found for one in (part if isinstance(part, list) else [part])]
    return [
        [one["externalId"], category(label["jsonResponse"])]
        for one in assets
        for label in one.get("latestLabels", [one.get("latestLabel")])
    ]


async def boxes(world: World, names: Names) -> Any:
    """The lines of a YOLO export."""
    return {
        Path(name).name: [[round(float(number), 6) for number in line.split()] for line in text.splitlines()]
        for name, text in (await texts(world, names)).items()
        if name.endswith(".txt") and "labels/" in name
    }


async def coco(world: World, names: Names) -> Any:
    """The boxes of a COCO export."""
    found = [json.loads(text) for name, text in (await texts(world, names)).items() if name.endswith(".json")]
    return [[round(number, 6) for number in one["bbox"]] for part in found for one in part["annotations"]]


async def voc(world: World, names: Names) -> Any:
    """The boxes of a Pascal VOC export."""
    import re

    found = (await texts(world, names)).items()
    return [
        [int(number) for number in re.findall(r"<[xy](?:min|max)>(\d+)<", text)]
        for name, text in found
        if name.endswith(".xml")
    ]


async def shapes(world: World, names: Names) -> Any:
    """The corners of a GeoJSON export."""
    found = [json.loads(text) for name, text in (await texts(world, names)).items() if name.endswith("json")]
    return [
        sorted([round(x, 6), round(y, 6)] for x, y in feature["geometry"]["coordinates"][0][1:])
        for part in found
        for feature in part["features"]
    ]


def written(read: Any, after: Any, *, given: Any = a_labeled_picture) -> dict[str, Any]:
    return {"given": given, "read": read, "after": after}


RAW = written(answers, [["street-0", "RAIN"]])
YOLO = written(boxes, {"street-0.txt": [[0, 0.2, 0.2, 0.2, 0.2]]})
COCO = written(coco, [[4.0, 2.0, 8.0, 4.0]])
VOC = written(voc, [[4, 12, 2, 6]])
GEO = written(shapes, [[[0.1, 0.1], [0.1, 0.3], [0.3, 0.1], [0.3, 0.3]]], given=a_labeled_map)


def tabled(found: Any) -> Any:
    """The types of a table of labels."""
    return [one["labelType"] for one in found]


INTO = {"project_id": "$project", "filename": "$file"}
OUT = {"project_id": "$project", "output_path": "$file"}

ROWS: list[Row] = [
    row("export_labels 2.140.0..", call=dict(**INTO, fmt="raw", with_assets=False), **RAW),
    row("export_labels 2.140.0..", call=dict(**INTO, fmt="yolo_v5", layout="merged", with_assets=False), **YOLO),
    row("export_labels 2.140.0..", call=dict(**INTO, fmt="coco", layout="merged"), **COCO),
    row("domain:exports.raw", "domain:exports.kili", call=OUT, **RAW),
    row("domain:exports.coco", call=dict(**OUT, layout="merged"), **COCO),
    row("domain:exports.pascal_voc", call=OUT, **VOC),
    row("domain:exports.geojson", call=dict(**OUT, with_assets=False), **GEO),
    row(
        "domain:exports.yolo_v4",
        "domain:exports.yolo_v5",
        "domain:exports.yolo_v7",
        "domain:exports.yolo_v8",
        call=dict(**OUT, layout="merged", with_assets=False),
        **YOLO,
    ),
    row(
        "export_labels_as_df 2.120.0..",
        "domain:exports.dataframe",
        given=a_labeled_picture,
        call={"project_id": "$project"},
        of=tabled,
        answer=["DEFAULT"],
    ),
    row(
        "export_labels_as_df 2.1.1..2.99.0",
        given=a_labeled_picture,
        call={"project_id": "$project", "fields": ["externalId", "labels.labelType", "labels.jsonResponse"]},
        of=tabled,
        answer=["DEFAULT"],
    ),
]
