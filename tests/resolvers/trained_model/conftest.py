"""Projects of labeled pictures with models, made once: most tests only ask them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.common.client import Json
from tests.common.learning import add_labels, add_pictures, interface, pictures_project, shape_files, trained
from tests.common.shapes import SHAPES
from tests.common.world import Organization, Project, new_organization

LABELED, UNLABELED = 8, 3
ROUND = ("CRESCENT", "DISC", "HEART", "RING")


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker takes all of them: the pictures are described once."""
    if "pictured" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.xdist_group("learning"))


@dataclass(frozen=True)
class Learned:
    """A project of eight shapes with a model: some pictures of each are labeled. `assets` are ids by external id."""

    project: Project
    assets: dict[str, str]
    labeled: tuple[str, ...]
    model: Json

    @property
    def unlabeled(self) -> list[str]:
        return [name for name in self.assets if name not in self.labeled]


def shape_of(name: str) -> str:
    return name.partition("-")[0]


def labels_of(name: str) -> list[str]:
    """What a picture is labeled with where it may have several labels."""
    shape = shape_of(name)
    return [shape, "ROUND"] if shape in ROUND else [shape]


@pytest.fixture(scope="session")
async def pictured(database, client) -> Organization:
    """An organization whose pictures have been described: features belong to bytes, so every other project has them."""
    return await new_organization(database, client)


@pytest.fixture(scope="session")
async def learned(pictured) -> Learned:
    """A model of one label for each picture."""
    project = await pictures_project(pictured)
    assets = await add_pictures(project, shape_files(LABELED + UNLABELED))
    labeled = tuple(name for name in assets if int(name.partition("-")[2]) < LABELED)
    await add_labels(project, {assets[name]: [shape_of(name)] for name in labeled})
    model = await trained(project.admin, project.id, "shapes", validationPercent=13)
    return Learned(project, assets, labeled, model)


@pytest.fixture(scope="session")
async def learned_several(learned) -> Learned:
    """A model of several labels for each picture."""
    project = await learned.project.organization.project(interface((*SHAPES, "ROUND"), kind="checkbox"))
    assets = await add_pictures(project, shape_files(6))
    await add_labels(project, {asset_id: labels_of(name) for name, asset_id in assets.items()})
    model = await trained(project.admin, project.id, "several", validationPercent=34)
    return Learned(project, assets, tuple(assets), model)


@pytest.fixture
async def few(learned) -> Learned:
    """A fresh project of two shapes, six labeled pictures of each, whose features are there; no model."""
    project = await pictures_project(learned.project.organization)
    assets = await add_pictures(project, shape_files(6, shapes=("DISC", "STAR")))
    await add_labels(project, {asset_id: [shape_of(name)] for name, asset_id in assets.items()})
    return Learned(project, assets, tuple(assets), {})
