"""What write operations and jobs share, made of the settings."""

from __future__ import annotations

import time

from labelyard.server.secret import server_secret
from labelyard.server.settings import Settings
from labelyard.services.app_services import AppServices
from labelyard.services.credential import Credentials
from labelyard.services.data_integration.store import ObjectStores
from labelyard.services.outgoing.client import OutgoingClient
from labelyard.storage.blob import LocalBlobs
from labelyard.storage.file_link import FileLinks


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
        outgoing=outgoing,
        object_stores=ObjectStores(outgoing, account.get_secret_value() if account is not None else None),
    )


def public_url(settings: Settings) -> str:
    """How clients reach the server."""
    return settings.public_url or f"http://{settings.url_host}:{settings.port}"
