"""How a client of each generation starts."""

import pytest

VERSION_WARNING = "version should match with Kili API version"


@pytest.mark.parametrize("release", ["2.60.0", "2.86.1", "2.99.0", "2.120.0"])
def test_an_old_release_starts_with_no_warning_but_that_of_its_age(run, release):
    warned = run(release, "start")["warned"]

    assert [VERSION_WARNING in text for text in warned] == [True]


@pytest.mark.parametrize("release", ["2.160.0", "26.2.4"])
def test_a_release_of_today_starts_without_a_warning_and_keeps_one_schema(run, release):
    seen = run(release, "start")

    assert seen["warned"] == []
    assert seen["started again"] == []
    assert seen["schemas kept"] == 1


@pytest.mark.parametrize("release", ["2.160.0", "26.2.4"])
def test_a_wrong_key_is_refused_at_once(run, release):
    seen = run(release, "start", "no such key")

    assert seen["refused"] == "AuthenticationFailed"
    assert seen["seconds"] < 20
