"""Setting a project up and keeping it running: interface, members, issues, settings, account."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from selenium.webdriver.common.by import By

from tests.page.api import Api
from tests.page.project import INTERFACE, Project, box, new_project, person
from tests.page.window import Page

PROJECTS = """
query ($where: ProjectWhere!) {
  data: projects(where: $where, first: 10, skip: 0) { id title archived inputType jsonInterface }
}"""
MEMBERS = """
query ($where: ProjectUserWhere!) {
  data: projectUsers(where: $where, first: 100, skip: 0) { role user { email } }
}"""
CREATE_ISSUES = """
mutation ($issues: [IssueToCreate!]!, $where: AssetWhere!) { data: createIssues(issues: $issues, where: $where) { id } }"""


def roles(project: Project) -> dict[str, str]:
    found = project.admin.data(MEMBERS, where={"project": {"id": project.id}, "deleted": False})
    return {member["user"]["email"]: member["role"] for member in found}


def write(page: Page, text: str) -> None:
    """Put a text into the editor of an interface at once."""
    area = page.find(".editor-area")
    page.run(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', { bubbles: true }))",
        area,
        text,
    )


def test_a_project_begins_in_the_browser(page: Page, admin: Api) -> None:
    founder = person(admin, firstname="Grace", lastname="Hopper")
    page.sign_in(founder).shows("No projects yet").press("New project")
    page.fill("Title", "Reviews of films").press("Text").press("Words in a text").shows("Entities")
    assert page.violations() == []
    page.press("Create the project").shows("Import assets")
    page.fill("Or paste texts", "A fine film\nA long one").press("Import 2 assets").shows("2 added").press("Close")
    page.shows("2 assets")
    (made,) = founder.api(page.url).data(PROJECTS, where={"searchQuery": "Reviews of films"})
    assert made["inputType"] == "TEXT"
    assert list(json.loads(made["jsonInterface"])["jobs"]) == ["ENTITIES"]


def test_a_refused_interface_is_shown_at_its_line_and_a_good_one_reaches_labelers(
    page: Page, new_page: Callable[[], Page], project: Project
) -> None:
    manager = project.member("ADMIN")
    labeler = new_page().sign_in(project.labeler, project.path + "/label").shows("Weather")
    page.sign_in(manager, project.path + "/settings").press("Edit the interface").shows("Preview")
    assert page.violations() == []
    bad = json.loads(json.dumps(INTERFACE))
    bad["jobs"]["WEATHER"]["mlTask"] = "CLASSIFY"
    text = json.dumps(bad, indent=2)
    write(page, text)
    page.press("Save").shows("CLASSIFY")
    line = next(number for number, words in enumerate(text.splitlines(), 1) if "CLASSIFY" in words)
    page.shows(f"Line {line}")
    good = json.loads(json.dumps(INTERFACE))
    good["jobs"]["WEATHER"]["content"]["categories"]["FOG"] = {"name": "Thick fog"}
    write(page, json.dumps(good))
    page.until(lambda: "Thick fog" in page.find(".editor-preview").text, "to show the category in the preview")
    page.press("Save").shows("The interface is saved")
    (stored,) = project.admin.data(PROJECTS, where={"id": project.id})
    assert json.loads(stored["jsonInterface"]) == good
    assert labeler.text.count("Weather") >= 1


def test_what_labels_would_lose_is_counted_first(page: Page, project: Project) -> None:
    answer = {"THINGS": {"annotations": [box(0.1, 0.1, 0.2, 0.2, category="PERSON", mid="1")]}}
    for asset in project.assets[:2]:
        project.admin.label(asset, json.dumps(answer))
    page.sign_in(project.member("ADMIN"), project.path + "/settings/interface").shows("Preview")
    smaller = json.loads(json.dumps(INTERFACE))
    del smaller["jobs"]["THINGS"]["content"]["categories"]["PERSON"]
    write(page, json.dumps(smaller))
    page.press("Save").shows("THINGS.PERSON: 2 labels.").press("Cancel")
    page.hides("Labels use what you take away")
    (stored,) = project.admin.data(PROJECTS, where={"id": project.id})
    assert json.loads(stored["jsonInterface"]) == INTERFACE


def test_members_are_invited_changed_and_removed(page: Page, project: Project) -> None:
    somebody = person(project.admin, firstname="Mary", lastname="Jackson")
    manager = project.member("TEAM_MANAGER")
    page.sign_in(manager, project.path + "/members").shows("Lena Labeler")
    assert page.violations() == []
    assert page.overflow() <= 0
    page.press("Invite").fill("E-mail", somebody.email)
    page.until(lambda: page.all("dialog button[type=submit]"), "to show the dialog")[0].click()
    page.shows("Mary Jackson")
    assert roles(project)[somebody.email] == "LABELER"
    select = page.find("select[aria-label='Role of Mary Jackson']")
    select.find_element(By.CSS_SELECTOR, "option[value=REVIEWER]").click()
    page.shows("has the role Reviewer")
    assert roles(project)[somebody.email] == "REVIEWER"
    page.press("Remove Mary Jackson")
    page.until(lambda: page.all("dialog button.danger"), "to ask")[0].click()
    page.shows("Mary Jackson is no longer a member")
    assert somebody.email not in roles(project)


def test_an_issue_is_answered_and_solved(page: Page, project: Project) -> None:
    label = project.admin.label(project.assets[0], "{}")
    issue = {
        "assetId": project.assets[0],
        "labelID": label,
        "type": "ISSUE",
        "text": "The <b>left</b> box is too small",
    }
    project.admin.data(CREATE_ISSUES, issues=[issue], where={"id": project.assets[0]})
    page.sign_in(project.reviewer, project.path + "/issues").shows("The <b>left</b> box is too small", "street-1")
    assert page.violations() == []
    page.fill("Reply", "Which one?").press("Send", exact=True).shows("Which one?")
    page.press("Solve").shows("Nothing is open").press("Solved").shows("Which one?")
    (found,) = project.admin.issues("status comments { text }", project={"id": project.id})
    assert found == {"status": "SOLVED", "comments": [{"text": issue["text"]}, {"text": "Which one?"}]}


def test_a_project_is_archived_and_deleted_by_its_title(page: Page, admin: Api) -> None:
    project = new_project(admin, pictures=0, title="Harbour")
    page.sign_in(project.member("ADMIN"), project.path + "/settings").fill("Title", "Harbour 2").press("Save")
    page.shows("The settings are saved")
    page.press("Archive", exact=True).shows("The project is archived: it takes no changes")
    assert admin.data(PROJECTS, where={"id": project.id})[0] | {"jsonInterface": ""} == {
        "id": project.id, "title": "Harbour 2", "archived": True, "inputType": "IMAGE", "jsonInterface": "",
    }  # fmt: skip
    page.press("Delete", exact=True).fill("Type its title", "Harbour")
    assert not page.find("dialog button.danger").is_enabled()
    page.fill("Type its title", "Harbour 2").click("dialog button.danger").shows("Harbour 2 is deleted")
    assert admin.data(PROJECTS, where={"id": project.id}) == []


def test_a_password_and_a_key_of_ones_own(page: Page, project: Project) -> None:
    page.sign_in(project.labeler).shows("Street").open("/label/account").shows("API keys")
    assert page.violations() == []
    page.fill("Name of a new key", "laptop").press("Make a key").shows("It is shown only now")
    key = page.find(".account-key code").text
    assert Api(page.url, f"X-API-Key: {key}").data("query { data: viewer { id } }") == {"id": project.labeler.id}
    page.fill("Present password", project.labeler.password)
    for field in page.all("input[autocomplete=new-password]"):
        field.send_keys("a-new-password-7")
    page.press("Change the password").shows("The password is changed")
    page.open(project.path).shows("Street")


@pytest.mark.parametrize("path", ["/members", "/settings", "/settings/interface"])
def test_what_a_labeler_may_not_open_looks_like_what_does_not_exist(page: Page, project: Project, path: str) -> None:
    page.sign_in(project.labeler, project.path + path).shows("There is nothing at this address")
    shown = page.find("#main").text
    page.open("/label/projects/nowhere" + path).shows("There is nothing at this address")
    assert page.find("#main").text == shown
