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

from gateway.import_export.errors import ExchangeRefused, Refusal
from gateway.import_export.files.detect import examine
from gateway.import_export.files.table_reader import Row, Sheet, find_sheet, rows_of
from gateway.import_export.importing.candidates import Candidate, Problems, Seen
from gateway.import_export.importing.compare import Outcome, Verdict
from gateway.import_export.importing.importers import BASIC, DESKS, Batch, Desk, Opening
from gateway.import_export.importing.report import RefusedRow, Told
from gateway.import_export.reference_lists import load_lists
from gateway.wiring import Parts
from policy.actors import Actor
from storage.database.conflicts import is_duplicate
from storage.errors import Stale, SubjectAlreadyRegistered
from storage.repositories.messages.imported_rows import taken_in
from storage.unit_of_work import UnitOfWork

AT_ONCE: Final = 200
ATTEMPTS: Final = 5
MOST_AT_ONCE: Final = 100_000
"""How many rows all or nothing takes: it keeps them in memory, sealed and packed. Row by row takes any number."""
TOPIC: Final = "import.written"
"""Who took in which file, when: left with the first rows that a run writes, in their transaction."""


class Mode(StrEnum):
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
    parts: Parts,
    path: Path,
    actor: Actor,
    *,
    mode: Mode,
    kind: str = BASIC,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> Told:
    """Take in the file at *path* in the name of *actor*; raises ExchangeRefused for what is wrong with the whole."""
    opening = Opening(parts, actor, await load_lists(parts.database), parts.street.now())
    make = DESKS[kind]
    make.admit(opening)
    sheet = find_sheet(examine(path), make.form)
    mark = _mark(kind, sheet)
    run = _Run(parts, actor, await make.open(opening, mark), sheet, mark, mode, progress)
    if dry_run:
        return await run.check(dry_run=True)
    return await (run.all_or_nothing() if mode is Mode.ALL else run.row_by_row())


