"""Tags, versions and public tokens, as the releases that know them see them."""

import pytest

TAGS = {
    "listed": ["a", "b"],
    "tagged": [["a", "b"], ["b"]],
    "checked": [1, 2],
    "found": [{"First": ["a", "b"]}, {"First": ["a", "b"], "Second": ["b"]}],
    "renamed": [True, ["c", "b"]],
    "untagged": [["c"], ["b"]],
    "nothing left": [],
    "deleted": [True, [], ["c"]],
}
VERSIONS = {
    "names": ["v1", "v2"],
    "jobs": [["WEATHER"], ["THING", "WEATHER"]],
    "of": True,
    "count": 2,
    "written": "https://files.example/1.zip",
}
PUBLICATION = [32, True, True]


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("2.60.0", {"publication": PUBLICATION}),
        ("2.99.0", {"versions": VERSIONS}),
        ("2.120.0", {"versions": VERSIONS, "publication": PUBLICATION}),
        ("2.160.0", {"versions": VERSIONS}),
        ("26.2.4", {"tags": TAGS, "refused": "ValueError", "versions": VERSIONS}),
    ],
)
def test_what_was_done_is_read_back(run, release, expected):
    assert run(release, "tags_and_versions") == expected
