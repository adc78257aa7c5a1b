"""Cloud storage of organizations as clients see it: never with its credentials."""

from typing import Any

import strawberry

from labelyard.domain.data_integration import MASKED
from labelyard.resolvers.enumeration import DataIntegrationPlatform, DataIntegrationStatus
from labelyard.resolvers.object_type import column, constant, expression, object_type


def masked(name: str) -> Any:
    """`***` in place of a credential, null when there is none."""
    return expression(f"(case when '{name}' = any({{t}}.secret_names) then '{MASKED}' end)")


@object_type("data_integration")
class DataIntegration:
    """Cloud storage of an organization. Credentials are masked."""

    id: strawberry.ID
    allowedPaths: list[str] | None
    allowedProjects: list[str] | None
    awsAccessPointARN: str | None = column("aws_access_point_arn")
    awsRoleARN: str | None = constant(None)
    awsRoleExternalId: str | None = constant(None)
    azureConnectionURL: str | None = column("azure_connection_url")
    azureIsUsingServiceCredentials: bool | None = constant(False)
    azureSASToken: str | None = masked("azureSASToken")
    azureTenantId: str | None
    gcpBucketName: str | None
    includeRootFiles: str | None
    internalProcessingAuthorized: str | None
    name: str | None
    organizationId: strawberry.ID | None
    platform: DataIntegrationPlatform | None
    s3AccessKey: str | None = masked("s3AccessKey")
    s3BucketName: str | None = column("s3_bucket_name")
    s3Endpoint: str | None = column("s3_endpoint")
    s3Region: str | None = column("s3_region")
    s3SecretKey: str | None = masked("s3SecretKey")
    s3SessionToken: str | None = masked("s3SessionToken")
    status: DataIntegrationStatus | None
