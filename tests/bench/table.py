"""What a run of the benchmark found, and the table of several runs: medians, their spread, and a verdict on each target."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.bench.measure import Spent

HEAD = f"{'':<50} {'wall ms':>9} {'bare':>9} {'ratio':>9} {'spread':>13}   {'CPU ms':>8} {'bare':>8} {'ratio':>9} {'spread':>13}"


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must be and should be: at most, or with `is_least` at least."""

    must: float | None
    aim: float | None
    of: str = "wall"
    """Which figure is judged: the ratio of `wall` times or of `cpu` times; a single figure has one only."""
    is_least: bool = False

    def verdict(self, figures: Sequence[float]) -> str:
        """Whether the figures of all runs meet the target."""
        parts = []
        for name, limit in (("must", self.must), ("aim", self.aim)):
            if limit is not None:
                met = sum(figure >= limit if self.is_least else figure <= limit for figure in figures)
                parts.append(f"{name} {limit:g}: {'met' if met == len(figures) else f'missed in {len(figures) - met}'}")
        return f"{self.of + ' ' if self.of == 'cpu' else ''}{', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A path and the bare loop beside it. With `is_faster`, the ratio says how many times faster the path is."""

    name: str
    ours: Spent
    bare: Spent
    targets: tuple[Target, ...] = ()
    is_faster: bool = False

    @property
    def ratios(self) -> tuple[float, float]:
        """Ratios of wall and CPU time."""
        return self.bare.per(self.ours) if self.is_faster else self.ours.per(self.bare)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that is judged by itself."""

    name: str
    value: float
    unit: str
    targets: tuple[Target, ...] = ()


Found = Comparison | Figure


def print_table(runs: Sequence[Sequence[Found]]) -> None:
    """Print the medians of the runs, line by line, with their lowest and highest."""
    print(f"\n{len(runs)} runs: medians, with the lowest and the highest of the ratios\n\n{HEAD}", flush=True)
    for together in zip(*runs, strict=True):
        first = together[0]
        if isinstance(first, Comparison):
            _print_comparisons([one for one in together if isinstance(one, Comparison)])
        else:
            values = [one.value for one in together if isinstance(one, Figure)]
            spread = f"{min(values):.2f}-{max(values):.2f}"
            _print_line(
                f"{first.name:<50} {statistics.median(values):9.2f} {first.unit:<19} {spread:>13}",
                first.targets,
                values,
            )


def _print_comparisons(together: Sequence[Comparison]) -> None:
    walls, cpus = zip(*(one.ratios for one in together), strict=True)
    text = (
        f"{together[0].name:<50} {_median(one.ours.wall for one in together):9.1f} "
        f"{_median(one.bare.wall for one in together):9.1f} {_ratios(walls)}   "
        f"{_median(one.ours.cpu for one in together):8.0f} {_median(one.bare.cpu for one in together):8.0f} {_ratios(cpus)}"
    )
    print(text, flush=True)
    for target in together[0].targets:
        print(f"{'':<50}   {target.verdict(cpus if target.of == 'cpu' else walls)}", flush=True)


def _print_line(text: str, targets: Sequence[Target], values: Sequence[float]) -> None:
    print("   ".join([text, *(target.verdict(values) for target in targets)]), flush=True)


def _median(seconds: Iterable[float]) -> float:
    return statistics.median(seconds) * 1000


def _ratios(ratios: Sequence[float]) -> str:
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    return f"{statistics.median(ratios):7.2f} x {spread:>13}"
