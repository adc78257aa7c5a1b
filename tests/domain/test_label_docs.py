import re
from pathlib import Path

from labelyard.domain.interface import INTERFACE_RULES, Input, MlTask, Tool
from labelyard.domain.response import RESPONSE_RULES, Severity

PAGE = (Path(__file__).parents[2] / "docs" / "labels.md").read_text("utf-8")
LEVELS = {Severity.ALWAYS: "always", Severity.HUMAN: "human", Severity.STRICT: "strict"}


def rows(columns):
    """The rows of the tables with a code in the first of so many columns."""
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in PAGE.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip().replace("\\|", "|") for cell in row) for row in cells if len(row) == columns]


def test_every_interface_code_is_documented_with_its_remedy():
    expected = [(f"`{code}`", rule.sentence, rule.remedy) for code, rule in INTERFACE_RULES.items()]
    assert rows(3) == expected


def test_interface_errors_and_warnings_stand_under_their_headings():
    warnings = PAGE.split("### Warnings")[1].split("## Labels")[0]
    assert re.findall(r"^\| `(\w+)`", warnings, re.M) == [
        code for code, rule in INTERFACE_RULES.items() if not rule.blocks
    ]


def test_every_label_code_is_documented_with_its_level_and_remedy():
    expected = [
        (f"`{code}`", LEVELS[rule.severity], rule.sentence, rule.remedy) for code, rule in RESPONSE_RULES.items()
    ]
    assert rows(4) == expected


def test_all_that_an_interface_may_say_is_listed():
    for name in [*MlTask, *Tool, *Input]:
        assert f"`{name}`" in PAGE


def test_no_code_is_reported_that_has_no_rule():
    """Every code in the sources is one of the tables, and every rule is reported somewhere."""
    sources = "".join(
        path.read_text("utf-8")
        for folder in ("interface", "response")
        for path in (Path(__file__).parents[2] / "domain" / folder).glob("*.py")
        if path.name != "rules.py"
    )
    reported = set(re.findall(r'(?:report|add)\(\s*"([A-Z_0-9]+)"', sources))
    assert reported <= set(INTERFACE_RULES) | set(RESPONSE_RULES)
    assert all(f'"{code}"' in sources for code in [*INTERFACE_RULES, *RESPONSE_RULES])
