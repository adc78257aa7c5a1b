"""What is known of tables without loading their declarations."""

from __future__ import annotations

import pytest
from sqlmodel import SQLModel

import labelyard.resolvers.schema
import labelyard.storage.table  # noqa: F401 - declares the tables
from labelyard.storage.plan.source import registry
from labelyard.storage.statement import change, insertion
from labelyard.storage.tally import TALLIES

TABLES = SQLModel.metadata.tables
SOURCES = {name: source for name, source in registry.items() if source.table is not None}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_times_and_ids_of_assets_are_known_by_the_names_of_their_columns(name):
    source = SOURCES[name]
    for column in TABLES[source.table_name].columns:
        is_time = column.type.python_type.__name__ == "datetime"
        assert source.column_is_timestamp(column.name) == is_time, column
        names_asset = any(key.target_fullname == "asset.id" for key in column.foreign_keys)
        assert source.column_is_asset_id(column.name) == (names_asset or str(column) == "asset.id"), column


@pytest.mark.parametrize("name", sorted(TALLIES))
def test_tallies_are_folded_with_all_their_columns(name):
    key, counts = TALLIES[name]

    assert [*key, "part", "is_new", *counts] == [column.name for column in TABLES[name].columns]
    assert {name for name in TABLES if name.endswith("_tally")} == set(TALLIES)


def test_defaults_of_columns_are_those_of_the_database():
    """A row is added with the columns that are given: nothing fills in the others but the database."""
    without = [str(c) for t in TABLES.values() for c in t.columns if c.default is not None and c.server_default is None]

    assert without == []


@pytest.mark.parametrize("column", ["a b", "x; drop table asset", "Title", "", "row_id"])
def test_only_names_become_part_of_a_statement(column):
    with pytest.raises(ValueError, match="no name of a column"):
        insertion("project", [column])
    with pytest.raises(ValueError, match="no name of a column"):
        change("project", [column])
