"""Interfaces compiled once and kept: by project and version, so that no request compiles what another has compiled."""

from __future__ import annotations

from collections import OrderedDict

from domain.error import refusal_of
from domain.interface import InterfaceReport, parse_interface
from domain.response import ResponseValidator, compile_validator
from storage.database import Connection

KEPT = 512


def checked_interface(text: str | None, *, input_type: str) -> InterfaceReport:
    """The report of an interface without errors; the refusal that lists them all otherwise."""
    report = parse_interface(text, input_type=input_type)
    if report.errors:
        raise refusal_of("invalidJsonInterface", "The interface of the project is not valid.", report.errors)
    return report


class InterfaceCache:
    """Validators of the interfaces in use, the least recently used ones forgotten."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._validators: OrderedDict[tuple[str, int], ResponseValidator] = OrderedDict()

    async def validator(self, connection: Connection, project_id: str, version: int) -> ResponseValidator:
        """The validator of a project's interface in a version."""
        key = (project_id, version)
        found = self._validators.get(key)
        if found is None:
            found = self._validators[key] = await self._compile(connection, project_id)
            if len(self._validators) > self._kept:
                self._validators.popitem(last=False)
        self._validators.move_to_end(key)
        return found

    async def _compile(self, connection: Connection, project_id: str) -> ResponseValidator:
        row = await connection.fetch_one(
            "select json_interface, input_type, pixel_labeling from project where id = :id", {"id": project_id}
        )
        if row is None:
            raise LookupError(project_id)
        report = checked_interface(row["json_interface"], input_type=row["input_type"])
        if report.interface is None:
            raise LookupError(project_id)
        return compile_validator(
            report.interface, input_type=row["input_type"], pixel_coordinates=row["pixel_labeling"]
        )
