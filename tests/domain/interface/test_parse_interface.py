import json
from typing import Any

import pytest

from labelyard.domain.interface import (
    INTERFACE_RULES,
    Input,
    Level,
    MlTask,
    RemovedName,
    Tool,
    parse_interface,
    removed_names,
)

X = {"X": {"name": "X"}}


def classification(categories: Any = None, **job: Any) -> dict[str, Any]:
    content = {
        "input": "radio",
        "categories": {"X": {"name": "X"}, "Y": {"name": "Y"}} if categories is None else categories,
    }
    return {"mlTask": "CLASSIFICATION", "required": 0, "isChild": False, "content": content, **job}


def transcription(**job: Any) -> dict[str, Any]:
    return {"mlTask": "TRANSCRIPTION", "required": 0, "isChild": False, **job}


def detection(tools: Any = ("rectangle",), categories: Any = None, **job: Any) -> dict[str, Any]:
    content = {"input": "radio", "categories": X if categories is None else categories}
    return {"mlTask": "OBJECT_DETECTION", "tools": tools, "required": 0, "isChild": False, "content": content, **job}


def report(jobs: Any, input_type: str = "IMAGE"):
    return parse_interface(json.dumps({"jobs": jobs}), input_type=input_type)


def found(problems):
    return [(problem.code, problem.path) for problem in problems]


