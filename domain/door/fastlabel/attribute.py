"""Attributes: questions about an object or a file, and their answers; jobs of the interface in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.door.fastlabel.value import (
    json_text_of,
    list_of,
    object_of,
    optional_text_of,
    shown,
    text_of,
    whole_of,
)
from labelyard.domain.error import BadUserInput

MAX_KEY: Final = 200
MAX_NAME: Final = 500
MAX_OPTIONS: Final = 1_000
MAX_ATTRIBUTES: Final = 200
MAX_TEXT: Final = 100_000
CHOOSING: Final = {
    "select": "singleDropdown",
    "radio": "radio",
    "checkbox": "checkbox",
    "switch": "radio",
}
"""Types that choose among options, and the input of their jobs."""
SWITCH: Final = ("true", "false")
_TYPE_OF_INPUT: Final = {
    "singleDropdown": "select",
    "radio": "radio",
    "checkbox": "checkbox",
    "multipleDropdown": "checkbox",
}
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a class: the job that it is, and what it is called here.

    `id` is empty as long as its class has none; `default` is the `value` that it was given in the class.
    """

    job: str
    id: str
    key: str
    name: str
    type: str
    options: tuple[Option, ...] = ()
    default: Any = ""


@dataclass(frozen=True, slots=True)
class SentAttribute:
    """An attribute of a class as a client sends it; `id` names the one that it is to change."""

    id: str | None
    key: str
    name: str
    type: str
    options: tuple[Option, ...]
    default: Any
    order: int | None


def sent_attributes(value: Any, what: str = "attributes") -> list[SentAttribute]:
    """The attributes of a class, in their order; each key once."""
    sent = [_sent(item, f"{what}[{index}]") for index, item in enumerate(list_of(value, what, limit=MAX_ATTRIBUTES))]
    keys = [one.key for one in sent]
    for key in keys:
        if keys.count(key) > 1:
            raise BadUserInput(f"{what} has the key {key!r} twice; give each attribute a key of its own.", field=what)
    places = {id(one): place for place, one in enumerate(sent, 1)}
    return sorted(sent, key=lambda one: places[id(one)] if one.order is None else one.order)


def _sent(item: Any, what: str) -> SentAttribute:
    given = object_of(item, what)
    kind = text_of(given.get("type"), f"{what}.type", limit=50, least=1)
    options = tuple(
        _option(option, f"{what}.options[{index}]")
        for index, option in enumerate(list_of(given.get("options"), f"{what}.options", limit=MAX_OPTIONS))
    )
    values = [option.value for option in options]
    if len(set(values)) < len(values):
        raise BadUserInput(f"{what}.options has a value twice.", field=f"{what}.options")
    if kind == "switch":
        options = ()
    elif kind in CHOOSING and not options:
        raise BadUserInput(
            f"{what} of the type {kind} needs options: [{{title, value}}]; give at least one.", field=f"{what}.options"
        )
    key = text_of(given.get("key"), f"{what}.key", limit=MAX_KEY, least=1)
    name = text_of(given.get("name", key), f"{what}.name", limit=MAX_NAME)
    order = given.get("order")
    return SentAttribute(
        id=optional_text_of(given.get("id"), f"{what}.id", limit=MAX_KEY),
        key=key,
        name=name,
        type=kind,
        options=options,
        default=_default(given.get("value", ""), f"{what}.value"),
        order=None if order is None else whole_of(order, f"{what}.order", least=0, most=10_000),
    )


def _default(value: Any, what: str) -> Any:
    json_text_of(value, what, limit=MAX_TEXT)
    return value


def _option(item: Any, what: str) -> Option:
    given = object_of(item, what)
    value = text_of(given.get("value"), f"{what}.value", limit=MAX_KEY, least=1)
    return Option(value, text_of(given.get("title", value), f"{what}.title", limit=MAX_NAME))


def job_of(sent: SentAttribute, *, is_child: bool, before: Json | None = None) -> dict[str, Any]:
    """The job of an attribute; what is already there and has no counterpart here stays."""
    job: dict[str, Any] = {
        **(before or {"required": 0, "isVisible": True}),
        "isChild": is_child,
        "instruction": sent.name,
    }
    content = dict(job.get("content") or {})
    if sent.type in CHOOSING:
        options = [Option(value, value) for value in SWITCH] if sent.type == "switch" else sent.options
        known = content.get("categories") or {}
        job["mlTask"] = "CLASSIFICATION"
        content["input"] = CHOOSING[sent.type]
        content["categories"] = {
            option.value: {"children": [], **known.get(option.value, {}), "name": option.title} for option in options
        }
    else:
        job["mlTask"] = "TRANSCRIPTION"
        content = {"input": "textField"}
    return {**job, "content": content}


