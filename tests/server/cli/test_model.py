"""`labelyard model`: training, predicting, statistics and similar pictures from a terminal, without a server."""

from __future__ import annotations

import re

from tests.common.learning import add_labels, add_pictures, pictures_project, shape_files

SEEN = """query ($id: ID!) { data: assets(where: {project: {id: $id}}, first: 100, skip: 0) {
  externalId labels { labelType modelName } } }"""


async def test_a_model_is_trained_asked_and_compared_with_from_a_terminal(own_organization, tell, run):
    project = await pictures_project(own_organization)
    assets = await add_pictures(project, shape_files(5, shapes=("DISC", "STAR")))
    await add_labels(project, {asset_id: [name[:4]] for name, asset_id in assets.items() if name[-1] != "4"})
    admin = own_organization.admin.email

    refused = await run("model", "stats", project.id, "first", "--as", admin)
    assert refused.complaints == [f"labelyard: Project {project.id} has no model 'first'."]
    (line,) = await tell("model", "train", project.id, "first", "--as", admin, "--seed", 3)
    assert re.fullmatch(
        rf"Model first tells 2 labels apart, after \d+\.\d seconds of learning; `labelyard model stats {project.id}` says how well\.",
        line,
    )
    table = await tell("model", "stats", project.id, "first", "--as", admin, "--set", "train")
    assert [row.split()[:2] for row in table[1:3]] == [["DISC", "3"], ["STAR", "3"]]
    assert ["images", "6"] in [row.split() for row in table]
    assert ["accuracy", "1.0000"] in [row.split() for row in table]
    (line,) = await tell("model", "predict", project.id, "first", "--as", admin)
    assert line == f"2 predictions written to project {project.id}, 2 assets looked at."
    seen = await project.admin.data(SEEN, {"id": project.id})
    assert {one["externalId"] for one in seen if one["labels"][0]["modelName"] == "first"} == {"DISC-4", "STAR-4"}
    (line,) = await tell("model", "predict", project.id, "first", "--as", admin)
    assert line.startswith("0 predictions written")
    nearest = await tell("model", "similar", project.id, "DISC-0", "--as", admin, "--limit", 3)
    assert len(nearest) == 4
    assert nearest[1].startswith("DISC-")

    labeler = await project.member("LABELER")
    refused = await run("model", "train", project.id, "second", "--as", labeler.email)
    assert refused.code == 1
    assert "Your role LABELER" in refused.complaints[0]
    refused = await run("model", "train", project.id, "first", "--as", admin)
    assert "[nameTaken]" in refused.complaints[0]
    refused = await run("model", "train", project.id, "second", "--as", admin, "--minutes", 0)
    assert "minutes lies between 0.01 and 120" in refused.complaints[0]