ERRORS = {
    "no JSON": ("{", "JI01", "$"),
    "NaN": ('{"jobs": {}, "jobRendererWidth": NaN}', "JI01", "$"),
    "empty text": ("", "JI01", "$"),
    "a list": ([], "JI02", "$"),
    "a text": ("x", "JI02", "$"),
    "jobs missing": ({"JOB_0": {}}, "JI03", "jobs"),
    "jobs is a list": ({"jobs": []}, "JI03", "jobs"),
    "jobs is null": ({"jobs": None}, "JI03", "jobs"),
    "job is a list": ({"jobs": {"A": []}}, "JI04", "jobs.A"),
    "job named by digits": ({"jobs": {"0": transcription()}}, "JI05", "jobs.0"),
    "job named like a technical entry": ({"jobs": {"ROTATION_JOB": transcription()}}, "JI05", "jobs.ROTATION_JOB"),
    "job named assetLevel": ({"jobs": {"assetLevel": transcription()}}, "JI05", "jobs.assetLevel"),
    "job without name": ({"jobs": {"": transcription()}}, "JI05", 'jobs[""]'),
    "task missing": ({"jobs": {"A": {}}}, "JI06", "jobs.A.mlTask"),
    "task unknown": ({"jobs": {"A": {"mlTask": "CLASSIFY"}}}, "JI06", "jobs.A.mlTask"),
    "task a number": ({"jobs": {"A": {"mlTask": 3}}}, "JI06", "jobs.A.mlTask"),
    "no categories": ({"jobs": {"A": classification({})}}, "JI07", "jobs.A.content.categories"),
    "no content": ({"jobs": {"A": {"mlTask": "CLASSIFICATION"}}}, "JI07", "jobs.A.content.categories"),
    "categories a list": ({"jobs": {"A": classification([{"name": "X"}])}}, "JI07", "jobs.A.content.categories"),
    "content a list": ({"jobs": {"A": transcription(content=[])}}, "JI07", "jobs.A.content"),
    "category without name": (
        {"jobs": {"A": classification({"X": {}})}},
        "JI08",
        "jobs.A.content.categories.X.name",
    ),
    "category with an empty name": (
        {"jobs": {"A": classification({"IS IT?": {"name": ""}})}},
        "JI08",
        'jobs.A.content.categories["IS IT?"].name',
    ),
    "category a text": ({"jobs": {"A": classification({"X": "X"})}}, "JI08", "jobs.A.content.categories.X"),
    "tools missing": ({"jobs": {"A": detection(None)}}, "JI09", "jobs.A.tools"),
    "tools empty": ({"jobs": {"A": detection([])}}, "JI09", "jobs.A.tools"),
    "tool unknown": ({"jobs": {"A": detection(["bbox"])}}, "JI09", "jobs.A.tools[0]"),
    "input unknown": (
        {"jobs": {"A": classification() | {"content": {"input": "slider", "categories": X}}}},
        "JI10",
        "jobs.A.content.input",
    ),
    "child unknown": (
        {"jobs": {"A": classification({"X": {"name": "X", "children": ["NOPE"]}})}},
        "JI11",
        "jobs.A.content.categories.X.children[0]",
    ),
    "children a text": (
        {"jobs": {"A": classification({"X": {"name": "X", "children": "B"}})}},
        "JI11",
        "jobs.A.content.categories.X.children",
    ),
    "child of a pose point unknown": (
        {"jobs": {"A": detection(["pose"], {"X": {"name": "X", "points": [{"code": "P", "children": ["NO"]}]}})}},
        "JI11",
        "jobs.A.content.categories.X.points[0].children[0]",
    ),
    "child says it is none": (
        {"jobs": {"A": classification({"X": {"name": "X", "children": ["B"]}}), "B": transcription()}},
        "JI12",
        "jobs.A.content.categories.X.children[0]",
    ),
    "child inside itself": (
        {
            "jobs": {
                "A": classification({"X": {"name": "X", "children": ["B"]}}),
                "B": classification({"Y": {"name": "Y", "children": ["B"]}}, isChild=True),
            }
        },
        "JI13",
        "jobs.B.content.categories.Y.children[0]",
    ),
    "pose with points of the wrong form": (
        {"jobs": {"A": detection(["pose"], {"X": {"name": "X", "points": {"P": {}}}})}},
        "JI14",
        "jobs.A.content.categories.X.points",
    ),
    "pose point without code beside another tool": (
        {"jobs": {"A": detection(["rectangle", "pose"], {"X": {"name": "X", "points": [{}]}})}},
        "JI14",
        "jobs.A.content.categories.X.points[0].code",
    ),
    "select outside of a ranking": (
        {"jobs": {"A": classification() | {"content": {"input": "select", "categories": X}}}},
        "JI10",
        "jobs.A.content.input",
    ),
    "children a filled object": (
        {"jobs": {"A": classification({"X": {"name": "X", "children": {"B": {}}}})}},
        "JI11",
        "jobs.A.content.categories.X.children",
    ),
    "pose point without code": (
        {"jobs": {"A": {"mlTask": "POSE_ESTIMATION", "content": {"categories": {"X": {"name": "X", "points": [{}]}}}}}},
        "JI14",
        "jobs.A.content.categories.X.points[0].code",
    ),
    "pose point repeated": (
        {"jobs": {"A": detection(["pose"], {"X": {"name": "X", "points": [{"code": "P"}, {"code": "P"}]}})}},
        "JI14",
        "jobs.A.content.categories.X.points[1].code",
    ),
    "one option": (
        {"jobs": {"A": {"mlTask": "COMPARISON", "content": {"options": {"X": {"name": "X"}}}}}},
        "JI15",
        "jobs.A.content.options",
    ),
    "option without name": (
        {"jobs": {"A": {"mlTask": "COMPARISON", "content": {"options": {"X": {"name": "X"}, "Y": {}}}}}},
        "JI15",
        "jobs.A.content.options.Y.name",
    ),
    "level unknown": ({"jobs": {"A": transcription(level="message")}}, "JI16", "jobs.A.level"),
    "required a text": ({"jobs": {"A": transcription(required="yes")}}, "JI17", "jobs.A.required"),
    "required two": ({"jobs": {"A": transcription(required=2)}}, "JI17", "jobs.A.required"),
    "isModel a text": ({"jobs": {"A": transcription(isModel="no")}}, "JI17", "jobs.A.isModel"),
    "job twice": ('{"jobs": {"A": {"mlTask": "FILE"}, "A": {"mlTask": "FILE"}}}', "JI18", "jobs.A"),
    "model job unknown": (
        {"jobs": {"A": detection(["semantic"], models={"interactive-segmentation": {"job": "M"}})}},
        "JI19",
        'jobs.A.models["interactive-segmentation"].job',
    ),
    "too long": ({"jobs": {}, "x": "y" * 2**20}, "JI20", "$"),
    "too deep": ('{"jobs": {}, "x": ' + "[" * 32 + "]" * 32 + "}", "JI20", "$"),
    "too many jobs": ({"jobs": {f"J{n}": transcription() for n in range(201)}}, "JI20", "jobs"),
    "too many categories": (
        {"jobs": {"A": classification({f"C{n}": {"name": "c"} for n in range(5_001)})}},
        "JI20",
        "jobs",
    ),
    "nested eleven levels": (
        {
            "jobs": {
                f"J{n}": classification(
                    {"X": {"name": "X", "children": [f"J{n + 1}"] if n < 11 else []}}, isChild=n > 0
                )
                for n in range(12)
            }
        },
        "JI20",
        "jobs.J0",
    ),
}


