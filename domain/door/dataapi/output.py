"""The output fields of a project of data tasks, and the jobs of an interface that they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.interface.model import Category, Interface, Job
from labelyard.domain.interface.vocabulary import Input, MlTask

INPUT_TYPES: Final = frozenset({"IMAGE", "TEXT"})
"""The asset types whose content is one of the kinds of input fields."""

TASKS: Final = frozenset({MlTask.CLASSIFICATION, MlTask.TRANSCRIPTION})
CHECKED: Final = "yes"
"""The one category of a checkbox without options."""

INPUT_OF_TYPE: Final = {
    "input": Input.TEXT_FIELD,
    "select": Input.SINGLE_DROPDOWN,
    "radio": Input.RADIO,
    "checkbox": Input.CHECKBOX,
}


@dataclass(frozen=True, slots=True)
class Output:
    """A field that a worker fills in; `options` are pairs of a value and what people read, in order."""

    name: str
    type: str
    is_required: bool = False
    label: str = ""
    options: Sequence[tuple[str, str]] = ()


def job_of(output: Output) -> dict[str, Any]:
    """The job of an output field, as it stands in an interface."""
    job: dict[str, Any] = {
        "mlTask": MlTask.TRANSCRIPTION if output.type == "input" else MlTask.CLASSIFICATION,
        "required": int(output.is_required),
        "isChild": False,
        "instruction": output.label or output.name,
        "content": {"input": INPUT_OF_TYPE[output.type]},
    }
    if output.type != "input":
        options = output.options or ((CHECKED, CHECKED),)
        job["content"]["categories"] = {value: {"name": label, "children": []} for value, label in options}
    return job


def interface_of(outputs: Sequence[Output]) -> dict[str, Any]:
    """The interface whose jobs are these fields."""
    return {"jobs": {output.name: job_of(output) for output in outputs}}


def can_say(interface: Interface, input_type: str) -> bool:
    """Whether a project is one of data tasks, whoever made it."""
    return input_type in INPUT_TYPES and TASKS.issuperset(interface.ml_tasks)


def output_jobs(interface: Interface) -> list[Job]:
    """The jobs that are output fields: those that no category opens."""
    return [job for job in interface.jobs.values() if not job.is_child]


def output_of(job: Job) -> Output:
    """The output field that a job is."""
    options = [(category.key, category.name) for category in job.categories.values()]
    if _is_bare_checkbox(job):
        options = []
    return Output(job.name, _type_of(job), job.is_required, job.instruction or job.name, options)


def _type_of(job: Job) -> str:
    if job.is_transcribing:
        return "input"
    if job.takes_one_category:
        return "select" if job.input is Input.SINGLE_DROPDOWN else "radio"
    return "checkbox"


def _is_bare_checkbox(job: Job) -> bool:
    bare: Mapping[str, Category] = {CHECKED: Category(CHECKED, CHECKED)}
    return job.input is Input.CHECKBOX and dict(job.categories) == bare
