import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from labelyard.domain.interface import Interface, parse_interface
from labelyard.domain.response import AssetFacts, CheckedResponse, ResponseValidator, compile_validator

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Project:
    interface: Interface
    input_type: str
    validator: ResponseValidator
    asset: AssetFacts

    def check(
        self, response: Any, *, label_type: str = "DEFAULT", strict: bool = False, asset: AssetFacts | None = None
    ) -> CheckedResponse:
        numbers = count(1)
        return self.validator.check(
            response if isinstance(response, str) else json.dumps(response, ensure_ascii=False),
            label_type=label_type,
            strict=strict,
            asset=asset or self.asset,
            mint=lambda: f"minted-{next(numbers)}",
        )


def project_of(jobs: dict[str, Any], input_type: str = "IMAGE", **facts: Any) -> Project:
    pixel_coordinates = facts.pop("pixel_coordinates", False)
    report = parse_interface(json.dumps({"jobs": jobs}), input_type=input_type)
    assert report.interface is not None, report.errors
    validator = compile_validator(report.interface, input_type=input_type, pixel_coordinates=pixel_coordinates)
    return Project(report.interface, input_type, validator, AssetFacts(**facts))


def _projects() -> dict[str, Project]:
    found = {}
    for name, raw in json.loads((HERE / "projects.json").read_text("utf-8")).items():
        facts: dict[str, Any] = {key: raw[key] for key in ("text", "pages", "frames") if key in raw}
        if "chatItems" in raw:
            facts["chat_items"] = frozenset(raw["chatItems"])
        found[name] = project_of(raw["jsonInterface"]["jobs"], raw["inputType"], **facts)
    return found


@pytest.fixture(scope="session")
def projects() -> dict[str, Project]:
    """The projects of the examples, by name."""
    return _projects()


@pytest.fixture(scope="session")
def make_project() -> Callable[..., Project]:
    """Compile a project from jobs: `make_project(jobs, input_type, **facts)`."""
    return project_of
