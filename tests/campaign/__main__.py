"""Long random campaigns: `make campaigns`. A failure says its seed, workflow and step; `--seed` repeats it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.campaign.drive import Difference, Report
from tests.campaign.servers import VERSIONS, two_servers
from tests.common import cluster as clusters


async def run(seeds: list[tuple[int, str]], *, steps: int, assets: int) -> list[str]:
    """Run campaigns one after the other and answer what differed."""
    differences: list[str] = []
    reports: list[Report] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        url = await clusters.Cluster().new_database()
        async with two_servers(url, Path(folder) / "data") as ground:
            for seed, version in seeds:
                try:
                    report = await ground.campaign(seed, version, steps=steps, assets=assets)
                except Difference as difference:
                    differences.append(str(difference))
                    print(difference, flush=True)
                else:
                    reports.append(report)
                    print(f"seed {seed} of {version}: {report.steps} steps, {report.figures:,} figures", flush=True)
    figures = sum(report.figures for report in reports)
    print(
        f"{len(seeds)} campaigns, {figures:,} figures the same, {len(differences)} differences, "
        f"{time.monotonic() - began:.0f} s"
    )
    return differences


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=21)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--assets", type=int, default=45)
    parser.add_argument("--seed", type=int, help="of the first campaign; the others follow")
    parser.add_argument("--workflow", choices=VERSIONS, help="of all campaigns; otherwise all in turn")
    asked = parser.parse_args()
    first = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    print(f"seeds from {first} on")
    versions = [asked.workflow] if asked.workflow else VERSIONS
    seeds = [(first + number // len(versions), versions[number % len(versions)]) for number in range(asked.campaigns)]
    logging.disable(logging.INFO)
    clusters.open_folder()
    try:
        differences = asyncio.run(run(seeds, steps=asked.steps, assets=asked.assets))
    finally:
        clusters.close_folder()
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
