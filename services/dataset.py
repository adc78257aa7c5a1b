"""Datasets: assets that an organization keeps, from which its projects take theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labelyard.domain.error import BadUserInput, Conflict, Forbidden, NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.domain.project import input_type_of
from labelyard.domain.text import MAX_EXTERNAL_ID, MAX_NAME, email_of, within
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import Content, json_content_of, store_contents
from labelyard.services.asset.file import names_files
from labelyard.services.asset.import_check import CheckedImport, check_assets, check_import
from labelyard.services.asset.importing import import_assets
from labelyard.services.asset.metadata import read_all_metadata
from labelyard.services.asset.update import check_pairs
from labelyard.services.guard import authorize
from labelyard.services.identity import new_id
from labelyard.services.user import known_by_email
from labelyard.storage import dataset as rows
from labelyard.storage.database import Database, Row, Writer
from labelyard.storage.file_access import held_elsewhere
from labelyard.storage.filter.condition import bounded
from labelyard.storage.filter.dataset import dataset_asset_filter
from labelyard.storage.project import interface_of

ANY_TYPE = "NA"


def dataset_name_of(text: str) -> str:
    """A name of a dataset."""
    return within(text, name="The name of a dataset", limit=MAX_NAME, least=1)


async def create_dataset(connection: Writer, actor: Actor, *, name: str, asset_type: str) -> str:
    """Add a dataset, which its creator sees, and answer its id."""
    identifier = new_id()
    values = {
        "id": identifier,
        "organization_id": actor.organization_id,
        "owner_id": actor.user_id,
        "name": dataset_name_of(name),
        "type": input_type_of(asset_type),
    }
    await rows.insert_dataset(connection, values)
    return identifier


async def update_dataset(
    connection: Writer, actor: Actor, dataset_id: str, *, name: str | None, asset_type: str | None
) -> None:
    """Change the name or the type of a dataset; the type stays once there are assets."""
    checked = dataset_name_of(name) if name is not None else None
    chosen = input_type_of(asset_type) if asset_type is not None else None
    dataset = _visible(await rows.hold_dataset(connection, dataset_id, actor), dataset_id)
    if chosen is not None and chosen != dataset["type"] and dataset["has_assets"]:
        raise BadUserInput(
            f"Dataset {dataset_id} has assets of type {dataset['type']}, so its type cannot become {chosen}; create a new "
            "dataset for them.",
            field="assetType",
        )
    await rows.update_dataset(connection, dataset_id, name=checked, type=chosen)


async def require_dataset(database: Database, actor: Actor, dataset_id: str) -> None:
    """Refuse a dataset that the person does not see."""
    async with database.reader() as connection:
        _visible(await rows.own_dataset(connection, dataset_id, actor), dataset_id)


async def delete_dataset(connection: Writer, actor: Actor, dataset_id: str) -> None:
    """Remove a dataset with its assets; assets that projects have made of them stay."""
    _require_owner(actor, _visible(await rows.hold_dataset(connection, dataset_id, actor), dataset_id))
    await rows.remove_dataset(connection, dataset_id)


async def add_dataset_user(connection: Writer, actor: Actor, dataset_id: str, email: str) -> None:
    """Let a person of the organization see and change a dataset."""
    _require_owner(actor, _visible(await rows.hold_dataset(connection, dataset_id, actor), dataset_id))
    user = await known_by_email(connection, actor, email_of(email))
    if user is None or not user["activated"]:
        raise NotFound(
            f"[notFound] You see no active user {email!r} of the organization; createUser adds one.", email=email
        )
    await rows.insert_dataset_user(connection, dataset_id, user["id"])


async def remove_dataset_user(connection: Writer, actor: Actor, dataset_id: str, email: str) -> None:
    """Take a dataset from one of its users; everybody may leave one themselves."""
    dataset = _visible(await rows.hold_dataset(connection, dataset_id, actor), dataset_id)
    address = email_of(email)
    if address != actor.email:
        _require_owner(actor, dataset)
    user = await known_by_email(connection, actor, address)
    if user is None or not await rows.delete_dataset_user(connection, dataset_id, user["id"]):
        raise NotFound(f"[notFound] Dataset {dataset_id} has no user {email!r} that you see.", email=email)


async def check_new_dataset_assets(
    database: Database, app_services: AppServices, actor: Actor, dataset_id: str, arrays: Mapping[str, Sequence[Any]]
) -> CheckedImport:
    """Check assets for a dataset and store their files; none has been written yet."""
    await require_dataset(database, actor, dataset_id)
    return await check_assets(database, app_services, actor, dataset_id, arrays)


async def add_dataset_assets(connection: Writer, dataset_id: str, checked: CheckedImport) -> None:
    """Write all assets that have been checked, or none."""
    _visible(await rows.hold_dataset(connection, dataset_id, checked.actor), dataset_id)
    contents = [*checked.contents, *checked.json_contents]
    await _require_own_files(connection, [(one.blob_id, dataset_id) for one in contents])
    await rows.insert_dataset_assets(
        connection,
        [
            (
                identifier,
                dataset_id,
                external_id,
                content.text,
                content.blob_id,
                json_content.text,
                json_content.blob_id,
                metadata,
            )
            for identifier, external_id, content, json_content, metadata in zip(
                checked.ids,
                checked.external_ids,
                checked.contents,
                checked.json_contents,
                checked.metadata,
                strict=True,
            )
        ],
    )


async def delete_dataset_assets(connection: Writer, actor: Actor, where: Mapping[str, Any]) -> None:
    """Remove the assets of datasets that a filter names; ids that the person does not see are refused."""
    dataset_id = where.get("dataset", {}).get("id")
    ids = set(where.get("idIn", ())) | ({where["id"]} if "id" in where else set())
    if not ids and dataset_id is None:
        raise BadUserInput("Name the assets to delete: `where: {idIn: […]}` or `assetIds`.", field="where")
    if dataset_id is not None:
        _visible(await rows.hold_dataset(connection, dataset_id, actor), dataset_id)
    chosen = await rows.dataset_asset_ids(connection, dataset_asset_filter(where), actor)
    _require_all(ids, chosen)
    await rows.remove_dataset_assets(connection, chosen)


@dataclass(frozen=True, slots=True)
class DatasetAssetChange:
    """The checked change of one asset of a dataset: columns by name."""

    id: str
    columns: Mapping[str, Any]


async def check_dataset_asset_changes(
    database: Database,
    app_services: AppServices,
    actor: Actor,
    ids: Sequence[str],
    changes: Sequence[Mapping[str, Any]],
) -> list[DatasetAssetChange]:
    """Check changes of assets of datasets and store their new files."""
    check_pairs(ids, changes, limit=app_services.max_items)
    if len(set(ids)) < len(ids):
        raise BadUserInput("Each asset is changed once in a call; `where` names one of them twice.", field="where")
    async with database.reader() as connection:
        _require_all(ids, await rows.dataset_asset_ids(connection, dataset_asset_filter({"idIn": ids}), actor))
    await read_all_metadata([change["jsonMetadata"] for change in changes if "jsonMetadata" in change])
    json_texts = [json_content_of(change.get("jsonContent", "")) for change in changes]
    if names_files(json_texts):
        raise BadUserInput(
            "The JSON content of an asset in a dataset cannot name uploaded files; give it as an uploaded document, or import "
            "such assets into a project.",
            field="jsonContent",
        )
    contents = await store_contents(database, app_services, actor, [change.get("content", "") for change in changes])
    json_contents = await store_contents(database, app_services, actor, json_texts)
    return [
        DatasetAssetChange(identifier, _columns(change, content, json_content))
        for identifier, change, content, json_content in zip(ids, changes, contents, json_contents, strict=True)
    ]


def _columns(change: Mapping[str, Any], content: Content, json_content: Content) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if "externalId" in change:
        columns["external_id"] = within(change["externalId"], name="An external id", limit=MAX_EXTERNAL_ID, least=1)
    if "jsonMetadata" in change:
        columns["json_metadata"] = change["jsonMetadata"] or "{}"
    if "content" in change:
        columns |= {"content": content.text, "content_blob_id": content.blob_id}
    if "jsonContent" in change:
        columns |= {"json_content": json_content.text, "json_content_blob_id": json_content.blob_id}
    return columns


async def change_dataset_assets(connection: Writer, actor: Actor, changes: Sequence[DatasetAssetChange]) -> None:
    """Write changes that have been checked, all or none."""
    ids = [change.id for change in changes]
    before = await rows.dataset_assets_for_update(connection, ids, actor)
    _require_all(ids, before)
    changed = [{**before[change.id], **change.columns} for change in changes]
    await _require_own_files(connection, [(row[name], row["dataset_id"]) for row in changed for name in rows.FILES])
    await rows.update_dataset_assets(connection, list(before.values()), changed)


@dataclass(frozen=True, slots=True)
class CheckedAppending:
    """Assets of datasets that a project is to have."""

    sources: Sequence[Row]
    checked: CheckedImport | None


async def check_appending(
    database: Database,
    app_services: AppServices,
    actor: Actor,
    project_id: str,
    *,
    dataset_ids: Sequence[str],
    asset_ids: Sequence[str],
) -> CheckedAppending:
    """Check which assets of datasets a project is to have; those that it has already are left out."""
    await authorize(database, actor, Action.CHANGE_ASSETS, project_id)
    if not dataset_ids and not asset_ids:
        raise BadUserInput("Name the assets to add, with datasetIds or datasetAssetIds.", field="datasetIds")
    limit = app_services.max_imported
    bounded(asset_ids)
    async with database.reader() as connection:
        known = await rows.visible_datasets(connection, bounded(dataset_ids), actor)
        for dataset_id in dataset_ids:
            if dataset_id not in known:
                raise _unknown(dataset_id)
        found = await rows.dataset_assets_to_append(
            connection, actor, dataset_ids=dataset_ids, asset_ids=asset_ids, limit=limit + 1
        )
        present = await rows.appended_already(connection, project_id, [row["id"] for row in found])
        project = await interface_of(connection, project_id)
    if len(found) > limit:
        raise BadUserInput(
            f"[tooManyItems] One call adds at most {limit:,} assets; name some of them with datasetAssetIds.",
            limit=limit,
        )
    _require_all(asset_ids, {row["id"] for row in found})
    sources = [row for row in found if row["id"] not in present]
    for row in sources:
        if project is not None and row["type"] not in (ANY_TYPE, project["input_type"]):
            raise BadUserInput(
                f"Project {project_id} has assets of type {project['input_type']}, and dataset {row['dataset_id']} those of "
                f"type {row['type']}.",
                field="datasetIds",
            )
    checked = None
    if sources:
        arrays = _arrays(app_services, actor, sources)
        # What inline JSON names is no file of the dataset, and its users must not have it opened by who adds the assets.
        checked = replace(await check_import(database, app_services, actor, project_id, arrays), files=[])
    return CheckedAppending(sources, checked)


async def append_to_project(connection: Writer, appending: CheckedAppending) -> None:
    """Write assets of datasets into a project, all or none."""
    sources = appending.sources
    if appending.checked is None:
        return
    held = await rows.hold_dataset_assets(connection, [row["id"] for row in sources])
    if any(held.get(row["id"]) != row["updated_at"] for row in sources):
        raise Conflict("Somebody has just changed one of these assets of datasets; nothing was added. Try again.")
    ids = await import_assets(connection, appending.checked)
    await rows.link_to_datasets(connection, ids, [row["id"] for row in sources])


def _arrays(app_services: AppServices, actor: Actor, sources: Sequence[Row]) -> dict[str, list[str]]:
    """Assets of datasets as a client would import them: files by links to them."""
    now = app_services.now()

    def content(blob_id: str | None, text: str) -> str:
        if blob_id is None:
            return text
        return app_services.links.download_url(
            blob_id=blob_id, organization_id=actor.organization_id, user_id=actor.user_id, now=now
        )

    return {
        "contentArray": [content(row["content_blob_id"], row["content"]) for row in sources],
        "externalIDArray": [row["external_id"] for row in sources],
        "jsonContentArray": [content(row["json_content_blob_id"], row["json_content"]) for row in sources],
        "jsonMetadataArray": [row["json_metadata"] for row in sources],
    }


def _visible(dataset: Row | None, dataset_id: str) -> Row:
    if dataset is None:
        raise _unknown(dataset_id)
    return dataset


def _require_owner(actor: Actor, dataset: Row) -> None:
    """Refuse other users of a dataset what would take it from somebody."""
    if dataset["owner_id"] != actor.user_id and not actor.is_organization_admin:
        raise Forbidden(
            f"[accessDenied] Who uses dataset {dataset['id']}, and whether it stays, is said by who created it and by administrators "
            "of the organization; ask one of them.",
            datasetId=dataset["id"],
        )


async def _require_own_files(connection: Writer, pairs: Sequence[tuple[str | None, str]]) -> None:
    """Refuse files, given with the dataset that is to hold them, that are held anywhere else: its users would go on to read them."""
    held = await held_elsewhere(
        connection, [(blob_id, dataset_id) for blob_id, dataset_id in pairs if blob_id is not None]
    )
    if held:
        raise BadUserInput(
            f"[fileInUse] File {held[0]} is one of a project or of another dataset; upload it again for this dataset.",
            fileId=held[0],
        )


def _unknown(dataset_id: str) -> NotFound:
    return NotFound(
        f"[notFound] No dataset {dataset_id!r} is visible to you; datasets lists those that are.", datasetId=dataset_id
    )


def _require_all(ids: Collection[str], found: Collection[str]) -> None:
    """Refuse ids of assets that are not among those that the person sees."""
    missing = sorted(set(ids) - set(found))
    if missing:
        raise NotFound(
            f"[notFound] No asset {missing[0]!r} of a dataset is visible to you; datasetAssets lists those that are.",
            datasetAssetId=missing[0],
        )
