"""Exports of labels that use what the interface has no longer."""

import pytest


@pytest.mark.parametrize("release", ["2.160.0", "26.2.4"])
def test_labels_are_exported_after_the_interface_lost_what_they_use(run, release):
    seen = run(release, "retired")

    person, car, other_car = "0.25 0.25 0.5 0.5\n", "0.5 0.75 0.5 0.5\n", "0.75 0.125 0.5 0.25\n"
    counts = {"coco": 1, "pascal_voc": 2, "raw": 2}
    lost = {"labels/one.txt": "", "labels/two.txt": f"0 {person}"}
    assert seen == {
        "a category less": {"yolo": lost, "parsed": [["THING", "WEATHER"]] * 2, **counts},
        "a job less": {"yolo": lost, "parsed": [["THING"]] * 2, **counts},
        "all back": {
            "yolo": {"labels/one.txt": f"0 {car}", "labels/two.txt": f"1 {person}0 {other_car}"},
            "parsed": [["THING", "WEATHER"]] * 2,
            **counts,
        },
    }
