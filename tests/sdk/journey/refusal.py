"""Answers that do not fit the interface: each must be refused with words that help, and nothing stored."""

from _support import IMAGE_INTERFACE, box, connect, refusal_of, report, weather


def triangle():
    annotation = box("CAR", "car", 0.2, 0.2, 0.6, 0.6)
    del annotation["boundingPoly"][0]["normalizedVertices"][3]
    return annotation


CASES = {
    "unknown category": weather("FOG"),
    "two answers on a radio": {"WEATHER": {"categories": [{"name": "SUN"}, {"name": "RAIN"}]}},
    "unknown job": {"WHEATHER": {"categories": [{"name": "SUN"}]}},
    "box of three corners": {**weather("SUN"), "THING": {"annotations": [triangle()]}},
}
BROKEN = """
mutation($data: AppendManyLabelsData!, $where: AssetWhere!) {
  data: appendManyLabels(data: $data, where: $where) { id }
}
"""


def main():
    kili = connect()
    project_id = kili.create_project(input_type="IMAGE", json_interface=IMAGE_INTERFACE, title="Refusals")["id"]
    asset_ids = kili.append_many_to_dataset(
        project_id=project_id,
        content_array=["https://storage.example.com/1.png", "https://storage.example.com/2.png"],
        external_id_array=["street-1", "street-2"],
        disable_tqdm=True,
    )["asset_ids"]
    kili.append_labels(
        project_id=project_id, asset_id_array=asset_ids[:1], json_response_array=[weather("SUN")], disable_tqdm=True
    )

    def refusal(call):
        refused = refusal_of(call)
        context = getattr(refused, "context", None) or {}
        return {
            "kind": type(refused).__name__,
            "text": str(refused),
            "errors": [[error["code"], error["path"]] for error in context.get("errors", [])],
            "labels": kili.count_labels(project_id=project_id),
        }

    def append(answers):
        # A good label stands before the bad one: one refused label refuses them all.
        kili.append_labels(
            project_id=project_id,
            asset_id_array=[asset_ids[0], asset_ids[1]],
            json_response_array=[weather("RAIN"), answers],
            disable_tqdm=True,
        )

    def append_broken():
        kili.graphql_client.execute(
            BROKEN,
            {
                "data": {
                    "labelType": "DEFAULT",
                    "labelsData": [{"assetID": asset_ids[1], "jsonResponse": '{"WEATHER":'}],
                },
                "where": {"idIn": [asset_ids[1]]},
            },
        )

    seen = {name: refusal(lambda answers=answers: append(answers)) for name, answers in CASES.items()}
    seen["broken JSON"] = refusal(append_broken)
    seen["status"] = [
        [asset["externalId"], asset["status"]]
        for asset in kili.assets(project_id=project_id, fields=["id", "externalId", "status"])
    ]
    seen["nobody"] = refusal(lambda: kili.assets(project_id="c000000000000000000000000", fields=["id"]))
    kili.delete_project(project_id=project_id)
    return seen


if __name__ == "__main__":
    report(main())
