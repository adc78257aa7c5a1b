"""The declaration of the door: address, key and errors."""

from __future__ import annotations

from typing import Any, Final

from labelyard.domain.error import ErrorCode
from labelyard.server.door.rest import Door, bare_or_bearer
from labelyard.server.edge.error import ErrorPayload
from labelyard.storage import door_task

NAME: Final = door_task.DOOR


def error_body(error: ErrorPayload, status: int) -> dict[str, Any]:
    """The body of a refusal; `fields` names each field that is wrong."""
    return {"error": {"code": status, "message": error.message, "fields": error.context.get("fields", {})}}


DOOR = Door(
    name=NAME,
    title="data tasks",
    base="/dataapi",
    key_of=bare_or_bearer,
    error=error_body,
    statuses={ErrorCode.BAD_USER_INPUT: 422, ErrorCode.BAD_REQUEST: 422, ErrorCode.QUERY_TOO_COMPLEX: 422},
)
