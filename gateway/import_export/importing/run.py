"""Takes records in from a file [5.1.3] [6.2]: all of it or nothing, or row by row; never anything twice.

All or nothing judges and seals every row first and then, if none is refused, writes them in one transaction, which so
keeps other writers waiting for seconds only. Row by row writes in batches, each with the notes of its rows in one
transaction: killed at any moment and run again, it goes on where it stopped.
"""

import hashlib
import pickle
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, IntegrityError

from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files.detect import examine
from gateway.import_export.files.table_reader import SourceTable, TableRow, find_sheet, rows_of
from gateway.import_export.importing.candidates import ParsedRow, Problems, RowsSoFar
from gateway.import_export.importing.compare import RowOutcome, RowResult
from gateway.import_export.importing.importers import BASIC, IMPORTERS, ImportBatch, ImportContext, Importer
from gateway.import_export.importing.report import ImportReport, RefusedRow
from gateway.import_export.reference_lists import load_lists
from gateway.wiring import Services
from policy.actors import Actor
from storage.database.conflicts import is_duplicate
from storage.errors import Stale, SubjectAlreadyRegistered
from storage.repositories.messages.imported_rows import taken_in
from storage.unit_of_work import SqlUnitOfWork

AT_ONCE: Final = 200
ATTEMPTS: Final = 5
MOST_AT_ONCE: Final = 100_000
"""How many rows all or nothing takes: it keeps them in memory, sealed and packed. Row by row takes any number."""
TOPIC: Final = "import.written"
"""Who took in which file, when: left with the first rows that a run writes, in their transaction."""


class ImportMode(StrEnum):
    """What becomes of the good rows of a file that has bad ones."""

    ALL = "all"
    PER_ROW = "per-row"


MOVED: Final = (Stale, SubjectAlreadyRegistered, DBAPIError)
"""What may tell that somebody else has written in the meantime: look again."""
CROSSED: Final = frozenset({"40001", "40P01"})
"""PostgreSQL's words for two transactions that got into each other's way, of which it let one go on."""

Progress = Callable[[str, int, int], None]
"""Told of the stage, how many rows are done, and how many there are."""


def _silent(_stage: str, _done: int, _total: int) -> None:
    return


