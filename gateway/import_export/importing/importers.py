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
from credit.file_formats.form import Form
from credit.file_formats.subject_rows import SUBJECTS
from gateway.import_export.files.table_reader import Row
from gateway.import_export.importing import applications as taking_applications
from gateway.import_export.importing import cases as taking_cases
from gateway.import_export.importing import subjects as taking_subjects
from gateway.import_export.importing.candidates import Candidate, Problems, Seen
from gateway.import_export.importing.compare import Outcome, Verdict
from gateway.import_export.importing.import_context import Opening
from policy.actors import Role
from storage.database.session import Session
from storage.unit_of_work import UnitOfWork

__all__ = ["BASIC", "DESKS", "Batch", "Desk", "Opening"]

BASIC: Final = "basic-information"
"""The kind that is taken in and written out where none is named [5.1.3]."""


class Batch(Protocol):
    """What one transaction, or a part of one, will write: of so many rows, and which of them are then done."""

    rows: int
    notes: dict[Outcome, list[int]]


class Desk(Protocol):
    """Takes one file of one kind in, in the name of one actor."""

    kind: str
    now: datetime

    def read(self, row: Row) -> Candidate[Any] | Problems:
        """Return the row, or everything that is wrong with it."""
        ...

    async def look_up(self, session: Session, new: Sequence[Candidate[Any]]) -> Any:  # noqa: ANN401 - the kind's own
        """Find what is on record about a batch."""
        ...

    async def record(self, new: Sequence[Candidate[Any]], standing: Any, seen: Seen) -> None:  # noqa: ANN401 - as above
        """Record what will be opened to compare with it, before it is."""
        ...

    def judge(self, candidate: Candidate[Any], standing: Any, seen: Seen) -> Verdict:  # noqa: ANN401 - as above
        """Return what becomes of one row, and let the rows after it agree with it."""
        ...

    def prepare(self, verdicts: Sequence[Verdict]) -> Batch:
        """Seal what is to be written; slow beside writing it, so it is done before the transaction."""
        ...

    async def write(self, work: UnitOfWork, batch: Any) -> None:  # noqa: ANN401 - as above
        """Write a batch; raises Stale or SubjectAlreadyRegistered where the record has moved in the meantime."""
        ...

    def forget(self) -> None:
        """Forget what an attempt that failed was about to write."""
        ...


@dataclass(frozen=True, slots=True)
class Making:
    """How a desk of one kind is opened: *admit* refuses who may not, *role* acts where none is stated."""

    form: Form
    role: Role
    admit: Callable[[Opening], None]
    open: Callable[[Opening, str], Awaitable[Desk]]


DESKS: Final[Mapping[str, Making]] = {
    BASIC: Making(BASIC_FORM, Role.HANDLER, taking_cases.admit, taking_cases.open_desk),
    "applications": Making(APPLICATIONS, Role.CLERK, taking_applications.admit, taking_applications.open_desk),
    "subjects": Making(SUBJECTS, Role.CLERK, taking_subjects.admit, taking_subjects.open_desk),
}
