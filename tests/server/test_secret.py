"""The server secret: what could be guessed or read by others is refused before anything is opened."""

import os
import secrets
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from labelyard.domain.error import Misconfigured
from labelyard.server.secret import server_secret
from labelyard.server.settings import Settings

GUESSED = {
    "NULs": "\0" * 64,
    "one letter": "x" * 64,
    "the shortest of one letter": "a" * 32,
    "two letters": "ab" * 20,
    "a word": "swordfish-" * 5,
    "a phrase twice": "correct horse battery staple!" * 2,
    "few letters": "aaaaaaaabbbbbbbbccccccccdddddddd",
    "digits in order": "0123456789" * 4,
    "letters in order": "abcdefghijklmnopqrstuvwxyz012345",
    "letters backwards": "zyxwvutsrqponmlkjihgfedcba987654",
    "an example": "changeme-4f1c9a7be2d05386bb17c4e2",
    "the page's words": "at-least-32-characters-of-secret",
    "spaces": " " * 40,
    "short": "4f1c9a7be2d05386",
}


@pytest.mark.parametrize("secret", GUESSED.values(), ids=GUESSED.keys())
@pytest.mark.parametrize("place", ["setting", "file", "file with an end of line"])
def test_a_secret_that_can_be_guessed_is_refused(tmp_path, secret, place):
    if place == "setting":
        settings, source = Settings(data_dir=tmp_path, secret=secret), "LABELYARD_SECRET"
    else:
        settings, source = Settings(data_dir=tmp_path), str(tmp_path / "secret")
        (tmp_path / "secret").write_text(secret + ("\n" if "line" in place else ""))
        (tmp_path / "secret").chmod(0o600)

    with pytest.raises(Misconfigured) as refused:
        server_secret(settings)

    assert str(refused.value).startswith(source)
    assert "openssl rand -hex 32" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert secret.strip("\0 ") == "" or secret not in str(refused.value)


# It happened in continuous integration.
FEW_DIGITS_BY_CHANCE = "3d33feee33f3b3dde3e30feecd3ad30e"


def test_secrets_by_chance_are_taken():
    assert server_secret(Settings(secret=FEW_DIGITS_BY_CHANCE)) == FEW_DIGITS_BY_CHANCE.encode()
    for _ in range(300):
        for secret in (
            secrets.token_hex(16),
            secrets.token_hex(32),
            secrets.token_urlsafe(24),
            "".join(secrets.choice("0123456789") for _ in range(40)),
        ):
            assert server_secret(Settings(secret=secret)) == secret.encode()


def test_one_is_made_for_its_owner_only_and_stays(tmp_path):
    made = server_secret(Settings(data_dir=tmp_path))

    assert len(made) == 64
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert server_secret(Settings(data_dir=tmp_path)) == made
    assert os.listdir(tmp_path) == ["secret"]


def directory(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


def dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def readable_for_others(path: Path) -> None:
    path.write_text(secrets.token_hex(32))
    path.chmod(0o644)


def empty(path: Path) -> None:
    path.touch(0o600)


@pytest.mark.parametrize(
    "make", [directory, pipe, dangling_link, readable_for_others, empty], ids=lambda make: make.__name__
)
def test_a_secret_that_cannot_be_used_is_one_line_and_exit_code_2(tmp_path, make):
    make(tmp_path / "secret")
    command = [Path(sys.executable).parent / "labelyard", "serve", "--port", "0", "--data-dir", tmp_path]

    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert str(tmp_path / "secret") in done.stderr
    assert os.listdir(tmp_path) == ["secret"]
