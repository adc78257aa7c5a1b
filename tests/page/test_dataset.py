"""The dataset of a project: filters, selection, actions on many, importing."""

from __future__ import annotations

from pathlib import Path

from tests.page.api import Api
from tests.page.project import Project, new_project, picture
from tests.page.window import Page


def names(page: Page) -> list[str]:
    return [str(element.text) for element in page.all(".table-rows a")]


def test_an_overview_leads_to_the_assets_of_a_state(page: Page, project: Project) -> None:
    page.sign_in(project.reviewer, project.path).shows("Where the assets stand")
    assert page.violations() == []
    page.press("To do")
    page.until(lambda: page.path.endswith("/assets?status=TODO"), "to be at the dataset")


def test_a_filter_by_name_and_state_stands_in_the_address(page: Page, project: Project) -> None:
    project.add_pictures("harbour-1", "harbour-2")
    manager = project.member("TEAM_MANAGER")
    page.sign_in(manager, project.path + "/assets").shows("5 assets")
    assert page.violations() == []
    page.fill("Search by name", "harb").shows("2 assets")
    page.until(lambda: names(page) == ["harbour-1", "harbour-2"], "to list both")
    page.press("Labeled").shows("No asset fits these filters")
    assert page.path.endswith("?name=harb&status=LABELED")
    page.reload().shows("No asset fits these filters").press("Clear the filters").shows("5 assets")


def test_all_that_match_get_a_priority(page: Page, admin: Api) -> None:
    project = new_project(admin, pictures=0, input_type="TEXT")
    for start in range(0, 1_500, 500):
        numbers = range(start, start + 500)
        admin.import_assets(
            project.id,
            contentArray=[f"text {number}" for number in numbers],
            externalIDArray=[f"{'even' if number % 2 == 0 else 'odd'}-{number}" for number in numbers],
        )
    manager = project.member("ADMIN")
    page.sign_in(manager, project.path + "/assets?name=even-&status=TODO").shows("750 assets")
    page.run("const table = document.querySelector('.table'); table.scrollTop = table.scrollHeight")
    page.until(lambda: "even-1498" in names(page), "to show the last row")
    assert len(page.all(".table-rows .table-row")) <= 60
    page.press("Choose all that match").shows("All 750 that match").press("Set priority")
    page.fill("Priority", "5").press("Set", exact=True).shows("Set priority: 750 assets")
    asked = admin.assets("externalId priority", project={"id": project.id}, first=1000)
    assert {asset["priority"] for asset in asked if asset["externalId"].startswith("even")} == {5}
    assert {asset["priority"] for asset in asked if asset["externalId"].startswith("odd")} == {0}


def test_files_are_imported_once(page: Page, project: Project, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("street-1", "new-1.png", "new-2.png")]
    for path in paths:
        path.write_bytes(picture(64, 48))
    administrator = project.member("ADMIN")
    page.sign_in(administrator, project.path + "/assets").press("Import")
    page.choose_files("input[type=file]", *paths).shows("3 files chosen").press("Import 3 assets")
    page.shows("2 added", "1 was there already")
    page.press("Close")
    page.shows("5 assets")
    found = project.admin.assets("externalId resolution { width height }", project={"id": project.id})
    assert found[-2:] == [
        {"externalId": "new-1.png", "resolution": {"width": 64, "height": 48}},
        {"externalId": "new-2.png", "resolution": {"width": 64, "height": 48}},
    ]


def test_a_line_that_is_refused_is_named_and_stops_no_other(page: Page, admin: Api) -> None:
    project = new_project(admin, pictures=0, input_type="TEXT")
    page.sign_in(project.member("ADMIN"), project.path + "/assets?import=1").shows("Import assets")
    long = "n" * 501
    page.fill("Or paste texts", f"{long}|one\ngood|two")
    page.run("arguments[0].value = arguments[0].value.replaceAll('|', '\\t')", page.field("Or paste texts"))
    page.run("arguments[0].dispatchEvent(new Event('input', { bubbles: true }))", page.field("Or paste texts"))
    page.press("Import 2 assets")
    page.shows("1 added", "1 could not be imported", "nnnn")
    assert project.admin.assets("externalId", project={"id": project.id}) == [{"externalId": "good"}]
