"""A server in a process of its own: samples of the shell, of Python and of a page, and what the serving process does not load."""

from __future__ import annotations

import asyncio
import base64
import http.server
import json
import secrets
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.common.browser import start_chromium
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.shapes import picture
from tests.server.door.sentisight.conftest import Door, until_trained

NAMES = [f"{shape}-{number}" for shape in ("DISC", "STAR") for number in range(4)]
PYTHON = """
import http.client, json, sys
from urllib.parse import urlsplit
url, token, name = sys.argv[1:]
with open(name, "rb") as handle:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", urlsplit(url).path, handle, {"X-Auth-token": token, "Content-Type": "application/octet-stream"})
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status == 200:
        for prediction in sorted(json.loads(text), key=lambda one: -one["score"]):
            print(prediction["label"])
    else:
        print("Error occurred with REST API.", "Status code:", answer.status, text)
"""
# As printed by the vendor, with address, token, project and model from fields.
PAGE = """<!doctype html><input type="file" id="file"><pre id="out"></pre><script>
function predict(url, token, file) {
  var xhr = new XMLHttpRequest();
  xhr.open("POST", url);
  xhr.setRequestHeader("Content-type", "application/octet-stream");
  xhr.setRequestHeader("X-Auth-token", token);
  xhr.onreadystatechange = function () {
    if (xhr.readyState === 4) { document.getElementById("out").textContent = xhr.status + " " + xhr.responseText; }
  };
  xhr.send(file);
}
</script>"""


class Site(http.server.BaseHTTPRequestHandler):
    """A page of another origin, and a picture that is given as a link."""

    def do_GET(self) -> None:
        data, kind = (picture("STAR", 0), "image/png") if self.path == "/star.png" else (PAGE.encode(), "text/html")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Live:
    server: ServerProcess
    site: str
    project: int
    picture: Path

    @property
    def url(self) -> str:
        return f"{self.server.url}/sentisight/api/predict/{self.project}/shapes"


@pytest.fixture(scope="module")
async def live(cluster, tmp_path_factory):
    url = await cluster.new_database()
    site = http.server.ThreadingHTTPServer(("localhost", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    origin = f"http://localhost:{site.server_port}"
    folder = tmp_path_factory.mktemp("sentisight")
    server = ServerProcess(
        url,
        folder / "data",
        api_key=f"ly_test_{secrets.token_hex(16)}",
        doors="sentisight",
        cors_origins=origin,
        fetch_allowed_hosts="localhost",
        webhook_allowed_networks="127.0.0.1",
        **UNLIMITED,
    )
    await asyncio.to_thread(server.start)
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as client:
        door = Door(client, server.api_key, None)  # type: ignore[arg-type]
        made = (await door.post("project/", json={"name": "Shapes"}))["id"]
        await door.upload(made, {name: picture(name[:4], int(name[-1])) for name in NAMES})
        await door.post(f"labels/{made}/", json=[{"name": name, "labels": [name[:4]]} for name in NAMES])
        await door.post(f"train/{made}/", json={"name": "shapes", "minutes": 0.05, "validationPercent": 25})
        assert (await until_trained(door, made, "shapes"))["status"] == "trained"
    path = folder / "star.png"
    path.write_bytes(picture("STAR", 0))
    yield Live(server, origin, made, path)
    server.stop()
    site.shutdown()
    await cluster.drop_database(url)


def best_of(text: str) -> str:
    answer = json.loads(text)
    assert sum(one["score"] for one in answer) == pytest.approx(100, abs=0.01)
    return str(answer[0]["label"])


@pytest.mark.parametrize("end", ["", "/", "/last", "/last/"])
@pytest.mark.parametrize("way", ["file", "link", "base64"])
async def test_the_shell_samples(live, way, end, tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    arguments = [
        "curl",
        "-s",
        "--noproxy",
        "*",
        "-H",
        f"X-Auth-token: {live.server.api_key}",
        "-X",
        "POST",
        f"{live.url}{end}",
    ]
    if way == "file":
        arguments += ["-H", "Content-Type: application/octet-stream", "--data-binary", f"@{live.picture}"]
    elif way == "link":
        arguments += ["-H", "Content-Type: application/json", "-d", json.dumps({"url": f"{live.site}/star.png"})]
    else:
        body = tmp_path / "body.json"
        body.write_text(json.dumps({"base64": base64.b64encode(live.picture.read_bytes()).decode()}))
        arguments += ["-H", "Content-Type: application/json", "-d", f"@{body}"]
    done = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True, check=True)
    assert best_of(done.stdout) == "STAR"


async def test_the_python_sample_streams_an_open_file(live):
    async def run(token: str) -> list[str]:
        arguments = [sys.executable, "-c", PYTHON, f"{live.url}/", token, str(live.picture)]
        done = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    assert await run(live.server.api_key) == ["STAR", "DISC"]
    (refused, *_) = await run("wrong")
    assert refused.startswith("Error occurred with REST API. Status code: 401 ")


def test_the_page_sample_works_in_a_browser_from_another_origin(live, tmp_path):
    browser = start_chromium(tmp_path / "profile")
    try:
        browser.get(live.site)
        browser.find_element("id", "file").send_keys(str(live.picture))
        browser.execute_script(
            "predict(arguments[0], arguments[1], document.getElementById('file').files[0])",
            live.url,
            live.server.api_key,
        )
        for _ in range(200):
            text = browser.find_element("id", "out").text
            if text:
                break
            browser.implicitly_wait(0.05)
        status, _, answer = text.partition(" ")
        assert status == "200"
        assert best_of(answer) == "STAR"
    finally:
        browser.quit()


async def test_the_serving_process_loads_nothing_that_computes(live):
    process = psutil.Process(live.server.pid)
    maps = await asyncio.to_thread(Path(f"/proc/{process.pid}/maps").read_text)
    assert not any(word in maps for word in ("numpy", "onnxruntime", "PIL"))
    (child,) = [one for one in process.children() if "labelyard.services.learning.child" in one.cmdline()]
    assert child.memory_info().rss < 220 << 20
    assert child.nice() == 10
