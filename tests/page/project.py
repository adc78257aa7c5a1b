"""The project that most journeys go through: pictures of a street, boxes, polygons and markers with nested jobs, the weather."""

from __future__ import annotations

import itertools
import json
import secrets
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tests.common.documents import CREATE_PROJECT
from tests.page.api import Api, Person

CREATE_USER = "mutation ($data: CreateUserData) { data: createUser(data: $data) { id } }"
APPEND_TO_ROLES = """
mutation ($data: AppendToRolesData, $where: ProjectWhere) { data: appendToRoles(data: $data, where: $where) { id } }"""
WIDTH, HEIGHT = 1600, 1000
_numbers = itertools.count(1)


def _job(task: str, **more: Any) -> dict[str, Any]:
    return {"mlTask": task, "required": 0, "isChild": False, **more}


def _radio(*, input: str = "radio", **categories: Any) -> dict[str, Any]:
    return {"input": input, "categories": categories}


INTERFACE = {
    "jobs": {
        "THINGS": _job(
            "OBJECT_DETECTION",
            instruction="Things",
            tools=["rectangle", "polygon", "marker"],
            content=_radio(
                CAR={"name": "Car", "children": ["COLOR", "PLATE"], "color": "#d1495b"},
                PERSON={"name": "Person", "children": [], "color": "#2e86ab"},
            ),
        ),
        "COLOR": _job(
            "CLASSIFICATION",
            instruction="Color",
            required=1,
            isChild=True,
            content=_radio(RED={"name": "Red"}, OTHER={"name": "Other", "children": ["SHADE"]}),
        ),
        "SHADE": _job(
            "CLASSIFICATION",
            instruction="Shade",
            isChild=True,
            content=_radio(input="checkbox", DARK={"name": "Dark"}, BRIGHT={"name": "Bright"}),
        ),
        "PLATE": _job("TRANSCRIPTION", instruction="Plate", isChild=True, content={"input": "textField"}),
        "WEATHER": _job(
            "CLASSIFICATION",
            instruction="Weather",
            required=1,
            content=_radio(SUN={"name": "Sun"}, RAIN={"name": "Rain"}),
        ),
    }
}


@cache
def picture(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A PNG whose every place has another color."""
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([columns * 200 // width, rows * 200 // height, (rows + columns) % 64 + 64], axis=2)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.astype(np.uint8).reshape(height, -1)], axis=1)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines.tobytes(), 1)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def box(
    left: float, top: float, right: float, bottom: float, *, category: str = "CAR", mid: str, **more: Any
) -> dict[str, Any]:
    """A rectangle as clients write it, from its corner at the bottom left."""
    corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
    return {
        "children": {},
        "boundingPoly": [{"normalizedVertices": [{"x": x, "y": y} for x, y in corners]}],
        "categories": [{"name": category, **more}],
        "mid": mid,
        "type": "rectangle",
    }


@dataclass
class Project:
    """A project with its people; `admin` is the API of the organization's administrator."""

    id: str
    admin: Api
    labeler: Person
    reviewer: Person
    assets: list[str]

    @property
    def path(self) -> str:
        """Where the page shows it."""
        return f"/label/projects/{self.id}"

    def member(self, role: str = "LABELER") -> Person:
        """One more person with a role."""
        return member(self.admin, self.id, role)

    def add_pictures(self, *names: str, **arrays: Any) -> list[str]:
        """Import a picture under each of the names."""
        urls = self.admin.upload(self.id, picture(), count=len(names))
        made = self.admin.import_assets(self.id, contentArray=urls, externalIDArray=list(names), **arrays)
        self.assets += made
        return made


def person(admin: Api, *, firstname: str = "Ada", lastname: str = "Lovelace", role: str = "USER") -> Person:
    """A new account with a password."""
    number = next(_numbers)
    email, password = f"person{number}-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(12)
    account = {
        "email": email,
        "password": password,
        "firstname": firstname,
        "lastname": lastname,
        "organizationRole": role,
    }
    return Person(str(admin.data(CREATE_USER, data=account)["id"]), email, password)


def member(admin: Api, project_id: str, role: str = "LABELER", **names: str) -> Person:
    """A new account with a role in a project."""
    made = person(admin, **names)
    admin.data(APPEND_TO_ROLES, data={"role": role, "userEmail": made.email}, where={"id": project_id})
    return made


def new_project(
    admin: Api, *, pictures: int = 3, interface: Any = INTERFACE, input_type: str = "IMAGE", title: str = "Street"
) -> Project:
    """A project with a labeler, a reviewer and pictures named `street-1`, `street-2`, …"""
    data = {"title": title, "inputType": input_type, "jsonInterface": json.dumps(interface)}
    project_id = admin.data(CREATE_PROJECT, data=data)["id"]
    made = Project(
        project_id,
        admin,
        member(admin, project_id, "LABELER", firstname="Lena", lastname="Labeler"),
        member(admin, project_id, "REVIEWER", firstname="Rui", lastname="Reviewer"),
        [],
    )
    if pictures:
        made.add_pictures(*(f"street-{number}" for number in range(1, pictures + 1)))
    return made
