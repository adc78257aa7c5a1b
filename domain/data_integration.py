"""Cloud storage of an organization: what says where a store is and how it is read, checked as far as it can be without asking it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from labelyard.domain.error import BadUserInput
from labelyard.domain.outgoing import AddressRefused, target_of
from labelyard.domain.text import MAX_NAME, MAX_URL, within

MASKED: Final = "***"
MAX_SECRET: Final = 8_192
MAX_PATHS: Final = 100
MAX_PATH: Final = 1_024
DEFAULT_REGION: Final = "us-east-1"
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
REGION = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
ACCESS_POINT = re.compile(r"arn:(aws[a-z-]*):s3:([a-z0-9-]{1,40}):([0-9]{12}):accesspoint[:/]([a-z0-9-]{1,63})")
AZURE_DOMAIN: Final = ".blob.core.windows.net"
# A line break in a header would be another header.
PRINTABLE = re.compile(r"[\x21-\x7e]+")

SECRETS: Final = ("azureSASToken", "s3AccessKey", "s3SecretKey", "s3SessionToken")
COLUMNS: Final[Mapping[str, str]] = {
    "allowedPaths": "allowed_paths",
    "allowedProjects": "allowed_projects",
    "awsAccessPointARN": "aws_access_point_arn",
    "azureConnectionURL": "azure_connection_url",
    "azureTenantId": "azure_tenant_id",
    "gcpBucketName": "gcp_bucket_name",
    "includeRootFiles": "include_root_files",
    "internalProcessingAuthorized": "internal_processing_authorized",
    "name": "name",
    "platform": "platform",
    "s3BucketName": "s3_bucket_name",
    "s3Endpoint": "s3_endpoint",
    "s3Region": "s3_region",
}
"""The columns of what is no secret, by its name in the schema."""


class Platform(StrEnum):
    """Kinds of cloud storage, as they are stored."""

    AWS = "AWS"
    AZURE = "Azure"
    GCP = "GCP"
    CUSTOM_S3 = "CustomS3"


class StoreKind(StrEnum):
    """Protocols of stores."""

    S3 = "S3"
    AZURE = "AZURE"
    GCS = "GCS"


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where a store is and how it is read. `endpoint` is the URL that requests begin with; None for that of Google."""

    kind: StoreKind
    bucket: str
    endpoint: str | None = None
    region: str = ""
    account: str = ""
    is_bucket_in_endpoint: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def checked_integration(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The columns and the secrets that a client sends."""
    _refuse_unserved(data)
    columns = {column: data[name] for name, column in COLUMNS.items() if name in data}
    if "name" in columns:
        within(columns["name"], name="The name of an integration", limit=MAX_NAME, least=1)
    if "platform" in columns:
        columns["platform"] = platform_of(str(columns["platform"])).value
    if "allowed_paths" in columns:
        columns["allowed_paths"] = paths_of(columns["allowed_paths"], field="allowedPaths")
    if "allowed_projects" in columns:
        columns["allowed_projects"] = list(dict.fromkeys(columns["allowed_projects"]))
    for name in ("azureConnectionURL", "s3Endpoint"):
        if data.get(name):
            within(data[name], name=f"`{name}`", limit=MAX_URL)
    for column in ("azure_tenant_id", "include_root_files", "internal_processing_authorized"):
        if column in columns:
            within(columns[column], name=f"`{column}`", limit=MAX_NAME)
    secrets = {name: _secret(name, data[name]) for name in SECRETS if name in data}
    return columns, secrets


def platform_of(text: str) -> Platform:
    """A platform in either spelling of Azure."""
    return Platform.AZURE if text == "AZURE" else Platform(text)


def paths_of(paths: list[str], *, field: str) -> list[str]:
    """Paths or patterns of paths: a bounded number of them, of bounded length."""
    if len(paths) > MAX_PATHS:
        raise BadUserInput(
            f"`{field}` has at most {MAX_PATHS} entries, not {len(paths)}.", field=field, limit=MAX_PATHS
        )
    for path in paths:
        within(path, name=f"An entry of `{field}`", limit=MAX_PATH, least=1)
        if "\0" in path:
            raise BadUserInput(f"An entry of `{field}` holds a NUL character.", field=field)
    return list(dict.fromkeys(paths))


def address_of(columns: Mapping[str, Any], secrets: Mapping[str, str]) -> StoreAddress:
    """Where a store is; what is missing or cannot be is refused by its name."""
    platform = Platform(columns["platform"])
    if platform is Platform.AZURE:
        return _azure(columns.get("azure_connection_url") or "", secrets)
    if platform is Platform.GCP:
        return StoreAddress(StoreKind.GCS, _bucket(columns.get("gcp_bucket_name"), "gcpBucketName"))
    return _s3(platform, columns, secrets)


def _s3(platform: Platform, columns: Mapping[str, Any], secrets: Mapping[str, str]) -> StoreAddress:
    for name in ("s3AccessKey", "s3SecretKey"):
        if not secrets.get(name):
            raise _missing(name, "the store is read with an access key and its secret")
    region = columns.get("s3_region") or DEFAULT_REGION
    if not REGION.fullmatch(region):
        raise BadUserInput(f"`s3Region` is a region such as eu-west-1, not {region!r}.", field="s3Region")
    own = {name: secrets[name] for name in ("s3AccessKey", "s3SecretKey", "s3SessionToken") if secrets.get(name)}
    if arn := columns.get("aws_access_point_arn"):
        point = ACCESS_POINT.fullmatch(arn)
        if point is None:
            raise BadUserInput(
                f"`awsAccessPointARN` is written like arn:aws:s3:eu-west-1:123456789012:accesspoint/name, not {arn!r}.",
                field="awsAccessPointARN",
            )
        suffix = "amazonaws.com.cn" if point[1] == "aws-cn" else "amazonaws.com"
        endpoint = f"https://{point[4]}-{point[3]}.s3-accesspoint.{point[2]}.{suffix}"
        return StoreAddress(StoreKind.S3, point[4], endpoint, point[2], is_bucket_in_endpoint=True, secrets=own)
    bucket = _bucket(columns.get("s3_bucket_name"), "s3BucketName")
    endpoint = columns.get("s3_endpoint") or ""
    if platform is Platform.CUSTOM_S3 and not endpoint:
        raise _missing("s3Endpoint", "a store of your own is found by its URL")
    if endpoint:
        return StoreAddress(StoreKind.S3, bucket, _url(endpoint, "s3Endpoint"), region, secrets=own)
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return StoreAddress(StoreKind.S3, bucket, f"https://s3.{region}.{suffix}", region, secrets=own)


def _azure(url: str, secrets: Mapping[str, str]) -> StoreAddress:
    if not url:
        raise _missing(
            "azureConnectionURL", f"the container is found by its URL, such as https://account{AZURE_DOMAIN}/container"
        )
    if not secrets.get("azureSASToken"):
        raise _missing("azureSASToken", "the container is read with a SAS token that may list and read")
    target = urlsplit(_url(url, "azureConnectionURL"))
    *before, container = [part for part in target.path.split("/") if part] or [""]
    if len(before) > 1 or not BUCKET.fullmatch(container.lstrip("$")):
        raise BadUserInput(
            f"`azureConnectionURL` is the URL of a container, such as https://account{AZURE_DOMAIN}/container, not {url!r}.",
            field="azureConnectionURL",
        )
    account = before[0] if before else str(target.hostname).partition(".")[0]
    endpoint = f"{target.scheme}://{target.netloc}" + (f"/{before[0]}" if before else "")
    token = secrets["azureSASToken"].removeprefix("?")
    return StoreAddress(StoreKind.AZURE, container, endpoint, account=account, secrets={"azureSASToken": token})


def _url(text: str, name: str) -> str:
    try:
        target = target_of(text)
    except AddressRefused as error:
        raise BadUserInput(f"`{name}` cannot be used: {error.reason}.", field=name) from error
    if "?" in target.path or "#" in text:
        raise BadUserInput(f"`{name}` has no query and no fragment.", field=name)
    return text.rstrip("/")


def _bucket(name: Any, field: str) -> str:
    if not name:
        raise _missing(field, "it names the bucket")
    if not BUCKET.fullmatch(name):
        raise BadUserInput(
            f"`{field}` is the name of a bucket, of letters, digits, dots, hyphens and underscores, not {name!r}.",
            field=field,
        )
    return str(name)


def _secret(name: str, value: str) -> str:
    within(value, name=f"`{name}`", limit=MAX_SECRET)
    if value == MASKED:
        raise BadUserInput(f"`{name}` is shown masked; leave it out to keep it, or give a new one.", field=name)
    if value and not PRINTABLE.fullmatch(value):
        raise BadUserInput(f"`{name}` has printable ASCII characters and no spaces.", field=name)
    return value


def _missing(name: str, reason: str) -> BadUserInput:
    return BadUserInput(f"Give `{name}`: {reason}.", field=name)


def _refuse_unserved(data: Mapping[str, Any]) -> None:
    """Refuse credentials that stand for an identity of the server in somebody's cloud: it has none."""
    for name in ("awsRoleARN", "awsRoleExternalId"):
        if data.get(name):
            raise BadUserInput(
                f"`{name}` cannot be used: this server has no AWS account to take on roles with. "
                "Give s3AccessKey and s3SecretKey of a user who may list and read the bucket.",
                field=name,
            )
    if data.get("azureIsUsingServiceCredentials"):
        raise BadUserInput(
            "`azureIsUsingServiceCredentials` cannot be used: this server has no service account on Azure. "
            "Leave it out and give azureSASToken; the server lists the container itself.",
            field="azureIsUsingServiceCredentials",
        )
