"""Takes in basic information: restraint cases and whom they are about [5.1.3] [6.2]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from credit.file_formats.case_rows import Intake
from gateway.import_export.authorize import admit_import
from gateway.import_export.files.table_reader import Row
from gateway.import_export.importing.candidates import Candidate, Problems, Seen, read_candidate
from gateway.import_export.importing.compare import Judge, Verdict
from gateway.import_export.importing.existing_records import Standing, look_up
from gateway.import_export.importing.import_context import Opening
from gateway.import_export.importing.recorded_opening import Witness
from gateway.import_export.importing.write import Batch, Writer
from storage.database.session import Session
from storage.unit_of_work import UnitOfWork


def admit(opening: Opening) -> None:
    """Refuse who may not; raises ExchangeRefused."""
    admit_import(opening.parts.table, opening.actor, opening.lists)


async def open_desk(opening: Opening, mark: str) -> "Cases":
    """Return the desk for a file, whose rows are noted under *mark*."""
    parts, actor, lists, now = opening.parts, opening.actor, opening.lists, opening.now
    witness = Witness(parts, actor, mark)
    scopes = admit_import(parts.table, actor, lists)
    judge = Judge(actor, scopes, lists.sectors.__getitem__, witness.open, now)
    return Cases(opening, now, witness, judge, Writer(parts, actor, lists, witness, mark, now))


@dataclass(slots=True)
class Cases:
    """The desk."""

    opening: Opening
    now: datetime
    witness: Witness
    judging: Judge
    writer: Writer
    kind: str = "basic-information"

    def read(self, row: Row) -> Candidate[Intake] | Problems:
        """Return the row, or everything that is wrong with it."""
        opening = self.opening
        return read_candidate(row, opening.lists.reference, opening.parts.keyring, opening.today)

    async def look_up(self, session: Session, new: Sequence[Candidate[Intake]]) -> Standing:
        """Find subjects, cases and applications of a batch."""
        return await look_up(session, new)

    async def record(self, new: Sequence[Candidate[Intake]], standing: Standing, seen: Seen) -> None:
        """Record what will be opened: the name, and the facts where everything else is the same [5.1.6]."""
        await self.witness.record(box for one in new for box in self.judging.opens(one, standing, seen))

    def judge(self, candidate: Candidate[Intake], standing: Standing, seen: Seen) -> Verdict:
        """Return what becomes of one row."""
        return self.judging.judge(candidate, standing, seen)

    def prepare(self, verdicts: Sequence[Verdict]) -> Batch:
        """Seal what is to be written."""
        return self.writer.prepare(verdicts)

    async def write(self, work: UnitOfWork, batch: Batch) -> None:
        """Write a batch."""
        await self.writer.write(work, batch)

    def forget(self) -> None:
        """Forget whom an attempt that failed was about to register."""
        self.writer.made.clear()
