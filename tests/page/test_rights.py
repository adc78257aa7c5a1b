"""What the page hides from whom is what the server refuses."""

from __future__ import annotations

from typing import Any

import pytest

from labelyard.domain.permission import ROLES_ALLOWED, SEE_MARKS, Action, ProjectRole
from labelyard.server.page.files import page_files
from tests.page.window import Page

MODULE = "manage/rights.js"


@pytest.fixture
def rights(page: Page) -> dict[str, Any]:
    """The tables of the page, as a browser reads them."""
    said = page.open("/label").driver.execute_async_script(
        "const done = arguments[1]; import(arguments[0]).then((module) => done({ ...module, mayDo: null }), (e) => done(String(e)));",
        f"{page_files().base}/{MODULE}",
    )
    assert isinstance(said, dict), said
    return said


def test_every_action_of_the_page_is_allowed_to_the_roles_that_the_server_allows_it(rights: dict[str, Any]) -> None:
    said = {name: sorted(roles) for name, roles in rights["ROLES_ALLOWED"].items()}

    assert said == {name: sorted(ROLES_ALLOWED[Action[name]]) for name in said}
    assert len(said) >= 12
    assert sorted(rights["SEE_MARKS"]) == sorted(SEE_MARKS)


def test_nobody_is_offered_to_give_a_role_above_their_own(rights: dict[str, Any]) -> None:
    managed = rights["ROLES_MANAGED"]
    order = [ProjectRole.LABELER, ProjectRole.REVIEWER, ProjectRole.TEAM_MANAGER, ProjectRole.ADMIN]

    assert set(managed) == set(ProjectRole)
    for role, others in managed.items():
        if role not in ROLES_ALLOWED[Action.MANAGE_MEMBERS]:
            assert others == []
        elif role == ProjectRole.ADMIN:
            assert set(others) == set(ProjectRole)
        else:
            assert set(others) == set(order[: order.index(ProjectRole(role))])
