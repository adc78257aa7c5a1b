"""Exports made by the server are those that the SDK makes, file by file."""

# How many files each export has: one that is empty would be equal as well.
FILES = {
    "raw latest False": 5,
    "raw latest True": 2,
    "coco split latest": 3,
    "coco merged latest": 2,
    "yolo_v8 merged latest": 7,
    "pascal_voc merged latest": 5,
    "video raw": 2,
    "text raw": 2,
    "map geojson": 3,
    "map raw": 2,
}


def test_exports_of_the_server_are_those_of_the_sdk(run):
    seen = run("26.2.4", "server_export")
    different = {name: wrong for name, (_, wrong) in seen.items() if wrong}
    assert different == {}
    assert len(seen) == 27
    assert {name: seen[name][0] for name in FILES} == FILES
