"""Clients of the websocket endpoint in both protocols, and two servers for them."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import websockets

from server.application import ENDPOINT
from storage.database import Database
from tests.common.client import Client
from tests.common.server import ServerProcess

TODAY, SDK = "graphql-transport-ws", "graphql-ws"
DOCUMENT = """
subscription ($projectID: ID!) {
  data: labelCreatedOrUpdated(projectID: $projectID) {
    id labelType jsonResponse secondsToLabel author { email } labelOf { id externalId } __typename
  }
}"""
BEGIN = {TODAY: "subscribe", SDK: "start"}
DATA = {TODAY: "next", SDK: "data"}
END = {TODAY: "complete", SDK: "stop"}


@dataclass
class Two:
    """Two server processes on one database, and a project there."""

    first: ServerProcess
    second: ServerProcess
    database: Database

    def client(self, server, key):
        """Ask a process over HTTP."""
        return Client(httpx.AsyncClient(base_url=server.url, timeout=30), key)


class Socket:
    """One connection in one protocol."""

    def __init__(self, socket, protocol):
        self.socket, self.protocol = socket, protocol

    async def send(self, **message):
        await self.socket.send(json.dumps(message))

    async def receive(self):
        """The next message that is no sign of life."""
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
            if message["type"] not in ("ka", "ping", "pong"):
                return message

    async def begin(self, identifier, project_id, document=DOCUMENT):
        payload = {"query": document, "variables": {"projectID": project_id}}
        await self.send(id=identifier, type=BEGIN[self.protocol], payload=payload)

    async def heard(self, identifier="1"):
        """The label of the next event of a subscription."""
        message = await self.receive()
        assert (message["type"], message["id"]) == (DATA[self.protocol], identifier), message
        assert set(message["payload"]) == {"data"}
        return message["payload"]["data"]["data"]

    async def is_silent(self, seconds=0.7):
        try:
            return await asyncio.wait_for(self.socket.recv(), seconds)
        except TimeoutError:
            return True


@asynccontextmanager
async def connection(server, protocol, payload, *, path=ENDPOINT):
    """A connection whose first message has been sent."""
    address = server.url.replace("http", "ws", 1) + path
    async with websockets.connect(address, subprotocols=[protocol], open_timeout=10) as socket:
        assert socket.subprotocol == protocol
        made = Socket(socket, protocol)
        await made.send(type="connection_init", **({} if payload is None else {"payload": payload}))
        yield made


@asynccontextmanager
async def subscription(two, person, project, protocol, *, document=DOCUMENT):
    """A subscription at the first process that stands."""
    async with connection(two.first, protocol, {"Authorization": f"X-API-Key: {person.key}"}) as socket:
        assert await socket.receive() == {"type": "connection_ack"}
        await socket.begin("1", project.id, document)
        await stands(two, project)
        yield socket


async def stands(two, project):
    """Wait until writers know that somebody listens."""
    for _ in range(200):
        if await two.database.pool.fetchval("select count(*) from label_listener where project_id = $1", project.id):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the subscription does not stand")
