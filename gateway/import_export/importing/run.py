"""Imports a file [5.1.3] [6.2]: all rows or none, or row by row; no row twice.

All or nothing compares and seals every row first; if none is refused, it writes them in one transaction, so that other
writers wait for seconds only. Row by row writes in batches; the marks of done rows are in the transaction of their
batch: after a crash, the next run goes on where it stopped.

Each row that is looked up by its number counts against the quotas of imports, and leaves an entry in the transaction of
what is written; a run that writes nothing leaves its entries alone [5.1.6].
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

from consent.leaves.number_lookups import Entrance
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files.detect import examine
from gateway.import_export.files.table_reader import SourceTable, TableRow, find_sheet, rows_of
from gateway.import_export.importing.candidates import ParsedRow, Problems, RowsSoFar
from gateway.import_export.importing.compare import RowOutcome, RowResult
from gateway.import_export.importing.import_context import ImportContext
from gateway.import_export.importing.importer import ImportBatch, Importer
from gateway.import_export.importing.importers import BASIC, IMPORTERS
from gateway.import_export.importing.report import ImportReport, RowProblems
from gateway.import_export.reference_lists import load_lists
from gateway.services import Services
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.actors import Actor
from schema.core.errors import LookupQuota
from schema.core.limits import ROWS_AT_ONCE
from storage.database.conflicts import is_duplicate
from storage.errors import Stale, SubjectAlreadyRegistered
from storage.repositories.messages.imported_rows import taken_in

AT_ONCE: Final = ROWS_AT_ONCE
ATTEMPTS: Final = 5
MOST_AT_ONCE: Final = 100_000
"""The most rows of all or nothing: it holds them in memory, sealed and packed. Row by row has no limit."""
TOPIC: Final = "import.written"
"""Who imported which file, when: enqueued with the first rows that a run writes, in their transaction."""


class ImportMode(StrEnum):
    """What is done with the good rows of a file that has refused ones."""

    ALL = "all"
    PER_ROW = "per-row"


MOVED: Final = (Stale, SubjectAlreadyRegistered, DBAPIError)
"""Errors that may mean that another writer was faster: look again."""
CROSSED: Final = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a serialization failure and a deadlock."""

Progress = Callable[[str, int, int], None]
"""Called with the stage, the rows done, and all rows."""


def _no_progress(_stage: str, _done: int, _total: int) -> None:
    return


async def import_file(
    services: Services,
    path: Path,
    actor: Actor,
    *,
    mode: ImportMode,
    kind: str = BASIC,
    dry_run: bool = False,
    progress: Progress = _no_progress,
) -> ImportReport:
    """Import the file at *path* for *actor*; raises ExchangeRefused for a reason that stops the whole run."""
    runtime = services.runtime
    context = ImportContext(services, actor, await load_lists(services.database), runtime.now(), runtime.new_id())
    importer_spec = IMPORTERS[kind]
    importer_spec.admit(context)
    sheet = find_sheet(examine(path), importer_spec.form)
    marks = _marks(services, kind, sheet)
    run = _Run(await importer_spec.open(context, marks[0]), sheet, mode, progress, marks)
    if dry_run:
        return await run.dry_run()
    return await (run.all_or_nothing() if mode is ImportMode.ALL else run.row_by_row())


