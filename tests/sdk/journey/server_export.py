"""The same exports made by the SDK and by the server, compared file by file."""

import json
import re
import sys
import time
import zipfile

from _support import THING, WEATHER, ask, box, connect, download, folder, png, report, weather

CREATE = (
    "mutation ($p: ID!, $data: ProjectExportData!) { data: createProjectExport(projectId: $p, data: $data) { id } }"
)
READ = "query ($id: ID!) { data: projectExports(where: {id: $id}, first: 1, skip: 0) { status reason url } }"
SHAPE = {
    **THING,
    "tools": ["polygon", "semantic"],
    "content": {"input": "radio", "categories": {"LAKE": {"name": "Lake"}, "CAR": {"name": "Car"}}},
}
MARK = {**THING, "tools": ["marker", "polyline"]}
NOTE = {
    "mlTask": "TRANSCRIPTION",
    "required": 0,
    "isChild": False,
    "instruction": "Note",
    "content": {"input": "textField"},
}
NAMED = {
    "mlTask": "NAMED_ENTITIES_RECOGNITION",
    "required": 0,
    "isChild": False,
    "instruction": "Names",
    "content": {"input": "radio", "categories": {"PERSON": {"name": "Person"}}},
}
JOBS = {"WEATHER": WEATHER, "THING": THING, "SHAPE": SHAPE, "MARK": MARK, "NOTE": NOTE}
POINTS = [(0.1, 0.2), (0.6, 0.25), (0.7, 0.8), (0.2, 0.9)]
HOLE = [(0.3, 0.4), (0.4, 0.4), (0.35, 0.6)]


def ring(points):
    return {"normalizedVertices": [{"x": x, "y": y} for x, y in points]}


def shape(kind, mid, *rings):
    return {
        "children": {},
        "boundingPoly": [ring(points) for points in rings],
        "categories": [{"name": "LAKE", "confidence": 100}],
        "mid": mid,
        "type": kind,
    }


def marks():
    named = {"children": {}, "categories": [{"name": "CAR", "confidence": 100}]}
    line = [{"x": 0.1, "y": 0.1}, {"x": 0.9, "y": 0.5}]
    return {
        "annotations": [
            {**named, "mid": "point", "type": "marker", "point": {"x": 0.5, "y": 0.25}},
            {**named, "mid": "line", "type": "polyline", "polyline": line},
        ]
    }


def everything(left):
    """A label with an answer to every job."""
    return {
        **weather("SUN"),
        "THING": {
            "annotations": [box("CAR", "a", left, 0.25, left + 0.3, 0.75), box("PERSON", "b", 0.1, 0.1, 0.2, 0.3)]
        },
        "SHAPE": {"annotations": [shape("polygon", "c", POINTS), shape("semantic", "d", POINTS, HOLE)]},
        "MARK": marks(),
        "NOTE": {"text": "naïve – 2 < 3"},
    }


def plain(name, content, kind):
    """A file without what differs from one export to the next: dates, signatures of links, the order of jobs in YOLO."""
    text = content.decode()
    text = re.sub(r"(https?://[^\"\s,]+/files)\?[^\"\s,]*&id=", r"\1?id=", text)
    text = re.sub(r"- Export date: \S+", "", text)
    text = re.sub(r'"(date_created|exportDate)": "[^"]*"', "", text)
    if kind.startswith("yolo") and name.endswith(".txt") and "labels/" in name:
        text = "".join(sorted(text.splitlines(keepends=True)))
    return text


def files(path, kind):
    with zipfile.ZipFile(path) as entries:
        return {name: plain(name, entries.read(name), kind) for name in entries.namelist() if not name.endswith("/")}


def by_sdk(kili, project_id, kind, options):
    path = folder() / "sdk.zip"
    kili.export_labels(
        project_id=project_id, filename=str(path), fmt=kind, disable_tqdm=True, with_assets=False, **options
    )
    return files(path, kind)


NAMES = {
    "layout": "layout",
    "export_type": "labels",
    "single_file": "singleFile",
    "normalized_coordinates": "normalizedCoordinates",
    "label_type_in": "labelTypes",
    "include_sent_back_labels": "includeSentBackLabels",
    "external_ids": "externalIds",
}


