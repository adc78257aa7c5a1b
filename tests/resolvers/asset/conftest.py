"""Eight assets in eight states, for the tests of filters."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.common.documents import UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import Organization, Person, Project, answer, new_organization

METADATA = [
    '{"city": "Paris", "size": 1, "day": "2024-01-01"}',
    '{"city": "Lyon", "size": 2.5, "day": "2024-01-15T10:00:00", "flag": true}',
    '{"city": "Par%s", "size": 10, "day": "2024-02-01", "flag": false}',
    '{"city": "paris", "size": "2", "tags": ["a", "b"]}',
    '{"size": -3, "city": null}',
    "{}",
    '{"imageUrl": "https://example.com/x.png"}',
    '{"city": "Lyon", "size": 5}',
]


@dataclass
class Warehouse:
    """Assets named `todo`, `autosaved`, … in that order; asset number n was made at noon of 2024-03-0<n+1>."""

    organization: Organization
    project: Project
    ada: Person
    bob: Person
    rex: Person
    ids: dict[str, str]
    steps: dict[str, str]


NAMES = ["todo", "autosaved", "sunny", "rainy", "waiting", "reviewed", "skipped", "predicted"]


@pytest.fixture(scope="module")
async def warehouse(database, client):
    organization = await new_organization(database, client)
    project = await organization.project(title="Warehouse")
    # Somebody else's assets, which no filter may ever find.
    other = await organization.project(title="Other")
    await other.label((await other.assets(2, prefix="other"))[0])
    ada = await project.member("LABELER", firstname="Ada", lastname="Lovelace")
    bob = await project.member("LABELER", firstname="Bob", lastname="de la Cruz")
    rex = await project.member("REVIEWER", firstname="Rex", lastname="Ada")
    made = await project.assets(
        8, externalIDArray=NAMES, jsonMetadataArray=METADATA, isHoneypotArray=[False] * 7 + [True]
    )
    ids = dict(zip(NAMES, made, strict=True))

    await project.label(ids["autosaved"], by=ada, label_type="AUTOSAVE")
    await project.label(ids["sunny"], by=ada, json_response=answer(cars=2), seconds=10)
    await project.label(ids["rainy"], by=bob, json_response=answer("RAIN"))
    await project.label(ids["reviewed"], by=ada)
    await project.label(ids["reviewed"], by=rex, label_type="REVIEW", json_response=answer("RAIN", cars=1))
    await project.label(ids["predicted"], label_type="PREDICTION", model_name="Model 7")
    await project.admin.data(UPDATE_PROJECT, {"data": {"reviewCoverage": 100}, "where": {"id": project.id}})
    await project.label(ids["waiting"], by=bob)
    properties = {"city": {"type": "string"}, "size": {"type": "number"}, "day": {"type": "date"}}
    await project.admin.data(UPDATE_PROJECT, {"data": {"metadataProperties": properties}, "where": {"id": project.id}})
    changes = {"todo": {"toBeLabeledBy": [ada.email]}, "autosaved": {"toBeLabeledBy": [ada.email, bob.email]}}
    await project.admin.data(
        UPDATE_ASSETS,
        {"dataArray": list(changes.values()), "whereArray": [{"id": ids[name]} for name in changes]},
    )

    # What no operation sets: marks, a skip, and times that lie days apart.
    await project.marked()
    pool = database.pool
    await pool.execute("update asset set skipped = true, step_status = 'SKIPPED' where id = $1", ids["skipped"])
    for name, column, mark in [
        ("sunny", "consensus_mark", 0.5),
        ("rainy", "consensus_mark", 1.0),
        ("sunny", "honeypot_mark", 0.25),
        ("reviewed", "honeypot_mark", 0.0),
        ("predicted", "inference_mark", 0.75),
    ]:
        await pool.execute(f"update asset set {column} = $2 where id = $1", ids[name], mark)
        await pool.execute(f"update label set {column} = $2 where asset_id = $1", ids[name], mark)
    for day, name in enumerate(NAMES):
        moment = datetime(2024, 3, 1 + day, 12, tzinfo=UTC)
        later = moment + timedelta(days=10)
        await pool.execute("update asset set created_at = $2, updated_at = $3 where id = $1", ids[name], moment, later)
        await pool.execute("update label set created_at = $2 where asset_id = $1", ids[name], moment)
    steps = {row["name"]: row["id"] for row in await project.rows("project_step")}
    return Warehouse(organization, project, ada, bob, rex, ids, steps)
