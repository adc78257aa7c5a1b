"""The calls of the public recipes that import: answers of every task, rich texts, films of pictures, layers, and GeoJSON."""

import json
from pathlib import Path

from _support import box, connect, identifier, png, report


def categories(*names, **children):
    return {name: {"name": name.title(), "children": children.get(name, [])} for name in names}


def job(task, named, entry="radio", **more):
    content = {"categories": named, "input": entry}
    return {"mlTask": task, "instruction": "?", "required": 1, "isChild": False, "content": content, **more}


def nested(task, content):
    """As some recipes write them: neither `required` nor `instruction`."""
    return {"mlTask": task, "isChild": True, "content": content}


def chosen(*names):
    return [{"name": name, "confidence": 100} for name in names]


def entity(name, begin, content, mid):
    return {"categories": chosen(name), "beginOffset": begin, "content": content, "mid": mid}


def polygon(kind, name, mid, *points):
    outline = [{"normalizedVertices": [{"x": x, "y": y} for x, y in points]}]
    return {"boundingPoly": outline, "categories": chosen(name), "mid": mid, "type": kind, "children": {}}


FRAMES = [f"https://storage.example.com/{number}.jpg" for number in range(3)]
TEXT = "Jordan peered down at Krause, who was wearing a sweater."
RICH = [
    {
        "children": [
            {
                "type": "p",
                "children": [
                    {"id": "one", "bold": True, "text": "The unanimous"},
                    {"id": "two", "text": " Declaration"},
                ],
            }
        ]
    }
]
PAGE = [
    {"normalizedVertices": [[{"x": 0.2, "y": 0.1}, {"x": 0.2, "y": 0.2}, {"x": 0.7, "y": 0.1}, {"x": 0.7, "y": 0.2}]]}
]
PEOPLE = categories("SUBJECT", "VERB")
TEXTS_INSIDE = {"NAME": ["NAME_TEXT"]}
IS_WHOLE = {"CAR": ["WHOLE"]}
# Type of the project, jobs, asset, answer.
EXAMPLES = {
    "one class": (
        "TEXT",
        {"A": job("CLASSIFICATION", categories("YES", "NO"))},
        TEXT,
        {"A": {"categories": chosen("YES")}},
    ),
    "classes": (
        "TEXT",
        {"A": job("CLASSIFICATION", categories("LATE", "BAD", "LOST"), "checkbox")},
        TEXT,
        {"A": {"categories": chosen("LATE", "LOST")}},
    ),
    "nested class": (
        "TEXT",
        {
            "A": job("CLASSIFICATION", categories("NEWS", "OTHER", NEWS=["B"])),
            "B": nested("CLASSIFICATION", {"categories": categories("SPORTS"), "input": "radio"}),
        },
        TEXT,
        {"A": {"categories": chosen("NEWS"), "children": {"B": {"categories": chosen("SPORTS")}}}},
    ),
    "boxes with relations": (
        "IMAGE",
        {
            "A": job("OBJECT_DETECTION", categories("CAR", "WHEEL"), tools=["rectangle"]),
            "R": job("OBJECT_RELATION", {"OF": {"name": "Of", "startObjects": ["CAR"], "endObjects": ["WHEEL"]}}),
        },
        FRAMES[0],
        {
            "A": {"annotations": [box("CAR", "car", 0.1, 0.1, 0.9, 0.9), box("WHEEL", "left", 0.2, 0.7, 0.3, 0.8)]},
            "R": {
                "annotations": [
                    {
                        "mid": "relation",
                        "categories": chosen("OF"),
                        "startObjects": [{"mid": "car"}],
                        "endObjects": [{"mid": "left"}],
                    }
                ]
            },
        },
    ),
    "polygons": (
        "IMAGE",
        {"A": job("OBJECT_DETECTION", categories("CAR"), tools=["polygon"])},
        FRAMES[0],
        {"A": {"annotations": [polygon("polygon", "CAR", "car", (0.1, 0.5), (0.4, 0.8), (0.8, 0.7), (0.5, 0.3))]}},
    ),
    "entities with relations": (
        "TEXT",
        {
            "A": job("NAMED_ENTITIES_RECOGNITION", PEOPLE),
            "R": job(
                "NAMED_ENTITIES_RELATION",
                {"DOES": {"name": "Does", "startEntities": ["VERB"], "endEntities": ["SUBJECT"]}},
            ),
        },
        TEXT,
        {
            "A": {
                "annotations": [entity("SUBJECT", 0, "Jordan", "jordan"), entity("VERB", 7, "peered down", "peered")]
            },
            "R": {
                "annotations": [
                    {
                        "mid": "relation",
                        "categories": chosen("DOES"),
                        "startEntities": [{"mid": "peered"}],
                        "endEntities": [{"mid": "jordan"}],
                    }
                ]
            },
        },
    ),
    "entities of a rich text": (
        "TEXT",
        {"A": job("NAMED_ENTITIES_RECOGNITION", PEOPLE)},
        RICH,
        {
            "A": {
                "annotations": [
                    {
                        **entity("SUBJECT", 4, "unanimous Declaration", "all"),
                        "beginId": "one",
                        "endId": "two",
                        "endOffset": 12,
                    }
                ]
            }
        },
    ),
    "texts in boxes": (
        "IMAGE",
        {
            "A": job("OBJECT_DETECTION", categories("NAME", **TEXTS_INSIDE), tools=["rectangle"]),
            "NAME_TEXT": nested("TRANSCRIPTION", {"input": "radio"}),
        },
        FRAMES[0],
        {
            "A": {
                "annotations": [
                    {**box("NAME", "name", 0.3, 0.3, 0.5, 0.4), "children": {"NAME_TEXT": {"text": "De Bruijn"}}}
                ]
            }
        },
    ),
    "entities of a page": (
        "PDF",
        {"A": job("NAMED_ENTITIES_RECOGNITION", categories("TITLE"))},
        "https://arxiv.example.org/1703.03365.pdf",
        {
            "A": {
                "annotations": [
                    {
                        "annotations": [{"boundingPoly": PAGE, "polys": PAGE, "pageNumber": 1}],
                        "categories": chosen("TITLE"),
                        "content": "Learning",
                        "mid": "title",
                    }
                ]
            }
        },
    ),
    "classes of frames": (
        "VIDEO",
        {"A": job("CLASSIFICATION", categories("NEAR", "FAR"))},
        FRAMES,
        {
            str(frame): {"A": {"categories": chosen("NEAR" if frame < 2 else "FAR"), "isKeyFrame": frame != 1}}
            for frame in range(3)
        },
    ),
    "boxes of frames": (
        "VIDEO",
        {
            "A": job("OBJECT_DETECTION", categories("CAR", **IS_WHOLE), tools=["rectangle"]),
            "WHOLE": nested("CLASSIFICATION", {"categories": categories("WHOLE"), "input": "checkbox"}),
        },
        FRAMES,
        {
            str(frame): {
                "A": {
                    "annotations": [
                        {
                            **box("CAR", "car", 0.5, 0.5, 0.6, 0.7),
                            "isKeyFrame": frame == 0,
                            "children": {"WHOLE": {"categories": chosen("WHOLE"), "isKeyFrame": frame == 0}},
                        }
                    ]
                }
            }
            for frame in range(3)
        },
    ),
    "captions, masks and poses": (
        "IMAGE",
        {
            "CAPTION": {
                "mlTask": "TRANSCRIPTION",
                "instruction": "Caption",
                "required": 1,
                "isChild": False,
                "content": {"input": "textField"},
            },
            "MASK": job("OBJECT_DETECTION", categories("person", "traffic light"), tools=["semantic"]),
            "POSE": job(
                "OBJECT_DETECTION",
                {
                    "person": {
                        "name": "person",
                        "points": [{"code": code, "name": code} for code in ("nose", "left eye")],
                    }
                },
                tools=["pose"],
            ),
        },
        FRAMES[0],
        {
            "CAPTION": {"text": "A small closed toilet in a cramped space."},
            "MASK": {
                "annotations": [polygon("semantic", "traffic light", "22328", (0.1, 0.1), (0.101, 0.1), (0.1, 0.101))]
            },
            "POSE": {
                "annotations": [
                    {
                        "categories": chosen("person"),
                        "type": "pose",
                        "mid": "seen",
                        "children": {},
                        "points": [
                            {
                                "code": "nose",
                                "jobName": "POSE",
                                "type": "marker",
                                "mid": "k0",
                                "children": {},
                                "point": {"x": 0.5, "y": 0.2},
                            }
                        ],
                    },
                    {"categories": chosen("person"), "type": "pose", "mid": "hidden", "children": {}, "points": []},
                ]
            },
        },
    ),
}


