"""A new machine: a clone with nothing but Python, pip, venv and make, no Node, and no network once it is set up.

`make fresh-machine` clones what is committed, sets it up, cuts the network, starts `make serve` and labels a picture in Chromium.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.page.api import Api
from tests.page.chromium import Chromium
from tests.page.project import new_project
from tests.page.test_labeling import test_a_labeler_draws_a_car_and_goes_on_with_the_next_asset as draw_a_car
from tests.page.tls import TlsKey
from tests.page.window import Page

ROOT = Path(__file__).parents[2]
# What runs JavaScript outside of a browser.
NODES = re.compile(r"(?:node|nodejs|npm|npx|corepack|yarn|pnpm|deno|bun)(?:-?[\d.]+)?")
SOURCES = re.compile(r"PIP_|UV_|SSL_CERT_|REQUESTS_CA_|CURL_CA_|(?:HTTPS?|ALL|NO)_PROXY$", re.IGNORECASE)
STARTS_IN_SECONDS = 120
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def main() -> None:
    """Set a clone up, then go on without a network."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        print("chromium and chromium-driver are not installed: nothing to label in")
        return
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-current-user", "--keep-caps", "--net"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        print("this machine lets nobody have a network of their own: nothing to cut")
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        programs = place / "bin"
        programs.mkdir()
        for program in (*Path("/bin").iterdir(), *Path("/usr/bin").iterdir()):
            link = programs / program.name
            if not (NODES.fullmatch(program.name) or program.name.startswith("python") or link.is_symlink()):
                link.symlink_to(program)
        (programs / "python3").symlink_to(
            Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
        )
        machine = {"PATH": str(programs), "HOME": folder, "LANG": "C.UTF-8"}
        clone = place / "labelyard"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        assert shutil.which("node", path=str(programs)) is None
        # Packages may come from wherever this machine takes them.
        sources = {name: value for name, value in os.environ.items() if SOURCES.match(name)}
        subprocess.run(["make", "-s", ".venv/.stamp-serve"], cwd=clone, env={**machine, **sources}, check=True)
        subprocess.run(
            [*alone, sys.executable, "-m", "tests.page.fresh", str(clone), str(programs)], cwd=ROOT, check=True
        )
    print("A new machine without Node and without a network labels in the browser.")


def label_without_a_network(clone: Path, programs: Path) -> None:
    """Serve the clone, and label in it."""
    raise_loopback()
    assert not any(reaches(host) for host in ("192.0.2.1", "1.1.1.1")), "the network is not cut"
    environment = {"PATH": str(programs), "HOME": str(clone.parent), "LANG": "C.UTF-8", "LABELYARD_PORT": "8000"}
    log = clone.parent / "serve.log"
    with log.open("wb") as written:
        serving = subprocess.Popen(
            ["make", "-s", "serve"], cwd=clone, env=environment, stdout=written, stderr=written, start_new_session=True
        )
    try:
        key = wait_for_key(log, serving)
        browse(f"http://127.0.0.1:{environment['LABELYARD_PORT']}", key, clone.parent)
    finally:
        os.killpg(serving.pid, signal.SIGTERM)
        serving.wait(30)


def browse(url: str, key: str, place: Path) -> None:
    """The journey of a labeler, in a browser that reaches nothing else."""
    chromium = Chromium(place / "chromium", trusted_key=TlsKey(place).fingerprint)
    try:
        page = Page(chromium, url)
        draw_a_car(page, new_project(Api(url, f"X-API-Key: {key}")))
        page.check({url})
    finally:
        chromium.quit()


def wait_for_key(log: Path, serving: subprocess.Popen[bytes]) -> str:
    """The key of the first administrator, which the server says when it is ready."""
    until = time.monotonic() + STARTS_IN_SECONDS
    while time.monotonic() < until and serving.poll() is None:
        said = log.read_text()
        if "labelyard is ready." in said and (found := re.search(r"\bly_[\w-]+", said)):
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"`make serve` did not start; it said:\n{log.read_text()}")


def raise_loopback() -> None:
    """In a network of its own, even the way to the machine itself is down at first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talking:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(talking, _SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(talking, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def reaches(host: str) -> bool:
    """Whether a packet finds a way to a host."""
    try:
        socket.create_connection((host, 443), timeout=2).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    if len(sys.argv) > 1:
        label_without_a_network(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