def by_server(project_id, kind, options):
    data = {"format": kind.upper()}
    for name, value in options.items():
        data[NAMES[name]] = value.upper() if name in ("layout", "export_type") else value
    export_id = ask(CREATE, {"p": project_id, "data": data})["id"]
    for _ in range(300):
        (export,) = ask(READ, {"id": export_id})
        if export["status"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.05)
    if export["status"] != "DONE":
        return {"failed": export["reason"]}
    path = folder() / "server.zip"
    path.write_bytes(download(export["url"]))
    return files(path, kind)


def compared(kili, project_id, kind, **options):
    """What differs, and how many files were the same."""
    theirs, ours = by_sdk(kili, project_id, kind, options), by_server(project_id, kind, options)
    names = sorted(theirs.keys() | ours.keys())
    wrong = {name: [theirs.get(name), ours.get(name)] for name in names if theirs.get(name) != ours.get(name)}
    return [len(theirs), {name: [str(text)[:1500] for text in texts] for name, texts in wrong.items()}]


def project_of(kili, kind, jobs, names, responses, **assets):
    project_id = kili.create_project(
        input_type=kind, json_interface={"jobs": jobs}, title=f"{kind} – ü", description="d"
    )["id"]
    kili.append_many_to_dataset(project_id=project_id, external_id_array=names, disable_tqdm=True, **assets)
    for name, response in zip(names, responses, strict=True):
        if response is not None:
            kili.append_labels(
                project_id=project_id,
                asset_external_id_array=[name],
                json_response_array=[response],
                label_type="DEFAULT",
                disable_tqdm=True,
            )
    return project_id


def pictures(kili):
    seen = {}
    home = folder()
    names = ["one", "two.png", "in a/folder", "empty", "bare"]
    for number in range(len(names)):
        (home / f"{number}.png").write_bytes(png(40 + number, 20, (number, 10, 10)))
    responses = [everything(0.25), everything(0.5), {"THING": {"annotations": []}}, weather("RAIN"), None]
    project_id = project_of(
        kili,
        "IMAGE",
        JOBS,
        names,
        responses,
        content_array=[str(home / f"{number}.png") for number in range(len(names))],
    )
    kili.append_labels(
        project_id=project_id,
        asset_external_id_array=["one", "one"],
        json_response_array=[weather("RAIN"), everything(0.1)],
        label_type="REVIEW",
        disable_tqdm=True,
    )
    kili.append_labels(
        project_id=project_id,
        asset_external_id_array=["two.png"],
        json_response_array=[everything(0.6)],
        label_type="PREDICTION",
        model_name="model",
        disable_tqdm=True,
    )
    for export_type, single in (
        ("latest", False),
        ("latest", True),
        ("latest_from_last_step", False),
        ("latest_from_all_steps", True),
        ("normal", False),
    ):
        options = {"export_type": export_type, "single_file": single}
        seen[f"raw {export_type} {single}"] = compared(kili, project_id, "raw", **options)
    seen["raw predictions"] = compared(
        kili, project_id, "raw", export_type="normal", label_type_in=["PREDICTION", "DEFAULT"]
    )
    seen["raw some"] = compared(kili, project_id, "raw", external_ids=["one", "empty"])
    seen["raw not sent back"] = compared(kili, project_id, "raw", include_sent_back_labels=False)
    seen["raw fractions"] = compared(kili, project_id, "raw", normalized_coordinates=True)
    for kind, layout, export_type in (
        ("coco", "split", "latest"),
        ("coco", "merged", "latest"),
        ("coco", "merged", "latest_from_last_step"),
        ("yolo_v4", "split", "latest"),
        ("yolo_v4", "merged", "latest_from_last_step"),
        ("yolo_v5", "split", "latest"),
        ("yolo_v5", "merged", "latest"),
        ("yolo_v7", "split", "latest_from_last_step"),
        ("yolo_v8", "merged", "latest"),
        ("pascal_voc", "merged", "latest"),
        ("pascal_voc", "merged", "latest_from_last_step"),
        ("geojson", "merged", "latest"),
    ):
        options = {"layout": layout, "export_type": export_type}
        seen[f"{kind} {layout} {export_type}"] = compared(kili, project_id, kind, **options)
    return seen


def videos(kili):
    frames = {str(number): {"THING": {"annotations": []}} for number in range(12)}
    for number in (0, 3, 11):
        frames[str(number)] = {
            "THING": {"annotations": [{**box("CAR", "a", 0.1, 0.2, 0.4, 0.6), "isKeyFrame": True}]},
            **(weather("SUN") if number == 0 else {}),
        }
    project_id = project_of(
        kili,
        "VIDEO",
        {"WEATHER": WEATHER, "THING": THING},
        ["drive", "walk"],
        [frames, {"0": {"THING": {"annotations": []}}}],
        content_array=["https://storage.example.com/drive.mp4", "https://storage.example.com/walk.mp4"],
    )
    seen = {"video raw": compared(kili, project_id, "raw", single_file=True)}
    for layout in ("split", "merged"):
        seen[f"video yolo {layout}"] = compared(kili, project_id, "yolo_v5", layout=layout)
    return seen


