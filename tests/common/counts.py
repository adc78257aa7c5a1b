"""Counts that are known without the rows, and the same counts from the rows."""

from __future__ import annotations

from typing import Any

from tests.common.client import Client

STATUSES = ["TODO", "ONGOING", "LABELED", "TO_REVIEW", "REVIEWED", "TODO ONGOING", "ONGOING REVIEWED ONGOING", ""]
TYPES = ["DEFAULT", "REVIEW", "PREDICTION", "INFERENCE AUTOSAVE", "REVIEW DEFAULT", ""]
ASSETS = ["", "skipped: true", "skipped: false", *(f"statusIn: [{statuses}]" for statuses in STATUSES)]
LABELS = ["", *(f"typeIn: [{types}]" for types in TYPES)]


AT_ONCE = 9
"""As many root fields as a document may have."""


def documents(of_assets: str = "", of_labels: str = "") -> list[str]:
    """Documents with all such counts of a project, with more conditions."""
    project = "project: {id: $id}"
    fields = [f"a{n}: countAssets(where: {{{project} {rest} {of_assets}}})" for n, rest in enumerate(ASSETS)]
    fields += [f"l{n}: countLabels(where: {{{project} {rest} {of_labels}}})" for n, rest in enumerate(LABELS)]
    parts = [fields[start : start + AT_ONCE] for start in range(0, len(fields), AT_ONCE)]
    return [f"query ($id: ID!) {{ {' '.join(part)} }}" for part in parts]


KNOWN = documents()
# Conditions that every row satisfies, which nothing is tallied by.
FROM_ROWS = documents('idNotIn: ["nobody"]', 'createdAtGte: "0001-01-01"')


async def counts(client: Client, texts: list[str], project_id: str) -> dict[str, Any]:
    """The answers of such documents."""
    answers = [await client.graphql(text, {"id": project_id}) for text in texts]
    assert not [answer for answer in answers if "errors" in answer], answers
    return {name: count for answer in answers for name, count in answer["data"].items()}


async def check_counts(client: Client, project_id: str) -> dict[str, Any]:
    """Compare the counts of a project with its rows, and answer them."""
    known = await counts(client, KNOWN, project_id)
    assert known == await counts(client, FROM_ROWS, project_id)
    return known
