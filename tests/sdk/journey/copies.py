"""A project with OCR is exported and copied, with its assets."""

import json
import zipfile

from _support import IMAGE_INTERFACE, box, connect, download, folder, identifier, png, report, weather

OCR = {
    "fullTextAnnotation": {"pages": [{"width": 40, "height": 20}]},
    "textAnnotations": [
        {"description": f"word {number}", "boundingPoly": {"vertices": [{"x": number, "y": 1}] * 4}}
        for number in range(2000)
    ],
}
LABEL = {**weather("SUN"), "THING": {"annotations": [box("CAR", "car", 0.25, 0.5, 0.75, 1.0)]}}
NOTES = [{"scan": 1, **OCR}, {"scan": 2}]


def assets_of(kili, project_id):
    fields = ["externalId", "jsonMetadata", "ocrMetadata"]
    found = {asset["externalId"]: asset for asset in kili.assets(project_id=project_id, fields=fields)}
    for asset in found.values():
        if isinstance(asset["ocrMetadata"], str):  # older releases hand the link on
            asset["ocrMetadata"] = json.loads(download(asset["ocrMetadata"]))
    return found


def export(kili, project_id, kind):
    path = folder() / "export.zip"
    kili.export_labels(
        project_id=project_id, filename=str(path), fmt=kind, with_assets=False, layout="merged", disable_tqdm=True
    )
    with zipfile.ZipFile(path) as entries:
        return {
            name: entries.read(name).decode()
            for name in sorted(entries.namelist())
            if name.endswith((".txt", ".json", ".yaml")) and "README" not in name
        }


def main():
    kili = connect()
    project_id = identifier(
        kili.create_project(input_type="IMAGE", json_interface=IMAGE_INTERFACE, title="With words on it")
    )
    source = folder()
    for name in ("one", "two"):
        (source / f"{name}.png").write_bytes(png(40, 20, (10, 20, 30)))
    kili.append_many_to_dataset(
        project_id=project_id,
        content_array=[str(source / f"{name}.png") for name in ("one", "two")],
        external_id_array=["one", "two"],
        json_metadata_array=NOTES,
        disable_tqdm=True,
    )
    kili.append_labels(
        project_id=project_id,
        asset_external_id_array=["one"],
        json_response_array=[LABEL],
        seconds_to_label_array=[7],
        label_type="DEFAULT",
        disable_tqdm=True,
    )
    made = assets_of(kili, project_id)
    # As today's `add_metadata` does it: the metadata is read, and written with something more.
    kili.update_properties_in_assets(
        project_id=project_id,
        external_ids=["one"],
        json_metadatas=[{**made["one"]["jsonMetadata"], "more": "yes"}],
    )
    noted = assets_of(kili, project_id)["one"]
    copy_id = kili.copy_project(project_id, title="A copy", copy_assets=True, disable_tqdm=True)
    copied = assets_of(kili, copy_id)
    return {
        "metadata": {name: asset["jsonMetadata"] for name, asset in made.items()},
        "ocr": [made["one"]["ocrMetadata"] == OCR, made["two"]["ocrMetadata"]],
        "metadata added": noted["jsonMetadata"],
        "ocr kept": noted["ocrMetadata"] == OCR,
        "yolo": export(kili, project_id, "yolo_v5"),
        "raw": list(export(kili, project_id, "raw")),
        "copy": {name: asset["jsonMetadata"] for name, asset in copied.items()},
        "ocr of the copy": [copied["one"]["ocrMetadata"] == OCR, copied["two"]["ocrMetadata"]],
    }


if __name__ == "__main__":
    report(main())
