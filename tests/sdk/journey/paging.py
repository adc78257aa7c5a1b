"""Many assets: imported in batches, listed in the order of import, page by page."""

import itertools

from _support import CLASSIFICATION_INTERFACE, connect, report

NAMES = [f"street-{number:03}" for number in range(250)]


def main():
    kili = connect()
    project_id = kili.create_project(input_type="IMAGE", json_interface=CLASSIFICATION_INTERFACE, title="Many")["id"]
    imported = kili.append_many_to_dataset(
        project_id=project_id,
        content_array=[f"https://storage.example.com/{name}.png" for name in NAMES],
        external_id_array=NAMES,
        disable_tqdm=True,
    )["asset_ids"]

    def listed(**arguments):
        # Without `id`: 2.160 gives a row too many for each page past `first` when the field is asked for.
        return kili.assets(project_id=project_id, fields=["externalId"], disable_tqdm=True, **arguments)

    def names(assets):
        return [asset["externalId"] for asset in assets]

    pages = [names(listed(first=60, skip=skip)) for skip in range(0, 360, 60)]
    everything = kili.assets(project_id=project_id, fields=["id", "externalId"], disable_tqdm=True)
    generator = listed(as_generator=True)
    seen = {
        "counted": kili.count_assets(project_id=project_id),
        "ids in order": [asset["id"] for asset in everything] == imported,
        "in order": names(everything) == NAMES,
        "pages": [len(page) for page in pages],
        "pages in order": list(itertools.chain(*pages)) == NAMES,
        "generator is lazy": not isinstance(generator, list),
        "generated in order": names(generator) == NAMES,
        "generated tail": names(listed(as_generator=True, first=3, skip=248)),
        "past the end": listed(first=10, skip=250),
        "exactly": names(listed(external_id_strictly_in=["street-007", "street-1", "street-101"])),
        "containing": names(listed(external_id_in=["street-00"])),
    }
    deleted = kili.delete_many_from_dataset(asset_ids=imported[:120])
    seen["left"] = [kili.count_assets(project_id=project_id), names(listed(first=1)), deleted is not None]
    kili.delete_project(project_id=project_id)
    return seen


if __name__ == "__main__":
    report(main())
