"""Projects: made, named, changed, copied, deleted; those of other doors have a slug and a type of their own."""

import pytest

from tests.common.world import WEATHER


async def test_a_project_is_made_found_changed_and_deleted(fastlabel):
    body = {"type": "image_bbox", "name": "Cats", "slug": "cats-1", "workflow": "three_step", "jobSize": 20}
    made = await fastlabel.post("projects", **body)
    expected = {
        "id": made,
        "type": "image_bbox",
        "slug": "cats-1",
        "name": "Cats",
        "isPixel": False,
        "jobSize": 20,
        "status": "active",
        "workflow": "three_step",
        "externalWorkflow": "two_step",
        "externalCode1": None,
        "externalCode2": None,
        "externalCode3": None,
    }

    async def found():
        (project,) = await fastlabel.get("projects", slug=expected["slug"])
        assert await fastlabel.get(f"projects/{made}") == project
        assert len(project.pop("createdAt")) == len(project.pop("updatedAt")) == len("2026-01-01T00:00:00.000Z")
        return project

    assert await found() == expected
    assert await fastlabel.put(f"projects/{made}", name="Dogs", slug="dogs-1", jobSize=5) == made
    expected |= {"name": "Dogs", "slug": "dogs-1", "jobSize": 5}
    assert await found() == expected
    assert await fastlabel.put(f"projects/{made}/metadata", externalCode1="A", externalCode2=None) == made
    expected |= {"externalCode1": "A"}
    assert await found() == expected
    assert await fastlabel.get("projects", slug="cats-1") == []
    told = await fastlabel.person.client.data(
        "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { title inputType } }", {"id": made}
    )
    assert told == [{"title": "Dogs", "inputType": "IMAGE"}]
    await fastlabel.delete(f"projects/{made}")
    assert await fastlabel.get("projects", slug="dogs-1") == []
    assert (await fastlabel.refused("GET", f"projects/{made}")).status == 404
    # The slug is free again.
    await fastlabel.post("projects", **{**body, "slug": "dogs-1"})


async def test_a_slug_names_one_project(fastlabel):
    body = {"type": "image_all", "name": "A", "slug": "taken"}
    await fastlabel.post("projects", **body)
    refused = await fastlabel.refused("POST", "projects", {**body, "name": "B"})
    assert (refused.status, "taken" in refused.message) == (409, True)
    assert len(await fastlabel.get("projects")) == 1


async def test_slugs_of_another_organization_are_free_and_its_projects_not_there(fastlabel, stranger):
    made = await fastlabel.post("projects", type="image_all", name="A", slug="same")
    await stranger.post("projects", type="image_all", name="A", slug="same")
    assert (await stranger.refused("GET", f"projects/{made}")).status == 404
    assert (await stranger.refused("GET", "annotations", project="none")).status == 404
    for verb in ("PUT", "DELETE"):
        assert (await stranger.refused(verb, f"projects/{made}", {"name": "B"})).status == 404
    assert [project["id"] for project in await fastlabel.get("projects")] == [made]


TYPES = {
    "boxes": ("IMAGE", {"PLACE": WEATHER["jobs"]["PLACE"]}, "image_bbox"),
    "questions": ("IMAGE", {"WEATHER": WEATHER["jobs"]["WEATHER"]}, "image_classification"),
    "both": ("IMAGE", WEATHER["jobs"], "image_all"),
    "nothing": ("IMAGE", {}, "image_all"),
    "text": ("TEXT", {}, "text_ner"),
    "a question about texts": ("TEXT", {"WEATHER": WEATHER["jobs"]["WEATHER"]}, "text_single_classification"),
    "sounds": ("AUDIO", {"WEATHER": WEATHER["jobs"]["WEATHER"]}, "audio_single_classification"),
    "films": ("VIDEO", {"PLACE": WEATHER["jobs"]["PLACE"]}, "video_bbox"),
}


