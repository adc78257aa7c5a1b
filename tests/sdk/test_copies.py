"""Exports and copies by the client itself, which asks for cloud storage on its way, and OCR on the assets."""

import pytest


@pytest.mark.parametrize("release", ["2.147.0", "2.160.0", "26.2.4"])
def test_a_project_with_ocr_is_exported_and_copied(run, release):
    seen = run(release, "copies")

    assert seen["metadata"] == {"one": {"scan": 1}, "two": {"scan": 2}}
    assert seen["ocr"] == [True, None]
    assert seen["metadata added"] == {"scan": 1, "more": "yes"}
    assert seen["ocr kept"] is True
    assert seen["yolo"]["labels/one.txt"] == "0 0.5 0.75 0.5 0.5\n"
    assert seen["raw"] == ["labels/one.json"]
    assert seen["copy"] == {"one": {"scan": 1, "more": "yes"}, "two": {"scan": 2}}
    assert seen["ocr of the copy"] == [True, None]


@pytest.mark.parametrize("release", ["2.147.0", "2.160.0", "26.2.4"])
def test_a_project_is_copied_with_labels_that_took_any_time(run, release):
    seen = run(release, "copied_labels")

    assert seen["labels"] == {
        "unknown": ["RAIN", "DEFAULT", 0, True],
        "whole": ["RAIN", "DEFAULT", 3, True],
        "part": ["RAIN", "DEFAULT", 12, True],
    }
    assert seen["copied"] == seen["labels"]
