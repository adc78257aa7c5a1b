"""What `labelyard serve` says once it listens."""

import ast

import pytest

from labelyard.server.serve import greeting
from labelyard.server.settings import Settings


@pytest.mark.parametrize("key", ["ly_first", None])
def test_the_five_lines_can_be_pasted_into_a_python_prompt(key: str | None) -> None:
    lines = greeting(Settings(bootstrap_api_key=None), key).splitlines()
    begin = lines.index("Try it with the Kili SDK (pip install kili):") + 2
    pasted = lines[begin : begin + 5]
    assert len(ast.parse("\n".join(pasted)).body) == 5
    assert pasted[0] == "from kili.client import Kili"
    assert (key or "<your API key>") in pasted[1]


def test_each_open_door_is_named_with_its_address() -> None:
    said = greeting(Settings(doors="dataapi", public_url="https://label.example"), None)
    assert "  door      https://label.example/dataapi  (data tasks)" in said.splitlines()
    assert "door" not in greeting(Settings(), None)
