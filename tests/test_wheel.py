"""What the distribution installs."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_one_package_with_all_files_of_the_layers(tmp_path):
    command = [str(Path(sys.executable).parent / "uv"), "build", "-q", "--wheel", "--no-build-isolation", "--offline"]
    subprocess.run(
        [*command, "--python", sys.executable, "--out-dir", str(tmp_path), str(ROOT)], check=True, timeout=300
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"labelyard"}
    listed = subprocess.run(
        ["git", "ls-files", "server", "resolvers", "services", "storage", "domain"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    missing = {f"labelyard/{name}" for name in listed.stdout.splitlines()} - set(names)
    assert missing == set()