@dataclass(slots=True)
class _Run:
    """One run over one file."""

    importer: Importer[Any, Any, Any]
    sheet: SourceTable
    mode: ImportMode
    progress: Progress
    marks: Sequence[str]
    """The hashes under which its rows may be known as done; new ones are noted under the first."""
    done: Mapping[int, str] = field(default_factory=dict)
    """The lines that an earlier run has done."""
    begun: bool = False
    """Whether this run has enqueued its message about who imports which file."""

    async def dry_run(self) -> ImportReport:
        """Compare every row; write nothing except the entries of comparing and of the lookups [5.1.6]."""
        import_report = ImportReport(self.sheet, self.importer.mark, dry_run=True)
        await self._admit_file()
        await self._record(await self._check(import_report))
        return import_report

    async def all_or_nothing(self) -> ImportReport:
        """Compare and seal every row; then, if none is refused, write them all in one transaction."""
        if self.sheet.rows > MOST_AT_ONCE:
            raise ExchangeRefused(ImportRefusal.TOO_MANY)
        await self._admit_file()
        for _ in range(ATTEMPTS):
            self.importer.forget()
            import_report = ImportReport(self.sheet, self.importer.mark, dry_run=False)
            batches = await self._check(import_report)
            if import_report.refused:
                import_report.held = True
                await self._record(batches)
                return import_report
            try:
                await self._write_all(batches)
            except MOVED as moved:
                _raise_unless_moved(moved)
            else:
                return import_report
        raise ExchangeRefused(ImportRefusal.BUSY)

    async def row_by_row(self) -> ImportReport:
        """Compare and write batch by batch; refused rows are left out."""
        import_report, seen = ImportReport(self.sheet, self.importer.mark, dry_run=False), RowsSoFar()
        await self._renew()
        if self._is_done(import_report):
            return import_report
        for rows in _batches(self.sheet):
            await self._admit(sum(row.line not in self.done for row in rows))
            _count(import_report, await self._write_batch(rows, seen))
            self.progress("write", import_report.counts.total(), self.sheet.rows)
        return import_report

    async def _check(self, import_report: ImportReport) -> Sequence[bytes]:
        """Compare every row; return the packed batches, which hold only the lookups once nothing will be written."""
        batches: list[bytes] = []
        seen = RowsSoFar()
        await self._renew()
        if self._is_done(import_report):
            return batches
        for rows in _batches(self.sheet):
            row_outcomes = await self._compare(rows, seen)
            seen.confirm()
            _count(import_report, row_outcomes)
            is_written = not import_report.dry_run and not import_report.refused
            batch = self.importer.prepare(row_outcomes) if is_written else self.importer.lookups_only(row_outcomes)
            batches.append(_packed(batch))
            self.progress("check", import_report.counts.total(), self.sheet.rows)
        return batches

    async def _admit_file(self) -> None:
        """Count every row that no earlier run has done, so that a file is looked up as a whole or not at all."""
        await self._renew()
        await self._admit(self.sheet.rows - len(self.done))

    async def _admit(self, rows: int) -> None:
        """Count *rows* for the account and its department, before any of them is looked up [5.1.6]."""
        context = self.importer.context
        try:
            await context.services.lookups.admit(context.actor, Entrance.IMPORT, rows)
        except LookupQuota as used_up:
            raise ExchangeRefused(ImportRefusal.LOOKUP_QUOTA, hint=str(used_up.facts["until"])) from None

    async def _record(self, batches: Sequence[bytes]) -> None:
        """Make the lookups of a run that writes nothing else durable, before their answer is given [5.1.6]."""
        async with self._work() as work:
            for packed in batches:
                await work.own_logs.append_lookups(_unpacked(packed).lookups)
            await work.commit()

    def _is_done(self, import_report: ImportReport) -> bool:
        """Return whether an earlier run has done every row, so that no row has to be read."""
        if len(self.done) < self.sheet.rows:
            return False
        import_report.counts[RowResult.ALREADY_THERE] = self.sheet.rows
        return True

    async def _write_all(self, sealed: Sequence[bytes]) -> None:
        self.begun, written = False, 0
        async with self._work() as work:
            for packed in sealed:
                batch = _unpacked(packed)
                await self._write(work, batch)
                written += batch.rows
                self.progress("write", written, self.sheet.rows)
            await self.importer.finish(work)
            await work.commit()

    async def _write_batch(self, rows: Sequence[TableRow], seen: RowsSoFar) -> Sequence[RowOutcome]:
        begun = self.begun
        for _ in range(ATTEMPTS):
            self.importer.forget()
            try:
                row_outcomes = await self._compare(rows, seen)
                batch = self.importer.prepare(row_outcomes)
                if batch.notes or batch.lookups:
                    async with self._work() as work:
                        await self._write(work, batch)
                        await self.importer.finish(work)
                        await work.commit()
            except MOVED as moved:
                _raise_unless_moved(moved)
                self.begun = begun
                seen.discard()
                await self._renew()
            else:
                seen.confirm()
                return row_outcomes
        raise ExchangeRefused(ImportRefusal.BUSY)

    async def _compare(self, rows: Sequence[TableRow], seen: RowsSoFar) -> Sequence[RowOutcome]:
        """Compare rows in order with the record as it is now; what is opened is recorded first."""
        read = [(row.line, self.importer.read(row)) for row in rows]
        new = [found for line, found in read if isinstance(found, ParsedRow) and line not in self.done]
        async with self.importer.context.services.database.snapshot() as snapshot:
            existing = await self.importer.look_up(snapshot, new)
        await self.importer.record(new, existing, seen)
        return [self._outcome(line, found, existing, seen) for line, found in read]

    def _outcome(
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
        return self.importer.decide(found, existing, seen)

    async def _write(self, work: SealingUnitOfWork, batch: ImportBatch[Any]) -> None:
        await self.importer.write(work, batch)
        if batch.notes and not self.begun:
            context = self.importer.context
            about = {
                "file": self.importer.mark,
                "kind": self.importer.kind,
                "by": context.actor.ref,
                "role": context.actor.role.value,
                "department_code": str(context.actor.department),
                "mode": self.mode.value,
            }
            await work.outbox(TOPIC, about, context.services.runtime.new_id(), context.now)
            self.begun = True

    def _work(self) -> SealingUnitOfWork:
        context = self.importer.context
        return SealingUnitOfWork(context.services.database, context.services.keyring, context.provenance)

    async def _renew(self) -> None:
        async with self.importer.context.services.database.snapshot() as session:
            self.done = await taken_in(session, self.marks)


def _marks(services: Services, kind: str, sheet: SourceTable) -> Sequence[str]:
    """Return the hashes under which rows of a file are marked as done: each kind has its own for the same file.

    The first is the current one. The last is that of earlier releases, a plain SHA-256: by it, rows that were imported
    then are still known as done; nothing is written under it any more.
    """
    plain = sheet.source.digest.hex()
    if kind != BASIC:
        plain = hashlib.sha256(f"{kind}\n{plain}".encode()).hexdigest()
    return *services.keyring.import_marks(kind, sheet.source.digest), plain


def _packed(batch: ImportBatch[Any]) -> bytes:
    """Return a batch compressed: about a kilobyte for each sealed row."""
    return zlib.compress(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL), 1)


def _unpacked(packed: bytes) -> ImportBatch[Any]:
    batch: ImportBatch[Any] = pickle.loads(zlib.decompress(packed))  # noqa: S301 - this process packed it a moment ago
    return batch


def _raise_unless_moved(error: Exception) -> None:
    """Raise every error of the database except those that another writer causes."""
    duplicate = isinstance(error, IntegrityError) and is_duplicate(error)
    crossed = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CROSSED
    if isinstance(error, DBAPIError) and not duplicate and not crossed:
        raise error


def _batches(sheet: SourceTable) -> Iterator[Sequence[TableRow]]:
    rows = rows_of(sheet)
    while batch := list(islice(rows, AT_ONCE)):
        yield batch


def _count(import_report: ImportReport, row_outcomes: Sequence[RowOutcome]) -> None:
    for row_outcome in row_outcomes:
        import_report.counts[row_outcome.outcome] += 1
        if row_outcome.outcome is RowResult.REFUSED:
            import_report.refused.append(RowProblems(row_outcome.line, row_outcome.problems))
        elif row_outcome.warnings:
            import_report.warnings.append(RowProblems(row_outcome.line, row_outcome.warnings))
        import_report.unlinked += row_outcome.unlinked
