"""Comments on tasks: who may say and take back what, and where in a task of several contents."""

from tests.file_samples import png
from tests.server.door.fastlabel.conftest import encoded

CAT = {"type": "bbox", "value": "cat", "title": "Cat"}


async def test_a_comment_on_one_of_several_contents_says_which(fastlabel):
    slug = await fastlabel.project("sequential_image_bbox", CAT)
    contents = [{"name": f"{number}.png", "file": encoded(png(5, 5))} for number in (1, 2)]
    task = await fastlabel.post("tasks/sequential-image", project=slug, name="s", contents=contents)
    named = {one["name"]: one["id"] for one in (await fastlabel.get(f"tasks/sequential-image/{task}"))["contents"]}
    body = {"taskId": task, "text": "Look", "points": [1, 2]}
    for wrong, said in (
        ({}, "contentName or contentId"),
        ({"contentName": "3.png"}, "'3.png'"),
        ({"contentId": "x"}, "'x'"),
    ):
        refused = await fastlabel.refused("POST", "comments", {**body, **wrong})
        assert (refused.status, said in refused.message) == (422, True)
    assert await fastlabel.get("comments", project=slug, taskId=task) == []
    made = await fastlabel.post("comments", **body, contentName="2.png")
    assert (made["contentId"], made["contentName"]) == (named["2.png"], "2.png")
    made = await fastlabel.post("comments", **body, contentId=named["1.png"], isResolved=True)
    assert (made["contentName"], made["isResolved"]) == ("1.png", True)


async def test_others_threads_are_left_to_those_who_handle_issues(fastlabel, stranger):
    slug = await fastlabel.project("image_bbox", CAT)
    task = await fastlabel.image(slug)
    made = await fastlabel.post("comments", taskId=task, text="Look", points=[])
    (thread,) = made["threads"]
    reviewer, labeler = [await fastlabel.member(slug, role) for role in ("REVIEWER", "LABELER")]
    for person, status in ((stranger, 404), (labeler, 404)):
        assert (await person.refused("PUT", f"comments/threads/{thread['id']}", {"text": "No"})).status == status
        assert (await person.refused("DELETE", f"comments/threads/{thread['id']}")).status == status
        assert (await person.refused("POST", f"comments/{made['id']}/threads", {"text": "No"})).status == status
    said = await reviewer.post(f"comments/{made['id']}/threads", text="Where?")
    assert [one["text"] for one in said["threads"]] == ["Look", "Where?"]
    await reviewer.put(f"comments/threads/{thread['id']}", text="Look there")
    await reviewer.delete(f"comments/threads/{said['threads'][1]['id']}")
    (found,) = await fastlabel.get("comments", project=slug, taskId=task)
    assert [one["text"] for one in found["threads"]] == ["Look there"]
