"""Running the server until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import socket
from types import FrameType

import uvicorn

from server.application import ENDPOINT, create_app, public_url
from server.graphiql import GraphiqlMode
from server.http_protocol import bounded_protocol
from server.settings import Settings
from server.start import bind, database_url, make_first_administrator, open_database, prepare_data_dir
from server.websocket_protocol import MAX_MESSAGE_BYTES, BoundedWebSocketProtocol

SHUTDOWN_SECONDS = 30
KEEP_ALIVE_SECONDS = 75


def run(settings: Settings) -> None:
    """Serve on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(settings))
    else:
        uvloop.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; a second signal stops at once."""
    prepare_data_dir(settings)
    listening = bind(settings)
    settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    url = await asyncio.to_thread(database_url, settings)
    async with open_database(url, size=settings.database_pool_size) as database:
        key = await make_first_administrator(database, settings)
        app = create_app(settings, database)
        collect_rarely()
        server = _Server(
            uvicorn.Config(
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
            ),
            greeting(settings, key),
        )
        await server.serve(sockets=[listening])


class _Server(uvicorn.Server):
    """Says where it listens once it does, and ends with exit code 0 when it is asked to."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then greet."""
        await super().startup(sockets)
        if not self.should_exit:
            print(self._greeting, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End in order at the first signal, at once at the second, whichever they are."""
        if self.should_exit:
            self.force_exit = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what runs, and come to an orderly end.

        uvicorn would raise the signal once more, with nobody left to catch it: the process would be killed before it has
        closed its connections and stopped the embedded PostgreSQL.
        """
        await super().shutdown(sockets)
        self._captured_signals.clear()


def collect_rarely() -> None:
    """Keep the garbage collector off what lives as long as the process: a quarter of the time of large answers.

    Nothing is collected before: loading leaves a few thousand objects of garbage, and to find them takes a sixth of a second.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def greeting(settings: Settings, key: str | None) -> str:
    """What the operator sees: addresses, the first key once, and five lines of Python that work when pasted."""
    endpoint = public_url(settings) + ENDPOINT
    lines = ["", "labelyard is ready.", f"  endpoint  {endpoint}"]
    if settings.graphiql is not GraphiqlMode.OFF:
        lines.append(f"  GraphiQL  {endpoint}  (open it in a browser)")
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
        "  from kili.client import Kili",
        f'  kili = Kili(api_key="{shown}", api_endpoint="{endpoint}")',
        '  job = {"mlTask": "CLASSIFICATION", "required": 1, "isChild": False, "content": {"input": "radio", '
        '"categories": {"CAT": {"name": "Cat"}, "DOG": {"name": "Dog"}}}}',
        '  project = kili.create_project(title="Pets", input_type="IMAGE", json_interface={"jobs": {"PET": job}})',
        '  print(kili.projects(project_id=project["id"], fields=["id", "title"]))',
        "",
    ]
    return "\n".join(lines)
