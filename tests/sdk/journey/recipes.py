"""Three public recipes: setting up workflows, labels inferred by models, and exporting with quality marks."""

import inspect
import json
import time
import zipfile

from _support import CLASSIFICATION_INTERFACE, THING, box, connect, folder, report, weather

PICTURES = [f"https://storage.example.com/{number}.jpg" for number in range(5)]
NAMES = [f"street-{number}" for number in range(5)]
BOX_INTERFACE = {"jobs": {"THING": THING}}
# Edges in hundredths of the picture: left, top, right, bottom.
BOXES = {
    "consensus": [[24, 33, 80, 94], [33, 40, 87, 96]],
    "gold": [33, 25, 55, 69],
    "honeypot": [[16, 51, 92, 75], [11, 26, 83, 89]],
}
# Readers of the recipes wait so long for marks.
PATIENCE_SECONDS = 40


def project_of(kili, title, interface, names=NAMES):
    """A new project of pictures, and the ids of its assets by name."""
    project_id = kili.create_project(input_type="IMAGE", json_interface=interface, title=title)["id"]
    asset_ids = kili.append_many_to_dataset(
        project_id=project_id, content_array=PICTURES[: len(names)], external_id_array=names, disable_tqdm=True
    )["asset_ids"]
    return project_id, dict(zip(names, asset_ids, strict=True))


def invited(kili, project_id, *names, role="LABELER"):
    """(id, e-mail) of people who are invited to a project."""
    emails = [f"{name}-{project_id}@example.com" for name in names]
    return [
        (kili.append_to_roles(project_id=project_id, user_email=email, role=role)["user"]["id"], email)
        for email in emails
    ]


def append(kili, project_id, names, answers, **options):
    made = kili.append_labels(
        project_id=project_id,
        asset_external_id_array=names,
        json_response_array=answers,
        disable_tqdm=True,
        **options,
    )
    return [label["id"] for label in made]


def boxed(edges, category="CAR"):
    return {"THING": {"annotations": [box(category, "one", *(edge / 100 for edge in edges))]}}


def waited(look):
    """What `look` sees once it says that all is there, or after some patience; and how many seconds that took."""
    started = time.monotonic()
    while True:
        found, is_complete = look()
        took = time.monotonic() - started
        if is_complete or took > PATIENCE_SECONDS:
            return found, took
        time.sleep(0.25)


def outcome(answer, project_id, names):
    """What a bulk action answered, its ids told by their names: some releases answer {id, asset_ids}, others lists."""
    if answer is None:
        return None
    if "asset_ids" in answer:
        return {
            "keys": sorted(answer),
            "project": answer["id"] == project_id,
            "assets": [names[identifier] for identifier in answer["asset_ids"]],
        }
    return {
        key: [[names[asset["assetId"]], asset["externalId"]] for asset in assets]
        for key, assets in sorted(answer.items())
    }


