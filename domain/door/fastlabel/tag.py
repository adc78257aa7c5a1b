"""Tags: names on tasks. Their ids say which project and name they stand for, so that nothing is kept of them."""

from __future__ import annotations

import base64
import binascii

SEPARATOR = "-"


def tag_id(project_id: str, name: str) -> str:
    """The id of a tag."""
    return f"{project_id}{SEPARATOR}{base64.urlsafe_b64encode(name.encode()).decode().rstrip('=')}"


def tag_of(identifier: str) -> tuple[str, str] | None:
    """The project and the name that an id stands for; None for what is no id of a tag."""
    project_id, separator, encoded = identifier.partition(SEPARATOR)
    if not separator:
        return None
    try:
        name = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (project_id, name) if tag_id(project_id, name) == identifier else None
