"""The program of a child process: requests come in, answers go out, each behind its length."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

# Requests and answers follow their length, a number of so many bytes, the greatest first.
LENGTH_BYTES: Final = 8
# How what a program writes begins that asks for parts of a file: with a request for one, from and to a place, or with its answer.
WANTED: Final = b"?"
ANSWER: Final = b"!"


def serve(answer: Callable[[bytes], bytes], *, cpu_seconds: int, memory_bytes: int) -> None:
    """Answer each request on standard input, until it ends or a limit ends this process.

    No answer takes more than so many seconds of processor time, should the parent have lost its patience and its life.
    """
    limit_resources(memory_bytes)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the parent, which ends this process
    threading.Thread(target=_end_with_parent, daemon=True).start()
    read, write = sys.stdin.buffer.read, sys.stdout.buffer.write
    while len(length := read(LENGTH_BYTES)) == LENGTH_BYTES:
        request = read(int.from_bytes(length, "big"))
        _limit_processor(cpu_seconds)
        reply = answer(request)
        write(len(reply).to_bytes(LENGTH_BYTES, "big") + reply)
        sys.stdout.buffer.flush()


def limit_resources(memory_bytes: int) -> None:
    """Bound the memory of this process, and let it write no file."""
    try:
        import resource
    except ImportError:
        return  # only where there are no such limits; the parent's clock still counts
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _limit_processor(seconds: int) -> None:
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, most))


def _end_with_parent() -> None:
    """End this process, whatever it is doing, when the other end of standard input is closed."""
    poll = select.poll()
    poll.register(sys.stdin.fileno(), 0)  # hearing only of the end
    poll.poll()
    os._exit(1)
