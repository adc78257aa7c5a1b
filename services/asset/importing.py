"""Writing the assets of a checked import."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labelyard.domain.error import Conflict, NotFound
from labelyard.domain.identifier import kept_id
from labelyard.domain.workflow import CONSENSUS, AssetState, Status, Workflow, first_state, is_drawn
from labelyard.services.apart import APART_FROM_ITEMS, apart
from labelyard.services.asset.import_check import CheckedImport
from labelyard.services.guard import refuse_archived
from labelyard.services.workflow.state import workflow_of
from labelyard.storage.asset import existing_external_ids, insert_assets
from labelyard.storage.asset_file import link_files
from labelyard.storage.database import Writer
from labelyard.storage.kept_id import keep_ids, taken_ids
from labelyard.storage.label import workflow_row
from labelyard.storage.project import hold_project


async def import_assets(connection: Writer, checked: CheckedImport) -> list[str]:
    """Write all assets of an import, or none: an external id that is taken refuses the whole batch."""
    project = await hold_project(connection, checked.project_id)
    refuse_archived(checked.project_id, project["archived_at"])
    taken = await existing_external_ids(connection, checked.project_id, checked.external_ids)
    if taken:
        raise Conflict(
            f"[externalIdTaken] {len(taken)} of these external ids exist in the project already, the first is {taken[0]!r}; "
            "nothing of this batch was imported. Leave them out, or give other external ids.",
            duplicates=taken,
        )
    if "idArray" in checked.arrays:
        checked = await _with_free_ids(connection, checked)
    settings = await workflow_row(connection, checked.project_id)
    if settings is None:
        raise NotFound(f"[notFound] No project {checked.project_id!r} is visible to you.")
    rows = await apart(
        len(checked.ids) > APART_FROM_ITEMS,
        _rows,
        checked,
        workflow_of(settings),
        consensus_coverage=project["consensus_tot_coverage"],
    )
    await insert_assets(connection, rows)
    await link_files(connection, checked.files)
    return checked.ids


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


def _rows(checked: CheckedImport, workflow: Workflow, *, consensus_coverage: int) -> list[tuple[Any, ...]]:
    """The rows to copy, in order."""
    count = len(checked.ids)
    statuses = [Status(str(name or "TODO")) for name in checked.arrays.get("statusArray", ["TODO"] * count)]
    first = {status: _state_columns(first_state("", workflow, status)) for status in set(statuses)}
    honeypots = checked.arrays.get("isHoneypotArray", [False] * count)
    filenames = checked.arrays.get("filenameArray", [None] * count)
    instructions = checked.arrays.get("instructionsArray", [None] * count)
    are_instructions = checked.arrays.get("isInstructionsArray", [False] * count)
    rows = []
    for index in range(count):
        content, json_content, status = checked.contents[index], checked.json_contents[index], statuses[index]
        rows.append(
            (
                checked.ids[index],
                checked.project_id,
                checked.external_ids[index],
                content.text,
                content.blob_id,
                json_content.text,
                json_content.blob_id,
                checked.metadata[index],
                checked.metadata[index],
                *first[status],
                bool(honeypots[index]),
                status is Status.TODO and is_drawn(checked.ids[index], CONSENSUS, consensus_coverage),
                content.resolution,
                content.page_resolutions,
                content.playback.whole_seconds if content.playback is not None else None,
                filenames[index],
                instructions[index],
                bool(are_instructions[index]),
                checked.ocr[index],
            )
        )
    return rows


def _state_columns(state: AssetState) -> tuple[str, str | None, str | None, bool]:
    return (
        state.status.value,
        state.step_id,
        state.step_status.value if state.step_status else None,
        state.is_to_review,
    )
