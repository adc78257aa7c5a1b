"""Members, roles and people through the SDK."""

import pytest


@pytest.mark.parametrize("release", ["2.160.0", "26.2.4"])
def test_people_come_change_roles_and_go(run, release):
    seen = run(release, "people")
    recent = release == "26.2.4"

    assert seen["warned"] == []
    assert seen["creator"] == [["ADMIN"]]
    assert seen["invited"] == [True, "LABELER"]
    assert seen["updated"] == "REVIEWER"
    assert seen["roles"] == [["LABELER"], ["REVIEWER"], ["TEAM_MANAGER"], *([["LABELER"]] if recent else []), []]
    if recent:
        assert seen["updated by email"] == ["LABELER", True]
    assert seen["counted"] == 2
    if recent:
        assert seen["counted beside an administrator who is no member"] == [1, 1, 1]
        assert seen["counted with the administrator"] == [2, 2, 2]
    assert seen["removed"] is True
    assert seen["members left"] is True
    assert seen["organization"] == {"license": {"uploadLocalData": True, "api": True}}
    assert seen["organization named"] is True
    assert seen["counted users"] is True
    assert seen["newcomer stays"] is True
    assert seen["names are text"] is True
    assert seen["found by email"] is True
