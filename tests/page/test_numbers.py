"""The numbers of the page, printed beside their goals: `make bench-page`."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from labelyard.server.page.files import page_files
from tests.page.api import Api
from tests.page.project import Project, box, new_project
from tests.page.test_labeling import PICTURE, SUBMIT, name, ready, start
from tests.page.window import Page

IS_MEASURED = bool(os.environ.get("LABELYARD_TEST_PAGE_NUMBERS"))
measured = pytest.mark.skipif(not IS_MEASURED, reason="make bench-page")
TIMES = 5
BOXES = (1_000, 5_000)
ASSETS = 20_000
SITTINGS = int(os.environ.get("LABELYARD_TEST_PAGE_SITTINGS", "500"))
# What of the time between input and picture the browser spent where.
OBSERVE = """
globalThis.__events = [];
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) {
    globalThis.__events.push([e.name, e.duration, e.processingEnd - e.processingStart]);
  }
}).observe({ type: 'event', durationThreshold: 16, buffered: false });
"""
TASKS = """
globalThis.__tasks = [];
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) globalThis.__tasks.push(e.duration);
}).observe({ type: 'longtask' });
"""


def say(number: str, what: str, measured_value: str, goal: str) -> None:
    print(f"{number:3} {what:44} {measured_value:>34}   goal {goal}")


def spread(values: list[float], unit: str = "ms") -> str:
    return f"{statistics.median(values):.0f} {unit} ({min(values):.0f}–{max(values):.0f}, {len(values)} runs)"


def with_boxes(count: int) -> dict[str, Any]:
    side = int(count**0.5) + 1
    boxes = [
        box(
            (number % side) / side + 0.002,
            (number // side) / side + 0.002,
            (number % side) / side + 0.7 / side,
            (number // side) / side + 0.7 / side,
            category="PERSON",
            mid=f"box-{number}",
        )
        for number in range(count)
    ]
    return {"THINGS": {"annotations": boxes}, "WEATHER": {"categories": [{"name": "SUN"}]}}


def full(admin: Api, count: int) -> Project:
    """A project whose first asset has a prediction of so many boxes."""
    project = new_project(admin)
    text = json.dumps(with_boxes(count))
    project.admin.label(project.assets[0], text, label_type="PREDICTION", modelName="boxes")
    return project


@measured
@pytest.mark.parametrize("count", BOXES)
def test_n1_events(page: Page, admin: Api, count: int) -> None:
    project = full(admin, count)
    start(page, project)
    page.run(OBSERVE)
    page.run(TASKS)

    def chosen() -> Page:
        return page.keys("Escape", "Escape").click_at(PICTURE, 0.01, 0.01)

    gestures: dict[str, Callable[[], object]] = {
        "draw": lambda: page.click("[data-category=PERSON]").drag(PICTURE, (0.91, 0.91), (0.99, 0.99), steps=10),
        "select": chosen,
        "move": lambda: page.drag(PICTURE, (0.01, 0.01), (0.06, 0.06), steps=10),
        "undo": lambda: page.keys("Control+z"),
        "redo": lambda: page.keys("Control+y"),
        "nudge": lambda: page.keys("ArrowRight", "ArrowRight"),
        "zoom": lambda: page.keys("+", "+", "0"),
        "another class": lambda: chosen().click("[data-category=CAR]"),
        "select and delete": lambda: chosen().keys("Delete"),
    }
    for what, act in gestures.items():
        durations: list[float] = []
        handling: list[float] = []
        tasks: list[float] = []
        before = thread_seconds(page)
        for _ in range(TIMES):
            page.run("globalThis.__events.length = 0; globalThis.__tasks.length = 0")
            act()
            time.sleep(0.25)
            events = page.run("return globalThis.__events")
            durations += [duration for _, duration, _ in events]
            handling.append(max((handled for _, _, handled in events), default=0.0))
            tasks.append(max(page.run("return globalThis.__tasks"), default=0.0))
        spent = (thread_seconds(page) - before) * 1000 / TIMES
        slowest = sorted(durations)[int(len(durations) * 0.95)] if durations else 16.0
        said = f"event ≤ {max(handling):.0f}, paint p95 ≤ {slowest:.0f}, task ≤ {max(tasks):.0f}, all {spent:.0f} ms"
        say("N1", f"{count:,} boxes: {what}", said, "50 ms" if count == BOXES[0] else "100 ms")


def thread_seconds(page: Page) -> float:
    """Processor time of the page's main thread."""
    page.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    metrics = page.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


@measured
def test_n2_size(page: Page, project: Project) -> None:
    """Shell and image labeling: what has come over the wire when the first picture is there."""
    ready(page.sign_in(project.labeler, f"{project.path}/label"))
    took = page.run(
        """
        const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        const there = all.find((one) => one.name.includes('/v2/files')).responseEnd;
        return all.filter((one) => one.startTime < there).map((one) => [new URL(one.name).pathname, one.encodedBodySize]);
        """
    )
    sizes = {path: size for path, size in took if path.startswith(page_files().base) or path.endswith("/label")}
    say("N2", f"{len(sizes)} files, compressed", f"{sum(sizes.values()):,} bytes", "60 kB")


