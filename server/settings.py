"""Settings: read once by the command line, then passed on. `docs/configuration.md` explains each."""

from __future__ import annotations

import difflib
import ipaddress
import os
import socket
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from labelyard.domain.error import Misconfigured
from labelyard.domain.outgoing import OutgoingPolicy
from labelyard.domain.text import parts_of
from labelyard.server.door.open_sockets import SocketLimits
from labelyard.server.door.opening import hosts_in, names_in, origins_in
from labelyard.server.edge.asked_address import address_of, addresses_in
from labelyard.server.edge.load import LoadLimits
from labelyard.server.edge.running import RunningLimits
from labelyard.server.graphiql import GraphiqlMode
from labelyard.server.page import PageMode, content_origins

PREFIX = "LABELYARD_"
# What tests, the Makefile and containers may set beside the settings.
OTHER_PREFIXES = ("LABELYARD_TEST_",)
# Settings that may stand in a file, which `LABELYARD_<NAME>_FILE` names: secrets of containers are mounted as files.
FROM_FILES = ("secret", "bootstrap_api_key", "database_url", "gcs_service_account")

FETCH_VARIABLES = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
        *("SSL_CERT_FILE", "UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    }
)

# Shorter than what `storage.plan.page_bookmark` takes for the longest transaction there can be.
MAX_REQUEST_SECONDS = 50


