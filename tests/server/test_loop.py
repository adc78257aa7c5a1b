"""Background loops: nothing ends one, and one that does not come round shows."""

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest

from labelyard.domain.error import Unavailable
from labelyard.server.application import create_app
from labelyard.server.loop import maintenance, mark_loop, runner
from labelyard.server.loop.runner import Loop, LoopRunner

ERRORS = [
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.DeadlockDetectedError("x"),
    OSError("away"),
    Unavailable("x"),
    KeyError("a defect"),
    MemoryError(),
    asyncio.CancelledError(),
    AssertionError(),
]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(runner, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_a_failed_round_is_followed_by_another(error):
    rounds, enough = [], asyncio.Event()

    async def go_round():
        rounds.append(None)
        if len(rounds) <= 2:
            raise error
        enough.set()

    async with LoopRunner([Loop("test", go_round, every_seconds=0.01)]).running():
        await asyncio.wait_for(enough.wait(), 5)


LOOPS = {
    "maintenance": (
        maintenance,
        "rollup",
        lambda app_database: maintenance.maintenance(app_database, None, links_live=timedelta(hours=1)),
    ),
    "marks": (mark_loop, "quick_round", lambda _: mark_loop.mark_loops(None)[0]),
    "slow marks": (mark_loop, "slow_round", lambda _: mark_loop.mark_loops(None)[1]),
}


@pytest.mark.parametrize("name", LOOPS)
async def test_each_loop_goes_on_after_a_defect(database, monkeypatch, name):
    module, function, make = LOOPS[name]
    calls, enough = [], asyncio.Event()

    async def broken(*_):
        calls.append(None)
        if len(calls) == 3:
            enough.set()
        raise ZeroDivisionError

    monkeypatch.setattr(module, function, broken)
    async with LoopRunner([make(database)]).running():
        await asyncio.wait_for(enough.wait(), 5)


async def test_a_loop_that_fails_waits_longer_each_time(monkeypatch, capsys):
    monkeypatch.setattr(runner, "FIRST_PAUSE_SECONDS", 1.0)
    pauses = []

    async def broken():
        raise ValueError("x")

    loop = Loop("test", broken, every_seconds=1, max_pause_seconds=5)

    async def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 5:
            raise asyncio.CancelledError

    monkeypatch.setattr(loop, "_pause", pause)
    with pytest.raises(asyncio.CancelledError):
        await loop.run()

    assert pauses == [1, 2, 4, 5, 5]


async def test_a_woken_loop_goes_round_at_once():
    rounds = asyncio.Queue()

    async def go_round():
        rounds.put_nowait(None)

    loop = Loop("test", go_round, every_seconds=3600)
    async with LoopRunner([loop]).running():
        await asyncio.wait_for(rounds.get(), 5)
        loop.wake()
        await asyncio.wait_for(rounds.get(), 5)


@pytest.mark.parametrize("kind", ["hangs", "fails"])
async def test_a_loop_that_has_not_come_round_is_named_and_the_server_not_ready(settings, database, monkeypatch, kind):
    is_good = asyncio.Event()

    async def compute(_marks):
        if kind == "fails" and not is_good.is_set():
            raise ValueError("x")
        await is_good.wait()
        return False

    monkeypatch.setattr(mark_loop, "quick_round", compute)
    monkeypatch.setattr(
        mark_loop, "Loop", lambda *args, **more: Loop(*args, **{**more, "late_seconds": 1.0, "max_pause_seconds": 0.05})
    )
    app = create_app(settings, database)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://label.example") as http,
    ):
        assert (await http.get("/health/ready")).status_code == 200
        await asyncio.sleep(1.3)
        response = await http.get("/health/ready")
        assert (response.status_code, response.json()) == (503, {"status": "not ready", "failing": ["loop marks"]})

        is_good.set()
        await asyncio.sleep(0.5)
        assert (await http.get("/health/ready")).status_code == 200


@pytest.mark.parametrize(
    ("links_live", "kept"), [(timedelta(hours=1), timedelta(hours=24)), (timedelta(days=7), timedelta(days=7))]
)
async def test_files_that_nobody_refers_to_stay_as_long_as_links_to_them_live(database, monkeypatch, links_live, kept):
    ages, swept = [], asyncio.Event()

    async def sweep(*, minimum_age, **_):
        ages.append(minimum_age)
        swept.set()

    monkeypatch.setattr(maintenance, "sweep_files", sweep)

    async with LoopRunner([maintenance.maintenance(database, None, links_live=links_live)]).running():
        await asyncio.wait_for(swept.wait(), 5)

    assert set(ages) == {kept}
