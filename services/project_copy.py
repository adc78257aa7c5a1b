"""Copying projects, and labels from asset to asset."""

from __future__ import annotations

from labelyard.domain.error import BadUserInput, NotFound, Problem
from labelyard.domain.permission import Action, Actor, ProjectRole
from labelyard.domain.response import response_refusal
from labelyard.domain.workflow import recomputed
from labelyard.services.apart import APART_FROM_CHARACTERS, apart
from labelyard.services.app_services import AppServices
from labelyard.services.guard import refuse_archived, require
from labelyard.services.identity import new_id, new_mid
from labelyard.services.label.asset_facts import characters_read, facts_of
from labelyard.services.member import put_member
from labelyard.services.project_version import keep_version
from labelyard.services.workflow.state import histories_of, moved_values, state_of, workflow_of
from labelyard.storage.data_connection import has_objects
from labelyard.storage.database import Writer
from labelyard.storage.event import record_event
from labelyard.storage.label import label_histories, locked_for_submission, move_assets, refresh_latest
from labelyard.storage.project import lock_project
from labelyard.storage.project_copy import (
    add_members,
    asset_ids_of,
    copy_assets,
    copy_groups,
    copy_labels,
    copy_project_row,
    copy_steps,
    label_ids_of,
    member_rows,
)
from labelyard.storage.step_group import groups_of
from labelyard.storage.workflow import steps_of


async def copy_project(
    connection: Writer, actor: Actor, source_id: str, *, with_assets: bool, with_members: bool
) -> str:
    """Copy interface and settings of a project, and its members and assets if wanted; answers the new id.

    The person becomes an administrator of the copy. Its assets are to be labeled: labels are copied one asset at a time.
    """
    source = await lock_project(connection, source_id)
    if source["input_type"].startswith("LLM_"):
        raise BadUserInput(
            f"Projects of type {source['input_type']} cannot be copied; create a new project.", projectId=source_id
        )
    if with_assets and await has_objects(connection, source_id):
        raise BadUserInput(
            "Assets in cloud storage are not copied; copy the project without assets and connect the copy to the storage.",
            projectId=source_id,
        )
    project_id = new_id()
    await copy_project_row(connection, source_id, project_id, actor.user_id)
    await keep_version(connection, project_id)
    await put_member(connection, project_id=project_id, user_id=actor.user_id, role=ProjectRole.ADMIN)
    if with_members:
        members = await member_rows(connection, source_id, actor.user_id)
        await add_members(connection, project_id, [new_id() for _ in members], members)
    groups = [(row["id"], new_id()) for row in await groups_of(connection, source_id)]
    await copy_groups(connection, groups, project_id)
    steps = [(row["id"], new_id()) for row in await steps_of(connection, source_id)]
    await copy_steps(connection, steps, project_id, with_assignees=with_members)
    if with_assets:
        assets = [(asset_id, new_id()) for asset_id in await asset_ids_of(connection, source_id)]
        await copy_assets(connection, assets, project_id, steps[0][1] if steps else None)
    return project_id


async def copy_labels_of_asset(
    connection: Writer, app_services: AppServices, actor: Actor, *, source_id: str, target_id: str, project_id: str
) -> None:
    """Copy all labels of an asset to another, with their authors, types, dates and answers, and move the asset on."""
    assets = await locked_for_submission(connection, [source_id, target_id], actor)
    source, target = assets.get(source_id), assets.get(target_id)
    if source is None or target is None or target["project_id"] != project_id:
        raise NotFound("[notFound] One of these assets cannot be found in its project; nothing was copied.")
    if source_id == target_id:
        raise BadUserInput("An asset's labels are copied to another asset.", field="dstAssetId")
    for asset in (source, target):
        require(actor, Action.IMPORT_LABELS, asset["project_id"])
    refuse_archived(project_id, target["archived_at"])
    labels = await label_ids_of(connection, source_id)
    validator = await app_services.interfaces.validator(connection, project_id, target["interface_version"])

    def check_all() -> list[Problem]:
        # As a model's label: what only people must get right has been decided when the label was made.
        facts = facts_of(target)
        return [
            problem
            for _, _, response in labels
            for problem in validator.check(
                response, label_type="PREDICTION", strict=False, asset=facts, mint=new_mid
            ).errors
        ]

    size = sum(len(response) for _, _, response in labels) + characters_read(target)
    problems = await apart(size > APART_FROM_CHARACTERS, check_all)
    if problems:
        raise response_refusal(problems)
    await copy_labels(connection, [(label_id, new_id()) for label_id, _, _ in labels], target_id, project_id)
    await record_event(
        connection,
        "label.copied",
        organization_id=actor.organization_id,
        project_id=project_id,
        asset_id=target_id,
        payload={"fromAssetId": source_id, "numberOfLabels": len(labels)},
    )
    await refresh_latest(connection, [target_id])
    histories = histories_of(target, await label_histories(connection, [target_id]))
    after = recomputed(state_of(target), histories[target_id], workflow_of(target))
    if after != state_of(target):
        await move_assets(connection, moved_values([after]))
