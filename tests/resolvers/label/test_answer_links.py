"""`Label.jsonResponseUrl`: the way to answers that are too long for a page."""

from __future__ import annotations

import time

import orjson
import pytest

from labelyard.server.application import public_url
from labelyard.server.secret import server_secret
from labelyard.server.settings import Settings
from labelyard.storage.file_link import FileLinks
from tests.common.documents import ASSETS, LABELS, UPDATE_PROJECT
from tests.common.world import WEATHER, box
from tests.resolvers.test_file_rights import ASSIGN, NOT_THERE, REMOVE, refusal

BOTH = "id jsonResponse jsonResponseUrl"
PAGE = {"first": 100, "skip": 0}


def long_answer(boxes: int = 5_500, category: str = "CAR") -> str:
    """An answer of about 200 bytes a box."""
    said = {
        "WEATHER": {"categories": [{"name": "SUN", "confidence": 100}]},
        "PLACE": {"annotations": [box(category, mid=f"box é {number}") for number in range(boxes)]},
    }
    return orjson.dumps(said).decode()


async def test_a_short_answer_has_no_link(project):
    label = await project.label(await project.asset())
    assert (await project.read_label(label, "jsonResponseUrl"))["jsonResponseUrl"] is None


@pytest.mark.parametrize(("more", "is_linked"), [(0, False), (1, True)])
async def test_an_answer_longer_than_a_mebibyte_has_a_link(project, more, is_linked):
    short = orjson.dumps({"WEATHER": {"categories": [{"name": "SUN"}]}, "ANNOTATION_NAMES_JOB": {"a": ""}}).decode()
    filled = short.replace('"a":""', f'"a":"{"x" * ((1 << 20) - len(short) + more)}"')
    label = await project.label(await project.asset(), json_response=filled)
    found = await project.read_label(label, "jsonResponse jsonResponseUrl")
    assert len(found["jsonResponse"]) == (1 << 20) + more
    assert (found["jsonResponseUrl"] is not None) is is_linked


async def test_the_bytes_behind_the_link_are_those_of_the_answer(project):
    label = await project.label(await project.asset(), json_response=long_answer())
    found = await project.read_label(label, BOTH)
    alone = await project.read_label(label, "jsonResponse")
    assert len(alone["jsonResponse"]) > 1 << 20
    assert found["jsonResponse"] == alone["jsonResponse"]

    http = project.organization.http.http
    opened = await http.get(found["jsonResponseUrl"])
    looked_at = await http.head(found["jsonResponseUrl"])

    assert (opened.status_code, opened.content) == (200, alone["jsonResponse"].encode())
    assert opened.headers["content-type"] == "application/octet-stream"
    assert opened.headers["x-content-type-options"] == "nosniff"
    assert opened.headers["content-disposition"] == f'attachment; filename="{label}.json"'
    assert (looked_at.status_code, looked_at.content) == (200, b"")
    assert looked_at.headers["content-length"] == opened.headers["content-length"]


async def test_the_link_answers_without_what_the_interface_has_lost(project):
    label = await project.label(await project.asset(), json_response=long_answer())
    kept = {"jobs": {"PLACE": WEATHER["jobs"]["PLACE"]}}
    change = {"data": {"jsonInterface": orjson.dumps(kept).decode()}, "where": {"id": project.id}}
    await project.admin.warned(UPDATE_PROJECT, change)
    found = await project.read_label(label, BOTH)
    assert list(orjson.loads(found["jsonResponse"])) == ["PLACE"]
    opened = await project.organization.http.http.get(found["jsonResponseUrl"])
    assert opened.text == found["jsonResponse"]


