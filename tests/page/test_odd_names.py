"""Names that would be more than text on a page that takes them for more, or that leave no room for anything else."""

from __future__ import annotations

import copy
import json
import re

import pytest

from tests.page.api import Api
from tests.page.project import INTERFACE, Project, box, member, new_project
from tests.page.test_every_page import HAS_STAGE, NARROW, PATTERNS, address, settled
from tests.page.test_labeling import PICTURE, SUBMIT, name, ready
from tests.page.window import Page

ODD = {
    "a tag": "<img src=x onerror=alert(1)>",
    "a script": "</script><script>alert(1)</script>${alert(1)}{{alert(1)}}",
    "right to left": "\u202e\u2066gnp.\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627\u202c",
    "no end": "W" * 5_000,
}
ASK = """
mutation ($issues: [IssueToCreate!]!, $where: AssetWhere!) { data: createIssues(issues: $issues, where: $where) { id } }"""
UPDATE = (
    "mutation ($id: ID!, $data: ProjectData!) { data: updatePropertiesInProject(data: $data, where: {id: $id}) { id } }"
)
MADE_OF_TEXT = "return document.querySelectorAll('img[src=x], [onerror], script:not([src], [type])').length"


def odd_project(admin: Api, odd: str) -> Project:
    """A project in which everything that people name has an odd name, as long as it may be."""
    interface = copy.deepcopy(INTERFACE)
    jobs = interface["jobs"]
    for job in ("THINGS", "WEATHER", "PLATE"):
        jobs[job]["instruction"] = f"{odd} job"  # type: ignore[index]
    for job, category in (("THINGS", "CAR"), ("WEATHER", "SUN"), ("COLOR", "RED")):
        jobs[job]["content"]["categories"][category]["name"] = f"{odd} {category}"  # type: ignore[index]
    project = new_project(admin, interface=interface, pictures=0, title=f"{odd[:480]} project")
    admin.data(UPDATE, id=project.id, data={"instructions": f"{odd} instructions", "description": f"{odd} description"})
    first, second = project.add_pictures(f"{odd[:480]}.jpg", "javascript:alert(1)")
    member(admin, project.id, "LABELER", firstname=odd[:200], lastname="Hopper")
    answer = {
        "THINGS": {"annotations": [box(0.2, 0.2, 0.4, 0.4, mid="the-box")]},
        "WEATHER": {"categories": [{"name": "SUN"}]},
    }
    label = project.labeler.api(admin.url).label(first, json.dumps(answer))
    project.admin.label(second, json.dumps(answer), label_type="PREDICTION", modelName=odd[:200])
    issue = {"type": "ISSUE", "text": f"{odd} comment", "labelID": label, "objectMid": "the-box", "assetId": first}
    admin.data(ASK, issues=[issue], where={"id": first})
    return project


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_names_are_text_and_leave_room_on_every_page(page: Page, admin: Api, odd: str) -> None:
    project = odd_project(admin, odd)
    page.prefer(reduced_motion="reduce")
    page.sign_in(project.member("ADMIN")).until(lambda: odd[:20] in page.text, "to list the project")
    wide: dict[str, int] = {}
    for pattern in PATTERNS:
        settled(page.open(address(pattern, project)))
        for width in (1440, NARROW):
            page.resize(width, 900)
            page.picture(f"{re.sub('[^a-z]+', '-', pattern).strip('-') or 'projects'}-odd-{len(odd)}-{width}")
            if pattern not in HAS_STAGE or width > NARROW:
                wide[f"{pattern} at {width}"] = page.overflow()
        page.resize(1440, 900)
        assert page.run(MADE_OF_TEXT) == 0, pattern
    assert {where: pixels for where, pixels in wide.items() if pixels > 0} == {}


@pytest.mark.parametrize("odd", [ODD["a tag"], ODD["no end"]], ids=["a tag", "no end"])
def test_a_labeler_works_among_odd_names(page: Page, admin: Api, odd: str) -> None:
    project = odd_project(admin, odd)
    ready(page.sign_in(project.labeler, f"{project.path}/label"))
    assert name(page) == "javascript:alert(1)"
    page.press("Instructions").until(lambda: f"{odd} instructions" in page.text, "to show the instructions")
    page.keys("Escape").click_at(PICTURE, 0.3, 0.3).control("Deselect")
    shown = page.run("return document.querySelector('.selected-name').textContent")
    assert shown == f"{odd} CAR"
    page.press("Ask").fill("Your question", f"{odd[:1_000]} question").press("Send", exact=True)
    page.until(lambda: f"{odd[:1_000]} question" in page.text, "to show the question")
    page.press(f"{odd} RED").keys(SUBMIT).shows("Nothing left for you")
    assert page.run(MADE_OF_TEXT) == 0
    labels = admin.labels("jsonResponse", project={"id": project.id}, typeIn=["DEFAULT"])
    car = json.loads(labels[-1]["jsonResponse"])["THINGS"]["annotations"][0]
    assert car["children"] == {"COLOR": {"categories": [{"name": "RED"}]}}
