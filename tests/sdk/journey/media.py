"""Imports that end later, videos made of frames, and rich text."""

import json
import time

from _support import CLASSIFICATION_INTERFACE, connect, download, folder, png, report, weather

VIDEO = "https://storage.example.com/drive.mp4"
RICH = [
    {"type": "h1", "children": [{"id": "title", "text": "A letter", "bold": True}]},
    {"type": "p", "children": [{"id": "body-1", "text": "Ada wrote "}, {"id": "body-2", "text": "the program."}]},
]


def video(kili):
    project_id = kili.create_project(input_type="VIDEO", json_interface=CLASSIFICATION_INTERFACE, title="Drives")["id"]
    seen = {}
    started = time.monotonic()
    seen["native"] = kili.append_many_to_dataset(
        project_id=project_id, content_array=[VIDEO], external_id_array=["drive"], disable_tqdm=True
    )["asset_ids"]
    seen["native within 20 s"] = time.monotonic() - started < 20
    frames = [png(8, 8, (number * 80, 0, 0)) for number in range(3)]
    source = folder()
    paths = [source / f"{number}.png" for number in range(3)]
    for path, frame in zip(paths, frames, strict=True):
        path.write_bytes(frame)
    local = kili.append_many_to_dataset(
        project_id=project_id,
        json_content_array=[[str(path) for path in paths]],
        external_id_array=["local"],
        json_metadata_array=[{"processingParameters": {"framesPlayedPerSecond": 5}}],
        disable_tqdm=True,
    )["asset_ids"]
    kili.append_many_to_dataset(
        project_id=project_id,
        json_content_array=[["https://storage.example.com/f0.png", "https://storage.example.com/f1.png"]],
        external_id_array=["hosted"],
        disable_tqdm=True,
    )
    assets = kili.assets(
        project_id=project_id, fields=["id", "externalId", "content", "jsonContent", "jsonMetadata", "status"]
    )
    seen["assets"] = [[asset["externalId"], asset["status"]] for asset in assets]
    native, first, hosted = assets
    seen["address kept"] = native["content"] == VIDEO
    seen["id kept"] = [first["id"]] == local
    kept = json.loads(download(first["jsonContent"]))
    seen["frames"] = list(kept)
    seen["bytes kept"] = [download(address) for address in kept.values()] == frames
    seen["speed"] = first["jsonMetadata"]["processingParameters"]["framesPlayedPerSecond"]
    seen["hosted"] = json.loads(download(hosted["jsonContent"]))
    answers = {"0": {"WEATHER": {**weather("SUN")["WEATHER"], "isKeyFrame": True}}, "1": {}, "2": {}}
    kili.append_labels(
        project_id=project_id, asset_external_id_array=["local"], json_response_array=[answers], disable_tqdm=True
    )
    seen["label"] = kili.labels(project_id=project_id, fields=["id", "jsonResponse"])[0]["jsonResponse"]
    kili.delete_project(project_id=project_id)
    return seen


def rich_text(kili):
    project_id = kili.create_project(input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE, title="Rich")["id"]
    made = kili.append_many_to_dataset(
        project_id=project_id, json_content_array=[RICH], external_id_array=["letter"], disable_tqdm=True
    )["asset_ids"]
    (asset,) = kili.assets(project_id=project_id, fields=["id", "externalId", "content", "jsonContent"])
    stored = asset["jsonContent"]
    tree = json.loads(download(stored) if stored.startswith("http") else stored)
    kili.delete_project(project_id=project_id)
    return {"id kept": made == [asset["id"]], "tree kept": tree == RICH}


def main():
    kili = connect()
    return {"video": video(kili), "rich text": rich_text(kili)}


if __name__ == "__main__":
    report(main())
