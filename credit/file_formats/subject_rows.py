"""Rows of subjects as departments list them: the particulars of a registration, and nothing more [3.2] [5.1.3]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from credit.core.errors import Problem
from credit.core.problems import Complaints
from credit.file_formats import case_columns as h
from credit.file_formats.case_columns import HEADERS, STATES_KIND
from credit.file_formats.choices import ReferenceLists
from credit.file_formats.form import RecordForm
from credit.file_formats.row_reader import RowCells, read_subject
from credit.subjects.registration import Registration

OF_SUBJECT: Final = (h.NAME, h.KIND, h.NUMBER, h.ADDRESS, h.PHONE, h.AREA, h.NAME_CONFIRMED)
"""The columns that identify a subject."""

SUBJECTS: Final = RecordForm(
    {header: HEADERS[header] for header in OF_SUBJECT},
    frozenset({h.KIND, h.ADDRESS, h.PHONE, h.AREA, h.NAME_CONFIRMED}),
    STATES_KIND,
)


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One subject, known to be well formed. Its repr shows nothing of the person."""

    subject: Registration
    number: str = ""
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    """What the row gives and the record leaves out."""

    @property
    def contents(self) -> tuple[object, ...]:
        """All values of the row except name and kind, for comparing it with another row."""
        return self.subject.area_code, self.subject.phone, self.subject.address


def parse_subject_row(row: Mapping[str, object], reference: ReferenceLists, *, today: date) -> SubjectRow:
    """Read a row under any of the accepted headers, or raise RowRefused with all its problems."""
    complaints = Complaints()
    cells = RowCells(SUBJECTS.cells_of(row, complaints), complaints)
    subject = read_subject(cells, SUBJECTS.stated_kind(row), reference, today, without_address=True)
    if complaints.problems or subject is None:
        raise SUBJECTS.refused(complaints)
    return SubjectRow(subject, warnings=tuple(complaints.warnings))
