"""Addresses of what a person may not see: one page for all of them, and no answer that says more."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

from tests.common.server import ServerProcess
from tests.page.api import Api, Person
from tests.page.project import Project, member, new_project, person
from tests.page.window import Page

ASSIGN = """
mutation ($where: AssetWhere!, $ids: [String!]!) { data: assignAssets(where: $where, userIds: $ids) { succeeded { assetId } } }"""
ISSUE = """
mutation ($issues: [IssueToCreate!]!, $where: AssetWhere!) { data: createIssues(issues: $issues, where: $where) { id } }"""


def test_what_a_labeler_may_not_see_is_not_found_and_nothing_is_told(page: Page, project: Project, admin: Api) -> None:
    other = project.member()
    admin.data(ASSIGN, where={"id": project.assets[0]}, ids=[other.id])
    hidden = new_project(admin, pictures=1, title="Hidden project")
    project.add_pictures("known-by-nobody")
    secrets = ["Hidden project", "street-1", other.email, project.reviewer.email, hidden.labeler.email]
    usual: str | None = None
    page.record_answers().sign_in(project.labeler)
    for path in (
        "/label/projects/there-is-none/",
        "/label/projects/there-is-none/label",
        f"{project.path}/assets/there-is-none",
        f"{project.path}/assets/{project.assets[0]}",
        f"{project.path}/members",
        f"{project.path}/settings",
        f"{project.path}/settings/interface",
        f"{project.path}/export",
        f"{hidden.path}/",
        f"{hidden.path}/label",
        f"{hidden.path}/assets",
        f"{hidden.path}/assets/{hidden.assets[0]}",
        f"{hidden.path}/members",
        f"{hidden.path}/settings",
    ):
        page.open(path).shows("Not found")
        shown = page.run("return document.querySelector('main')?.innerText || document.body.innerText")
        usual = usual or shown
        assert shown == usual, path
        assert [secret for secret in secrets for answer in page.answers if secret in answer] == [], path


def test_a_person_without_projects_sees_none(page: Page, project: Project, admin: Api) -> None:
    page.record_answers().sign_in(person(admin))
    page.open("/label").until(lambda: page.answers, "to ask")
    page.open(project.path).shows("Not found")
    assert not any("Street" in answer for answer in page.answers)


def test_who_has_left_a_project_sees_it_no_more(page: Page, project: Project, admin: Api) -> None:
    leaving = member(admin, project.id, "REVIEWER")
    page.sign_in(leaving, project.path).shows("Street")
    admin.data(
        "mutation ($p: ID!, $e: String!) { data: deleteFromRoles(where: {project: {id: $p}, user: {email: $e}}) { id } }",
        p=project.id,
        e=leaving.email,
    )
    page.record_answers().reload().shows("Not found")
    assert not any("Street" in answer for answer in page.answers)


def foreign_administrator(server: ServerProcess) -> Person:
    """The administrator of another organization of the same server, as an operator makes one."""
    email, password = f"zoe-{secrets.token_hex(4)}@example.org", secrets.token_urlsafe(12)
    environment = {
        **os.environ,
        "LABELYARD_DATABASE_URL": server.database_url,
        "LABELYARD_ALLOW_UNSAFE_DATABASE": "true",
    }
    command = [str(Path(sys.executable).with_name("labelyard")), "user", "create", email, "--role", "ADMIN"]
    more = ["--password-stdin", "--new-organization", f"Other {secrets.token_hex(4)}"]
    subprocess.run(
        [*command, *more], env=environment, input=password + "\n", text=True, check=True, capture_output=True
    )
    return Person("", email, password)


def test_the_administrator_of_another_organization_finds_nothing_of_this_one(
    page: Page, project: Project, page_server: ServerProcess
) -> None:
    label = project.admin.label(project.assets[0], "{}")
    project.admin.data(
        ISSUE,
        issues=[{"type": "ISSUE", "labelID": label, "text": "A secret issue", "assetId": project.assets[0]}],
        where={"id": project.assets[0]},
    )
    theirs = ["Street", "street-1", "A secret issue", project.labeler.email, project.reviewer.email, "THINGS"]
    page.record_answers().sign_in(foreign_administrator(page_server)).shows("No projects yet")
    usual: str | None = None
    for below in (
        "",
        "/label",
        "/review",
        "/issues",
        "/members",
        "/settings",
        "/settings/interface",
        "/assets",
        "/assets?import=1",
        f"/assets/{project.assets[0]}",
        f"/assets/{project.assets[0]}?review=1",
        "/assets/%2e%2e",
        "/%00",
    ):
        page.open(project.path + below).shows("Not found")
        shown = page.run("return document.querySelector('main')?.innerText || document.body.innerText")
        usual = usual or shown
        assert shown == usual, below
        assert [secret for secret in theirs for answer in page.answers if secret in answer] == [], below


def test_an_asset_under_the_address_of_another_project_is_not_found(page: Page, project: Project, admin: Api) -> None:
    """Whoever may see both, an address names one thing."""
    other = new_project(admin, pictures=1, title="Harbour")
    page.sign_in(project.member("ADMIN"), f"{project.path}/assets/{other.assets[0]}").shows("Not found")
    assert admin.assets("numberOfValidLocks", id=other.assets[0], project={"id": other.id}) == [
        {"numberOfValidLocks": 0}
    ]
