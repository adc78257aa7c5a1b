"""The declaration of the door, and what its routes share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from labelyard.domain.error import ErrorCode
from labelyard.domain.permission import Action
from labelyard.server.door.rest import Call, Door, LongText, bearer, text_of
from labelyard.server.edge.error import ErrorPayload
from labelyard.services.door.fastlabel.project import FastLabelProject, required_by_slug

MOST_LISTED: Final = 1_000
USUAL_PAGE: Final = 100
MOST_OFFSET: Final = 10**9
MOST_TEXT_BYTES: Final = 400_000


def error(payload: ErrorPayload, status: int) -> Mapping[str, Any]:
    """The body of a refusal, as the client reads it: without `message` it dies."""
    return {"statusCode": status, "error": payload.code.value, "message": payload.message}


DOOR: Final = Door(
    name="fastlabel",
    title="FastLabel",
    base="/fastlabel/v1",
    key_of=bearer,
    error=error,
    statuses={ErrorCode.BAD_USER_INPUT: 422},
)


async def project_named(call: Call, slug: Any, action: Action | None = None) -> FastLabelProject:
    """The project of a slug, in which the person may do the action of the route, or another one."""
    if not isinstance(slug, str) or not slug:
        slug = call.query.required("project") if slug is None else str(slug)
    project = await required_by_slug(call.database, call.actor, slug)
    await call.authorize(project.id, action)
    return project


def page_of(call: Call, *, most: int = MOST_LISTED, usual: int = USUAL_PAGE) -> tuple[int, int]:
    """Offset and limit of a list; a larger limit is cut."""
    offset = call.query.number("offset", default=0, most=MOST_OFFSET)
    limit = call.query.number("limit", default=min(usual, most), most=MOST_OFFSET)
    return offset, min(limit, most)


async def with_texts(value: Any, *, name: str = "body") -> Any:
    """A value of a body with files in it, whose long texts are no files, with these texts read."""
    if isinstance(value, LongText):
        return await text_of(value, name=name, most_bytes=MOST_TEXT_BYTES)
    if isinstance(value, dict):
        return {key: await with_texts(item, name=key) for key, item in value.items()}
    if isinstance(value, list):
        return [await with_texts(item, name=name) for item in value]
    return value
