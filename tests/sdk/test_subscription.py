"""Labels made by one process are heard by another."""

import json

SUN = {"WEATHER": {"categories": [{"name": "SUN", "confidence": 100}]}}
RAIN = {"WEATHER": {"categories": [{"name": "RAIN", "confidence": 100}]}}


def test_a_subscriber_hears_the_labels_of_its_project_and_no_other(start, run, finish):
    listener = start("26.2.4", "subscription", "listen")
    try:
        project_id, other_id = listener.stdout.readline().split()
        made = run("26.2.4", "subscription", "label", project_id, other_id)
        heard = finish(listener)
    finally:
        listener.kill()

    assert [{**event, "jsonResponse": json.loads(event["jsonResponse"])} for event in heard] == [
        {
            "id": label_id,
            "of the asset": True,
            "labelType": label_type,
            "jsonResponse": answer,
            "by": made["by"],
        }
        for label_id, label_type, answer in zip(made["made"], ["PREDICTION", "DEFAULT"], [RAIN, SUN], strict=True)
    ]
