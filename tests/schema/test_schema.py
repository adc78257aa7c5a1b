"""The schema as clients know it."""

import asyncio
import json
import re
import subprocess
from pathlib import Path

import orjson
import pytest
from graphql import (
    build_schema,
    get_introspection_query,
    parse,
    validate,
)

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import OPERATIONS
from labelyard.resolvers.schema import (
    ROOT_TYPES,
    core_schema,
    missing_operations,
    schema_text,
    schema_version,
)
from tests.common.client import Client
from tests.common.world import Organization

ROOT = Path(__file__).parents[2]
OLD_READER = ROOT / ".sdk" / "26.2.4" / "bin" / "python"
# Reads an introspection answer as the SDK does, with the graphql-core it pins, and parses what it prints of it.
READ = """
import json, sys
from graphql import __version__, build_ast_schema, build_client_schema, parse, print_schema
schema = build_client_schema(json.load(sys.stdin))
again = build_ast_schema(parse(print_schema(schema)))
print(json.dumps([__version__, len(schema.type_map), sorted(again.query_type.fields)[:2]]))
"""


def test_the_schema_in_the_repository_is_the_one_that_is_served() -> None:
    assert (ROOT / "schema.graphql").read_text() == schema_text(), "run `make schema`"


def test_the_version_changes_with_the_schema_and_is_one_every_client_takes() -> None:
    assert re.fullmatch(r"2\.0\.\d+", schema_version())


def test_every_root_field_has_an_action() -> None:
    for kind, type_name in ROOT_TYPES.items():
        for name in core_schema().type_map[type_name].fields:  # type: ignore[attr-defined]
            assert OPERATIONS[(kind, name)].action in Action


