"""Lists of many assets through the SDK."""

import pytest


@pytest.mark.parametrize("release", ["2.160.0", "26.2.4"])
def test_many_assets_are_listed_in_the_order_they_came(run, release):
    assert run(release, "paging") == {
        "counted": 250,
        "ids in order": True,
        "in order": True,
        "pages": [60, 60, 60, 60, 10, 0],
        "pages in order": True,
        "generator is lazy": True,
        "generated in order": True,
        "generated tail": ["street-248", "street-249"],
        "past the end": [],
        "exactly": ["street-007", "street-101"],
        "containing": [f"street-00{number}" for number in range(10)],
        "left": [130, ["street-120"], True],
    }