async def test_pages_of_many_long_answers_are_answered_by_links(organization, app_with):
    """Five answers of a little more than 1 MiB, where an answer has 5 MiB at most."""
    project = await organization.project()
    text = long_answer()
    labels = [await project.label(asset, json_response=text) for asset in await project.assets(5)]
    client = app_with(max_answer_bytes=5 << 20).as_(organization.admin.key)
    where = {"project": {"id": project.id}}

    too_large = await client.refused(LABELS % "jsonResponse", {"where": where, **PAGE}, status=400)
    listed = await client.data(LABELS % BOTH, {"where": where, **PAGE})
    (below, *_) = await client.data(ASSETS % f"labels {{ {BOTH} }}", {"where": where, **PAGE})

    assert too_large.code == "QUERY_TOO_COMPLEX"
    assert [label["id"] for label in listed] == labels
    assert [label["jsonResponse"] for label in listed] == [text, *["{}"] * 4]
    for label in listed:
        assert (await client.http.get(label["jsonResponseUrl"])).text == text
    assert below["labels"][0]["jsonResponse"] == text


async def test_links_cost_no_statements(project, statements):
    counts = []
    for number in (1, 4):
        for asset in await project.assets(number, prefix=f"of {number}"):
            await project.label(asset, json_response=long_answer())
        with statements.recording() as texts:
            await project.admin.data(LABELS % BOTH, {"where": {"project": {"id": project.id}}, **PAGE})
        counts.append(len(texts))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", ["LABELER", "REVIEWER", "ADMIN"])
async def test_a_link_dies_with_the_membership(project, role):
    ada = await project.member(role)
    asset = await project.asset()
    await project.admin.data(ASSIGN, {"id": asset, "u": [ada.id]})
    label = await project.label(asset, by=ada, json_response=long_answer())
    url = (await project.read_label(label, "jsonResponseUrl", client=ada.client))["jsonResponseUrl"]
    before = await ada.client.http.get(url)
    await project.admin.data(REMOVE, {"p": project.id, "e": ada.email})
    after = await ada.client.http.get(url)
    assert before.status_code == 200
    assert refusal(after) == NOT_THERE


async def test_a_labeler_opens_no_link_to_a_label_they_do_not_see(project, settings):
    """Even one that was made for them: the right is asked for when the link is opened."""
    ada, bob = await project.member(), await project.member()
    asset = await project.asset()
    await project.admin.data(ASSIGN, {"id": asset, "u": [ada.id, bob.id]})
    label = await project.label(asset, by=ada, json_response=long_answer())
    url = (await project.read_label(label, "jsonResponseUrl", client=ada.client))["jsonResponseUrl"]
    assert (await bob.client.http.get(url.replace(ada.id, bob.id))).status_code == 403
    now = int(time.time())
    made = links_of(settings).answer_url(
        label_id=label, organization_id=project.organization.id, user_id=bob.id, now=now
    )
    assert refusal(await bob.client.http.get(made)) == NOT_THERE


async def test_links_of_deleted_labels_and_altered_links_open_nothing(project):
    label = await project.label(await project.asset(), json_response=long_answer())
    other = await project.label(await project.asset(), json_response=long_answer())
    url = (await project.read_label(label, "jsonResponseUrl"))["jsonResponseUrl"]
    http = project.organization.http.http
    assert (await http.get(url.replace(label, other))).status_code == 403
    assert (await http.get(url + "&id=1")).status_code == 403
    assert (await http.get(url.replace("/files/label?", "/files?"))).status_code == 403
    await project.admin.data("mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }", {"ids": [label]})
    assert refusal(await http.get(url)) == NOT_THERE


async def test_conversations_have_no_links(organization):
    interface = {"jobs": {"NOTE": {"mlTask": "TRANSCRIPTION", "required": 0, "isChild": False, "level": "round"}}}
    project = await organization.project(interface, inputType="LLM_STATIC")
    text = orjson.dumps({"NOTE": {"text": "x" * (2 << 20)}}).decode()
    label = await project.label(await project.asset(), json_response=text)
    assert await project.read_label(label, BOTH) == {"id": label, "jsonResponse": text, "jsonResponseUrl": None}


def links_of(settings: Settings) -> FileLinks:
    return FileLinks(public_url(settings), server_secret(settings), settings.signed_url_seconds, 1)
