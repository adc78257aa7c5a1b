"""A client of the door, as the published samples are, and a project with labeled pictures and models, made once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from labelyard.server.application import create_app
from labelyard.server.settings import Settings
from tests.common.learning import shape_files
from tests.common.shapes import SHAPES
from tests.common.world import Organization, new_organization

LABELED = 6
ORIGIN = "http://page.example"


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker takes all of them: the models are trained once."""
    if {"opened", "live"} & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.xdist_group("sentisight"))


@dataclass(frozen=True)
class Door:
    """Somebody at the door."""

    http: httpx.AsyncClient
    token: str
    organization: Organization

    def as_(self, token: str) -> Door:
        return replace(self, token=token)

    async def send(self, verb: str, path: str, *, status: int = 200, **more: Any) -> httpx.Response:
        headers = {"X-Auth-token": self.token, **more.pop("headers", {})}
        response = await self.http.request(verb, f"/sentisight/api/{path}", headers=headers, **more)
        assert response.status_code == status, (response.status_code, response.text[:500])
        if status != 200:
            assert response.headers["content-type"] == "text/plain; charset=utf-8"
            assert response.text.strip()
        return response

    async def get(self, path: str, **more: Any) -> Any:
        return (await self.send("GET", path, **more)).json()

    async def post(self, path: str, **more: Any) -> Any:
        return (await self.send("POST", path, **more)).json()

    async def put(self, path: str, **more: Any) -> Any:
        return (await self.send("PUT", path, **more)).json()

    async def upload(self, project: int | str, files: dict[str, bytes], **more: Any) -> None:
        for name, data in files.items():
            await self.send(
                "POST",
                f"image/{project}/{name}",
                content=data,
                headers={"Content-Type": "application/octet-stream"},
                **more,
            )


@pytest.fixture(scope="session")
async def opened(settings, database, app):
    """The application with the door open; jobs are run by the shared one beside it."""
    changed = Settings.model_validate(
        {**settings.model_dump(), "doors": "sentisight", "cors_origins": ORIGIN, "worker": False}
    )
    made = create_app(changed, database)
    transport = httpx.ASGITransport(made)
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
        yield http


@pytest.fixture
async def door(opened, database, client) -> Door:
    organization = await new_organization(database, client)
    return Door(opened, organization.admin.key, organization)


@dataclass(frozen=True)
class Filled:
    """A project of the door: pictures of eight shapes, most of them labeled, and two models."""

    door: Door
    id: int
    uid: str
    files: dict[str, bytes]
    unlabeled: dict[str, bytes]


async def until_trained(door: Door, project: int | str, name: str) -> dict[str, Any]:
    import asyncio

    progress = 0
    for _ in range(1200):
        (model,) = [one for one in await door.get(f"models/{project}") if one["name"] == name]
        assert model["progress"] >= progress
        progress = model["progress"]
        if model["status"] not in ("queued", "training"):
            return model
        await asyncio.sleep(0.05)
    raise AssertionError(model)


@pytest.fixture(scope="session")
async def filled(opened, database, client) -> Filled:
    organization = await new_organization(database, client)
    door = Door(opened, organization.admin.key, organization)
    made = await door.post("project", json={"name": "Shapes"})
    files = shape_files(LABELED)
    unlabeled = shape_files(1, start=LABELED)
    await door.upload(made["id"], {**files, **unlabeled})
    rows = "".join(f"{name},{name.partition('-')[0]}\n" for name in files)
    answer = await door.post(
        f"labels/{made['id']}", content=f"name,label\n{rows}", headers={"Content-Type": "text/csv"}
    )
    assert answer == {"images": len(SHAPES) * LABELED, "unknown": []}
    answer = await door.post(
        f"train/{made['id']}", json={"name": "single", "type": "single-label", "minutes": 1, "validationPercent": 17}
    )
    assert answer == {"model": "single", "status": "queued"}
    await door.post(
        f"train/{made['id']}", json={"name": "multi", "type": "multi-label", "minutes": 0.05, "validationPercent": 34}
    )
    for name in ("single", "multi"):
        model = await until_trained(door, made["id"], name)
        assert (model["status"], model["progress"], model["error"]) == ("trained", 100, None)
    return Filled(door, made["id"], made["uid"], files, unlabeled)
