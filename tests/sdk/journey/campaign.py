"""A labeling campaign to its end: labelers take what the queue gives them, reviewers review it or send it back.

Two arguments: how many assets, and the people as a JSON object of {name: [e-mail, API key, role]}.
"""

import hashlib
import json
import os
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from _support import IMAGE_INTERFACE, box, connect, report, weather

HONEYPOTS = [7, 40, 77, 120, 160]
CONSENSUS_PERCENT, REVIEW_PERCENT, CONSENSUS_SIZE = 30, 20, 2
NEXT = """
query ($id: ID!, $inReview: Boolean) {
  next: getNextAssetFromProject(projectID: $id, inReview: $inReview) { id externalId latestLabel { jsonResponse } }
}
"""
ASSET_FIELDS = ["id", "externalId", "status", "currentStep.name", "currentStep.status", "isHoneypot"]
ASSET_FIELDS += ["isUsedForConsensus", "consensusMark", "consensusMarkPerCategory", "honeypotMark"]
LABEL_FIELDS = ["id", "labelOf.externalId", "labelType", "author.email", "jsonResponse", "isHoneypot", "createdAt"]
LABEL_FIELDS += ["secondsToLabel", "isSentBackToQueue", "isLatestLabelForUser", "isLatestDefaultLabelForUser"]
LABEL_FIELDS += ["consensusMark", "honeypotMark", "reviewScore"]
PROJECT_FIELDS = ["numberOfAssets", "numberOfRemainingAssets", "numberOfReviewedAssets", "completionPercentage"]
PROJECT_FIELDS += ["numberOfLatestLabels", "consensusMark", "consensusMarkPerCategory", "honeypotMark"]
PROJECT_FIELDS += ["steps.id", "steps.name"]
MEMBER_FIELDS = ["user.email", "consensusMark", "consensusMarkPerCategory", "honeypotMark", "numberOfLabeledAssets"]
MEMBER_FIELDS += ["numberOfLabels", "numberOfAnnotations", "totalDuration", "lastLabelingAt"]
PATIENCE_SECONDS = 40
MOST_REFUSALS = 5


def dice(*what, sides):
    """A number below `sides` that is always the same for the same words."""
    digest = hashlib.sha256(":".join(map(str, what)).encode()).digest()
    return int.from_bytes(digest[:4], "big") % sides


def number_of(name):
    return int(name.rpartition("-")[2])


def answer(person, name, turn):
    """What a person says of an asset: mostly SUN, a car about where it is, and sometimes somebody."""
    said = weather("RAIN" if dice(person, name, turn, "weather", sides=4) == 0 else "SUN")
    left, top = (20 + dice(person, name, turn, edge, sides=15) for edge in ("left", "top"))
    boxes = [box("CAR", "car", left / 100, top / 100, (left + 40) / 100, (top + 30) / 100)]
    if dice(person, name, turn, "somebody", sides=3) == 0:
        boxes.append(box("PERSON", "somebody", 0.7, 0.5, (80 + dice(person, name, turn, "width", sides=15)) / 100, 0.9))
    return {**said, "THING": {"annotations": boxes}}


