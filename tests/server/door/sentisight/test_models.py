"""Training, statistics, thresholds, batches, similar images and offline servers of the door."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
import zipfile

import httpx
import pytest

from tests.common.shapes import SHAPES, picture
from tests.server.door.sentisight.conftest import LABELED, until_trained

OCTETS = {"Content-Type": "application/octet-stream"}


async def test_models_are_listed_with_what_became_of_them(filled):
    single, multi = await filled.door.get(f"models/{filled.id}")
    assert set(single) == {
        "name",
        "type",
        "status",
        "progress",
        "labels",
        "createdAt",
        "trainSeconds",
        "bestAtSeconds",
        "error",
    }
    assert (single["name"], single["type"], single["status"], single["labels"]) == (
        "single",
        "single-label",
        "trained",
        list(SHAPES),
    )
    assert (multi["name"], multi["type"]) == ("multi", "multi-label")
    assert multi["trainSeconds"] <= 4  # of 0.05 minutes


async def test_statistics_of_both_sets_and_both_checkpoints(filled):
    seen = {}
    for image_set, images in (("train", 40), ("validation", 8)):
        for checkpoint in ("best", "last"):
            path = f"model/{filled.id}/single/statistics?set={image_set}&checkpoint={checkpoint}"
            made = seen[image_set, checkpoint] = await filled.door.get(path)
            assert made["images"] == images
            assert made["confusion"]["labels"] == list(SHAPES)
            assert sum(map(sum, made["confusion"]["matrix"])) == images
            assert 0 <= made["accuracy"] <= 1
    assert seen["validation", "best"]["crossEntropy"] < seen["validation", "last"]["crossEntropy"]
    assert seen["train", "best"]["accuracy"] >= 0.9
    listed = await filled.door.get(f"model/{filled.id}/single/predictions?set=train")
    assert len(listed) == 40
    assert sum(one["correct"] for one in listed) / 40 == pytest.approx(seen["train", "best"]["accuracy"])
    assert all(one["default"] == one["name"].partition("-")[0] for one in listed)


async def test_best_and_last_are_served_at_their_own_addresses(filled):
    data = next(iter(filled.unlabeled.values()))
    best = await filled.door.post(f"predict/{filled.id}/single", content=data, headers=OCTETS)
    last = await filled.door.post(f"predict/{filled.id}/single/last", content=data, headers=OCTETS)
    assert best != last
    assert {one["label"] for one in best} == {one["label"] for one in last}


async def test_thresholds_are_set_for_one_for_all_and_to_the_best(filled):
    path = f"model/{filled.id}/multi/thresholds"
    before = (await filled.door.get(f"model/{filled.id}/multi/statistics?set=train"))["thresholds"]
    made = await filled.door.put(path, json={"STAR": 12.5})
    assert made["thresholds"] == {**before, "STAR": 12.5}
    made = await filled.door.put(path, json={"all": 0})
    assert set(made["thresholds"].values()) == {0}
    assert made["recall"] == 1.0
    data = filled.files["STAR-0"]
    every = await filled.door.post(f"predict/{filled.id}/multi?threshold=true", content=data, headers=OCTETS)
    assert len(every) == 8
    made = await filled.door.put(path, json={"optimized": True})
    assert made["thresholds"] == pytest.approx(before, abs=0.01)
    above = await filled.door.post(f"predict/{filled.id}/multi?threshold=true", content=data, headers=OCTETS)
    assert above == [one for one in every if one["score"] >= made["thresholds"][one["label"]] - 1e-4]
    for body in ({"SQUARE": 1}, {"STAR": "x"}, {"STAR": 101}, {"STAR": True}):
        await filled.door.send("PUT", path, json=body, status=400)
    await filled.door.send("PUT", f"model/{filled.id}/single/thresholds", json={"all": 50}, status=400)


async def test_batches_of_names_and_of_zips_in_three_formats(filled):
    path = f"predict-batch/{filled.id}/single"
    names = ["STAR-0", "DISC-1"]
    answer = await filled.door.post(path, json=names)
    assert [one["name"] for one in answer] == names
    single = await filled.door.post(f"predict/{filled.id}/single", content=filled.files["STAR-0"], headers=OCTETS)
    for one, alone in zip(answer[0]["predictions"], single, strict=True):
        assert (one["label"], one["score"]) == (alone["label"], pytest.approx(alone["score"], abs=0.1))
    text = (await filled.door.send("POST", f"{path}?format=csv", json=names)).text
    assert [row[:2] for row in csv.reader(io.StringIO(text))] == [
        ["name", "label"],
        ["STAR-0", "STAR"],
        ["DISC-1", "DISC"],
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(f"in/{name}.png", filled.files[name])
    response = await filled.door.send("POST", f"{path}?format=zip", content=packed.getvalue(), headers=OCTETS)
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert sorted(archive.namelist()) == ["DISC/in/DISC-1.png", "STAR/in/STAR-0.png"]
        assert archive.read("STAR/in/STAR-0.png") == filled.files["STAR-0"]
    response = await filled.door.send("POST", f"{path}?format=zip", json=names)
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert sorted(archive.namelist()) == ["DISC/DISC-1", "STAR/STAR-0"]
    await filled.door.send("POST", path, json=["unknown"], status=400)
    await filled.door.send("POST", path, content=b"no zip", headers=OCTETS, status=400)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.png", b"not looked at")
    refused = await filled.door.send("POST", path, content=packed.getvalue(), headers=OCTETS, status=400)
    assert refused.text == "Predict at most 1,000 pictures in one request; the zip has 1,001 files.\n"


async def test_similar_images_of_all_and_of_labels(filled):
    data = filled.unlabeled[f"STAR-{LABELED}"]
    found = await filled.door.post(f"similarity?project={filled.id}&limit=3", content=data, headers=OCTETS)
    assert found[0] == {"image": f"STAR-{LABELED}", "score": pytest.approx(100, abs=0.2)}
    assert len(found) == 3
    of_labels = await filled.door.post(
        f"similarity?project={filled.id}&limit=50&labels=RING&labels=DISC&and=false", content=data, headers=OCTETS
    )
    assert {one["image"].partition("-")[0] for one in of_labels} == {"RING", "DISC"}
    assert len(of_labels) == 2 * LABELED
    both = await filled.door.post(
        f"similarity?project={filled.id}&labels=RING&labels=DISC&and=true", content=data, headers=OCTETS
    )
    assert both == []
    labels = await filled.door.post(f"label-by-similarity?project={filled.id}&limit=5", content=data, headers=OCTETS)
    assert sum(one["score"] for one in labels) == pytest.approx(100, abs=0.01)
    assert labels[0]["label"] == "STAR"
    pairs = await filled.door.get(f"similar-pairs/{filled.id}?limit=5&threshold=0")
    assert len(pairs) == 5
    assert all(len(pair["images"]) == 2 for pair in pairs)
    above = [one for one in found if one["score"] >= 99.75]
    path = f"similarity?project={filled.id}&limit=3&threshold="
    assert await filled.door.post(f"{path}99.75", content=data, headers=OCTETS) == above
    for wrong in ("nan", "101", "-1", "1e1", "x"):
        await filled.door.send("POST", path + wrong, content=data, headers=OCTETS, status=400)
    await filled.door.send("POST", "similarity", content=data, headers=OCTETS, status=400)
    await filled.door.send("POST", f"similarity?project={filled.id}&limit=0", content=data, headers=OCTETS, status=400)


async def test_predictions_become_labels_of_the_queue(filled):
    answer = await filled.door.post(f"label-assist/{filled.id}/single", json={"only": "unlabeled", "prioritize": True})
    assert answer == {"written": len(filled.unlabeled), "complete": True}
    document = """query ($id: ID!) { data: assets(where: {project: {id: $id}}, first: 100, skip: 0) {
      externalId priority labels { labelType modelName } } }"""
    seen = await filled.door.organization.admin.client.data(document, {"id": filled.uid})
    predicted = {one["externalId"] for one in seen if one["labels"][0]["labelType"] == "PREDICTION"}
    assert predicted == set(filled.unlabeled)
    assert {one["labels"][0]["modelName"] for one in seen if one["externalId"] in predicted} == {"single"}


REFUSED = {
    "no name": ({}, 400),
    "a taken name": ({"name": "single"}, 409),
    "another type": ({"name": "x", "type": "boxes"}, 400),
    "a label of no image": ({"name": "x", "labels": ["STAR", "SQUARE"]}, 400),
    "one label": ({"name": "x", "labels": ["STAR"]}, 400),
    "time that is none": ({"name": "x", "minutes": "long"}, 400),
    "an unknown field": ({"name": "x", "epochs": 3}, 400),
    "validation that is no flag": ({"name": "x", "useUserValidation": "no"}, 400),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_trainings_that_cannot_be_are_refused(filled, case):
    body, status = REFUSED[case]
    before = await filled.door.get(f"models/{filled.id}")
    await filled.door.send("POST", f"train/{filled.id}", json=body, status=status)
    assert await filled.door.get(f"models/{filled.id}") == before


LOOP = "query ($id: ID!) { data: learningLoop(projectId: $id) { everyLabels modelId } }"
NO_LOOP = [{}, {"everyLabels": 5}, {"everyLabels": "5", "model": "single"}, {"everyLabels": -1, "model": "single"}]


async def test_a_model_is_trained_again_after_so_many_labels_until_that_is_ended(filled):
    client = filled.door.organization.admin.client
    path, off = f"loop/{filled.id}", {"everyLabels": 0, "modelId": None}
    for body in NO_LOOP:
        await filled.door.send("PUT", path, json=body, status=400)
    await filled.door.send("PUT", path, json={"everyLabels": 5, "model": "nobody"}, status=404)
    assert await client.data(LOOP, {"id": filled.uid}) == off
    loop = {"everyLabels": 1000, "model": "single"}
    assert await filled.door.put(path, json=loop) == loop
    assert (await client.data(LOOP, {"id": filled.uid}))["everyLabels"] == 1000
    assert await filled.door.put(path, json={"everyLabels": 0}) == {"everyLabels": 0, "model": None}
    assert await client.data(LOOP, {"id": filled.uid}) == off


async def test_a_model_that_trains_is_not_asked_and_deleting_it_ends_the_training(filled):
    await filled.door.post(f"train/{filled.id}", json={"name": "long", "minutes": 60})
    await filled.door.send(
        "POST", f"predict/{filled.id}/long", content=filled.files["STAR-0"], headers=OCTETS, status=409
    )
    await filled.door.send("DELETE", f"model/{filled.id}/long")
    await filled.door.send("DELETE", f"model/{filled.id}/long", status=404)
    await filled.door.post(f"train/{filled.id}", json={"name": "after", "minutes": 0.01})
    assert (await until_trained(filled.door, filled.id, "after"))["status"] == "trained"  # the worker is free again
    await filled.door.send("DELETE", f"model/{filled.id}/after")


@pytest.mark.parametrize("name", ["single", "multi"])
async def test_the_offline_server_says_what_the_server_says(filled, tmp_path, name):
    response = await filled.door.send("GET", f"model/{filled.id}/{name}/download")
    assert response.headers["content-disposition"] == 'attachment; filename="model.zip"'
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert sorted(archive.namelist()) == ["README.md", "labels.json", "model.onnx", "picture.py", "server.py"]
        archive.extractall(tmp_path)
    described = json.loads((tmp_path / "labels.json").read_text())
    assert (described["type"], described["labels"]) == (f"{name}-label", list(SHAPES))
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(tmp_path / "server.py"), "0", stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    try:
        address = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            for data in (*list(filled.unlabeled.values())[:3], picture("HEART", 50, kind="JPEG", side=300)):
                there = await filled.door.post(f"predict/{filled.id}/{name}", content=data, headers=OCTETS)
                answer = await http.post(address, content=data, headers=OCTETS)
                assert answer.status_code == 200, answer.text
                here = {one["label"]: one["score"] for one in answer.json()}
                assert here == pytest.approx({one["label"]: one["score"] for one in there}, abs=0.1)
            assert (await http.post(address, content=b"no picture", headers=OCTETS)).status_code == 400
    finally:
        process.kill()
        await process.wait()


async def test_the_door_describes_itself(filled):
    described = await filled.door.get("openapi.json")
    assert described["openapi"] == "3.1.0"
    assert described["paths"]["/predict/{project}/{model}"]["post"]["summary"].startswith("What a model says")
    assert {"get", "post", "delete"} == set(described["paths"]["/image/{project}/{name}"])
