"""Labels of every type by several people, for the tests of filters."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.common.world import Organization, Person, Project, answer, new_organization


@dataclass
class Archive:
    """Labels by name; label number n was made at noon of 2024-05-0<n+1>."""

    organization: Organization
    project: Project
    other: Project
    ada: Person
    bob: Person
    rex: Person
    assets: dict[str, str]
    ids: dict[str, str]


@pytest.fixture(scope="module")
async def archive(database, client):
    organization = await new_organization(database, client)
    project = await organization.project(title="Archive")
    other = await organization.project(title="Other")
    ada = await project.member("LABELER", firstname="Ada", lastname="Lovelace")
    bob = await project.member("LABELER", firstname="Bob", lastname="de la Cruz")
    rex = await project.member("REVIEWER", firstname="Rex", lastname="Ada")
    names = ["first", "second", "third"]
    made = await project.assets(3, externalIDArray=names, jsonMetadataArray=['{"city": "Rome"}', "{}", "{}"])
    assets = dict(zip(names, made, strict=True))
    ids = {
        "sun": await project.label(assets["first"], by=ada, seconds=5),
        "rain": await project.label(assets["first"], by=bob, json_response=answer("RAIN", cars=2)),
        "review": await project.label(assets["first"], by=rex, label_type="REVIEW", json_response=answer(cars=1)),
        "draft": await project.label(assets["second"], by=ada, label_type="AUTOSAVE"),
        "prediction": await project.label(assets["second"], label_type="PREDICTION", model_name="m"),
        "inference": await project.label(assets["third"], label_type="INFERENCE", model_name="m"),
        "bobs": await project.label(assets["third"], by=bob),
    }
    ids["elsewhere"] = await other.label((await other.assets(1, prefix="elsewhere"))[0])
    await project.marked()
    pool = database.pool
    for name, column, mark in [
        ("sun", "consensus_mark", 0.25),
        ("rain", "consensus_mark", 0.75),
        ("rain", "honeypot_mark", 0.5),
        ("inference", "inference_mark", 1.0),
        ("review", "review_score", 0.125),
    ]:
        await pool.execute(f"update label set {column} = $2 where id = $1", ids[name], mark)
    await pool.execute("update label set skipped = true where id = $1", ids["bobs"])
    for day, label_id in enumerate(ids.values()):
        moment = datetime(2024, 5, 1 + day, 12, tzinfo=UTC)
        await pool.execute("update label set created_at = $2 where id = $1", label_id, moment)
    return Archive(organization, project, other, ada, bob, rex, assets, ids)
