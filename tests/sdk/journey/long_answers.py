"""Labels whose answers are too long for a page: read by whoever follows links, and by whoever does not."""

import json

from _support import IMAGE_INTERFACE, box, connect, download, report, weather

BOXES = 4_000


def main():
    kili = connect()
    project_id = kili.create_project(input_type="IMAGE", json_interface=IMAGE_INTERFACE, title="Crowds")["id"]
    names = ["crowd-1", "crowd-2"]
    kili.append_many_to_dataset(
        project_id=project_id,
        content_array=[f"https://storage.example.com/{name}.png" for name in names],
        external_id_array=names,
        disable_tqdm=True,
    )
    people = [box("PERSON", f"person {number}", 0.1, 0.1, 0.1 + number / 10_000, 0.3) for number in range(BOXES)]
    sent = {**weather("SUN"), "THING": {"annotations": people}}
    kili.append_labels(
        project_id=project_id, asset_external_id_array=names, json_response_array=[sent, sent], disable_tqdm=True
    )
    labels = kili.labels(project_id=project_id, fields=["id", "jsonResponse"], disable_tqdm=True)
    assets = kili.assets(
        project_id=project_id, fields=["id", "externalId", "labels.id", "labels.jsonResponse"], disable_tqdm=True
    )
    (plain,) = kili.graphql_client.execute(
        "query ($id: ID!) { data: labels(where: {id: $id}, first: 1, skip: 0) { jsonResponse jsonResponseUrl } }",
        {"id": labels[0]["id"]},
    )["data"]
    seen = {
        "long": len(json.dumps(sent)) > 1 << 20,
        "labels": [label["jsonResponse"] == sent for label in labels],
        "assets": [[label["jsonResponse"] == sent for label in asset["labels"]] for asset in assets],
        "link": download(plain["jsonResponseUrl"]).decode() == plain["jsonResponse"],
    }
    kili.delete_project(project_id=project_id)
    return seen


if __name__ == "__main__":
    report(main())
