"""A dataset is filled, given to a project, changed and deleted, and each effect is read by a separate call."""

from _support import connect, release, report

INTERFACE = {
    "jobs": {
        "MOOD": {
            "mlTask": "CLASSIFICATION",
            "required": 1,
            "isChild": False,
            "content": {"input": "radio", "categories": {"GOOD": {"name": "Good"}}},
        }
    }
}
HAS_LISTS_OF_DATASETS = release() >= (2, 99)


def main():
    kili = connect()
    dataset_id = kili.create_dataset(name="Letters", asset_type="TEXT")["id"]
    other_id = kili.create_dataset(name="Empty", asset_type="IMAGE")["id"]

    def kept():
        return kili.dataset_assets(dataset_id=dataset_id, fields=["id", "externalId", "content", "jsonMetadata"])

    filled = kili.append_to_dataset(
        content_array=["Hello", "World", "Moon"], dataset_id=dataset_id, external_id_array=["h", "w", "m"]
    )
    first, second, third = [asset["id"] for asset in kept()]
    seen = {"filled": filled["id"] == dataset_id, "contents": [asset["content"] for asset in kept()]}
    kili.update_properties_in_dataset_assets(
        asset_ids=[second], external_ids=["world"], contents=["Earth"], json_metadatas=[{"far": True}]
    )
    (changed,) = kili.dataset_assets(asset_id=second, fields=["externalId", "content", "metadata"])
    seen["changed"] = [changed["externalId"], changed["content"], changed["metadata"]]

    project_id = kili.create_project(input_type="TEXT", json_interface=INTERFACE, title="Moods")["id"]

    def in_project():
        return sorted(asset["content"] for asset in kili.assets(project_id=project_id, fields=["content"]))

    kili.append_datasets_to_project(project_id=project_id, dataset_ids=[], dataset_asset_ids=[first])
    seen["one"] = in_project()
    kili.append_datasets_to_project(project_id=project_id, dataset_ids=[dataset_id], dataset_asset_ids=[])
    seen["all"] = in_project()

    kili.delete_dataset_assets(asset_ids=[third])
    seen["counted"] = kili.count_dataset_assets(dataset_id=dataset_id)
    kili.update_properties_in_dataset(dataset_id=dataset_id, asset_type="TEXT", name="Words")
    if HAS_LISTS_OF_DATASETS:
        (dataset,) = kili.datasets(dataset_id=dataset_id)
        seen["listed"] = [dataset["name"], dataset["numberOfAssets"], len(dataset["users"]), kili.count_datasets()]
        user = kili.create_user(
            email=f"{dataset_id}@example.com", name="Ada King", password="a good password", organization_role="USER"
        )
        kili.append_to_dataset_users(dataset_id=dataset_id, user_email=f"{dataset_id}@example.com")
        (dataset,) = kili.datasets(dataset_id=dataset_id, fields=["users.id"])
        seen["shared"] = user["id"] in [one["id"] for one in dataset["users"]]
        (asset,) = kili.assets(project_id=project_id, dataset_asset_id=second, fields=["externalId", "datasetAssetId"])
        seen["origin"] = [asset["externalId"], asset["datasetAssetId"] == second]
    for identifier in (dataset_id, other_id):
        kili.delete_dataset(dataset_id=identifier)
    seen["deleted"] = [kept(), in_project()]
    report(seen)


main()
