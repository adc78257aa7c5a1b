"""Archives made to break readers, people who must not be told of, and metadata that is new at the same moment."""

import asyncio
import io
import zipfile
from urllib.parse import urlsplit

import pytest

from tests.common.shapes import picture

ANONYMIZE = "mutation ($id: ID!) { data: updateProjectAnonymization(input: {id: $id, shouldAnonymize: true}) { id } }"


def archive(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as made:
        for name, content in entries:
            made.writestr(name, content)
    return written.getvalue()


async def sent(fastlabel, slug, data):
    """The key of an archive that was sent."""
    link = await fastlabel.get("files", project=slug, fileName="x.zip")
    url = urlsplit(link["url"])
    answer = await fastlabel.http.put(
        f"{url.path}?{url.query}", content=data, headers={"Content-Type": "application/zip"}
    )
    assert answer.status_code == 200, answer.text
    return link["name"]


async def import_appendix(fastlabel, slug, data):
    key = await sent(fastlabel, slug, data)
    return await fastlabel.send("POST", "contents/imports/appendix/batch", {"project": slug, "fileKey": key})


@pytest.mark.parametrize(
    "name", ["a.png//c.png", "a.png/x//c.png", "a.png/./c.png", "./a.png/x/c.png", "/a.png/x/c.png", "a.png/../c.png"]
)
async def test_paths_in_archives_are_written_in_one_way(fastlabel, name):
    slug = await fastlabel.project("image_bbox")
    await fastlabel.image(slug)
    answer = await import_appendix(fastlabel, slug, archive((name, picture("DISC", 0))))
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        f"x.zip has an entry whose name cannot be: {name!r}.",
    )
    assert await fastlabel.get("tasks/appendix", project=slug) == []


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
async def test_archives_are_stored_or_deflated(fastlabel, method):
    slug = await fastlabel.project("image_bbox")
    await fastlabel.image(slug)
    answer = await import_appendix(fastlabel, slug, archive(("a.png/b/c.png", picture("DISC", 0)), method=method))
    assert answer.status_code == 422
    assert "'a.png/b/c.png' in x.zip is compressed in a way that is not read here" in answer.json()["message"]


async def test_calibrations_are_found_without_looking_at_every_entry(fastlabel):
    slug = await fastlabel.project("image_bbox")
    await fastlabel.image(slug)
    pictures = [("a.png/b/c.png", picture("DISC", 0))]
    texts = [(f"a.png/b/{number}.txt", b"") for number in range(5_000)]
    answer = await import_appendix(fastlabel, slug, archive(*pictures, ("a.png/b/c.YML", b"k: 1"), *texts))
    assert answer.json()["contentCount"] == 1
    (found,) = await fastlabel.get("tasks/appendix", project=slug)
    assert (found["calibrationFileName"], found["format"], found["calibration"]) == ("a.png/b/c.YML", "yml", "k: 1")


async def test_people_of_a_task_are_told_to_those_who_may_know_them(fastlabel):
    slug = await fastlabel.project("image_bbox")
    task = await fastlabel.image(slug)
    reviewer = await fastlabel.member(slug, "REVIEWER")
    own = {one["userEmail"]: one["userSlug"] for one in await fastlabel.get("workspaces-users")}[fastlabel.person.email]
    await fastlabel.put(f"tasks/image/{task}", approver=own)
    assert (await reviewer.get(f"tasks/image/{task}"))["approver"] == own
    (project,) = await fastlabel.get("projects", slug=slug)
    await fastlabel.person.client.data(ANONYMIZE, {"id": project["id"]})
    assert (await fastlabel.get(f"tasks/image/{task}"))["approver"] == own
    for path in (f"tasks/image/{task}", f"tasks/image?project={slug}"):
        assert own not in (await reviewer.send("GET", path)).text


async def test_whom_somebody_does_not_know_they_cannot_name(fastlabel):
    slug = await fastlabel.project("image_bbox")
    task = await fastlabel.image(slug)
    manager = await fastlabel.member(slug, "TEAM_MANAGER")
    stranger = await fastlabel.organization.person()
    known = {one["userEmail"]: one["userSlug"] for one in await fastlabel.get("workspaces-users")}
    for named in (known[stranger.email], "nobody"):
        refusal = await manager.refused("PUT", f"tasks/image/{task}", {"approver": named})
        said = f"approver {named!r} is nobody that you know here; get_workspace_users lists the people."
        assert (refusal.status, refusal.message) == (422, said)
    assert (await fastlabel.get(f"tasks/image/{task}"))["approver"] is None


async def test_metadata_defined_at_once_are_all_there(fastlabel):
    slug = await fastlabel.project("image_bbox")
    await asyncio.gather(
        *(
            fastlabel.image(slug, f"{number}.png", metadatas=[{"key": f"k{number}", "value": "v"}])
            for number in range(6)
        ),
        fastlabel.member(slug, "LABELER"),
    )
    found = await fastlabel.get("metadatas", project=slug)
    assert sorted(one["key"] for one in found) == [f"k{number}" for number in range(6)]
    assert sorted(one["order"] for one in found) == [1, 2, 3, 4, 5, 6]
