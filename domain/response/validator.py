"""Check labels against one version of an interface."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import orjson

from labelyard.domain.document import ROOT, Limits, Reason, Unreadable, parse, refuse_repeated_keys
from labelyard.domain.error import Problem
from labelyard.domain.interface import Interface, MlTask
from labelyard.domain.response.classification import check_classification
from labelyard.domain.response.comparison import check_comparison, check_ranking
from labelyard.domain.response.conversation import check_conversation
from labelyard.domain.response.detection import check_detection
from labelyard.domain.response.entity import check_entities
from labelyard.domain.response.fast_path import QuickCheck, Tally
from labelyard.domain.response.file import check_file, check_free
from labelyard.domain.response.page import page_level
from labelyard.domain.response.relation import check_relations
from labelyard.domain.response.roots import check_roots
from labelyard.domain.response.transcription import check_transcription
from labelyard.domain.response.validation_state import (
    Answer,
    AssetFacts,
    Check,
    FileAnswer,
    Setting,
    ValidationState,
    kind_of,
)
from labelyard.domain.response.video import check_video, with_every_frame

RESPONSE_LIMITS = Limits(size_bytes=16 * 2**20, depth=64, values=1_000_000)
_LONG_INTEGER = re.compile("[0-9]{19}")

HUMAN_LABEL_TYPES = frozenset({"DEFAULT", "REVIEW"})

_CHECKS: Mapping[MlTask, Check] = {
    MlTask.CLASSIFICATION: check_classification,
    MlTask.TRANSCRIPTION: check_transcription,
    MlTask.SPEECH_TO_TEXT: check_transcription,
    MlTask.PAGE_LEVEL_CLASSIFICATION: page_level(check_classification),
    MlTask.PAGE_LEVEL_TRANSCRIPTION: page_level(check_transcription),
    MlTask.OBJECT_DETECTION: check_detection,
    MlTask.POSE_ESTIMATION: check_detection,
    MlTask.NAMED_ENTITIES_RECOGNITION: check_entities,
    MlTask.NAMED_ENTITIES_RELATION: check_relations,
    MlTask.OBJECT_RELATION: check_relations,
    MlTask.COMPARISON: check_comparison,
    MlTask.RANKING: check_ranking,
    MlTask.FILE: check_file,
    MlTask.ASSET_ANNOTATION: check_free,
}


class CheckedResponse(NamedTuple):
    """The result of checking a label. A tuple, because a call may check ten thousand labels.

    `text` is what to store: as sent, unless a mid was minted, a null confidence dropped or frames filled up.
    `search` counts per `JOB.CATEGORY`; `files` are the answers of file jobs, in document order. Where `errors` refuse the
    label the other values mean nothing.
    """

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    text: str
    number_of_annotations: int
    search: dict[str, int]
    files: tuple[FileAnswer, ...]


_as_checked = partial(tuple.__new__, CheckedResponse)


class ResponseValidator:
    """The compiled form of an interface; holds nothing of the labels it checks, so threads may share it."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._quick = QuickCheck(setting)
        if setting.is_video:
            self._check_root: Callable[[ValidationState, Answer], None] = check_video
        else:
            self._check_root = check_conversation if setting.is_llm else _check_label

    def check(
        self, text: str, *, label_type: str, strict: bool, asset: AssetFacts, mint: Callable[[], str]
    ) -> CheckedResponse:
        """Check one `jsonResponse`. `mint` gives a new mid for each annotation that has none."""
        is_human = label_type in HUMAN_LABEL_TYPES
        try:
            root = parse(text, RESPONSE_LIMITS)
            tally = self._quick.check(root, may_miss_required=not (is_human and strict))
            if tally is None or tally.number_of_keys != text.count(":") or "\\" in text:
                refuse_repeated_keys(text, root)
        except Unreadable as unreadable:
            return CheckedResponse(_unreadable_problems(unreadable), (), text, 0, {}, ())
        if tally is None or tally.without_mid:
            # The fast parser makes doubles of integers beyond 64 bits; a text written anew must keep them.
            exact = json.loads(text) if _LONG_INTEGER.search(text) else None
            if tally is None or exact is not None:
                root = root if exact is None else exact
                return self.check_fully(text, root, is_human=is_human, strict=strict, asset=asset, mint=mint)
        number_of_annotations, search, warnings, without_mid, _ = tally
        if without_mid:
            text = _with_mids(root, without_mid, mint)
        return _as_checked(((), warnings, text, number_of_annotations, search, ()))

    def check_fully(
        self, text: str, root: Any, *, is_human: bool, strict: bool, asset: AssetFacts, mint: Callable[[], str]
    ) -> CheckedResponse:
        """Check a response that has been read by every rule; changes `root` where it has to be completed."""
        state = ValidationState(self._setting, asset, is_human=is_human, is_strict=strict)
        if type(root) is not dict:
            state.report("NOT_OBJECT", ROOT, f"the response must be an object, not {kind_of(root)}")
            return CheckedResponse(tuple(state.errors), (), text, 0, {}, ())
        self._check_root(state, root)
        state.finish()
        if not state.errors:
            completed = with_every_frame(root, asset.frames) if self._setting.is_video else None
            for category in state.null_confidences:
                del category["confidence"]
            if completed is not None or state.null_confidences or state.without_mid:
                text = _with_mids(root if completed is None else completed, state.without_mid, mint)
        return CheckedResponse(
            tuple(state.errors),
            tuple(state.warnings),
            text,
            state.number_of_annotations,
            state.search,
            tuple(state.files),
        )

    def quick_tally(self, root: Any) -> Tally | None:
        """Return what the quick check counts in a response that has been read, None where the rules decide."""
        return self._quick.check(root, may_miss_required=True)


def compile_validator(interface: Interface, *, input_type: str, pixel_coordinates: bool = False) -> ResponseValidator:
    """Compile the check of labels; `pixel_coordinates` says that a geospatial project is labeled in fractions."""
    has_fractions = input_type != "GEOSPATIAL" or pixel_coordinates
    return ResponseValidator(Setting(interface, input_type, has_fractions, _CHECKS))


def _check_label(state: ValidationState, root: Answer) -> None:
    check_roots(state, root, ROOT)
    state.check_links()


def _with_mids(root: Answer, without_mid: list[Answer], mint: Callable[[], str]) -> str:
    for annotation in without_mid:
        annotation["mid"] = mint()
    try:
        return orjson.dumps(root).decode()
    except orjson.JSONEncodeError:
        return json.dumps(root, ensure_ascii=False, separators=(",", ":"))


def _unreadable_problems(unreadable: Unreadable) -> tuple[Problem, ...]:
    match unreadable.reason:
        case Reason.NOT_JSON:
            return (Problem("NOT_JSON", "$", f"the response is not valid JSON: {unreadable.detail}"),)
        case Reason.TOO_LARGE:
            return (Problem("TOO_LARGE", "$", f"the response is too large: {unreadable.detail}"),)
        case Reason.DUPLICATE_KEY:
            return unreadable.as_problems("DUPLICATE_KEY")
