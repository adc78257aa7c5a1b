"""Annotations of everything that is not written frame by frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.annotation.value import (
    Annotation,
    AnnotationPath,
    category_names,
    identity,
    object_value,
    vertices_of,
)
from labelyard.domain.interface import Interface, Job, Level, MlTask, Tool
from labelyard.domain.interface.vocabulary import TECHNICAL_ENTRIES
from labelyard.domain.number import whole_number
from labelyard.domain.response.detection import tool_of


class PlainAnnotations:
    """Builds the annotations of one label; `is_complete` says afterwards whether they hold all its answers."""

    def __init__(
        self, interface: Interface, label_id: str, round_ids: Sequence[str], chat_item_ids: Mapping[str, str]
    ) -> None:
        self._jobs = interface.jobs
        self._label_id = label_id
        self._round_ids = round_ids
        self._chat_item_ids = chat_item_ids
        self._names: dict[str, str] = {}
        self._built: list[Annotation] = []
        self._objects: dict[str, Annotation] = {}
        self.is_complete = True

    def build(self, root: dict[str, Any]) -> list[Annotation]:
        """Return the annotations of `{job: answer}`."""
        self._names = root.get("ANNOTATION_NAMES_JOB") or {}
        for name, answer in root.items():
            self._add(name, answer, [], None)
        return self._built

    def build_conversation(self, root: dict[str, Any]) -> list[Annotation]:
        """Return the annotations of a conversation, merged by job or sorted by level and chat item."""
        for name, answers in root.items():
            if name in self._jobs or name not in set(Level):
                self._add(name, answers, [], self._only_round(name))
                continue
            for job, answer in (answers or {}).items():
                if name == Level.CONVERSATION:
                    self._add(job, _stored(answer), [], None)
                    continue
                for chat_item, value in (answer or {}).items():
                    self._add(job, _stored(value), [], self._chat_item(Level(name), chat_item))
        return self._built

    def _chat_item(self, level: Level, chat_item: str) -> str:
        number = whole_number(chat_item) if level is Level.ROUND else None
        if number is not None and number < len(self._round_ids):
            return self._round_ids[number]
        return self._chat_item_ids.get(chat_item, chat_item)

    def _message(self, name: Any) -> Any:
        """The id of a message that an answer names by its external id."""
        return self._chat_item_ids.get(name, name) if isinstance(name, str) else name

    def _only_round(self, name: str) -> str | None:
        """The round that a merged answer is about, where there is but one."""
        is_about_rounds = name in self._jobs and self._jobs[name].level is Level.ROUND
        return self._round_ids[0] if is_about_rounds and len(self._round_ids) == 1 else None

    def _add(self, name: str, answer: Any, path: AnnotationPath, chat_item: str | None) -> None:
        job = self._jobs.get(name)
        if job is None or not answer:
            self.is_complete &= not answer or name in TECHNICAL_ENTRIES
            return
        if job.is_classifying and "categories" in answer:
            self._add_classification(job, answer, path, chat_item)
        elif job.is_transcribing and answer.get("text"):
            self._append("Transcription", job, path, {"text": answer["text"]}, chat_item)
        elif job.ml_task is MlTask.COMPARISON and answer.get("choice"):
            choice = answer["choice"]
            ids = {key: self._message(choice.get(key)) for key in ("firstId", "secondId")}
            self._append("Comparison", job, path, {"choice": {"code": choice.get("code"), **ids}}, chat_item)
        elif job.ml_task is MlTask.RANKING and answer.get("orders"):
            orders = [
                {"rank": order["rank"], "elements": [self._message(element) for element in order["elements"]]}
                for order in answer["orders"]
            ]
            self._append("Ranking", job, path, {"orders": orders}, chat_item)
        elif job.is_detecting:
            self._add_objects(job, answer, path)
        else:
            self.is_complete &= all(value in (None, "", []) for value in answer.values())

    def _append(
        self, kind: str, job: Job, path: AnnotationPath, value: dict[str, Any], chat_item: str | None
    ) -> Annotation:
        annotation: Annotation = {
            "__typename": f"{kind}Annotation",
            "id": identity(self._label_id, job.name, path, chat_item or ""),
            "labelId": self._label_id,
            "job": job.name,
            "path": path,
            "annotationValue": value,
            "chatItemId": chat_item,
        }
        self._built.append(annotation)
        return annotation

    def _add_classification(
        self, job: Job, answer: dict[str, Any], path: AnnotationPath, chat_item: str | None
    ) -> None:
        names = category_names(answer)
        if not names:
            return
        annotation = self._append("Classification", job, path, {"categories": names}, chat_item)
        for item in answer["categories"]:
            if isinstance(item, dict):
                self._add_children(annotation, item.get("children"), item["name"], path, chat_item)
        for name, child in (answer.get("children") or {}).items():
            # Older labels write nested answers beside the categories: find the one that opens the job.
            opener = next(
                (key for key in names if key in job.categories and name in job.categories[key].children), names[0]
            )
            self._add_children(annotation, {name: child}, opener, path, chat_item)

    def _add_children(
        self, parent: Annotation, children: Any, category: str, path: AnnotationPath, chat_item: str | None
    ) -> None:
        for name, answer in (children or {}).items():
            self._add(name, answer, [*path, [parent["id"], category]], chat_item)

    def _add_objects(self, job: Job, answer: dict[str, Any], path: AnnotationPath) -> None:
        for index, item in enumerate(answer.get("annotations") or ()):
            tool = tool_of(job, item)
            names = category_names(item)
            mid = item.get("mid") or ""
            vertices = vertices_of(item, tool) if tool is not None else []
            if not names or not vertices:
                self.is_complete = False
                continue
            key = identity(self._label_id, job.name, path, mid or index)
            former = self._objects.get(key)
            if former is not None and tool is Tool.SEMANTIC:
                # Parts of one mask share a mid.
                former["annotationValue"]["vertices"].extend(vertices)
                continue
            annotation: Annotation = {
                "__typename": "ObjectDetectionAnnotation",
                "id": key if former is None else identity(self._label_id, job.name, path, mid, index),
                "labelId": self._label_id,
                "job": job.name,
                "path": path,
                "annotationValue": object_value(vertices),
                "name": self._names.get(mid),
                "mid": mid,
                "category": names[0],
            }
            self._objects[annotation["id"]] = annotation
            self._built.append(annotation)
            self._add_children(annotation, item.get("children"), names[0], path, None)


def _stored(answer: Any) -> Any:
    """Return an answer of a level as the merged form writes it."""
    return {"choice": answer} if isinstance(answer, dict) and "code" in answer else answer
