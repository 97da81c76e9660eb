"""A reference to staff or to a written commitment that is longer than its column is refused: PostgreSQL would fail."""

import pytest
from sqlalchemy import String

from credit.cases.actions.take_step import SHORT, reference
from credit.core.errors import StepNotWellFormed
from credit.core.values.references import LONGEST, LONGEST_NAME
from storage.tables import metadata

NAMES = ("handler_ref", "reviewer_ref", "helper_ref", "commitment_ref", "assigned_ref")


@pytest.mark.parametrize("field", sorted(SHORT))
def test_a_name_is_as_long_as_its_column_and_no_longer(field: str) -> None:
    assert reference(field, "某" * LONGEST_NAME) == "某" * LONGEST_NAME
    with pytest.raises(StepNotWellFormed):
        reference(field, "某" * (LONGEST_NAME + 1))


def test_every_column_for_a_reference_holds_the_longest() -> None:
    found = {
        f"{table.name}.{column.name}": column.type.length
        for table in metadata.sorted_tables
        for column in table.c
        if column.name in NAMES and isinstance(column.type, String)
    }
    assert len(found) > len(NAMES)
    assert {name: length for name, length in found.items() if length is not None and length < LONGEST_NAME} == {}


def test_other_references_may_be_longer() -> None:
    assert reference("basis", "某" * LONGEST) == "某" * LONGEST
