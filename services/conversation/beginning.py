"""Beginning a conversation with the models of a project: an asset, its first label, and the models that will answer."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.conversation import DYNAMIC_TYPES
from labelyard.domain.error import BadUserInput
from labelyard.domain.model import MODELS_OF_A_CONVERSATION, drawn
from labelyard.domain.permission import Actor
from labelyard.domain.workflow import LabelType, Status
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import Content
from labelyard.services.asset.import_check import CheckedImport
from labelyard.services.asset.importing import import_assets
from labelyard.services.attempt import attempted
from labelyard.services.guard import refuse_archived
from labelyard.services.identity import new_id
from labelyard.services.label.append import append_locked
from labelyard.services.label.submission import NewLabel, Submission
from labelyard.storage.conversation import insert_asset_models, insert_conversation
from labelyard.storage.database import Database, Row, Writer
from labelyard.storage.model import models_of_project
from labelyard.storage.project import hold_project

FIRST_LABELS = (LabelType.PREDICTION, LabelType.AUTOSAVE)
DRAW = random.SystemRandom()

AssetModelRow = tuple[str, str, str, str, str]
"""Id, id in the project, id of the model, name and configuration."""


async def begin_conversation(
    database: Database, app_services: AppServices, actor: Actor, project_id: str, fields: Mapping[str, Any]
) -> str:
    """Add a conversation without messages to a project, and answer the id of its asset."""
    kind = LabelType(str(fields.get("labelType", LabelType.PREDICTION)))
    if kind not in FIRST_LABELS:
        raise BadUserInput(
            f"A conversation begins with a label of type PREDICTION or AUTOSAVE, not {kind.value}; "
            "submit others when it has been held.",
            field="data.labelType",
        )
    status = str(fields.get("status", Status.TODO))
    if status != Status.TODO:
        raise BadUserInput(
            f"A new conversation has the status TODO, not {status}: labels move it on.", field="data.status"
        )
    return await attempted(
        database,
        lambda connection: _begin(connection, app_services, actor, project_id, kind, fields.get("authorId")),
    )


async def _begin(
    connection: Writer,
    app_services: AppServices,
    actor: Actor,
    project_id: str,
    kind: LabelType,
    author_id: str | None,
) -> str:
    project = await hold_project(connection, project_id)
    refuse_archived(project_id, project["archived_at"])
    if project["input_type"] not in DYNAMIC_TYPES:
        raise BadUserInput(
            f"Conversations are begun in projects of type {' or '.join(sorted(DYNAMIC_TYPES))}, and {project_id} is of type "
            f"{project['input_type']}.",
            inputType=project["input_type"],
        )
    asset_id = new_id()
    empty = Content("", None)
    await import_assets(
        connection,
        CheckedImport(
            actor=actor,
            project_id=project_id,
            ids=[asset_id],
            external_ids=[secrets.token_hex(16)],
            contents=[empty],
            json_contents=[empty],
            metadata=["{}"],
            ocr=[None],
            files=[],
            arrays={},
        ),
    )
    submission = Submission([NewLabel(asset_id, "{}", author_id=author_id)], kind)
    checked = await append_locked(connection, app_services, actor, submission)
    await insert_conversation(connection, asset_id=asset_id, project_id=project_id, label_id=checked.ids[0])
    models = draw_models(await models_of_project(connection, project_id))
    if models:
        await insert_asset_models(connection, models, project_id=project_id, asset_id=asset_id)
    return asset_id


def draw_models(models: Sequence[Row]) -> list[AssetModelRow]:
    """The models that are to answer in a conversation, at most two of a project's: drawn by chance, and so are their temperatures."""
    count = min(len(models), MODELS_OF_A_CONVERSATION)
    indexes = sorted(DRAW.sample(range(len(models)), count))
    return [
        (
            new_id(),
            model["project_model_id"],
            model["model_id"],
            model["name"],
            drawn(model["configuration"], DRAW.uniform),
        )
        for model in (models[index] for index in indexes)
    ]
