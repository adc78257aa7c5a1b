"""Exports made by the server are those that the SDK makes, file by file."""

from tests.file_samples import pdf
from tests.video_samples import mp4

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
    "turned raw": 5,
    "turned pascal_voc": 5,
    "film raw": 2,
    "pages raw": 2,
}


def test_exports_of_the_server_are_those_of_the_sdk(run):
    seen = run("26.2.4", "server_export", mp4().hex(), pdf((100, 200), (300, 50)).hex())
    different = {name: wrong for name, (_, wrong) in seen.items() if wrong}
    assert different == {}
    assert len(seen) == 36
    assert {name: seen[name][0] for name in FILES} == FILES
