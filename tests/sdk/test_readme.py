"""The README's way from nothing to an export, run as it is printed."""

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.file_samples import png

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
OLD = "# kili 2.60.0\n"


@pytest.fixture(scope="module")
def printed(live_server, tmp_path_factory):
    """Run the blocks for a release in a folder that lasts; answers what they print, by line, and the folder."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "street-2.png").write_bytes(png(40, 20))

    def run(release: str, blocks: list[str]) -> tuple[list[str], Path]:
        python = ROOT / ".sdk" / release / "bin" / "python"
        if not python.exists():
            pytest.fail(f"kili {release} is not set up at {python}: run `make sdk-environments`")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KILI_", "PYTHON"))}
        (folder / "readme.py").write_text("\n".join(blocks))
        done = subprocess.run(
            [python, "readme.py"],
            cwd=folder,
            env={
                **kept,
                "HOME": str(folder),
                "KILI_API_ENDPOINT": live_server.endpoint,
                "KILI_API_KEY": live_server.api_key,
                "NO_PROXY": "127.0.0.1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=150,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout.splitlines(), folder

    return run


@pytest.fixture(scope="module")
def tutorial(printed):
    """What the tutorial printed with today's release, and where; its project is there for those who come after."""
    return printed("26.2.4", [block for block in BLOCKS if not block.startswith(OLD)])


def test_the_tutorial_is_run_with_what_the_page_installs():
    installed = re.findall(r'^pip install "(kili.*)"$', (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    locked = (ROOT / "tests" / "sdk" / "requirements" / "26.2.4.in").read_text("utf-8").split("==")[0]
    assert installed == [locked]


@pytest.mark.xdist_group("readme")
def test_the_tutorial_leads_from_nothing_to_an_export(tutorial):
    lines, folder = tutorial

    assert "'externalId': 'street-1', 'content': 'https://storage.example.com/street-1.png'" in lines[0]
    assert "'externalId': 'street-2'" in lines[1]
    assert lines[2].startswith("street-2 ")
    assert lines[3:5] == ["2", "['street-2']"]
    for name, entry in [("raw", "labels/street-2.json"), ("yolo", "labels/street-2.txt"), ("coco", "labels.json")]:
        assert entry in zipfile.ZipFile(folder / f"{name}.zip").namelist()


@pytest.mark.xdist_group("readme")
def test_what_is_said_of_an_old_release_runs_with_it(tutorial, printed):
    """After the tutorial, whose project it labels."""
    assert tutorial[0]
    lines, _ = printed("2.60.0", [block for block in BLOCKS if block.startswith(OLD)])

    assert lines[-1].count("'labelType': 'DEFAULT'") == 2
    assert lines[-1].count("'labelType': 'PREDICTION'") == 2
