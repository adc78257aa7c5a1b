"""Lists with the fields that a release reads when none are named."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.rooms.dataset import a_filled_dataset, a_locked_asset
from tests.sdk.every_method.rooms.given import a_label, a_prediction, an_asset, an_inference
from tests.sdk.every_method.rooms.issue import issue
from tests.sdk.every_method.rooms.member import a_member
from tests.sdk.every_method.rooms.model import a_model, a_project_model
from tests.sdk.every_method.rooms.organization import its_name
from tests.sdk.every_method.rooms.project import a_version
from tests.sdk.every_method.rooms.storage import a_connection
from tests.sdk.every_method.rooms.tag import a_tagged_project
from tests.sdk.every_method.rooms.user import a_notification, a_person, a_person_with_a_password
from tests.sdk.every_method.row import Row, row

OF_PROJECT = {"project_id": "$project"}
LISTS = ("domain:{}.list", "domain:{}.list_as_generator")


def ids(found: Any) -> Any:
    return [one["id"] for one in found]


def listed(*methods: str, answer: Any, **parts: Any) -> Row:
    """A list of these ids."""
    return row(*methods, of=ids, answer=answer, **parts)


def domain(namespace: str) -> list[str]:
    return [name.format(namespace) for name in LISTS]


ROWS: list[Row] = [
    listed("assets", *domain("assets"), given=an_asset, call=OF_PROJECT, answer=["$asset", "$other"]),
    listed("labels", *domain("labels"), given=a_label, call=OF_PROJECT, answer=["$label"]),
    listed("predictions 2.140.0..", given=a_prediction, call=OF_PROJECT, answer=["$label"]),
    listed("inferences 2.140.0..", given=an_inference, call=OF_PROJECT, answer=["$label"]),
    listed("projects", given=an_asset, call=OF_PROJECT, answer=["$project"]),
    listed(*domain("projects"), given=an_asset, call={"filter": OF_PROJECT}, answer=["$project"]),
    listed("project_users 2.60.0..", given=a_member, call={**OF_PROJECT, "email": "$member_email"}, answer=["$role"]),
    listed("users 2.60.0..", given=a_person, call={"email": "$email"}, answer=["$person"]),
    listed(*domain("users"), given=a_person, call={"filter": {"email": "$email"}}, answer=["$person"]),
    listed("organizations", *domain("organizations"), given=its_name, answer=["$organization"]),
    listed("issues 2.99.0..", *domain("issues"), given=issue("ISSUE"), call=OF_PROJECT, answer=["$issue"]),
    listed(*domain("questions"), given=issue("QUESTION"), call=OF_PROJECT, answer=["$issue"]),
    listed(
        "notifications 2.60.0..25.2.10",
        given=a_notification,
        call={"notification_id": "$notification"},
        answer=["$notification"],
    ),
    listed("locks 2.60.0..2.120.0", given=a_locked_asset, call={"lock_id": "$lock"}, answer=["$lock"]),
    listed("project_version 2.120.0..", given=a_version, call=OF_PROJECT, answer=["$version"]),
    listed("tags 2.160.0..", "domain:tags.list", given=a_tagged_project, call=OF_PROJECT, answer=["$tag_id"]),
    listed(
        "cloud_storage_integrations 2.140.0..",
        given=a_connection,
        call={"name": "$name"},
        answer=["$integration"],
    ),
    listed(
        *domain("storages.integrations"),
        given=a_connection,
        call={"filter": {"name": "$name"}},
        answer=["$integration"],
    ),
    listed("cloud_storage_connections 2.140.0..", given=a_connection, call=OF_PROJECT, answer=["$connection"]),
    listed(*domain("storages.connections"), given=a_connection, call={"filter": OF_PROJECT}, answer=["$connection"]),
    listed("datasets 2.99.0", given=a_filled_dataset, call={"dataset_id": "$dataset"}, answer=["$dataset"]),
    listed(
        "dataset_assets 2.99.0", given=a_filled_dataset, call={"dataset_id": "$dataset"}, answer=["$asset", "$other"]
    ),
    listed("llm.project_models 2.176.1..", given=a_project_model, call=OF_PROJECT, answer=["$project_model"]),
    row(
        "llm.model 2.176.1..",
        given=a_model,
        call={"model_id": "$model"},
        answer={
            "id": "$model",
            "name": "$name",
            "type": "OPEN_AI_SDK",
            "credentials": {"apiKey": "***", "endpoint": "$endpoint"},
        },
    ),
    row(
        "get_current_user 26.2.4",
        "domain:users.me 26.2.4",
        given=a_person_with_a_password,
        of=lambda found: found["id"],
        answer="$person",
    ),
    row(
        "project_version 2.99.0",
        given=a_version,
        call=OF_PROJECT,
        refused="project",
        reason="Its default fields name an object as if it were a value; it works with fields that are named.",
    ),
]
