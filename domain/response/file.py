"""Answers that are uploaded files, and answers that are kept without being understood."""

from __future__ import annotations

from labelyard.domain.document import Path, render
from labelyard.domain.interface.model import Job
from labelyard.domain.response.validation_state import Answer, FileAnswer, ValidationState, kind_of


def check_file(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check `fileId`; an object without any key is no answer."""
    del job
    if not answer:
        return False
    file_id = answer.get("fileId")
    if type(file_id) is not str or not file_id:
        state.report("FILE_ANSWER", (path, "fileId"), f"must be the id of an uploaded file, not {kind_of(file_id)}")
        return False
    state.files.append(FileAnswer(file_id, render(path)))
    if is_key:
        state.number_of_annotations += 1
    return True


def check_free(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Keep any object."""
    del job, path
    if answer and is_key:
        state.number_of_annotations += 1
    return bool(answer)