def set_up_workflows(kili):
    project_id, asset_ids = project_of(kili, "Workflows", CLASSIFICATION_INTERFACE)
    names = {identifier: name for name, identifier in asset_ids.items()}
    (_, ada), (_, bob), (_, eve) = invited(kili, project_id, "ada", "bob", "eve")
    settings = ["id", "reviewCoverage", "consensusTotCoverage", "minConsensusSize", "useHoneyPot"]

    def project():
        (found,) = kili.projects(project_id=project_id, fields=[*settings, "workflowVersion"])
        return [found[setting] for setting in settings[1:]]

    seen = {"project": [project()]}
    answered = kili.update_properties_in_project(project_id=project_id, review_coverage=50)
    seen["answered"] = [answered["id"] == project_id, answered["reviewCoverage"]]
    seen["project"].append(project())
    kili.update_properties_in_project(project_id=project_id, consensus_tot_coverage=1, min_consensus_size=3)
    seen["project"].append(project())
    in_consensus = [True, True, False, False, False]
    changed = kili.update_properties_in_assets(
        external_ids=NAMES, project_id=project_id, is_used_for_consensus_array=in_consensus
    )
    seen["changed"] = [asset["id"] for asset in changed] == list(asset_ids.values())
    kili.update_properties_in_project(project_id=project_id, use_honeypot=True)
    seen["project"].append(project())
    gold = kili.create_honeypot(json_response=weather("SUN"), asset_external_id="street-2", project_id=project_id)
    people = [[ada], [ada, bob], [bob], [eve], []]
    kili.update_properties_in_assets(external_ids=NAMES, project_id=project_id, to_be_labeled_by_array=people)
    kili.update_properties_in_assets(external_ids=NAMES, project_id=project_id, priorities=[0, 2, 0, -1, 7])
    assets = kili.assets(
        project_id=project_id,
        fields=["externalId", "isUsedForConsensus", "isHoneypot", "priority", "toBeLabeledBy.user.email", "status"],
    )
    seen["assets"] = [
        [
            asset["externalId"],
            asset["isUsedForConsensus"],
            asset["isHoneypot"],
            asset["priority"],
            sorted(member["user"]["email"].partition("-")[0] for member in asset["toBeLabeledBy"]),
            asset["status"],
        ]
        for asset in assets
    ]
    seen["gold"] = [
        [label["id"] == gold["id"], label["labelType"], label["isHoneypot"], label["jsonResponse"]]
        for label in kili.labels(project_id=project_id, fields=["id", "labelType", "isHoneypot", "jsonResponse"])
    ]

    def status(name):
        (asset,) = kili.assets(
            project_id=project_id,
            asset_id=asset_ids[name],
            fields=["id", "status", "currentStep.name", "currentStep.status"],
        )
        return [asset["status"], asset["currentStep"]["name"], asset["currentStep"]["status"]]

    kili.update_properties_in_project(project_id=project_id, review_coverage=0)
    append(kili, project_id, ["street-4"], [weather("RAIN")])
    seen["states"] = [status("street-4")]
    to_review = kili.add_to_review(asset_ids=[asset_ids["street-4"]])
    seen["to review"] = outcome(to_review, project_id, names)
    seen["states"].append(status("street-4"))
    back = kili.send_back_to_queue(asset_ids=[asset_ids["street-4"]])
    seen["sent back"] = outcome(back, project_id, names)
    seen["states"].append(status("street-4"))
    seen["is sent back"] = [
        label["isSentBackToQueue"]
        for label in kili.labels(
            project_id=project_id, asset_id=asset_ids["street-4"], fields=["id", "isSentBackToQueue"]
        )
    ]
    seen["not to review"] = outcome(kili.add_to_review(asset_ids=[asset_ids["street-0"]]), project_id, names)
    seen["not sent back"] = outcome(kili.send_back_to_queue(asset_ids=[asset_ids["street-0"]]), project_id, names)
    kili.delete_project(project_id=project_id)
    return seen


def inference_labels(kili):
    """For each order of arrival: the marks by asset, the labels, and how long the marks took."""
    seen = {}
    answers = {
        "INFERENCE": [weather("SUN"), weather("SUN")],
        "DEFAULT": [weather("SUN"), weather("RAIN")],
    }
    for order in (["INFERENCE", "DEFAULT"], ["DEFAULT", "INFERENCE"]):
        project_id, asset_ids = project_of(kili, "Inference", CLASSIFICATION_INTERFACE, NAMES[:2])
        made = {
            kind: append(
                kili,
                project_id,
                list(asset_ids),
                answers[kind],
                label_type=kind,
                **({"model_name": "guess"} if kind == "INFERENCE" else {}),
            )
            for kind in order
        }
        fields = ["id", "labelType", "inferenceMark", "labelOf.id", "jsonResponse", "modelName"]

        def marked(project_id=project_id, fields=fields):
            found = kili.labels(project_id=project_id, fields=fields, type_in=["DEFAULT"])
            return found, all(label["inferenceMark"] is not None for label in found)

        labels, took = waited(marked)
        (one,) = kili.labels(project_id=project_id, label_id=made["DEFAULT"][1], fields=fields)
        parsed = kili.labels(
            project_id=project_id, type_in=["INFERENCE"], fields=["id", "jsonResponse"], output_format="parsed_label"
        )
        assets = kili.assets(project_id=project_id, fields=["id", "externalId", "inferenceMark"])
        seen[" then ".join(order)] = {
            "within 40 s": took < PATIENCE_SECONDS,
            "labels": [[label["labelType"], label["inferenceMark"]] for label in labels],
            "inferred": [
                [label["modelName"], label["inferenceMark"]]
                for label in kili.labels(project_id=project_id, fields=fields, type_in=["INFERENCE"])
            ],
            "of assets": [label["labelOf"]["id"] for label in labels] == list(asset_ids.values()),
            "by id": [one["id"] == made["DEFAULT"][1], one["inferenceMark"]],
            "parsed": [label.jobs["WEATHER"].category.name for label in parsed],
            "assets": [[asset["externalId"], asset["inferenceMark"]] for asset in assets],
            "apart": [
                asset["externalId"]
                for asset in kili.assets(project_id=project_id, fields=["id", "externalId"], inference_mark_lte=0.5)
            ],
        }
        kili.delete_project(project_id=project_id)
    return seen


