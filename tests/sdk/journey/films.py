"""Films that are uploaded whole, with what the server says of them."""

import sys
import time

from _support import CLASSIFICATION_INTERFACE, connect, download, folder, report


def main():
    kili = connect()
    project_id = kili.create_project(input_type="VIDEO", json_interface=CLASSIFICATION_INTERFACE, title="Films")["id"]
    source = folder() / "drive.mp4"
    source.write_bytes(bytes.fromhex(sys.argv[1]))
    kili.append_many_to_dataset(
        project_id=project_id, content_array=[str(source)], external_id_array=["drive"], disable_tqdm=True
    )
    for _ in range(50):
        if kili.count_assets(project_id=project_id):
            break
        time.sleep(0.2)
    fields = ["externalId", "content", "jsonMetadata", "duration", "resolution.width", "resolution.height"]
    (asset,) = kili.assets(project_id=project_id, fields=fields, disable_tqdm=True)
    kili.append_labels(
        project_id=project_id,
        asset_external_id_array=["drive"],
        json_response_array=[{"0": {"WEATHER": {"categories": [{"name": "SUN"}], "isKeyFrame": True}}}],
        disable_tqdm=True,
    )
    (label,) = kili.labels(project_id=project_id, fields=["id", "jsonResponse"], disable_tqdm=True)
    seen = {
        "bytes": download(asset.pop("content")) == source.read_bytes(),
        "asset": asset,
        "label": label["jsonResponse"]["0"]["WEATHER"]["categories"][0]["name"],
    }
    kili.delete_project(project_id=project_id)
    return seen


if __name__ == "__main__":
    report(main())
