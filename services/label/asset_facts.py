"""What the check of a label has to know of its asset."""

from __future__ import annotations

import orjson

from labelyard.domain.document import count_entries
from labelyard.domain.response import AssetFacts
from labelyard.services.apart import APART_FROM_CHARACTERS
from labelyard.storage.database import Row

VIDEOS = ("VIDEO", "VIDEO_LEGACY")


def facts_of(asset: Row) -> AssetFacts:
    """What is known of an asset without reading its file."""
    content = asset["content"]
    is_text = bool(content) and asset["input_type"] == "TEXT" and not content.startswith(("http://", "https://"))
    pages = orjson.loads(asset["page_resolutions"]) if asset["page_resolutions"] else None
    frames = None
    if asset["json_content"].startswith(("{", "[")) and asset["input_type"] in VIDEOS:
        text = asset["json_content"]
        frames = count_entries(text) if len(text) > APART_FROM_CHARACTERS else len(orjson.loads(text))
    names = asset["chat_items"] if asset["input_type"].startswith("LLM_") else None
    return AssetFacts(
        text=content if is_text else None,
        pages=len(pages) if pages else None,
        frames=frames,
        chat_items=frozenset(names) if names else None,
        rounds=asset["rounds"] if names else None,
    )


def characters_read(asset: Row) -> int:
    """How much `facts_of` reads of an asset."""
    return len(asset["json_content"]) if asset["input_type"] in VIDEOS else 0
