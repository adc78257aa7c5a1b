"""The container files, held to the repository by reading: what they copy exists, what they run is the package's own."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main

from labelyard.server.cli.command import app
from labelyard.server.health import health_routes
from labelyard.server.settings import Settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "docker" / "Dockerfile"
COMPOSE = ROOT / "docker" / "compose.yaml"

Value = str | list[Any] | dict[str, Any] | None


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())]


def arguments(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def environment() -> dict[str, str]:
    return dict(part.split("=", 1) for rest in arguments("ENV") for part in shlex.split(rest))


def mapping(lines: list[str], depth: int = 0) -> Value:
    """The part of YAML that the compose file is written in: mappings, lists and one-line lists of plain or quoted texts."""
    assert lines
    if lines[0].lstrip().startswith("- "):
        assert all(line.startswith(f"{' ' * depth}- ") for line in lines), lines
        return [plain(line.strip()[2:]) for line in lines]
    found: dict[str, Any] = {}
    while lines:
        match = re.fullmatch(rf" {{{depth}}}([A-Za-z_]+):(?: (.+))?", lines[0])
        assert match, f"not a key {depth} spaces deep: {lines[0]!r}"
        key, value = match.groups()
        assert key not in found, key
        inner = []
        lines = lines[1:]
        while lines and lines[0].startswith(" " * (depth + 1)):
            inner.append(lines[0])
            lines = lines[1:]
        assert not (value and inner), key
        found[key] = plain(value) if value else mapping(inner, depth + 2) if inner else None
    return found


def plain(text: str) -> Value:
    if text.startswith("["):
        assert text.endswith("]"), text
        return [match[1] for match in re.finditer(r'"([^"]*)"', text)]
    assert text.count('"') in (0, 2), text
    return text.strip('"')


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = COMPOSE.read_text("utf-8")
    assert "\t" not in text
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = mapping(lines)
    assert isinstance(found, dict)
    return found


def test_every_file_that_is_copied_exists_and_is_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    copied = [part for rest in arguments("COPY") if "--from" not in rest for part in rest.split()[:-1]]

    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert name.strip("/").split("/")[0] not in ignored, name


def test_every_package_of_the_distribution_is_copied():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = {part.strip("/") for rest in arguments("COPY") for part in rest.split()[:-1]}

    assert packages <= copied
    assert {project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml"} <= copied


def test_what_the_server_reads_beside_its_code_is_packaged():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    folders = [ROOT / name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    left_out = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.suffix not in (".py", ".pyc") and not any(path.match(pattern) for pattern in patterns)
    ]

    assert left_out == []


def test_only_locked_packages_are_installed_and_they_are_those_of_the_makefile():
    runs = " ".join(arguments("RUN"))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    installs = re.findall(r"pip install ([^&]*)", runs)

    for install in installs:
        locked = re.search(r"--require-hashes -r (\S+)", install)
        if locked is None:
            assert "--no-deps" in install, install
        else:
            assert f"--require-hashes -r {locked[1]}" in makefile
    assert len(installs) == 3


def test_the_image_runs_a_command_of_the_package():
    command = re.findall(r'"([^"]+)"', arguments("CMD")[-1])
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]

    assert command == ["labelyard", "serve"]
    assert command[0] in scripts
    assert command[1] in typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_the_image_runs_as_nobody_and_writes_to_its_volume():
    assert arguments("USER") == ["10001:10001"]
    assert arguments("VOLUME") == [environment()["LABELYARD_DATA_DIR"]]
    assert any("-o labelyard -g labelyard /data" in run for run in arguments("RUN"))


def test_the_image_sets_settings_that_exist():
    names = {name for name in environment() if name.startswith("LABELYARD_")}

    assert names <= {f"LABELYARD_{name.upper()}" for name in Settings.model_fields}
    assert environment()["LABELYARD_PORT"] == arguments("EXPOSE")[0]


def test_health_is_asked_where_the_server_answers(compose):
    (asked,) = arguments("HEALTHCHECK")
    asked_by_compose = compose["services"]["labelyard"]["healthcheck"]["test"][-1]
    paths = {route.path for route in health_routes(None, None, None)}  # type: ignore[arg-type]

    for text in (asked, asked_by_compose):
        assert set(re.findall(r"/health/\w+", text)) == {"/health/ready"}
    assert "/health/ready" in paths


@pytest.mark.parametrize("name", ["Dockerfile", "compose"])
def test_the_python_that_asks_for_health_is_python(compose, name):
    if name == "compose":
        code = compose["services"]["labelyard"]["healthcheck"]["test"][-1]
    else:
        code = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments("HEALTHCHECK")[0])[-1].replace('\\"', '"')

    compile(code, name, "exec")


def test_compose_names_services_volumes_and_files_that_exist(compose):
    services = compose["services"]

    assert set(compose) == {"services", "volumes"}
    assert set(services) == {"database", "labelyard"}
    for service in services.values():
        for volume in service["volumes"]:
            assert volume.split(":")[0] in compose["volumes"]
        assert "healthcheck" in service
    assert set(services["labelyard"]["depends_on"]) <= set(services)
    build = services["labelyard"]["build"]
    context = (COMPOSE.parent / build["context"]).resolve()
    assert context == ROOT
    assert context / build["dockerfile"] == DOCKERFILE


def test_compose_sets_settings_that_exist_and_keeps_the_root_read_only(compose):
    service = compose["services"]["labelyard"]

    assert set(service["environment"]) <= {f"LABELYARD_{name.upper()}" for name in Settings.model_fields}
    assert service["environment"]["LABELYARD_DATABASE_URL"].startswith("postgresql://labelyard:")
    assert service["read_only"] == "true"
    assert service["tmpfs"] == ["/tmp"]
    assert service["volumes"][0].split(":")[1] == environment()["LABELYARD_DATA_DIR"]


def test_continuous_integration_runs_the_tests_of_the_makefile():
    script = (ROOT / ".ci" / "run").read_text("utf-8")

    assert script.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in script
    lines = [line.partition("make ")[2].split() for line in script.splitlines() if "make " in line and line[0] != "#"]
    targets = [target for line in lines for target in line]
    assert targets[:4] == ["test", "test-plugins", "test-clients", "test-pythons"]
    assert targets[4:] == ["test-doors", "fresh-machine", "many-keys", "webhooks", "kill-jobs", "large-exports"]
