"""The program that watches over one call of a plugin: it starts it within limits, bounds what it prints, and ends all it has started.

The first line of standard input is the request. Standard output has lines of JSON: what the plugin logs and prints, and last what has
become of it (`Ended`). When standard input closes, the server is gone or has lost its patience, and everything ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

import orjson
import psutil  # type: ignore[import-untyped]

from labelyard.services.plugin.output import Output

LOOK_SECONDS: Final = 0.05
READ_BYTES: Final = 64 * 1024
MAX_FILE_BYTES: Final = 64 * 1024**2
MAX_OPEN_FILES: Final = 256
PR_SET_CHILD_SUBREAPER: Final = 36


def main() -> None:
    """Run the plugin of the request."""
    request = orjson.loads(sys.stdin.buffer.readline())
    _adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the server, which ends this process
    output = Output(sys.stdout.buffer, bytes_left=request["outputBytes"], lines_left=request["outputLines"])
    ended: Mapping[str, Any]
    try:
        ended = _supervise(request, output)
    except Exception as error:
        ended = {"end": "failed", "reason": f"the call could not be watched over: {type(error).__name__}: {error}"}
    finally:
        end_descendants()
    output.end(ended)


def _supervise(request: Mapping[str, Any], output: Output) -> Mapping[str, Any]:
    read_end, write_end = os.pipe()
    process = subprocess.Popen(  # noqa: S603 - the plugin's own Python and our program
        [request["python"], "-I", "-B", request["program"], str(write_end)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=request["directory"],
        env=request["environment"],
        pass_fds=[write_end],
        start_new_session=True,
        preexec_fn=lambda: _limit(request),  # noqa: PLW1509 - this process has one thread
    )
    os.close(write_end)
    deadline = time.monotonic() + request["seconds"]
    with selectors.DefaultSelector() as selector:
        stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
        if stdin is None or stdout is None or stderr is None:
            raise LookupError("the plugin has no pipes")
        for descriptor, name in ((stdout.fileno(), "INFO"), (stderr.fileno(), "WARNING"), (read_end, "channel")):
            selector.register(descriptor, selectors.EVENT_READ, name)
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ, "server")
        with contextlib.suppress(BrokenPipeError):
            stdin.write(orjson.dumps(request["request"]))
            stdin.close()
        looked_at = 0.0
        while output.outcome is None:
            for key, _ in selector.select(LOOK_SECONDS):
                if key.data == "server":
                    return {"end": "cancelled", "reason": "the server has ended the call"}
                piece = os.read(key.fd, READ_BYTES)
                if piece:
                    output.take(key.data, piece)
                else:
                    output.close(key.data)
                    selector.unregister(key.fd)
            now = time.monotonic()
            if now > deadline:
                return {"end": "failed", "reason": f"it takes more than {request['seconds']:g} seconds"}
            if now - looked_at >= LOOK_SECONDS:
                looked_at = now
                excess = _excess(request)
                if excess is not None:
                    return {"end": "failed", "reason": excess}
            if process.poll() is not None and not _readable(selector):
                break
        _drain(selector, output)
    if output.outcome is not None:
        return output.outcome
    code = process.wait()
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return {"end": "failed", "reason": f"the process of the plugin ended with {how} before the call was over"}


def _drain(selector: selectors.BaseSelector, output: Output) -> None:
    """Take in what has been printed so far, and no more than a pipe holds."""
    for key, _ in selector.select(0):
        if key.data != "server":
            output.take(key.data, os.read(key.fd, READ_BYTES))
    output.flush()


def _readable(selector: selectors.BaseSelector) -> bool:
    return any(key.data != "server" for key, _ in selector.select(0))


def _excess(request: Mapping[str, Any]) -> str | None:
    """What limit everything the plugin has started passes together, if any."""
    memory = count = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            memory += process.memory_info().rss
            count += 1
    if memory > request["memoryBytes"]:
        return f"it takes more than the {request['memoryBytes']:,} bytes of memory that a plugin may have"
    if count > request["processes"]:
        return f"it has started more than {request['processes']} processes"
    return None


def end_descendants() -> None:
    """End all processes that come from this one, until there are none: orphans become children of this process."""
    while children := psutil.Process().children(recursive=True):
        for child in children:
            with contextlib.suppress(psutil.Error):
                child.kill()
        psutil.wait_procs(children, timeout=0.2)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _limit(request: Mapping[str, Any]) -> None:
    """Bound the process of the plugin, before its program begins."""
    import resource

    seconds = int(request["seconds"]) + 1
    for kind, most in (
        (resource.RLIMIT_AS, request["addressBytes"]),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _adopt_orphans() -> None:
    """Become the parent of processes whose own has ended, where the system knows that: otherwise only children are found."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    main()