@pytest.mark.parametrize(("document", "code", "path"), ERRORS.values(), ids=list(ERRORS))
def test_a_wrong_interface_is_refused_at_its_place(document, code, path):
    is_written = isinstance(document, str) and document != "x"
    report = parse_interface(document if is_written else json.dumps(document), input_type="IMAGE")
    assert found(report.errors) == [(code, path)]
    assert report.interface is None


def test_every_error_has_a_case():
    assert {code for _, code, _ in ERRORS.values()} == {code for code, rule in INTERFACE_RULES.items() if rule.blocks}


def test_all_problems_are_listed_and_not_only_the_first():
    jobs = {"A": {"mlTask": "CLASSIFY"}, "B": classification({"X": {}}), "1": transcription(level="x")}
    assert found(report(jobs).errors) == [
        ("JI06", "jobs.A.mlTask"),
        ("JI08", "jobs.B.content.categories.X.name"),
        ("JI05", "jobs.1"),
        ("JI16", "jobs.1.level"),
    ]


@pytest.mark.parametrize(
    ("jobs", "code", "message"),
    [
        ({"0": transcription()}, "JI05", '"0" cannot be the name of a job'),
        ({"A": {}}, "JI06", '"mlTask" is missing'),
        ({"A": {"mlTask": "CLASSIFY"}}, "JI06", f'"CLASSIFY" is not a known task; tasks are {", ".join(MlTask)}'),
        ({"A": classification({})}, "JI07", "this task needs at least one category in content.categories"),
        ({"A": classification({"X": {}})}, "JI08", 'a category needs a "name"'),
        ({"A": detection([])}, "JI09", f'this task needs "tools", a list of {", ".join(Tool)}'),
        ({"A": detection(["bbox"])}, "JI09", f'"bbox" is not a known tool; tools are {", ".join(Tool)}'),
        (
            {"A": classification() | {"content": {"input": "slider", "categories": X}}},
            "JI10",
            '"slider" is not a known input; inputs are radio, singleDropdown, checkbox, multipleDropdown, textField, '
            "number, date, markdown, select",
        ),
        (
            {"A": classification() | {"content": {"input": "select", "categories": X}}},
            "JI10",
            f'the input "select" is for rankings only; inputs are {", ".join(Input)}',
        ),
        ({"A": classification({"X": {"name": "X", "children": ["B"]}})}, "JI11", 'child job "B" does not exist'),
        (
            {"A": transcription(level="message")},
            "JI16",
            '"message" is not a level; levels are completion, round, conversation',
        ),
        ({"A": transcription(isChild="x")}, "JI17", '"isChild" must be true/false or 0/1'),
    ],
)
def test_the_message_names_the_value(jobs, code, message):
    (problem,) = report(jobs).errors
    assert (problem.code, problem.message) == (code, message)


def test_a_repeated_category_is_called_one():
    categories = '{"X": {"name": "1"}, "X": {"name": "2"}}'
    text = f'{{"jobs": {{"A": {{"mlTask": "CLASSIFICATION", "content": {{"categories": {categories}}}}}}}}}'
    (problem,) = parse_interface(text, input_type="IMAGE").errors
    assert (problem.code, problem.path) == ("JI18", "jobs.A.content.categories.X")
    assert problem.message == 'category "X" is declared twice'


