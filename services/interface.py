"""A cache of compiled interfaces, by project and version."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from labelyard.domain.error import refusal_of
from labelyard.domain.interface import InterfaceReport, parse_interface
from labelyard.domain.response import ResponseValidator, compile_validator
from labelyard.storage.database import Connection
from labelyard.storage.project import interface_of

# What a validator takes in memory, by the text of its interface, as measured.
BYTES_PER_CHARACTER: Final = 12
BYTES_AT_LEAST: Final = 4_096
KEPT_BYTES: Final = 24 * 1024 * 1024


def checked_interface(text: str | None, *, input_type: str) -> InterfaceReport:
    """The report of an interface without errors; the refusal that lists them all otherwise."""
    report = parse_interface(text, input_type=input_type)
    if report.errors:
        raise refusal_of("invalidJsonInterface", "The interface of the project is not valid.", report.errors)
    return report


class InterfaceCache:
    """Validators of the interfaces in use; the least recently used ones make room by size."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._validators: OrderedDict[tuple[str, int], tuple[ResponseValidator, int]] = OrderedDict()
        self.bytes = 0

    async def validator(self, connection: Connection, project_id: str, version: int) -> ResponseValidator:
        """The validator of a project's interface in a version."""
        key = (project_id, version)
        validator_and_size = self._validators.get(key)
        if validator_and_size is None:
            validator_and_size = await self._compile(connection, project_id)
            if key not in self._validators:  # another request may have compiled it meanwhile
                self._validators[key] = validator_and_size
                self.bytes += validator_and_size[1]
            while self.bytes > self._kept_bytes:
                _, (_, size) = self._validators.popitem(last=False)
                self.bytes -= size
        else:
            self._validators.move_to_end(key)
        return validator_and_size[0]

    async def _compile(self, connection: Connection, project_id: str) -> tuple[ResponseValidator, int]:
        row = await interface_of(connection, project_id)
        if row is None:
            raise LookupError(project_id)
        report = checked_interface(row["json_interface"], input_type=row["input_type"])
        if report.interface is None:
            raise LookupError(project_id)
        validator = compile_validator(
            report.interface, input_type=row["input_type"], pixel_coordinates=row["pixel_labeling"]
        )
        return validator, BYTES_AT_LEAST + BYTES_PER_CHARACTER * len(row["json_interface"])
