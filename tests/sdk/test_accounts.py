"""Users, their keys and their passwords through the SDK."""

import pytest

RELEASES = ["2.60.0", "2.86.1", "2.99.0", "2.120.0", "2.160.0", "26.2.4"]


@pytest.mark.parametrize("release", RELEASES)
def test_a_user_is_made_changed_and_let_go(run, release):
    seen = run(release, "accounts")

    has_first_names = release in ("2.120.0", "2.160.0", "26.2.4")
    names = {"firstname": "Ada", "lastname": "King"} if has_first_names else {"name": "Ada King"}
    user = {"id": True, "activated": True, **names}
    assert seen["made"] == {**user, "organizationRole": "USER"}
    assert "an entity User already exists with value ada-" in seen["made twice"]
    assert seen["changed"] == {**user, "organizationRole": "ADMIN"}
    assert seen["back"] == "USER"
    assert "Everybody changes their own password only" in seen["old password of somebody else"]
    assert "This server sends no mail" in seen["reset"]
    assert seen["let go"] is False


@pytest.mark.parametrize("release", ["2.60.0", "2.86.1"])
def test_a_user_works_with_a_key_of_their_own(run, release):
    seen = run(release, "accounts")

    assert seen["key"] is True
    assert seen["sees"] == ["Accounts"]
    assert seen["roles"] == ["ADMIN", "LABELER", "TEAM_MANAGER"]
    assert seen["role"] == "REVIEWER"
    assert "does not allow you to give, change or take the role ADMIN" in seen["too much"]
    assert seen["removed"] is True
    assert seen["password"] is True
    assert seen["shut out"] is True


@pytest.mark.parametrize("release", ["2.99.0", "2.120.0"])
def test_a_key_is_added_and_used(run, release):
    seen = run(release, "accounts")

    assert seen["key"] == "laptop"
    assert seen["sees"] == ["Accounts"]