PARENT = {"X": {"name": "X", "children": ["B"]}, "Y": {"name": "Y"}}
RELATION = {"mlTask": "OBJECT_RELATION", "required": 0, "isChild": False}
WARNINGS: dict[str, tuple[Any, str, list[tuple[str, str]]]] = {
    "child never opened": ({"A": transcription(isChild=True)}, "IMAGE", [("JI50", "jobs.A.isChild")]),
    "flags missing": (
        {"A": {"mlTask": "TRANSCRIPTION"}},
        "IMAGE",
        [("JI51", "jobs.A.isChild"), ("JI51", "jobs.A.required")],
    ),
    "opened and silent about it": (
        {"A": classification(PARENT), "B": {"mlTask": "TRANSCRIPTION", "required": 0}},
        "IMAGE",
        [("JI51", "jobs.B.isChild")],
    ),
    "relation without ends": (
        {
            "A": detection(),
            "R": RELATION | {"content": {"categories": {"R": {"name": "R", "startObjects": ["X", "Q"]}}}},
        },
        "IMAGE",
        [
            ("JI52", "jobs.R.content.categories.R.startObjects[1]"),
            ("JI52", "jobs.R.content.categories.R.endObjects"),
        ],
    ),
    "relation without categories": ({"R": RELATION}, "IMAGE", [("JI52", "jobs.R.content.categories")]),
    "shared id and shortcut": (
        {
            "A": classification({"X": {"name": "X", "id": "c1"}, "Y": {"name": "Y", "shortcut": "a"}}),
            "B": classification({"X": {"name": "X", "id": "c1"}, "Y": {"name": "Y", "shortcut": "a"}}),
        },
        "IMAGE",
        [("JI53", "jobs.B.content.categories.X.id"), ("JI53", "jobs.B.content.categories.Y.shortcut")],
    ),
    "shared name in one job": (
        {"A": classification({"X": {"name": "N"}, "Y": {"name": "N"}})},
        "IMAGE",
        [("JI53", "jobs.A.content.categories.Y.name")],
    ),
    "odd color": (
        {"A": classification({"X": {"name": "X", "color": "red"}, "Y": {"name": "Y", "color": "#a0B1c2"}})},
        "IMAGE",
        [("JI54", "jobs.A.content.categories.X.color")],
    ),
    "unusual task": ({"A": detection()}, "TEXT", [("JI55", "jobs.A.mlTask")]),
    "unusual tool": ({"A": detection(["rectangle", "vector"])}, "GEOSPATIAL", [("JI55", "jobs.A.tools[1]")]),
    "names out of reach": (
        {"É": classification({"X": {"name": "X"}, "IS IT?": {"name": "Y"}})},
        "IMAGE",
        [("JI56", 'jobs["É"]'), ("JI56", 'jobs["É"].content.categories["IS IT?"]')],
    ),
    "a detection nested": (
        {"A": classification(PARENT), "B": detection(isChild=True)},
        "IMAGE",
        [("JI57", "jobs.B.mlTask")],
    ),
    "pose without points": ({"A": detection(["pose"])}, "IMAGE", [("JI59", "jobs.A.content.categories.X.points")]),
    "pose without points beside another tool": (
        {"A": detection(["rectangle", "pose"], {"X": {"name": "X", "points": []}})},
        "IMAGE",
        [("JI59", "jobs.A.content.categories.X.points")],
    ),
    "legacy pose without points": (
        {"A": {"mlTask": "POSE_ESTIMATION", "required": 0, "isChild": False, "content": {"categories": X}}},
        "IMAGE",
        [("JI59", "jobs.A.content.categories.X.points")],
    ),
    "no choice": ({"A": classification(X)}, "IMAGE", [("JI58", "jobs.A.content.input")]),
    "checkbox on boxes": (
        {"A": detection() | {"content": {"input": "checkbox", "categories": X}}},
        "IMAGE",
        [("JI58", "jobs.A.content.input")],
    ),
}


@pytest.mark.parametrize(("jobs", "input_type", "expected"), WARNINGS.values(), ids=list(WARNINGS))
def test_an_odd_interface_is_stored_with_warnings(jobs, input_type, expected):
    checked = report(jobs, input_type)
    assert checked.errors == ()
    assert found(checked.warnings) == expected
    assert checked.interface is not None


def test_every_warning_has_a_case():
    warned = {code for _, _, expected in WARNINGS.values() for code, _ in expected}
    assert warned == {code for code, rule in INTERFACE_RULES.items() if not rule.blocks}


@pytest.mark.parametrize("text", [None, "null", "{}", '{"jobs": {}}', '{"jobs": {}, "jobRendererWidth": 0.17}'])
def test_an_interface_may_have_no_jobs(text):
    checked = parse_interface(text, input_type="IMAGE")
    assert (checked.errors, checked.warnings) == ((), ())
    assert checked.interface is not None
    assert checked.interface.jobs == {}


