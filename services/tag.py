"""Writing tags, and putting them on projects."""

from __future__ import annotations

from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.permission import Actor
from labelyard.domain.tag import MAX_TAGS
from labelyard.services.identity import new_id
from labelyard.storage import tag as rows
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.organization import lock_organization
from labelyard.storage.project import hold_project


async def create_tag(connection: Writer, actor: Actor, *, label: str, color: str) -> str:
    """Add a tag to the organization and answer its id."""
    await lock_organization(connection, actor.organization_id)
    await _refuse_taken(connection, actor, label)
    if await rows.count_tags(connection, actor.organization_id) >= MAX_TAGS:
        raise BadUserInput(
            f"[quotaReached] An organization has at most {MAX_TAGS:,} tags; remove some with deleteTag first.",
            limit=MAX_TAGS,
        )
    identifier = new_id()
    await rows.insert_tag(
        connection, identifier=identifier, organization_id=actor.organization_id, label=label, color=color
    )
    return identifier


async def rename_tag(connection: Writer, actor: Actor, tag_id: str, label: str) -> int:
    """Change the text of a tag; answers how many tags are different now."""
    await lock_organization(connection, actor.organization_id)
    tag = await _own(connection, actor, tag_id)
    if tag["label"] == label:
        return 0
    await _refuse_taken(connection, actor, label)
    await rows.set_label(connection, tag_id, label)
    return 1


async def delete_tag(connection: Writer, actor: Actor, tag_id: str) -> None:
    """Remove a tag from the organization and from all projects."""
    await lock_organization(connection, actor.organization_id)
    await _own(connection, actor, tag_id)
    await rows.remove_tag(connection, tag_id)


async def check_tag(connection: Writer, actor: Actor, *, project_id: str, tag_id: str) -> None:
    """Put a tag on a project in which the person has the right to."""
    await hold_project(connection, project_id)
    if await rows.hold_tag(connection, actor.organization_id, tag_id) is None:
        raise _unknown(tag_id)
    await rows.put_on_project(connection, project_id, tag_id)


async def uncheck_tag(connection: Writer, actor: Actor, *, project_id: str, tag_id: str) -> None:
    """Take a tag from a project in which the person has the right to; one that is not there is refused."""
    await _own(connection, actor, tag_id)
    if not await rows.take_from_project(connection, project_id, tag_id):
        raise NotFound(
            f"[notFound] Project {project_id} does not have tag {tag_id!r}; listTagsByProject lists those it has.",
            projectId=project_id,
            tagId=tag_id,
        )


async def _own(connection: Connection, actor: Actor, tag_id: str) -> Row:
    tag = await rows.own_tag(connection, actor.organization_id, tag_id)
    if tag is None:
        raise _unknown(tag_id)
    return tag


async def _refuse_taken(connection: Connection, actor: Actor, label: str) -> None:
    """Refuse a text that names a tag already; nobody adds one meanwhile, for the organization's row is held."""
    taken = await rows.tag_labeled(connection, actor.organization_id, label)
    if taken is not None:
        raise Conflict(
            f"[tagTaken] The organization has a tag {label!r} already; use it, or choose another text.", tagId=taken
        )


def _unknown(tag_id: str) -> NotFound:
    return NotFound(
        f"[notFound] No tag {tag_id!r} is visible to you; listTagsByOrg lists those that are.", tagId=tag_id
    )
