"""One store behind three doors: a task of FastLabel seen by the SDK, and labels of the SDK seen by FastLabel and data tasks."""

import base64
import json
import os
import sys
import urllib.request

from _support import ask, box, connect, png, report

KIND = {
    "key": "kind",
    "name": "Kind",
    "type": "radio",
    "options": [{"title": "Cat", "value": "cat"}, {"title": "Dog", "value": "dog"}],
}
NOTE = {"key": "note", "name": "Note", "type": "text"}
CAR = {"type": "bbox", "value": "car", "title": "Car", "color": "#ff0000"}


def door(verb, path, body=None):
    """What a door answers; FastLabel and data tasks take the same header."""
    request = urllib.request.Request(
        sys.argv[1] + path,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['KILI_API_KEY']}"},
        method=verb,
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def made_by_fastlabel(kind, classes, family, **labeled):
    """A project of FastLabel with one labeled task; answers the ids of both."""
    slug = kind.replace("_", "-")
    project_id = door(
        "POST", "/fastlabel/v1/projects", {"type": kind, "name": f"By {slug}", "slug": slug, "workflow": "two_step"}
    )
    path = "annotations/classification" if "attributes" in classes else "annotations"
    door("POST", f"/fastlabel/v1/{path}", {"project": slug, **classes})
    picture = base64.b64encode(png(100, 80, (200, 30, 30))).decode()
    task = {"project": slug, "name": "first.png", "file": picture, "status": "completed", **labeled}
    return project_id, door("POST", f"/fastlabel/v1/tasks/{family}", task)


def main():
    kili = connect()

    def seen(project_id):
        """Assets and labels of a project, as the SDK lists them."""
        assets = kili.assets(project_id, fields=["id", "externalId", "status"], disable_tqdm=True)
        labels = kili.labels(
            project_id, fields=["labelType", "jsonResponse", "author.email", "labelOf.id"], disable_tqdm=True
        )
        return assets, labels

    def append(project_id, asset_id, answer, label_type):
        kili.append_labels(
            project_id=project_id,
            asset_id_array=[asset_id],
            json_response_array=[answer],
            label_type=label_type,
            disable_tqdm=True,
        )

    def answered(project_id, task_id):
        """The classification as FastLabel and as data tasks read it."""
        task = door("GET", f"/fastlabel/v1/tasks/image/classification/{task_id}")
        ((item,),) = [one["items"] for one in door("GET", f"/dataapi/tasks?project_id={project_id}")["items"]]
        results = door("GET", f"/dataapi/projects/{project_id}/results")
        return {
            "fastlabel": [task["status"], {one["key"]: one["value"] for one in task["attributes"]}],
            "data tasks": [item["external_id"], item["status"], item["answers"]],
            "results": [one["answers"] for one in results],
        }

    classified, task = made_by_fastlabel(
        "image_classification",
        {"attributes": [KIND, NOTE]},
        "image/classification",
        attributes=[{"key": "kind", "value": "cat"}, {"key": "note", "value": "asleep"}],
    )
    assets, labels = seen(classified)
    by_fastlabel = {
        "assets": [[one["id"] == task, one["externalId"], one["status"]] for one in assets],
        "labels": [[one["labelOf"]["id"] == task, one["labelType"], one["jsonResponse"]] for one in labels],
        "by me": [one["author"]["email"] == ask("query { data: me { email } }", {})["email"] for one in labels],
        "read": answered(classified, task),
    }
    append(classified, task, {"kind": {"categories": [{"name": "dog"}]}, "note": {"text": "awake"}}, "DEFAULT")
    labeled = answered(classified, task)
    append(classified, task, {"kind": {"categories": [{"name": "cat"}]}}, "REVIEW")
    reviewed = answered(classified, task)

    drawn, boxed = made_by_fastlabel(
        "image_bbox", CAR, "image", annotations=[{"type": "bbox", "value": "car", "points": [10, 8, 30, 24]}]
    )
    (first,) = seen(drawn)[1]
    (annotation,) = first["jsonResponse"]["BBOX"]["annotations"]
    append(drawn, boxed, {"BBOX": {"annotations": [box("car", "moved", 0.5, 0.25, 0.75, 0.5)]}}, "DEFAULT")
    moved = door("GET", f"/fastlabel/v1/tasks/image/{boxed}")["annotations"]
    report(
        {
            "by fastlabel": by_fastlabel,
            "labeled": labeled,
            "reviewed": reviewed,
            "corners": [[one["x"], one["y"]] for one in annotation["boundingPoly"][0]["normalizedVertices"]],
            "moved": [[one["id"], one["value"], one["points"]] for one in moved],
        }
    )


if __name__ == "__main__":
    main()
