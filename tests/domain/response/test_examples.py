import json
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text("utf-8"))
ACCEPTED = [example for example in EXAMPLES if example["expect"] == "accept"]
REFUSED = [example for example in EXAMPLES if example["expect"] == "refuse"]


def named(example: dict[str, Any]) -> str:
    return f"{example['id']} {example['title']}"


def found(problems: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in problems]


def test_all_examples_are_there():
    assert (len(ACCEPTED), len(REFUSED)) == (33, 58)


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("example", ACCEPTED, ids=named)
def test_an_accepted_answer_is_accepted(example, strict, projects):
    checked = projects[example["project"]].check(
        example["jsonResponse"], label_type=example["labelType"], strict=strict
    )
    assert checked.errors == ()
    if example["labelType"] == "DEFAULT":
        assert checked.warnings == ()


@pytest.mark.parametrize("example", REFUSED, ids=named)
def test_a_refused_answer_is_refused_at_its_place(example, projects):
    project, expected = projects[example["project"]], (example["code"], example["path"])
    response, label_type, is_strict = example["jsonResponse"], example["labelType"], example["level"] == "S"
    refused = project.check(response, label_type=label_type, strict=is_strict)
    assert expected in found(refused.errors)
    lenient = project.check(response, label_type=label_type)
    prediction = project.check(response, label_type="PREDICTION", strict=True)
    if example["level"] == "E":
        assert expected in found(lenient.errors)
        assert expected in found(prediction.errors)
    else:
        assert prediction.errors == ()
        assert expected in found(prediction.warnings)
    if example["level"] == "S":
        assert lenient.errors == ()
        assert expected in found(lenient.warnings)