def predictions(kili):
    """For each example: whether the project answers, and what was stored is what was sent."""
    seen = {}
    for title, (kind, jobs, asset, answer) in EXAMPLES.items():
        project = kili.create_project(title=title, description=title, input_type=kind, json_interface={"jobs": jobs})[
            "id"
        ]
        is_list = isinstance(asset, list)
        kili.append_many_to_dataset(
            project_id=project,
            content_array=[""] if is_list else [asset],
            json_content_array=[asset] if is_list else None,
            external_id_array=["example"],
            disable_tqdm=True,
        )
        made = kili.create_predictions(
            project_id=project,
            external_id_array=["example"],
            model_name="example-v0.0.1",
            json_response_array=[answer],
            disable_tqdm=True,
        )
        (label,) = kili.labels(project, fields=["jsonResponse", "modelName", "labelType"], disable_tqdm=True)
        seen[title] = [
            identifier(made) == project,
            label["jsonResponse"] == answer,
            label["modelName"],
            label["labelType"],
        ]
        kili.delete_project(project_id=project)
    return seen


def films(kili):
    """Frames from files and from addresses, a rate of its own, and metadata that leave it where it is."""
    jobs = {"A": job("CLASSIFICATION", categories("NEAR", "FAR"))}
    project = kili.create_project(title="Films", input_type="VIDEO", json_interface={"jobs": jobs})["id"]
    files = []
    for number in range(3):
        path = Path(f"frame-{number}.png")
        path.write_bytes(png(8, 6, (number * 100, 0, 0)))
        files.append(str(path))
    split = {"processingParameters": {"shouldUseNativeVideo": False, "framesPlayedPerSecond": 10}}
    for name, frames in (("files", files), ("addresses", FRAMES)):
        kili.append_many_to_dataset(
            project_id=project,
            json_content_array=[frames],
            external_id_array=[name],
            json_metadata_array=[split],
            disable_tqdm=True,
        )
    kili.update_properties_in_assets(
        project_id=project, external_ids=["addresses"], json_metadatas=[{"text": "three frames"}]
    )
    assets = kili.assets(project, fields=["externalId", "jsonContent", "jsonMetadata"], disable_tqdm=True)
    return [[asset["externalId"], len(asset["jsonContent"]), asset["jsonMetadata"]] for asset in assets]


