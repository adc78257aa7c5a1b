"""Which files a label names: whoever stores it must see to them."""

import pytest

from labelyard.domain.response import FileAnswer
from tests.domain.response.conftest import project_of

FILE = {"mlTask": "FILE", "required": 0, "isChild": False, "content": {}}


def answer(file_id: str) -> dict[str, str]:
    return {"fileId": file_id, "fileName": "a.pdf", "fileMimeType": ""}


CASES = {
    "none": ("IMAGE", {}, ()),
    "one": ("IMAGE", {"REPORT": answer("f-1")}, (FileAnswer("f-1", "REPORT"),)),
    "two jobs": (
        "IMAGE",
        {"OTHER": answer("f-2"), "REPORT": answer("f-1")},
        (FileAnswer("f-2", "OTHER"), FileAnswer("f-1", "REPORT")),
    ),
    "of a whole video": (
        "VIDEO",
        {"assetLevel": {"REPORT": answer("f-1")}},
        (FileAnswer("f-1", "assetLevel.REPORT"),),
    ),
}


@pytest.mark.parametrize(("input_type", "response", "expected"), CASES.values(), ids=CASES.keys())
def test_files_are_told_with_their_places(input_type: str, response: object, expected: tuple[FileAnswer, ...]) -> None:
    project = project_of({"REPORT": FILE, "OTHER": FILE}, input_type)
    checked = project.check(response)
    assert (checked.errors, checked.files) == ((), expected)
