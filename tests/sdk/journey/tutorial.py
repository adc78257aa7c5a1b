"""The tutorial of image classification, as each release words it, and raw text."""

import inspect

from _support import (
    CLASSIFICATION_INTERFACE,
    connect,
    download,
    folder,
    identifier,
    is_recent,
    png,
    release,
    report,
    text_of,
    weather,
)

ADDRESS = "https://storage.example.com/street-1.png"
TEXT = "Ada wrote the first program.\nIt was never run."


def rename(kili, asset_id, external_id, project_id):
    """Give an asset another external id; later releases of the general update take that argument for a search."""
    if release() < (2, 125, 0):
        return kili.update_properties_in_assets(asset_ids=[asset_id], external_ids=[external_id])
    return kili.change_asset_external_ids(new_external_ids=[external_id], asset_ids=[asset_id], project_id=project_id)


def delete(kili, project_id):
    """Delete a project; releases 2.89 to 2.103 send doubled braces there, so what they meant is sent for them."""
    if (2, 89, 0) <= release() < (2, 104, 0):
        kili.auth.client.execute(
            "mutation($where: ProjectWhere!) { data: deleteProjectAsynchronously(where: $where) }",
            {"where": {"id": project_id}},
        )
        return project_id
    return identifier(kili.delete_project(project_id=project_id))


def takes(method, name):
    """Whether a release's method has an argument."""
    return name in inspect.signature(method).parameters


def images(kili):
    seen = {}
    project_id = kili.create_project(
        input_type="IMAGE", json_interface=CLASSIFICATION_INTERFACE, title="Streets", description="Weather of streets"
    )["id"]
    seen["project"] = project_id
    seen["projects"] = [
        {"title": found["title"], "inputType": found["inputType"], "jobs": list(found["jsonInterface"]["jobs"])}
        for found in kili.projects(project_id=project_id)
    ]

    picture = png(40, 20, (10, 120, 200))
    path = folder() / "street-2.png"
    path.write_bytes(picture)
    seen["imports"] = [
        kili.append_many_to_dataset(
            project_id=project_id,
            content_array=[ADDRESS],
            external_id_array=["street-1"],
            json_metadata_array=[{"city": "Delft"}],
        )["id"],
        kili.append_many_to_dataset(project_id=project_id, content_array=[str(path)], external_id_array=["street-2"])[
            "id"
        ],
    ]
    assets = kili.assets(
        project_id=project_id, fields=["id", "externalId", "content", "status", "jsonMetadata", "labels.id"]
    )
    first, second = (asset["id"] for asset in assets)
    seen["assets"] = [
        [asset["externalId"], asset["status"], asset["jsonMetadata"], asset["labels"]] for asset in assets
    ]
    seen["address kept"] = assets[0]["content"] == ADDRESS
    seen["bytes kept"] = download(assets[1]["content"]) == picture
    seen["assets by default fields"] = [asset["externalId"] for asset in kili.assets(project_id=project_id)]

    made = [
        kili.append_to_labels(json_response=weather("SUN"), label_asset_id=first, project_id=project_id)["id"],
        kili.append_to_labels(
            json_response=weather("RAIN"),
            label_asset_external_id="street-2",
            project_id=project_id,
            label_type="DEFAULT",
            seconds_to_label=12,
        )["id"],
    ]
    seen["predicted"] = kili.create_predictions(
        project_id=project_id,
        external_id_array=["street-1"],
        model_name_array=["guess"],
        json_response_array=[weather("RAIN")],
    )["id"]

    fields = ["id", "createdAt", "labelOf.externalId", "jsonResponse", "labelType", "secondsToLabel", "modelName"]
    labels = kili.labels(project_id=project_id, fields=fields)
    seen["labels"] = [
        [
            label["labelOf"]["externalId"],
            label["labelType"],
            label["jsonResponse"],
            label["secondsToLabel"] or 0,
            label["modelName"],
        ]
        for label in labels
    ]
    seen["ids kept"] = [label["id"] for label in labels][:2] == made
    day = labels[0]["createdAt"][:10]
    seen["just created"] = all(is_recent(label["createdAt"]) for label in labels)
    seen["labels by default fields"] = [label["jsonResponse"] for label in kili.labels(project_id=project_id)]

    def found(**where):
        names = [
            label["labelOf"]["externalId"]
            for label in kili.labels(project_id=project_id, fields=["id", "labelOf.externalId"], **where)
        ]
        where.pop("first", None)
        return [names, kili.count_labels(project_id=project_id, **where)]

    seen["found"] = {
        "since that day": found(created_at_gte=day),
        "since 2099": found(created_at_gte="2099-01-01"),
        "until 2000": found(created_at_lte="2000-01-01"),
        "predictions": found(type_in=["PREDICTION"]),
        "by people": found(type_in=["DEFAULT", "REVIEW"]),
        "of street-2": found(asset_external_id_in=["street-2"]),
        "first": found(first=1),
    }
    if takes(kili.labels, "json_response_contains"):
        seen["found"]["saying RAIN"] = found(json_response_contains=["RAIN"])
    seen["counts"] = {
        "assets": kili.count_assets(project_id=project_id),
        "labeled": kili.count_assets(project_id=project_id, status_in=["LABELED"]),
        "to do": kili.count_assets(project_id=project_id, status_in=["TODO"]),
        "with predictions": kili.count_assets(project_id=project_id, label_type_in=["PREDICTION"]),
    }

    updated = kili.update_properties_in_assets(
        asset_ids=[first, second], priorities=[3, 1], json_metadatas=[{"city": "Gouda"}, {"city": "Breda"}]
    )
    seen["updated"] = [asset["id"] for asset in updated] == [first, second]
    rename(kili, second, "street-two", project_id)
    seen["after update"] = [
        [asset["externalId"], asset["priority"], asset["jsonMetadata"]]
        for asset in kili.assets(project_id=project_id, fields=["id", "externalId", "priority", "jsonMetadata"])
    ]

    kili.delete_many_from_dataset(asset_ids=[second])
    seen["after deletion"] = {
        "assets": [asset["externalId"] for asset in kili.assets(project_id=project_id, fields=["id", "externalId"])],
        "labels": kili.count_labels(project_id=project_id),
    }
    seen["deleted"] = delete(kili, project_id)
    seen["projects left"] = kili.projects(project_id=project_id)
    return seen


def raw_text(kili):
    project_id = kili.create_project(input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE, title="Letters")["id"]
    kili.append_many_to_dataset(project_id=project_id, content_array=[TEXT], external_id_array=["ada"])
    assets = kili.assets(project_id=project_id, fields=["id", "externalId", "content", "status"])
    seen = [[asset["externalId"], text_of(asset["content"]), asset["status"]] for asset in assets]
    delete(kili, project_id)
    return seen


def main():
    kili = connect()
    return {"release": list(release()), "images": images(kili), "text": raw_text(kili)}


if __name__ == "__main__":
    report(main())
