"""Takes in basic information: restraint cases and whom they are about [5.1.3] [6.2]."""

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


def admit(opening: ImportContext) -> None:
    """Refuse who may not; raises ExchangeRefused."""
    admit_import(opening.services.policy, opening.actor, opening.lists)


async def open_importer(opening: ImportContext, mark: str) -> "Cases":
    """Return the desk for a file, whose rows are noted under *mark*."""
    services, actor, lists, now = opening.services, opening.actor, opening.lists, opening.now
    recorded_opening = RecordedOpening(services, actor, mark)
    scopes = admit_import(services.policy, actor, lists)
    compare = RowComparer(actor, scopes, lists.sectors.__getitem__, recorded_opening.open, now)
    return Cases(opening, now, recorded_opening, compare, Writer(services, actor, lists, recorded_opening, mark, now))


@dataclass(slots=True)
class Cases:
    """The desk."""

    opening: ImportContext
    now: datetime
    recorded_opening: RecordedOpening
    judging: RowComparer
    writer: Writer
    kind: str = "basic-information"

    def read(self, row: TableRow) -> ParsedRow[Intake] | Problems:
        """Return the row, or everything that is wrong with it."""
        opening = self.opening
        return read_parsed_row(row, opening.lists.reference, opening.services.keyring, opening.today)

    async def look_up(self, session: Session, new: Sequence[ParsedRow[Intake]]) -> ExistingRecords:
        """Find subjects, cases and applications of a batch."""
        return await look_up(session, new)

    async def record(self, new: Sequence[ParsedRow[Intake]], existing: ExistingRecords, seen: RowsSoFar) -> None:
        """Record what will be opened: the name, and the facts where everything else is the same [5.1.6]."""
        await self.recorded_opening.record(box for one in new for box in self.judging.opens(one, existing, seen))

    def compare(self, parsed_row: ParsedRow[Intake], existing: ExistingRecords, seen: RowsSoFar) -> RowOutcome:
        """Return what becomes of one row."""
        return self.judging.compare(parsed_row, existing, seen)

    def prepare(self, row_outcomes: Sequence[RowOutcome]) -> CaseBatch:
        """Seal what is to be written."""
        return self.writer.prepare(row_outcomes)

    async def write(self, work: SqlUnitOfWork, batch: CaseBatch) -> None:
        """Write a batch."""
        await self.writer.write(work, batch)

    def forget(self) -> None:
        """Forget whom an attempt that failed was about to register."""
        self.writer.made.clear()
