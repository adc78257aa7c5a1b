"""Addresses of what a person may not see: one page for all of them, and no answer that says more."""

from __future__ import annotations

from tests.page.api import Api
from tests.page.project import Project, member, new_project, person
from tests.page.window import Page

CREATE_ORGANIZATION = "mutation ($data: CreateOrganizationData!) { data: createOrganization(data: $data) { id } }"
ASSIGN = """
mutation ($where: AssetWhere!, $ids: [String!]!) { data: assignAssets(where: $where, userIds: $ids) { succeeded { assetId } } }"""
UPDATE_PROJECT = """
mutation ($data: ProjectData!, $where: ProjectWhere!) { data: updatePropertiesInProject(data: $data, where: $where) { id } }"""


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
