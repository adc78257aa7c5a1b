"""Comments and indentation of modules and style sheets, taken out before they are sent: a fifth of what would go over the wire.

Lines stay where they are, so that a line in a browser's words is the line of the file. Taken out is what stands at the beginning
of a line, and casts to types; `tests/page/test_comments.py` holds that nothing else goes.
"""

from __future__ import annotations

import re
from typing import Final

_BLOCK: Final = re.compile(r"^[ \t]*/\*(?:[^*]|\*(?!/))*\*/[ \t]*$", re.MULTILINE)
_LINE: Final = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_CAST: Final = re.compile(r"/\*\* @(?:type|param)\b[^\n]*?\*/ ?")
_INDENTATION: Final = re.compile(r"^[ \t]+", re.MULTILINE)


def without_comments(name: str, content: bytes) -> bytes:
    """The content of a file of the page as it is sent. Libraries are sent as they are."""
    if name.startswith("vendor/") or not name.endswith((".js", ".css")):
        return content
    text = _BLOCK.sub(lambda found: "\n" * found[0].count("\n"), content.decode())
    if name.endswith(".js"):
        text = _CAST.sub("", _LINE.sub("", text))
    return _INDENTATION.sub("", text).encode()
