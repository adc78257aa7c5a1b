"""Labels in bulk, parsed and exported by the SDK."""

import pytest


def corners(left, top, right, bottom):
    return [{"x": x, "y": y} for x, y in [(left, bottom), (left, top), (right, top), (right, bottom)]]


def coco_annotation(number, image, category, box, area):
    left, top, width, height = box
    right, bottom = left + width, top + height
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": box,
        "segmentation": [[left, bottom, left, top, right, top, right, bottom]],
        "area": area,
        "iscrowd": 0,
    }


@pytest.mark.parametrize("release", ["2.160.0", "26.2.4"])
def test_labels_are_parsed_and_exported(run, release):
    seen = run(release, "export")

    assert seen["ids kept"] is True
    assert seen["resolutions"] == [{"width": 40, "height": 20}, {"width": 16, "height": 16}]
    assert seen["labels in order"] is True
    assert seen["labels"] == [
        [0, "DEFAULT", 5],
        [1, "DEFAULT", 7],
        [1, "PREDICTION", 0],
        [0, "INFERENCE", 0],
    ]
    assert seen["answers kept"] is True
    assert seen["parsed"] == [
        ["SUN", "Sun", [["CAR", "car", {"x": 0.25, "y": 0.5}]]],
        ["RAIN", "Rain", [["PERSON", "one", {"x": 0.0, "y": 0.0}], ["CAR", "two", {"x": 0.5, "y": 0.0}]]],
    ]
    assert seen["two cars or a person"] == ["two"]

    assert [[asset["externalId"], asset["labelType"], asset["author is named"]] for asset in seen["raw"]] == [
        ["one", "DEFAULT", True],
        ["two", "DEFAULT", True],
    ]
    assert [asset["resolution"] for asset in seen["raw"]] == seen["resolutions"]
    car = seen["raw"][0]["label"]["THING"]["annotations"][0]
    assert car["mid"] == "car"
    assert car["boundingPoly"][0]["normalizedVertices"] == corners(0.25, 0.5, 0.75, 1.0)

    assert seen["yolo"] == {
        "data.yaml": "names:\n  0: THING/CAR\n  1: THING/PERSON\n",
        "labels/one.txt": "0 0.5 0.75 0.5 0.5\n",
        "labels/two.txt": "1 0.25 0.25 0.5 0.5\n0 0.75 0.125 0.5 0.25\n",
    }
    assert seen["remote assets"] == ["external id", "one", "two"]

    assert seen["coco"] == {
        "categories": [
            {"id": 0, "name": "THING/CAR", "supercategory": "THING"},
            {"id": 1, "name": "THING/PERSON", "supercategory": "THING"},
        ],
        "images": [
            {"id": 0, "license": 0, "file_name": "data/one.png", "height": 20, "width": 40, "date_captured": None},
            {"id": 1, "license": 0, "file_name": "data/two.png", "height": 16, "width": 16, "date_captured": None},
        ],
        "annotations": [
            coco_annotation(1, 0, 0, [10, 10, 20, 10], 200),
            coco_annotation(2, 1, 1, [0, 0, 8, 8], 64),
            coco_annotation(3, 1, 0, [8, 0, 8, 4], 32),
        ],
    }
    assert seen["media"] == {"one.png": True, "two.png": True}
    assert seen["labels deleted"] is True
    assert seen["labels left"] == 3
