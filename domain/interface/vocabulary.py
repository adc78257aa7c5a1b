"""The closed sets an interface draws from, and what is usual for each type of asset."""

from __future__ import annotations

import re
from enum import StrEnum


class MlTask(StrEnum):
    """Kinds of job."""

    CLASSIFICATION = "CLASSIFICATION"
    TRANSCRIPTION = "TRANSCRIPTION"
    OBJECT_DETECTION = "OBJECT_DETECTION"
    NAMED_ENTITIES_RECOGNITION = "NAMED_ENTITIES_RECOGNITION"
    NAMED_ENTITIES_RELATION = "NAMED_ENTITIES_RELATION"
    OBJECT_RELATION = "OBJECT_RELATION"
    POSE_ESTIMATION = "POSE_ESTIMATION"
    COMPARISON = "COMPARISON"
    RANKING = "RANKING"
    FILE = "FILE"
    SPEECH_TO_TEXT = "SPEECH_TO_TEXT"
    PAGE_LEVEL_CLASSIFICATION = "PAGE_LEVEL_CLASSIFICATION"
    PAGE_LEVEL_TRANSCRIPTION = "PAGE_LEVEL_TRANSCRIPTION"
    ASSET_ANNOTATION = "ASSET_ANNOTATION"


class Tool(StrEnum):
    """Shapes of an object detection."""

    RECTANGLE = "rectangle"
    POLYGON = "polygon"
    SEMANTIC = "semantic"
    MARKER = "marker"
    POLYLINE = "polyline"
    VECTOR = "vector"
    POSE = "pose"
    RANGE = "range"


class Input(StrEnum):
    """How an answer is entered."""

    RADIO = "radio"
    SINGLE_DROPDOWN = "singleDropdown"
    CHECKBOX = "checkbox"
    MULTIPLE_DROPDOWN = "multipleDropdown"
    TEXT_FIELD = "textField"
    NUMBER = "number"
    DATE = "date"
    MARKDOWN = "markdown"
    SELECT = "select"


class Level(StrEnum):
    """What one answer of a conversation job applies to."""

    COMPLETION = "completion"
    ROUND = "round"
    CONVERSATION = "conversation"


ASSET_LEVEL = "assetLevel"
TECHNICAL_ENTRIES = frozenset({"ANNOTATION_JOB_COUNTER", "ANNOTATION_NAMES_JOB", "ROTATION_JOB"})
RESERVED_JOB_NAMES = TECHNICAL_ENTRIES | {ASSET_LEVEL}

CLASSIFYING = frozenset({MlTask.CLASSIFICATION, MlTask.PAGE_LEVEL_CLASSIFICATION})
TRANSCRIBING = frozenset({MlTask.TRANSCRIPTION, MlTask.PAGE_LEVEL_TRANSCRIPTION, MlTask.SPEECH_TO_TEXT})
DETECTING = frozenset({MlTask.OBJECT_DETECTION, MlTask.POSE_ESTIMATION})
RELATING = frozenset({MlTask.NAMED_ENTITIES_RELATION, MlTask.OBJECT_RELATION})
NEEDING_CATEGORIES = CLASSIFYING | DETECTING | {MlTask.NAMED_ENTITIES_RECOGNITION}
NESTABLE = CLASSIFYING | TRANSCRIBING | {MlTask.RANKING}

VIDEO_TYPES = frozenset({"VIDEO", "VIDEO_LEGACY"})
LLM_TYPES = frozenset({"LLM_RLHF", "LLM_INSTR_FOLLOWING", "LLM_STATIC"})

_DRAWN = frozenset({"IMAGE", "GEOSPATIAL", "PDF"}) | VIDEO_TYPES
_WRITTEN = frozenset({"TEXT", "PDF"})
_SEGMENTED = frozenset({"AUDIO", "TIME_SERIES"})

# Types of asset a task is usual for; a task that is not listed is usual everywhere.
USUAL_TYPES: dict[MlTask, frozenset[str]] = {
    MlTask.OBJECT_DETECTION: _DRAWN | _SEGMENTED,
    MlTask.NAMED_ENTITIES_RECOGNITION: _WRITTEN,
    MlTask.NAMED_ENTITIES_RELATION: _WRITTEN,
    MlTask.OBJECT_RELATION: _DRAWN,
    MlTask.POSE_ESTIMATION: frozenset({"IMAGE"}) | VIDEO_TYPES,
    MlTask.COMPARISON: LLM_TYPES,
    MlTask.RANKING: LLM_TYPES,
    MlTask.SPEECH_TO_TEXT: frozenset({"AUDIO"}),
    MlTask.PAGE_LEVEL_CLASSIFICATION: frozenset({"PDF"}),
    MlTask.PAGE_LEVEL_TRANSCRIPTION: frozenset({"PDF"}),
}
UNTYPED = frozenset({"NA", "URL"})

_PLAIN_TOOLS = frozenset({Tool.RECTANGLE, Tool.POLYGON, Tool.SEMANTIC})
_VIDEO_TOOLS = _PLAIN_TOOLS | {Tool.MARKER, Tool.POSE}
USUAL_TOOLS: dict[str, frozenset[Tool]] = {
    "IMAGE": frozenset(Tool) - {Tool.RANGE},
    "GEOSPATIAL": _PLAIN_TOOLS | {Tool.MARKER, Tool.POLYLINE},
    "VIDEO": _VIDEO_TOOLS,
    "VIDEO_LEGACY": _VIDEO_TOOLS,
    "PDF": _PLAIN_TOOLS,
    "AUDIO": frozenset({Tool.RANGE}),
    "TIME_SERIES": frozenset({Tool.RANGE}),
}

# The names the grammar of the category search can write.
SEARCHABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_*-]*")
COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