class LogLevel(StrEnum):
    """The lowest level that is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class WorkflowVersion(StrEnum):
    """Workflow of new projects."""

    V1 = "V1"
    V2 = "V2"
    V3 = "V3"


class PluginMode(StrEnum):
    """Whether plugins run."""

    OFF = "off"
    PROCESS = "process"


class Settings(BaseSettings):
    """What an operator can set, each as an environment variable with the prefix `LABELYARD_`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(
        Path(".labelyard"), description="Where files, the embedded database and the server secret live."
    )
    database_url: str | None = Field(
        None,
        description="A PostgreSQL of your own, as postgresql://user:password@host:port/name. Without it, one is embedded.",
    )
    allow_unsafe_database: bool = Field(
        False, description="Go on although a PostgreSQL of your own may lose what it has committed."
    )
    postgres_user: str | None = Field(
        None,
        min_length=1,
        description="The account that the embedded PostgreSQL runs as when labelyard runs as root. Default: the owner of the "
        "data directory, or nobody.",
    )
    database_pool_size: int = Field(20, ge=4, le=200, description="Connections that one process opens at most.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    public_url: str | None = Field(
        None,
        description="How clients reach the server; links to files are built from it. Default: http://<host>:<port>.",
    )
    other_urls: str = Field(
        "",
        description="Further addresses by which clients reach the server, with commas between. Links in an answer name the one by "
        "which the server was asked.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of reverse proxies, with commas between: what they say in X-Forwarded-For is "
        "believed. Without them everybody behind a proxy shares one address when failed log-ins are counted.",
    )
    secret: SecretStr | None = Field(
        None,
        description="At least 32 characters to sign links and seal credentials with. Without it, one is made in the data directory.",
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
    request_timeout_seconds: float = Field(
        30, gt=0, le=MAX_REQUEST_SECONDS, description="How long one request may run, 50 seconds at most."
    )
    model_timeout_seconds: float = Field(
        25, gt=0, description="How long a language model may take to answer, within the time of a request."
    )
    requests_per_minute: int = Field(1_000, ge=1, description="Requests of one key in a minute, in the long run.")
    request_burst: int = Field(1_000, ge=1, description="Requests of one key at once, before the rate above holds.")
    organization_requests_per_minute: int = Field(
        10_000, ge=1, description="Requests of all keys of an organization in a minute."
    )
    cost_per_minute: int = Field(2_000_000, ge=20_000, description="Cost of the requests of one key in a minute.")
    organization_cost_per_minute: int = Field(
        20_000_000, ge=20_000, description="Cost of the requests of an organization in a minute."
    )
    anonymous_requests_per_minute: int = Field(
        60, ge=1, description="Requests without a valid key from one address in a minute."
    )
    failed_keys_per_minute: int = Field(30, ge=1, description="Wrong keys from one address in a minute.")
    running_requests: int = Field(64, ge=1, description="Requests that one process runs at once.")
    running_requests_per_organization: int = Field(
        32, ge=1, description="Requests of an organization that run at once."
    )
    running_requests_per_key: int = Field(16, ge=1, description="Requests of one key that run at once; others wait.")
    waiting_requests: int = Field(256, ge=0, description="Requests that wait, up to 5 seconds, for others to end.")
    body_bytes_at_once: int = Field(
        256 * 1024**2, ge=1024**2, description="Bytes that the bodies of all requests hold at once."
    )
    answer_bytes_at_once: int = Field(
        512 * 1024**2, ge=1024**2, description="Bytes that all answers hold at once while they are made."
    )
    max_rss_bytes: int = Field(
        0,
        ge=0,
        description="Memory of the process past which bodies above 1 MiB are refused; 0: three quarters of what there is.",
    )
    sockets: int = Field(800, ge=1, description="Websockets that one process keeps open.")
    sockets_per_key: int = Field(20, ge=1, description="Websockets that one key keeps open.")
    worker: bool = Field(
        True, description="Whether `labelyard serve` runs jobs beside requests; without it, `labelyard worker` has to."
    )
    worker_jobs: int = Field(8, ge=1, le=256, description="Jobs that one process runs at once.")
    outgoing_networks: str = Field(
        "",
        description="Networks that are not public and may be called all the same, by webhooks and other requests of the server, as "
        "10.0.0.0/8, with commas between.",
    )
    outgoing_http: bool = Field(False, description="Whether public addresses may be called by plain HTTP.")
    outgoing_ports: str = Field("", description="Ports that may be called beside 80 and 443, with commas between.")
    doors: str = Field(
        "", description="Front doors that are open, beside GraphQL, with commas between. See docs/doors.md."
    )
    cors_origins: str = Field(
        "", description="Origins whose pages may call an open door, as https://app.example.org, with commas between."
    )
    fetch_allowed_hosts: str = Field(
        "", description="Hosts from which a picture that is given as a link may be fetched, with commas between."
    )
    webhook_allowed_networks: str = Field(
        "",
        description="Networks that are not public and that callbacks and links of doors may reach: LABELYARD_OUTGOING_NETWORKS "
        "by another name; both count.",
    )
    gcs_service_account: SecretStr | None = Field(
        None,
        description="The JSON key of the Google Cloud account by which buckets of Google Cloud Storage are read.",
    )
    plugins: PluginMode = Field(
        PluginMode.OFF,
        description="Whether plugins, code that users upload, run: off, or in a process each. See docs/plugins.md.",
    )
    plugins_network: bool = Field(
        True, description="Whether packages that plugins need are fetched from the package index."
    )
    plugins_packages: Path | None = Field(
        None, description="A directory of packages with `kili` that plugins see, so that none has to be fetched."
    )
    plugins_endpoint: str | None = Field(
        None, description="Where plugins reach this server. Default: the endpoint at the public URL."
    )
    plugins_seconds: float = Field(60.0, gt=0, le=3600, description="How long one call of a plugin may take.")
    plugins_memory_bytes: int = Field(
        1024**3, ge=128 * 1024**2, description="Memory that one call of a plugin may use with all it starts."
    )
    strict_labels: bool = Field(
        False, description="Refuse labels that break strict rules, such as a required job left out."
    )
    strict_workflows: bool = Field(
        False, description="Refuse isUsedForConsensus among the properties of assets in projects with steps."
    )
    workflow_version: WorkflowVersion = Field(WorkflowVersion.V2, description="Workflow of new projects: V1, V2 or V3.")
    page: PageMode = Field(PageMode.ON, description="The labeling page, at /label: on or off.")
    page_content_origins: str = Field(
        "",
        description="Other servers that the labeling page loads assets from, as https://storage.example.org, with commas between.",
    )
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
    log_level: LogLevel = Field(LogLevel.INFO, description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _with_home(cls, value: Path) -> Path:
        try:
            return value.expanduser()
        except RuntimeError:
            raise ValueError(f"{value} names a home directory that does not exist") from None

    @field_validator("host")
    @classmethod
    def _listenable(cls, value: str) -> str:
        bare = value.removeprefix("[").removesuffix("]") if value.startswith("[") else value
        try:
            socket.getaddrinfo(bare, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except OSError:
            raise ValueError(f"{value!r} is neither an address of this machine nor a name of one") from None
        return bare

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return None if value is None else address_of(value)

    @field_validator("other_urls")
    @classmethod
    def _addresses(cls, value: str) -> str:
        return ",".join(addresses_in(value))

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in parts_of(value):
            try:
                ipaddress.ip_network(part, strict=False)
            except ValueError:
                raise ValueError(
                    f"{part!r} is neither an address nor a network; write it like 10.0.0.1 or 10.0.0.0/8"
                ) from None
        return value

    @field_validator("doors")
    @classmethod
    def _doors(cls, value: str) -> str:
        return ",".join(names_in(value))

    @field_validator("cors_origins")
    @classmethod
    def _cors_origins(cls, value: str) -> str:
        return ",".join(origins_in(value))

    @field_validator("fetch_allowed_hosts")
    @classmethod
    def _fetch_hosts(cls, value: str) -> str:
        return ",".join(sorted(hosts_in(value)))

    @field_validator("outgoing_networks", "webhook_allowed_networks")
    @classmethod
    def _outgoing_networks(cls, value: str) -> str:
        try:
            OutgoingPolicy.of(value)
        except ValueError as error:
            raise ValueError(f"{error}; write networks like 10.0.0.0/8, with commas between") from None
        return value

    @field_validator("outgoing_ports")
    @classmethod
    def _outgoing_ports(cls, value: str) -> str:
        try:
            OutgoingPolicy.of("", ports=value)
        except ValueError as error:
            raise ValueError(f"{error}; write ports like 8443, with commas between") from None
        return value

    @field_validator("page_content_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        content_origins(value)
        return value

    @property
    def content_origins(self) -> tuple[str, ...]:
        """The origins that the labeling page loads assets from."""
        return content_origins(self.page_content_origins)

    @property
    def open_doors(self) -> tuple[str, ...]:
        """The names of the doors that are open."""
        return names_in(self.doors)

    @property
    def outgoing_policy(self) -> OutgoingPolicy:
        """Which addresses the server may call."""
        networks = f"{self.outgoing_networks},{self.webhook_allowed_networks}"
        return OutgoingPolicy.of(networks, has_http=self.outgoing_http, ports=self.outgoing_ports)

    @property
    def named_addresses(self) -> tuple[str, ...]:
        """The addresses of the server that the operator names, the usual one first."""
        others = addresses_in(self.other_urls)
        return (self.public_url, *others) if self.public_url is not None else others

    @property
    def url_host(self) -> str:
        """The host as a URL holds it and as it can be opened: IPv6 in brackets, all addresses as the loopback one."""
        if self.host == "0.0.0.0":  # noqa: S104 - compared, not listened on
            return "127.0.0.1"
        if self.host == "::":
            return "[::1]"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def load_limits(self) -> LoadLimits:
        """The limits on load."""
        return LoadLimits(
            requests_per_minute=self.requests_per_minute,
            request_burst=self.request_burst,
            organization_requests_per_minute=self.organization_requests_per_minute,
            cost_per_minute=self.cost_per_minute,
            organization_cost_per_minute=self.organization_cost_per_minute,
            anonymous_requests_per_minute=self.anonymous_requests_per_minute,
            failed_keys_per_minute=self.failed_keys_per_minute,
            running=RunningLimits(
                in_process=self.running_requests,
                per_organization=self.running_requests_per_organization,
                per_key=self.running_requests_per_key,
                waiting=self.waiting_requests,
            ),
            body_bytes_at_once=self.body_bytes_at_once,
            max_rss_bytes=self.max_rss_bytes,
        )

    @property
    def socket_limits(self) -> SocketLimits:
        """The limits on websockets."""
        return SocketLimits(per_key=self.sockets_per_key, in_process=self.sockets)


def read_settings(**options: object) -> Settings:
    """Settings from the environment, from the files it names and from options of the command, which win.

    Raises `Misconfigured` with one line for each that is unknown or cannot be.
    """
    problems = _unknown(os.environ)
    from_files, unreadable = _from_files(os.environ, options)
    problems += unreadable
    try:
        settings = Settings(**{**from_files, **options})  # type: ignore[arg-type]
    except ValidationError as error:
        problems += [_problem(problem) for problem in error.errors()]
    if problems:
        raise Misconfigured("\n".join(problems))
    return settings


def fetch_environment() -> dict[str, str]:
    """What says how this machine reaches the package index, for those who fetch packages."""
    return {name: value for name, value in os.environ.items() if name in FETCH_VARIABLES}


def _unknown(environment: Mapping[str, str]) -> list[str]:
    """A line for each variable with our prefix that is no setting: misspelled ones would be without effect."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in FROM_FILES}
    lines = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known and not name.startswith(OTHER_PREFIXES):
            # Without what all of them begin with, which would make any two alike.
            own = {each.removeprefix(PREFIX): each for each in known}
            close = difflib.get_close_matches(name.removeprefix(PREFIX), own, n=1, cutoff=0.75)
            hint = f"; did you mean {own[close[0]]}?" if close else "; docs/configuration.md lists all settings"
            lines.append(f"{name} is no setting{hint}")
    return lines


def _from_files(environment: Mapping[str, str], options: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """What files hold, without the line break at their end, and a line for each that cannot be read."""
    found: dict[str, object] = {}
    problems = []
    for name in FROM_FILES:
        variable = f"{PREFIX}{name.upper()}_FILE"
        path = environment.get(variable)
        if not path or name in options:
            continue
        if environment.get(PREFIX + name.upper()):
            problems.append(f"{variable} and {PREFIX}{name.upper()} are both set; set one of them")
            continue
        try:
            found[name] = Path(path).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            problems.append(f"{variable}: {path} cannot be read ({reason})")
        else:
            if not found[name]:
                problems.append(f"{variable}: {path} is empty")
    return found, problems


def _problem(problem: Mapping[str, object]) -> str:
    """One line for a value that is refused: the variable, what is wrong, and the value unless it may hold a secret."""
    location = problem["loc"]
    field = "_".join(str(part) for part in location) if isinstance(location, tuple) else ""
    message = str(problem["msg"])
    if problem["type"] == "value_error":  # our own validators, which name the value
        return f"{PREFIX}{field.upper()}: {message.removeprefix('Value error, ')}"
    if problem["type"] == "bool_parsing":
        message = "Input should be true or false"
    reason = message.split(", unable to ")[0]
    return f"{PREFIX}{field.upper()}: {reason}" + ("" if field in FROM_FILES else f", not {problem['input']!r}")
