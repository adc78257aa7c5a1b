from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from labelyard.domain.error import Misconfigured
from labelyard.server.settings import LogLevel, Settings, read_settings


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("LABELYARD_"):
            monkeypatch.delenv(name)


IMPOSSIBLE = {
    ("LOG_LEVEL", "banana"): "LABELYARD_LOG_LEVEL: Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR', not 'BANANA'",
    (
        "PUBLIC_URL",
        "banana",
    ): "LABELYARD_PUBLIC_URL: 'banana' is no address of the server; write it like https://label.example.org",
    ("PUBLIC_URL", "ftp://example.org"): "LABELYARD_PUBLIC_URL: 'ftp://example.org' is no address",
    ("PUBLIC_URL", "https://example.org:banana"): "LABELYARD_PUBLIC_URL: 'https://example.org:banana' is no address",
    ("PUBLIC_URL", "https://a:b@example.org"): "LABELYARD_PUBLIC_URL: 'https://a:b@example.org' is no address",
    ("TRUSTED_PROXIES", "banana"): "LABELYARD_TRUSTED_PROXIES: 'banana' is neither an address nor a network",
    ("TRUSTED_PROXIES", "10.0.0.1, *"): "LABELYARD_TRUSTED_PROXIES: '*' is neither an address nor a network",
    (
        "MAX_ORGANIZATION_BYTES",
        "-5",
    ): "LABELYARD_MAX_ORGANIZATION_BYTES: Input should be greater than or equal to 0, not '-5'",
    ("PORT", "banana"): "LABELYARD_PORT: Input should be a valid integer, not 'banana'",
    ("PORT", "70000"): "LABELYARD_PORT: Input should be less than or equal to 65535, not '70000'",
    (
        "HOST",
        "no host at all",
    ): "LABELYARD_HOST: 'no host at all' is neither an address of this machine nor a name of one",
    ("DATA_DIR", "~nobody-of-that-name/x"): "LABELYARD_DATA_DIR: ~nobody-of-that-name/x names a home directory",
    ("GRAPHIQL", "maybe"): "LABELYARD_GRAPHIQL: Input should be 'on', 'authenticated' or 'off', not 'maybe'",
    ("STRICT_LABELS", "perhaps"): "LABELYARD_STRICT_LABELS: Input should be true or false, not 'perhaps'",
    (
        "REQUEST_TIMEOUT_SECONDS",
        "soon",
    ): "LABELYARD_REQUEST_TIMEOUT_SECONDS: Input should be a valid number, not 'soon'",
    (
        "REQUEST_TIMEOUT_SECONDS",
        "60",
    ): "LABELYARD_REQUEST_TIMEOUT_SECONDS: Input should be less than or equal to 50, not '60'",
    ("DATABSE_URL", "x"): "LABELYARD_DATABSE_URL is no setting; did you mean LABELYARD_DATABASE_URL?",
    ("PROT", "x"): "LABELYARD_PROT is no setting; did you mean LABELYARD_PORT?",
    ("FOO", "x"): "LABELYARD_FOO is no setting; docs/configuration.md lists all settings",
    ("WHATEVER", "x"): "LABELYARD_WHATEVER is no setting; docs/configuration.md lists all settings",
    ("DOORS", "datapi"): "LABELYARD_DOORS: 'datapi' is no door; there are ",
    ("CORS_ORIGINS", "https://a.example/page"): "LABELYARD_CORS_ORIGINS: 'https://a.example/page' is no origin",
    (
        "FETCH_ALLOWED_HOSTS",
        "https://a.example",
    ): "LABELYARD_FETCH_ALLOWED_HOSTS: 'https://a.example' is no name of a host",
    ("WEBHOOK_ALLOWED_NETWORKS", "home"): "LABELYARD_WEBHOOK_ALLOWED_NETWORKS: 'home'",
    ("SECRET_FILE", "/no/such/file"): "LABELYARD_SECRET_FILE: /no/such/file cannot be read (No such file or directory)",
    ("SECRET_FILE", "/"): "LABELYARD_SECRET_FILE: / cannot be read (Is a directory)",
}


