"""The demonstration projects that are bundled, by the name that clients ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelyard.domain.demo.picture import Color, Form, Picture, Shape
from labelyard.domain.error import BadUserInput

COLORS = ("#472CED", "#5CE7B7", "#D33BCE", "#FB753C", "#3BCADB")


@dataclass(frozen=True, slots=True)
class DemoProject:
    """The asset type, the interface and the assets of a project: pictures or texts by their external ids."""

    input_type: str
    interface: Mapping[str, Any]
    assets: Mapping[str, Picture | str]

    def files(self) -> dict[str, tuple[str, bytes]]:
        """The media type and the bytes of each asset; pictures are drawn."""
        return {
            name: ("text/plain", asset.encode()) if isinstance(asset, str) else ("image/png", asset.png())
            for name, asset in self.assets.items()
        }


def demo_of(name: str) -> DemoProject:
    """The demonstration project of a name; one that is not bundled is refused with those that are."""
    demo = DEMOS.get(name)
    if demo is None:
        raise BadUserInput(
            f"[noSuchDemo] The demonstration project {name} is not bundled with this server; choose one of "
            f"{', '.join(DEMOS)}, or give inputType and jsonInterface.",
            fromDemoProject=name,
        )
    return demo


def job(task: str, instruction: str, names: Sequence[str], **settings: Any) -> dict[str, Any]:
    """A job with categories."""
    categories = {
        name.upper().replace(" ", "_"): {"children": [], "color": COLORS[position % len(COLORS)], "name": name}
        for position, name in enumerate(names)
    }
    return {
        "content": {"categories": categories, "input": "radio"},
        "instruction": instruction,
        "isChild": False,
        "isVisible": True,
        "mlTask": task,
        "models": {},
        "required": 0,
        **settings,
    }


def interface(**jobs: Mapping[str, Any]) -> dict[str, Any]:
    """An interface of jobs by their names."""
    return {"jobs": jobs}


SEA, DEEP = (120, 190, 225), (20, 90, 150)
SAND, DUNE = (240, 225, 180), (205, 180, 120)
MEADOW, GRASS = (190, 225, 245), (90, 160, 80)
GREEN, BLUE, RED, YELLOW, WHITE, GRAY, BROWN = (
    (60, 150, 90), (60, 110, 200), (210, 60, 50), (240, 200, 60), (245, 245, 245), (130, 135, 140), (120, 80, 50),
)  # fmt: skip


def bottle(color: Color, left: int, top: int) -> list[Shape]:
    """A bottle that stands."""
    return [
        Shape(Form.RECTANGLE, color, left, top + 40, 44, 110),
        Shape(Form.RECTANGLE, color, left + 14, top + 12, 16, 30),
        Shape(Form.RECTANGLE, WHITE, left, top + 80, 44, 26),
        Shape(Form.RECTANGLE, RED, left + 11, top, 22, 14),
    ]


def bag(color: Color, left: int, top: int) -> list[Shape]:
    """A bag with a handle."""
    return [
        Shape(Form.ELLIPSE, color, left + 20, top, 60, 70),
        Shape(Form.RECTANGLE, color, left, top + 30, 100, 90),
        Shape(Form.TRIANGLE, GRAY, left + 40, top + 70, 20, 30),
    ]


def cap(color: Color, left: int, top: int) -> list[Shape]:
    """The cap of a bottle."""
    return [Shape(Form.ELLIPSE, color, left, top, 34, 34), Shape(Form.ELLIPSE, WHITE, left + 10, top + 10, 14, 14)]


def fish(color: Color, left: int, top: int) -> list[Shape]:
    """A fish that swims to the right."""
    return [
        Shape(Form.ARROW, color, left, top + 15, 60, 90),
        Shape(Form.ELLIPSE, color, left + 30, top, 180, 120),
        Shape(Form.ELLIPSE, WHITE, left + 165, top + 35, 22, 22),
        Shape(Form.ELLIPSE, (0, 0, 0), left + 172, top + 42, 9, 9),
    ]


def cat(color: Color, left: int, top: int) -> list[Shape]:
    """The face of a cat."""
    ears = [Shape(Form.TRIANGLE, color, left + position, top, 60, 70) for position in (0, 90)]
    eyes = [Shape(Form.ELLIPSE, GREEN, left + position, top + 85, 24, 30) for position in (35, 91)]
    return [
        *ears,
        Shape(Form.ELLIPSE, color, left, top + 40, 150, 140),
        *eyes,
        Shape(Form.TRIANGLE, RED, left + 65, top + 125, 20, 14),
    ]


def bird(color: Color, left: int, top: int) -> list[Shape]:
    """A bird that looks to the right."""
    return [
        Shape(Form.ELLIPSE, color, left, top + 40, 150, 90),
        Shape(Form.ELLIPSE, color, left + 110, top, 70, 70),
        Shape(Form.ARROW, YELLOW, left + 175, top + 22, 40, 24),
        Shape(Form.ELLIPSE, (0, 0, 0), left + 150, top + 22, 10, 10),
        Shape(Form.TRIANGLE, GRAY, left + 40, top + 50, 70, 60),
    ]


PLASTIC = DemoProject(
    "IMAGE",
    interface(
        OBJECT_DETECTION_JOB=job(
            "OBJECT_DETECTION", "Mark all plastic", ["Bottle", "Bag", "Cap"], tools=["rectangle", "polygon"]
        ),
        CLASSIFICATION_JOB=job("CLASSIFICATION", "Where is it?", ["Sea", "Beach"]),
    ),
    {
        "sea-1": Picture(SEA, DEEP, [*bottle(GREEN, 80, 120), *cap(YELLOW, 300, 200)]),
        "sea-2": Picture(SEA, DEEP, [*bag(WHITE, 200, 150), *bottle(BLUE, 60, 60), *cap(RED, 400, 90)]),
        "beach-1": Picture(SAND, DUNE, [*bottle(BLUE, 240, 150), *bag(GREEN, 60, 180)]),
        "beach-2": Picture(SAND, DUNE, [*cap(BLUE, 90, 250), *cap(RED, 210, 120), *cap(GREEN, 350, 200)]),
    },
)
ANIMALS = DemoProject(
    "IMAGE",
    interface(CLASSIFICATION_JOB=job("CLASSIFICATION", "Which animal is it?", ["Cat", "Fish", "Bird"], required=1)),
    {
        "animal-1": Picture(MEADOW, GRASS, cat(GRAY, 160, 110)),
        "animal-2": Picture(SEA, DEEP, fish(YELLOW, 130, 120)),
        "animal-3": Picture(MEADOW, GRASS, bird(BROWN, 120, 60)),
        "animal-4": Picture(MEADOW, GRASS, cat(BROWN, 60, 150)),
        "animal-5": Picture(SEA, DEEP, fish(RED, 60, 60)),
    },
)
TUTORIAL = DemoProject(
    "IMAGE",
    interface(
        OBJECT_DETECTION_JOB=job(
            "OBJECT_DETECTION",
            "Mark every shape",
            ["Circle", "Rectangle", "Triangle"],
            tools=["rectangle", "polygon", "semantic"],
        ),
    ),
    {
        f"shapes-{number}": Picture(
            WHITE,
            (215, 215, 220),
            [
                Shape(Form.ELLIPSE, BLUE, 40 + 60 * number, 60, 100, 100),
                Shape(Form.RECTANGLE, RED, 300 - 50 * number, 210, 130, 80),
                Shape(Form.TRIANGLE, GREEN, 60, 200 - 20 * number, 110, 110),
            ],
        )
        for number in (1, 2, 3)
    },
)
REVIEWS = DemoProject(
    "TEXT",
    interface(
        CLASSIFICATION_JOB=job(
            "CLASSIFICATION", "How does the writer feel?", ["Positive", "Neutral", "Negative"], required=1
        )
    ),
    {
        "review-1": "The kettle boils in two minutes and has not leaked once. I would buy it again tomorrow.",
        "review-2": "It arrived on time. It is a lamp. It gives light.",
        "review-3": "After three days the zip broke, and nobody answers my letters.",
        "review-4": "My daughter has not put the book down since Sunday, and neither have I.",
        "review-5": "The color is nothing like the picture, although the cloth itself is fine.",
        "review-6": "Too loud for the kitchen, too weak for the yard.",
    },
)
ENTITIES = job("NAMED_ENTITIES_RECOGNITION", "Mark names", ["Person", "Place", "Organization", "Date"])
NER = DemoProject(
    "TEXT",
    interface(NAMED_ENTITIES_RECOGNITION_JOB=ENTITIES),
    {
        "note-1": "Ida Brandt moved from Bergen to Lisbon in March 2019 to teach at the Harbor School.",
        "note-2": "On 4 May the Northern Mill Company sold its last ship to Tomas Ferreira of Porto.",
        "note-3": "Mei Tanaka and her brother Jun opened the first bakery in Oldbridge in 1987.",
        "note-4": "The Valley Choir sings in Graz on Friday; Pauline Okoro conducts.",
    },
)
TWEETS = DemoProject(
    "TEXT",
    interface(NAMED_ENTITIES_RECOGNITION_JOB=ENTITIES),
    {
        "post-1": "Just landed in Nairobi, it is raining and I love it",
        "post-2": "Does anybody know when Otto Library opens on Sunday? Asking for Lena.",
        "post-3": "Congratulations to Samir Haddad and all of Team Lighthouse!",
        "post-4": "Snow in Tromsø in May. Again.",
    },
)
TEXTS = DemoProject(
    "TEXT",
    interface(
        CLASSIFICATION_JOB=job("CLASSIFICATION", "What is it about?", ["Order", "Complaint", "Question"]),
        NAMED_ENTITIES_RECOGNITION_JOB=ENTITIES,
    ),
    {
        "letter-1": "Dear Ms. Novak, please send forty chairs to our house in Split before 1 June.",
        "letter-2": "Two of the windows that Glass and Sons delivered on Monday are broken.",
        "letter-3": "Does the ferry to Visby take bicycles in winter? Kind regards, Erik Lund",
    },
)
DEMOS: Mapping[str, DemoProject] = {
    "DEMO_ANIMALS": ANIMALS,
    "DEMO_COMPUTER_VISION_TUTORIAL": TUTORIAL,
    "DEMO_NER": NER,
    "DEMO_NER_TWEETS": TWEETS,
    "DEMO_PLASTIC": PLASTIC,
    "DEMO_REVIEWS": REVIEWS,
    "DEMO_TEXT_TUTORIAL": TEXTS,
}
