"""Entities in texts, answers that nobody changes, and names that would be HTML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.common.documents import CREATE_PROJECT
from tests.page.api import Api
from tests.page.project import member, picture
from tests.page.test_labeling import SUBMIT, name
from tests.page.window import Page

EXAMPLES = Path(__file__).parents[1] / "domain/response/examples.json"
ENTITIES = {
    "jobs": {
        "ENT": {
            "mlTask": "NAMED_ENTITIES_RECOGNITION",
            "required": 0,
            "isChild": False,
            "content": {"input": "radio", "categories": {"NAME": {"name": "Name"}, "VERB": {"name": "Verb"}}},
        }
    }
}
TEXT = "Ada 🚒 wrote the first program."


def new_project(admin: Api, input_type: str, interface: dict[str, Any], title: str = "Texts") -> str:
    data = {"title": title, "description": "", "inputType": input_type, "jsonInterface": json.dumps(interface)}
    return str(admin.data(CREATE_PROJECT, data=data)["id"])


def labeled(admin: Api, project_id: str) -> list[dict[str, Any]]:
    labels = admin.labels("jsonResponse", project={"id": project_id}, typeIn=["DEFAULT"])
    return [json.loads(label["jsonResponse"]) for label in labels]


def select(page: Page, words: str) -> None:
    """Select words with the mouse, from the middle of the first character to the middle of the last one."""
    places = page.run(
        """const node = document.querySelector('.text-content').firstChild, at = node.data.indexOf(arguments[0]);
        const middle = (place) => { const range = document.createRange(); range.setStart(node, place); range.setEnd(node, place + 1);
          const box = range.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; };
        return [middle(at), middle(at + arguments[0].length - 1)];""",
        words,
    )
    mouse, builder = page._mouse()
    (left, top), (right, bottom) = places
    mouse.move_to_location(round(left), round(top))
    mouse.pointer_down()
    mouse.move_to_location(round((left + right) / 2), round(top))
    mouse.move_to_location(round(right), round(bottom))
    mouse.pointer_up()
    builder.perform()


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_an_entity_is_counted_in_characters_and_not_in_units(page: Page, admin: Api, by: str) -> None:
    project = new_project(admin, "TEXT", ENTITIES)
    admin.import_assets(project, contentArray=[TEXT], externalIDArray=["letter"])
    page.sign_in(member(admin, project), f"/label/projects/{project}/label").shows("wrote the first program")
    if by == "mouse":
        page.press("Verb")
        select(page, "rot")  # whole words are taken
    else:
        page.until(lambda: "text-content" in page.run("return document.activeElement.className"), "to focus the text")
        page.keys(*["Control+ArrowRight"] * 2, *["Control+ArrowLeft"], "Control+Shift+ArrowRight", "2")
    page.shows("“wrote”").keys(SUBMIT).shows("Nothing left for you")
    ((entity,),) = [answer["ENT"]["annotations"] for answer in labeled(admin, project)]
    wanted = {"beginOffset": 6, "endOffset": 11, "content": "wrote", "beginId": "main/[0]", "endId": "main/[0]"}
    assert {key: entity[key] for key in wanted} == wanted
    assert entity["categories"] == [{"name": "VERB"}]


def accepted(project: str) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """The interface of examples, nothing in it required, and the accepted ones."""
    examples = json.loads(EXAMPLES.read_text("utf-8"))
    interfaces = json.loads((EXAMPLES.parent / "projects.json").read_text("utf-8"))
    interface = interfaces[project]["jsonInterface"]
    for job in interface["jobs"].values():
        job["required"] = 0
    wanted = [one for one in examples if one["project"] == project and one["expect"] == "accept"]
    return interface, [(one["id"], one["jsonResponse"]) for one in wanted if one["labelType"] != "AUTOSAVE"]


@pytest.mark.parametrize(("kind", "input_type"), [("img", "IMAGE"), ("txt", "TEXT")])
def test_answers_that_nobody_changes_come_back_as_they_were(page: Page, admin: Api, kind: str, input_type: str) -> None:
    interface, examples = accepted(kind)
    project = new_project(admin, input_type, interface)
    contents = admin.upload(project, picture(64, 40), count=len(examples)) if kind == "img" else [TEXT] * len(examples)
    assets = admin.import_assets(project, contentArray=contents, externalIDArray=[name for name, _ in examples])
    for asset, (_, answer) in zip(assets, examples, strict=True):
        admin.label(asset, json.dumps(answer), label_type="PREDICTION", modelName="model")
    page.sign_in(member(admin, project), f"/label/projects/{project}/label")
    for example, _ in examples:
        page.until(lambda example=example: name(page) == example, f"to show {example}")
        page.keys(SUBMIT)
    page.shows("Nothing left for you")
    fields = "jsonResponse labelOf { externalId }"
    read = {}
    for label_type in ("PREDICTION", "DEFAULT"):
        labels = admin.labels(fields, project={"id": project}, typeIn=[label_type])
        read[label_type] = {one["labelOf"]["externalId"]: one["jsonResponse"] for one in labels}
    assert read["DEFAULT"] == read["PREDICTION"]
    assert len(read["DEFAULT"]) == len(examples)
