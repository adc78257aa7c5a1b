"""What is no id is looked for in vain: it reads like an id that nothing has, in every place where a client may write one."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from labelyard.services.identity import new_id
from tests.common.world import new_organization
from tests.resolvers.permission_table import TABLE, Row
from tests.resolvers.test_permissions import World

ODD = {
    "NUL": "a\0b",
    "empty": "",
    "long": "x" * 100_000,
    "path": "../x",
    "markup": "<script>",
    "quoted": "'\"; --",
    "other script": "идентификатор",
    "not a character": "\uffff",
}
NAME = re.compile(r"\{(\w+)\}")
# Names in the permission table that stand for texts of their own.
NO_IDS = {"fresh", "key", "labeler_email", "external", "plugin", "webhook", "active_webhook"}
EMPTY_IS_ABSENT = {"getProjects", "createNotification", "appendToLabels"}
# Typed String by the contract: clients may write e-mail addresses or other names there.
TEXTS = {
    ("createUserFromEmailIfNotExists", "project"),
    ("assignAssets", "labeler"),
    ("assignAssetsToLabelers", "labeler"),
    ("annotationFileUrl", "file"),
    ("addReviewStep", "reviewer"),
    ("appendToLabels", "author"),
    ("appendToDataset", "dataset"),
    ("appendDatasetsToProject", "dataset"),
    ("appendDatasetsToProject", "project"),
}


def places() -> list[tuple[Row, str]]:
    """Every id in the variables of every row."""
    return [
        (row, name)
        for row in TABLE
        for name in dict.fromkeys(NAME.findall(repr(row.variables)))
        if name not in NO_IDS and name in NAME.findall(repr(row.variables))
    ]


@pytest.fixture
async def world(database, client):
    return await World.make(await new_organization(database, client), await new_organization(database, client))


async def told(world: World, row: Row, name: str, identifier: str, caller: str) -> Any:
    """What is answered with another text in the place of an id, that text left out."""
    asked = copy.copy(world)
    asked.names = {**world.names, name: identifier, "fresh": f"fresh-{new_id()}", "key": "x" * 64}
    answer = await world.callers[caller].graphql(row.document, asked._filled(row.variables))
    if "errors" not in answer:
        return answer["data"] if row.only_reads else "answered"
    (error,) = answer["errors"]
    shown = {identifier, repr(identifier), repr(identifier)[1:-1], identifier.replace("\0", "\ufffd")} - {""}
    message = error["message"]
    for text in sorted(shown, key=len, reverse=True):
        message = message.replace(text, "…")
    return error["extensions"]["code"], message.replace("'…'", "…").replace("''", "…").replace("  ", " … ")


@pytest.mark.parametrize(("row", "name"), places(), ids=lambda value: value if isinstance(value, str) else value.title)
async def test_what_is_no_id_reads_like_an_id_that_nothing_has(world, row, name):
    caller = "administrator of the organization"
    missing = await told(world, row, name, new_id(), caller)
    seen = {kind: await told(world, row, name, text, caller) for kind, text in ODD.items()}
    if row.name in EMPTY_IS_ABSENT or (isinstance(seen["empty"], tuple) and seen["empty"][0] == "BAD_USER_INPUT"):
        del seen["empty"]  # a place that was left out is named as such, or has a meaning of its own
    if (row.name, name) in TEXTS and isinstance(seen["NUL"], tuple):
        assert seen.pop("NUL")[0] in ("BAD_USER_INPUT", missing[0])

    assert {kind: answer for kind, answer in seen.items() if answer != missing} == {}
