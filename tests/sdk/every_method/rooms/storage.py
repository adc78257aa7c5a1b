"""Stores of the organization and what projects take from them, with an S3 server."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

CREATE = "mutation ($data: DataIntegrationData!) { data: createDataIntegration(data: $data) { id } }"
CONNECT = "mutation ($data: DataConnectionInput!) { data: addDataConnection(data: $data) { id } }"


async def a_bucket(world: World) -> Names:
    """A bucket with two pictures and a text."""
    name = world.unique("bucket")
    world.outside.store.create(name, ["one.png", "two.png", "three.txt"])
    return {
        "bucket": name,
        "endpoint": world.outside.store.endpoint,
        "name": world.unique("Store"),
        "new_name": world.unique("New"),
    }


async def an_integration(world: World) -> Names:
    made = await a_bucket(world)
    data = {
        **world.outside.store.integration(made["bucket"]),
        "name": made["name"],
        "organizationId": world.organization.id,
    }
    created = await world.send(CREATE, {"data": data})
    project = await world.project(title=world.unique("Stored"))
    return {**made, "integration": created["id"], "project": project.id}


async def a_connection(world: World) -> Names:
    made = await an_integration(world)
    data = {"integrationId": made["integration"], "projectId": made["project"]}
    created = await world.send(CONNECT, {"data": data})
    return {**made, "connection": created["id"]}


CONNECTIONS = "dataConnections(where: {projectId: $project}, first: 5, skip: 0) { dataIntegrationId numberOfAssets }"
ASSETS = "assets(where: {project: {id: $project}}, first: 50, skip: 0) { externalId }"


def integrations(name: str) -> str:
    return f"""dataIntegrations(where: {{name: {name}}}, first: 5, skip: 0) {{
      name platform s3BucketName s3Endpoint azureConnectionURL gcpBucketName s3SecretKey allowedPaths }}"""


NOTHING: dict[str, Any] = {
    "s3BucketName": None,
    "s3Endpoint": None,
    "azureConnectionURL": None,
    "gcpBucketName": None,
    "s3SecretKey": None,
    "allowedPaths": None,
}
S3 = {
    **NOTHING,
    "name": "$name",
    "platform": "CustomS3",
    "s3BucketName": "$bucket",
    "s3Endpoint": "$endpoint",
    "s3SecretKey": "***",
}
KEYS = {"access_key": "AKIA-the-access-key", "secret_key": "a-secret-that-nobody-sees"}


def created(after: dict[str, Any]) -> dict[str, Any]:
    return {"given": a_bucket, "read": integrations("$name"), "before": [], "after": [after]}


def unreachable() -> dict[str, Any]:
    return {
        "given": a_bucket,
        "read": integrations("$name"),
        "before": [],
        "refused": "[storage",
        "reason": "The server calls the store before it keeps the integration, and this one is in somebody's cloud.",
    }


ROWS: list[Row] = [
    row(
        "create_cloud_storage_integration 2.160.0..",
        call={
            "platform": "CustomS3",
            "name": "$name",
            "s3_endpoint": "$endpoint",
            "s3_bucket_name": "$bucket",
            "s3_region": "us-east-1",
            "s3_access_key": "AKIA-the-access-key",
            "s3_secret_key": "a-secret-that-nobody-sees",
        },
        **created(S3),
    ),
    row(
        "domain:storages.integrations.create_s3",
        call=dict(name="$name", endpoint="$endpoint", bucket_name="$bucket", region="us-east-1", **KEYS),
        **created(S3),
    ),
    row(
        "domain:storages.integrations.create_aws",
        call=dict(name="$name", bucket_name="yard", region="eu-west-1", **KEYS),
        **unreachable(),
    ),
    row(
        "domain:storages.integrations.create_azure",
        call={"name": "$name", "connection_url": "https://yard.blob.core.windows.net/one", "sas_token": "sv=1&sig=2"},
        **unreachable(),
    ),
    row("domain:storages.integrations.create_gcp", call={"name": "$name", "bucket_name": "yard"}, **unreachable()),
    row(
        "update_cloud_storage_integration 2.160.0..",
        given=an_integration,
        call={"cloud_storage_integration_id": "$integration", "name": "$new_name", "allowed_paths": ["one"]},
        read=integrations("$new_name"),
        before=[],
        after=[{**S3, "name": "$new_name", "allowedPaths": ["one"]}],
    ),
    row(
        "domain:storages.integrations.update",
        given=an_integration,
        call={"integration_id": "$integration", "name": "$new_name", "allowed_paths": ["one"]},
        read=integrations("$new_name"),
        before=[],
        after=[{**S3, "name": "$new_name", "allowedPaths": ["one"]}],
    ),
    row(
        "delete_cloud_storage_integration 2.160.0..",
        given=an_integration,
        call={"cloud_storage_integration_id": "$integration"},
        read=integrations("$name"),
        before=[S3],
        after=[],
    ),
    row(
        "domain:storages.integrations.delete",
        given=an_integration,
        call={"integration_id": "$integration"},
        read=integrations("$name"),
        before=[S3],
        after=[],
    ),
    row(
        "cloud_storage_integrations 2.140.0..",
        given=an_integration,
        call={"name": "$name", "fields": ["id", "name"]},
        answer=[{"id": "$integration", "name": "$name"}],
    ),
    row(
        "domain:storages.integrations.list",
        "domain:storages.integrations.list_as_generator",
        given=an_integration,
        call={"filter": {"name": "$name"}, "fields": ["id", "name"]},
        answer=[{"id": "$integration", "name": "$name"}],
    ),
    row("count_cloud_storage_integrations 2.140.0..", given=an_integration, call={"name": "$name"}, answer=1),
    row("domain:storages.integrations.count", given=an_integration, call={"filter": {"name": "$name"}}, answer=1),
    row(
        "add_cloud_storage_connection 2.140.0..",
        "domain:storages.connections.create",
        given=an_integration,
        call={"project_id": "$project", "cloud_storage_integration_id": "$integration"},
        read=CONNECTIONS,
        before=[],
        after=[{"dataIntegrationId": "$integration", "numberOfAssets": 0}],
    ),
    row(
        "cloud_storage_connections 2.140.0..",
        given=a_connection,
        call={"project_id": "$project", "fields": ["id", "numberOfAssets"]},
        answer=[{"id": "$connection", "numberOfAssets": 0}],
    ),
    row(
        "domain:storages.connections.list",
        "domain:storages.connections.list_as_generator",
        given=a_connection,
        call={"filter": {"project_id": "$project"}, "fields": ["id", "numberOfAssets"]},
        answer=[{"id": "$connection", "numberOfAssets": 0}],
    ),
    row(
        "synchronize_cloud_storage_connection 2.140.0..",
        given=a_connection,
        call={"cloud_storage_connection_id": "$connection"},
        read=ASSETS,
        before=[],
        after=[{"externalId": "one.png"}, {"externalId": "two.png"}],
        answer={"numberOfAssets": 2, "projectId": "$project"},
    ),
    row(
        "domain:storages.connections.sync",
        given=a_connection,
        call={"connection_id": "$connection"},
        read=ASSETS,
        before=[],
        after=[{"externalId": "one.png"}, {"externalId": "two.png"}],
    ),
]
