"""Names that would be more than text on a page that takes them for more."""

from __future__ import annotations

import copy
import json

from tests.page.api import Api
from tests.page.project import INTERFACE, new_project
from tests.page.test_labeling import SUBMIT, name, ready
from tests.page.window import Page

ODD = "<img src=x onerror=alert(1)>"
ASK = """
mutation ($issues: [IssueToCreate!]!, $where: AssetWhere!) { data: createIssues(issues: $issues, where: $where) { id } }"""


def test_names_are_text_wherever_they_stand(page: Page, admin: Api) -> None:
    interface = copy.deepcopy(INTERFACE)
    interface["jobs"]["THINGS"]["instruction"] = f"{ODD} things"  # type: ignore[index]
    interface["jobs"]["WEATHER"]["content"]["categories"]["SUN"]["name"] = f"{ODD} Sun"  # type: ignore[index]
    interface["jobs"]["THINGS"]["content"]["categories"]["CAR"]["name"] = f"{ODD} Car"  # type: ignore[index]
    project = new_project(admin, interface=interface, pictures=0, title=f"{ODD} project")
    first, _ = project.add_pictures(f"{ODD}.jpg", "javascript:alert(1)")
    labeler = project.labeler.api(page.url)
    labeler.data("mutation ($id: ID!) { data: lockAsset(assetID: $id) { id } }", id=first)
    labeler.data(ASK, issues=[{"type": "QUESTION", "text": f"{ODD} comment"}], where={"id": first})

    page.sign_in(project.labeler).shows(f"{ODD} project")
    page.open(f"{project.path}/assets/{first}")
    ready(page).shows(f"{ODD}.jpg", f"{ODD} Sun", f"{ODD} Car", f"{ODD} comment")
    page.press(f"{ODD} Sun").keys(SUBMIT)
    page.until(lambda: admin.count_labels(project={"id": project.id}, typeIn=["DEFAULT"]) == 1, "to submit")
    page.open(f"{project.path}/assets").until(lambda: name(page) or "jpg" in page.text, "to list")

    assert (
        page.run("return document.querySelectorAll('img[src=x], img[onerror], script:not([src]):not([type])').length")
        == 0
    )
    (label,) = admin.labels("jsonResponse", project={"id": project.id}, typeIn=["DEFAULT"])
    assert json.loads(label["jsonResponse"])["WEATHER"] == {"categories": [{"name": "SUN"}]}
