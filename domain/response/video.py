"""Labels of videos: answers frame by frame, and answers about the whole video."""

from __future__ import annotations

import re
from typing import Any

from labelyard.domain.document import ROOT, Path
from labelyard.domain.interface.vocabulary import ASSET_LEVEL, TECHNICAL_ENTRIES
from labelyard.domain.number import whole_number
from labelyard.domain.response.roots import check_roots
from labelyard.domain.response.validation_state import Answer, ValidationState, kind_of

_FRAME = re.compile(r"0|[1-9][0-9]{0,8}")

# A label of twenty bytes naming frame 999999999 must not become one of gigabytes.
MAX_FILLED_FRAMES = 100_000


def is_frame_map(root: Answer) -> bool:
    """Whether a response is written frame by frame; without any frame number it is about the whole video."""
    return any(key == ASSET_LEVEL or key.isdecimal() for key in root)


def check_video(state: ValidationState, root: Answer) -> None:
    """Check the label of a video in either form."""
    if not is_frame_map(root):
        check_roots(state, root, ROOT, is_whole_video=True)
        state.check_links()
        return
    for key, value in root.items():
        path: Path = (ROOT, key)
        if key in TECHNICAL_ENTRIES or value is None:
            continue
        if key != ASSET_LEVEL and not _FRAME.fullmatch(key):
            state.report("FRAME_KEY", path, f'"{key[:60]}" is not the number of a frame')
        elif type(value) is not dict:
            state.report("FRAME_NOT_OBJECT", path, f"must be an object, not {kind_of(value)}")
        elif key == ASSET_LEVEL:
            check_roots(state, value, path, is_whole_video=True)
            state.check_links()
        else:
            _check_frame(state, int(key), value, path)


def _check_frame(state: ValidationState, frame: int, answers: Answer, path: Path) -> None:
    frames = state.asset.frames
    if frames is not None and frame >= frames:
        message = f"the video has {frames} frames, counted from 0: there is no frame {frame}"
        state.report("FRAME_OUT_OF_RANGE", path, message)
    elif frames is None and frame >= MAX_FILLED_FRAMES:
        message = f"the number of frames is not known; frames up to {MAX_FILLED_FRAMES - 1} are filled up"
        state.report("FRAME_OUT_OF_RANGE", path, message)
    state.is_framed = True
    check_roots(state, answers, path)
    state.check_links()
    state.is_framed = False


def with_every_frame(root: Answer, frames: int | None) -> Answer | None:
    """Return the frame map with every frame from 0 to the last, in order; None when it is so already.

    Clients number frames by their rank, not by their key. The last frame is that of the asset, or the largest seen.
    """
    if not is_frame_map(root):
        return None
    numbers = [number for key in root if (number := whole_number(key)) is not None]
    if not numbers:
        return None
    largest = max(numbers)
    count = max(min(frames or 0, 10 * MAX_FILLED_FRAMES), largest + 1 if largest < MAX_FILLED_FRAMES else 0)
    is_complete = numbers[:count] == list(range(count)) and numbers == sorted(numbers)
    if is_complete and not any(value is None for value in root.values()):
        return None
    complete: dict[str, Any] = {str(number): root.get(str(number)) or {} for number in range(count)}
    complete.update((str(number), root[str(number)] or {}) for number in sorted(numbers) if number >= count)
    complete.update((key, value) for key, value in root.items() if whole_number(key) is None and value is not None)
    return complete
