"""Generated row builders show their lines in tracebacks, for as long as they live."""

import linecache
import traceback

import pytest

from labelyard.storage.plan import Expression, ObjectSource, Selected, compile_plan

SOURCE = ObjectSource(
    "Asset", None, {"id": Expression("t.id"), "createdAt": Expression("t.created_at", is_timestamp=True)}
)
SELECTION = (Selected("id", "id"), Selected("when", "createdAt"))


def generated_files():
    return [name for name in linecache.cache if name.startswith("<plan Asset ")]


@pytest.fixture
def source(monkeypatch):
    monkeypatch.setattr(ObjectSource, "table_name", "asset")
    return SOURCE


def test_a_builder_that_fails_shows_its_line(source):
    plan = compile_plan(source, SELECTION)

    with pytest.raises(AttributeError) as failed:
        plan.build([("a", "not a time")], (), None)

    frames = [frame for frame in traceback.extract_tb(failed.tb) if frame.filename.startswith("<plan Asset ")]
    assert [frame.line for frame in frames][-1:] == ["'when': (iso(r[1]) if r[1] is not None else None)"]


def test_lines_are_dropped_with_their_builder(source):
    before = set(generated_files())  # of plans that caches keep, which may let some of them go meanwhile
    plans = [compile_plan(source, SELECTION) for _ in range(10)]
    assert len(set(generated_files()) - before) == 10

    del plans

    assert set(generated_files()) <= before
