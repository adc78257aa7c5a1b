"""Reading who belongs to a project."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.common.world import Project

Members = Callable[[Project], Awaitable[dict[str, str]]]

MEMBERS = """
query ($id: ID!) {
  data: projectUsers(where: { project: { id: $id } }, first: 100, skip: 0) { role user { email } }
}"""


@pytest.fixture
def members() -> Members:
    """Roles by e-mail, as the organization's administrator sees them."""

    async def read(project: Project) -> dict[str, str]:
        found = await project.admin.data(MEMBERS, {"id": project.id})
        return {member["user"]["email"]: member["role"] for member in found}

    return read
