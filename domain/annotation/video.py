"""Annotations of videos: each answer followed over the frames, with its key frames and the intervals it is present in.

A client shows between key frames what the last one held; boxes and points it moves from key frame to key frame. So
the annotations tell a label completely only where its frames are what the client would show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labelyard.domain.annotation.value import (
    Annotation,
    AnnotationPath,
    category_names,
    identity,
    object_value,
    vertices_of,
)
from labelyard.domain.interface import Interface, Job, Tool
from labelyard.domain.interface.vocabulary import ASSET_LEVEL, TECHNICAL_ENTRIES
from labelyard.domain.number import whole_number
from labelyard.domain.response.detection import GEOMETRY_KEYS, tool_of

_DRAWN_BY_CLIENTS = frozenset({Tool.MARKER, Tool.RECTANGLE, Tool.POLYGON, Tool.SEMANTIC})
_MOVED_BY_CLIENTS = frozenset({Tool.MARKER, Tool.RECTANGLE})
_MAX_NESTED_BY_CLIENTS = 2
_REBUILT_ENTRIES = frozenset({"ANNOTATION_JOB_COUNTER", "ANNOTATION_NAMES_JOB"})


@dataclass(frozen=True, slots=True)
class _Shown:
    frame: int
    value: dict[str, Any]
    is_key: bool


@dataclass(slots=True)
class _Track:
    """One answer over the frames."""

    kind: str
    job: Job
    id: str
    path: AnnotationPath
    details: dict[str, Any] = field(default_factory=dict)
    is_moved: bool = False
    shown: list[_Shown] = field(default_factory=list)

    def is_told_by_key_frames(self) -> bool:
        """Whether holding each key frame until the next gives every frame back."""
        if not self.shown[0].is_key:
            return False
        last_key = max(index for index, shown in enumerate(self.shown) if shown.is_key)
        last_value = self.shown[0].value
        for index, shown in enumerate(self.shown):
            if shown.is_key:
                last_value = shown.value
            elif shown.value != last_value or (self.is_moved and index < last_key):
                return False
        return not any(later.frame <= earlier.frame for earlier, later in zip(self.shown, self.shown[1:], strict=False))

    def as_annotation(self, label_id: str) -> Annotation:
        """Return the value the API gives; the first frame is a key frame whatever the label says."""
        intervals: list[dict[str, int]] = []
        for shown in self.shown:
            if intervals and shown.frame == intervals[-1]["end"] + 1:
                intervals[-1]["end"] = shown.frame
            elif not intervals or shown.frame > intervals[-1]["end"]:
                intervals.append({"start": shown.frame, "end": shown.frame})
        return {
            "__typename": f"Video{self.kind}Annotation",
            "id": self.id,
            "labelId": label_id,
            "job": self.job.name,
            "path": self.path,
            "frames": intervals,
            "keyAnnotations": [
                {
                    "__typename": f"Video{self.kind}KeyAnnotation",
                    "id": identity(label_id, self.id, shown.frame),
                    "frame": shown.frame,
                    "annotationValue": shown.value,
                }
                for index, shown in enumerate(self.shown)
                if shown.is_key or index == 0
            ],
            **self.details,
        }


class VideoAnnotations:
    """Builds the annotations of one label; `is_complete` says afterwards whether clients can rebuild it from them."""

    def __init__(self, interface: Interface, label_id: str) -> None:
        self._jobs = interface.jobs
        self._label_id = label_id
        self._names: dict[str, str] = {}
        self._tracks: dict[str, _Track] = {}
        self._openers: dict[tuple[str, str], str] = {}
        self.is_complete = True

    def build(self, root: dict[str, Any]) -> list[Annotation]:
        """Return the annotations of `{frame: {job: answer}}`."""
        self.is_complete &= not root.get(ASSET_LEVEL)
        numbered = ((whole_number(key), answers or {}) for key, answers in root.items())
        frames = sorted((frame, answers) for frame, answers in numbered if frame is not None)
        for _, answers in frames:
            self._names = {**self._names, **(answers.get("ANNOTATION_NAMES_JOB") or {})}
        for frame, answers in frames:
            for name, answer in answers.items():
                if name in TECHNICAL_ENTRIES:
                    self.is_complete &= name in _REBUILT_ENTRIES and frame == 0
                else:
                    self._add(name, answer, [], frame, True)
        self.is_complete &= all(track.is_told_by_key_frames() for track in self._tracks.values())
        # Clients build an object before what is nested in it, whatever the order here.
        return [track.as_annotation(self._label_id) for track in self._tracks.values()]

    def _add(self, name: str, answer: Any, path: AnnotationPath, frame: int, is_key: bool) -> None:
        job = self._jobs.get(name)
        if job is None or not answer:
            return
        own = answer.get("isKeyFrame")
        is_key = is_key if own is None else own
        if job.is_classifying:
            self._add_classification(job, answer, path, frame, is_key)
        elif job.is_transcribing:
            self._expect(answer, {"text", "isKeyFrame"})
            if answer.get("text"):
                self._show("Transcription", job, path, "", frame, {"text": answer["text"]}, is_key)
        elif job.is_detecting:
            self._expect(answer, {"annotations"})
            for index, item in enumerate(answer.get("annotations") or ()):
                self._add_object(job, item, path, index, frame, is_key)
        else:
            self.is_complete = False

    def _expect(self, answer: dict[str, Any], keys: set[str]) -> None:
        """Note what clients would not build anew; empty leftovers are no loss."""
        if any(key not in keys and value not in (None, [], {}) for key, value in answer.items()):
            self.is_complete = False

    def _show(
        self, kind: str, job: Job, path: AnnotationPath, mid: str, frame: int, value: dict[str, Any], is_key: bool
    ) -> _Track:
        track_id = identity(self._label_id, job.name, path, mid)
        track = self._tracks.get(track_id)
        if track is None:
            track = self._tracks[track_id] = _Track(kind, job, track_id, path)
            self.is_complete &= len(path) <= _MAX_NESTED_BY_CLIENTS
        track.shown.append(_Shown(frame, value, is_key))
        return track

    def _add_classification(
        self, job: Job, answer: dict[str, Any], path: AnnotationPath, frame: int, is_key: bool
    ) -> None:
        self._expect(answer, {"categories", "isKeyFrame"})
        names = category_names(answer)
        if not names:
            return
        track = self._show("Classification", job, path, "", frame, {"categories": names}, is_key)
        for item in answer["categories"]:
            self._expect(item, {"name", "children"})
            self._add_children(track, item["name"], item.get("children"), frame, is_key)

    def _add_children(self, track: _Track, category: str, children: Any, frame: int, is_key: bool) -> None:
        for name, answer in (children or {}).items():
            # Clients keep one answer of a nested job for each object, whatever category it was given under.
            if self._openers.setdefault((track.id, name), category) != category:
                self.is_complete = False
            self._add(name, answer, [*track.path, [track.id, category]], frame, is_key)

    def _add_object(
        self, job: Job, item: dict[str, Any], path: AnnotationPath, index: int, frame: int, is_key: bool
    ) -> None:
        tool = tool_of(job, item)
        names = category_names(item)
        vertices = vertices_of(item, tool) if tool is not None else []
        if tool is None or not names or not vertices:
            self.is_complete = False
            return
        # Clients draw every object of a job with its first tool, and know four of them.
        has_one_ring = tool is Tool.SEMANTIC or len(vertices[0]) == 1
        is_drawn_alike = tool is job.tools[0] and tool in _DRAWN_BY_CLIENTS
        self.is_complete &= is_drawn_alike and has_one_ring and len(names) == len(vertices) == 1 and not path
        self._expect(item, {"mid", "type", "categories", "children", "isKeyFrame", GEOMETRY_KEYS.get(tool, "")})
        self._expect(item["categories"][0], {"name"})
        own = item.get("isKeyFrame")
        is_key = is_key if own is None else own
        mid = item.get("mid") or f"{frame}/{index}"
        track = self._show("ObjectDetection", job, path, mid, frame, object_value(vertices), is_key)
        track.is_moved = tool in _MOVED_BY_CLIENTS
        details = {"name": self._names.get(mid), "mid": mid, "category": names[0]}
        # An object that changes its class on the way has one class for clients.
        self.is_complete &= not track.details or track.details == details
        track.details = track.details or details
        self._add_children(track, names[0], item.get("children"), frame, is_key)