@pytest.mark.parametrize(("name", "value"), IMPOSSIBLE, ids=lambda part: part)
def test_a_setting_that_cannot_be_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"LABELYARD_{name}", value)
    with pytest.raises(Misconfigured) as refused:
        read_settings()
    assert str(refused.value).startswith(IMPOSSIBLE[name, value])
    assert "\n" not in str(refused.value)


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABELYARD_PORT", "banana")
    monkeypatch.setenv("LABELYARD_LOG_LEVEL", "banana")
    monkeypatch.setenv("LABELYARD_PROT", "1")
    with pytest.raises(Misconfigured) as refused:
        read_settings()
    assert [line.split(":")[0].split(" ")[0] for line in str(refused.value).splitlines()] == [
        "LABELYARD_PROT",
        "LABELYARD_PORT",
        "LABELYARD_LOG_LEVEL",
    ]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"LABELYARD_{name.upper()}", "")
    assert read_settings() == Settings()


def test_secrets_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, content in (("secret", "s" * 40), ("bootstrap_api_key", "k" * 40), ("database_url", "postgresql://h/d")):
        (tmp_path / name).write_text(content + "\n")
        monkeypatch.setenv(f"LABELYARD_{name.upper()}_FILE", str(tmp_path / name))
    settings = read_settings()
    assert settings.secret is not None
    assert settings.secret.get_secret_value() == "s" * 40
    assert settings.bootstrap_api_key is not None
    assert settings.bootstrap_api_key.get_secret_value() == "k" * 40
    assert settings.database_url == "postgresql://h/d"


def test_a_secret_from_two_places_or_an_empty_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    monkeypatch.setenv("LABELYARD_SECRET_FILE", str(tmp_path / "secret"))
    with pytest.raises(Misconfigured, match="is empty"):
        read_settings()
    monkeypatch.setenv("LABELYARD_SECRET", "x" * 40)
    with pytest.raises(Misconfigured, match="both set"):
        read_settings()


def test_what_is_possible_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "LOG_LEVEL": "warning",
        "PUBLIC_URL": "https://example.org/labeling/",
        "TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16, ::1",
        "HOST": "[::1]",
        "DATA_DIR": "~/labels",
        "TEST_SEARCH": "1",
    }.items():
        monkeypatch.setenv(f"LABELYARD_{name}", value)
    settings = read_settings()
    assert settings.log_level is LogLevel.WARNING
    assert settings.public_url == "https://example.org/labeling"
    assert settings.host == "::1"
    assert settings.url_host == "[::1]"
    assert settings.data_dir == Path.home() / "labels"


@pytest.mark.parametrize(
    ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("localhost", "localhost")]
)
def test_a_link_names_a_host_that_can_be_opened(host: str, shown: str) -> None:
    assert Settings(host=host).url_host == shown


def serve_once(settings: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """`labelyard serve`, or another command, with settings that end it."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "labelyard"), *(command or ("serve",))],
        env={**os.environ, **{f"LABELYARD_{name}": value for name, value in settings.items()}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"LOG_LEVEL": "banana"}, "labelyard: LABELYARD_LOG_LEVEL: Input should be"),
        ({"HOST": "192.0.2.1"}, "labelyard: LABELYARD_HOST: 192.0.2.1 is no address of this machine"),
        ({"DATABASE_URL": "banana"}, "labelyard: LABELYARD_DATABASE_URL is not a PostgreSQL URL"),
        ({"DATA_DIR": "/proc/labelyard"}, "labelyard: LABELYARD_DATA_DIR: /proc/labelyard cannot be written"),
    ],
    ids=lambda part: next(iter(part)) if isinstance(part, dict) else "",
)
def test_serve_ends_with_one_line_and_code_2(settings: dict[str, str], line: str, tmp_path: Path) -> None:
    ours = {"DATA_DIR": str(tmp_path), "PORT": "0", **settings}
    done = serve_once(ours)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(line)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        ("serve",),
        ("worker",),
        ("migrate",),
        ("user", "create", "ada@example.com"),
        ("job", "cancel", "x"),
        ("export", "x", "--format", "raw"),
    ],
    ids=" ".join,
)
async def test_a_database_that_may_lose_labels_is_refused(
    empty_database_url: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    connection = await asyncpg.connect(empty_database_url)
    unsafe = [name for name in ("fsync", "synchronous_commit") if await connection.fetchval(f"show {name}") == "off"]
    if not unsafe:
        pytest.skip("the server of this run loses nothing")
    ours = {"DATA_DIR": str(tmp_path), "PORT": "0", "DATABASE_URL": empty_database_url}

    done = await asyncio.to_thread(serve_once, ours, *command)

    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"labelyard: PostgreSQL runs with {' and '.join(f'{name} = off' for name in unsafe)}, so")
    assert "LABELYARD_ALLOW_UNSAFE_DATABASE=true" in line
    assert await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0
    await connection.close()
