"""A subscription hears of labels that another process makes: `listen`, then `label` from elsewhere."""

import queue
import sys

from _support import ANSWER, CLASSIFICATION_INTERFACE, connect, report, weather


def listen():
    """Print the project's id once the subscription stands, and report the two events that follow."""
    kili = connect()
    project_id = kili.create_project(input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE, title="Heard")["id"]
    other_id = kili.create_project(input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE, title="Unheard")["id"]
    for target in (project_id, other_id):
        kili.append_many_to_dataset(
            project_id=target, content_array=["a letter"], external_id_array=["letter"], disable_tqdm=True
        )
    events = queue.Queue()
    kili.label_created_or_updated(project_id=project_id, callback=lambda _id, event: events.put(event))
    print(project_id, other_id, file=ANSWER, flush=True)
    heard = [events.get(timeout=30)["payload"]["data"]["data"] for _ in range(2)]
    asset_id = kili.assets(project_id=project_id, fields=["id"])[0]["id"]
    return [
        {
            "id": event["id"],
            "of the asset": event["labelOf"]["id"] == asset_id,
            "labelType": event["labelType"],
            "jsonResponse": event["jsonResponse"],
            "by": event["author"]["email"],
        }
        for event in heard
    ]


def label(project_id, other_id):
    """Make one label where nobody listens and two where somebody does."""
    kili = connect()
    made = [
        kili.append_labels(
            project_id=target,
            asset_external_id_array=["letter"],
            json_response_array=[weather(category)],
            label_type=label_type,
            model_name=model,
            disable_tqdm=True,
        )[0]["id"]
        for target, category, label_type, model in (
            (other_id, "RAIN", "DEFAULT", None),
            (project_id, "RAIN", "PREDICTION", "guess"),
            (project_id, "SUN", "DEFAULT", None),
        )
    ]
    return {"made": made[1:], "by": kili.get_current_user()["email"]}


if __name__ == "__main__":
    report(listen() if sys.argv[1] == "listen" else label(*sys.argv[2:]))
