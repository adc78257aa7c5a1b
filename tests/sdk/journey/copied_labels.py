"""A project is copied with its assets and labels, which took no time that is known, whole seconds and a part of one."""

import json

from _support import CLASSIFICATION_INTERFACE, connect, identifier, report, weather

SECONDS = {"part": 12.5, "unknown": None, "whole": 3}  # clients check the first of a list
SEND = """
mutation ($data: AppendToLabelsData!, $where: AssetWhere!) { data: appendToLabels(data: $data, where: $where) { id } }"""


def labels_of(kili, project_id):
    fields = ["labelOf.externalId", "jsonResponse", "secondsToLabel", "labelType", "author.email"]
    return {
        label["labelOf"]["externalId"]: [
            label["jsonResponse"]["WEATHER"]["categories"][0]["name"],
            label["labelType"],
            label["secondsToLabel"],
            isinstance(label["secondsToLabel"], int),
        ]
        for label in kili.labels(project_id=project_id, fields=fields, disable_tqdm=True)
    }


def main():
    kili = connect()
    project_id = identifier(
        kili.create_project(input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE, title="To be copied")
    )
    kili.append_many_to_dataset(
        project_id=project_id,
        content_array=[f"text {name}" for name in SECONDS],
        external_id_array=list(SECONDS),
        disable_tqdm=True,
    )
    for asset in kili.assets(project_id=project_id, fields=["id", "externalId"], disable_tqdm=True):
        data = {"jsonResponse": json.dumps(weather("RAIN")), "labelType": "DEFAULT"}
        seconds = SECONDS[asset["externalId"]]
        if seconds is not None:
            data["secondsToLabel"] = seconds
        kili.graphql_client.execute(SEND, {"data": data, "where": {"id": asset["id"]}})
    copy_id = kili.copy_project(
        from_project_id=project_id, title="A copy", copy_labels=True, copy_assets=True, disable_tqdm=True
    )
    return {"labels": labels_of(kili, project_id), "copied": labels_of(kili, copy_id)}


if __name__ == "__main__":
    report(main())
