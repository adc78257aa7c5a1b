"""`labelyard label` on a database of its own."""

from __future__ import annotations

import httpx
import pytest

from labelyard.server.application import create_app
from labelyard.server.settings import Settings
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.command import Done
from tests.common.world import answer, new_organization

EDIT = "mutation ($w: LabelWhere!, $d: LabelData!) { data: updatePropertiesInLabel(where: $w, data: $d) { id } }"


@pytest.fixture
async def project(own_database_url, tmp_path):
    database = await Database.open(own_database_url, size=4)
    settings = Settings(data_dir=tmp_path / "data", database_url=own_database_url, public_url="http://label.example")
    transport = httpx.ASGITransport(create_app(settings, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
        yield await (await new_organization(database, Client(http))).project()
    await database.close()


async def test_every_answer_is_shown_with_who_wrote_it(tell, run, project):
    labeler = await project.member()
    (asset,) = await project.assets()
    label = await project.label(asset, by=labeler)
    (line,) = (await tell("label", "history", label))[1:]
    assert line.split()[0] == "1"
    assert line.endswith(answer())
    await project.admin.data(EDIT, {"w": {"id": label}, "d": {"jsonResponse": answer("RAIN")}})
    first, second = (await tell("label", "history", label))[1:]
    assert (first.split()[0], first.split()[3]) == ("1", labeler.email)
    assert (second.split()[0], second.split()[3]) == ("2", project.organization.admin.email)
    assert second.endswith(answer("RAIN"))
    unknown = await run("label", "history", "nothing")
    assert unknown == Done(1, [], ["labelyard: There is no label with the id 'nothing'."])