def attribute_of(name: str, job: Json, class_id: str, details: Json | None) -> Attribute | None:
    """The attribute that a job is; None for a job that is none. `details` are those that were kept for it."""
    kept = details or {}
    options: tuple[Option, ...]
    content = job.get("content") or {}
    categories = content.get("categories") or {}
    match job.get("mlTask"):
        case "TRANSCRIPTION":
            written = kept.get("type", "text")
            kind, options = ("text" if written in CHOOSING else written), ()
        case "CLASSIFICATION" if categories:
            kind = _TYPE_OF_INPUT.get(content.get("input") or "radio", "radio")
            if kind == "radio" and set(categories) == set(SWITCH):
                kind = "switch"
            options = tuple(Option(key, str(category["name"])) for key, category in categories.items())
        case _:
            return None
    return Attribute(
        job=name,
        id=f"{class_id}-{name}" if class_id else "",
        key=str(kept.get("key", name)),
        name=str(job.get("instruction") or kept.get("key", name)),
        type=kind,
        options=() if kind == "switch" else options,
        default=kept.get("value", ""),
    )


def shape_of(attribute: Attribute, order: int) -> dict[str, Any]:
    """An attribute in a class."""
    return {
        "id": attribute.id,
        "key": attribute.key,
        "name": attribute.name,
        "type": attribute.type,
        "options": [{"title": option.title, "value": option.value} for option in attribute.options],
        "order": order,
        "value": attribute.default,
    }


# Answers


def answers_of(sent: Any, attributes: Sequence[Attribute], what: str) -> dict[str, Any]:
    """The answers of jobs that a list `[{key, value}]` gives, in its order; empty values are none."""
    known = {attribute.key: attribute for attribute in attributes}
    answers: dict[str, Any] = {}
    for index, item in enumerate(list_of(sent, what, limit=MAX_ATTRIBUTES)):
        here = f"{what}[{index}]"
        given = object_of(item, here)
        key = given.get("key")
        if not isinstance(key, str) or key not in known:
            keys = ", ".join(known) or "none"
            raise BadUserInput(f"{here}.key {shown(key)} is no attribute here; those are: {keys}.", field=f"{here}.key")
        answer = answer_of(given.get("value"), known[key], f"{here}.value")
        if answer is not None:
            answers[known[key].job] = answer
    return answers


def answer_of(value: Any, attribute: Attribute, what: str) -> dict[str, Any] | None:
    """The answer of one job; None for an empty value."""
    if value is None or value in ("", []):
        return None
    match attribute.type:
        case "switch":
            word = str(value).lower() if isinstance(value, bool) else value
            return {"categories": [{"name": _chosen(word, SWITCH, what)}]}
        case "checkbox":
            values = value if isinstance(value, list) else [value]
            options = [option.value for option in attribute.options]
            chosen = [_chosen(one, options, what) for one in values]
            return {"categories": [{"name": name} for name in dict.fromkeys(chosen)]}
        case "select" | "radio":
            (only,) = value if isinstance(value, list) and len(value) == 1 else (value,)
            return {"categories": [{"name": _chosen(only, [option.value for option in attribute.options], what)}]}
        case "text":
            return {"text": text_of(value, what, limit=MAX_TEXT)}
        case _ if isinstance(value, str):
            return {"text": text_of(value, what, limit=MAX_TEXT)}
        case _:
            return {"text": json_text_of(value, what, limit=MAX_TEXT), "fastlabel": {"value": value}}


def _chosen(value: Any, options: Sequence[str], what: str) -> str:
    if not isinstance(value, str) or value not in options:
        raise BadUserInput(f"{what} is one of {', '.join(options[:50])}, not {shown(value)}.", field=what)
    return value


def value_of(answer: Any, attribute: Attribute) -> Any:
    """What an answer says; None when it says nothing that this attribute can."""
    if not isinstance(answer, dict):
        return None
    if attribute.type not in CHOOSING:
        return _written(answer, attribute)
    chosen = [item.get("name") for item in answer.get("categories") or () if isinstance(item, dict)]
    if attribute.type == "switch":
        return chosen[0] == "true" if chosen and chosen[0] in SWITCH else None
    options = {option.value for option in attribute.options}
    known = [name for name in chosen if name in options]
    if not known:
        return None
    return known if attribute.type == "checkbox" else known[0]


def _written(answer: Json, attribute: Attribute) -> Any:
    text = answer.get("text")
    if not isinstance(text, str) or not text:
        return None
    kept = answer.get("fastlabel")
    if attribute.type != "text" and isinstance(kept, dict) and "value" in kept:
        value = kept["value"]
        # It holds as long as the text is the one it was written with.
        if json_text_of(value, attribute.key, limit=MAX_TEXT) == text:
            return value
    return text


def values_in(answers: Any, attributes: Sequence[Attribute]) -> list[dict[str, Any]]:
    """The attributes that are answered: `[{key, name, type, value}]`, in the order of the answers."""
    if not isinstance(answers, dict):
        return []
    known = {attribute.job: attribute for attribute in attributes}
    values = []
    for job, answer in answers.items():
        attribute = known.get(job)
        value = value_of(answer, attribute) if attribute is not None else None
        if attribute is not None and value is not None:
            values.append({"key": attribute.key, "name": attribute.name, "type": attribute.type, "value": value})
    return values