def texts(kili):
    entity = {
        "children": {},
        "categories": [{"name": "PERSON", "confidence": 100}],
        "beginId": "main/[0]",
        "beginOffset": 0,
        "content": "Ada",
        "mid": "ada",
    }
    responses = [{"NAMED": {"annotations": [entity]}, "NOTE": {"text": "yes"}}]
    project_id = project_of(
        kili, "TEXT", {"NAMED": NAMED, "NOTE": NOTE}, ["letter"], responses, content_array=["Ada wrote this."]
    )
    return {"text raw": compared(kili, project_id, "raw", layout="merged")}


def maps(kili):
    project_id = project_of(
        kili,
        "GEOSPATIAL",
        JOBS,
        ["island", "sea"],
        [everything(0.25), everything(0.5)],
        content_array=["https://storage.example.com/a.tif", "https://storage.example.com/b.tif"],
    )
    return {
        "map geojson": compared(kili, project_id, "geojson", layout="merged"),
        "map raw": compared(kili, project_id, "raw", single_file=True),
    }


def turned(kili):
    """Pictures that people have turned while they labeled, with masks of several parts."""
    home = folder()
    source = home / "turned.png"
    source.write_bytes(png(60, 20, (10, 20, 30)))
    parts = [shape("semantic", "parts", POINTS, HOLE), shape("semantic", "parts", [(0.0, 0.0), (0.1, 0.0), (0.1, 0.1)])]
    responses = [
        {**everything(0.25), "SHAPE": {"annotations": parts}, "ROTATION_JOB": {"rotation": rotation}}
        for rotation in (0, 90, 180, 270)
    ]
    names = [f"turned {number}" for number in range(len(responses))]
    project_id = project_of(kili, "IMAGE", JOBS, names, responses, content_array=[str(source)] * len(names))
    seen = {"turned raw": compared(kili, project_id, "raw")}
    for kind in ("coco", "yolo_v8", "pascal_voc", "geojson"):
        seen[f"turned {kind}"] = compared(kili, project_id, kind, layout="merged")
    return seen


def films(kili):
    """A film that was uploaded whole, whose size is known."""
    source = folder() / "drive.mp4"
    source.write_bytes(bytes.fromhex(sys.argv[1]))
    frames = {str(number): {"THING": {"annotations": [box("CAR", "a", 0.1, 0.2, 0.4, 0.6)]}} for number in (0, 7)}
    project_id = project_of(kili, "VIDEO", {"THING": THING}, ["drive"], [frames], content_array=[str(source)])
    return {
        "film raw": compared(kili, project_id, "raw"),
        "film yolo": compared(kili, project_id, "yolo_v8", layout="merged"),
    }


def pages(kili):
    """A PDF whose pages differ in size."""
    source = folder() / "pages.pdf"
    source.write_bytes(bytes.fromhex(sys.argv[2]))
    places = [{"pageNumberArray": [page], "boundingPoly": [ring(POINTS)], "polys": [ring(POINTS)]} for page in (1, 2)]
    figure = {"mid": "f", "categories": [{"name": "CAR", "confidence": 100}], "children": {}, "annotations": places[1:]}
    entity = {
        "mid": "e",
        "categories": [{"name": "PERSON", "confidence": 100}],
        "children": {},
        "content": "Ada Lovelace",
        "annotations": places[:1],
    }
    response = {"THING": {"annotations": [figure]}, "NAMED": {"annotations": [entity]}, "NOTE": {"text": "two pages"}}
    jobs = {"THING": THING, "NAMED": NAMED, "NOTE": NOTE}
    project_id = project_of(kili, "PDF", jobs, ["pages"], [response], content_array=[str(source)])
    return {
        "pages raw": compared(kili, project_id, "raw"),
        "pages fractions": compared(kili, project_id, "raw", normalized_coordinates=True),
    }


def main():
    kili = connect()
    seen = {**pictures(kili), **videos(kili), **texts(kili), **maps(kili)}
    seen |= {**turned(kili), **films(kili), **pages(kili)}
    report(json.loads(json.dumps(seen)))


main()
