"""The values of `Label.annotations`, derived from a stored label.

Some released clients throw the stored answers of videos, maps and conversations away and build them anew from these
values. What cannot be built that way must not be offered to them: then the list is empty, and they keep the answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from labelyard.domain.annotation.plain import PlainAnnotations
from labelyard.domain.annotation.value import Annotation
from labelyard.domain.annotation.video import VideoAnnotations
from labelyard.domain.interface import Interface
from labelyard.domain.interface.vocabulary import LLM_TYPES, VIDEO_TYPES
from labelyard.domain.response.video import is_frame_map

__all__ = ["Annotation", "annotations_of", "every_annotation_of"]


# Types of asset whose answers some released client rebuilds.
REBUILT_TYPES = VIDEO_TYPES | LLM_TYPES | {"GEOSPATIAL"}


def annotations_of(
    text: str,
    interface: Interface,
    *,
    input_type: str,
    label_id: str,
    has_resolution: bool = False,
    round_ids: Sequence[str] = (),
    chat_item_ids: Mapping[str, str] | None = None,
) -> list[Annotation]:
    """Return the annotations of a label, or none where a client rebuilding the answers from them would lose some.

    `has_resolution` says whether width and height of the asset are known: without them clients fail on the annotations
    of a video. `round_ids` are the ids of the user messages in order, `chat_item_ids` turns external ids of messages
    into ids.
    """
    annotations, is_complete = _derive(text, interface, input_type, label_id, round_ids, chat_item_ids or {})
    if input_type in VIDEO_TYPES:
        is_complete &= has_resolution
    return annotations if is_complete or input_type not in REBUILT_TYPES else []


def every_annotation_of(
    text: str,
    interface: Interface,
    *,
    input_type: str,
    label_id: str,
    round_ids: Sequence[str] = (),
    chat_item_ids: Mapping[str, str] | None = None,
) -> list[Annotation]:
    """Return all that can be said as annotations, for readers who keep the stored answers beside them."""
    return _derive(text, interface, input_type, label_id, round_ids, chat_item_ids or {})[0]


def _derive(
    text: str,
    interface: Interface,
    input_type: str,
    label_id: str,
    round_ids: Sequence[str],
    chat_item_ids: Mapping[str, str],
) -> tuple[list[Annotation], bool]:
    root: dict[str, Any] = orjson.loads(text)
    if input_type in VIDEO_TYPES and is_frame_map(root):
        video = VideoAnnotations(interface, label_id)
        return video.build(root), video.is_complete
    plain = PlainAnnotations(interface, label_id, round_ids, chat_item_ids)
    if input_type in LLM_TYPES:
        annotations = plain.build_conversation(root)
        # The clients that rebuild this type do not know comparisons.
        is_complete = plain.is_complete and (
            input_type != "LLM_RLHF"
            or all(annotation["__typename"] != "ComparisonAnnotation" for annotation in annotations)
        )
        return annotations, is_complete
    # Clients cannot place an answer about a whole video, and rebuild only a part of what is drawn on maps.
    return plain.build(root), input_type not in REBUILT_TYPES
