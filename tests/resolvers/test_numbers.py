"""Numbers from outside: each has a range, none breaks what is read afterwards, and sums fit what they are answered in."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLList, GraphQLNonNull, get_named_type

from labelyard.domain.number import LARGEST_INT, RANGES
from labelyard.resolvers.operation import OPERATIONS
from labelyard.resolvers.schema import core_schema
from tests.common.documents import APPEND_MANY_LABELS, APPEND_TO_LABELS
from tests.common.world import answer

SCHEMA = core_schema()
PAGES = {"first", "skip", "limit"}  # which say themselves how large they are
EXTREMES: list[Any] = [-1, 2**31 - 1, -(2**31), 2**31, 2**53, -(2**63), 3e9, 1e18, 1e308, -1e308, 1e-320, -0.0]
SECONDS = """mutation ($id: ID!, $seconds: Float) {
  data: appendToLabels(where: {id: $id}, data: {jsonResponse: "{}", labelType: AUTOSAVE, secondsToLabel: $seconds}) { id } }"""
FIGURES = """query ($id: ID!) {
  projects(where: {id: $id}, first: 10, skip: 0) { id numberOfLatestLabels roles { totalDuration durationPerLabel } }
  assets(where: {project: {id: $id}}, first: 100, skip: 0) { id priority labels { secondsToLabel totalSecondsToLabel } }
  labels(where: {project: {id: $id}}, first: 100, skip: 0) { id secondsToLabel totalSecondsToLabel numberOfAnnotations }
  projectUsers(where: {project: {id: $id}}, first: 10, skip: 0) { totalDuration durationPerLabel numberOfAnnotations }
  issues(where: {project: {id: $id}}, first: 10, skip: 0) { id issueNumber }
  notifications(where: {}, first: 10, skip: 0) { id progress }
  organizations(where: {}, first: 10, skip: 0) { id } }"""


def numeric_positions(type_: Any, path: tuple[str, ...], around: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """The paths below an argument at which a number can be given."""
    named = get_named_type(type_)
    if named.name in ("Int", "Float", "PageSize"):
        yield path
    elif isinstance(named, GraphQLInputObjectType) and named.name not in around:
        for name, field in named.fields.items():
            yield from numeric_positions(field.type, (*path, name), around | {named.name})


def positions() -> list[tuple[str, str, tuple[str, ...]]]:
    """Every numeric position of every operation that is served."""
    return [
        (kind, operation, path)
        for (kind, operation) in OPERATIONS
        for argument, declared in SCHEMA.type_map[kind.capitalize()].fields[operation].args.items()
        for path in numeric_positions(declared.type, (argument,), frozenset())
    ]


POSITIONS = positions()


def test_every_number_from_outside_has_a_range():
    names = {path[-1] for _, _, path in POSITIONS} - PAGES

    assert names <= RANGES.keys()
    assert len(POSITIONS) > 300


class Filling:
    """Values for arguments: the least that a type needs, and a number at one place."""

    def __init__(self, ids: dict[str, str], number: Any) -> None:
        self.ids, self.number = ids, number

    def value(self, type_: Any, name: str, path: tuple[str, ...]) -> Any:
        """A value that leads to the number at `path`, or any value where the path is empty."""
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type, name, path)
        if isinstance(type_, GraphQLList):
            return [self.value(type_.of_type, name, path)]
        if isinstance(type_, GraphQLInputObjectType):
            return {
                key: self.value(field.type, key, path[1:] if path[:1] == (key,) else ())
                for key, field in type_.fields.items()
                if path[:1] == (key,) or isinstance(field.type, GraphQLNonNull) or key in ("id", "project")
            }
        if path == ("here",):
            return self.number
        return self.plain(type_, name)

    def plain(self, type_: Any, name: str) -> Any:
        match type_.name:
            case "Int" | "Float" | "PageSize":
                return 1
            case "Boolean":
                return True
            case "ID" | "String":
                return self.ids.get(name.lower().removesuffix("s"), self.ids["id"])
            case "JSON":
                return {}
            case "DateTime":
                return "2024-01-01"
        return next(iter(type_.values))


@pytest.fixture
async def busy(project):
    """A project with a bit of everything."""
    ids = await project.assets(3)
    await project.label(ids[0])
    return project


@pytest.mark.parametrize("operation", sorted({(kind, name) for kind, name, _ in POSITIONS}), ids=lambda pair: pair[1])
async def test_no_number_breaks_what_is_read(busy, operation):
    kind, name = operation
    field = SCHEMA.type_map[kind.capitalize()].fields[name]
    (asset, *_) = [row["id"] for row in await busy.rows("asset")]
    ids = {"id": busy.id, "projectid": busy.id, "assetid": asset, "externalid": "asset0", "jsonresponse": answer()}
    for path in [path for k, n, path in POSITIONS if (k, n) == operation and len(path) < 5]:
        for number in EXTREMES:
            arguments = {
                argument: Filling(ids, number).value(
                    declared.type, argument, (*path[1:], "here") if path[0] == argument else ()
                )
                for argument, declared in field.args.items()
                if path[0] == argument
                or isinstance(declared.type, GraphQLNonNull)
                or argument in ("projectID", "where")
            }
            declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in arguments)
            passed = ", ".join(f"{argument}: ${argument}" for argument in arguments)
            leaf = "" if not hasattr(get_named_type(field.type), "fields") else "{ __typename }"
            response = await busy.admin.post(f"{kind} ({declared}) {{ data: {name}({passed}) {leaf} }}", arguments)
            codes = {error["extensions"]["code"] for error in response.json().get("errors", [])}
            assert response.status_code in (200, 400), (path, number, response.text)
            assert not codes & {"INTERNAL_SERVER_ERROR", "UNKNOWN_OUTCOME", "UNAVAILABLE"}, (
                path,
                number,
                response.text,
            )
    read = (await busy.admin.post(FIGURES, {"id": busy.id})).json()
    assert "errors" not in read, read


@pytest.mark.parametrize("seconds", [3e9, 1e18, 1e308, 10_000_000.5, -1, -0.5])
async def test_seconds_out_of_range_are_refused_by_name_value_and_range(project, seconds):
    (asset,) = await project.assets()
    before = await project.everything()

    refused = await project.admin.refused(SECONDS, {"id": asset, "seconds": seconds})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.message.startswith("secondsToLabel lies between 0 and 10,000,000, not ")
    assert refused.context == {"field": "secondsToLabel", "given": seconds}
    assert await project.everything() == before


async def test_infinite_seconds_are_refused(project):
    (asset,) = await project.assets()
    before = await project.everything()
    document = SECONDS.replace("($id: ID!, $seconds: Float)", "($id: ID!)").replace("$seconds", "1e999")

    answered = (await project.admin.post(document, {"id": asset})).json()

    assert {error["extensions"]["code"] for error in answered["errors"]} <= {
        "BAD_USER_INPUT",
        "GRAPHQL_VALIDATION_FAILED",
    }
    assert await project.everything() == before


async def test_sums_of_seconds_fit(project):
    """A thousand labels of the most seconds pass what an Int holds: the answer is the largest Int."""
    (asset,) = await project.assets()
    for _ in range(3):
        labels = [{"assetID": asset, "jsonResponse": answer(), "secondsToLabel": 10_000_000} for _ in range(100)]
        await project.admin.data(
            APPEND_MANY_LABELS, {"data": {"labelType": "DEFAULT", "labelsData": labels}, "where": {"idIn": [asset]}}
        )

    read = (await project.admin.post(FIGURES, {"id": project.id})).json()

    assert "errors" not in read
    assert {label["totalSecondsToLabel"] for label in read["data"]["labels"]} == {LARGEST_INT}
    (member,) = read["data"]["projectUsers"]
    assert (member["totalDuration"], member["durationPerLabel"]) == (3_000_000_000, 10_000_000)


async def test_a_row_that_was_written_past_the_server_takes_no_list_with_it(project, database):
    (asset,) = await project.assets()
    made = [await project.label(asset) for _ in range(3)]
    for label, number in zip(made, ["infinity", "1e18", "-5"], strict=True):
        await database.pool.execute("update label set seconds_to_label = $2::text::float where id = $1", label, number)

    read = (await project.admin.post(FIGURES, {"id": project.id})).json()

    assert "errors" not in read
    assert sorted(label["secondsToLabel"] for label in read["data"]["labels"]) == [0, 10_000_000, 10_000_000]


@pytest.mark.parametrize(
    ("sent", "answered"), [(None, "0"), (3, "3"), (3.0, "3"), (12.5, "12"), (13.6, "14"), (0.4, "0"), (0, "0")]
)
async def test_seconds_are_whole_numbers_where_they_can_be(project, sent, answered):
    (asset,) = await project.assets()
    data = {"jsonResponse": answer(), "labelType": "DEFAULT", **({} if sent is None else {"secondsToLabel": sent})}
    document = APPEND_TO_LABELS.replace("{ id }", "{ secondsToLabel }")

    response = await project.admin.post(document, {"data": data, "where": {"id": asset}})

    assert response.text == f'{{"data":{{"data":{{"secondsToLabel":{answered}}}}}}}'


FOUND = "query ($where: AssetWhere!) { data: assets(where: $where, first: 10, skip: 0) { externalId jsonMetadata } }"


@pytest.mark.parametrize("stored", ["1e400", "-1e400", "123456789012345678901234567890", "1e-400", "0.1"])
async def test_numbers_in_metadata_may_be_of_any_size(project, stored):
    variables = {"contentArray": ["a", "b"], "jsonMetadataArray": [f'{{"n": {stored}}}', '{"n": 1}']}
    document = (
        "mutation ($d: AppendManyAssetsData!, $w: ProjectWhere!) { data: appendManyAssets(data: $d, where: $w) { id } }"
    )
    imported = (await project.admin.post(document, {"d": variables, "w": {"id": project.id}})).json()
    codes = {error["extensions"]["code"] for error in imported.get("errors", [])}
    assert codes <= {"BAD_USER_INPUT"}, imported
    if codes:
        await project.assets(1, jsonMetadataArray=['{"n": 1}'])

    for wanted in ([0.5, 1.5], [None, 1e308], [-1e308, 2**63 - 1], [1, 1], [5e-324, None]):
        where = {"project": {"id": project.id}, "metadata": {"n": wanted}}
        found = await project.admin.data(FOUND, {"where": where})
        assert '{"n": 1}' in [asset["jsonMetadata"].replace('":1', '": 1') for asset in found]
    assert await project.admin.data(FOUND, {"where": {"project": {"id": project.id}, "metadata": {"n": 1e308}}}) == []
