"""Contents that clients until 2.120 write into the import itself, as `data:` URIs."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import store_contents
from labelyard.services.credential import Credentials
from labelyard.storage.blob import LocalBlobs
from labelyard.storage.file_link import FileLinks
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS
from tests.common.world import Organization
from tests.file_samples import pdf, png
from tests.resolvers.legacy.conftest import Api

READ = """
query ($where: AssetWhere!) { data: assets(where: $where, first: 100, skip: 0) { content resolution { width height } } }"""


def data_uri(body: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"


async def test_inlined_bytes_become_files_in_the_order_given(api: Api) -> None:
    project_id = await api.project()
    bodies = [f"file {number}".encode() for number in range(30)]
    given = [data_uri(body) for body in bodies]
    given[7] = "https://example.org/7.png"
    await api.assets(project_id, *[f"a{number}" for number in range(30)], contentArray=given)
    found = [asset["content"] for asset in await api.ask(READ, where={"project": {"id": project_id}})]
    assert found[7] == "https://example.org/7.png"
    assert [await api.get(url) for url in found if url != found[7]] == bodies[:7] + bodies[8:]


@pytest.mark.parametrize("kind", ["image/png", "", "application/octet-stream"], ids=["as told", "untold", "unknown"])
async def test_the_bytes_and_not_the_name_say_what_a_file_is(api: Api, kind: str) -> None:
    project_id = await api.project()
    await api.assets(project_id, "picture", contentArray=[data_uri(png(3, 2), kind)])
    (found,) = await api.ask(READ, where={"project": {"id": project_id}})
    assert found["resolution"] == {"width": 3.0, "height": 2.0}
    assert (await api.http.get(found["content"])).headers["content-type"] == "image/png"


@pytest.mark.parametrize("body", [b'{"a": 1}', b"<html>", b"GIF89a is text", b"%PDF-1.4 is text"])
async def test_inlined_texts_are_served_as_plain_text(api: Api, body: bytes) -> None:
    project_id = await api.project()
    await api.assets(project_id, "text", contentArray=[data_uri(body, "text/plain;charset=utf-8")])
    (found,) = await api.ask(READ, where={"project": {"id": project_id}})
    answered = await api.http.get(found["content"])
    assert (answered.content, answered.headers["content-type"]) == (body, "text/plain; charset=utf-8")


async def test_what_is_no_base64_is_refused_and_nothing_is_imported(api: Api) -> None:
    project_id = await api.project()
    data = {"contentArray": ["data:image/png;base64,%%%"], "externalIDArray": ["a"]}
    error = await api.refusal(APPEND_MANY_ASSETS, data=data, where={"id": project_id})
    assert error.code == "BAD_USER_INPUT"
    assert await api.value("select count(*) from asset where project_id = :id", id=project_id) == 0


async def test_a_quota_holds_for_inlined_files_too(organization: Organization, app_with: Callable[..., Client]) -> None:
    project = await organization.project()
    tight = app_with(max_organization_bytes=15).as_(organization.admin.key)

    def variables(*names: str) -> dict[str, object]:
        contents = [data_uri(b"ten bytes!") for _ in names]
        return {"data": {"contentArray": contents, "externalIDArray": list(names)}, "where": {"id": project.id}}

    async def assets() -> object:
        return await organization.database.pool.fetchval("select count(*) from asset where project_id = $1", project.id)

    error = await tight.refused(APPEND_MANY_ASSETS, variables("a", "b"))
    assert error.code == "INSUFFICIENT_STORAGE"
    assert await assets() == 0
    assert len(await tight.data(APPEND_MANY_ASSETS, variables("a"))) == 1


PAGES = """
query ($where: AssetWhere!) {
  data: assets(where: $where, first: 9, skip: 0) { pageResolutions { pageNumber width height rotation } }
}"""
CHANGE = """
mutation ($data: [AssetData!]!, $where: [AssetWhere!]!) {
  data: updatePropertiesInAssets(data: $data, where: $where) { pageResolutions { width } resolution { width } }
}"""


async def test_the_pages_of_a_pdf_are_told_however_it_arrives(api: Api) -> None:
    project_id = await api.project("PDF")
    uploaded = await api.upload(pdf((200, 100), (50, 80)))
    given = [uploaded, data_uri(pdf((30, 40))), data_uri(b"%PDF-1.7 broken"), "https://example.org/a.pdf"]
    await api.assets(project_id, "a", "b", "c", "d", contentArray=given)
    found = await api.ask(PAGES, where={"project": {"id": project_id}})
    assert [asset["pageResolutions"] for asset in found] == [
        [
            {"pageNumber": 1, "width": 200.0, "height": 100.0, "rotation": 0.0},
            {"pageNumber": 2, "width": 50.0, "height": 80.0, "rotation": 0.0},
        ],
        [{"pageNumber": 1, "width": 30.0, "height": 40.0, "rotation": 0.0}],
        None,
        None,
    ]


async def test_sizes_follow_a_replaced_file_and_stay_with_a_replaced_url(api: Api) -> None:
    project_id = await api.project("PDF")
    (asset,) = await api.assets(project_id, "a", contentArray=[await api.upload(pdf((200, 100)))])

    async def change(**data: object) -> dict[str, object]:
        (changed,) = await api.ask(CHANGE, data=[data], where=[{"id": asset}])
        return dict(changed)

    assert await change(content=await api.upload(pdf((70, 80)))) == {
        "pageResolutions": [{"width": 70.0}],
        "resolution": None,
    }
    assert await change(content=await api.upload(png(3, 2))) == {
        "pageResolutions": None,
        "resolution": {"width": 3.0},
    }
    assert (await change(content="https://example.org/b.png"))["resolution"] == {"width": 3.0}
    given = [{"pageNumber": 1, "width": 5, "height": 6}]
    assert await change(content=await api.upload(pdf((9, 9))), pageResolutions=given) == {
        "pageResolutions": [{"width": 5.0}],
        "resolution": None,
    }


async def test_an_import_of_many_pdfs_does_not_wait_for_all_their_pages(api: Api, tmp_path: Path) -> None:
    environment = AppServices(
        links=FileLinks("http://label.example", bytes(32), 60, 1 << 20),
        blobs=LocalBlobs(tmp_path / "files"),
        now=lambda: 0,
        credentials=Credentials(bytes(32)),
        inlined_pages_seconds=0.0,
    )
    given = [data_uri(pdf((30, 40)))] * 3
    actor = Actor(api.admin.id, api.admin.email, api.organization.id, is_organization_admin=True, roles={})
    stored = await store_contents(api.database, environment, actor, given)
    assert [(content.page_resolutions, content.blob_id is not None) for content in stored] == [(None, True)] * 3
