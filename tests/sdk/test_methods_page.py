"""The page about methods of the SDK is that of the tables."""

from pathlib import Path

from tests.sdk.every_method.page import page

ROOT = Path(__file__).parents[2]


def test_the_page_of_methods_is_what_the_tables_say():
    assert (ROOT / "docs" / "sdk-methods.md").read_text("utf-8") == page()
