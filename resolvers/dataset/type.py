"""Datasets as clients see them."""

from typing import TYPE_CHECKING, Annotated, Any

import orjson
import strawberry

from labelyard.resolvers.asset.type import Asset, file_or_text
from labelyard.resolvers.enumeration import InputType
from labelyard.resolvers.object_type import computed, constant, expression, json, object_type, to_many
from labelyard.resolvers.scalar import JSON, DateTime

if TYPE_CHECKING:
    from labelyard.resolvers.user.type import User

ORGANIZATION = "(select d.organization_id from dataset d where d.id = {t}.dataset_id)"


def inline_json(_call: Any, text: str) -> Any:
    """JSON that was given inline; null when a URL or nothing was."""
    return orjson.Fragment(text) if text[:1] in ("{", "[") else None


@object_type("dataset_asset")
class DatasetAsset:
    """An asset of a dataset, of which projects may make assets of their own."""

    id: strawberry.ID
    assets: list[Asset] | None = to_many(
        "Asset", matches="dl.dataset_asset_id", join="join dataset_link dl on dl.asset_id = {r}.id"
    )
    content: str | None = computed(file_or_text, ORGANIZATION, "{t}.content_blob_id", "{t}.content")
    contentJson: JSON | None = computed(inline_json, "{t}.json_content")
    contentJsonCompute: JSON | None = computed(inline_json, "{t}.json_content")
    createdAt: DateTime | None
    externalId: str | None
    jsonContent: str | None = computed(file_or_text, ORGANIZATION, "{t}.json_content_blob_id", "{t}.json_content")
    jsonMetadata: str | None
    metadata: JSON | None = json("{t}.json_metadata")
    metadataCompute: JSON | None = json("{t}.json_metadata")
    thumbnail: str | None = constant(None)
    thumbnailCompute: str | None = constant(None)
    updatedAt: DateTime | None


@object_type("dataset")
class Dataset:
    """Assets that an organization keeps apart from projects."""

    id: strawberry.ID
    assets: list[DatasetAsset] | None = to_many("DatasetAsset", matches="{r}.dataset_id", size=20)
    createdAt: DateTime | None
    name: str | None
    numberOfAssets: int | None = expression("(select count(*)::int from dataset_asset da where da.dataset_id = {t}.id)")
    projectId: strawberry.ID | None = constant(None)
    type: InputType | None
    updatedAt: DateTime | None
    users: list[Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")]] | None = to_many(
        "User", matches="du.dataset_id", join="join dataset_user du on du.user_id = {r}.id"
    )
