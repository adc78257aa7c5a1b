"""What the check of a label has to know of its asset."""

from __future__ import annotations

import orjson

from labelyard.domain.document import count_entries
from labelyard.domain.metadata import frame_rate_of
from labelyard.domain.playback import playback_of
from labelyard.domain.response import AssetFacts
from labelyard.services.apart import APART_FROM_CHARACTERS
from labelyard.storage.database import Row

VIDEOS = ("VIDEO", "VIDEO_LEGACY")


def facts_of(asset: Row) -> AssetFacts:
    """What is known of an asset without reading its file."""
    content = asset["content"]
    is_text = bool(content) and asset["input_type"] == "TEXT" and not content.startswith(("http://", "https://"))
    pages = orjson.loads(asset["page_resolutions"]) if asset["page_resolutions"] else None
    names = asset["chat_items"] if asset["input_type"].startswith("LLM_") else None
    return AssetFacts(
        text=content if is_text else None,
        pages=len(pages) if pages else None,
        frames=_frames(asset) if asset["input_type"] in VIDEOS else None,
        chat_items=frozenset(names) if names else None,
        rounds=asset["rounds"] if names else None,
    )


def _frames(asset: Row) -> int | None:
    """How many frames labels number: those that are listed, or those of the film unless it is played at another rate than its own."""
    text = asset["json_content"]
    if text.startswith(("{", "[")):
        return count_entries(text) if len(text) > APART_FROM_CHARACTERS else len(orjson.loads(text))
    playback = playback_of(asset["playback"])
    if playback is None or playback.frames is None:
        return None
    rate = frame_rate_of(asset["json_metadata"]) if asset["json_metadata"] else None
    return playback.frames if rate is None or rate == playback.frames_per_second else None


def characters_read(asset: Row) -> int:
    """How much `facts_of` reads of an asset."""
    return len(asset["json_content"]) if asset["input_type"] in VIDEOS else 0
