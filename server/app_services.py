"""What write operations and jobs share, made of the settings."""

from __future__ import annotations

import time
from typing import Final

from labelyard.server.door.opening import hosts_in
from labelyard.server.secret import server_secret
from labelyard.server.settings import PluginMode, Settings, fetch_environment
from labelyard.services.app_services import AppServices
from labelyard.services.credential import Credentials
from labelyard.services.data_integration.store import ObjectStores
from labelyard.services.learning.process import Graphs, Inference
from labelyard.services.outgoing.client import OutgoingClient
from labelyard.services.plugin.settings import PluginSettings
from labelyard.storage.blob import LocalBlobs
from labelyard.storage.file_link import FileLinks

ENDPOINT: Final = "/api/label/v2/graphql"


def app_services_of(settings: Settings) -> AppServices:
    """The tools of one process."""
    blobs = LocalBlobs(settings.data_dir / "files")  # makes the data directory, where the secret lies
    secret = server_secret(settings)
    links = FileLinks(public_url(settings), secret, settings.signed_url_seconds, settings.max_upload_bytes)
    outgoing = OutgoingClient(settings.outgoing_policy)
    account = settings.gcs_service_account
    return AppServices(
        links=links,
        blobs=blobs,
        now=lambda: int(time.time()),
        credentials=Credentials(secret),
        max_items=settings.max_items_per_mutation,
        max_imported=settings.max_imported_assets,
        max_upload_bytes=settings.max_upload_bytes,
        max_organization_bytes=settings.max_organization_bytes or None,
        max_uploads_per_day=settings.max_uploads_per_day,
        model_seconds=settings.model_timeout_seconds,
        workflow_version=settings.workflow_version.value,
        strict_labels=settings.strict_labels,
        strict_workflows=settings.strict_workflows,
        work_dir=settings.data_dir / "work",
        outgoing=outgoing,
        fetch_hosts=hosts_in(settings.fetch_allowed_hosts),
        object_stores=ObjectStores(outgoing, account.get_secret_value() if account is not None else None),
        inference=Inference(Graphs((settings.data_dir / "learning").absolute())),
        plugins=_plugins(settings),
    )


def _plugins(settings: Settings) -> PluginSettings:
    """What plugins run within. What says how this machine reaches the package index is passed on to builds, and to nothing else."""
    return PluginSettings(
        is_on=settings.plugins is PluginMode.PROCESS,
        directory=(settings.data_dir / "plugins").absolute(),
        endpoint=settings.plugins_endpoint or f"{public_url(settings)}{ENDPOINT}",
        may_fetch=settings.plugins_network,
        packages=None if settings.plugins_packages is None else settings.plugins_packages.absolute(),
        run_seconds=settings.plugins_seconds,
        memory_bytes=settings.plugins_memory_bytes,
        fetch_environment=fetch_environment(),
    )


def public_url(settings: Settings) -> str:
    """How clients usually reach the server."""
    return next(iter(settings.named_addresses), f"http://{settings.url_host}:{settings.port}")
