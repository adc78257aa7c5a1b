"""What every journey shares: a client, small files, and one JSON object on standard output.

A journey is run by the interpreter of one SDK release and may use nothing but that release and the standard library.
"""

import contextlib
import datetime
import json
import os
import struct
import sys
import tempfile
import time
import urllib.request
import warnings
import zlib
from pathlib import Path

# Several releases print while they are imported or used; only the report may reach standard output.
ANSWER, sys.stdout = sys.stdout, sys.stderr

WEATHER = {
    "mlTask": "CLASSIFICATION",
    "required": 1,
    "isChild": False,
    "instruction": "Weather",
    "content": {"input": "radio", "categories": {"SUN": {"name": "Sun"}, "RAIN": {"name": "Rain"}}},
}
THING = {
    "mlTask": "OBJECT_DETECTION",
    "required": 0,
    "isChild": False,
    "tools": ["rectangle"],
    "instruction": "Things",
    "content": {"input": "radio", "categories": {"CAR": {"name": "Car"}, "PERSON": {"name": "Person"}}},
}
IMAGE_INTERFACE = {"jobs": {"WEATHER": WEATHER, "THING": THING}}
CLASSIFICATION_INTERFACE = {"jobs": {"WEATHER": WEATHER}}


def release():
    """The release this runs under, as numbers: (2, 60, 0)."""
    import kili

    return tuple(int(part) for part in kili.__version__.split("."))


def connect_listening():
    """A client, and the texts of the warnings given while it was made."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        from kili.client import Kili

        caught.clear()  # what the packages themselves complain of while they are imported
        client = Kili(api_key=os.environ["KILI_API_KEY"], api_endpoint=os.environ["KILI_API_ENDPOINT"])
    return client, [str(warning.message).strip() for warning in caught if warning.category is not ResourceWarning]


def connect():
    """A client of the release this runs under."""
    return connect_listening()[0]


@contextlib.contextmanager
def no_pause():
    """Let no time pass between the attempts of a call: older releases try ten times what was refused."""
    pause, time.sleep = time.sleep, lambda seconds: None
    try:
        yield
    finally:
        time.sleep = pause


def refusal_of(call, **named):
    """The exception that a user of the SDK meets, or None."""
    try:
        with no_pause():
            call(**named)
    except Exception as refused:  # which exception is raised differs between releases
        return refused
    return None


def report(seen):
    """Print what was seen, and end at once: a subscription's thread would otherwise keep the process alive."""
    json.dump(seen, ANSWER)
    ANSWER.flush()
    os._exit(0)


def weather(category):
    """A classification answer."""
    return {"WEATHER": {"categories": [{"name": category, "confidence": 100}]}}


def box(category, mid, left, top, right, bottom):
    """A rectangle annotation; edges are fractions of the picture."""
    corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
    return {
        "children": {},
        "boundingPoly": [{"normalizedVertices": [{"x": x, "y": y} for x, y in corners]}],
        "categories": [{"name": category, "confidence": 100}],
        "mid": mid,
        "type": "rectangle",
    }


def png(width, height, color):
    """The bytes of a picture of one color (three numbers of 0 to 255)."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = (b"\0" + bytes(color) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def folder():
    """A new empty folder below the temporary home."""
    return Path(tempfile.mkdtemp(dir=os.environ["HOME"]))


def download(url):
    """The bytes behind an address, fetched without a key as a browser would."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def ask(query, variables):
    """What the server answers without the client, which lets no more than 500 calls through in a minute."""
    request = urllib.request.Request(
        os.environ["KILI_API_ENDPOINT"],
        json.dumps({"query": query, "variables": variables}).encode(),
        {"Content-Type": "application/json", "Authorization": f"X-API-Key: {os.environ['KILI_API_KEY']}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["data"]["data"]


def text_of(content):
    """The text of a TEXT asset, whether it is answered as an address or as itself."""
    return download(content).decode() if content.startswith(("http://", "https://")) else content


def is_recent(moment):
    """Whether a moment, as the server writes it, lies within the last five minutes."""
    age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(moment)
    return abs(age) < datetime.timedelta(minutes=5)


def identifier(answer):
    """The id in an answer that some releases give as an object and others as text."""
    return answer if isinstance(answer, str) else answer["id"]
