"""A row of the made-up person, read with some of its cells changed."""

import pytest

from credit.core.errors import RowRefused
from credit.file_formats.case_rows import Intake, parse_row
from tests.credit.subjects.synthetic_numbers import REFERENCE, TODAY, row


def read(**changed: str | None) -> Intake:
    return parse_row(row(**changed), REFERENCE, today=TODAY)


def problems(**changed: str | None) -> list[tuple[str, str]]:
    with pytest.raises(RowRefused) as refused:
        read(**changed)
    return [(problem.field, problem.code) for problem in refused.value.problems]
