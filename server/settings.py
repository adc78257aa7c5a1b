"""Settings: read once by the command line, then passed on. `docs/configuration.md` explains each."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.graphiql import GraphiqlMode


class WorkflowVersion(StrEnum):
    """Workflow of new projects."""

    V1 = "V1"
    V2 = "V2"
    V3 = "V3"


class Settings(BaseSettings):
    """What an operator can set, each as an environment variable with the prefix `LABELYARD_`."""

    model_config = SettingsConfigDict(env_prefix="LABELYARD_", extra="ignore")

    data_dir: Path = Field(
        Path(".labelyard"), description="Where files, the embedded database and the server secret live."
    )
    database_url: str | None = Field(
        None,
        description="A PostgreSQL of your own, as postgresql://user:password@host:port/name. Without it, one is embedded.",
    )
    database_pool_size: int = Field(20, ge=2, le=200, description="Connections that one process opens at most.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    public_url: str | None = Field(
        None,
        description="How clients reach the server; links to files are built from it. Default: http://<host>:<port>.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of reverse proxies, with commas between: what they say in X-Forwarded-For is "
        "believed. Without them everybody behind a proxy shares one address when failed log-ins are counted.",
    )
    secret: SecretStr | None = Field(
        None, description="At least 32 characters to sign links with. Without it, one is made in the data directory."
    )
    signed_url_seconds: int = Field(
        3600, ge=60, le=7 * 86400, description="How long links to files are good for, in seconds."
    )
    max_upload_bytes: int = Field(5 * 1024**3, ge=1, description="The largest file that can be uploaded, in bytes.")
    max_organization_bytes: int = Field(
        1024**4, ge=0, description="Bytes of files that an organization may keep; 0: no limit."
    )
    max_uploads_per_day: int = Field(
        1_000_000, ge=1, le=2_000_000_000, description="Upload URLs that an organization is given in a day (UTC)."
    )
    max_items_per_mutation: int = Field(1000, ge=1, description="Labels or changes that one mutation takes at most.")
    max_imported_assets: int = Field(100_000, ge=1, description="Assets that one import takes at most.")
    max_answer_bytes: int = Field(64 * 1024**2, ge=1024, description="The largest answer, in bytes.")
    request_timeout_seconds: float = Field(30, gt=0, description="How long one request may run.")
    strict_labels: bool = Field(
        False, description="Refuse labels that break strict rules, such as a required job left out."
    )
    strict_workflows: bool = Field(
        False, description="Refuse isUsedForConsensus among the properties of assets in projects with steps."
    )
    workflow_version: WorkflowVersion = Field(WorkflowVersion.V2, description="Workflow of new projects: V1, V2 or V3.")
    graphiql: GraphiqlMode = Field(GraphiqlMode.AUTHENTICATED, description="The playground: on, authenticated or off.")
    bootstrap_api_key: SecretStr | None = Field(
        None, description="The first API key, for unattended first starts; read only while no user exists."
    )
    bootstrap_email: str = Field(
        "admin@localhost", description="E-mail of the first administrator; read as the key above."
    )
    bootstrap_organization: str = Field(
        "My organization", description="Name of the first organization; read as the key above."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")


def read_settings(**given: object) -> Settings:
    """Settings from the environment and the command line; what is wrong is told in one line each."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        for problem in error.errors():
            name = "LABELYARD_" + "_".join(str(part) for part in problem["loc"]).upper()
            print(f"labelyard: {name}: {problem['msg']}", file=sys.stderr)
        raise SystemExit(2) from None
