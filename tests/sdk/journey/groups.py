"""A project of several groups of steps, through the calls that know them."""

import sys

from _support import CLASSIFICATION_INTERFACE, connect, report, weather


def places(kili, project_id):
    """Where assets are, by the fields that are read when none are named."""
    steps = {asset["externalId"]: asset["currentStep"] for asset in kili.assets(project_id, disable_tqdm=True)}
    return {name: [step["stepGroupName"], step["name"], step["status"]] for name, step in steps.items()}


def names(kili, project_id, **filters):
    found = [asset["externalId"] for asset in kili.assets(project_id, disable_tqdm=True, **filters)]
    assert kili.count_assets(project_id, **filters) == len(found)
    return found


def begin(kili):
    return kili.create_project(title="Groups", input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE)["id"]


def travel(kili, project_id, email):
    seen = {}
    step = kili.add_review_step(project_id, "Review", assignees=[email], step_coverage=100, group_name="Check")
    kili.rename_step(project_id=project_id, new_name="Look", step_name="Default", group_name="Check")
    seen["added"] = sorted(step)
    seen["labelers"] = kili.add_labelers_to_step(project_id, "Look", [email], group_name="Check")
    kili.append_many_to_dataset(
        project_id, content_array=["a", "b", "c"], external_id_array=["a", "b", "c"], disable_tqdm=True
    )

    def label(external_ids, **named):
        kili.append_labels(
            project_id=project_id,
            asset_external_id_array=external_ids,
            json_response_array=[weather("SUN")] * len(external_ids),
            disable_tqdm=True,
            **named,
        )

    label(["a", "b"], step_name="Default", group_name="Default")
    label(["a"], step_name="Look")
    seen["places"] = places(kili, project_id)
    seen["in Check"] = names(kili, project_id, group_name_in=["Check"])
    seen["not in Check"] = names(kili, project_id, group_name_not_in=["Check"])
    seen["to look at"] = names(kili, project_id, group_name_in=["Check"], step_name_in=["Look"])
    seen["to do in Default"] = names(kili, project_id, group_name_in=["Default"], step_status_in=["TO_DO"])
    label(["a"], step_name="Review", group_name="Check", label_type="REVIEW")
    fields = ["labelType", "assetStep.stepGroupName", "assetStep.name"]
    seen["labels"] = [
        [made["labelType"], made["assetStep"]["stepGroupName"], made["assetStep"]["name"]]
        for made in kili.labels(project_id, fields=fields, disable_tqdm=True)
    ]
    (asset,) = kili.assets(project_id, external_id_strictly_in=["a"], fields=["id", "status"], disable_tqdm=True)
    seen["status"] = asset["status"]
    kili.send_back_to_queue(asset_ids=[asset["id"]])
    seen["sent back"] = places(kili, project_id)["a"]
    copy = kili.copy_project(
        from_project_id=project_id,
        title="Copy",
        copy_members=True,
        copy_assets=True,
        copy_labels=True,
        disable_tqdm=True,
    )
    seen["copy"] = places(kili, copy)
    return seen


if __name__ == "__main__":
    client = connect()
    report(begin(client) if sys.argv[1] == "begin" else travel(client, *sys.argv[2:]))
