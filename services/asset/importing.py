"""Writing the assets of a checked import."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from labelyard.domain.error import Conflict, NotFound
from labelyard.domain.identifier import kept_id
from labelyard.domain.workflow import CONSENSUS, AssetState, Status, Workflow, first_state, is_drawn
from labelyard.services.apart import APART_FROM_ITEMS, apart
from labelyard.services.asset.import_check import CheckedImport
from labelyard.services.guard import refuse_archived
from labelyard.services.workflow.state import workflow_of
from labelyard.storage.asset import existing_external_ids, insert_assets
from labelyard.storage.asset_file import link_files
from labelyard.storage.database import COLLIDED, Writer
from labelyard.storage.kept_id import keep_ids, taken_ids
from labelyard.storage.label import workflow_row
from labelyard.storage.project import hold_project

ATTEMPTS: Final = 4
PAUSE_SECONDS: Final = 0.05
SAMPLED: Final = 16
"""So many external ids are looked at before assets are written: a batch that is sent twice costs no more than that."""


async def import_assets(connection: Writer, checked: CheckedImport) -> list[str]:
    """Write all assets of an import, or none: an id or external id that is taken refuses the whole batch.

    Whether one is taken is asked only when the database says so: asking for each would take as long as writing them.
    """
    project = await hold_project(connection, checked.project_id)
    refuse_archived(checked.project_id, project["archived_at"])
    every = max(1, len(checked.external_ids) // SAMPLED)
    if await existing_external_ids(connection, checked.project_id, checked.external_ids[::every]):
        await _refuse_taken(connection, checked)
    # An organization that keeps ids in another form has two forms to look for.
    chosen = checked
    if "idArray" in checked.arrays and checked.actor.has_kept_ids:
        checked = await _with_free_ids(connection, chosen)
    settings = await workflow_row(connection, checked.project_id)
    if settings is None:
        raise NotFound(f"[notFound] No project {checked.project_id!r} is visible to you.")
    workflow, coverage = workflow_of(settings), project["consensus_tot_coverage"]
    for attempt in range(ATTEMPTS):
        broken = await _insert(connection, checked, workflow, coverage)
        if broken is None:
            break
        if broken == COLLIDED:
            # The other import goes on now, and is about to commit.
            await asyncio.sleep(PAUSE_SECONDS * 2**attempt)
        await _refuse_taken(connection, checked)
        if "idArray" in checked.arrays:
            checked = await _with_free_ids(connection, chosen)
    else:
        raise Conflict(
            "[externalIdTaken] Another import has just taken one of these ids; nothing of this batch was imported.",
            constraint=broken,
        )
    await link_files(connection, checked.files)
    return checked.ids


async def _insert(
    connection: Writer, checked: CheckedImport, workflow: Workflow, consensus_coverage: int
) -> str | None:
    """Add the assets; answers the unique constraint that they break."""
    is_long = len(checked.ids) > APART_FROM_ITEMS
    columns = await apart(is_long, _columns, checked, workflow, consensus_coverage=consensus_coverage)
    return await insert_assets(connection, columns)


async def _refuse_taken(connection: Writer, checked: CheckedImport) -> None:
    """Refuse external ids that the project has, all of them by name."""
    taken = await existing_external_ids(connection, checked.project_id, checked.external_ids)
    if taken:
        raise Conflict(
            f"[externalIdTaken] {len(taken)} of these external ids exist in the project already, the first is {taken[0]!r}; "
            "nothing of this batch was imported. Leave them out, or give other external ids.",
            duplicates=taken,
        )


async def _with_free_ids(connection: Writer, checked: CheckedImport) -> CheckedImport:
    """The import with ids that are free. An id that the organization has already is refused, in whatever project; one of
    another organization looks free: its new owner keeps the asset in another form.
    """
    forms = {identifier: kept_id(identifier, checked.actor.organization_id) for identifier in checked.ids}
    taken = await taken_ids(connection, [*forms, *forms.values()], checked.actor)
    known = [identifier for identifier, form in forms.items() if taken.get(identifier) or form in taken]
    if known:
        raise Conflict(f"Asset id {known[0]!r} exists already; nothing of this batch was imported.", duplicates=known)
    if not taken:
        return checked
    await keep_ids(connection, checked.actor.organization_id)
    chosen = {identifier: form if identifier in taken else identifier for identifier, form in forms.items()}
    return replace(
        checked,
        ids=[chosen[identifier] for identifier in checked.ids],
        files=[(chosen[identifier], file_id) for identifier, file_id in checked.files],
    )


def _columns(checked: CheckedImport, workflow: Workflow, *, consensus_coverage: int) -> dict[str, Sequence[Any]]:
    """The columns of the new assets, each with one value for each asset, in order."""
    arrays, count = checked.arrays, len(checked.ids)
    contents, json_contents = checked.contents, checked.json_contents
    columns: dict[str, Sequence[Any]] = {
        "id": checked.ids,
        "project_id": [checked.project_id] * count,
        "external_id": checked.external_ids,
        "content": [content.text for content in contents],
        "content_blob_id": [content.blob_id for content in contents],
        "json_content": [content.text for content in json_contents],
        "json_content_blob_id": [content.blob_id for content in json_contents],
        "json_metadata": checked.metadata,
        "metadata_search": checked.metadata,
        "resolution": [content.resolution for content in contents],
        "page_resolutions": [content.page_resolutions for content in contents],
        "duration": [content.playback.whole_seconds if content.playback is not None else None for content in contents],
        "ocr_blob_id": checked.ocr,
        "data_connection_id": [checked.data_connection_id] * count,
    }
    for name, column in NAMED_COLUMNS.items():
        if name in arrays:
            columns[column] = arrays[name]
    for name, column in FLAGS.items():
        if name in arrays:
            columns[column] = [bool(value) for value in arrays[name]]
    if checked.objects is not None:
        columns["object_key"] = [stored.key for stored in checked.objects]
        columns["is_object_json"] = [stored.is_json for stored in checked.objects]
    statuses = (
        [Status(str(name or "TODO")) for name in arrays["statusArray"]]
        if "statusArray" in arrays
        else [Status.TODO] * count
    )
    states = {status: _state_columns(first_state("", workflow, status)) for status in set(statuses)}
    every = zip(*[states[status] for status in statuses], strict=True)
    columns |= dict(zip(STATE, every, strict=True))
    if consensus_coverage > 0:
        columns["is_used_for_consensus"] = [
            status is Status.TODO and is_drawn(identifier, CONSENSUS, consensus_coverage)
            for identifier, status in zip(checked.ids, statuses, strict=True)
        ]
    return columns


NAMED_COLUMNS: Final = {"filenameArray": "filename", "instructionsArray": "instructions"}
FLAGS: Final = {"isHoneypotArray": "is_honeypot", "isInstructionsArray": "is_instructions"}
STATE: Final = ("status", "current_step_id", "step_status", "is_to_review")


def _state_columns(state: AssetState) -> tuple[str, str | None, str | None, bool]:
    return (
        state.status.value,
        state.step_id,
        state.step_status.value if state.step_status else None,
        state.is_to_review,
    )
