"""The input fields of a project of data tasks, and how an asset shows what was sent in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST_SHOWN_BYTES: Final = 8_000
"""How much of a text the metadata of an asset shows, which has room for 64 KiB in all; the whole text is kept beside it."""


@dataclass(frozen=True, slots=True)
class Input:
    """A field that a customer sends: `type` is `image` or `text`."""

    name: str
    type: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent in a field: a text, or a picture or a text that is a stored file.

    A text whose beginning looks like the address of something is both, so that the content of an asset is what was sent.
    """

    text: str | None = None
    file_id: str | None = None
    url: str = ""
    is_text: bool = False

    @property
    def is_both(self) -> bool:
        """Whether it is a text that is a file, too."""
        return self.text is not None and self.file_id is not None

    @property
    def shown(self) -> str:
        """What people read of a text: itself, or where it is."""
        return self.text if self.text is not None else self.url

    def stored(self, file_id: str, url: str) -> Sent:
        """The same as a file, with the URL that it has in metadata."""
        return Sent(self.text, file_id, url, self.is_text)

    def record(self) -> dict[str, str]:
        """What is kept of it."""
        return {"text": self.text} if self.text is not None else {"file": self.file_id or ""}


def inputs_of(record: Mapping[str, Any], input_type: str) -> list[Input]:
    """The input fields of a project; one that was made elsewhere has one for the content of its assets."""
    spec = record.get("input_spec")
    if spec:
        return [Input(field["name"], field["type"], field["required"]) for field in spec]
    kind = "image" if input_type == "IMAGE" else "text"
    return [Input(kind, kind, is_required=True)]


def content_field(inputs: Sequence[Input], sent: Mapping[str, Sent]) -> str | None:
    """The field that is the content of the asset: the first picture that was sent, in projects without pictures the first text."""
    kind = "image" if any(field.type == "image" for field in inputs) else "text"
    return next((field.name for field in inputs if field.type == kind and field.name in sent), None)


def metadata_of(sent: Mapping[str, Sent], content: str) -> dict[str, str]:
    """What the labeling screen shows beside the content: `text`, `imageUrl`, and further pictures as `imageUrl <name>`."""
    beside = {name: value for name, value in sent.items() if name != content}
    texts = {name: value.shown for name, value in beside.items() if value.is_text}
    pictures = {name: value.url for name, value in beside.items() if not value.is_text}
    metadata: dict[str, str] = {}
    if texts:
        lines = [f"{name}: {text}" for name, text in texts.items()] if len(texts) > 1 else list(texts.values())
        metadata["text"] = _shown("\n".join(lines))
    for number, (name, url) in enumerate(pictures.items()):
        metadata["imageUrl" if number == 0 else f"imageUrl {name}"] = url
    return metadata


def _shown(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= MOST_SHOWN_BYTES:
        return text
    return encoded[:MOST_SHOWN_BYTES].decode(errors="ignore") + "…"
