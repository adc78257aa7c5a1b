"""Labels are exported and parsed after the interface has lost a category, and a job, that they use."""

import zipfile

from _support import IMAGE_INTERFACE, THING, WEATHER, box, connect, folder, png, report, weather

FIRST = {**weather("SUN"), "THING": {"annotations": [box("CAR", "car", 0.25, 0.5, 0.75, 1.0)]}}
SECOND = {
    **weather("RAIN"),
    "THING": {"annotations": [box("PERSON", "one", 0.0, 0.0, 0.5, 0.5), box("CAR", "two", 0.5, 0.0, 1.0, 0.25)]},
}
WITHOUT_CARS = {**THING, "content": {"input": "radio", "categories": {"PERSON": {"name": "Person"}}}}


def exported(kili, project_id, kind, suffix):
    path = folder() / "export.zip"
    kili.export_labels(
        project_id=project_id,
        filename=str(path),
        fmt=kind,
        with_assets=kind in ("coco", "pascal_voc"),
        layout="merged",
        disable_tqdm=True,
    )
    with zipfile.ZipFile(path) as entries:
        return {
            name: entries.read(name).decode()
            for name in sorted(entries.namelist())
            if name.endswith(suffix) and "README" not in name
        }


def main():
    kili = connect()
    project_id = kili.create_project(input_type="IMAGE", json_interface=IMAGE_INTERFACE, title="Losses")["id"]
    source = folder()
    for name in ("one", "two"):
        (source / f"{name}.png").write_bytes(png(40, 20, (10, 20, 30)))
    kili.append_many_to_dataset(
        project_id=project_id,
        content_array=[str(source / f"{name}.png") for name in ("one", "two")],
        external_id_array=["one", "two"],
        disable_tqdm=True,
    )
    kili.append_labels(
        project_id=project_id,
        asset_external_id_array=["one", "two"],
        json_response_array=[FIRST, SECOND],
        label_type="DEFAULT",
        disable_tqdm=True,
    )

    def see():
        labels = kili.labels(project_id=project_id, fields=["jsonResponse"], output_format="parsed_label")
        return {
            "yolo": exported(kili, project_id, "yolo_v5", ".txt"),
            "coco": len(exported(kili, project_id, "coco", ".json")),
            "pascal_voc": len(exported(kili, project_id, "pascal_voc", ".xml")),
            "raw": len(exported(kili, project_id, "raw", ".json")),
            "parsed": [sorted(label.to_dict()["jsonResponse"]) for label in labels],
        }

    seen = {}
    kili.update_properties_in_project(
        project_id=project_id, json_interface={"jobs": {"WEATHER": WEATHER, "THING": WITHOUT_CARS}}
    )
    seen["a category less"] = see()
    kili.update_properties_in_project(project_id=project_id, json_interface={"jobs": {"THING": WITHOUT_CARS}})
    seen["a job less"] = see()
    kili.update_properties_in_project(project_id=project_id, json_interface=IMAGE_INTERFACE)
    seen["all back"] = see()
    return seen


if __name__ == "__main__":
    report(main())
