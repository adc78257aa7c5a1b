"""What holds for any label: the short way agrees with the rules, counts with a plain recount, texts stay as sent."""

import copy
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelyard.domain.response import RESPONSE_RULES, AssetFacts, compile_validator

CATEGORIES = {
    "WEATHER": ["SUN", "RAIN"],
    "TAGS": ["NIGHT", "BLUR", "IS IT CROPPED?"],
    "INTENSITY": ["LOW", "HIGH"],
    "COLOR": ["RED", "BLUE"],
}
OPENED = {"RAIN": "INTENSITY"}
ODD = st.sampled_from([None, {}, [], "", 0, True, "FOG", 1.5, {"name": "SUN"}, [[]], "m0", -3, {"x": 1}])
confidences = st.sampled_from([100, 0.5, -2, 10**25])


def optional(**keys):
    """Objects with any of the keys."""
    return st.fixed_dictionaries({}, optional=keys)


def categories(job):
    def item(name):
        keys = {"confidence": confidences}
        if name in OPENED:
            keys["children"] = optional(INTENSITY=classification("INTENSITY")) | st.none()
        return st.fixed_dictionaries({"name": st.just(name)}, optional=keys)

    limit = len(CATEGORIES[job]) if job in {"TAGS", "COLOR"} else 1
    return st.lists(st.sampled_from(CATEGORIES[job]), max_size=limit, unique=True).flatmap(
        lambda names: st.tuples(*map(item, names)).map(list)
    )


def classification(job):
    return st.fixed_dictionaries({"categories": categories(job)})


texts = st.fixed_dictionaries({"text": st.sampled_from(["", "x", "a:b", 'q"', "été", "{:}"])})
fractions = st.sampled_from([0, 1, 0.25, 0.5, 1.0005, -0.0005])
points = st.fixed_dictionaries({"x": fractions, "y": fractions})
mids = st.sampled_from(["m0", "m1", "m2", None])


no_children = st.just({})


def annotation(category, children=no_children, **geometry):
    return st.fixed_dictionaries(
        {"categories": st.just([{"name": category}]) | st.just([{"name": category, "confidence": 3}]), **geometry},
        optional={
            "mid": mids,
            "children": children,
            "score": st.none(),
            "vertices": st.just([{"x": 1}]),
        },
    )


def outlines(size, most):
    return st.lists(points, min_size=size, max_size=most).map(lambda ring: [{"normalizedVertices": ring}])


nested = optional(COLOR=classification("COLOR"), PLATE=texts)
boxes = annotation("CAR", nested, boundingPoly=outlines(4, 4)) | annotation("PERSON", boundingPoly=outlines(4, 5))
labels = optional(
    WEATHER=classification("WEATHER"),
    TAGS=classification("TAGS"),
    NOTE=texts,
    OBJ=st.fixed_dictionaries({"annotations": st.lists(boxes, max_size=3)}),
    ROOF=st.fixed_dictionaries({"annotations": st.lists(annotation("FLAT", boundingPoly=outlines(3, 5)), max_size=2)}),
    PT=st.fixed_dictionaries({"annotations": st.lists(annotation("TREE", point=points), max_size=2)}),
    LANE=st.fixed_dictionaries(
        {"annotations": st.lists(annotation("LEFT", polyline=st.lists(points, min_size=2, max_size=3)), max_size=2)}
    ),
)


