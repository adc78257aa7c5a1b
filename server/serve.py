"""Running the server until it is told to stop."""

from __future__ import annotations

import gc
import socket
from types import FrameType

import uvicorn

from labelyard.server import process
from labelyard.server.app_services import ENDPOINT, public_url
from labelyard.server.application import create_app
from labelyard.server.door.opening import opened
from labelyard.server.ending import SHUTDOWN_SECONDS, Ending
from labelyard.server.graphiql import GraphiqlMode
from labelyard.server.http_protocol import bounded_protocol
from labelyard.server.page import PAGE_PATH, PageMode
from labelyard.server.secret import server_secret
from labelyard.server.settings import Settings
from labelyard.server.start import bind, make_first_administrator, prepare_data_dir
from labelyard.server.websocket_protocol import MAX_MESSAGE_BYTES, BoundedWebSocketProtocol
from labelyard.storage.database import Database

KEEP_ALIVE_SECONDS = 75


def run(settings: Settings) -> None:
    """Serve in this process."""
    process.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; a second signal stops at once."""
    prepare_data_dir(settings)
    server_secret(settings)
    listening = bind(settings)
    settings = settings.model_copy(update={"port": listening.getsockname()[1]})

    async def act(database: Database, ending: Ending) -> None:
        await _answer(database, settings, listening, ending)

    await process.live(settings, act)


async def _answer(database: Database, settings: Settings, listening: socket.socket, ending: Ending) -> None:
    key = await make_first_administrator(database, settings)
    app = create_app(settings, database)
    collect_rarely()
    config = uvicorn.Config(
        app,
        http=bounded_protocol(),
        ws=BoundedWebSocketProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    await _Server(config, greeting(settings, key), ending).serve(sockets=[listening])


class _Server(uvicorn.Server):
    """Says where it listens once it does, and ends with exit code 0 when it is asked to."""

    def __init__(self, config: uvicorn.Config, greeting: str, ending: Ending) -> None:
        super().__init__(config)
        self._greeting = greeting
        self._ending = ending
        ending.interrupt = self._exit

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then greet."""
        await super().startup(sockets)
        if not self.should_exit:
            print(self._greeting, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Hand on what uvicorn has taken over."""
        self._ending.signalled(sig, frame)

    def _exit(self) -> None:
        self.should_exit = True


def collect_rarely() -> None:
    """Keep the garbage collector off what lives as long as the process: a quarter of the time of large answers.

    Nothing is collected before: loading leaves a few thousand objects of garbage, and to find them takes a sixth of a second.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def greeting(settings: Settings, key: str | None) -> str:
    """What the operator sees: addresses, the first key once, and five lines of Python, not indented so that they work when pasted."""
    endpoint = public_url(settings) + ENDPOINT
    lines = ["", "labelyard is ready.", f"  endpoint  {endpoint}"]
    if settings.public_url is None and settings.host in ("0.0.0.0", "::"):  # noqa: S104
        lines.append("            (from this machine; set LABELYARD_PUBLIC_URL to how others reach it)")
    if settings.page is PageMode.ON:
        lines.append(f"  page      {public_url(settings)}{PAGE_PATH}  (open it in a browser; sign in with the key)")
    if settings.graphiql is not GraphiqlMode.OFF:
        lines.append(f"  GraphiQL  {endpoint}  (open it in a browser)")
    for door in opened(settings.open_doors):
        lines.append(f"  door      {public_url(settings)}{door.base}  ({door.title})")
    if key is None:
        lines.append("  API key   made at the first start; `labelyard key create` makes another")
    elif settings.bootstrap_api_key is not None:
        lines.append("  API key   the one in LABELYARD_BOOTSTRAP_API_KEY")
    else:
        lines.append(f"  API key   {key}   (shown this once)")
    shown = key if key is not None and settings.bootstrap_api_key is None else "<your API key>"
    lines += [
        "",
        "Try it with the Kili SDK (pip install kili):",
        "",
        "from kili.client import Kili",
        f'kili = Kili(api_key="{shown}", api_endpoint="{endpoint}")',
        'job = {"mlTask": "CLASSIFICATION", "required": 1, "isChild": False, "content": {"input": "radio", '
        '"categories": {"CAT": {"name": "Cat"}, "DOG": {"name": "Dog"}}}}',
        'project = kili.create_project(title="Pets", input_type="IMAGE", json_interface={"jobs": {"PET": job}})',
        'print(kili.projects(project_id=project["id"], fields=["id", "title"]))',
        "",
    ]
    return "\n".join(lines)
