"""The tables allow shards by subject, and have a mask beside each sealed column."""

import pytest
from sqlalchemy import LargeBinary, UniqueConstraint

from storage.database.column_types import Ids
from storage.tables import metadata

KINDS = {"reference", "subject-owned", "shared", "derived", "operational"}
OWNED = [table for table in metadata.sorted_tables if table.info["kind"] == "subject-owned"]
ALL = metadata.sorted_tables


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_every_table_says_whose_it_is(table):
    assert table.info["kind"] in KINDS
    assert ("subject_id" in table.primary_key.columns) == (table.info["kind"] == "subject-owned")


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_keys_of_what_a_subject_owns_begin_with_the_subject(table):
    keys = [table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint))]
    indexes = [index for index in table.indexes if index.unique]
    assert [next(iter(key.columns)).name for key in [*keys, *indexes]] == ["subject_id"] * (len(keys) + len(indexes))


def test_what_several_subjects_share_names_them_in_an_array() -> None:
    shared = [table for table in ALL if table.info["kind"] == "shared"]
    assert [(table.name, isinstance(table.c.subjects.type, Ids)) for table in shared] == [("disclosures", True)]


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_what_a_subject_owns_refers_to_the_subject_or_to_reference_tables_only(table):
    for key in table.foreign_keys:
        target = key.column.table
        assert target.name == "subjects" or target.info["kind"] == "reference"


LOGINS = {"login_attempts", "login_sessions"}
"""Their sealed columns are secrets of a login, shown to nobody; a session lives for hours, under one key."""


@pytest.mark.parametrize("table", [table for table in ALL if table.name not in LOGINS], ids=lambda table: table.name)
def test_whatever_is_sealed_has_a_mask_and_a_version_beside_it(table):
    for column in table.columns:
        if column.name.endswith("_sealed"):
            assert isinstance(column.type, LargeBinary)
            assert column.name.replace("_sealed", "_mask") in table.columns
            assert "version" in table.columns
