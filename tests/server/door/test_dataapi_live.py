"""Data tasks at a server in a process of its own: the published script, a large body, and what a link leads to."""

from __future__ import annotations

import asyncio
import base64
import http.server
import secrets
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import psutil
import pytest

from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.world import new_organization
from tests.server.door.dataapi import Customer, picture, sent

SCRIPT = Path(__file__).with_name("published_script.py")
MIB = 1 << 20


class Pictures(http.server.BaseHTTPRequestHandler):
    """A host of pictures, which leads on from some addresses."""

    def do_GET(self) -> None:
        _, port = self.server.server_address[:2]
        places = {
            "/moved.png": f"http://localhost:{port}/a.png",
            "/away.png": f"http://127.0.0.1:{port}/a.png",
            "/round.png": "/round.png",
        }
        self.send_response(302 if self.path in places else 200 if self.path == "/a.png" else 404)
        if self.path in places:
            self.send_header("Location", places[self.path])
        self.end_headers()
        if self.path == "/a.png":
            self.wfile.write(picture())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
async def live(cluster, tmp_path_factory):
    url = await cluster.new_database()
    server = ServerProcess(
        url,
        tmp_path_factory.mktemp("dataapi") / "data",
        api_key=f"ly_test_{secrets.token_hex(16)}",
        doors="dataapi",
        fetch_allowed_hosts="localhost",
        webhook_allowed_networks="127.0.0.1",
        **UNLIMITED,
    )
    await asyncio.to_thread(server.start)
    yield url, server
    server.stop()
    await cluster.drop_database(url)


@pytest.fixture
async def customer(live):
    url, server = live
    database = await Database.open(url, size=2)
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as client:
        organization = await new_organization(database, Client(client))
        yield Customer(client, organization, organization.admin)
    await database.close()


async def test_the_published_script_labels_a_folder(customer, live, tmp_path):
    project = await customer.project()
    pictures, work = tmp_path / "pictures", tmp_path / "work"
    pictures.mkdir()
    work.mkdir()
    for name, kind in (("one.png", "PNG"), ("two.JPG", "JPEG"), ("three.jpeg", "JPEG"), ("four.bmp", "BMP")):
        (pictures / name).write_bytes(picture(kind))
    (pictures / "bad.png").write_text("no picture")

    async def run(*, key: str = customer.person.key, number: int = project["id"]) -> list[str]:
        arguments = [sys.executable, str(SCRIPT), f"{live[1].url}/dataapi", key, str(number), str(pictures)]
        done = await asyncio.to_thread(subprocess.run, arguments, cwd=work, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    (wrong,) = await run(number=999_999_999)
    assert wrong.startswith("wrong id: 404 ")
    (wrong,) = await run(key="ly_wrong")
    assert wrong.startswith("wrong id: 401 ")
    refused, *sent_lines = await run()
    assert refused.startswith("not sent bad.png: 422 ")
    assert sent_lines == ["sent one.png", "sent three.jpeg", "sent two.JPG"]
    assert [line[:16] for line in await run()] == ["not sent bad.png"]
    tasks = (await customer.call("GET", f"/tasks?project_id={project['id']}"))["items"]
    kept = [(await customer.http.get(task["items"][0]["inputs"]["image_with_animal"])) for task in tasks]
    assert [(answer.headers["content-type"], answer.content) for answer in kept] == [
        ("image/png", picture("PNG")),
        ("image/jpeg", picture("JPEG")),
        ("image/jpeg", picture("JPEG")),
    ]


async def test_many_pictures_in_one_request_take_little_memory(customer, live):
    project = await customer.project()
    whole = picture() + secrets.token_bytes(10 * MIB)
    encoded = base64.b64encode(whole)
    items = 6

    async def body():
        yield b'{"project_id": %d, "task_spec": [' % project["id"]
        for number in range(items):
            yield b"," * bool(number) + b'{"image_with_animal": "data:image/png;base64,'
            for at in range(0, len(encoded), MIB):
                yield encoded[at : at + MIB]
            yield b'"}'
        yield b"]}"

    process = psutil.Process(live[1].pid)
    await customer.task(project)  # whatever is loaded by the first task is
    before = process.memory_info().rss
    highest = before
    is_over = asyncio.Event()

    async def watch() -> None:
        nonlocal highest
        while not is_over.is_set():
            highest = max(highest, process.memory_info().rss)
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    answered = await customer.http.post(
        "/dataapi/tasks",
        content=body(),
        headers={"Authorization": customer.person.key, "Content-Type": "application/json"},
    )
    is_over.set()
    await watching
    assert answered.status_code == 201, answered.text
    task = answered.json()
    assert len(task["items"]) == items
    served = await customer.http.get(task["items"][-1]["inputs"]["image_with_animal"])
    assert served.content == whole
    print(f"{(highest - before) / MIB:.1f} MiB for {items * len(encoded) / MIB:.0f} MiB")
    assert highest - before < 32 * MIB


async def test_links_are_followed_to_allowed_hosts_only(customer):
    host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    port = host.server_address[1]
    project = await customer.project()
    try:
        for name in ("a.png", "moved.png"):
            task = await customer.task(project, {"image_with_animal": f"http://localhost:{port}/{name}"})
            served = await customer.http.get(task["items"][0]["inputs"]["image_with_animal"])
            assert (served.headers["content-type"], served.content) == ("image/png", picture())
        for link, reason in (
            (f"http://localhost:{port}/none.png", "cannot be fetched: the host answers 404"),
            (f"http://localhost:{port}/round.png", "cannot be fetched: the host leads on more than 3 times"),
            (f"http://localhost:{port}/away.png", "is a link to 127.0.0.1, from which nothing is fetched"),
            (f"http://127.0.0.1:{port}/a.png", "is a link to 127.0.0.1, from which nothing is fetched"),
            (f"http://2130706433:{port}/a.png", "cannot be fetched: the host is an address in an unusual form"),
            (f"http://u:p@localhost:{port}/a.png", "cannot be fetched: the URL names a user"),
        ):
            spec = [{"image_with_animal": sent(picture())}, {"image_with_animal": link}]
            body = {"project_id": project["id"], "task_spec": spec}
            refused = await customer.refused("POST", "/tasks", body, status=422)
            assert refused["fields"]["image_with_animal"].startswith(reason), link
    finally:
        host.shutdown()
        host.server_close()
    assert (await customer.call("GET", "/tasks"))["total"] == 2
