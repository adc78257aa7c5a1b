"""Tags, versions and public tokens, through the calls that a release has for them."""

import json

from _support import CLASSIFICATION_INTERFACE, THING, WEATHER, connect, refusal_of, release, report

WITH_THINGS = {"jobs": {"WEATHER": WEATHER, "THING": THING}}


def new_project(kili, title):
    return kili.create_project(title=title, input_type="IMAGE", json_interface=CLASSIFICATION_INTERFACE)["id"]


def tags(kili):
    """What becomes of tags, read by separate calls."""
    first, second = new_project(kili, "First"), new_project(kili, "Second")

    def on(project_id):
        return [tag["label"] for tag in kili.tags(project_id, fields=("id", "label"))]

    def tagged(*labels):
        listed = kili.projects(tags_in=list(labels), fields=["id", "title", "tags.label"], disable_tqdm=True)
        assert kili.count_projects(tags_in=list(labels)) == len(list(listed)) if release() >= (26,) else True
        return {project["title"]: [tag["label"] for tag in project["tags"]] for project in listed}

    made = [
        kili.create_tag(name) if release() < (26,) else kili.create_tag(name, color="#00ff00") for name in ("a", "b")
    ]
    seen = {"listed": [tag["label"] for tag in kili.tags()]}
    kili.tag_project(first, tags=["a", "b"], disable_tqdm=True)
    kili.tag_project(second, tag_ids=[made[1]["id"]], disable_tqdm=True)
    seen["tagged"] = [on(first), on(second)]
    seen["checked"] = [len(tag["checkedForProjects"]) for tag in kili.tags()]
    seen["found"] = [tagged("a"), tagged("b")]
    seen["renamed"] = [kili.update_tag(tag_name="a", new_tag_name="c")["id"] == made[0]["id"], on(first)]
    kili.untag_project(first, tags=["b"], disable_tqdm=True)
    seen["untagged"] = [on(first), on(second)]
    kili.untag_project(first, all=True, disable_tqdm=True)
    seen["nothing left"] = on(first)
    seen["deleted"] = [kili.delete_tag(tag_name="b"), on(second), [tag["label"] for tag in kili.tags()]]
    kili.delete_tag(tag_id=made[0]["id"])
    return seen


def versions(kili):
    """What is kept of a project's interfaces."""
    project_id = new_project(kili, "Versions")
    kili.update_properties_in_project(project_id=project_id, json_interface=WITH_THINGS)

    def listed():
        fields = ["createdAt", "id", "content", "name", "projectId"]
        return list(kili.project_version(project_id=project_id, fields=fields))

    first, second = listed()
    kili.update_properties_in_project_version(project_version_id=first["id"], content="https://files.example/1.zip")
    return {
        "names": [first["name"], second["name"]],
        "jobs": [sorted(json.loads(version["content"])["jobs"]) for version in (first, second)],
        "of": {first["projectId"], second["projectId"]} == {project_id},
        "count": kili.count_project_versions(project_id=project_id),
        "written": next(version["content"] for version in listed()),
    }


def publication(kili):
    """The token of a project, which releases answer in two forms and cannot list: it is the same when it is asked for again."""
    project_id, other = new_project(kili, "Public"), new_project(kili, "Public, too")
    answers = [kili.make_project_public(identifier) for identifier in (project_id, project_id, other)]
    first, second, third = (answer if isinstance(answer, str) else answer["publicToken"] for answer in answers)
    return [len(first), first == second, first != third]


def main():
    kili = connect()
    seen = {}
    if hasattr(kili, "create_tag"):
        seen["tags"] = tags(kili)
        seen["refused"] = type(refusal_of(kili.tag_project, project_id="nothing", tags=["a"])).__name__
    if hasattr(kili, "project_version"):
        seen["versions"] = versions(kili)
    # 2.89 to 2.103 send a document that is no GraphQL.
    if hasattr(kili, "make_project_public") and not (2, 89) <= release() <= (2, 103, 0):
        seen["publication"] = publication(kili)
    return seen


if __name__ == "__main__":
    report(main())
