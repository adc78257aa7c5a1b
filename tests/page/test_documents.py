"""Every document of the page is one that the server answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, NoDeprecatedCustomRule, build_schema, parse, specified_rules, validate

from labelyard.server.edge.document_cache import DocumentCache

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "server/page/static"
_TEMPLATE = re.compile(r"`(\s*(?:query|mutation|subscription)\s+[A-Z][^`]*)`")
# Nothing replaces them: they hand out the queue under a lock, and end the lock of an asset that is left.
QUEUE = ("Query.getNextAssetFromProject", "Query.getNextAssetFromLabel", "Mutation.deleteLocks")


def documents() -> list[tuple[str, str]]:
    found = []
    for path in sorted(STATIC.rglob("*.js")):
        for number, text in enumerate(_TEMPLATE.findall(path.read_text())):
            found.append((f"{path.relative_to(STATIC)}#{number}", text))
    return found


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((ROOT / "schema.graphql").read_text())


def test_documents_stand_in_api_only() -> None:
    assert {name.split("/")[0] for name, _ in documents()} == {"api"}


@pytest.mark.parametrize(("name", "document"), documents(), ids=[name for name, _ in documents()])
def test_a_document_is_valid_and_asks_for_nothing_deprecated(schema: GraphQLSchema, name: str, document: str) -> None:
    parsed = parse(document)
    assert validate(schema, parsed, specified_rules) == []
    deprecated = [error.message for error in validate(schema, parsed, [NoDeprecatedCustomRule])]
    assert [message for message in deprecated if not any(field in message for field in QUEUE)] == []
    DocumentCache().get(document).facts.cost({}, None)
