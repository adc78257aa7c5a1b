"""Every word of the page comes from its messages, and every key does what the documentation says."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "server/page/static"
_KEY = re.compile(r'^  "([\w.]+)":', re.MULTILINE)
_USE = re.compile(r'\btext\(\s*"([\w.]+)"')
_USE_OF_TWO = re.compile(r'\btext\([^"`]*\?\s*"([\w.]+)"\s*:\s*"([\w.]+)"')
_USE_OF_KIND = re.compile(r"\btext\(`([\w.]+\.)\$\{")


def messages() -> set[str]:
    return {key for path in (STATIC / "messages").glob("en*.js") for key in _KEY.findall(path.read_text())}


def sources() -> str:
    return "\n".join(path.read_text() for path in STATIC.rglob("*.js") if path.parent.name != "messages")


def test_every_message_that_is_asked_for_exists() -> None:
    source = sources()
    used = set(_USE.findall(source)) | {key for pair in _USE_OF_TWO.findall(source) for key in pair}
    assert used - messages() == set()
    assert [kind for kind in _USE_OF_KIND.findall(source) if not any(key.startswith(kind) for key in messages())] == []


def test_every_key_of_the_label_screen_is_documented_and_has_words() -> None:
    (table,) = re.findall(r"export const KEYS = \{(.*?)\n\};", (STATIC / "label/keys.js").read_text(), re.DOTALL)
    keys = dict(re.findall(r'(\w+): "([^"]+)"', table))
    page = (ROOT / "docs/page.md").read_text().split("\n## Keys\n", 1)[1].split("\n## ", 1)[0]
    documented = set(re.findall(r"`([^`]+)`", page))
    assert {action for action, key in keys.items() if key not in documented} == set()
    assert {action for action in keys if not action[-1].isdigit()} == {
        key.removeprefix("key.") for key in messages() if key.startswith("key.")
    }
