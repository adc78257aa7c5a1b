"""The pages under `docs/` are written by hand and held complete here: what exists is named, what is named exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from labelyard.domain.error import ErrorCode
from labelyard.domain.permission import ROLES_ALLOWED, ProjectRole
from labelyard.resolvers.schema import ROOT_TYPES, core_schema
from labelyard.server.cli.command import app
from labelyard.server.edge.error import FORMS
from labelyard.server.settings import FROM_FILES, Settings

ROOT = Path(__file__).parents[1]
SOURCES = ("server", "resolvers", "services", "storage", "domain")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changes").glob("*.md")],
    key=lambda path: path.relative_to(ROOT).as_posix(),
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|TBD|WIP|HACK|lorem ipsum|coming soon)\b", re.IGNORECASE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    after = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{level}}} ", after, maxsplit=1)[0]


def first_cells(text: str) -> list[str]:
    """The names in code in the first cells of all tables, in order."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", without_code(path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def without_code(text: str) -> str:
    return re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.MULTILINE | re.DOTALL)


def test_every_setting_is_documented_with_its_default():
    def shown(default: object) -> str:
        return "–" if default in (None, "") else f"`{str(default).lower() if isinstance(default, bool) else default}`"

    rows = [line.split(" | ") for line in page("configuration.md").splitlines() if line.startswith("| `LABELYARD_")]

    assert [(row[0].strip("| "), row[1]) for row in rows] == [
        (f"`LABELYARD_{name.upper()}`", shown(field.default)) for name, field in Settings.model_fields.items()
    ]


def test_no_page_names_a_setting_that_does_not_exist():
    known = {f"LABELYARD_{name.upper()}" for name in Settings.model_fields}
    known |= {f"LABELYARD_{name.upper()}_FILE" for name in FROM_FILES} | {"LABELYARD_SERVICE_HOST"}
    named = {name for path in PAGES for name in re.findall(r"LABELYARD_[A-Z_]*[A-Z]", path.read_text("utf-8"))}

    assert named <= known


def commands(group: TyperGroup, name: str) -> Iterator[tuple[str, set[str]]]:
    """Every command by its full name, with its options."""
    for part, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{name} {part}")
        else:
            options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
            yield f"{name} {part}", options


def test_every_command_is_documented_with_its_options():
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    expected = dict(commands(group, "labelyard"))
    text = page("commands.md")
    headings = re.findall(r"^## (labelyard .+)$", text, re.MULTILINE)

    assert {heading: set(first_cells(section(text, f"## {heading}"))) for heading in headings} == {
        name: {option for option in options if option != "--help"} for name, options in expected.items()
    }


def test_no_page_names_a_command_that_does_not_exist():
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    known = [f"{name} " for name, _ in commands(group, "labelyard")]
    named = {
        f"{name} " for path in PAGES for name in re.findall(r"`(labelyard(?: [a-z][a-z-]*)+)", path.read_text("utf-8"))
    }

    # A group of commands may be named, too; so may a command with its arguments.
    assert {name for name in named if not any(name.startswith(one) or one.startswith(name) for one in known)} == set()


def served(kind: str) -> set[str]:
    return set(core_schema().type_map[ROOT_TYPES[kind]].fields)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("kind", "heading"), [("query", "## Queries"), ("mutation", "## Mutations")])
def test_every_operation_that_is_served_is_documented_once(kind, heading):
    assert sorted(first_cells(section(page("operations.md"), heading))) == sorted(served(kind))


def test_every_subscription_is_documented():
    subscriptions = core_schema().subscription_type
    assert subscriptions is not None
    assert first_cells(section(page("operations.md"), "## Subscriptions")) == list(subscriptions.fields)


def test_the_table_of_roles_is_that_of_the_code():
    table = [line for line in section(page("operations.md"), "## Who may what").splitlines() if line.startswith("|")]

    assert table[0] == "| Action | " + " | ".join(f"`{role}`" for role in ProjectRole) + " |"
    assert table[2:] == [
        f"| {action.value} | " + " | ".join("yes" if role in allowed else "–" for role in ProjectRole) + " |"
        for action, allowed in ROLES_ALLOWED.items()
    ]


def test_every_error_code_is_documented_with_its_status():
    rows = [line.split(" | ") for line in section(page("errors.md"), "## Codes").splitlines() if line.startswith("| `")]

    assert [(row[0].strip("| "), row[1]) for row in rows] == [
        (f"`{code}`", str(FORMS[code].status)) for code in ErrorCode
    ]


def bracketed_keys() -> set[str]:
    """The keys that texts in the sources begin with, and those given to `refusal_of`."""
    keys = set()
    for path in (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                keys |= set(re.findall(r"^\[([a-z][A-Za-z]+)\] ", node.value))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refusal_of":
                key = node.args[0]
                assert isinstance(key, ast.Constant), f"{path}:{node.lineno}: the key of a refusal is written out"
                keys.add(str(key.value))
    return keys


def test_every_key_in_brackets_is_documented():
    listed = first_cells(section(page("errors.md"), "## Keys in brackets"))

    assert sorted(listed) == sorted(f"[{key}]" for key in bracketed_keys())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_resolves(path):
    for target in LINK.findall(without_code(path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name).resolve() if name else path
        assert found.exists(), target
        assert found.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_is_unfinished(path):
    assert UNFINISHED.findall(path.read_text("utf-8")) == []


def test_the_readme_names_exactly_the_two_commands_that_start_everything():
    assert sorted(set(re.findall(r"\bmake ([a-z-]+)\b", code_of(ROOT / "README.md")))) == ["serve", "test"]


def code_of(path: Path) -> str:
    """Code of a page: its blocks and what stands in backticks."""
    text = path.read_text("utf-8")
    return "\n".join(
        [*re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL), *re.findall(r"`([^`\n]+)`", text)]
    )


def test_every_make_target_a_page_names_exists():
    targets = set(
        re.findall(
            r"^([a-z-]+):",
            "\n".join(path.read_text("utf-8") for path in (ROOT / "Makefile", *ROOT.glob("tests/**/*.mk"))),
            re.MULTILINE,
        )
    )

    for path in PAGES:
        assert set(re.findall(r"\bmake ([a-z-]+)\b", code_of(path))) <= targets, path


def test_every_decision_is_listed():
    listed = LINK.findall(page("adr/README.md"))

    assert listed == sorted(path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))


def test_notes_of_changes_have_numbers_of_their_own():
    numbers = [path.name[:4] for path in (ROOT / "changes").glob("[0-9]*.md")]

    assert sorted(numbers) == sorted(set(numbers))


def test_every_file_a_page_names_exists():
    """Paths in code that begin with a folder of this repository."""
    roots = "|".join([*SOURCES, "tests", "docs", "docker", "changes"])
    for path in PAGES:
        if path.name == "adding-an-operation.md":
            continue  # it makes the files it names (tests/test_adding_an_operation.py)
        for name in re.findall(rf"`((?:{roots})/[\w./*-]*)`", path.read_text("utf-8")):
            assert list(ROOT.glob(name.rstrip("/"))), f"{path.name}: {name}"


def test_pages_that_the_sources_point_to_exist():
    for source in (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        for name in re.findall(r"docs/[\w./-]+\.md", source.read_text("utf-8")):
            assert (ROOT / name).exists(), f"{source}: {name}"
