"""What an operator decides about plugins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """Whether plugins run, and within what.

    `directory` holds their code and environments. `endpoint` is where they reach this server. `packages` is a directory with the
    package `kili`, which they see; without it, each environment gets its own from the package index.
    """

    is_on: bool = False
    directory: Path = Path("plugins")
    endpoint: str = ""
    may_fetch: bool = True
    packages: Path | None = None
    run_seconds: float = 60.0
    memory_bytes: int = 1024**3
    build_seconds: float = 600.0
    fetch_environment: Mapping[str, str] = field(default_factory=dict, repr=False)