def layers(kili):
    """Two maps of the client's beside one of a tile server."""
    jobs = {"A": job("OBJECT_DETECTION", categories("PLANE"), tools=["rectangle"])}
    project = kili.create_project(title="Layers", input_type="IMAGE", json_interface={"jobs": jobs})["id"]
    for name in "ab":
        Path(f"{name}.tiff").write_bytes(b"II*\0\x08\0\0\0\0\0\0\0" + name.encode())
    tiles = {
        "name": "osm",
        "tileLayerUrl": "https://b.tile.example.org/{z}/{x}/{y}.png",
        "epsg": "EPSG3857",
        "bounds": [[11.1, 44.3], [13.6, 46.5]],
        "useClassicCoordinates": False,
        "minZoom": 10,
        "maxZoom": 18,
        "isBaseLayer": True,
    }
    kili.append_many_to_dataset(
        project_id=project,
        multi_layer_content_array=[[{"path": f"{name}.tiff", "name": name, "isBaseLayer": False} for name in "ab"]],
        json_metadata_array=[{"processingParameters": {"epsg": 3857}}],
        json_content_array=[[tiles]],
        disable_tqdm=True,
    )
    (asset,) = kili.assets(project, fields=["jsonContent", "jsonMetadata"], disable_tqdm=True)
    content = asset["jsonContent"]
    shown = json.loads(content) if isinstance(content, str) else content
    return [[layer["name"], layer["isBaseLayer"]] for layer in shown] + [shown[2] == tiles, asset["jsonMetadata"]]


def geojson(kili):
    """Features that name their jobs, features that are told them, and features that find theirs by tool."""
    from kili.client_domain import Kili

    tools = {"POINTS": "marker", "ROADS": "polyline", "ZONES": "semantic", "HOUSES": "polygon"}
    jobs = {name: job("OBJECT_DETECTION", categories(f"A_{name}"), tools=[tool]) for name, tool in tools.items()}
    project = kili.create_project(title="Maps", input_type="IMAGE", json_interface={"jobs": jobs})["id"]
    kili.append_many_to_dataset(project, content_array=FRAMES[:1], external_id_array=["map.tif"], disable_tqdm=True)
    zone = [[[-73.98, 40.755], [-73.978, 40.755], [-73.978, 40.757], [-73.98, 40.757], [-73.98, 40.755]]]
    shapes = {
        "POINTS": ("Point", [-73.985, 40.758]),
        "ROADS": ("LineString", [[-73.985, 40.758], [-73.983, 40.76]]),
        "ZONES": ("Polygon", zone),
    }
    for path, is_named in (("named.geojson", True), ("plain.geojson", False)):
        features = [
            {
                "type": "Feature",
                "geometry": {"type": kind, "coordinates": coordinates},
                "properties": {"kili": {"job": name, "type": tools[name], "categories": [{"name": f"A_{name}"}]}}
                if is_named
                else {},
            }
            for name, (kind, coordinates) in shapes.items()
        ]
        Path(path).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    named = {"project_id": project, "asset_external_id": "map.tif"}
    domain = Kili()
    domain.labels.create_default_from_geojson(**named, geojson_file_paths=["named.geojson"])
    domain.labels.create_default_from_geojson(**named, geojson_file_paths=["plain.geojson"])
    domain.labels.create_default_from_geojson(
        **named, geojson_file_paths=["plain.geojson"], job_names=["HOUSES"], category_names=["A_HOUSES"]
    )
    found = kili.labels(project, fields=["jsonResponse"], disable_tqdm=True)
    return [
        {
            name: [annotation["type"] for annotation in answer["annotations"]]
            for name, answer in label["jsonResponse"].items()
        }
        for label in found
    ]


def main():
    kili = connect()
    return {"predictions": predictions(kili), "films": films(kili), "layers": layers(kili), "geojson": geojson(kili)}


if __name__ == "__main__":
    report(main())
