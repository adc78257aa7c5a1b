"""Projects of both workflows, for the tests of actions, steps and locks."""

import json
from collections.abc import Awaitable, Callable

import pytest

from tests.common.world import WEATHER, Project


@pytest.fixture
def v1_project(organization, app_with) -> Callable[[], Awaitable[Project]]:
    """Makes a project of the one-step workflow."""

    async def make() -> Project:
        client = app_with(workflow_version="V1").as_(organization.admin.key)
        data = {"title": "Old", "inputType": "IMAGE", "jsonInterface": json.dumps(WEATHER)}
        made = await client.data(
            "mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id } }", {"data": data}
        )
        return Project(made["id"], organization)

    return make


@pytest.fixture(params=["V1", "V2"])
async def any_project(request, organization, v1_project) -> Project:
    """A project of each workflow in turn; in both, labeled assets wait for somebody to send them on."""
    return await v1_project() if request.param == "V1" else await organization.project()
