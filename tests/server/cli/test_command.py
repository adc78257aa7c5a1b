"""What all commands have in common."""

from importlib import metadata

import pytest
import typer.main
from typer.core import TyperGroup

from labelyard.server.cli.command import app


def leaves(group: TyperGroup, *path: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            found |= leaves(command, *path, name)
        else:
            found[" ".join((*path, name))] = command
    return found


COMMANDS = leaves(typer.main.get_command(app))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_data_directory(name):
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}  # type: ignore[attr-defined]

    assert "--data-dir" in options


async def test_the_version_is_that_of_the_package(tell):
    assert await tell("--version") == [f"labelyard {metadata.version('labelyard')}"]


async def test_a_data_directory_that_is_named_wins(run, tmp_path, monkeypatch):
    monkeypatch.delenv("LABELYARD_DATABASE_URL")

    done = await run("user", "list", "--data-dir", str(tmp_path / "elsewhere"))

    assert (done.code, len(done.complaints)) == (1, 1)
    assert str(tmp_path / "elsewhere") in done.complaints[0]
