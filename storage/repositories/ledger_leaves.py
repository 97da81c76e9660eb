"""Entries of the ledger that a transaction appends beside its facts; and steps, which have an entry each.

A transaction writes what it appends when it commits: one row of `pending_entries` for each log, with a tag.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Executable, Table, insert

from consent.disclosures.pending_groups import Tag, joined_leaves, joined_sources, tagged_bytes
from consent.leaves.canonical_form import commitment
from consent.leaves.provenance import COLUMNS, CONTENT, Content, Provenance, ordered
from consent.ports import Log
from credit.core.recorded_step import RecordedStep
from storage.database.session import Parameters, Rows, Session
from storage.errors import SessionOver
from storage.repositories.rows import attributes, column_names, joined
from storage.repositories.subjects.withheld_entries import COUNTED_WITH, AppendedEntry, withhold_and_open
from storage.tables import pending_entries

ENTRIES_IN_ROW = 1_024
"""The most entries of one row: a large import leaves several."""


class LedgerSession(Session):
    """A session whose transaction appends entries of the ledger; `write_entries` comes last before the commit.

    *provenance* says by which way all its acts came in; without it their entries are of version 1.
    """

    def __init__(self, session: Session, tag: Tag | None, provenance: Provenance | None = None) -> None:
        self._session, self._tag = session, tag
        self.provenance = provenance
        self._appended: dict[Log, list[AppendedEntry]] = {}
        self._sealed: dict[UUID, list[tuple[str, str, str]]] = {}
        self._over = False
        self.acted_on: set[UUID] = set()
        """The subjects that its acts are about, whenever those count."""
        self.read: set[UUID] = set()
        """The subjects that its disclosures show."""

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        return await self._session.fetch(statement, parameters)

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        return await self._session.fetch_text(text, values)

    async def run_text(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        await self._session.run_text(text, rows)

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        return await self._session.execute(statement, parameters)

    def append(
        self,
        log: Log,
        source: UUID,
        entry: bytes,
        owner: UUID | None = None,
        *,
        record_id: UUID | None = None,
        salt: bytes = b"",
    ) -> None:
        """Append an entry that commits to the row *source*; in `consent`, and only there, it is about *owner*.

        It counts when *owner* sees the record *record_id*; None: at once. *salt* is that of the commitment.
        Raises SessionOver, and TypeError for an entry of `consent` without its subject.
        """
        if self._over:
            raise SessionOver
        if (log == "consent") == (owner is None):
            raise TypeError("an entry of the log consent, and of no other, is about one subject")
        if owner is not None:
            self.acted_on.add(owner)
        self._appended.setdefault(log, []).append(AppendedEntry(source, entry, owner, record_id, salt))

    def note_read(self, subjects: Iterable[UUID]) -> None:
        """Note that a disclosure of this transaction shows *subjects*."""
        self.read.update(subjects)

    def appended_about(self, subject_id: UUID) -> dict[UUID, bytes]:
        """Return the entries about a subject that this transaction has appended so far, by their sources.

        Which of them count is decided at its end.
        """
        return {each.source: each.entry for each in self._appended.get("consent", ()) if each.owner == subject_id}

    @property
    def provenance_columns(self) -> dict[str, object]:
        """Return the columns that say by which way an act came in, for a row that has an entry."""
        return {} if self.provenance is None else self.provenance.columns()

    def note_sealed(self, subject_id: UUID, place: str, row_id: UUID, digest: bytes) -> None:
        """Note the keyed digest of a text that was sealed at *place*, `table.column`: the next entry has it."""
        self._sealed.setdefault(subject_id, []).append((place, str(row_id), digest.hex()))

    def take_content(self, subject_id: UUID) -> Content:
        """Return what was sealed of the subject and stands in no entry yet, for the entry that is written now."""
        return ordered(self._sealed.pop(subject_id, ()))

    async def write_entries(self) -> None:
        """Write what was appended: one row for each log. Raises TypeError for a sealed text that no entry has.

        Entries of version 1, of acts without a provenance, have none.
        """
        if self._sealed and self.provenance is not None:
            raise TypeError("a text was sealed, and no entry of the ledger commits to it")
        if "consent" in self._appended:
            self._appended["consent"] = await withhold_and_open(self._session, self._appended["consent"])
        rows = [
            self._row(log, appended[at : at + ENTRIES_IN_ROW])
            for log, appended in sorted(self._appended.items())
            for at in range(0, len(appended), ENTRIES_IN_ROW)
        ]
        self._over = True
        if rows:
            await self._session.execute(insert(pending_entries), rows)

    def _row(self, log: Log, appended: Sequence[AppendedEntry]) -> dict[str, object]:
        sources = joined_sources([each.source for each in appended])
        owners = joined_sources([each.owner for each in appended if each.owner is not None]) or None
        leaves = joined_leaves([each.entry for each in appended])
        tag = None if self._tag is None else self._tag(tagged_bytes(log, sources, leaves, owners=owners))
        group = {"log": log, "sources": sources, "owners": owners, "leaves": leaves, "tag": tag}
        return {"recorder": None, "number": None, **group}


class StepWriter(Protocol):
    """Gives the canonical bytes of a step's entry."""

    def __call__(self, request: Provenance | None, content: Content) -> bytes: ...


async def append_steps(
    session: Session, table: Table, steps: Sequence[tuple[RecordedStep, StepWriter]], *, about: str
) -> None:
    """Append steps, each with its entry of the ledger; the database refuses to change them later.

    *about* is the column for the id of the record that a step belongs to.
    """
    ledger, rows = ledger_of(session), []
    names = sorted(set(column_names(table)) - {about, *COLUMNS, CONTENT})
    for step, write in steps:
        content = ledger.take_content(step.subject_id)
        row: dict[str, object] = attributes(step, names) | stamped(ledger, content)
        row |= {about: step.about, "step": str(step.step), "evidence": joined(step.evidence)}
        rows.append(row | {"facts": dict(step.facts)})
        append_committed(session, table, row, step.step_id, write(ledger.provenance, content))
    if rows:
        await session.execute(insert(table), rows)


def stamped(ledger: LedgerSession, content: Content) -> dict[str, object]:
    """Return the columns of a row whose act can seal: by which way it came in, and what it sealed."""
    return {} if ledger.provenance is None else {**ledger.provenance_columns, CONTENT: [list(one) for one in content]}


def ledger_of(session: Session) -> LedgerSession:
    """Return *session* as one that appends entries. Raises TypeError for one that would forget them."""
    if not isinstance(session, LedgerSession):
        raise TypeError("this transaction writes no entries of the ledger")
    return session


def append_committed(session: Session, table: Table, row: Mapping[str, Any], source: UUID, canonical: bytes) -> None:
    """Append the commitment to *row* of *table*, given by its canonical bytes, to the log `consent`.

    The row names its subject, its salt, and what decides when it counts (`withheld_entries`). Raises TypeError for a
    session that would forget it.
    """
    record_id, salt = COUNTED_WITH[table](row), row["salt"]
    entry = commitment(salt, canonical)
    ledger_of(session).append("consent", source, entry, row["subject_id"], record_id=record_id, salt=salt)


def append_entry(session: Session, log: Log, source: UUID, entry: bytes, owner: UUID | None = None) -> None:
    """Append an entry that counts at once to a log (see `LedgerSession.append`).

    Raises TypeError for a session that would forget it.
    """
    ledger_of(session).append(log, source, entry, owner)