async def test_the_introspection_answer_is_read_by_the_client_that_the_sdk_pins(organization: Organization) -> None:
    document = get_introspection_query(
        descriptions=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    answer = await organization.admin.client.graphql(document)
    if not OLD_READER.exists():
        pytest.fail(f"kili 26.2.4 is not set up at {OLD_READER}: run `make sdk-environments`")
    read = await asyncio.to_thread(
        subprocess.run, [OLD_READER, "-c", READ], input=orjson.dumps(answer["data"]), capture_output=True, timeout=60
    )
    assert read.returncode == 0, read.stderr.decode()
    version, types, first = json.loads(read.stdout)
    assert version.startswith("3.2.")
    assert types == len(core_schema().type_map)
    assert first == ["annotationFileUrl", "annotations"]


async def test_introspection_needs_a_key(client: Client) -> None:
    answer = await client.as_(None).graphql("{ __schema { queryType { name } } }", status=401)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


# Documents of the client generations, by what differs between them: flat arguments, `data` with `where`, and the names of types.
GENERATIONS = {
    "createProject 2.60": """mutation ($description: String!, $inputType: InputType!, $jsonInterface: String!,
      $projectType: ProjectType, $title: String!, $userID: ID!) { data: createProject(description: $description,
      inputType: $inputType, jsonInterface: $jsonInterface, projectType: $projectType, title: $title, userID: $userID) { id } }""",
    "createProject 2.87": "mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id } }",
    "appendManyToDataset 2.60": """mutation ($projectID: ID!, $contentArray: [String!], $externalIDArray: [String!],
      $isHoneypotArray: [Boolean!], $statusArray: [Status!], $jsonContentArray: [String!], $jsonMetadataArray: [String!]) {
      data: appendManyToDataset(projectID: $projectID, contentArray: $contentArray, externalIDArray: $externalIDArray,
      isHoneypotArray: $isHoneypotArray, statusArray: $statusArray, jsonContentArray: $jsonContentArray,
      jsonMetadataArray: $jsonMetadataArray) { id } }""",
    "appendManyToDataset 2.86": """mutation ($where: ProjectWhere!, $contentArray: [String!]) {
      data: appendManyToDataset(where: $where, contentArray: $contentArray) { id } }""",
    "appendManyToDataset 2.87": """mutation ($data: AppendManyToDatasetData!, $where: ProjectWhere!) {
      data: appendManyToDataset(data: $data, where: $where) { id } }""",
    "appendManyAssets 2.143": """mutation ($data: AppendManyAssetsData!, $where: ProjectWhere!) {
      data: appendManyAssets(data: $data, where: $where) { id } }""",
    "appendToLabels 2.60": """mutation ($authorID: ID!, $jsonResponse: String!, $labelAssetID: ID!, $labelType: LabelType!,
      $secondsToLabel: Float, $skipped: Boolean!) { data: appendToLabels(authorID: $authorID, jsonResponse: $jsonResponse,
      labelAssetID: $labelAssetID, labelType: $labelType, secondsToLabel: $secondsToLabel, skipped: $skipped) { id } }""",
    "appendToLabels 2.87": """mutation ($data: AppendToLabelsData!, $where: AssetWhere!) {
      data: appendToLabels(data: $data, where: $where) { id } }""",
    "createPredictions 2.60": """mutation ($projectID: ID!, $externalIDArray: [ID!]!, $modelNameArray: [String!]!,
      $jsonResponseArray: [String!]!) { data: createPredictions(projectID: $projectID, externalIDArray: $externalIDArray,
      modelNameArray: $modelNameArray, jsonResponseArray: $jsonResponseArray) { id } }""",
    "deleteManyFromDataset 2.60": "mutation ($assetIDs: [ID!]) { data: deleteManyFromDataset(assetIDs: $assetIDs) { id } }",
    "deleteAssets 26.2": """mutation ($where: AssetWhere!) { data: deleteAssets(where: $where) {
      succeeded { assetId externalId } declined { assetId externalId } failed { assetId externalId details } } }""",
    "updatePropertiesInAsset 2.2": """mutation ($assetID: ID!, $priority: Int, $toBeLabeledBy: [String], $status: Status) {
      data: updatePropertiesInAsset(where: {id: $assetID}, data: {priority: $priority, toBeLabeledBy: $toBeLabeledBy,
      status: $status}) { id } }""",
    "labels 2.1": """query ($where: LabelWhere!, $first: PageSize!, $skip: Int!) { data: labels(where: $where, first: $first,
      skip: $skip) { author { email id name } id jsonResponse labelType secondsToLabel skipped } }""",
    "labels with annotations 2.160": """query ($where: LabelWhere!, $first: PageSize!, $skip: Int!) {
      data: labels(where: $where, first: $first, skip: $skip) { annotations { __typename id job path labelId
      ... on ClassificationAnnotation { annotationValue { categories } }
      ... on RankingAnnotation { annotationValue { orders { elements rank } } }
      ... on ComparisonAnnotation { annotationValue { choice { code firstId secondId } } }
      ... on TranscriptionAnnotation { annotationValue { text } }
      ... on VideoAnnotation { frames { start end } keyAnnotations { id frame } }
      ... on VideoObjectDetectionAnnotation { keyAnnotations { annotationValue { vertices { x y } } } name mid category } } } }""",
    "subscription 2.60": """subscription ($projectID: ID!) { data: labelCreatedOrUpdated(projectID: $projectID) {
      id author { email } labelOf { id } labelType jsonResponse } }""",
}


@pytest.mark.parametrize("document", GENERATIONS.values(), ids=GENERATIONS)
def test_documents_of_every_generation_validate(document: str) -> None:
    assert validate(core_schema(), parse(document)) == []
    assert validate(build_schema(schema_text()), parse(document)) == []


def test_all_of_the_contract_is_served(monkeypatch) -> None:
    assert missing_operations() == []
    # Which is found out, not said.
    fields = dict(core_schema().mutation_type.fields)
    monkeypatch.setattr(core_schema().mutation_type, "fields", {n: f for n, f in fields.items() if n != "createTag"})
    assert missing_operations() == ["mutation.createTag"]
