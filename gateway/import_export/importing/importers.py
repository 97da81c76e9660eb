"""The kinds of record that can be imported: for each its form, who may import it, and its importer [5.1.3] [6.2].

An importer parses, compares and writes the rows of its kind. What all kinds share (files, batches, done rows, attempts,
reports) is in `gateway.import_export.importing.run`.
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
"""The default kind of import and export [5.1.3]."""


class ImportBatch(Protocol):
    """The data that one transaction, or a part of it, will write: how many rows, and the lines that are then done."""

    rows: int
    notes: dict[RowResult, list[int]]


class Importer(Protocol):
    """Imports one file of one kind for one actor."""

    kind: str
    now: datetime

    def read(self, row: TableRow) -> ParsedRow[Any] | Problems:
        """Return the parsed row, or every problem with it."""
        ...

    async def look_up(self, session: Session, new: Sequence[ParsedRow[Any]]) -> Any:  # noqa: ANN401 - the kind's own
        """Find the existing records of a batch."""
        ...

    async def record(self, new: Sequence[ParsedRow[Any]], existing: Any, seen: RowsSoFar) -> None:  # noqa: ANN401 - as above
        """Record what `compare` will open, before it is opened."""
        ...

    def compare(self, parsed_row: ParsedRow[Any], existing: Any, seen: RowsSoFar) -> RowOutcome:  # noqa: ANN401 - as above
        """Return the outcome of one row; the rows after it must agree with it."""
        ...

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> ImportBatch:
        """Seal the data to write. Sealing is slower than writing, so it is done before the transaction."""
        ...

    async def write(self, work: SqlUnitOfWork, batch: Any) -> None:  # noqa: ANN401 - as above
        """Write a batch; raises Stale or SubjectAlreadyRegistered where the record has changed in the meantime."""
        ...

    def forget(self) -> None:
        """Forget what a failed attempt would have written."""
        ...


@dataclass(frozen=True, slots=True)
class ImporterSpec:
    """One kind: *admit* raises for an actor without the right; *role* is the default role."""

    form: RecordForm
    role: Role
    admit: Callable[[ImportContext], None]
    open: Callable[[ImportContext, str], Awaitable[Importer]]


IMPORTERS: Final[Mapping[str, ImporterSpec]] = {
    BASIC: ImporterSpec(BASIC_FORM, Role.HANDLER, cases.admit, cases.open_importer),
    "applications": ImporterSpec(APPLICATIONS, Role.CLERK, applications.admit, applications.open_importer),
    "subjects": ImporterSpec(SUBJECTS, Role.CLERK, subjects.admit, subjects.open_importer),
}
