"""Numbers of advisory locks: one for each purpose, and none outside their module."""

import re
from pathlib import Path

from labelyard.storage.advisory_lock import AdvisoryLock

ROOT = Path(__file__).parents[2]
TAKEN = re.compile(r"pg_(?:try_)?advisory\w*\(([^)]*)")
FOLDERS = ("server", "resolvers", "services", "storage", "domain")


def test_no_two_purposes_share_a_number():
    assert len({int(lock) for lock in AdvisoryLock.__members__.values()}) == len(AdvisoryLock.__members__) >= 3


def test_every_lock_is_taken_by_its_name_or_on_a_text_that_names_its_purpose():
    taken = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text("utf-8")
            for argument in TAKEN.findall(source):
                taken.setdefault(path.relative_to(ROOT).as_posix(), []).append(argument)
                assert re.match(r":lock$|hashtextextended\('[a-z -]+ ' \|\| ", argument), (path, argument)
            if path.name != "advisory_lock.py" and ":lock" in TAKEN.findall(source):
                assert source.count("AdvisoryLock.") == TAKEN.findall(source).count(":lock"), path
    assert len(taken) >= 5
