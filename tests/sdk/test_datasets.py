"""Datasets through the releases that knew them."""

import pytest


@pytest.mark.parametrize("release", ["2.86.1", "2.99.0"])
def test_a_dataset_is_filled_given_to_a_project_and_deleted(run, release):
    seen = run(release, "datasets")

    lists = {"listed": ["Words", 2, 1, 2], "shared": True, "origin": ["world", True]} if release == "2.99.0" else {}
    assert seen == {
        "filled": True,
        "contents": ["Hello", "World", "Moon"],
        "changed": ["world", "Earth", {"far": True}],
        "one": ["Hello"],
        "all": ["Earth", "Hello", "Moon"],
        "counted": 2,
        **lists,
        "deleted": [[], ["Earth", "Hello", "Moon"]],
    }
