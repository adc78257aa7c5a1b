"""A project of labeled pictures with a model, made once: each test only asks it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.common.client import Json
from tests.common.learning import add_labels, add_pictures, pictures_project, shape_files, trained
from tests.common.world import Project, new_organization

LABELED = 7


@dataclass(frozen=True)
class Learned:
    """A project of eight shapes: seven pictures of each are labeled, three are not. `assets` are ids by external id."""

    project: Project
    assets: dict[str, str]
    labeled: frozenset[str]
    model: Json


@pytest.fixture(scope="session")
async def learned(database, client) -> Learned:
    organization = await new_organization(database, client)
    project = await pictures_project(organization)
    assets = await add_pictures(project, shape_files(LABELED + 3))
    labeled = frozenset(name for name in assets if int(name.partition("-")[2]) < LABELED)
    await add_labels(project, {assets[name]: [name.partition("-")[0]] for name in labeled})
    model = await trained(project.admin, project.id, "shapes", minutes=1, validationPercent=30)
    return Learned(project, assets, labeled, model)