def places(value, found):
    if isinstance(value, dict):
        for key, item in value.items():
            found.append((value, key))
            places(item, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found.append((value, index))
            places(item, found)
    return found


@st.composite
def spoiled(draw):
    """A label with up to two values replaced by something else."""
    label = copy.deepcopy(draw(labels))
    for _ in range(draw(st.integers(0, 2))):
        targets = places(label, [])
        if targets:
            holder, key = targets[draw(st.integers(0, len(targets) - 1))]
            holder[key] = copy.deepcopy(draw(ODD))
    return label


def by_rules(validator, text, label_type, strict):
    return validator.check_fully(
        text,
        json.loads(text),
        is_human=label_type == "DEFAULT",
        strict=strict,
        asset=AssetFacts(),
        mint=lambda: "new",
    )


@settings(max_examples=1_500, deadline=None)
@given(label=spoiled(), label_type=st.sampled_from(["DEFAULT", "PREDICTION"]), strict=st.booleans())
def test_the_short_way_says_what_the_rules_say(label, label_type, strict, projects):
    text = json.dumps(label)
    validator = projects["img"].validator
    checked = validator.check(text, label_type=label_type, strict=strict, asset=AssetFacts(), mint=lambda: "new")
    full = by_rules(validator, text, label_type, strict)
    assert checked._replace(text="") == full._replace(text="")
    assert json.loads(checked.text) == json.loads(full.text)


RING = [{"x": 0.1, "y": 0.1}, {"x": 0.1, "y": 0.4}, {"x": 0.5, "y": 0.4}, {"x": 0.5, "y": 0.1}]
BOX = {"type": "rectangle", "categories": [{"name": "CAR"}], "boundingPoly": [{"normalizedVertices": RING}]}
PLAIN = {
    "one choice": {"WEATHER": {"categories": [{"name": "SUN", "confidence": 1}]}},
    "several": {"TAGS": {"categories": [{"name": "NIGHT"}, {"name": "BLUR"}]}},
    "nested": {
        "WEATHER": {"categories": [{"name": "RAIN", "children": {"INTENSITY": {"categories": [{"name": "LOW"}]}}}]}
    },
    "text": {"NOTE": {"text": "a:b"}},
    "box": {"OBJ": {"annotations": [{**BOX, "mid": "m", "children": {"PLATE": {"text": "x"}}}]}},
    "box without mid or type": {"OBJ": {"annotations": [{**BOX, "type": "rectangle", "score": None}]}},
    "point": {"PT": {"annotations": [{"type": "marker", "categories": [{"name": "TREE"}], "point": {"x": 0, "y": 1}}]}},
}


@pytest.mark.parametrize("label", PLAIN.values(), ids=list(PLAIN))
def test_the_short_way_is_taken_by_plain_labels(label, projects):
    """A guard against a short way that is never taken and therefore always right."""
    tally = projects["img"].validator.quick_tally(copy.deepcopy(label))
    assert tally is not None
    assert (tally.number_of_annotations, tally.search) == recount(label)


def recount(answers):
    """Count annotations and categories of a plain label by walking it once more."""
    number, search = 0, Counter()
    for job, answer in answers.items():
        chosen = answer.get("categories") or []
        listed = answer.get("annotations") or []
        number += bool(chosen) + len(listed) + bool(answer.get("text"))
        for item in chosen:
            search[f"{job}.{item['name']}"] += 1
        for item in listed:
            search[f"{job}.{item['categories'][0]['name']}"] += 1
        for item in [*chosen, *listed]:
            below, found = recount(item.get("children") or {})
            number += below
            search += found
    return number, search


@settings(max_examples=400, deadline=None)
@given(label=labels)
def test_counts_equal_a_plain_recount(label, projects):
    checked = projects["img"].check(label, label_type="PREDICTION")
    if not checked.errors:
        assert (checked.number_of_annotations, checked.search) == recount(label)


@settings(max_examples=400, deadline=None)
@given(label=spoiled(), spaces=st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]), is_ascii=st.booleans())
def test_a_text_that_needs_no_mid_is_stored_as_sent(label, spaces, is_ascii, projects):
    text = json.dumps(label, separators=spaces, ensure_ascii=is_ascii)
    minted = []

    def mint():
        minted.append("new")
        return "new"

    checked = projects["img"].validator.check(
        text, label_type="PREDICTION", strict=False, asset=AssetFacts(), mint=mint
    )
    if not minted and '"confidence": null' not in json.dumps(label):
        assert checked.text == text
    elif not checked.errors:
        assert order_of(json.loads(checked.text), label)


def order_of(stored, sent):
    """Whether all keys that were sent stand in the same order, but for dropped confidences."""
    if isinstance(sent, dict):
        kept = [key for key in sent if not (key == "confidence" and sent[key] is None)]
        return [key for key in stored if key in kept] == kept and all(order_of(stored[key], sent[key]) for key in kept)
    if isinstance(sent, list):
        return len(stored) == len(sent) and all(map(order_of, stored, sent))
    return stored == sent or sent is None


@settings(max_examples=400, deadline=None)
@given(label=spoiled())
def test_strictness_and_authorship_only_move_problems_between_the_two_lists(label, projects):
    project = projects["img"]

    def problems(**how):
        checked = project.check(label, **how)
        return sorted((*checked.errors, *checked.warnings), key=repr), checked

    strict, strict_checked = problems(strict=True)
    human, human_checked = problems()
    model, model_checked = problems(label_type="PREDICTION", strict=True)
    assert strict == human == model
    assert set(model_checked.errors) <= set(human_checked.errors) <= set(strict_checked.errors)
    assert strict_checked.warnings == ()
    assert {problem.code for problem in strict} <= set(RESPONSE_RULES)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
KEYS = [
    "WEATHER",
    "OBJ",
    "REL",
    "FACE",
    "SEG",
    "0",
    "assetLevel",
    "round",
    "categories",
    "annotations",
    "name",
    "children",
]
KEYS += [
    "boundingPoly",
    "normalizedVertices",
    "points",
    "mid",
    "startObjects",
    "choice",
    "orders",
    "text",
    "PICK",
    "ENT",
]
KEYS += ["FIELDS", "TRACK", "completion", "QUALITY", "pageNumberArray", "x", "y", "code", "isKeyFrame"]
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=1_000, deadline=None)
@given(value=anything, name=st.sampled_from(["img", "txt", "pdf", "vid", "geo", "llm"]))
def test_no_document_breaks_the_check(value, name, projects):
    for label_type in ("DEFAULT", "PREDICTION"):
        checked = projects[name].check(
            value if not isinstance(value, str) else json.dumps(value), label_type=label_type
        )
        assert isinstance(checked.errors, tuple)


def test_one_validator_serves_many_threads(projects):
    validator = compile_validator(projects["img"].interface, input_type="IMAGE")

    def check(number):
        label = (
            {"TAGS": {"categories": [{"name": "NIGHT"}]}, "NOTE": {"text": str(number)}} if number % 2 else {"NO": {}}
        )
        checked = validator.check(
            json.dumps(label), label_type="DEFAULT", strict=False, asset=AssetFacts(), mint=lambda: "m"
        )
        return len(checked.errors), checked.number_of_annotations

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(check, range(200))) == [(1, 0), (0, 2)] * 100
