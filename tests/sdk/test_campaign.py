"""A campaign of three labelers and two reviewers: what the server says of it at the end is computed again from the raw labels."""

import asyncio
import hashlib
import itertools
import json
import secrets
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from statistics import fmean
from typing import Any

import pytest

from labelyard.server.cli.command import main
from tests.common.server import ServerProcess

ASSETS = 200
HONEYPOTS = {f"street-{number}" for number in (7, 40, 77, 120, 160)}
PEOPLE = {"ada": "LABELER", "bob": "LABELER", "eve": "LABELER", "rex": "REVIEWER", "zoe": "REVIEWER"}


RUNS = [("26.2.4", "campaign", "V1"), ("26.2.4", "campaign", "V2"), ("2.60.0", "campaign_2021", "V1")]


@pytest.fixture(params=RUNS, ids=lambda chosen: f"{chosen[0]} {chosen[2]}")
async def live_server(request, cluster, tmp_path) -> AsyncIterator[ServerProcess]:
    """A server whose new projects have each workflow in turn."""
    url = await cluster.new_database()
    key = f"ly_test_{secrets.token_hex(16)}"
    server = ServerProcess(url, tmp_path / "data", api_key=key, workflow_version=request.param[2]).start()
    yield server
    server.stop()


@pytest.fixture
def command(live_server, monkeypatch, capsys):
    """Run a command of `labelyard` beside the server and give what it printed."""
    monkeypatch.setenv("LABELYARD_DATABASE_URL", live_server.database_url)
    monkeypatch.setenv("LABELYARD_ALLOW_UNSAFE_DATABASE", "true")

    async def told(*arguments: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["labelyard", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(main)  # a command runs a loop of its own
        assert not ended.value.code, capsys.readouterr().err
        return capsys.readouterr().out.splitlines()

    return told


def mark(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=0, abs=1e-9)


def mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def is_drawn(asset_id: str, draw: str, percent: int) -> bool:
    return int(hashlib.sha256(f"{asset_id}:{draw}".encode()).hexdigest()[:8], 16) % 100 < percent


def category(answer: Any) -> str:
    return str(answer["WEATHER"]["categories"][0]["name"])


def boxes(answer: Any) -> dict[str, tuple[float, float, float, float]]:
    """The edges of the boxes, of which there is at most one in a category."""
    found = {}
    for annotation in answer["THING"]["annotations"]:
        corners = annotation["boundingPoly"][0]["normalizedVertices"]
        across, down = [corner["x"] for corner in corners], [corner["y"] for corner in corners]
        found[annotation["categories"][0]["name"]] = (min(across), min(down), max(across), max(down))
    return found


def detection(one: Any, other: Any) -> tuple[float, int]:
    """The score and the weight of the boxes of two answers."""
    these, those = boxes(one), boxes(other)
    similar = []
    for name in these.keys() & those.keys():
        a, b = these[name], those[name]
        shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
        if shared:
            whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
            similar.append(shared / whole)
    weight = len(these) + len(those) - len(similar)
    return sum(similar) / weight, weight


def agreement(one: Any, other: Any) -> float:
    score, weight = detection(one, other)
    return ((category(one) == category(other)) + score * weight) / (1 + weight)


def consensus(answers: Sequence[Any]) -> float | None:
    if len(answers) < 2:
        return None
    said = [category(answer) for answer in answers]
    agreed = fmean(said.count(name) / len(said) for name in set(said))
    pairs = [detection(one, other) for one, other in itertools.combinations(answers, 2)]
    weight = fmean(weight for _, weight in pairs)
    return (agreed + fmean(score for score, _ in pairs) * weight) / (1 + weight)


def per_category(answers: Sequence[Any]) -> Any:
    """What the people agree on in each category."""
    if len(answers) < 2:
        return None
    said = [category(answer) for answer in answers]
    things: Any = defaultdict(list)
    for one, other in itertools.combinations(answers, 2):
        for name in boxes(one).keys() | boxes(other).keys():
            things[name].append(detection(only(one, name), only(other, name))[0])
    return {
        "WEATHER": {name: said.count(name) / len(said) for name in set(said)},
        "THING": {name: fmean(scores) for name, scores in things.items()},
    }


def only(answer: Any, name: str) -> Any:
    kept = [thing for thing in answer["THING"]["annotations"] if thing["categories"][0]["name"] == name]
    return {**answer, "THING": {"annotations": kept}}


def mean_per_category(found: Iterable[Any]) -> Any:
    gathered: Any = defaultdict(lambda: defaultdict(list))
    for marks in found:
        for job, categories in (marks or {}).items():
            for name, value in categories.items():
                gathered[job][name].append(value)
    return {job: {name: fmean(of) for name, of in marks.items()} for job, marks in gathered.items()} or None


def marked(marks: Any) -> Any:
    return marks and {job: {name: mark(value) for name, value in of.items()} for job, of in marks.items()}


def new_figures() -> Any:
    return {
        "consensus": {},
        "by category": {},
        "honeypot": {},
        "assets": {},
        "labels": 0,
        "seconds": 0,
        "newest": "",
    }


async def test_a_campaign_ends_as_its_labels_say(run, command, request):
    people = {}
    for name, role in PEOPLE.items():
        email = f"{name}.campaign@example.com"
        await command("user", "create", email)
        people[name] = [email, (await command("key", "create", email))[-1], role]
    release, journey, workflow = request.node.callspec.params["live_server"]
    seen = await asyncio.to_thread(run, release, journey, str(ASSETS), json.dumps(people))
    names = {email: name for name, (email, _, _) in people.items()}

    assert seen["refused"] == []
    for turn in seen["labeled"]:
        for taken in turn:
            assert len(set(taken)) == len(taken)
    sent_back = [name for of_person in seen["sent back"][0] for name in of_person]
    assert len(set(sent_back)) == len(sent_back) > 0
    assert seen["sent back"][1] == [[], []]

    # Without steps the draw of what is reviewed has a name of its own.
    steps = {step["name"]: step["id"] for step in seen["project"]["steps"]}
    assert list(steps) == ([] if workflow == "V1" else ["Default", "Review"])
    by_hand = seen.get("consensus by hand", {})
    review_draw = steps["Review"] if steps else "review"
    labels = defaultdict(list)
    for label in seen["labels"]:
        labels[label["labelOf"]["externalId"]].append(label)
    of_member: Any = defaultdict(new_figures)
    whole: Any = new_figures()
    reviewed = 0
    assert len(seen["assets"]) == ASSETS
    for asset in seen["assets"]:
        name = asset["externalId"]
        shared, honeypot = by_hand.get(name, is_drawn(asset["id"], "consensus", 30)), name in HONEYPOTS
        covered = is_drawn(asset["id"], review_draw, 20)
        assert [asset["isUsedForConsensus"], asset["isHoneypot"]] == [shared, honeypot], name
        done = ["REVIEWED", "Review", "DONE"] if covered else ["LABELED", "Default", "DONE"]
        in_step = list(asset["currentStep"].values()) if steps else done[1:]
        assert [asset["status"], *in_step] == done, name
        assert (name in sent_back) == (covered and int(name.removeprefix("street-")) % 3 == 0), name
        reviewed += covered

        # Labels are in the order in which they came.
        latest: dict[str, Any] = {}
        gold = newest = None
        for label in labels[name]:
            if label["labelType"] == "DEFAULT":
                newest = latest[label["author"]["email"]] = label
                assert label["reviewScore"] is None
            else:
                gold = label
                scored = None if label["isHoneypot"] else agreement(label["jsonResponse"], newest["jsonResponse"])
                assert label["reviewScore"] == mark(scored), name
        defaults = [label for label in labels[name] if label["labelType"] == "DEFAULT"]
        reviews = [label for label in labels[name] if label["labelType"] == "REVIEW" and not label["isHoneypot"]]
        expected_labels = (2 if shared else 1) * (2 if name in sent_back else 1)
        # A honeypot may be open at all labelers' at once.
        assert expected_labels <= len(defaults) <= (6 if honeypot else expected_labels), name
        assert len(reviews) == covered, name

        answers = [label["jsonResponse"] for label in latest.values()]
        agreed = consensus(answers) if shared else None
        by_category = per_category(answers) if shared else None
        assert asset["consensusMarkPerCategory"] == marked(by_category), name
        honest = {
            label["id"]: agreement(label["jsonResponse"], gold["jsonResponse"])
            for label in defaults
            if honeypot and gold
        }
        honesty = mean([honest[label["id"]] for label in latest.values()]) if honeypot else None
        assert [asset["consensusMark"], asset["honeypotMark"]] == [mark(agreed), mark(honesty)], name
        for label in defaults:
            email = label["author"]["email"]
            others = [
                agreement(label["jsonResponse"], other["jsonResponse"]) for who, other in latest.items() if who != email
            ]
            assert label["consensusMark"] == mark(mean(others) if shared else None), name
            assert label["honeypotMark"] == mark(honest.get(label["id"])), name
            assert label["isLatestDefaultLabelForUser"] == (latest[email]["id"] == label["id"]), name
        for label in defaults + reviews:
            member = of_member[label["author"]["email"]]
            member["assets"][name] = len(boxes(label["jsonResponse"])) + 1
            member["labels"] += 1
            member["seconds"] += label["secondsToLabel"]
            member["newest"] = max(member["newest"], label["createdAt"])
        for of in [whole, *(of_member[email] for email in latest)]:
            if shared:
                of["consensus"][name], of["by category"][name] = agreed, by_category
        for email in latest:
            if honeypot:
                of_member[email]["honeypot"][name] = honest[latest[email]["id"]]
        if honeypot:
            whole["honeypot"][name] = honesty

    project = seen["project"]
    golds = len(HONEYPOTS)
    assert project["numberOfLatestLabels"] == sum(len(of["assets"]) for of in of_member.values()) + golds
    assert project["consensusMark"] == mark(mean(list(whole["consensus"].values())))
    assert project["honeypotMark"] == mark(mean(list(whole["honeypot"].values())))
    assert project["consensusMarkPerCategory"] == marked(mean_per_category(whole["by category"].values()))
    assert [project["numberOfAssets"], project["numberOfRemainingAssets"], project["numberOfReviewedAssets"]] == [
        ASSETS,
        0,
        reviewed,
    ]
    assert project["completionPercentage"] == 100
    for found in seen["members"]:
        email = found["user"]["email"]
        if email not in names:
            continue
        expected = of_member[email]
        assert [found["numberOfLabels"], found["numberOfLabeledAssets"], found["numberOfAnnotations"]] == [
            expected["labels"],
            len(expected["assets"]),
            sum(expected["assets"].values()),
        ], email
        assert [found["totalDuration"], found["lastLabelingAt"]] == [expected["seconds"], expected["newest"]], email
        assert found["consensusMarkPerCategory"] == marked(mean_per_category(expected["by category"].values())), email
        assert found["consensusMark"] == mark(mean(list(expected["consensus"].values()))), email
        assert found["honeypotMark"] == mark(mean(list(expected["honeypot"].values()))), email
