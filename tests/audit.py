"""Known vulnerabilities of the packages that labelyard is installed and tested with.

Run as a program: it fails for a vulnerability that is known, and only says so where their database cannot be reached.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[1] / "requirements" / "test.txt"
TIMEOUT_SECONDS = 120


def main(requirements: Path = REQUIREMENTS, *options: str) -> int:
    """Ask for every locked package; answers the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json"]
    command += ["--progress-spinner", "off", "--timeout", "5", *options, "--requirement", str(requirements)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return unreachable("no answer in time")
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return unreachable((done.stderr.strip().splitlines() or ["no answer"])[-1])
    return report(packages)


def report(packages: list[dict]) -> int:
    """Print what is known of each package; answers the exit code."""
    lines = [
        f"{package['name']} {package['version']}: {known['id']}, corrected in {', '.join(known['fix_versions']) or 'no version'}"
        for package in packages
        for known in package.get("vulns", ())
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return unreachable("it has none of the packages")
    if skipped:
        print(f"audit: the database does not have {', '.join(skipped)}")
    print("\n".join(lines) if lines else f"audit: no vulnerability is known of {len(packages) - len(skipped)} packages")
    return 1 if lines else 0


def unreachable(reason: str) -> int:
    """Say that nothing could be found out, which is no failure."""
    print(f"audit: the database of vulnerabilities cannot be reached, nothing was checked ({reason[:200]})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
