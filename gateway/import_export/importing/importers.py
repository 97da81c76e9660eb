"""The kinds of record that can be taken in: for each its form, who may, and what becomes of a row [5.1.3] [6.2].

A kind is a form, a reader of rows, a judge and a writer. What is common to all (files, batches, what is done already,
attempts, reports) is `gateway.import_export.importing.run`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from credit.file_formats.application_rows import APPLICATIONS
from credit.file_formats.case_columns import BASIC as BASIC_FORM
from credit.file_formats.form import RecordForm
from credit.file_formats.subject_rows import SUBJECTS
from gateway.import_export.files.table_reader import TableRow
from gateway.import_export.importing import applications, cases, subjects
from gateway.import_export.importing.candidates import ParsedRow, Problems, RowsSoFar
from gateway.import_export.importing.compare import RowOutcome, RowResult
from gateway.import_export.importing.import_context import ImportContext
from policy.actors import Role
from storage.database.session import Session
from storage.unit_of_work import SqlUnitOfWork

__all__ = ["BASIC", "IMPORTERS", "ImportBatch", "ImportContext", "Importer"]

BASIC: Final = "basic-information"
"""The kind that is taken in and written out where none is named [5.1.3]."""


class ImportBatch(Protocol):
    """What one transaction, or a part of one, will write: of so many rows, and which of them are then done."""

    rows: int
    notes: dict[RowResult, list[int]]


class Importer(Protocol):
    """Takes one file of one kind in, in the name of one actor."""

    kind: str
    now: datetime

    def read(self, row: TableRow) -> ParsedRow[Any] | Problems:
        """Return the row, or everything that is wrong with it."""
        ...

    async def look_up(self, session: Session, new: Sequence[ParsedRow[Any]]) -> Any:  # noqa: ANN401 - the kind's own
        """Find what is on record about a batch."""
        ...

    async def record(self, new: Sequence[ParsedRow[Any]], existing: Any, seen: RowsSoFar) -> None:  # noqa: ANN401 - as above
        """Record what will be opened to compare with it, before it is."""
        ...

    def compare(self, parsed_row: ParsedRow[Any], existing: Any, seen: RowsSoFar) -> RowOutcome:  # noqa: ANN401 - as above
        """Return what becomes of one row, and let the rows after it agree with it."""
        ...

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> ImportBatch:
        """Seal what is to be written; slow beside writing it, so it is done before the transaction."""
        ...

    async def write(self, work: SqlUnitOfWork, batch: Any) -> None:  # noqa: ANN401 - as above
        """Write a batch; raises Stale or SubjectAlreadyRegistered where the record has moved in the meantime."""
        ...

    def forget(self) -> None:
        """Forget what an attempt that failed was about to write."""
        ...


@dataclass(frozen=True, slots=True)
class ImporterSpec:
    """How a desk of one kind is opened: *admit* refuses who may not, *role* acts where none is stated."""

    form: RecordForm
    role: Role
    admit: Callable[[ImportContext], None]
    open: Callable[[ImportContext, str], Awaitable[Importer]]


IMPORTERS: Final[Mapping[str, ImporterSpec]] = {
    BASIC: ImporterSpec(BASIC_FORM, Role.HANDLER, cases.admit, cases.open_importer),
    "applications": ImporterSpec(APPLICATIONS, Role.CLERK, applications.admit, applications.open_importer),
    "subjects": ImporterSpec(SUBJECTS, Role.CLERK, subjects.admit, subjects.open_importer),
}
