"""What is sent of a module or a style sheet is all of it but comments and indentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pygments.lexer import Lexer
from pygments.lexers import CssLexer, JavascriptLexer
from pygments.token import Comment

from labelyard.server.page.comments import without_comments

STATIC = Path(__file__).parents[2] / "server/page/static"
FILES = sorted(str(path.relative_to(STATIC)) for kind in ("*.js", "*.css") for path in STATIC.rglob(kind))


def tokens(lexer: Lexer, text: str) -> str:
    """A text without what a lexer takes for comments, and without spaces."""
    said = "".join(value for kind, value in lexer.get_tokens(text) if kind not in Comment)
    return re.sub(r"\s+", "", said)


@pytest.mark.parametrize("name", FILES)
def test_nothing_but_comments_goes_and_lines_stay_where_they_are(name: str) -> None:
    content = (STATIC / name).read_bytes()
    sent = without_comments(name, content)
    lexer = CssLexer() if name.endswith(".css") else JavascriptLexer()

    assert tokens(lexer, sent.decode()) == tokens(lexer, content.decode())
    assert sent.count(b"\n") == content.count(b"\n")


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
