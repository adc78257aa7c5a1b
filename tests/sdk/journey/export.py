"""Labels in bulk, read back parsed, exported in three formats, and media downloaded."""

import inspect
import json
import zipfile

from _support import IMAGE_INTERFACE, box, connect, folder, png, release, report, weather

FIRST = {**weather("SUN"), "THING": {"annotations": [box("CAR", "car", 0.25, 0.5, 0.75, 1.0)]}}
SECOND = {
    **weather("RAIN"),
    "THING": {"annotations": [box("PERSON", "one", 0.0, 0.0, 0.5, 0.5), box("CAR", "two", 0.5, 0.0, 1.0, 0.25)]},
}
PICTURES = {"one": png(40, 20, (200, 10, 10)), "two": png(16, 16, (10, 200, 10))}


def archive(kili, project_id, kind, **options):
    """An export as {entry: text}, the media left out."""
    path = folder() / "export.zip"
    kili.export_labels(project_id=project_id, filename=str(path), fmt=kind, disable_tqdm=True, **options)
    with zipfile.ZipFile(path) as entries:
        return {
            name: entries.read(name).decode()
            for name in sorted(entries.namelist())
            if not name.endswith((".png", "/", "README.kili.txt"))
        }


def raw(kili, project_id):
    (document,) = archive(kili, project_id, "raw", single_file=True, with_assets=False).values()
    return [
        {
            "externalId": asset["externalId"],
            "resolution": asset["resolution"],
            "label": asset["latestLabel"]["jsonResponse"],
            "labelType": asset["latestLabel"]["labelType"],
            "author is named": asset["latestLabel"]["author"]["name"].split()
            == (asset["latestLabel"]["author"]["firstname"] + " " + asset["latestLabel"]["author"]["lastname"]).split(),
        }
        for asset in json.loads(document)
    ]


def coco(kili, project_id):
    (document,) = archive(kili, project_id, "coco", layout="merged", with_assets=True).values()
    exported = json.loads(document)
    return {key: exported[key] for key in ("categories", "images", "annotations")}


def parsed(kili, project_id):
    """Labels as the SDK's own objects."""
    return [
        [
            label.jobs["WEATHER"].category.name,
            label.jobs["WEATHER"].category.display_name,
            [
                [
                    annotation.category.name,
                    annotation.mid,
                    annotation.bounding_poly[0].normalized_vertices[1],
                ]
                for annotation in label.jobs["THING"].annotations
            ],
        ]
        for label in kili.labels(
            project_id=project_id, type_in=["DEFAULT"], output_format="parsed_label", fields=["id", "jsonResponse"]
        )
    ]


def main():
    kili = connect()
    project_id = kili.create_project(input_type="IMAGE", json_interface=IMAGE_INTERFACE, title="Exports")["id"]
    source = folder()
    for name, picture in PICTURES.items():
        (source / f"{name}.png").write_bytes(picture)
    seen = {"release": list(release())}
    asset_ids = kili.append_many_to_dataset(
        project_id=project_id,
        content_array=[str(source / f"{name}.png") for name in PICTURES],
        external_id_array=list(PICTURES),
        disable_tqdm=True,
    )["asset_ids"]
    assets = kili.assets(project_id=project_id, fields=["id", "externalId", "resolution.width", "resolution.height"])
    seen["ids kept"] = [asset["id"] for asset in assets] == asset_ids
    seen["resolutions"] = [asset["resolution"] for asset in assets]

    def append(**labels):
        return [label["id"] for label in kili.append_labels(project_id=project_id, disable_tqdm=True, **labels)]

    default = append(
        asset_id_array=asset_ids,
        json_response_array=[FIRST, SECOND],
        seconds_to_label_array=[5, 7],
        label_type="DEFAULT",
    )
    append(asset_external_id_array=["two"], json_response_array=[FIRST], model_name="guess", label_type="PREDICTION")
    replaced = append(
        asset_external_id_array=["two"],
        json_response_array=[SECOND],
        model_name="guess",
        label_type="PREDICTION",
        overwrite=True,
    )
    inferred = append(
        asset_id_array=asset_ids[:1], json_response_array=[FIRST], model_name="guess", label_type="INFERENCE"
    )
    labels = kili.labels(project_id=project_id, fields=["id", "jsonResponse", "labelType", "secondsToLabel", "assetId"])
    seen["labels in order"] = [label["id"] for label in labels] == [*default, *replaced, *inferred]
    seen["labels"] = [
        [asset_ids.index(label["assetId"]), label["labelType"], label["secondsToLabel"] or 0] for label in labels
    ]
    seen["answers kept"] = [label["jsonResponse"] for label in labels] == [FIRST, SECOND, SECOND, FIRST]
    seen["parsed"] = parsed(kili, project_id)
    if "label_category_search" in inspect.signature(kili.assets).parameters:
        seen["two cars or a person"] = [
            asset["externalId"]
            for asset in kili.assets(
                project_id=project_id,
                fields=["id", "externalId"],
                label_category_search="THING.CAR.count >= 2 OR THING.PERSON.count == 1",
            )
        ]

    seen["raw"] = raw(kili, project_id)
    seen["yolo"] = archive(kili, project_id, "yolo_v5", layout="merged", with_assets=False)
    remote = [name for name in seen["yolo"] if name.endswith("remote_assets.csv")]
    seen["remote assets"] = [line.split(",")[0] for line in seen["yolo"].pop(remote[0]).splitlines()]
    seen["coco"] = coco(kili, project_id)

    media = folder()
    downloaded = kili.assets(
        project_id=project_id,
        fields=["id", "externalId", "content"],
        download_media=True,
        local_media_dir=str(media),
        disable_tqdm=True,
    )
    seen["media"] = {}
    for asset in downloaded:
        with open(asset["content"], "rb") as file:
            seen["media"][asset["content"].rpartition("/")[2]] = file.read() == PICTURES[asset["externalId"]]

    seen["labels deleted"] = kili.delete_labels(ids=inferred) == inferred
    seen["labels left"] = kili.count_labels(project_id=project_id)
    kili.delete_project(project_id=project_id)
    return seen


if __name__ == "__main__":
    report(main())
