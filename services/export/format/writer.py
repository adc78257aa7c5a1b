"""What all writers of formats share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labelyard.domain.export import ExportOptions, fitting_jobs
from labelyard.services.export.archive import Archive
from labelyard.services.export.assets import Asset


@dataclass(frozen=True, slots=True)
class ExportedProject:
    """What formats need of a project; `moment` is the time of the export in ISO 8601, UTC, with milliseconds."""

    id: str
    title: str
    description: str | None
    input_type: str
    interface: Mapping[str, Any]
    geospatial_settings: Any
    moment: str

    @property
    def jobs(self) -> Mapping[str, Any]:
        """The jobs of the interface."""
        jobs: Mapping[str, Any] = self.interface.get("jobs") or {}
        return jobs


class NotExportable(Exception):
    """An asset that the format cannot hold; the text says which one and why."""


class FormatWriter:
    """Writes one export into an archive."""

    def __init__(self, project: ExportedProject, options: ExportOptions, archive: Archive) -> None:
        self.project = project
        self.options = options
        self.archive = archive
        self.fitting = fitting_jobs(options, project.jobs)

    def is_beside(self, url: str) -> bool:
        """Whether what an asset names is an entry of the archive rather than an address."""
        return self.options.with_assets and not url.startswith(("http:", "https:"))

    def add(self, asset: Asset) -> None:
        """Write an asset with its chosen labels."""
        raise NotImplementedError

    def finish(self) -> None:
        """Write what can be written last only."""
