"""Calls of plugins that loop, take too much, end themselves, print without end or leave processes behind."""

import asyncio
import os
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from labelyard.services.plugin.call import OUTPUT_BYTES, CallOutcome, call_plugin
from labelyard.services.plugin.settings import PluginSettings

# What the program needs of the client's package.
CLIENT = {
    "kili/__init__.py": "",
    "kili/plugins.py": "class PluginCore:\n    def __init__(self, kili, project_id):\n        self.kili = kili\n",
    "kili/client.py": "class Kili:\n    def __init__(self, **named):\n        self.named = named\n",
}
HEAD = """
import os, subprocess, sys, time
from kili.plugins import PluginCore

class PluginHandler(PluginCore):
    def on_submit(self, label, asset_id):
"""
PYTHON = Path(os.path.realpath(sys.executable))
MEMORY = 256 * 1024**2


@pytest.fixture
def call(tmp_path: Path):
    """Call `on_submit` with a body."""

    async def call_with(
        body: str, *, seconds: float = 20.0, task: str = "call", head: str = HEAD, **beside: str
    ) -> CallOutcome:
        code = tmp_path / "code"
        for name, text in {
            **CLIENT,
            **{f"{name.replace('__', '/')}.py": text for name, text in beside.items()},
            "main.py": head + "".join(f"        {line}\n" for line in body.splitlines()),
        }.items():
            (code / name).parent.mkdir(parents=True, exist_ok=True)
            (code / name).write_text(text)
        settings = PluginSettings(is_on=True, directory=tmp_path / "plugins", run_seconds=seconds, memory_bytes=MEMORY)
        request = {
            "task": task,
            "code": str(code),
            "key": "secret key",
            "endpoint": "http://nowhere",
            "projectId": "p",
            "handler": "onSubmit",
            "arguments": [{"id": "l"}, "a"],
        }
        outcome = await call_plugin(settings, python=PYTHON, request=request)
        assert list((tmp_path / "plugins").iterdir()) == []
        return outcome

    return call_with


async def test_what_is_logged_and_printed_is_kept_with_its_level(call):
    outcome = await call(
        "print('out')\nprint('err', file=sys.stderr)\nself.logger.error('%s of %s', label['id'], asset_id)"
    )
    assert outcome.reason is None
    assert sorted(outcome.lines) == [("ERROR", "l of a"), ("INFO", "out"), ("WARNING", "err")]


async def test_what_lies_beside_main_is_named_with_a_dot_and_without(call):
    head = "from .rain.forecast import rains\nimport rain.forecast\nfrom . import wind\n" + HEAD
    outcome = await call(
        "print(rains(), rain.forecast.rains(), wind.handler() is PluginHandler)",
        head=head,
        rain__forecast="def rains():\n    return 'rain'\n",
        wind="def handler():\n    import main\n    return main.PluginHandler\n",
    )
    assert (outcome.reason, outcome.lines) == (None, [("INFO", "rain rain True")])


async def test_an_exception_is_told_with_its_place(call):
    outcome = await call("raise ValueError('no rain')")
    assert outcome.reason == "ValueError: no rain"
    ((level, text),) = outcome.lines
    assert level == "ERROR"
    assert "main.py" in text
    assert text.rstrip().endswith("ValueError: no rain")


async def test_a_call_that_loops_is_ended(call):
    began = time.monotonic()
    outcome = await call("while True: pass", seconds=1.0)
    assert outcome.reason == "it takes more than 1 seconds"
    assert time.monotonic() - began < 10


async def test_a_call_that_takes_too_much_memory_is_ended(call):
    outcome = await call("kept = [bytes([number % 256]) * (16 << 20) for number in range(1000)]")
    assert outcome.reason in (
        f"it takes more than the {MEMORY:,} bytes of memory that a plugin may have",
        "MemoryError: ",
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("os._exit(7)", "the process of the plugin ended with exit code 7 before the call was over"),
        ("os.kill(os.getpid(), 11)", "the process of the plugin ended with signal SIGSEGV before the call was over"),
        ("sys.exit(3)", "SystemExit: 3"),
    ],
)
async def test_a_call_that_ends_itself_has_failed(call, body, reason):
    assert (await call(body)).reason == reason


async def test_of_what_is_printed_without_end_the_beginning_is_kept(call):
    began = time.monotonic()
    outcome = await call("for _ in range(100): print(('x' * 1023 + '\\n') * 1024, end='')")
    assert outcome.reason is None
    assert sum(len(text) for _, text in outcome.lines[:-1]) <= OUTPUT_BYTES
    assert "further bytes were printed and are left out" in outcome.lines[-1][1]
    assert time.monotonic() - began < 15


async def test_one_line_without_end_is_cut(call):
    outcome = await call("sys.stdout.write('y' * (10 << 20))")
    assert outcome.reason is None
    assert [len(text) for _, text in outcome.lines[:1]] == [8192]


async def test_no_process_is_left_behind(call):
    marker = f"left{time.time_ns()}"
    body = (
        "for _ in range(5):\n"
        f"    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)  # {marker}'], start_new_session=True,"
        " stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(600)  # {marker}'])\n"
        "    os._exit(0)"
    )
    assert (await call(body)).reason is None
    assert [process for process in psutil.process_iter(["cmdline"]) if marker in str(process.info["cmdline"])] == []


async def test_a_call_that_starts_too_many_processes_is_ended(call):
    outcome = await call("for _ in range(40):\n    subprocess.Popen(['sleep', '600'])\ntime.sleep(600)")
    assert outcome.reason == "it has started more than 32 processes"


async def test_nothing_of_the_server_is_inherited(call, monkeypatch):
    monkeypatch.setenv("LABELYARD_SECRET", "s" * 40)
    outcome = await call("print(sorted(os.environ))\nprint(sorted(os.listdir('/proc/self/fd')))\nprint(os.getcwd())")
    environment, descriptors, folder = [text for _, text in outcome.lines]
    assert environment == str(
        sorted(
            ["HOME", "LANG", "NO_PROXY", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH", "TMPDIR", "TQDM_DISABLE"]
        )
    )
    assert len(eval(descriptors)) <= 5  # the three of every process, the channel, and that of the listing itself
    assert "plugins/run-" in folder


async def test_a_caller_that_stops_waiting_ends_the_call(call, tmp_path):
    mark = tmp_path / "mark"
    waiting = asyncio.create_task(
        call(f"open({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)", seconds=60)
    )
    while not mark.exists() or not mark.read_text():  # noqa: ASYNC110 - the file is written elsewhere
        await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not psutil.pid_exists(int(mark.read_text()))


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("class Other:\n    def on_submit(self):\n", "AttributeError: main.py has no class PluginHandler"),
        (
            "class PluginHandler:\n    def on_submit(self):\n",
            "TypeError: PluginHandler in main.py has to be a class that inherits from kili.plugins.PluginCore",
        ),
        (
            "import nothing_at_all\nclass PluginHandler:\n    def on_submit(self):\n",
            "ModuleNotFoundError: No module named 'nothing_at_all'",
        ),
    ],
)
async def test_code_that_is_no_plugin_says_why(call, head, reason):
    assert (await call("pass", task="inspect", head=head)).reason == reason


async def test_the_handlers_of_a_plugin_are_found(call):
    assert (await call("pass", task="inspect")).result == ["onSubmit"]
