"""Imports of assets, of every kind that a project may have."""

from __future__ import annotations

import json
from typing import Any

from tests.file_samples import pdf, png
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

URL = "https://files.example/new.png"
FRAMES = ["https://files.example/0.png", "https://files.example/1.png"]
TREE = [{"type": "p", "children": [{"id": "one", "text": "Dear Ada"}]}]
TILES = "https://tiles.example/{z}/{x}/{y}.png"


def project_of(kind: str, **data: Any) -> Any:
    """A project of a kind, and files to import."""

    async def made(world: World) -> Names:
        project = await world.project(title=world.unique(kind), inputType=kind, **data)
        folder = world.folder()
        (folder / "one.png").write_bytes(png(40, 20))
        (folder / "two.png").write_bytes(png(20, 10))
        (folder / "one.pdf").write_bytes(pdf((200, 100)))
        return {"project": project.id, "folder": str(folder)}

    return made


async def stored(world: World, names: Names) -> Any:
    """What every asset of the project is made of, read through its links."""
    found = await world.send(
        """query ($id: ID!) { data: assets(where: {project: {id: $id}}, first: 50, skip: 0) {
             externalId content jsonContent jsonMetadata } }""",
        {"id": names["project"]},
    )
    return [
        [
            one["externalId"],
            await contents(world, one["content"]),
            await contents(world, one["jsonContent"]),
            json.loads(one["jsonMetadata"]),
        ]
        for one in found
    ]


async def contents(world: World, link: str) -> Any:
    """Text as it is; of files of the server what is in them: JSON, text, or the bytes."""
    if not link.startswith(world.server.url):
        found = json.loads(link) if link[:1] in ("[", "{") else link
        layers = isinstance(found, list) and all("url" in one for one in found)
        return [[one["name"], await contents(world, one["url"])] for one in found] if layers else found
    answered = await world.organization.http.http.get(link)
    assert answered.status_code == 200, answered.text
    kind = answered.headers["content-type"]
    if not kind.startswith("text/plain") and "json" not in kind:
        return answered.content.hex()
    return json.loads(answered.text) if answered.text[:1] in ("[", "{") else answered.text


ONE, TWO = png(40, 20).hex(), png(20, 10).hex()
IMPORTED = {
    "project_id": "$project",
    "content_array": [URL],
    "external_id_array": ["new"],
    "json_metadata_array": [{"n": 1}],
}
LAYER = {
    "bounds": None,
    "epsg": "EPSG3857",
    "name": "tiles",
    "tileLayerUrl": TILES,
    "useClassicCoordinates": False,
    "isBaseLayer": False,
}
FRAMED = {"shouldKeepNativeFrameRate": False, "framesPlayedPerSecond": 30, "shouldUseNativeVideo": False}
NATIVE = {"framesPlayedPerSecond": 5, "shouldUseNativeVideo": True, "shouldKeepNativeFrameRate": False}

ROWS: list[Row] = [
    row(
        "append_many_to_dataset",
        given=project_of("IMAGE"),
        call=IMPORTED,
        read=stored,
        before=[],
        after=[["new", URL, "", {"n": 1}]],
    ),
    row(
        "append_many_to_dataset",
        given=project_of("IMAGE"),
        call={"project_id": "$project", "content_array": ["$folder/one.png"], "external_id_array": ["new"]},
        read=stored,
        before=[],
        after=[["new", ONE, "", {}]],
    ),
    row(
        "append_many_to_dataset",
        given=project_of("TEXT"),
        call={"project_id": "$project", "content_array": ["Dear Ada"], "external_id_array": ["new"]},
        read=stored,
        before=[],
        after=[["new", "Dear Ada", "", {}]],
    ),
    row(
        "append_many_to_dataset 2.140.0..2.160.0",
        given=project_of("VIDEO"),
        call={"project_id": "$project", "json_content_array": [FRAMES], "external_id_array": ["new"]},
        read=stored,
        before=[],
        after=[["new", "", {"0": FRAMES[0], "1": FRAMES[1]}, {"processingParameters": FRAMED}]],
    ),
    row(
        "append_many_to_dataset 2.176.1..",
        given=project_of("VIDEO"),
        call={"project_id": "$project", "json_content_array": [FRAMES], "external_id_array": ["new"]},
        read=stored,
        before=[],
        after=[["new", "", {"0": FRAMES[0], "1": FRAMES[1]}, {"processingParameters": {}}]],
    ),
    row(
        "domain:assets.create_image",
        given=project_of("IMAGE"),
        call={"project_id": "$project", "content": "$folder/one.png", "external_id": "new", "json_metadata": {"n": 1}},
        read=stored,
        before=[],
        after=[["new", ONE, "", {"n": 1}]],
    ),
    row(
        "domain:assets.create_pdf",
        given=project_of("PDF"),
        call={"project_id": "$project", "content": "$folder/one.pdf", "external_id": "new"},
        read=stored,
        before=[],
        after=[["new", pdf((200, 100)).hex(), "", {}]],
    ),
    row(
        "domain:assets.create_text",
        given=project_of("TEXT"),
        call={"project_id": "$project", "content": "Dear Ada", "external_id": "new"},
        read=stored,
        before=[],
        after=[["new", "Dear Ada", "", {}]],
    ),
    row(
        "domain:assets.create_rich_text",
        given=project_of("TEXT"),
        call={"project_id": "$project", "json_content": TREE, "external_id": "new"},
        read=stored,
        before=[],
        after=[["new", "", TREE, {}]],
    ),
    row(
        "domain:assets.create_audio 26.2.4",
        given=project_of("AUDIO"),
        call={"project_id": "$project", "content": "https://files.example/one.mp3", "external_id": "new"},
        read=stored,
        before=[],
        after=[["new", "https://files.example/one.mp3", "", {}]],
    ),
    row(
        "domain:assets.create_video_native",
        given=project_of("VIDEO"),
        call={
            "project_id": "$project",
            "content": "https://files.example/one.mp4",
            "external_id": "new",
            "processing_parameters": {"frames_played_per_second": 5},
        },
        read=stored,
        before=[],
        after=[["new", "https://files.example/one.mp4", "", {"processingParameters": NATIVE}]],
    ),
    row(
        "domain:assets.create_video_frame",
        given=project_of("VIDEO"),
        call={"project_id": "$project", "json_content": FRAMES, "external_id": "new"},
        read=stored,
        before=[],
        after=[["new", "", {"0": FRAMES[0], "1": FRAMES[1]}, {"processingParameters": {}}]],
    ),
    row(
        "domain:assets.create_layered_image",
        given=project_of("IMAGE"),
        call={
            "project_id": "$project",
            "layers": [{"path": "$folder/one.png", "name": "one"}, {"path": "$folder/two.png", "name": "two"}],
            "external_id": "new",
        },
        read=stored,
        before=[],
        after=[["new", "", [["one", ONE], ["two", TWO]], {}]],
    ),
    row(
        "domain:assets.create_geospatial",
        given=project_of("GEOSPATIAL"),
        call={"project_id": "$project", "layer_array": [{"path": TILES, "name": "tiles"}], "external_id": "new"},
        read=stored,
        before=[],
        after=[["new", "", [LAYER], {}]],
    ),
]
