"""Exports of a project with consensus, a honeypot, a review, a skipped asset and one that was sent back."""

import json
import zipfile
from xml.etree import ElementTree

from _support import IMAGE_INTERFACE, box, connect, folder, png, report, weather

NAMES = ["agreed", "gold", "reviewed", "back", "dark", "untouched"]
PICTURES = {name: png(40, 20, (place, 10, 10)) for place, name in enumerate(NAMES)}
SKIP = 'mutation ($id: ID!) { data: skipAsset(where: {id: $id}, reason: "too dark") { id } }'


def said(category, left):
    """The weather, and a car of half the picture's height and a quarter of its width."""
    return {**weather(category), "THING": {"annotations": [box("CAR", "car", left, 0.25, left + 0.25, 0.75)]}}


def archive(kili, project_id, kind, **options):
    """An export as {entry: text}; pictures as whether they are the ones that were uploaded."""
    path = folder() / "export.zip"
    kili.export_labels(project_id=project_id, filename=str(path), fmt=kind, disable_tqdm=True, **options)
    found = {}
    with zipfile.ZipFile(path) as entries:
        for name in sorted(entries.namelist()):
            if name.endswith(".png"):
                found[name] = entries.read(name) == PICTURES[name.rpartition("/")[2].removesuffix(".png")]
            elif not name.endswith(("/", "README.kili.txt", "remote_assets.csv")):
                found[name] = entries.read(name).decode()
    return found


def told(label):
    """A label as [type, weather, left edge of the car, who made it]."""
    answer = label["jsonResponse"]
    corners = answer["THING"]["annotations"][0]["boundingPoly"][0]["normalizedVertices"]
    left = min(corner["x"] for corner in corners)
    return [label["labelType"], answer["WEATHER"]["categories"][0]["name"], left, label["author"]["email"]]


def yolo(found):
    """The lines of each file of labels, and which pictures came along unchanged."""
    return {name: text for name, text in found.items() if name != "data.yaml"}


def coco(found):
    """The file and the box of each annotation, and the pictures."""
    document = json.loads(found.pop("labels.json"))
    files = {image["id"]: image["file_name"] for image in document["images"]}
    return {"annotations": [[files[one["image_id"]], one["bbox"]] for one in document["annotations"]], **found}


def voc(found):
    """The category and the box of each object by file, and the pictures."""
    return {
        name: [
            [
                thing.findtext("name"),
                *(int(thing.findtext(f"bndbox/{edge}")) for edge in ("xmin", "ymin", "xmax", "ymax")),
            ]
            for thing in ElementTree.fromstring(text).iter("object")
        ]
        if isinstance(text, str)
        else text
        for name, text in found.items()
    }


def raw(kili, project_id, **options):
    document = archive(kili, project_id, "raw", single_file=True, **options)
    data = next(text for name, text in document.items() if name.endswith("data.json"))
    found = {}
    for asset in json.loads(data):
        labels = asset.get("labels") or asset.get("latestLabels") or [asset.get("latestLabel")]
        found[asset["externalId"]] = [told(label) for label in labels if label]
    return found, {name: same for name, same in document.items() if name.endswith(".png")}


def main():
    kili = connect()
    project_id = kili.create_project(input_type="IMAGE", json_interface=IMAGE_INTERFACE, title="Marked")["id"]
    source = folder()
    for name, picture in PICTURES.items():
        (source / f"{name}.png").write_bytes(picture)
    kili.append_many_to_dataset(
        project_id=project_id,
        content_array=[str(source / f"{name}.png") for name in NAMES],
        external_id_array=NAMES,
        disable_tqdm=True,
    )
    ids = {asset["externalId"]: asset["id"] for asset in kili.assets(project_id, fields=["id", "externalId"])}
    kili.append_to_roles(project_id=project_id, user_email="second@example.com", role="LABELER")
    members = kili.project_users(project_id=project_id, fields=["user.id", "user.email"], disable_tqdm=True)
    people = {member["user"]["email"]: member["user"]["id"] for member in members}
    second = people.pop("second@example.com")
    (own,) = people.values()

    def label(name, category, left, author=own, kind="DEFAULT", **model):
        kili.append_labels(
            project_id=project_id,
            asset_id_array=[ids[name]],
            json_response_array=[said(category, left)],
            label_type=kind,
            disable_tqdm=True,
            **(model or {"author_id_array": [author]}),
        )

    kili.update_properties_in_project(project_id=project_id, consensus_tot_coverage=1, min_consensus_size=2)
    kili.update_asset_consensus(asset_id=ids["agreed"], project_id=project_id, is_consensus=True)
    kili.create_honeypot(json_response=said("SUN", 0.0), asset_external_id="gold", project_id=project_id)
    label("agreed", "SUN", 0.0)
    label("agreed", "RAIN", 0.0, second)
    label("agreed", "SUN", 0.25)
    label("gold", "RAIN", 0.5, second)
    label("reviewed", "SUN", 0.0, second)
    label("reviewed", "RAIN", 0.5, kind="REVIEW")
    label("back", "SUN", 0.5, second)
    kili.send_back_to_queue(asset_ids=[ids["back"]])
    label("dark", "RAIN", 0.75)
    kili.graphql_client.execute(SKIP, {"id": ids["dark"]})
    label("untouched", "SUN", 0.0, kind="PREDICTION", model_name="guess")

    seen = {"own": next(iter(people)), "raw": {}}
    for selection in ("latest", "latest_from_last_step", "latest_from_all_steps", "normal"):
        labels, pictures = raw(kili, project_id, export_type=selection, with_assets=selection == "normal")
        seen["raw"][selection] = labels
        seen["pictures"] = pictures
    readers = {"yolo_v5": yolo, "coco": coco, "pascal_voc": voc}
    for kind, reader in readers.items():
        seen[kind] = {
            selection: reader(
                archive(
                    kili,
                    project_id,
                    kind,
                    layout="merged",
                    export_type=selection,
                    with_assets=kind == "coco" or selection != "latest",  # COCO files need the pictures
                )
            )
            for selection in ("latest", "latest_from_last_step")
        }
    return seen


if __name__ == "__main__":
    report(main())