def export_a_project(kili):
    project_id, asset_ids = project_of(kili, "Export", BOX_INTERFACE, NAMES[:3])
    kili.update_properties_in_project(
        project_id=project_id, use_honeypot=True, consensus_tot_coverage=0, min_consensus_size=2
    )
    kili.update_properties_in_assets(
        external_ids=["street-0"], project_id=project_id, is_used_for_consensus_array=[True]
    )
    (ada, _), (bob, _) = invited(kili, project_id, "ada", "bob")
    kili.create_honeypot(json_response=boxed(BOXES["gold"]), asset_external_id="street-1", project_id=project_id)
    append(
        kili,
        project_id,
        ["street-0", "street-0", "street-1", "street-1"],
        [boxed(edges) for edges in [*BOXES["consensus"], *BOXES["honeypot"]]],
        author_id_array=[ada, bob, ada, bob],
    )
    authors = {ada: "ada", bob: "bob"}
    marks = ["consensusMark", "honeypotMark"]

    def assets(**chosen):
        found = kili.assets(project_id=project_id, fields=["id", "externalId", *marks], **chosen)
        return [[asset["externalId"], asset["consensusMark"], asset["honeypotMark"]] for asset in found]

    def labels(**chosen):
        found = kili.labels(project_id=project_id, fields=["id", "author.id", "labelOf.externalId", *marks], **chosen)
        return [
            [
                label["labelOf"]["externalId"],
                authors.get(label["author"]["id"]),
                label["consensusMark"],
                label["honeypotMark"],
            ]
            for label in found
        ]

    def names(found):
        return [row[0] for row in found]

    def marked():
        found = assets()
        return found, found[0][1] is not None and found[1][2] is not None

    ((_, agreed, _), *_), _ = waited(marked)
    least = (
        "consensus_mark_gte"
        if "consensus_mark_gte" in inspect.signature(kili.assets).parameters
        else "consensus_mark_gt"
    )
    seen = {
        "boxes": BOXES,
        "assets": assets(),
        "labels": labels(type_in=["DEFAULT"]),
        "consensus at least": [names(assets(**{least: value})) for value in (0.5, agreed, 0.7)],
        "honeypot at least": [names(assets(honeypot_mark_gte=value)) for value in (0.1, 0.2)],
        "honeypot at most": names(assets(honeypot_mark_lte=0.1)),
        "label consensus at least": [names(assets(label_consensus_mark_gte=value)) for value in (0.65, 0.66)],
        "label honeypot at least": [names(assets(label_honeypot_mark_gte=value)) for value in (0.2, 0.21)],
        "labels of honeypot at least": [
            [row[1] for row in labels(honeypot_mark_gte=value)] for value in (0.1, 0.2, 0.21)
        ],
        "labels of ada": names(labels(user_id=ada)),
    }
    parsed = kili.assets(
        project_id=project_id,
        fields=["id", "externalId", "latestLabel.jsonResponse"],
        label_output_format="parsed_label",
        asset_id_in=[asset_ids["street-0"]],
    )
    (annotation,) = parsed[0]["latestLabel"].jobs["THING"].annotations
    seen["latest"] = [annotation.category.name, annotation.bounding_poly[0].normalized_vertices]
    seen["raw"], seen["files"] = {}, []
    for single in (True, False):
        path = folder() / "export.zip"
        kili.export_labels(
            project_id=project_id,
            filename=str(path),
            fmt="raw",
            single_file=single,
            with_assets=False,
            disable_tqdm=True,
        )
        with zipfile.ZipFile(path) as entries:
            read = {name: json.loads(entries.read(name)) for name in entries.namelist() if name.endswith(".json")}
        if single:
            (exported,) = read.values()
            seen["raw"] = [
                [asset["externalId"], asset["latestLabel"] and asset["latestLabel"]["jsonResponse"]]
                for asset in exported
            ]
        else:
            seen["files"] = sorted(read)
    kili.delete_project(project_id=project_id)
    return seen


def main():
    kili = connect()
    return {
        "set_up_workflows": set_up_workflows(kili),
        "inference_labels": inference_labels(kili),
        "export_a_kili_project": export_a_project(kili),
    }


if __name__ == "__main__":
    report(main())