@dataclass(slots=True)
class _Run:
    """One run over one file."""

    parts: Parts
    actor: Actor
    desk: Desk
    sheet: Sheet
    mark: str
    mode: Mode
    progress: Progress
    done: Mapping[int, str] = field(default_factory=dict)
    """The lines that an earlier run has done."""
    begun: bool = False
    """Whether this run has left its record of who takes in which file."""

    async def check(self, *, dry_run: bool = False, sealed: list[bytes] | None = None) -> Told:
        """Judge every row, and write nothing but what comparing with the record leaves in the access log.

        What will be written is put into *sealed*, as long as no row is refused.
        """
        told, seen = Told(self.sheet, dry_run), Seen()
        await self._renew()
        if self._is_done(told):
            return told
        for rows in _batches(self.sheet):
            verdicts = await self._judged(rows, seen)
            seen.keep()
            _count(told, verdicts)
            if sealed is not None and not told.refused:
                sealed.append(_packed(self.desk.prepare(verdicts)))
            self.progress("check", told.counts.total(), self.sheet.rows)
        return told

    async def all_or_nothing(self) -> Told:
        """Judge and seal every row; then, if none is refused, write them all in one transaction."""
        if self.sheet.rows > MOST_AT_ONCE:
            raise ExchangeRefused(Refusal.TOO_MANY)
        for _ in range(ATTEMPTS):
            sealed: list[bytes] = []
            self.desk.forget()
            told = await self.check(sealed=sealed)
            if told.refused:
                told.held = True
                return told
            try:
                await self._write_all(sealed)
            except MOVED as moved:
                _raise_unless_moved(moved)
            else:
                return told
        raise ExchangeRefused(Refusal.BUSY)

    async def row_by_row(self) -> Told:
        """Judge and write batch by batch; what is refused is left out."""
        told, seen = Told(self.sheet, dry_run=False), Seen()
        await self._renew()
        if self._is_done(told):
            return told
        for rows in _batches(self.sheet):
            _count(told, await self._write_batch(rows, seen))
            self.progress("write", told.counts.total(), self.sheet.rows)
        return told

    def _is_done(self, told: Told) -> bool:
        """Tell whether an earlier run has done every row, so that none needs to be looked at."""
        if len(self.done) < self.sheet.rows:
            return False
        told.counts[Outcome.ALREADY_THERE] = self.sheet.rows
        return True

    async def _write_all(self, sealed: Sequence[bytes]) -> None:
        self.begun, written = False, 0
        async with UnitOfWork(self.parts.database) as work:
            for packed in sealed:
                batch = _unpacked(packed)
                await self._write(work, batch)
                written += batch.rows
                self.progress("write", written, self.sheet.rows)
            await work.commit()

    async def _write_batch(self, rows: Sequence[Row], seen: Seen) -> Sequence[Verdict]:
        begun = self.begun
        for _ in range(ATTEMPTS):
            self.desk.forget()
            try:
                verdicts = await self._judged(rows, seen)
                batch = self.desk.prepare(verdicts)
                if batch.notes:
                    async with UnitOfWork(self.parts.database) as work:
                        await self._write(work, batch)
                        await work.commit()
            except MOVED as moved:
                _raise_unless_moved(moved)
                self.begun = begun
                seen.drop()
                await self._renew()
            else:
                seen.keep()
                return verdicts
        raise ExchangeRefused(Refusal.BUSY)

    async def _judged(self, rows: Sequence[Row], seen: Seen) -> Sequence[Verdict]:
        """Judge rows in their order, by what is on record now; what has to be opened is recorded before."""
        read = [(row.line, self.desk.read(row)) for row in rows]
        new = [found for line, found in read if isinstance(found, Candidate) and line not in self.done]
        async with self.parts.database.reading() as snapshot:
            standing = await self.desk.look_up(snapshot, new)
        await self.desk.record(new, standing, seen)
        return [self._verdict(line, found, standing, seen) for line, found in read]

    def _verdict(
        self,
        line: int,
        found: Candidate[Any] | Problems,
        standing: Any,  # noqa: ANN401 - the kind's own
        seen: Seen,
    ) -> Verdict:
        if line in self.done:
            if isinstance(found, Candidate):
                seen.accept(found)
            return Verdict(line, Outcome.ALREADY_THERE)
        if not isinstance(found, Candidate):
            return Verdict(line, Outcome.REFUSED, problems=found)
        return self.desk.judge(found, standing, seen)

    async def _write(self, work: UnitOfWork, batch: Batch) -> None:
        await self.desk.write(work, batch)
        if batch.notes and not self.begun:
            about = {
                "file": self.sheet.source.hash,
                "kind": self.desk.kind,
                "by": self.actor.ref,
                "role": self.actor.role.value,
                "department_code": str(self.actor.department),
                "mode": self.mode.value,
            }
            await work.outbox(TOPIC, about, self.parts.street.new_id(), self.desk.now)
            self.begun = True

    async def _renew(self) -> None:
        async with self.parts.database.reading() as session:
            self.done = await taken_in(session, self.mark)


def _mark(kind: str, sheet: Sheet) -> str:
    """Return by what the rows of a file are noted as done: one file can be of two kinds, and is done once for each."""
    file = sheet.source.hash
    return file if kind == BASIC else hashlib.sha256(f"{kind}\n{file}".encode()).hexdigest()


def _packed(batch: Batch) -> bytes:
    """Return a batch small: sealed and packed, a row takes about a kilobyte."""
    return zlib.compress(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL), 1)


def _unpacked(packed: bytes) -> Batch:
    batch: Batch = pickle.loads(zlib.decompress(packed))  # noqa: S301 - packed by this process a moment ago
    return batch


def _raise_unless_moved(error: Exception) -> None:
    """Let every error of the database rise but those that tell of another writer."""
    duplicate = isinstance(error, IntegrityError) and is_duplicate(error)
    crossed = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CROSSED
    if isinstance(error, DBAPIError) and not duplicate and not crossed:
        raise error


def _batches(sheet: Sheet) -> Iterator[Sequence[Row]]:
    rows = rows_of(sheet)
    while batch := list(islice(rows, AT_ONCE)):
        yield batch


def _count(told: Told, verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        told.counts[verdict.outcome] += 1
        if verdict.outcome is Outcome.REFUSED:
            told.refused.append(RefusedRow(verdict.line, verdict.problems))
        told.unlinked += verdict.unlinked
