"""The requests of the published samples, with address, token, project, model and picture filled in."""

from __future__ import annotations

import base64

import pytest

from tests.common.shapes import SHAPES
from tests.server.door.sentisight.conftest import ORIGIN

OCTETS = {"Content-Type": "application/octet-stream"}


def check(answer, *, count: int = len(SHAPES)) -> None:
    assert len(answer) == count
    assert [set(one) for one in answer] == [{"label", "score"}] * count
    scores = [one["score"] for one in answer]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize("end", ["", "/", "/last", "/last/"])
async def test_a_picture_as_the_body_of_a_shell_or_a_program(filled, end):
    name, data = next(iter(filled.files.items()))

    async def streamed():
        for start in range(0, len(data), 1000):
            yield data[start : start + 1000]

    # curl --data-binary and a Python program that streams an open file, with its length and in chunks.
    whole = await filled.door.post(f"predict/{filled.id}/single{end}", content=data, headers=OCTETS)
    check(whole)
    assert whole[0]["label"] == name.partition("-")[0]
    sized = {**OCTETS, "Content-Length": str(len(data))}
    assert await filled.door.post(f"predict/{filled.id}/single{end}", content=streamed(), headers=sized) == whole
    assert await filled.door.post(f"predict/{filled.id}/single{end}", content=streamed(), headers=OCTETS) == whole
    assert await filled.door.post(f"predict/{filled.uid}/single{end}", content=data, headers=OCTETS) == whole


@pytest.mark.parametrize("end", ["", "/"])
async def test_a_picture_as_base64_bare_or_in_a_data_uri(filled, end):
    data = next(iter(filled.files.values()))
    whole = await filled.door.post(f"predict/{filled.id}/single", content=data, headers=OCTETS)
    text = base64.b64encode(data).decode()
    for value in (text, f"data:image/png;base64,{text}"):
        assert await filled.door.post(f"predict/{filled.id}/single{end}", json={"base64": value}) == whole


async def test_a_picture_as_a_link_to_a_host_that_is_not_allowed(filled):
    response = await filled.door.send(
        "POST", f"predict/{filled.id}/single", json={"url": "https://elsewhere.example/a.jpg"}, status=400
    )
    assert "elsewhere.example" in response.text


async def test_the_page_sample_asks_from_another_origin(filled):
    path = f"/sentisight/api/predict/{filled.id}/single"
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-auth-token",
    }
    preflight = await filled.door.http.options(path, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "x-auth-token" in preflight.headers["access-control-allow-headers"]
    data = next(iter(filled.files.values()))
    response = await filled.door.send(
        "POST", f"predict/{filled.id}/single", content=data, headers={**OCTETS, "Origin": ORIGIN}
    )
    assert response.headers["access-control-allow-origin"] == ORIGIN
    refused = await filled.door.as_("x").send(
        "POST", f"predict/{filled.id}/single", content=data, headers={**OCTETS, "Origin": ORIGIN}, status=401
    )
    assert refused.headers["access-control-allow-origin"] == ORIGIN


async def test_without_a_picture_a_model_or_a_right_it_is_said_in_plain_text(filled, other_organization):
    door, project = filled.door, filled.id
    data = next(iter(filled.files.values()))
    for status, path, content in (
        (400, f"predict/{project}/single", b"no picture"),
        (400, f"predict/{project}/single", b""),
        (400, f"predict/{project}/single", data[:300]),
        (404, f"predict/{project}/other", data),
        (404, "predict/999999999/single", data),
        (404, "predict/unknown/single", data),
        (404, "pm-predict/places", data),
        (413, f"predict/{project}/single", bytes((20 << 20) + 1)),
    ):
        await door.send("POST", path, content=content, headers=OCTETS, status=status)
    for body in ({}, {"url": 1}, {"base64": "%%%"}, {"base64": ""}, [1], "x"):
        await door.send("POST", f"predict/{project}/single", json=body, status=400)
    stranger = door.as_(other_organization.admin.key)
    await stranger.send("POST", f"predict/{project}/single", content=data, headers=OCTETS, status=404)
    await door.as_("").send("POST", f"predict/{project}/single", content=data, headers=OCTETS, status=401)
