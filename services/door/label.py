"""Labels as front doors write them; `server.door.rest` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from labelyard.domain.permission import Actor
from labelyard.domain.workflow import LabelType
from labelyard.services.app_services import AppServices
from labelyard.services.label.append import submit
from labelyard.services.label.submission import CheckedSubmission, NewLabel, Submission
from labelyard.storage.database import Database


async def submit_answers(
    database: Database,
    app_services: AppServices,
    actor: Actor,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    label_type: LabelType = LabelType.DEFAULT,
    model_name: str | None = None,
) -> CheckedSubmission:
    """Make a new version of the labels of assets, by their ids, as `appendManyLabels` does: all or none.

    An answer is a `jsonResponse`. A person's label is by the caller, one of a model has its name. To write in a transaction
    of one's own, call `services.label.append.append_locked` with such a submission.
    """
    labels = [
        NewLabel(asset_id=asset_id, json_response=orjson.dumps(answer).decode(), model_name=model_name)
        for asset_id, answer in answers.items()
    ]
    return await submit(database, app_services, actor, Submission(labels, label_type))
