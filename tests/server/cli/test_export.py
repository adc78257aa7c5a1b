"""`labelyard export` on a database of its own."""

from __future__ import annotations

import json

import pytest

from tests.common.export import files_of


@pytest.fixture
async def project(own_organization):
    made = await own_organization.project()
    for asset_id in await made.assets(2):
        await made.label(asset_id)
    return made


async def test_an_archive_is_written_without_a_server(project, tell, tmp_path):
    path = tmp_path / "labels.zip"
    told = await tell("export", project.id, "--format", "raw", "--single-file", "--output", path)
    assert told == [f"{path}: {path.stat().st_size:,} bytes."]
    files = files_of(path.read_bytes())
    assert set(files) == {"data.json", "README.kili.txt"}
    assert [asset["externalId"] for asset in json.loads(files["data.json"])] == ["asset-0", "asset-1"]
    assert [file.name for file in tmp_path.iterdir() if "labels" in file.name] == ["labels.zip"]


async def test_labels_are_those_that_the_person_sees(project, tell, tmp_path):
    labeler = await project.member("LABELER")
    (third,) = await project.assets(1, prefix="own")
    await project.label(third, by=labeler)
    path = tmp_path / "own.zip"
    await tell("export", project.id, "--format", "yolo_v5", "--as", labeler.email, "--output", path)
    assert [name for name in files_of(path.read_bytes()) if "labels/" in name] == ["PLACE/labels/own-0.txt"]


async def test_what_cannot_be_exported_is_refused_in_one_line(project, run, tmp_path):
    taken = tmp_path / "taken.zip"
    taken.write_bytes(b"mine")
    for arguments, sentence in (
        ((project.id, "--format", "raw", "--output", taken), "exists already; name another file with --output."),
        ((project.id, "--format", "coco", "--output", tmp_path / "a.zip"), "its size in pixels is not known"),
        ((project.id, "--format", "pascal_voc", "--layout", "split"), "PASCAL_VOC is laid out MERGED only"),
        (("unknown", "--format", "raw", "--output", tmp_path / "a.zip"), "There is no project 'unknown'."),
    ):
        ended = await run("export", *arguments)
        assert (ended.code, ended.lines) == (1, [])
        (complaint,) = ended.complaints
        assert sentence in complaint
    assert taken.read_bytes() == b"mine"
    assert not (tmp_path / "a.zip").exists()
