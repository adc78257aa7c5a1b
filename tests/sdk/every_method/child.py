"""The far end of `client.py`: runs inside the environment of one release and calls its methods, one JSON line each way.

It may use nothing but that release and the standard library. The client is as it was released; only its pauses are shortened, because
old releases try what was refused ten times and look every few seconds at what the server has long done.
"""

import dataclasses
import datetime
import decimal
import inspect
import json
import os
import sys
import time
import warnings
from pathlib import Path

# Several releases print while they are imported or used; only answers may reach standard output.
ANSWERS, sys.stdout = sys.stdout, sys.stderr
HASTE = 15
DOMAIN = "domain:"
# Parts of a client that carry its requests; what they have is no method of the client.
PLUMBING = {
    "auth",
    "client_name",
    "graphql_client",
    "http_client",
    "kili",
    "kili_api_gateway",
    "legacy_client",
}

_pause = time.sleep
time.sleep = lambda seconds: _pause(seconds / HASTE)
warnings.simplefilter("ignore")
heard = []
clients = {}


def connect(key, is_domain=False, version="v2"):
    """A client of this release that works with a key, at the endpoint of a version; made once."""
    if (key, is_domain, version) not in clients:
        named = {"api_key": key, "api_endpoint": os.environ["KILI_API_ENDPOINT"].replace("/v2/", f"/{version}/")}
        clients[key, is_domain, version] = connect_domain(named) if is_domain else connect_plain(named)
    return clients[key, is_domain, version]


def connect_domain(named):
    from kili.client_domain import Kili

    return Kili(**named)


def connect_plain(named):
    try:
        from kili.client import Kili
    except ImportError:
        from kili.authentication import KiliAuth
        from kili.playground import Playground

        return Playground(KiliAuth(**named))
    return Kili(**named)


def methods_of(part, prefix):
    """The public methods of a client and of its namespaces, by their full names, with their parameters."""
    found = {}
    for name in dir(part):
        value = None if name.startswith("_") else getattr(part, name)
        if inspect.isroutine(value):
            found[prefix + name] = list(inspect.signature(value).parameters)
        elif name not in PLUMBING and type(value).__module__.split(".")[0] == "kili":
            found.update(methods_of(value, f"{prefix}{name}."))
    return found


def all_methods(key):
    found = methods_of(connect(key), "")
    try:
        import kili.client_domain  # noqa: F401
    except ImportError:
        return found
    return {**found, **methods_of(connect(key, True), DOMAIN)}


def find(key, name, version):
    """The method of a full name."""
    is_domain = name.startswith(DOMAIN)
    found = connect(key, is_domain, version)
    for part in name[len(DOMAIN) * is_domain :].split("."):
        found = getattr(found, part)
    return found


def given(value):
    """An argument: what is no JSON is named by an object with one key."""
    if isinstance(value, dict):
        if "$callback" in value:
            return lambda *arguments: heard.append(plain(arguments[-1]))
        if "$moment" in value:
            return datetime.datetime.fromisoformat(value["$moment"])
        return {key: given(one) for key, one in value.items()}
    if isinstance(value, list):
        return [given(one) for one in value]
    return value


def plain(value):
    """What a method answered, as JSON."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "to_dict") and hasattr(value, "columns"):  # a table of pandas
        return json.loads(value.to_json(orient="records"))
    if hasattr(value, "model_dump"):
        return plain(value.model_dump())
    if dataclasses.is_dataclass(value):
        return plain(dataclasses.asdict(value))
    if hasattr(value, "__iter__"):
        return [plain(one) for one in value]
    return {name: one for name, one in getattr(value, "__dict__", {}).items() if isinstance(one, (int, str))}


def answer(order):
    if "heard" in order:
        return {"answer": heard[:]}
    try:
        if "methods" in order:
            return {"answer": all_methods(order["key"])}
        return {"answer": plain(called(order))}
    except BaseException as refused:  # which exception is raised differs between releases; some end the process
        return {"refused": type(refused).__name__, "text": str(refused)}


def called(order):
    return find(order["key"], order["call"], order["version"])(**given(order["arguments"]))


def main():
    for line in sys.stdin:
        ANSWERS.write(json.dumps(answer(json.loads(line))) + "\n")
        ANSWERS.flush()
    os._exit(0)  # the thread of a subscription would keep the process alive


if __name__ == "__main__":
    main()
