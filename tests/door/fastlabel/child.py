"""The far end of `client.py`: runs inside the environment of one release and calls its methods, one JSON line each way.

It may use nothing but that release and the standard library; the client is as it was released.
"""

import json
import os
import sys

# The client logs and shows progress; only answers may reach standard output.
ANSWERS, sys.stdout = sys.stdout, sys.stderr

import fastlabel  # noqa: E402

clients = {}


def connect(key):
    """A client of this release that works with a key; made once."""
    if key not in clients:
        os.environ["FASTLABEL_ACCESS_TOKEN"] = key
        clients[key] = fastlabel.Client()
    return clients[key]


def methods(client):
    """The public methods."""
    return sorted(name for name in dir(client) if not name.startswith("_") and callable(getattr(client, name)))


def answer(order):
    client = connect(order["key"])
    try:
        if "methods" in order:
            return {"answer": methods(client)}
        return {"answer": getattr(client, order["call"])(**order["arguments"])}
    except Exception as refused:
        return {"refused": type(refused).__name__, "text": str(refused), "code": getattr(refused, "code", None)}


for line in sys.stdin:
    ANSWERS.write(json.dumps(answer(json.loads(line))) + "\n")
    ANSWERS.flush()