@measured
def test_n3_start(page: Page, project: Project) -> None:
    page.sign_in(project.labeler, project.path)
    interactive = """
    const done = arguments[0];
    const look = () => document.querySelector('main h1') && document.querySelector('main a, main button')
      ? done(performance.now()) : setTimeout(look, 5);
    look();
    """

    def opened() -> float:
        page.open("/label/")
        return float(page.driver.execute_async_script(interactive))

    slow = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
    page.driver.execute_cdp_cmd("Network.enable", {})
    warm = [opened() for _ in range(TIMES)]
    page.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", slow)
    cold = [opened() for _ in range(TIMES)]
    page.offline(is_offline=False)
    say("N3", "start at 150 ms, 1.6 Mbit/s, nothing kept", spread(cold), "1,000 ms")
    say("N3", "start on this machine, files kept", spread(warm), "300 ms")


@measured
def test_n4_next_asset(page: Page, admin: Api) -> None:
    project = new_project(admin, pictures=TIMES + 3)
    start(page, project)
    shown = """
    const done = arguments[1]; const before = arguments[0]; const began = performance.now();
    const look = () => {
      const picture = document.querySelector('.stage-picture');
      const title = document.querySelector('.label-where h1')?.textContent;
      const isThere = picture?.complete && picture.naturalWidth && picture.style.transform;
      if (title && title !== before && isThere) done(performance.now() - began);
      else requestAnimationFrame(look);
    };
    const submit = { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true };
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', submit));
    look();
    """
    times = []
    for _ in range(TIMES):
        page.press("Sun")
        time.sleep(1.0)  # the next picture is fetched meanwhile
        times.append(float(page.driver.execute_async_script(shown, name(page))))
        ready(page)
    say("N4", "from submitting to the next picture", spread(times), "300 ms")


@measured
def test_n5_dataset(page: Page, admin: Api) -> None:
    project = new_project(admin, pictures=0, input_type="TEXT")
    for first in range(0, ASSETS, 1_000):
        numbers = range(first, first + 1_000)
        admin.import_assets(
            project.id,
            contentArray=[f"text {number}" for number in numbers],
            externalIDArray=[f"asset-{number:05}" for number in numbers],
        )
    page.sign_in(project.member("ADMIN"), project.path + "/assets").shows("20,000")
    times, rows = [], []
    scroll = """
    const [share, done] = arguments; const table = document.querySelector('.table'); const began = performance.now();
    table.scrollTop = share * (table.scrollHeight - table.clientHeight);
    const look = () => {
      const shown = [...document.querySelectorAll('.table-rows .table-row')].filter((row) => {
        const box = row.getBoundingClientRect(), frame = table.getBoundingClientRect();
        return box.bottom > frame.top + 40 && box.top < frame.bottom;
      });
      if (shown.length && shown.every((row) => /asset-\\d/.test(row.textContent))) done(performance.now() - began);
      else setTimeout(look, 5);
    };
    requestAnimationFrame(look);
    """
    for share in (0.5, 1.0, 0.25, 0.75, 0.1, 0.9, 0.6):
        times.append(float(page.driver.execute_async_script(scroll, share)))
        rows.append(len(page.all(".table-rows .table-row")))
    say("N5", f"{ASSETS:,} assets: scroll to any place", spread(times), "500 ms")
    say("N5", "rows in the document", str(max(rows)), "60")


@measured
def test_n6_memory(page: Page, admin: Api) -> None:
    project = new_project(admin, pictures=0)
    for first in range(0, SITTINGS + 5, 100):
        project.add_pictures(*(f"street-{number}" for number in range(first, min(first + 100, SITTINGS + 5))))
    start(page, project)
    heaps: dict[int, float] = {}
    for number in range(1, SITTINGS + 1):
        before = name(page)
        page.press("Sun").keys(SUBMIT).until(lambda before=before: name(page) not in ("", before), "to go on")  # type: ignore[misc]
        ready(page)
        if number in (SITTINGS // 5, SITTINGS):
            page.driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
            heaps[number] = page.driver.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"] / 2**20
    (early, few), (late, many) = heaps.items()
    say(
        "N6",
        f"heap after {early} and {late} assets",
        f"{few:.1f} and {many:.1f} MB ({many / few - 1:+.0%})",
        "100 MB, +10 %",
    )


@pytest.fixture(scope="module", autouse=True)
def heading() -> None:
    if IS_MEASURED:
        load = os.getloadavg()[0]
        print(f"\nload of the machine at the beginning: {load:.1f}; N7 and N8 are tests/page/test_every_page.py")