class Worker:
    """A member of the project with a client of their own."""

    def __init__(self, name, key, project_id):
        from kili.client import Kili

        self.name, self.key, self.project_id = name, key, project_id
        self.kili = Kili(api_key=key, api_endpoint=os.environ["KILI_API_ENDPOINT"])
        self.refused = []

    def next_asset(self, *, in_review):
        """The next asset of the queue: the SDK has no call for it, the labeling screen asks for it like this."""
        body = json.dumps({"query": NEXT, "variables": {"id": self.project_id, "inReview": in_review}}).encode()
        headers = {"Authorization": f"X-API-Key: {self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(os.environ["KILI_API_ENDPOINT"], body, headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            answered = json.load(response)
        if "errors" in answered:
            raise RuntimeError(f"{self.name} got no asset: {answered['errors']}")
        return answered["data"]["next"]

    def submit(self, asset, said, **options):
        """Append one label; what is refused is kept as [name of the asset, text]."""
        try:
            self.kili.append_labels(
                project_id=self.project_id,
                asset_id_array=[asset["id"]],
                json_response_array=[said],
                seconds_to_label_array=[1 + number_of(asset["externalId"]) % 7],
                disable_tqdm=True,
                **options,
            )
        except Exception as refused:  # which exception is raised differs between releases
            self.refused.append([self.name, asset["externalId"], str(refused)])
            if len(self.refused) > MOST_REFUSALS:
                raise

    def send_back(self, asset):
        """Let an asset be labeled again."""
        self.kili.send_back_to_queue(asset_ids=[asset["id"]])

    def label(self, turn):
        """Label until the queue is empty; answers the names of the assets in their order."""
        labeled = []
        while asset := self.next_asset(in_review=False):
            labeled.append(asset["externalId"])
            self.submit(asset, answer(self.name, asset["externalId"], turn))
        return labeled

    def review(self, turn):
        """Review until nothing is left; in the first turn every third asset is sent back. Answers the names of those."""
        sent_back = []
        while asset := self.next_asset(in_review=True):
            name = asset["externalId"]
            if turn == 0 and number_of(name) % 3 == 0:
                self.send_back(asset)
                sent_back.append(name)
            elif number_of(name) % 2:
                self.submit(asset, json.loads(asset["latestLabel"]["jsonResponse"]), label_type="REVIEW")
            else:
                self.submit(asset, answer(self.name, name, turn), label_type="REVIEW")
        return sent_back


def begin(kili, title, count, people, **settings):
    """A project with assets, members and coverages, by arguments that every release knows; answers its id and the assets' names."""
    project_id = kili.create_project(input_type="IMAGE", json_interface=IMAGE_INTERFACE, title=title)["id"]
    names = [f"street-{number}" for number in range(count)]
    kili.append_many_to_dataset(
        project_id=project_id,
        content_array=[f"https://storage.example.com/{name}.jpg" for name in names],
        external_id_array=names,
    )
    for email, _, role in people.values():
        kili.append_to_roles(project_id=project_id, user_email=email, role=role)
    kili.update_properties_in_project(
        project_id=project_id,
        consensus_tot_coverage=CONSENSUS_PERCENT,
        min_consensus_size=CONSENSUS_SIZE,
        review_coverage=REVIEW_PERCENT,
        **settings,
    )
    return project_id, names


def set_up(kili, count, people):
    project_id, names = begin(kili, "Campaign", count, people, use_honeypot=True)
    for number in HONEYPOTS:
        name = names[number]
        kili.create_honeypot(json_response=answer("gold", name, 0), asset_external_id=name, project_id=project_id)
    return project_id


def at_once(work, workers):
    """What everybody answers who works at the same time."""
    with ThreadPoolExecutor(len(workers)) as pool:
        return list(pool.map(work, workers))


def settled(read):
    """What is read twice in a row, a while apart."""
    started, before = time.monotonic(), None
    while time.monotonic() - started < PATIENCE_SECONDS:
        found = read()
        if found == before:
            break
        before = found
        time.sleep(2)
    return before


def state(kili, project_id):
    """Everything the campaign left, once the marks have settled."""
    found = settled(lambda: kili.labels(project_id=project_id, fields=LABEL_FIELDS, disable_tqdm=True))
    return {
        "project": kili.projects(project_id=project_id, fields=PROJECT_FIELDS, disable_tqdm=True)[0],
        "assets": kili.assets(project_id=project_id, fields=ASSET_FIELDS, disable_tqdm=True),
        "labels": found,
        "members": kili.project_users(project_id=project_id, fields=MEMBER_FIELDS, disable_tqdm=True),
    }


def run(people, project_id, worker):
    """Label, review, label what was sent back and review it; answers what people did."""
    workers = {name: worker(name, key, project_id) for name, (_, key, _) in people.items()}
    labelers = [workers[name] for name, (_, _, role) in people.items() if role == "LABELER"]
    reviewers = [workers[name] for name, (_, _, role) in people.items() if role == "REVIEWER"]
    labeled, sent_back, phases = [], [], [time.monotonic()]
    for turn in (0, 1):
        labeled.append(at_once(lambda worker, turn=turn: worker.label(turn), labelers))
        sent_back.append(at_once(lambda worker, turn=turn: worker.review(turn), reviewers))
        phases.append(time.monotonic())
    return {
        "seconds": [phases[1] - phases[0], phases[2] - phases[1]],
        "labeled": labeled,
        "sent back": sent_back,
        "refused": [refusal for worker in workers.values() for refusal in worker.refused],
    }


def main(count, people):
    kili = connect()
    project_id = set_up(kili, count, people)
    return {**run(people, project_id, Worker), **state(kili, project_id)}


if __name__ == "__main__":
    report(main(int(sys.argv[1]), json.loads(sys.argv[2])))