LIVE = {
    "transcription without content": transcription(),
    "transcription with a radio": transcription(content={"input": "radio"}),
    "transcription with input null": transcription(content={"input": None}),
    "required a boolean": transcription(required=True),
    "children null": classification({"X": {"name": "X", "children": None}}),
    "children an empty object": classification({"X": {"name": "X", "children": {}}}),
    "children an empty text": classification({"X": {"name": "X", "children": ""}}),
    "ranking with a select": {"mlTask": "RANKING", "content": {"input": "select"}},
    "children of a pose point an empty object": detection(
        ["pose"], {"X": {"name": "X", "points": [{"code": "P", "children": {}}]}}
    ),
    "entities with empty tools": {"mlTask": "NAMED_ENTITIES_RECOGNITION", "tools": [], "content": {"categories": X}},
    "semantic without models": detection(["semantic"]),
    "unknown keys": transcription(myKey={"a": [1]}, isNew="x"),
    "legacy pose": {
        "mlTask": "POSE_ESTIMATION",
        "content": {"categories": {"X": {"name": "X", "points": [{"code": "P"}]}}},
    },
}


@pytest.mark.parametrize("job", LIVE.values(), ids=list(LIVE))
def test_what_public_interfaces_do_is_no_error(job):
    assert report({"A": job}).errors == ()


def test_a_mask_with_its_hidden_marker_gives_no_error():
    jobs = {
        "MASK": detection(["semantic"], models={"interactive-segmentation": {"job": "MARK"}}),
        "MARK": detection(["marker"], isModel=True, isVisible=False, required=1),
    }
    checked = report(jobs)
    assert checked.errors == checked.warnings == ()
    assert not checked.interface.jobs["MARK"].must_be_answered


def test_the_model_holds_everything_in_order():
    jobs = {
        "Z": classification(
            {"B": {"name": "Bb", "children": ["C"]}, "A": {"name": "Aa"}}, required=True, instruction="Which?"
        ),
        "C": {"mlTask": "TRANSCRIPTION", "required": 1, "content": {"input": "number"}},
        "F": detection(
            ["pose", "marker"],
            {"H": {"name": "Head", "points": [{"code": "N", "name": "Nose", "mandatory": True}, {"code": "E"}]}},
        ),
        "R": RELATION | {"content": {"categories": {"L": {"name": "L", "startObjects": ["H"], "endObjects": ["ANY"]}}}},
        "Q": {
            "mlTask": "COMPARISON",
            "level": "round",
            "content": {"options": {"W": {"name": "Wins"}, "T": {"name": "Tie", "mutual": True}}},
        },
        "A": transcription(),
    }
    interface = report(jobs).interface
    assert list(interface.jobs) == ["Z", "C", "F", "R", "Q", "A"]
    assert interface.ml_tasks == (
        MlTask.CLASSIFICATION,
        MlTask.TRANSCRIPTION,
        MlTask.OBJECT_DETECTION,
        MlTask.OBJECT_RELATION,
        MlTask.COMPARISON,
    )
    z = interface.jobs["Z"]
    assert list(z.categories) == ["B", "A"]
    assert (z.is_required, z.is_child, z.input, z.instruction) == (True, False, Input.RADIO, "Which?")
    assert z.categories["B"].children == ("C",)
    c = interface.jobs["C"]
    assert (c.is_child, c.must_be_answered, c.input) == (True, True, Input.NUMBER)
    f = interface.jobs["F"]
    assert f.tools == (Tool.POSE, Tool.MARKER)
    assert [(point.code, point.name, point.is_mandatory) for point in f.categories["H"].points] == [
        ("N", "Nose", True),
        ("E", None, False),
    ]
    link = interface.jobs["R"].categories["L"]
    assert (link.starts, link.ends) == (("H",), ("ANY",))
    q = interface.jobs["Q"]
    assert (q.level, list(q.options), q.options["T"].is_mutual) == (Level.ROUND, ["W", "T"], True)


def test_removed_names_are_those_the_new_interface_lacks():
    old = report({"A": classification(), "B": classification(), "C": transcription()}).interface
    new = report({"C": transcription(), "B": classification({"Y": {"name": "renamed"}, "Z": {"name": "Z"}})}).interface
    assert removed_names(old, new) == (
        RemovedName("A"),
        RemovedName("A", "X"),
        RemovedName("A", "Y"),
        RemovedName("B", "X"),
    )
    assert [str(name) for name in removed_names(old, new)] == ["A", "A.X", "A.Y", "B.X"]
    assert removed_names(old, old) == ()
