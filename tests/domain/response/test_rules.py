"""What the examples leave open: the finer rules of each task, tool and type of asset."""

import json
import math
from typing import Any

import pytest

from labelyard.domain.response import RESPONSE_RULES, AssetFacts, Severity

SUN = {"WEATHER": {"categories": [{"name": "SUN"}]}}
RING = [{"x": 0.1, "y": 0.1}, {"x": 0.1, "y": 0.4}, {"x": 0.5, "y": 0.4}, {"x": 0.5, "y": 0.1}]
TRIANGLE = RING[:3]
BOX = {
    "type": "rectangle",
    "mid": "m1",
    "categories": [{"name": "CAR"}],
    "boundingPoly": [{"normalizedVertices": RING}],
}
PAGE = {
    "pageNumberArray": [1],
    "boundingPoly": [{"normalizedVertices": [RING]}],
    "polys": [{"normalizedVertices": [RING]}],
}
WORDS = {"mid": "e", "beginOffset": 0, "content": "Ada", "categories": [{"name": "NAME"}]}


def one(job: str, annotation: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A label with one annotation, some of its keys changed; `...` removes a key."""
    changed = {key: value for key, value in {**annotation, **changes}.items() if value is not ...}
    return {job: {"annotations": [changed]}}


def box(**changes: Any) -> dict[str, Any]:
    return SUN | one("OBJ", BOX, **changes)


def ringed(job: str, category: str, *rings: Any) -> dict[str, Any]:
    boundary = [{"normalizedVertices": ring} for ring in rings]
    return SUN | {job: {"annotations": [{"mid": "a", "categories": [{"name": category}], "boundingPoly": boundary}]}}


def circle(count: int) -> list[dict[str, float]]:
    angles = [2 * math.pi * place / count for place in range(count)]
    return [{"x": 0.5 + 0.4 * math.cos(angle), "y": 0.5 + 0.4 * math.sin(angle)} for angle in angles]


def pose(*points: Any) -> dict[str, Any]:
    return SUN | one("FACE", {"type": "pose", "mid": "f", "categories": [{"name": "HEAD"}], "points": list(points)})


def relation(**changes: Any) -> dict[str, Any]:
    link = {
        "mid": "r",
        "categories": [{"name": "NEAR"}],
        "startObjects": [{"mid": "m1"}],
        "endObjects": [{"mid": "m1"}],
    }
    return box() | one("REL", link, **changes)


def page(job: str = "FIELDS", category: str = "TITLE", **changes: Any) -> dict[str, Any]:
    placement = {key: value for key, value in {**PAGE, **changes}.items() if value is not ...}
    return one(job, {"mid": "d", "content": "x", "categories": [{"name": category}], "annotations": [placement]})


def choice(**keys: Any) -> dict[str, Any]:
    return {"PICK": {"choice": {"code": "TIE", "firstId": "a1", "secondId": "a2", **keys}}}


NOSE = {"code": "NOSE", "point": {"x": 0.5, "y": 0.5}}

REFUSED: dict[str, tuple[str, Any, str, str]] = {
    "null at the root": ("img", None, "NOT_OBJECT", "$"),
    "repeated key": ("img", '{"NOTE": {"text": "a", "text": "b"}}', "DUPLICATE_KEY", "NOTE.text"),
    "infinite number": ("img", '{"NOTE": {"x": 1e999}}', "NOT_JSON", "$"),
    "65 levels": ("img", '{"NOTE": {"x": ' + "[" * 63 + "]" * 63 + "}}", "TOO_LARGE", "$"),
    "assetLevel elsewhere": ("img", SUN | {"assetLevel": {}}, "UNKNOWN_JOB", "assetLevel"),
    "children a list": (
        "img",
        {"WEATHER": {"categories": [{"name": "SUN", "children": []}]}},
        "WRONG_SHAPE",
        "WEATHER.categories[0].children",
    ),
    "children of a box a list": ("img", box(children=[]), "WRONG_SHAPE", "OBJ.annotations[0].children"),
    "annotation a text": ("img", SUN | {"OBJ": {"annotations": ["x"]}}, "WRONG_SHAPE", "OBJ.annotations[0]"),
    "odd key quoted": ("img", SUN | {"MY JOB": {}}, "UNKNOWN_JOB", '["MY JOB"]'),
    "unknown job beside the categories": (
        "img",
        {"WEATHER": {"categories": [{"name": "RAIN"}], "children": {"NO": {}}}},
        "UNKNOWN_JOB",
        "WEATHER.children.NO",
    ),
    "nested job beside the wrong category": (
        "img",
        {"WEATHER": {"categories": [{"name": "SUN"}], "children": {"INTENSITY": {"categories": [{"name": "LOW"}]}}}},
        "CHILD_NOT_ALLOWED",
        "WEATHER.children.INTENSITY",
    ),
    "category without name": ("img", {"WEATHER": {"categories": [{}]}}, "CATEGORY_NAME", "WEATHER.categories[0].name"),
    "category name null": (
        "img",
        {"WEATHER": {"categories": [{"name": None}]}},
        "CATEGORY_NAME",
        "WEATHER.categories[0].name",
    ),
    "confidence a boolean": (
        "img",
        {"WEATHER": {"categories": [{"name": "SUN", "confidence": True}]}},
        "CONFIDENCE",
        "WEATHER.categories[0].confidence",
    ),
    "two classes of a box": (
        "img",
        box(categories=[{"name": "CAR"}, {"name": "PERSON"}]),
        "TOO_MANY_CATEGORIES",
        "OBJ.annotations[0].categories",
    ),
    "class null": ("img", box(categories=None), "CATEGORY_REQUIRED", "OBJ.annotations[0].categories"),
    "text a list": ("img", SUN | {"NOTE": {"text": []}}, "TEXT_NOT_STRING", "NOTE.text"),
    "number with words": ("img", SUN | {"SPEED": {"text": "12 km"}}, "NOT_A_NUMBER", "SPEED.text"),
    "number with other digits": ("img", SUN | {"SPEED": {"text": "١٢"}}, "NOT_A_NUMBER", "SPEED.text"),
    "date with slashes": ("img", SUN | {"DAY": {"text": "2024/02/29"}}, "NOT_A_DATE", "DAY.text"),
    "date as week": ("img", SUN | {"DAY": {"text": "2024-W01-1"}}, "NOT_A_DATE", "DAY.text"),
    "type a number": ("img", box(type=4), "TYPE_UNKNOWN", "OBJ.annotations[0].type"),
    "outline null": ("img", box(boundingPoly=None), "GEOMETRY_MISSING", "OBJ.annotations[0].boundingPoly"),
    "outline empty": ("img", box(boundingPoly=[]), "GEOMETRY_MISSING", "OBJ.annotations[0].boundingPoly"),
    "outline an object": ("img", box(boundingPoly={}), "WRONG_SHAPE", "OBJ.annotations[0].boundingPoly"),
    "ring missing": (
        "img",
        box(boundingPoly=[{}]),
        "GEOMETRY_MISSING",
        "OBJ.annotations[0].boundingPoly[0].normalizedVertices",
    ),
    "two rectangles": (
        "img",
        box(boundingPoly=[{"normalizedVertices": RING}] * 2),
        "VERTEX_COUNT",
        "OBJ.annotations[0].boundingPoly",
    ),
    "five corners": (
        "img",
        box(boundingPoly=[{"normalizedVertices": [*RING, {"x": 0.3, "y": 0.3}]}]),
        "VERTEX_COUNT",
        "OBJ.annotations[0].boundingPoly[0].normalizedVertices",
    ),
    "a triangle closed to four": (
        "img",
        box(boundingPoly=[{"normalizedVertices": [*TRIANGLE, TRIANGLE[0]]}]),
        "VERTEX_COUNT",
        "OBJ.annotations[0].boundingPoly[0].normalizedVertices",
    ),
    "two points closed to three": (
        "img",
        ringed("ROOF", "FLAT", [RING[0], RING[1], RING[0]]),
        "VERTEX_COUNT",
        "ROOF.annotations[0].boundingPoly[0].normalizedVertices",
    ),
    "a ring of too many points": (
        "img",
        ringed("ROOF", "FLAT", circle(10_001)),
        "TOO_MANY_POINTS",
        "ROOF.annotations[0].boundingPoly[0].normalizedVertices",
    ),
    "a hole of too many points": (
        "img",
        ringed("SEG", "LAKE", RING, circle(10_001)),
        "TOO_MANY_POINTS",
        "SEG.annotations[0].boundingPoly[1].normalizedVertices",
    ),
    "a line of too many points": (
        "img",
        SUN | one("LANE", {"type": "polyline", "categories": [{"name": "LEFT"}], "polyline": circle(10_001)}),
        "TOO_MANY_POINTS",
        "LANE.annotations[0].polyline",
    ),
    "polygon with a hole": (
        "img",
        ringed("ROOF", "FLAT", RING, TRIANGLE),
        "SEVERAL_RINGS",
        "ROOF.annotations[0].boundingPoly",
    ),
    "second ring of a mask": (
        "img",
        ringed("SEG", "LAKE", RING, RING[:2]),
        "VERTEX_COUNT",
        "SEG.annotations[0].boundingPoly[1].normalizedVertices",
    ),
    "ring in a group": (
        "img",
        SUN
        | one(
            "SEG",
            {
                "categories": [{"name": "LAKE"}],
                "boundingPoly": [[{"normalizedVertices": RING}, {"normalizedVertices": []}]],
            },
        ),
        "VERTEX_COUNT",
        "SEG.annotations[0].boundingPoly[0][1].normalizedVertices",
    ),
    "point null": (
        "img",
        SUN | one("PT", {"type": "marker", "categories": [{"name": "TREE"}], "point": None}),
        "GEOMETRY_MISSING",
        "PT.annotations[0].point",
    ),
    "coordinate a boolean": (
        "img",
        SUN | one("PT", {"type": "marker", "categories": [{"name": "TREE"}], "point": {"x": True, "y": 0}}),
        "BAD_NUMBER",
        "PT.annotations[0].point.x",
    ),
    "coordinate outside": (
        "img",
        SUN | one("PT", {"type": "marker", "categories": [{"name": "TREE"}], "point": {"x": 0, "y": 1.0011}}),
        "OUT_OF_BOUNDS",
        "PT.annotations[0].point.y",
    ),
    "line empty": (
        "img",
        SUN | one("LANE", {"type": "polyline", "categories": [{"name": "LEFT"}], "polyline": []}),
        "GEOMETRY_MISSING",
        "LANE.annotations[0].polyline",
    ),
    "pose without points": (
        "img",
        SUN | one("FACE", {"categories": [{"name": "HEAD"}]}),
        "GEOMETRY_MISSING",
        "FACE.annotations[0].points",
    ),
    "pose points an object": (
        "img",
        SUN | one("FACE", {"categories": [{"name": "HEAD"}], "points": {}}),
        "WRONG_SHAPE",
        "FACE.annotations[0].points",
    ),
    "pose point without code": (
        "img",
        pose(NOSE, {"point": {"x": 0, "y": 0}}),
        "WRONG_SHAPE",
        "FACE.annotations[0].points[1].code",
    ),
    "pose point twice": ("img", pose(NOSE, NOSE), "DUPLICATE_POINT", "FACE.annotations[0].points[1].code"),
    "mandatory pose point not placed": (
        "img",
        pose({"code": "NOSE", "point": None}),
        "MANDATORY_POINT_MISSING",
        "FACE.annotations[0].points",
    ),
    "mid a number": ("img", box(mid=7), "BAD_MID", "OBJ.annotations[0].mid"),
    "mids shared by two classes of mask": (
        "img",
        SUN
        | {
            "SEG": {
                "annotations": [
                    {"mid": "s", "categories": [{"name": name}], "boundingPoly": [{"normalizedVertices": RING}]}
                    for name in ("LAKE", "ROAD")
                ]
            }
        },
        "DUPLICATE_MID",
        "SEG.annotations[1].mid",
    ),
    "relation without one list": ("img", relation(endObjects=...), "RELATION_ENDS", "REL.annotations[0].endObjects"),
    "relation end a text": ("img", relation(endObjects=["m1"]), "RELATION_ENDS", "REL.annotations[0].endObjects[0]"),
    "relation end without mid": (
        "img",
        relation(endObjects=[{}]),
        "RELATION_ENDS",
        "REL.annotations[0].endObjects[0].mid",
    ),
    "file without id": ("img", SUN | {"REPORT": {"fileName": "a"}}, "FILE_ANSWER", "REPORT.fileId"),
    "file id empty": ("img", SUN | {"REPORT": {"fileId": ""}}, "FILE_ANSWER", "REPORT.fileId"),
    "offset missing": ("txt", one("ENT", WORDS, beginOffset=...), "BAD_OFFSET", "ENT.annotations[0].beginOffset"),
    "offset a float": ("txt", one("ENT", WORDS, beginOffset=0.5), "BAD_OFFSET", "ENT.annotations[0].beginOffset"),
    "offset a boolean": ("txt", one("ENT", WORDS, beginOffset=True), "BAD_OFFSET", "ENT.annotations[0].beginOffset"),
    "end at begin": ("txt", one("ENT", WORDS, endOffset=0), "BAD_OFFSET", "ENT.annotations[0].endOffset"),
    "content null": ("txt", one("ENT", WORDS, content=None), "CONTENT_MISSING", "ENT.annotations[0].content"),
    "PDF shapes missing": (
        "pdf",
        page(boundingPoly=..., polys=...),
        "GEOMETRY_MISSING",
        "FIELDS.annotations[0].annotations[0].boundingPoly",
    ),
    "page missing": (
        "pdf",
        page(pageNumberArray=...),
        "PAGE_NUMBER",
        "FIELDS.annotations[0].annotations[0].pageNumberArray",
    ),
    "pages a number": (
        "pdf",
        page(pageNumberArray=1),
        "WRONG_SHAPE",
        "FIELDS.annotations[0].annotations[0].pageNumberArray",
    ),
    "old page below one": (
        "pdf",
        page(pageNumberArray=..., pageNumber=0),
        "PAGE_NUMBER",
        "FIELDS.annotations[0].annotations[0].pageNumber",
    ),
    "PDF box with three corners": (
        "pdf",
        page("FIG", "CHART", boundingPoly=[{"normalizedVertices": [TRIANGLE]}]),
        "VERTEX_COUNT",
        "FIG.annotations[0].annotations[0].boundingPoly[0].normalizedVertices[0]",
    ),
    "frame with zeros in front": ("vid", {"0": {}, "007": {}}, "FRAME_KEY", "007"),
    "job name among frames": ("vid", {"0": {}, "SCENE": {"categories": []}}, "FRAME_KEY", "SCENE"),
    "assetLevel a list": ("vid", {"assetLevel": []}, "FRAME_NOT_OBJECT", "assetLevel"),
    "boxes of the whole video": ("vid", {"TRACK": {"annotations": [BOX]}}, "ASSET_LEVEL_TASK", "TRACK"),
    "isKeyFrame a number": (
        "vid",
        {"0": {"SCENE": {"categories": [{"name": "DAY"}], "isKeyFrame": 1}}},
        "IS_KEY_FRAME",
        "0.SCENE.isKeyFrame",
    ),
    "mid twice in a frame": (
        "vid",
        {"0": {"TRACK": {"annotations": [BOX, BOX]}}},
        "DUPLICATE_MID",
        "0.TRACK.annotations[1].mid",
    ),
    "choice a text": ("llm", {"PICK": {"choice": "TIE"}}, "WRONG_SHAPE", "PICK.choice"),
    "choice without code": ("llm", choice(code=None), "UNKNOWN_OPTION", "PICK.choice.code"),
    "completion of another conversation": (
        "llm",
        choice() | {"completion": {"QUALITY": {"zz": {"categories": ["GOOD"]}}}},
        "UNKNOWN_CHAT_ITEM",
        "completion.QUALITY.zz",
    ),
    "unknown job of a round": (
        "llm",
        choice() | {"round": {"NO": {"0": {"text": "x"}}}},
        "UNKNOWN_JOB",
        "round.NO",
    ),
    "unknown category of a completion": (
        "llm",
        choice() | {"completion": {"QUALITY": {"a1": {"categories": ["FINE"]}}}},
        "UNKNOWN_CATEGORY",
        "completion.QUALITY.a1.categories[0]",
    ),
    "a level that is a list": ("llm", choice() | {"round": []}, "WRONG_SHAPE", "round"),
}


@pytest.mark.parametrize(("name", "response", "code", "path"), REFUSED.values(), ids=list(REFUSED))
def test_a_wrong_answer_is_refused_at_its_place(name, response, code, path, projects):
    text = response if isinstance(response, str) else json.dumps(response)
    checked = projects[name].check(text, strict=True)
    assert [(problem.code, problem.path) for problem in checked.errors] == [(code, path)]
    assert checked.text == text
    as_prediction = projects[name].check(text, label_type="PREDICTION", strict=True)
    if RESPONSE_RULES[code].severity is Severity.ALWAYS and code != "PAGE_NUMBER":
        assert (code, path) in [(problem.code, problem.path) for problem in as_prediction.errors]
    elif code != "PAGE_NUMBER":
        assert as_prediction.errors == ()


ACCEPTED: dict[str, tuple[str, Any]] = {
    "a ring of as many points as are taken": ("img", ringed("ROOF", "FLAT", circle(10_000))),
    "nulls everywhere": (
        "img",
        {
            "WEATHER": {"categories": [{"name": "SUN", "children": None}], "children": None},
            "NOTE": {"text": None},
            "TAGS": None,
            "OBJ": {"annotations": None},
            "REPORT": None,
        },
    ),
    "type and children null": ("img", box(type=None, children=None)),
    "closed rectangle": ("img", box(boundingPoly=[{"normalizedVertices": [*RING, RING[0]]}])),
    "closed polygon": ("img", ringed("ROOF", "FLAT", [*TRIANGLE, TRIANGLE[0]])),
    "rotated rectangle": (
        "img",
        box(
            boundingPoly=[
                {
                    "normalizedVertices": [
                        {"x": 0.5, "y": 0.1},
                        {"x": 0.9, "y": 0.5},
                        {"x": 0.5, "y": 0.9},
                        {"x": 0.1, "y": 0.5},
                    ]
                }
            ]
        ),
    ),
    "rectangle without area": ("img", box(boundingPoly=[{"normalizedVertices": [RING[0]] * 4}])),
    "rectangle without width": (
        "img",
        box(boundingPoly=[{"normalizedVertices": [RING[0], RING[1], RING[1], RING[0]]}]),
    ),
    "mask of groups on an image": (
        "img",
        SUN
        | one(
            "SEG",
            {
                "mid": "s",
                "categories": [{"name": "LAKE"}],
                "boundingPoly": [[{"normalizedVertices": RING}], {"normalizedVertices": RING}],
            },
        ),
    ),
    "signed number with exponent": ("img", SUN | {"SPEED": {"text": "-1.5e+3"}}),
    "pose written as marker": (
        "img",
        SUN
        | one(
            "FACE",
            {
                "type": "marker",
                "kind": "POSE_ESTIMATION",
                "mid": "f",
                "categories": [{"name": "HEAD"}],
                "points": [NOSE],
            },
        ),
    ),
    "a hair outside": (
        "img",
        SUN | one("PT", {"mid": "t", "categories": [{"name": "TREE"}], "point": {"x": -0.001, "y": 1.001}}),
    ),
    "technical entries of any form": ("img", SUN | {"ROTATION_JOB": [1], "ANNOTATION_NAMES_JOB": "x"}),
    "file cleared": ("img", SUN | {"REPORT": {}}),
    "empty child at the root": ("img", SUN | {"INTENSITY": {"categories": []}}),
    "entity with empty words": ("txt", one("ENT", WORDS, content="")),
    "entity in another node": ("txt", one("ENT", WORDS, beginId="n7", content="elsewhere")),
    "lines of an entity alone": ("pdf", page(boundingPoly=...)),
    "flat vertices in a PDF": ("pdf", page("FIG", "CHART", boundingPoly=[{"normalizedVertices": RING}], polys=...)),
    "several rectangles in a PDF": (
        "pdf",
        page("FIG", "CHART", pageNumberArray=[1, 3], boundingPoly=[{"normalizedVertices": [RING]}] * 2),
    ),
    "the same object in two frames": (
        "vid",
        {"0": {"TRACK": {"annotations": [BOX]}}, "1": {"TRACK": {"annotations": [BOX]}}},
    ),
    "an answer about a video in the plain form": ("vid", {"SCENE": {"categories": [{"name": "DAY"}]}}),
    "a frame that is null": ("vid", {"0": None, "1": {}}),
    "categories as plain texts": ("llm", choice() | {"QUALITY": {"categories": ["GOOD", "GOOD", "Bad"]}}),
    "a conversation by level": (
        "llm",
        {
            "completion": {"QUALITY": {"a1": {"categories": ["GOOD"]}, "a2": {"categories": [{"name": "BAD"}]}}},
            "round": {"PICK": {"0": {"code": "Tie", "firstId": "a1", "secondId": "a2"}}},
            "conversation": {"COMMENT": {"text": "ok"}},
        },
    ),
}


@pytest.mark.parametrize(("name", "response"), ACCEPTED.values(), ids=list(ACCEPTED))
def test_a_lawful_answer_is_accepted_without_a_word(name, response, projects):
    checked = projects[name].check(response, strict=True)
    assert checked.errors == checked.warnings == ()


def job(task: str, categories: Any = None, **keys: Any) -> dict[str, Any]:
    content = {} if categories is None else {"categories": categories}
    return {"mlTask": task, "required": 0, "isChild": False, "content": content | keys.pop("content", {}), **keys}


def codes(checked):
    return [(problem.code, problem.path) for problem in checked.errors]


AB = {"A": {"name": "a"}, "B": {"name": "b"}}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"P": {"categories": [{"name": "A"}]}}, []),
        ({"P": {"1": {"categories": [{"name": "A"}]}, "3": {"categories": []}}, "T": {"2": {"text": "x"}}}, []),
        ({"P": {"0": {"categories": [{"name": "A"}]}}}, [("PAGE_NUMBER", "P.0")]),
        ({"P": {"4": {"categories": [{"name": "A"}]}}}, [("PAGE_OUT_OF_RANGE", "P.4")]),
        ({"P": {"2": {"categories": [{"name": "Q"}]}}}, [("UNKNOWN_CATEGORY", "P.2.categories[0].name")]),
        ({"T": {"2": []}}, [("WRONG_SHAPE", "T.2")]),
    ],
)
def test_page_level_jobs_are_answered_once_or_page_by_page(response, expected, make_project):
    jobs = {"P": job("PAGE_LEVEL_CLASSIFICATION", AB), "T": job("PAGE_LEVEL_TRANSCRIPTION")}
    assert codes(make_project(jobs, "PDF", pages=3).check(response, strict=True)) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"orders": [{"rank": 0, "elements": ["a1"]}, {"rank": 1, "elements": []}]}, []),
        ({"orders": []}, []),
        ({"orders": {}}, [("WRONG_SHAPE", "R.orders")]),
        ({"orders": ["a1"]}, [("RANK", "R.orders[0]")]),
        ({"orders": [{"rank": "1", "elements": []}]}, [("RANK", "R.orders[0].rank")]),
        ({"orders": [{"rank": -1, "elements": []}]}, [("RANK", "R.orders[0].rank")]),
        ({"orders": [{"rank": 1}]}, [("RANK", "R.orders[0].elements")]),
    ],
)
def test_rankings(answer, expected, make_project):
    project = make_project({"R": job("RANKING")}, "LLM_INSTR_FOLLOWING")
    assert codes(project.check({"R": answer})) == expected


def test_segments_are_kept_as_sent_but_their_class_is_checked(make_project):
    project = make_project({"S": job("OBJECT_DETECTION", AB, tools=["range"])}, "AUDIO")
    assert codes(project.check({"S": {"annotations": [{"mid": "s", "from": 1, "to": 2}]}}, strict=True)) == []
    assert codes(project.check({"S": {"annotations": [{"mid": "s", "categories": [{"name": "Q"}]}]}})) == [
        ("UNKNOWN_CATEGORY", "S.annotations[0].categories[0].name")
    ]


def test_free_jobs_take_any_object(make_project):
    project = make_project({"F": job("ASSET_ANNOTATION")}, "TIME_SERIES")
    assert codes(project.check({"F": {"annotations": 3, "anything": [1]}}, strict=True)) == []
    assert codes(project.check({"F": 3})) == [("WRONG_SHAPE", "F")]


@pytest.mark.parametrize(
    ("tools", "annotation", "expected"),
    [
        (["polygon", "marker"], {"point": {"x": 0, "y": 0}}, []),
        (["marker", "polyline"], {"polyline": RING}, []),
        (["rectangle", "marker"], {"point": {"x": 0, "y": 0}}, [("GEOMETRY_MISSING", "D.annotations[0].boundingPoly")]),
        (["polyline", "marker"], {}, [("GEOMETRY_MISSING", "D.annotations[0].polyline")]),
    ],
)
def test_without_a_type_the_geometry_tells_the_tool(tools, annotation, expected, make_project):
    project = make_project({"D": job("OBJECT_DETECTION", AB, tools=tools)})
    response = {"D": {"annotations": [{"mid": "d", "categories": [{"name": "A"}], **annotation}]}}
    assert codes(project.check(response, strict=True)) == expected


def test_longitude_and_latitude_are_unbounded_and_pixels_are_not(make_project):
    jobs = {"D": job("OBJECT_DETECTION", AB, tools=["marker"])}
    response = {"D": {"annotations": [{"mid": "d", "categories": [{"name": "A"}], "point": {"x": -122.4, "y": 37.8}}]}}
    assert codes(make_project(jobs, "GEOSPATIAL").check(response, strict=True)) == []
    in_pixels = make_project(jobs, "GEOSPATIAL", pixel_coordinates=True).check(response, strict=True)
    assert codes(in_pixels) == [
        ("OUT_OF_BOUNDS", "D.annotations[0].point.x"),
        ("OUT_OF_BOUNDS", "D.annotations[0].point.y"),
    ]


def nesting_jobs(required: int = 1) -> dict[str, Any]:
    return {
        "D": job("OBJECT_DETECTION", {"A": {"name": "a", "children": ["N"]}, "B": {"name": "b"}}, tools=["marker"]),
        "C": job(
            "CLASSIFICATION", {"A": {"name": "a", "children": ["N"]}, "B": {"name": "b"}}, content={"input": "checkbox"}
        ),
        "N": job("TRANSCRIPTION", isChild=True) | {"required": required},
    }


MARK = {"mid": "d", "categories": [{"name": "A"}], "point": {"x": 0, "y": 0}}
NOTED = {"N": {"text": "x"}}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"D": {"annotations": [MARK]}}, ["D.annotations[0].children.N"]),
        ({"D": {"annotations": [MARK | {"children": NOTED}]}}, []),
        ({"D": {"annotations": [MARK | {"children": {"N": {"text": ""}}}]}}, ["D.annotations[0].children.N"]),
        ({"D": {"annotations": [MARK | {"categories": [{"name": "B"}]}]}}, []),
        ({"C": {"categories": [{"name": "B"}, {"name": "A"}]}}, ["C.categories[1].children.N"]),
        ({"C": {"categories": [{"name": "A"}], "children": NOTED}}, []),
        ({"C": {"categories": [{"name": "B"}, {"name": "A", "children": NOTED}]}}, []),
    ],
)
def test_an_open_required_nested_job_is_required(response, expected, make_project):
    checked = make_project(nesting_jobs()).check(response, strict=True)
    assert codes(checked) == [("REQUIRED_JOB_MISSING", path) for path in expected]


def test_in_a_video_one_frame_answers_a_nested_required_job(make_project):
    project = make_project(nesting_jobs(), "VIDEO")
    once = {"0": {"D": {"annotations": [MARK]}}, "1": {"D": {"annotations": [MARK | {"children": NOTED}]}}}
    assert codes(project.check(once, strict=True)) == []
    other = {"0": {"D": {"annotations": [MARK]}}, "1": {"D": {"annotations": [MARK | {"mid": "e", "children": NOTED}]}}}
    assert codes(project.check(other, strict=True)) == [("REQUIRED_JOB_MISSING", "0.D.annotations[0].children.N")]


@pytest.mark.parametrize(
    "response",
    [{"3": {"C": {"categories": [{"name": "A"}]}}}, {"assetLevel": {"C": {"categories": [{"name": "A"}]}}, "0": {}}],
    ids=["on a frame", "about the video"],
)
def test_in_a_video_a_required_job_is_answered_anywhere(response, make_project):
    project = make_project({"C": job("CLASSIFICATION", AB) | {"required": 1}}, "VIDEO")
    assert codes(project.check(response, strict=True)) == []
    assert codes(project.check({"0": {}}, strict=True)) == [("REQUIRED_JOB_MISSING", "C")]


def test_hidden_and_technical_jobs_are_never_required(make_project):
    required = job("TRANSCRIPTION") | {"required": True}
    project = make_project({"H": required | {"isVisible": False}, "M": required | {"isModel": True}})
    assert codes(project.check({}, strict=True)) == []


@pytest.mark.parametrize("tools", [["pose"], ["rectangle", "pose"]])
def test_a_category_without_points_takes_a_pose_of_any(tools, make_project):
    categories = {"H": {"name": "h"}, "K": {"name": "k", "points": [{"code": "EYE"}]}}
    project = make_project({"F": job("OBJECT_DETECTION", categories, tools=tools)})
    points = [{"code": "CHIN", "point": {"x": 0, "y": 0}}]
    pose = {"mid": "f", "type": "pose", "categories": [{"name": "H"}], "points": points}

    assert codes(project.check(one("F", pose))) == []
    assert codes(project.check(one("F", pose, categories=[{"name": "K"}]))) == [
        ("UNKNOWN_POINT", "F.annotations[0].points[0].code")
    ]


def test_children_of_a_pose_point_are_those_the_point_opens(make_project):
    points = [{"code": "EYE", "children": ["N"]}, {"code": "EAR"}]
    jobs = {
        "F": job("OBJECT_DETECTION", {"H": {"name": "h", "points": points}}, tools=["pose"]),
        "N": job("TRANSCRIPTION", isChild=True),
    }
    place = {"x": 0, "y": 0}
    response = {
        "F": {
            "annotations": [
                {
                    "mid": "f",
                    "categories": [{"name": "H"}],
                    "points": [
                        {"code": "EYE", "point": place, "children": NOTED},
                        {"code": "EAR", "point": place, "children": NOTED},
                    ],
                }
            ]
        }
    }
    checked = make_project(jobs).check(response)
    assert codes(checked) == [("CHILD_NOT_ALLOWED", "F.annotations[0].points[1].children.N")]
    assert checked.number_of_annotations == 3


@pytest.mark.parametrize(
    ("begin", "content", "is_found"),
    [(2, "b", True), (3, "b", True), (0, "a\U0001f600b", True), (1, "b", False), (900, "b", False)],
    ids=["code points", "UTF-16 units", "from the start", "elsewhere", "behind the end"],
)
def test_offsets_count_code_points_or_utf_16_units(begin, content, is_found, make_project):
    project = make_project({"E": job("NAMED_ENTITIES_RECOGNITION", AB)}, "TEXT", text="a\U0001f600b")
    entity = {"mid": "e", "beginOffset": begin, "content": content, "categories": [{"name": "A"}]}
    checked = project.check({"E": {"annotations": [entity]}}, strict=True)
    assert codes(checked) == ([] if is_found else [("CONTENT_MISMATCH", "E.annotations[0].content")])


def test_what_is_not_known_of_the_asset_is_not_checked(projects):
    far = {"PICK": {"choice": {"code": "TIE", "firstId": "q", "secondId": "r"}}}
    assert codes(projects["llm"].check(far, strict=True, asset=AssetFacts())) == []
    assert codes(projects["vid"].check({"99": {}}, strict=True, asset=AssetFacts())) == []
    assert codes(projects["pdf"].check(page(pageNumberArray=[99]), strict=True, asset=AssetFacts())) == []


def test_a_thousand_problems_are_enough(projects):
    boxes = [{**BOX, "mid": f"m{n}", "type": "bbox"} for n in range(3_000)]
    assert len(projects["img"].check({"OBJ": {"annotations": boxes}}).errors) == 1_000


def test_a_relation_of_several_categories_joins_what_any_of_them_allows(make_project):
    jobs = {
        "D": job("OBJECT_DETECTION", AB, tools=["marker"]),
        "R": job(
            "OBJECT_RELATION",
            {
                "X": {"name": "x", "startObjects": ["A"], "endObjects": ["A"]},
                "Y": {"name": "y", "startObjects": ["A"], "endObjects": ["B"]},
            },
            content={"input": "checkbox"},
        ),
    }
    marks = [{**MARK, "mid": key, "categories": [{"name": key}]} for key in "AB"]
    link = {"mid": "r", "startObjects": [{"mid": "A"}], "endObjects": [{"mid": "B"}]}
    project = make_project(jobs)

    def check(*categories):
        relation = {**link, "categories": [{"name": name} for name in categories]}
        return codes(project.check({"D": {"annotations": marks}, "R": {"annotations": [relation]}}, strict=True))

    assert check("X") == [("RELATION_CATEGORY", "R.annotations[0].endObjects[0].mid")]
    assert check("X", "Y") == []
