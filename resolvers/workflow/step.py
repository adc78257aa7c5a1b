"""Changing the steps of a project. Each mutation answers the project, whose `steps` clients look their step up in."""

from collections.abc import Mapping
from typing import Any

from labelyard.domain.permission import Action
from labelyard.domain.workflow_step import CLEARED_BY_NULL
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.type import Project
from labelyard.resolvers.workflow.input import (
    AddReviewStepInput,
    DeleteStepInput,
    EditProjectWorkflowSettingsInput,
    RenameStepInput,
    UpdateLabelingStepPropertiesInput,
    UpdateReviewStepPropertiesInput,
)
from labelyard.services.workflow.step import change_steps
from labelyard.storage.database import Writer


def step_data(fields: Mapping[str, Any], *leave_out: str) -> dict[str, Any]:
    """The values that a client sends of a step: nulls only where they clear."""
    return {
        key: value
        for key, value in fields.items()
        if key not in leave_out and (value is not None or key in CLEARED_BY_NULL)
    }


async def change_and_answer(call: Call, writer: Writer, project_id: str, **changes: Any) -> Any:
    """Check the right to change the project, change its steps, and answer it."""
    await call.authorize(project_id)
    await change_steps(writer, project_id, **changes)
    return call.after_commit(call.by_id, project_id)


def update_of(call: Call) -> dict[str, Any]:
    """The change of the one step that an input names."""
    fields = call.with_nulls("input")
    return {"id": fields["stepId"], **step_data(fields, "projectId", "stepId")}


@mutation(Action.CHANGE_PROJECT)
async def editProjectWorkflowSettings(
    call: Call, writer: Writer, input: Input[EditProjectWorkflowSettingsInput]
) -> Project | None:
    """Create, change and delete steps in one go; assets of deleted steps move to the step before."""
    steps = call.with_nulls("input").get("steps") or {}
    return await change_and_answer(
        call,
        writer,
        input["projectId"],
        creates=[step_data(step, "id", "sendBackStepId") | _target(step) for step in steps.get("creates") or []],
        updates=[step_data(step) for step in steps.get("updates") or []],
        deletes=steps.get("deletes") or [],
        enforce_step_separation=input.get("enforceStepSeparation"),
    )


@mutation(Action.CHANGE_PROJECT)
async def addReviewStep(call: Call, writer: Writer, input: Input[AddReviewStepInput]) -> Project | None:
    """Add a review step behind the others."""
    step = {key: value for key, value in input.items() if key != "projectId"}
    return await change_and_answer(call, writer, input["projectId"], creates=[{**step, "type": "REVIEW"}])


@mutation(Action.CHANGE_PROJECT)
async def updateLabelingStepProperties(
    call: Call, writer: Writer, input: Input[UpdateLabelingStepPropertiesInput]
) -> Project | None:
    """Change consensus and honeypots of a labeling step."""
    return await change_and_answer(call, writer, input["projectId"], updates=[{**update_of(call), "type": "DEFAULT"}])


@mutation(Action.CHANGE_PROJECT)
async def updateReviewStepProperties(
    call: Call, writer: Writer, input: Input[UpdateReviewStepPropertiesInput]
) -> Project | None:
    """Change assignees, coverage, honeypots and send-back target of a review step."""
    return await change_and_answer(call, writer, input["projectId"], updates=[{**update_of(call), "type": "REVIEW"}])


@mutation(Action.CHANGE_PROJECT)
async def deleteStep(call: Call, writer: Writer, input: Input[DeleteStepInput]) -> Project | None:
    """Delete a step; its assets move to the step before."""
    return await change_and_answer(call, writer, input["projectId"], deletes=[input["stepId"]])


@mutation(Action.CHANGE_PROJECT)
async def renameStep(call: Call, writer: Writer, input: Input[RenameStepInput]) -> Project | None:
    """Rename a step."""
    return await change_and_answer(
        call, writer, input["projectId"], updates=[{"id": input["stepId"], "name": input["newName"]}]
    )


def _target(step: Mapping[str, Any]) -> dict[str, Any]:
    """The send-back target of a new step, when it has one."""
    return {"sendBackStepId": step["sendBackStepId"]} if step.get("sendBackStepId") is not None else {}
