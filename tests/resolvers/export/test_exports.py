"""Asking for exports, following and cancelling them, who reads them, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import zipfile
from collections import Counter
from dataclasses import replace

import pytest

from labelyard.domain.error import TimedOut
from labelyard.domain.export import ExportFormat, ExportLayout, ExportOptions
from labelyard.resolvers.export import job as making
from labelyard.services.export.conversion import FOLDER, Conversion
from labelyard.services.export.request import remove_old_exports
from labelyard.services.job.handler import HANDLERS
from labelyard.storage.blob import LocalBlobs
from labelyard.storage.job import JobClaim
from labelyard.storage.work_folder import remove_left_folders
from tests.common.export import CANCEL, CREATE, EXPORTS, create, ended, exported, fetched, files_of
from tests.common.world import WEATHER, answer

COUNT = "query ($where: ProjectExportWhere!) { data: countProjectExports(where: $where) }"


@pytest.fixture
async def labeled(project):
    """Two labeled assets, one of them by a labeler to whom it is given."""
    first, second = await project.assets(2)
    labeler = await project.member("LABELER")
    await project.label(first)
    await project.label(second, by=labeler, json_response=answer("RAIN"))
    return project, labeler


async def left_of(project, settings):
    """What exports of a project have left: rows with files, files of the organization, folders of jobs."""
    async with project.organization.database.reader() as connection:
        files = await connection.fetch(
            "select id from blob where organization_id = :id", {"id": project.organization.id}
        )
    folder = settings.data_dir / "work" / FOLDER
    return [row["id"] for row in files], sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def test_an_export_can_be_followed_to_its_link(labeled):
    project, _ = labeled
    export_id = await create(project.admin, project.id, format="RAW")
    export = await ended(project.admin, export_id)
    assert export["finishedAt"] is not None
    assert {name: export[name] for name in ("format", "layout", "labels", "status", "done", "total", "reason")} == {
        "format": "RAW",
        "layout": "SPLIT",
        "labels": "LATEST",
        "status": "DONE",
        "done": 2,
        "total": 2,
        "reason": None,
    }
    assert await project.admin.data(COUNT, {"where": {"projectId": project.id}}) == 1


async def test_labelers_export_what_they_see(labeled):
    project, labeler = labeled
    files = await exported(labeler.client, project.id, format="RAW", singleFile=True)
    (asset,) = json.loads(files["data.json"])
    assert asset["externalId"] == "asset-1"
    assert asset["latestLabel"]["author"]["email"] == labeler.email


async def test_a_link_is_for_who_asked_and_ends_with_their_membership(labeled, settings):
    project, labeler = labeled
    manager = await project.member("TEAM_MANAGER")
    own = await ended(manager.client, await create(manager.client, project.id, format="RAW"))
    (seen,) = await project.admin.data(EXPORTS, {"where": {"id": own["id"]}})
    assert (seen["status"], seen["url"]) == ("DONE", None)
    assert await labeler.client.data(EXPORTS, {"where": {"id": own["id"]}}) == []
    await fetched(manager.client, own["url"])
    database = project.organization.database
    file = own["url"].rpartition("id=")[2]
    by_key = f"/api/label/v2/files?id={file}"
    for person in (labeler, project.organization.admin):
        response = await person.client.http.get(by_key, headers={"Authorization": f"X-API-Key: {person.key}"})
        assert response.status_code in (403, 404)
    for role in ("LABELER", None):
        async with database.transaction() as connection:
            await connection.fetch(
                "update project_user set role = coalesce(:role, role), deleted_at = case when :role::text is null then now() end "
                "where user_id = :user and project_id = :project",
                {"role": role, "user": manager.id, "project": project.id},
            )
        await fetched(manager.client, own["url"], status=404)


async def test_names_in_an_export_are_not_read_any_more_once_the_project_is_anonymized(labeled):
    project, _ = labeled
    reviewer, manager = await project.member("REVIEWER"), await project.member("TEAM_MANAGER")
    before = {
        person: (await ended(person.client, await create(person.client, project.id, format="RAW")))["url"]
        for person in (reviewer, manager, project.organization.admin)
    }
    await project.admin.data(
        "mutation ($id: ID!) { data: updateProjectAnonymization(input: {id: $id, shouldAnonymize: true}) { id } }",
        {"id": project.id},
    )

    for person, url in before.items():
        await fetched(person.client, url, status=404 if person is reviewer else 200)
    files = await exported(reviewer.client, project.id, format="RAW", singleFile=True)
    emails = {asset["latestLabel"]["author"]["email"] for asset in json.loads(files["data.json"])}
    assert all(email.endswith("@hidden.invalid") for email in emails)
    assert len(emails) == 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"format": "PASCAL_VOC", "layout": "SPLIT"}, "[notCompatibleOptions] PASCAL_VOC is laid out MERGED only"),
        ({"format": "YOLO_V5", "singleFile": True}, "[notCompatibleOptions] YOLO_V5 makes a file for each asset"),
        ({"format": "YOLO_V5", "normalizedCoordinates": False}, "[notCompatibleOptions] YOLO_V5 holds fractions"),
        ({"format": "COCO", "normalizedCoordinates": True}, "[notCompatibleOptions] COCO holds pixels"),
        ({"format": "GEOJSON", "normalizedCoordinates": True}, "[notCompatibleOptions] GEOJSON holds longitudes"),
        ({"format": "COCO", "labels": "NORMAL"}, "[notCompatibleOptions] COCO holds the latest labels"),
        ({"format": "RAW", "labelTypes": ["AUTOSAVE"]}, "[notCompatibleOptions] Labels of the type AUTOSAVE"),
        ({"format": "RAW", "assetIds": []}, "`assetIds` names 1 to 2,000 assets, not 0"),
        (
            {"format": "RAW", "assetIds": ["a"], "externalIds": ["b"]},
            "[notCompatibleOptions] Name assets by `assetIds`",
        ),
    ],
)
async def test_options_that_do_not_fit_are_refused(project, data, sentence):
    refused = await project.admin.refused(CREATE, {"p": project.id, "data": data})
    assert refused.code == "BAD_USER_INPUT"
    assert refused.message.startswith(sentence)
    assert await project.admin.data(COUNT, {"where": {"projectId": project.id}}) == 0


@pytest.mark.parametrize(
    ("kind", "jobs", "format_", "sentence"),
    [
        ("TEXT", ["WEATHER"], "COCO", "[notCompatibleInputType] COCO holds labels of IMAGE or VIDEO"),
        ("TEXT", ["WEATHER"], "GEOJSON", "[notCompatibleInputType] GEOJSON holds labels of IMAGE or GEOSPATIAL"),
        (
            "IMAGE",
            ["WEATHER"],
            "COCO",
            "[noCompatibleJob] The project has no OBJECT_DETECTION job with rectangles or masks",
        ),
        ("IMAGE", ["WEATHER"], "YOLO_V7", "[noCompatibleJob] The project has no OBJECT_DETECTION job only of"),
        ("VIDEO", ["PLACE"], "COCO", "[notCompatibleOptions] COCO of a VIDEO project names the files of its frames"),
    ],
)
async def test_projects_that_do_not_fit_are_refused(organization, kind, jobs, format_, sentence):
    project = await organization.project({"jobs": {name: WEATHER["jobs"][name] for name in jobs}}, inputType=kind)
    refused = await project.admin.refused(CREATE, {"p": project.id, "data": {"format": format_}})
    assert refused.code == "BAD_USER_INPUT"
    assert refused.message.startswith(sentence)


async def test_an_asset_that_the_format_cannot_hold_is_named(labeled, settings):
    project, _ = labeled
    export = await ended(project.admin, await create(project.admin, project.id, format="COCO"))
    assert export["status"] == "FAILED"
    assert export["reason"].startswith("Asset 'asset-0' (")
    assert "its size in pixels is not known; set its resolution" in export["reason"]
    assert (await left_of(project, settings))[0] == []


async def test_a_cancelled_export_leaves_nothing(labeled, settings, monkeypatch):
    project, _ = labeled
    reached, goes_on = asyncio.Event(), asyncio.Event()
    finish = Conversion.finish

    async def held(self):
        await finish(self)
        reached.set()
        await goes_on.wait()

    monkeypatch.setattr(Conversion, "finish", held)
    export_id = await create(project.admin, project.id, format="RAW")
    await asyncio.wait_for(reached.wait(), 20)
    await project.admin.data(CANCEL, {"id": export_id})
    goes_on.set()
    export = await ended(project.admin, export_id)
    assert (export["status"], export["url"]) == ("CANCELLED", None)
    assert (await left_of(project, settings))[0] == []
    assert (await project.admin.data(CANCEL, {"id": export_id}))["status"] == "CANCELLED"


async def test_a_job_that_is_run_again_starts_over(labeled, settings, monkeypatch):
    project, _ = labeled
    begin, tries = Conversion.begin, []

    async def broken(self, *arguments):
        await begin(self, *arguments)
        tries.append(self.archive.parent.name)
        if len(tries) == 1:
            await self._child.end()  # as if it had been killed

    monkeypatch.setattr(Conversion, "begin", broken)
    export_id = await create(project.admin, project.id, format="RAW")
    export = await ended(project.admin, export_id)
    assert (export["status"], export["reason"]) == ("DONE", None)
    assert len(tries) == 2
    assert len(files_of(await fetched(project.admin, export["url"]))) == 3
    assert tries[0] not in (await left_of(project, settings))[1]


async def test_assets_that_cannot_be_counted_in_time_are_exported(labeled, monkeypatch):
    project, _ = labeled
    totals = []

    async def late(*_arguments):
        raise TimedOut

    finish = Conversion.finish

    async def looked(self):
        await finish(self)
        async with project.organization.database.reader() as connection:
            totals.append(
                await connection.fetch_value("select total from job where project_id = :id", {"id": project.id})
            )

    monkeypatch.setattr(making.ObjectReader, "count", late)
    monkeypatch.setattr(Conversion, "finish", looked)
    export_id = await create(project.admin, project.id, format="RAW")
    export = await ended(project.admin, export_id)
    assert totals == [None]
    assert (export["status"], export["done"], export["total"], export["reason"]) == ("DONE", 2, 2, None)


async def test_a_quota_counts_exports(labeled, app, monkeypatch, settings):
    project, _ = labeled
    keep = making.keep_archive

    async def poor(job, *arguments):
        services = job.app_services
        object.__setattr__(services, "max_organization_bytes", 100)
        try:
            return await keep(job, *arguments)
        finally:
            object.__setattr__(services, "max_organization_bytes", None)

    monkeypatch.setattr(making, "keep_archive", poor)
    export = await ended(project.admin, await create(project.admin, project.id, format="RAW"))
    assert (export["status"], export["url"]) == ("FAILED", None)
    assert export["reason"].startswith("The files of the organization would take more than its 100 bytes")
    assert (await left_of(project, settings))[0] == []


async def test_old_exports_go_with_their_files(labeled, app, settings):
    project, _ = labeled
    database = project.organization.database
    old = await ended(project.admin, await create(project.admin, project.id, format="RAW"))
    new = await ended(project.admin, await create(project.admin, project.id, format="RAW"))
    async with database.transaction() as connection:
        await connection.fetch(
            "update project_export set created_at = now() - interval '7 days 1 minute' where id = :id",
            {"id": old["id"]},
        )
    blobs = LocalBlobs(settings.data_dir / "files")
    file = old["url"].rpartition("id=")[2]
    assert await blobs.exists(file)
    await remove_old_exports(database, blobs)
    assert not await blobs.exists(file)
    await fetched(project.admin, old["url"], status=404)
    await fetched(project.admin, new["url"])
    assert [export["id"] for export in await project.admin.data(EXPORTS, {"where": {"projectId": project.id}})] == [
        new["id"]
    ]


def test_folders_of_killed_workers_go_a_day_later(tmp_path):
    for name, age in (("old", 90_000), ("new", 10)):
        folder = tmp_path / FOLDER / name
        folder.mkdir(parents=True)
        (folder / "export.zip").write_bytes(b"")
        for path in (folder / "export.zip", folder):
            moment = path.stat().st_mtime - age
            os.utime(path, (moment, moment))
    remove_left_folders(tmp_path / FOLDER)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["new"]
    shutil.rmtree(tmp_path / FOLDER)
    remove_left_folders(tmp_path / FOLDER)


async def test_a_worker_that_lost_its_job_leaves_the_archive_of_the_next_one_alone(tmp_path):
    """It was silent for longer than its lease, and is at work still."""
    project = {
        "id": "p",
        "title": "Streets",
        "description": "",
        "input_type": "IMAGE",
        "interface": WEATHER,
        "geospatial_settings": None,
        "moment": "2026-01-01T00:00:00.000Z",
    }
    options = ExportOptions(ExportFormat.RAW, ExportLayout.SPLIT)
    killed = tmp_path / FOLDER / "job.1"
    killed.mkdir(parents=True)
    (killed / "export.zip").write_bytes(b"half")
    async with Conversion(tmp_path, JobClaim("job", "first", 2)) as lost:
        await lost.begin(project, options)
        async with Conversion(tmp_path, JobClaim("job", "second", 3)) as conversion:
            await conversion.begin(project, options)
            await lost.__aexit__(None, None, None)
            await conversion.finish()
            assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["job.3"]
            with zipfile.ZipFile(conversion.archive) as archive:
                assert archive.namelist() == ["README.kili.txt"]
    assert list((tmp_path / FOLDER).iterdir()) == []


async def test_an_archive_that_went_before_it_was_stored_is_made_again(labeled, app, monkeypatch):
    project, _ = labeled
    finish, gone = Conversion.finish, []

    async def finished(conversion):
        await finish(conversion)
        if not gone:
            gone.append(conversion.archive)
            conversion.archive.unlink()

    monkeypatch.setattr(Conversion, "finish", finished)
    export = await ended(project.admin, await create(project.admin, project.id, format="RAW"))
    assert (export["status"], export["reason"], len(gone)) == ("DONE", None, 1)


async def test_too_many_exports_are_refused(project):
    async with project.organization.database.transaction() as connection:
        await connection.fetch(
            "insert into job (id, kind, organization_id, project_id, run_at) "
            "select :p || n, 'export', :o, :p, now() + interval '1 day' from generate_series(1, 20) n",
            {"p": project.id, "o": project.organization.id},
        )
    refused = await project.admin.refused(CREATE, {"p": project.id, "data": {"format": "RAW"}})
    assert refused.code == "CONFLICT"
    assert refused.message.startswith("[tooManyExports] 20 exports of this project")


async def test_lists_of_exports_cost_the_same_for_one_and_for_many(project, statements):
    async with project.organization.database.transaction() as connection:
        await connection.fetch(
            "insert into project_export (id, project_id, user_id, job_id, format, layout, labels, options) "
            "select :p || n, :p, :u, :p || n, 'RAW', 'SPLIT', 'LATEST', '{}' from generate_series(1, 50) n",
            {"p": project.id, "u": project.organization.admin.id},
        )
    counts = []
    for first in (1, 50):
        with statements.recording() as seen:
            found = await project.admin.data(
                EXPORTS.replace("first: 100", f"first: {first}"), {"where": {"projectId": project.id}}
            )
        assert len(found) == first
        counts.append(len(seen))
    assert counts[0] == counts[1]


async def test_an_organization_has_four_exports_running_at_most_and_a_project_two(organization, monkeypatch):
    running, most, are_four = Counter(), Counter(), asyncio.Event()
    begin, finish = Conversion.begin, Conversion.finish

    async def begun(self, project, *arguments):
        running[project["id"]] += 1
        most[project["id"]] = max(most[project["id"]], running[project["id"]])
        most["all"] = max(most["all"], running.total())
        self.of_project = project["id"]
        await begin(self, project, *arguments)
        if running.total() >= 4:
            are_four.set()
        await asyncio.wait_for(are_four.wait(), 20)
        await asyncio.sleep(0.2)

    async def finished(self):
        await finish(self)
        running[self.of_project] -= 1

    monkeypatch.setattr(Conversion, "begin", begun)
    monkeypatch.setattr(Conversion, "finish", finished)
    monkeypatch.setitem(HANDLERS, "export", replace(HANDLERS["export"], at_once=None))
    projects = [await organization.project() for _ in range(3)]
    made = [(project, await create(project.admin, project.id, format="RAW")) for project in projects for _ in range(4)]

    assert {(await ended(project.admin, export_id))["status"] for project, export_id in made} == {"DONE"}

    assert max(most[project.id] for project in projects) == 2
    assert most["all"] == 4