@pytest.mark.parametrize(("input_type", "jobs", "kind"), TYPES.values(), ids=TYPES)
async def test_a_project_of_another_door_has_a_type_and_a_slug(fastlabel, organization, input_type, jobs, kind):
    first = await organization.project(interface={"jobs": jobs}, inputType=input_type, title="My  Project (2)!")
    second = await organization.project(interface={"jobs": jobs}, inputType=input_type, title="my project 2")
    assert await fastlabel.get("projects/map/id-slug") == {first.id: "my-project-2", second.id: "my-project-2-2"}
    (found,) = await fastlabel.get("projects", slug="my-project-2")
    assert (found["id"], found["type"], found["name"]) == (first.id, kind, "My  Project (2)!")


async def test_a_slug_may_be_used_before_anything_was_listed(fastlabel, organization):
    await organization.project(title="Later")
    assert await fastlabel.get("tasks/count", project="later") == 0


async def test_a_copy_has_classes_and_members_but_no_tasks(fastlabel, organization):
    slug = await fastlabel.project("image_bbox", {"type": "bbox", "value": "cat", "title": "Cat", "order": 3})
    (source,) = await fastlabel.get("projects", slug=slug)
    await fastlabel.image(slug)
    copied = await fastlabel.post("projects/copy", id=source["id"], name="Copy", slug="copy")
    (copy,) = await fastlabel.get("projects", slug="copy")
    assert (copy["id"], copy["name"], copy["type"]) == (copied, "Copy", "image_bbox")
    (before,), (after,) = [await fastlabel.get("annotations", project=one) for one in (slug, "copy")]
    assert {**before, "id": after["id"]} == after
    assert before["id"] != after["id"]
    assert await fastlabel.get("tasks/count", project="copy") == 0
    again = await fastlabel.post("projects/copy", id=source["id"])
    assert (await fastlabel.get(f"projects/{again}"))["slug"] == f"{slug.lower()}-2"


REFUSED = {
    "an unknown type": ({"type": "image_cube", "name": "A", "slug": "a"}, "type is one of"),
    "no name": ({"type": "image_all", "slug": "a"}, "needs a name"),
    "no slug": ({"type": "image_all", "name": "A"}, "needs a slug"),
    "a slug with a slash": ({"type": "image_all", "name": "A", "slug": "a/b"}, "'a/b'"),
    "a number for a slug": ({"type": "image_all", "name": "A", "slug": 1}, "slug is a text"),
    "an unknown workflow": (
        {"type": "image_all", "name": "A", "slug": "a", "workflow": "none"},
        "two_step, three_step",
    ),
    "jobs of no size": ({"type": "image_all", "name": "A", "slug": "a", "jobSize": 0}, "jobSize"),
}


@pytest.mark.parametrize(("body", "said"), REFUSED.values(), ids=REFUSED)
async def test_a_project_that_cannot_be_is_refused(fastlabel, body, said):
    refused = await fastlabel.refused("POST", "projects", body)
    assert refused.status == 422
    assert said in refused.message
    assert await fastlabel.get("projects") == []


async def test_only_administrators_change_a_project(fastlabel):
    slug = await fastlabel.project("image_all")
    (project,) = await fastlabel.get("projects", slug=slug)
    labeler = await fastlabel.member(slug, "LABELER")
    assert (await labeler.get("projects", slug=slug))[0]["name"] == "A project"
    for verb, path, body in (
        ("PUT", f"projects/{project['id']}", {"name": "B"}),
        ("PUT", f"projects/{project['id']}/metadata", {"externalCode1": "B"}),
        ("DELETE", f"projects/{project['id']}", None),
        ("POST", "projects/copy", {"id": project["id"]}),
        ("POST", "annotations", {"project": slug, "type": "bbox", "value": "a", "title": "A"}),
    ):
        assert (await labeler.refused(verb, path, body)).status == 403
    assert await fastlabel.get(f"projects/{project['id']}") == project


async def test_a_key_that_is_unknown_is_refused_readably(fastlabel):
    answer = await fastlabel.http.get("/fastlabel/v1/projects", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
    assert set(answer.json()) == {"statusCode", "error", "message"}
