"""The `task_spec` of a new task: each item checked against the input fields, its pictures stored while they are decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from labelyard.domain.door.dataapi.input import Input, content_field
from labelyard.domain.door.dataapi.input import Sent as SentValue
from labelyard.domain.error import BadUserInput
from labelyard.server.door.rest import Call, LongText, file_of, text_file_of, text_of
from labelyard.services.asset.content import NewFile
from labelyard.services.door.asset import PICTURES, any_type, file_url, store_door_files
from labelyard.services.door.link import is_link, linked_file

MOST_PICTURE_BYTES: Final = 20 << 20
MOST_TEXT_BYTES: Final = 1 << 20
MOST_TEXTS_BYTES: Final = 8 << 20
"""The texts of one request that are kept as texts; what comes behind them is kept as files, and shown by links."""

MOST_NAMED: Final = 50
"""Fields that a refusal names at most."""

# What would be taken for a file, or the address of one, as the content of an asset.
NO_PLAIN_TEXT: Final = ("data:", "http://", "https://")


@dataclass
class Reading:
    """The items of one task while they are checked."""

    call: Call
    inputs: Sequence[Input]
    items: int
    text_bytes: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    pictures: list[tuple[int, str, NewFile]] = field(default_factory=list)
    texts: list[tuple[int, str, NewFile]] = field(default_factory=list)

    def refuse(self, index: int, name: str, what: str) -> None:
        """Note the first problem of a field."""
        if len(self.problems) < MOST_NAMED:
            self.problems.setdefault(name, what if self.items == 1 else f"{what} (in task_spec[{index}])")

    async def item(self, index: int, given: Mapping[str, Any]) -> dict[str, SentValue]:
        """What was sent in the fields of an item; files are stored later."""
        for name in given.keys() - {known.name for known in self.inputs}:
            self.refuse(index, name[:200], "is no input field of the project")
        values: dict[str, SentValue] = {}
        for known in self.inputs:
            value = given.get(known.name)
            if value is None or value == "":
                if known.is_required:
                    self.refuse(index, known.name, "is missing")
            elif not isinstance(value, str | LongText):
                self.refuse(index, known.name, "must be a string")
            else:
                try:
                    values[known.name] = await self._value(index, known, value)
                except BadUserInput as refused:
                    self.refuse(index, known.name, refused.context["fields"][known.name])
        if not self.problems:
            self._require_content(index, values)
        return values

    async def _value(self, index: int, known: Input, value: str | LongText) -> SentValue:
        name = known.name
        if known.type == "image":
            if isinstance(value, str) and is_link(value):
                file = linked_file(self.call.services, value, name=name, most_bytes=MOST_PICTURE_BYTES)
            else:
                file = file_of(value, name=name, most_bytes=MOST_PICTURE_BYTES)
            self.pictures.append((index, name, file))
            return SentValue(file_id="")
        if isinstance(value, LongText) and self.text_bytes + value.part.size > MOST_TEXTS_BYTES:
            self.texts.append((index, name, text_file_of(value, name=name, most_bytes=MOST_TEXT_BYTES)))
            return SentValue(file_id="", is_text=True)
        text = await text_of(value, name=name, most_bytes=MOST_TEXT_BYTES)
        if "\0" in text:
            what = "cannot hold a NUL character"
            raise BadUserInput(f"{name} {what}.", field=name, fields={name: what})
        self.text_bytes += value.part.size if isinstance(value, LongText) else len(value)
        if text.startswith(NO_PLAIN_TEXT):
            self.texts.append((index, name, NewFile.of(text.encode(), "text/plain")))
        return SentValue(text=text, is_text=True)

    def _require_content(self, index: int, values: Mapping[str, SentValue]) -> None:
        if content_field(self.inputs, values) is None:
            kind = "image" if any(known.type == "image" for known in self.inputs) else "text"
            name = next(known.name for known in self.inputs if known.type == kind)
            self.refuse(index, name, "is missing: an item has one at least")

    def raise_if_wrong(self) -> None:
        """Refuse when a problem was noted."""
        if self.problems:
            name, what = next(iter(self.problems.items()))
            more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
            raise BadUserInput(f"{name} {what}{more}.", field=name, fields=self.problems)


async def read_spec(
    call: Call, inputs: Sequence[Input], spec: Sequence[Mapping[str, Any]]
) -> list[dict[str, SentValue]]:
    """What was sent in the fields of each item, its files stored; one wrong item refuses all."""
    reading = Reading(call, inputs, len(spec))
    sent = [await reading.item(index, given) for index, given in enumerate(spec)]
    reading.raise_if_wrong()
    for files, kinds in ((reading.pictures, PICTURES.__contains__), (reading.texts, any_type)):
        stored = await store_door_files(
            call.database,
            call.services,
            call.actor,
            [file for _, _, file in files],
            names=[name for _, name, _ in files],
            accepts=kinds,
        )
        for (index, name, _), blob in zip(files, stored, strict=True):
            sent[index][name] = sent[index][name].stored(blob.id, file_url(call.services, blob))
    return sent
