"""What the schema says of its parts, and where the sentences come from."""

import inspect
import tomllib
from importlib.resources import files

import pytest
from graphql import introspection_types, specified_scalar_types

from labelyard.resolvers.description import COMMON, TYPES, parts_of, read_sentences
from labelyard.resolvers.schema import core_schema

FILES = {
    file.name: tomllib.loads(file.read_text(encoding="utf-8"))
    for file in files("labelyard.resolvers.description").iterdir()
    if file.name.endswith(".toml")
}
PARTS = {(owner, name): part.description for owner, name, part in parts_of(core_schema())}
DECLARED = {
    name: declared.description
    for name, declared in core_schema().type_map.items()
    if name not in introspection_types and name not in specified_scalar_types
}


def test_every_part_has_a_description() -> None:
    assert len(PARTS) > 1_800
    assert [part for part, text in PARTS.items() if not text] == []


def test_every_type_has_a_description() -> None:
    assert [name for name, text in DECLARED.items() if not text] == []
    made_up = [name for name, text in DECLARED.items() if text and text.startswith(f"{name}(")]
    assert made_up == [], "a dataclass without a docstring describes itself"


@pytest.mark.parametrize("texts", [PARTS, DECLARED], ids=["parts", "types"])
def test_descriptions_are_sentences_without_indentation(texts: dict[object, str | None]) -> None:
    for place, text in texts.items():
        assert text
        assert text == inspect.cleandoc(text).strip(), place
        assert text[0].isupper() or text[0] in "`0123456789", place
        assert text.endswith((".", ".)")), place


def test_every_sentence_describes_something() -> None:
    dead = [
        f"{file}: [{owner}] {name}"
        for file, tables in FILES.items()
        for owner, sentences in tables.items()
        for name in sentences
        if not (owner == COMMON or (name in DECLARED if owner == TYPES else (owner, name) in PARTS))
    ]
    assert dead == []


def test_every_common_sentence_is_used() -> None:
    common = read_sentences()[COMMON]
    used = {name for (_, name), text in PARTS.items() if text == common.get(name)}
    assert set(common) - used == set()


def test_no_sentence_is_written_twice_for_the_same_part() -> None:
    written = [(owner, name) for tables in FILES.values() for owner, sentences in tables.items() for name in sentences]
    assert len(written) == len(set(written)), "two files describe the same part"
    common = read_sentences()[COMMON]
    repeated = [
        (owner, name)
        for owner, sentences in read_sentences().items()
        for name, text in sentences.items()
        if owner not in (COMMON, TYPES) and common.get(name) == text
    ]
    assert repeated == [], "[common] says it already"
