"""What is sent of a module or a style sheet is all of it but comments and indentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labelyard.server.page.comments import without_comments

STATIC = Path(__file__).parents[2] / "server/page/static"
FILES = sorted(str(path.relative_to(STATIC)) for kind in ("*.js", "*.css") for path in STATIC.rglob(kind))
# What a slash begins a pattern after, and not a division.
_BEFORE_PATTERN = re.compile(r"(?:^|[(,=:\[!&|?{};>]|\breturn)\s*$")
_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[])+/")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def _pattern(text: str, at: int, before: str) -> re.Match[str] | None:
    return _PATTERN.match(text, at) if _BEFORE_PATTERN.search(before) else None


def code(text: str) -> str:
    """A module or style sheet without comments and spaces; texts hold no comments, templates hold code."""
    said: list[str] = []
    inside: list[str] = []  # templates, and the braces of code in them
    at = 0
    while at < len(text):
        if inside and inside[-1] == "`":
            piece = "${" if text.startswith("${", at) else text[at : at + 2] if text[at] == "\\" else text[at]
            if piece == "${":
                inside.append("{")
            elif piece == "`":
                inside.pop()
        elif found := _COMMENT.match(text, at):
            at = found.end()
            continue
        elif found := _QUOTED.match(text, at) or _pattern(text, at, "".join(said[-20:])):
            piece = found[0]
        else:
            piece = text[at]
            if piece in "`{":
                inside.append(piece)
            elif piece == "}":
                inside.pop()
        said.append(piece)
        at += len(piece)
    assert not inside
    return re.sub(r"\s+", "", "".join(said))


@pytest.mark.parametrize("name", FILES)
def test_nothing_but_comments_goes_and_lines_stay_where_they_are(name: str) -> None:
    content = (STATIC / name).read_bytes()
    sent = without_comments(name, content)

    assert code(sent.decode()) == code(content.decode())
    assert sent.count(b"\n") == content.count(b"\n")


def test_comments_in_texts_are_no_comments() -> None:
    assert code('a("// b", `/* ${c /* d */} `, /[/*]/) // e\n/ f /* g */') == 'a("//b",`/*${c}`,/[/*]/)/f'


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/** a */\n  f(); // b\n", "\nf(); // b\n"),
        ("/** a\n * b\n */\nf();\n", "\n\n\nf();\n"),
        ("/** @type {A} */ (a).b(); /* c */ d();\n/* e */\n", "(a).b(); /* c */ d();\n\n"),
        ('const a = "// b"; const c = "/* d */";\n', 'const a = "// b"; const c = "/* d */";\n'),
        ("a();\n\t// * /\nb(/** @param {c} d */ (d) => d);", "a();\n\nb((d) => d);"),
    ],
)
def test_a_comment_is_what_begins_a_line_or_says_a_type(written: str, sent: str) -> None:
    assert without_comments("label/screen.js", written.encode()).decode() == sent


def test_libraries_and_pictures_are_sent_as_they_are() -> None:
    assert without_comments("vendor/preact.mjs", b"  // a\n") == b"  // a\n"
    assert without_comments("icon.svg", b"  <!-- a -->\n") == b"  <!-- a -->\n"
