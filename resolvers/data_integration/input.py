"""What clients send about this room."""

import strawberry

from labelyard.resolvers.enumeration import DataIntegrationPlatform, DataIntegrationStatus


@strawberry.input
class DataIntegrationWhere:
    """Which integrations; with `projectId` or `integrationId`, which connections of projects."""

    id: strawberry.ID | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    organizationId: strawberry.ID | None = strawberry.UNSET
    platform: DataIntegrationPlatform | None = strawberry.UNSET
    status: DataIntegrationStatus | None = strawberry.UNSET
    projectId: strawberry.ID | None = strawberry.UNSET
    integrationId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class DataIntegrationData:
    """Cloud storage of an organization, to add or to change."""

    allowedPaths: list[str] | None = strawberry.UNSET
    allowedProjects: list[str] | None = strawberry.UNSET
    awsAccessPointARN: str | None = strawberry.UNSET
    awsRoleARN: str | None = strawberry.UNSET
    awsRoleExternalId: str | None = strawberry.UNSET
    azureConnectionURL: str | None = strawberry.UNSET
    azureIsUsingServiceCredentials: bool | None = strawberry.UNSET
    azureSASToken: str | None = strawberry.UNSET
    azureTenantId: str | None = strawberry.UNSET
    gcpBucketName: str | None = strawberry.UNSET
    includeRootFiles: str | None = strawberry.UNSET
    internalProcessingAuthorized: str | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    organizationId: strawberry.ID | None = strawberry.UNSET
    platform: DataIntegrationPlatform | None = strawberry.UNSET
    s3AccessKey: str | None = strawberry.UNSET
    s3BucketName: str | None = strawberry.UNSET
    s3Endpoint: str | None = strawberry.UNSET
    s3Region: str | None = strawberry.UNSET
    s3SecretKey: str | None = strawberry.UNSET
    s3SessionToken: str | None = strawberry.UNSET
    status: DataIntegrationStatus | None = strawberry.UNSET
