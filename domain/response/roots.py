"""The answers of a whole label, of one frame, or of the whole video: an object of job name to answer."""

from __future__ import annotations

from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.vocabulary import CLASSIFYING, TECHNICAL_ENTRIES, TRANSCRIBING, MlTask
from labelyard.domain.response.validation_state import Answer, ValidationState

WHOLE_VIDEO_TASKS = CLASSIFYING | TRANSCRIBING | {MlTask.FILE}


def check_roots(state: ValidationState, answers: Answer, path: Path, *, is_whole_video: bool = False) -> None:
    """Check the answers of main jobs; technical entries are kept without a look."""
    for name, answer in answers.items():
        if answer is not None and name not in TECHNICAL_ENTRIES:
            check_root(state, name, answer, (path, name), is_whole_video=is_whole_video)


def check_root(state: ValidationState, name: str, answer: Any, path: Path, *, is_whole_video: bool = False) -> None:
    """Check the answer of one main job."""
    job = state.jobs.get(name)
    if job is None:
        state.report("UNKNOWN_JOB", path, f'the interface has no job "{name}"')
        return
    if not state.check_answer(job, answer, path, True):
        return
    state.answered.add(name)
    if job.is_child:
        state.report("CHILD_JOB_AT_ROOT", path, f'the job "{name}" is answered under the category that opens it')
    if is_whole_video and job.ml_task not in WHOLE_VIDEO_TASKS:
        state.report("ASSET_LEVEL_TASK", path, f'the job "{name}" ({job.ml_task}) is answered frame by frame')
