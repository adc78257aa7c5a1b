"""What exports hold, read by the libraries of their formats."""

from __future__ import annotations

import json

from lxml import etree
from pycocotools.coco import COCO

from tests.common.export import exported
from tests.common.world import answer

SIZES = ['{"width": 200, "height": 100}']


def stamped(text: bytes) -> bytes:
    """A readme without the date in it."""
    return b"\n".join(line for line in text.splitlines() if b"Export date" not in line)


async def labeled(project, count=3, **more):
    ids = await project.assets(count)
    for number, asset_id in enumerate(ids):
        await project.admin.data(
            "mutation ($where: AssetWhere!, $data: AssetData!)"
            " { data: updatePropertiesInAsset(where: $where, data: $data) { id } }",
            {"where": {"id": asset_id}, "data": {"resolution": {"width": 200, "height": 100}}},
        )
        await project.label(asset_id, json_response=answer(cars=number), **more)
    return ids


async def test_coco_is_read_by_pycocotools(project, tmp_path):
    await labeled(project)
    files = await exported(project.admin, project.id, format="COCO", layout="MERGED")
    assert set(files) == {"labels.json", "README.kili.txt"}
    (tmp_path / "labels.json").write_bytes(files["labels.json"])
    coco = COCO(str(tmp_path / "labels.json"))
    assert [coco.imgs[number]["file_name"] for number in sorted(coco.imgs)] == [
        "data/asset-0",
        "data/asset-1",
        "data/asset-2",
    ]
    assert coco.loadCats(coco.getCatIds()) == [
        {"id": 0, "name": "PLACE/CAR", "supercategory": "PLACE"},
        {"id": 1, "name": "PLACE/TREE", "supercategory": "PLACE"},
    ]
    assert [len(coco.getAnnIds([number])) for number in sorted(coco.imgs)] == [0, 1, 2]
    assert sorted(coco.anns) == [1, 2, 3]
    assert coco.anns[3]["bbox"] == [20, 10, 40, 20]
    assert coco.annToMask(coco.anns[1]).sum() == 800
    assert stamped(files["README.kili.txt"]) == (
        b"Exported Labels from KILI\n=========================\n\n- Project name: A project\n"
        b"- Project identifier: " + project.id.encode() + b"\n- Project description: \n"
        b"- Exported format: coco\n- Exported labels: latest"
    )


async def test_raw_holds_every_label_that_is_asked_for(project):
    first, *_ = await labeled(project)
    await project.label(first, json_response=answer("RAIN", cars=1))
    latest = await exported(project.admin, project.id, format="RAW")
    assert set(latest) == {"README.kili.txt", *(f"labels/asset-{number}.json" for number in range(3))}
    shown = json.loads(latest["labels/asset-0.json"])
    assert shown["latestLabel"]["jsonResponse"]["WEATHER"]["categories"][0]["name"] == "RAIN"
    assert shown["latestLabel"]["author"]["name"] == "Grace Hopper"
    (car,) = shown["latestLabel"]["jsonResponse"]["PLACE"]["annotations"]
    assert car["boundingPoly"][0]["vertices"][0] == {"x": 0.1 * 200, "y": 0.1 * 100}
    every = json.loads(
        (await exported(project.admin, project.id, format="RAW", labels="NORMAL", singleFile=True))["data.json"]
    )
    assert [len(asset["labels"]) for asset in every] == [2, 1, 1]
    one = await exported(project.admin, project.id, format="RAW", singleFile=True, externalIds=["asset-1", "unknown"])
    assert [asset["externalId"] for asset in json.loads(one["data.json"])] == ["asset-1"]
    none = await exported(project.admin, project.id, format="RAW", singleFile=True, labelTypes=["PREDICTION"])
    assert json.loads(none["data.json"]) == []


async def test_pascal_voc_is_read_by_lxml(project):
    await labeled(project)
    files = await exported(project.admin, project.id, format="PASCAL_VOC")
    found = {}
    for name in sorted(files):
        if name.endswith(".xml"):
            root = etree.fromstring(files[name])
            assert float(root.findtext("size/width")) == 200
            found[name] = [
                [box.findtext("name"), *(box.findtext(f"bndbox/{edge}") for edge in ("xmin", "xmax", "ymin", "ymax"))]
                for box in root.findall("object")
            ]
    car = ["CAR", "20", "60", "10", "30"]
    assert found == {"labels/asset-0.xml": [], "labels/asset-1.xml": [car], "labels/asset-2.xml": [car, car]}


async def test_yolo_splits_jobs_and_names_classes(project):
    await labeled(project)
    split = await exported(project.admin, project.id, format="YOLO_V8")
    assert split["PLACE/data.yaml"] == b"nc: 2\nnames: ['CAR', 'TREE']\n"
    assert split["PLACE/labels/asset-1.txt"] == b"0 0.2 0.2 0.19999999999999998 0.19999999999999998\n"
    merged = await exported(project.admin, project.id, format="YOLO_V4", layout="MERGED")
    assert merged["classes.txt"] == b"0 PLACE/CAR\n1 PLACE/TREE\n"
    assert merged["images/remote_assets.csv"].splitlines()[:2] == [
        b"external id,url,label file",
        b"asset-0,https://files.example/asset-0.png,asset-0.txt",
    ]


async def test_names_that_lead_out_of_the_archive_stay_inside(project):
    names = ["../../evil", "/root", "a b", "a_b", "=1+1"]
    ids = await project.assets(len(names), externalIDArray=names)
    for asset_id in ids:
        await project.label(asset_id)
    raw = await exported(project.admin, project.id, format="RAW")
    assert set(raw) == {
        "README.kili.txt",
        "labels/_/_/evil.json",
        "labels/root.json",
        "labels/a_b.json",
        "labels/a_b (2).json",
        "labels/=1+1.json",
    }
    table = (await exported(project.admin, project.id, format="YOLO_V5"))["images/remote_assets.csv"].decode()
    assert table.splitlines()[-1].startswith("'=1+1,")
