"""Compiling generated code, so that tracebacks show its lines."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable
from itertools import count
from typing import Any

_numbers = count(1)


def compiled_function(text: str, *, name: str, label: str, scope: dict[str, Any]) -> Callable[..., Any]:
    """The function `name` that a text defines, compiled as the file `<label number>`.

    `linecache` holds the text as long as the function lives: bounded caches of functions bound it as well.
    """
    filename = f"<{label} {next(_numbers)}>"
    exec(compile(text, filename, "exec"), scope)  # noqa: S102 - the callers say what their texts are made of
    function: Callable[..., Any] = scope.pop(name)  # a function in its own globals would wait for the garbage collector
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    weakref.finalize(function, linecache.cache.pop, filename, None).atexit = False
    return function
