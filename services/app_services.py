"""What write operations share besides the transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from labelyard.services.credential import Credentials
from labelyard.services.data_integration.store import ObjectStores
from labelyard.services.interface import InterfaceCache
from labelyard.services.learning.process import Graphs, Inference
from labelyard.services.outgoing.client import OutgoingClient
from labelyard.services.password import Passwords
from labelyard.services.plugin.settings import PluginSettings
from labelyard.services.trained_model.similarity import Galleries
from labelyard.storage.blob import Blobs
from labelyard.storage.file_link import FileLinks
from labelyard.storage.film import FilmReader
from labelyard.storage.page_size import PageSizes


@dataclass(frozen=True, slots=True)
class AppServices:
    """Settings and tools of the running server; `now` answers the time in whole seconds."""

    links: FileLinks
    blobs: Blobs
    now: Callable[[], int]
    credentials: Credentials
    max_items: int = 1000
    max_imported: int = 100_000
    max_upload_bytes: int = 5 * 1024**3
    max_organization_bytes: int | None = None
    max_uploads_per_day: int = 1_000_000
    inlined_pages_seconds: float = 10.0
    """How long one import may read PDFs and films written into it, each: hundreds must not take the time of the request."""
    model_seconds: float = 25.0
    """How long a language model may take to answer."""
    workflow_version: str = "V2"
    strict_labels: bool = False
    strict_workflows: bool = False
    work_dir: Path = Path("work")
    """Where jobs keep files while they work, on the disk of the files they make."""
    page_sizes: PageSizes = field(default_factory=PageSizes)
    film_reader: FilmReader = field(default_factory=FilmReader)
    interfaces: InterfaceCache = field(default_factory=InterfaceCache)
    passwords: Passwords = field(default_factory=Passwords)
    outgoing: OutgoingClient = field(default_factory=OutgoingClient)
    fetch_hosts: frozenset[str] = frozenset()
    """Hosts from which a picture that is given as a link may be fetched, in lower case."""
    object_stores: ObjectStores = field(default_factory=lambda: ObjectStores(OutgoingClient()))
    inference: Inference = field(default_factory=lambda: Inference(Graphs(Path("learning"))))
    """The process that looks at pictures, started when it is first asked."""
    galleries: Galleries = field(default_factory=Galleries)
    plugins: PluginSettings = field(default_factory=PluginSettings)
