"""`labelyard import` on a database of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess

import pytest

from tests.common.command import write_lines
from tests.common.documents import ASSETS, COUNT_ASSETS
from tests.common.yard import LABELYARD
from tests.file_samples import pdf, png

PNG = png(4, 3)
PDF = pdf((100, 200))

FIELDS = "externalId content jsonContent jsonMetadata isHoneypot"


@pytest.fixture
async def texts(own_organization):
    return await own_organization.project(inputType="TEXT")


async def listed(project, fields: str = FIELDS) -> list[dict[str, object]]:
    variables = {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    found: list[dict[str, object]] = await project.admin.data(ASSETS % fields, variables)
    return found


async def test_texts_urls_and_metadata_are_imported_and_a_second_run_imports_nothing(texts, tell, tmp_path):
    admin = texts.organization.admin.email
    path = write_lines(
        tmp_path / "rows.jsonl",
        [
            {"externalId": "a", "text": "Ada wrote it", "metadata": {"year": 1843, "by": ["Ada"]}},
            {"external_id": "b", "url": "https://files.example/b.txt", "jsonMetadata": '{"x": null}'},
            {"content": "unnamed", "isHoneypot": True},
            {"externalId": "c", "jsonContent": [{"children": [{"id": "1", "text": "rich"}]}]},
        ],
    )

    first = await tell("import", texts.id, path, "--as", admin)
    found = await listed(texts)
    second = await tell("import", texts.id, path, "--as", admin)

    assert first == [f"4 assets written to project {texts.id}, 0 were there already."]
    assert second == [f"0 assets written to project {texts.id}, 4 were there already."]
    assert await listed(texts) == found
    assert [(row["content"], row["isHoneypot"]) for row in found] == [
        ("Ada wrote it", False),
        ("https://files.example/b.txt", False),
        ("unnamed", True),
        ("", False),
    ]
    assert [row["jsonMetadata"] for row in found] == ['{"year":1843,"by":["Ada"]}', '{"x": null}', "{}", "{}"]
    assert [row["externalId"] for row in found][:2] == ["a", "b"]
    assert json.loads(found[3]["jsonContent"]) == [{"children": [{"id": "1", "text": "rich"}]}]


async def test_columns_of_a_csv_without_another_meaning_are_metadata(texts, tell, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(
        '\ufeffexternalId,text,city,jsonMetadata\na,"one, and\nmore",Köln,"{""n"": 1}"\nb,two,,\n'.encode()
    )
    await tell("import", texts.id, str(path), "--as", texts.organization.admin.email)
    assert await listed(texts, "externalId content jsonMetadata") == [
        {"externalId": "a", "content": "one, and\nmore", "jsonMetadata": '{"city":"K\u00f6ln","n":1}'},
        {"externalId": "b", "content": "two", "jsonMetadata": "{}"},
    ]


async def test_every_refused_row_is_told_with_its_line_and_the_others_are_imported(texts, run, tmp_path):
    path = write_lines(
        tmp_path / "rows.jsonl",
        [
            {"externalId": "good 1", "text": "1"},
            b"{broken",
            {"externalId": "good 1", "text": "again"},
            {"externalId": "x", "text": "1", "url": "https://a.example"},
            {"externalId": "y", "txt": "1"},
            {"externalId": "z"},
            b'{"externalId": "nul", "text": "a\\u0000b"}',
            b'{"externalId": "\xff", "text": "1"}',
            {"externalId": "m", "text": "1", "metadata": "no object"},
            {"externalId": "f", "file": "../rows.jsonl"},
            {"externalId": "u", "url": "ftp://a.example"},
            {"externalId": "e" * 501, "text": "1"},
            [1],
            {"externalId": "good 2", "text": "2"},
        ],
    )
    done = await run("import", texts.id, path, "--as", texts.organization.admin.email)
    assert done.code == 1
    assert done.lines == [f"2 assets written to project {texts.id}, 0 were there already."]
    *refused, summary = done.complaints
    assert summary == "labelyard: 12 rows were refused."
    assert [line.partition(": refused: ")[0] for line in refused] == [f"line {number}" for number in range(2, 14)]
    assert [line.partition(": refused: ")[2][:60] for line in refused] == [
        "it is not a JSON object that can be read: unexpected charact",
        "the external id 'good 1' is that of an earlier row, too",
        "it has url and text; give one of them"[:60],
        "'txt' is no key of an asset; those are content, externalId, ",
        "it has no content: give url, text, file, content or jsonCont",
        "it is not a JSON object that can be read: a text holds the c",
        "it is not UTF-8",
        refused[7].partition(": refused: ")[2][:60],
        refused[8].partition(": refused: ")[2][:60],
        "a url begins with http:// or https://, unlike 'ftp://a.examp",
        "the external id has 1 to 500 characters, not 501",
        "it is not a JSON object",
    ]
    assert "jsonMetadata" in refused[7]
    assert "does not lie in" in refused[8]
    assert [row["externalId"] for row in await listed(texts)] == ["good 1", "good 2"]


async def test_a_folder_is_imported_by_the_names_of_its_files(own_organization, tell, run, tmp_path):
    project = await own_organization.project(inputType="IMAGE")
    folder = tmp_path / "pictures"
    (folder / "inner").mkdir(parents=True)
    (folder / "b.png").write_bytes(PNG)
    (folder / "inner" / "a.PNG").write_bytes(PNG + b"different")
    (folder / ".hidden.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "note.txt").write_text("no picture")
    command = ("import", project.id, str(folder), "--as", own_organization.admin.email)

    first = await run(*command)
    second = await run(*command)

    assert (first.code, first.lines[0].split(" assets")[0]) == (1, "2")
    assert [line.partition(":")[0] for line in first.complaints] == ["link.png", "note.txt", "labelyard"]
    assert second.lines[0].startswith("0 assets written")
    found = await listed(project, "externalId content resolution { width height }")
    assert [row["externalId"] for row in found] == ["b.png", "inner/a.PNG"]
    opened = [await own_organization.http.http.get(str(row["content"])) for row in found]
    assert [answer.content for answer in opened] == [PNG, PNG + b"different"]
    assert opened[0].headers["content-type"] == "image/png"
    assert all(row["resolution"] is not None for row in found)


async def test_files_of_a_list_lie_beside_it_or_in_the_folder_that_is_named(
    own_organization, tell, tmp_path, monkeypatch
):
    project = await own_organization.project(inputType="PDF")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "one.pdf").write_bytes(PDF)
    path = write_lines(tmp_path / "rows.jsonl", [{"file": "one.pdf"}, {"externalId": "two", "content": "one.pdf"}])
    command = ("import", project.id, path, "--as", own_organization.admin.email, "--files", str(tmp_path / "papers"))
    assert (await tell(*command))[0].startswith("2 assets written")
    assert [row["externalId"] for row in await listed(project)] == ["one.pdf", "two"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere", "{path}", "--as", "{admin}"], "No project 'nowhere' is visible to you."),
        (["{project}", "{path}", "--as", "nobody@example.org"], "There is no user nobody@example.org"),
        (["{project}", "{path}", "--as", "{labeler}"], "does not allow you to"),
        (["{project}", "{path}", "--as", "{stranger}"], "is visible to you"),
        (["{project}", "{path}.txt", "--as", "{admin}"], "cannot be read"),
        (["{project}", "{secret}", "--as", "{admin}"], "is neither a folder nor a list"),
    ],
)
async def test_what_cannot_begin_is_refused_in_one_line(texts, run, tmp_path, arguments, told):
    (tmp_path / "rows.txt").write_text("x")
    named = {
        "project": texts.id,
        "path": write_lines(tmp_path / "rows.jsonl", [{"text": "1"}]),
        "secret": str(tmp_path / "rows.txt"),
        "admin": texts.organization.admin.email,
        "labeler": (await texts.member("LABELER")).email,
        "stranger": (await texts.organization.person()).email,
    }
    done = await run("import", *(argument.format(**named) for argument in arguments))
    assert (done.code, done.lines, len(done.complaints)) == (1, [], 1)
    assert told in done.complaints[0]
    assert await listed(texts) == []


async def test_quotas_end_the_import(own_organization, run, tmp_path, monkeypatch):
    monkeypatch.setenv("LABELYARD_MAX_ORGANIZATION_BYTES", str(len(PNG)))
    project = await own_organization.project(inputType="IMAGE")
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(PNG)
    done = await run("import", project.id, str(folder), "--as", own_organization.admin.email)
    assert done.code == 1
    assert "would take more than its" in done.complaints[-1]
    assert await listed(project) == []


async def test_an_import_that_was_killed_goes_on_where_it_stopped(texts, own_database_url, tmp_path):
    path = write_lines(tmp_path / "rows.jsonl", [{"externalId": str(number), "text": "x"} for number in range(6_000)])
    command = [str(LABELYARD), "import", texts.id, path, "--as", texts.organization.admin.email]
    environment = {
        **os.environ,
        "LABELYARD_DATABASE_URL": own_database_url,
        "LABELYARD_ALLOW_UNSAFE_DATABASE": "true",
        "LABELYARD_DATA_DIR": str(tmp_path / "data"),
    }
    count = {"where": {"project": {"id": texts.id}}}
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    async with asyncio.timeout(30):
        while True:
            if await texts.admin.data(COUNT_ASSETS, count):
                break
            await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
    there = await texts.admin.data(COUNT_ASSETS, count)
    assert 0 < there <= 6_000

    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    told = f"{6_000 - there:,} assets written to project {texts.id}, {there:,} were there already.\n"
    assert done.stdout == told
    assert await texts.admin.data(COUNT_ASSETS, count) == 6_000
