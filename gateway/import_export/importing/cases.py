"""Imports basic information: restraint cases and their subjects [5.1.3] [6.2]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from credit.file_formats.case_rows import Intake
from gateway.import_export.authorize import admit_import
from gateway.import_export.files.table_reader import TableRow
from gateway.import_export.importing.candidates import ParsedRow, Problems, RowsSoFar, read_parsed_row
from gateway.import_export.importing.compare import RowComparer, RowOutcome
from gateway.import_export.importing.existing_records import ExistingRecords, look_up
from gateway.import_export.importing.import_context import ImportContext
from gateway.import_export.importing.recorded_opening import RecordedOpening
from gateway.import_export.importing.write import CaseBatch, Writer
from storage.database.session import Session
from storage.unit_of_work import SqlUnitOfWork


def admit(context: ImportContext) -> None:
    """Raise ExchangeRefused for an actor without the right."""
    admit_import(context.services.policy, context.actor, context.lists)


async def open_importer(context: ImportContext, mark: str) -> "CaseImporter":
    """Return the importer for a file, whose rows are marked as done under *mark*."""
    services, actor, lists, now = context.services, context.actor, context.lists, context.now
    recorded_opening = RecordedOpening(services, actor, mark)
    scopes = admit_import(services.policy, actor, lists)
    compare = RowComparer(actor, scopes, lists.sectors.__getitem__, recorded_opening.open, now)
    return CaseImporter(
        context, now, recorded_opening, compare, Writer(services, actor, lists, recorded_opening, mark, now)
    )


@dataclass(slots=True)
class CaseImporter:
    """Imports cases."""

    context: ImportContext
    now: datetime
    recorded_opening: RecordedOpening
    comparer: RowComparer
    writer: Writer
    kind: str = "basic-information"

    def read(self, row: TableRow) -> ParsedRow[Intake] | Problems:
        """Return the parsed row, or every problem with it."""
        context = self.context
        return read_parsed_row(row, context.lists.reference, context.services.keyring, context.today)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[Intake]]) -> ExistingRecords:
        """Find the subjects, cases and applications of a batch."""
        return await look_up(session, new)

    async def record(self, new: Sequence[ParsedRow[Intake]], existing: ExistingRecords, seen: RowsSoFar) -> None:
        """Record what `compare` will open: the name, and the facts where all other items are equal [5.1.6]."""
        await self.recorded_opening.record(box for one in new for box in self.comparer.opens(one, existing, seen))

    def compare(self, parsed_row: ParsedRow[Intake], existing: ExistingRecords, seen: RowsSoFar) -> RowOutcome:
        """Return the outcome of one row."""
        return self.comparer.compare(parsed_row, existing, seen)

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> CaseBatch:
        """Seal the data to write."""
        return self.writer.prepare(row_outcomes)

    async def write(self, work: SqlUnitOfWork, batch: CaseBatch) -> None:
        """Write a batch."""
        await self.writer.write(work, batch)

    def forget(self) -> None:
        """Forget the subjects that a failed attempt would have registered."""
        self.writer.made.clear()
