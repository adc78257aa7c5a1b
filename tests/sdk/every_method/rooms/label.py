"""Labels: by people, models and files; lists, changes and the subscription."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.common.world import Project, answer
from tests.sdk.every_method.rooms.given import (
    RAINY,
    SUN,
    SUNNY,
    a_label,
    a_prediction,
    an_asset,
    an_inference,
    labels,
    of_asset,
)
from tests.sdk.every_method.row import ANYTHING, Names, Row, row
from tests.sdk.every_method.world import World

CAR = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[0.1, 0.1], [0.3, 0.1], [0.3, 0.3], [0.1, 0.3], [0.1, 0.1]]],
            },
            "properties": {"kili": {"categories": [{"name": "CAR"}], "children": {}, "type": "polygon", "job": "AREA"}},
        }
    ],
}
AREA = {
    "jobs": {
        "AREA": {
            "mlTask": "OBJECT_DETECTION",
            "tools": ["polygon"],
            "required": 0,
            "isChild": False,
            "content": {"input": "radio", "categories": {"CAR": {"name": "Car"}}},
        }
    }
}
CLASSIFICATION = "{'categories': [{'name': 'SUN'}, {'name': 'RAIN'}]}"
SAID = {"project_id": "$project", "json_response": SUN}
PREDICTED = ["street-0", "PREDICTION", "second-model", "SUN"]
INFERRED = ["street-0", "INFERENCE", "second-model", "SUN"]
REVIEWED = ["street-0", "REVIEW", None, "SUN"]


async def a_map(world: World) -> Names:
    """A geospatial asset, a GeoJSON file and a shapefile beside it."""
    project = await world.project(AREA, title=world.unique("Map"), inputType="GEOSPATIAL")
    await project.assets(1, prefix="street", contentArray=["https://files.example/map.tif"])
    folder = world.folder()
    (folder / "car.geojson").write_text(json.dumps(CAR))
    write_shapefile(folder / "car.shp")
    return {"project": project.id, "folder": str(folder)}


def write_shapefile(path: Any) -> None:
    """One polygon, as a shapefile without attributes."""
    import struct

    points = [(0.1, 0.1), (0.1, 0.3), (0.3, 0.3), (0.3, 0.1), (0.1, 0.1)]
    box = struct.pack("<4d", 0.1, 0.1, 0.3, 0.3)
    content = struct.pack("<i", 5) + box + struct.pack("<iii", 1, len(points), 0)
    content += b"".join(struct.pack("<2d", *point) for point in points)
    record = struct.pack(">ii", 1, len(content) // 2) + content

    def header(length: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length // 2) + struct.pack("<ii", 1000, 5) + box + bytes(32)

    path.write_bytes(header(100 + len(record)) + record)
    path.with_suffix(".shx").write_bytes(header(108) + struct.pack(">ii", 50, len(content) // 2))
    path.with_suffix(".prj").write_text('GEOGCS["WGS 84",AUTHORITY["EPSG","4326"]]')


async def areas(world: World, names: Names) -> Any:
    """The labels of the map: type, model, and the corners of the only annotation of each."""
    found = await world.send(
        """query ($id: ID!) { data: labels(where: {project: {id: $id}}, first: 50, skip: 0) {
             labelType modelName jsonResponse } }""",
        {"id": names["project"]},
    )
    return [[one["labelType"], one["modelName"], corners(json.loads(one["jsonResponse"]))] for one in found]


def corners(said: Any) -> Any:
    (annotation,) = said["AREA"]["annotations"]
    (ring,) = annotation["boundingPoly"]
    return [
        annotation["categories"][0]["name"],
        sorted([round(one["x"], 6), round(one["y"], 6)] for one in ring["normalizedVertices"]),
    ]


SQUARE = ["CAR", [[0.1, 0.1], [0.1, 0.3], [0.3, 0.1], [0.3, 0.3]]]


async def honeypot(world: World, names: Names) -> Any:
    found = (await world.read(of_asset("isHoneypot labels { isHoneypot labelType jsonResponse }"), names))[0]
    return [
        found["isHoneypot"],
        [
            [one["isHoneypot"], one["labelType"], json.loads(one["jsonResponse"])["WEATHER"]["categories"][0]["name"]]
            for one in found["labels"]
        ],
    ]


async def heard(world: World, names: Names) -> Any:
    """Label the asset until the callback is told, since a subscription stands some time after the call; then once more."""
    project = Project(names["project"], world.organization)
    made: list[str] = []

    async def told(label: str) -> bool:
        for _ in range(10):
            events = [one["payload"]["data"]["data"]["id"] for one in await world.client.heard()]
            if label in events:
                assert events.count(label) == 1
                return True
            await asyncio.sleep(0.05)
        return False

    for _ in range(20):
        made.append(await project.label(names["asset"], json_response=answer("SUN")))
        if await told(made[-1]):
            break
    return await told(await project.label(names["asset"], json_response=answer("RAIN")))


def written(read: Any, after: Any, *, before: Any = ANYTHING, given: Any = an_asset) -> dict[str, Any]:
    return {"given": given, "read": read, "before": before, "after": after}


def from_file(label_type: str, model: str | None) -> dict[str, Any]:
    return written(areas, [[label_type, model, SQUARE]], before=[], given=a_map)


GEOJSON = {"project_id": "$project", "asset_external_id": "street-0", "geojson_file_paths": ["$folder/car.geojson"]}
SHAPEFILE = {
    "project_id": "$project",
    "asset_external_id": "street-0",
    "shapefile_paths": ["$folder/car.shp"],
    "job_names": ["AREA"],
    "category_names": ["CAR"],
}
BY_MODEL = {"model_name": "second-model"}
LISTED = {"project_id": "$project", "fields": ["id", "labelType"]}

ROWS: list[Row] = [
    row(
        "append_to_labels 2.1.1",
        call={
            "author_id": "$admin",
            "json_response": SUN,
            "label_asset_id": "$asset",
            "label_type": "DEFAULT",
            "seconds_to_label": 5,
        },
        **written(labels, [SUNNY], before=[]),
    ),
    row(
        "append_to_labels 2.60.0..",
        call={"json_response": SUN, "label_asset_id": "$asset", "seconds_to_label": 5},
        **written(labels, [SUNNY], before=[]),
    ),
    row(
        "append_to_labels 2.60.0..",
        call=dict(**SAID, label_asset_external_id="street-0"),
        **written(labels, [SUNNY], before=[]),
    ),
    row(
        "append_labels 2.140.0..",
        call={
            "project_id": "$project",
            "asset_external_id_array": ["street-0"],
            "json_response_array": [SUN],
            "seconds_to_label_array": [5],
        },
        **written(labels, [SUNNY], before=[]),
    ),
    row(
        "domain:labels.create_default",
        call=dict(**SAID, external_id="street-0"),
        **written(labels, [SUNNY], before=[]),
    ),
    row(
        "domain:labels.create_review",
        call=dict(**SAID, external_id="street-0"),
        **written(labels, [RAINY, REVIEWED], before=[RAINY], given=a_label),
    ),
    row(
        "domain:labels.create_prediction",
        call=dict(**SAID, **BY_MODEL, external_id="street-0"),
        **written(labels, [PREDICTED], before=[]),
    ),
    row(
        "domain:labels.create_inference",
        call=dict(**SAID, **BY_MODEL, asset_id="$asset"),
        **written(labels, [INFERRED], before=[]),
    ),
    row(
        "create_predictions",
        call={
            "project_id": "$project",
            "external_id_array": ["street-0"],
            "model_name_array": ["second-model"],
            "json_response_array": [SUN],
        },
        **written(labels, [PREDICTED], before=[]),
    ),
    row(
        "create_honeypot",
        given=an_asset,
        call={"asset_id": "$asset", "json_response": SUN},
        read=honeypot,
        before=[False, []],
        after=[True, [[True, "REVIEW", "SUN"]]],
    ),
    row(
        "update_properties_in_label 2.1.1..2.160.0",
        call={"label_id": "$label", "json_response": SUN, "seconds_to_label": 9, "model_name": "me"},
        **written(labels, [["street-0", "DEFAULT", "me", "SUN"]], before=[RAINY], given=a_label),
    ),
    row(
        "delete_labels 2.160.0..",
        "domain:labels.delete",
        call={"ids": ["$label"]},
        **written(labels, [], before=[RAINY], given=a_label),
    ),
    row(
        "labels",
        given=a_label,
        call={"project_id": "$project", "fields": ["id", "labelType", "author.email"]},
        answer=[{"id": "$label", "labelType": "DEFAULT", "author": {"email": "$admin_email"}}],
    ),
    row(
        "domain:labels.list",
        "domain:labels.list_as_generator",
        given=a_label,
        call=dict(**LISTED, filter={"type_in": ["DEFAULT"]}),
        answer=[{"id": "$label", "labelType": "DEFAULT"}],
    ),
    row(
        "predictions 2.140.0..",
        given=a_prediction,
        call=LISTED,
        answer=[{"id": "$label", "labelType": "PREDICTION"}],
    ),
    row(
        "inferences 2.140.0..",
        given=an_inference,
        call=LISTED,
        answer=[{"id": "$label", "labelType": "INFERENCE"}],
    ),
    row("count_labels 2.60.0..", given=a_label, call={"project_id": "$project"}, answer=1),
    row(
        "domain:labels.count",
        given=a_label,
        call={"project_id": "$project", "filter": {"type_in": ["DEFAULT"]}},
        answer=1,
    ),
    row(
        "append_labels_from_geojson_files 2.176.1..",
        "domain:labels.create_default_from_geojson",
        call=GEOJSON,
        **from_file("DEFAULT", None),
    ),
    row(
        "domain:labels.create_prediction_from_geojson",
        call={**GEOJSON, **BY_MODEL},
        **from_file("PREDICTION", "second-model"),
    ),
    row(
        "domain:labels.create_inference_from_geojson",
        call={**GEOJSON, **BY_MODEL},
        **from_file("INFERENCE", "second-model"),
    ),
    row(
        "append_labels_from_shapefiles 2.176.1..",
        "domain:labels.create_default_from_shapefile",
        call=SHAPEFILE,
        **from_file("DEFAULT", None),
    ),
    row(
        "domain:labels.create_prediction_from_shapefile",
        call={**SHAPEFILE, **BY_MODEL},
        **from_file("PREDICTION", "second-model"),
    ),
    row(
        "domain:labels.create_inference_from_shapefile",
        call={**SHAPEFILE, **BY_MODEL},
        **from_file("INFERENCE", "second-model"),
    ),
    row(
        "label_created_or_updated",
        given=an_asset,
        call={"project_id": "$project", "callback": {"$callback": True}},
        read=heard,
        after=True,
    ),
    row(
        "parse_json_response_for_single_classification 2.1.1..2.99.0",
        call={"json_response": CLASSIFICATION},
        answer="SUN",
    ),
    row(
        "parse_json_response_for_multi_classification 2.1.1..2.99.0",
        call={"json_response": CLASSIFICATION},
        answer=["SUN", "RAIN"],
    ),
    row(
        "parse_json_response 2.1.1..2.99.0",
        call={"json_response": CLASSIFICATION, "interface_category": "MULTICLASS_TEXT_CLASSIFICATION"},
        answer=["SUN", "RAIN"],
    ),
]