async def import_file(
    services: Services,
    path: Path,
    actor: Actor,
    *,
    mode: ImportMode,
    kind: str = BASIC,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> ImportReport:
    """Take in the file at *path* in the name of *actor*; raises ExchangeRefused for what is wrong with the whole."""
    opening = ImportContext(services, actor, await load_lists(services.database), services.runtime.now())
    make = IMPORTERS[kind]
    make.admit(opening)
    sheet = find_sheet(examine(path), make.form)
    mark = _mark(kind, sheet)
    run = _Run(services, actor, await make.open(opening, mark), sheet, mark, mode, progress)
    if dry_run:
        return await run.check(dry_run=True)
    return await (run.all_or_nothing() if mode is ImportMode.ALL else run.row_by_row())


@dataclass(slots=True)
class _Run:
    """One run over one file."""

    services: Services
    actor: Actor
    importer: Importer
    sheet: SourceTable
    mark: str
    mode: ImportMode
    progress: Progress
    done: Mapping[int, str] = field(default_factory=dict)
    """The lines that an earlier run has done."""
    begun: bool = False
    """Whether this run has left its record of who takes in which file."""

    async def check(self, *, dry_run: bool = False, sealed: list[bytes] | None = None) -> ImportReport:
        """Judge every row, and write nothing but what comparing with the record leaves in the access log.

        What will be written is put into *sealed*, as long as no row is refused.
        """
        import_report, seen = ImportReport(self.sheet, dry_run), RowsSoFar()
        await self._renew()
        if self._is_done(import_report):
            return import_report
        for rows in _batches(self.sheet):
            row_outcomes = await self._judged(rows, seen)
            seen.keep()
            _count(import_report, row_outcomes)
            if sealed is not None and not import_report.refused:
                sealed.append(_packed(self.importer.prepare(row_outcomes)))
            self.progress("check", import_report.counts.total(), self.sheet.rows)
        return import_report

    async def all_or_nothing(self) -> ImportReport:
        """Judge and seal every row; then, if none is refused, write them all in one transaction."""
        if self.sheet.rows > MOST_AT_ONCE:
            raise ExchangeRefused(ImportRefusal.TOO_MANY)
        for _ in range(ATTEMPTS):
            sealed: list[bytes] = []
            self.importer.forget()
            import_report = await self.check(sealed=sealed)
            if import_report.refused:
                import_report.held = True
                return import_report
            try:
                await self._write_all(sealed)
            except MOVED as moved:
                _raise_unless_moved(moved)
            else:
                return import_report
        raise ExchangeRefused(ImportRefusal.BUSY)

    async def row_by_row(self) -> ImportReport:
        """Judge and write batch by batch; what is refused is left out."""
        import_report, seen = ImportReport(self.sheet, dry_run=False), RowsSoFar()
        await self._renew()
        if self._is_done(import_report):
            return import_report
        for rows in _batches(self.sheet):
            _count(import_report, await self._write_batch(rows, seen))
            self.progress("write", import_report.counts.total(), self.sheet.rows)
        return import_report

    def _is_done(self, import_report: ImportReport) -> bool:
        """Tell whether an earlier run has done every row, so that none needs to be looked at."""
        if len(self.done) < self.sheet.rows:
            return False
        import_report.counts[RowResult.ALREADY_THERE] = self.sheet.rows
        return True

    async def _write_all(self, sealed: Sequence[bytes]) -> None:
        self.begun, written = False, 0
        async with SqlUnitOfWork(self.services.database) as work:
            for packed in sealed:
                batch = _unpacked(packed)
                await self._write(work, batch)
                written += batch.rows
                self.progress("write", written, self.sheet.rows)
            await work.commit()

    async def _write_batch(self, rows: Sequence[TableRow], seen: RowsSoFar) -> Sequence[RowOutcome]:
        begun = self.begun
        for _ in range(ATTEMPTS):
            self.importer.forget()
            try:
                row_outcomes = await self._judged(rows, seen)
                batch = self.importer.prepare(row_outcomes)
                if batch.notes:
                    async with SqlUnitOfWork(self.services.database) as work:
                        await self._write(work, batch)
                        await work.commit()
            except MOVED as moved:
                _raise_unless_moved(moved)
                self.begun = begun
                seen.drop()
                await self._renew()
            else:
                seen.keep()
                return row_outcomes
        raise ExchangeRefused(ImportRefusal.BUSY)

    async def _judged(self, rows: Sequence[TableRow], seen: RowsSoFar) -> Sequence[RowOutcome]:
        """Judge rows in their order, by what is on record now; what has to be opened is recorded before."""
        read = [(row.line, self.importer.read(row)) for row in rows]
        new = [found for line, found in read if isinstance(found, ParsedRow) and line not in self.done]
        async with self.services.database.reading() as snapshot:
            existing = await self.importer.look_up(snapshot, new)
        await self.importer.record(new, existing, seen)
        return [self._verdict(line, found, existing, seen) for line, found in read]

    def _verdict(
        self,
        line: int,
        found: ParsedRow[Any] | Problems,
        existing: Any,  # noqa: ANN401 - the kind's own
        seen: RowsSoFar,
    ) -> RowOutcome:
        if line in self.done:
            if isinstance(found, ParsedRow):
                seen.accept(found)
            return RowOutcome(line, RowResult.ALREADY_THERE)
        if not isinstance(found, ParsedRow):
            return RowOutcome(line, RowResult.REFUSED, problems=found)
        return self.importer.compare(found, existing, seen)

    async def _write(self, work: SqlUnitOfWork, batch: ImportBatch) -> None:
        await self.importer.write(work, batch)
        if batch.notes and not self.begun:
            about = {
                "file": self.sheet.source.hash,
                "kind": self.importer.kind,
                "by": self.actor.ref,
                "role": self.actor.role.value,
                "department_code": str(self.actor.department),
                "mode": self.mode.value,
            }
            await work.outbox(TOPIC, about, self.services.runtime.new_id(), self.importer.now)
            self.begun = True

    async def _renew(self) -> None:
        async with self.services.database.reading() as session:
            self.done = await taken_in(session, self.mark)


def _mark(kind: str, sheet: SourceTable) -> str:
    """Return by what the rows of a file are noted as done: one file can be of two kinds, and is done once for each."""
    file = sheet.source.hash
    return file if kind == BASIC else hashlib.sha256(f"{kind}\n{file}".encode()).hexdigest()


def _packed(batch: ImportBatch) -> bytes:
    """Return a batch small: sealed and packed, a row takes about a kilobyte."""
    return zlib.compress(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL), 1)


def _unpacked(packed: bytes) -> ImportBatch:
    batch: ImportBatch = pickle.loads(zlib.decompress(packed))  # noqa: S301 - packed by this process a moment ago
    return batch


def _raise_unless_moved(error: Exception) -> None:
    """Let every error of the database rise but those that tell of another writer."""
    duplicate = isinstance(error, IntegrityError) and is_duplicate(error)
    crossed = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CROSSED
    if isinstance(error, DBAPIError) and not duplicate and not crossed:
        raise error


def _batches(sheet: SourceTable) -> Iterator[Sequence[TableRow]]:
    rows = rows_of(sheet)
    while batch := list(islice(rows, AT_ONCE)):
        yield batch


def _count(import_report: ImportReport, row_outcomes: Sequence[RowOutcome]) -> None:
    for outcome_of_row in row_outcomes:
        import_report.counts[outcome_of_row.outcome] += 1
        if outcome_of_row.outcome is RowResult.REFUSED:
            import_report.refused.append(RefusedRow(outcome_of_row.line, outcome_of_row.problems))
        import_report.unlinked += outcome_of_row.unlinked
