"""Long answers through the SDK: 26.2.4 asks for links to them and follows, 2.160.0 knows none."""

import pytest


@pytest.mark.parametrize("release", ["2.160.0", "26.2.4"])
def test_long_answers_are_read_whole(run, release):
    assert run(release, "long_answers") == {
        "long": True,
        "labels": [True, True],
        "assets": [[True], [True]],
        "link": True,
    }
