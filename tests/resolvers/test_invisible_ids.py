"""The id of what a caller does not see reads like an id that nothing has: in every operation, for every role."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from labelyard.services.identity import new_id
from tests.common.world import new_organization
from tests.resolvers.permission_table import CALLERS, TABLE, Row
from tests.resolvers.test_permissions import World

NAME = re.compile(r"\{(\w+)\}")
MEMBERS = ("outside the project", "LABELER", "REVIEWER", "TEAM_MANAGER", "ADMIN")
# The author administers all projects; tags and plugins are for everybody in the organization to see, models for every project to use.
NO_IDS = {
    "fresh",
    "key",
    "external",
    "organization",
    "author",
    "tag",
    "checked_tag",
    "model",
    "plugin",
}
# What labelers do not see of their own project.
OF_OTHERS = {"label": "other_label", "issue": "other_issue", "labeler": "reviewer"}
# Who is a member may be told so: these name people of the caller's project.
PEOPLE = {"createNotification", "assignAssets", "assignAssetsToLabelers", "appendToLabels", "addReviewStep"}


def names_of(row: Row) -> list[str]:
    return [name for name in dict.fromkeys(NAME.findall(repr(row.variables))) if name not in NO_IDS]


@pytest.fixture
async def worlds(database, client):
    """A project, and another one of the same organization whose members are others."""
    ours, strangers = await new_organization(database, client), await new_organization(database, client)
    return await World.make(ours, strangers), await World.make(ours, strangers)


async def told(world: World, row: Row, names: dict[str, str], caller: str) -> Any:
    """What is answered when names stand for other ids, those left out."""
    asked = copy.copy(world)
    asked.names = {**world.names, "fresh": "fresh", "key": "x" * 64, **names}
    answer = await world.callers[caller].graphql(row.document, asked._filled(row.variables))
    answer.pop("extensions", None)
    for error in answer.get("errors", []):
        del error["extensions"]["requestId"]
    text = repr(answer)
    for identifier in names.values():
        text = text.replace(identifier, "…")
    return text


def missing(names: list[str]) -> dict[str, str]:
    return {name: f"{new_id()}@example.org" if "email" in name else new_id() for name in names}


@pytest.mark.parametrize("row", [row for row in TABLE if names_of(row)], ids=lambda row: row.title)
async def test_objects_of_a_project_beside_read_like_ones_that_do_not_exist(worlds, row):
    world, beside = worlds
    names = names_of(row)
    before = await world.state()
    different = {}
    for caller in MEMBERS:
        for chosen in [names, *([name] for name in names)]:
            invisible = await told(world, row, {name: beside.names[name] for name in chosen}, caller)
            random = await told(world, row, missing(chosen), caller)
            if invisible != random:
                different[(caller, *chosen)] = (invisible, random)

    assert different == {}
    if row.kind == "mutation":
        assert await world.state() == before


@pytest.mark.parametrize(
    "row",
    [row for row in TABLE if OF_OTHERS.keys() & set(names_of(row)) and row.name not in PEOPLE],
    ids=lambda row: row.title,
)
async def test_what_is_of_others_reads_to_labelers_like_what_does_not_exist(worlds, row):
    world, _ = worlds
    before = await world.state()
    chosen = [name for name in names_of(row) if name in OF_OTHERS]

    invisible = await told(world, row, {name: world.names[OF_OTHERS[name]] for name in chosen}, "LABELER")
    random = await told(world, row, missing(chosen), "LABELER")

    assert invisible == random
    assert await world.state() == before


def test_every_kind_of_member_is_asked():
    assert set(CALLERS[3:8]) == set(MEMBERS)
