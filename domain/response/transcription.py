"""Answers that are a text: free, a number or a date."""

from __future__ import annotations

import re
from datetime import date

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.interface.vocabulary import Input
from labelyard.domain.response.validation_state import Answer, ValidationState, kind_of

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_transcription(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check `text`; without it, or empty, nothing is answered."""
    text = answer.get("text")
    if text is None or text == "":
        return False
    location = (path, "text")
    if type(text) is not str:
        state.report("TEXT_NOT_STRING", location, f"must be a text, not {kind_of(text)}")
        return False
    if job.input is Input.NUMBER and not _NUMBER.fullmatch(text):
        state.report("NOT_A_NUMBER", location, f"must be a number, not {kind_of(text)}")
    if job.input is Input.DATE and not _is_date(text):
        state.report("NOT_A_DATE", location, f"must be a date of the form YYYY-MM-DD, not {kind_of(text)}")
    if is_key:
        state.number_of_annotations += 1
    return True


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
