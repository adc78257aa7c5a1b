"""Projects of all workflows, for the tests of actions, steps and locks."""

import json
from collections.abc import Awaitable, Callable

import pytest

from labelyard.services.workflow.step_group import create_group
from tests.common.world import WEATHER, Project


@pytest.fixture
def project_of(organization, app_with) -> Callable[[str], Awaitable[Project]]:
    """Makes a project of a workflow."""

    async def make(version: str) -> Project:
        client = app_with(workflow_version=version).as_(organization.admin.key)
        data = {"title": version, "inputType": "IMAGE", "jsonInterface": json.dumps(WEATHER)}
        made = await client.data(
            "mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id } }", {"data": data}
        )
        return Project(made["id"], organization)

    return make


@pytest.fixture
def v1_project(project_of) -> Callable[[], Awaitable[Project]]:
    """Makes a project of the one-step workflow."""
    return lambda: project_of("V1")


@pytest.fixture(params=["V1", "V2", "V3"])
async def any_project(request, organization, project_of) -> Project:
    """A project of each workflow in turn; in all of them, labeled assets wait for somebody to send them on.

    The project of V3 has one group, and behaves as one of V2.
    """
    return await organization.project() if request.param == "V2" else await project_of(request.param)


@pytest.fixture
def grouped(project_of, database) -> Callable[..., Awaitable[Project]]:
    """Makes a project of V3 with the groups Default and Check, and others if wanted, each with a labeling step Default."""

    async def make(*others: str) -> Project:
        project = await project_of("V3")
        async with database.transaction() as connection:
            for name in ("Check", *others):
                await create_group(connection, project.id, name, step_name="Default")
        return project

    return make
