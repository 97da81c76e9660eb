"""The rows that nobody began by an act, page by page: what an operator can take over at an upgrade, before it closes.

Rows of tables that always had entries are not among them: such a row without its entry was added past the acts in any
release.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.engine import Dialect

from storage.database.session import Session
from storage.ledger.attestation.attested_rows import USES_BEFORE, attestations, row_state
from storage.ledger.audit import known_subjects, uses
from storage.ledger.audit.folds.kinds import KINDS
from storage.ledger.audit.folds.records import AUTHORISATIONS, RecordTable, compared_records, keys_of
from storage.ledger.recomputed_entries import Key
from storage.tables import authorisations, subjects


@dataclass(frozen=True, slots=True)
class AttestableRow:
    """A row that can be taken over: the acts that were kept of it nevertheless, and its state."""

    subject_id: UUID
    record_id: UUID
    acts: Sequence[UUID]
    state: dict[str, object]


Found = Sequence[AttestableRow]
OfKeys = Callable[[Session, Sequence[Key]], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class AttestableTable:
    """A table with rows that can be taken over. *among* gives those among some keys of subject and id."""

    table: Table
    key: str
    among: OfKeys

    async def page(self, session: Session, after: Key | None, limit: int) -> tuple[Found, Key | None]:
        """Return what can be taken over among the next *limit* rows, and where to go on; None at the end."""
        if self.table is subjects:
            table = subjects.c.subject_id
            wanted = select(table).order_by(table).limit(limit)
            keys = [
                (row[0], row[0])
                for row in await session.fetch(wanted if after is None else wanted.where(table > after[0]))
            ]
        else:
            keys = [(key[0], key[1]) for key in await keys_of(session, self.table, self.key, after, limit)]
        return await self.among(session, keys), keys[-1] if len(keys) == limit else None

    async def locked(self, session: Session, found: Found) -> Found:
        """Return which of the rows can still be taken over, and lock them until the transaction ends."""
        row, keys = self.table.c, [(each.subject_id, each.record_id) for each in found]
        own = row.subject_id.in_([key[0] for key in keys]), row[self.key].in_([key[1] for key in keys])
        await session.fetch(select(row.subject_id).where(*own).with_for_update())
        return await self.among(session, keys)


def attestable_tables(dialect: Dialect) -> Sequence[AttestableTable]:
    """Return every table with rows that can be taken over, in the order of the audit."""
    return [
        AttestableTable(subjects, "subject_id", _unregistered),
        *(AttestableTable(kind.table, kind.key, partial(_of_kind, dialect, kind)) for kind in KINDS),
    ]


async def _of_kind(dialect: Dialect, kind: RecordTable, session: Session, keys: Sequence[Key]) -> Found:
    unbegun = (await compared_records(session, kind, keys)).unbegun
    states = {key: (acts, row_state({name: row[name] for name in kind.plain})) for key, (row, acts) in unbegun.items()}
    if kind is AUTHORISATIONS:
        before = await uses.uses_before(session, dialect, keys)
        for key in states:
            states[key][1][USES_BEFORE] = before.pop(key, 0)
        others = {key: number for key, number in before.items() if number}
        attested = await attestations(session, authorisations, list(others))
        states |= {key: ((), {USES_BEFORE: number}) for key, number in others.items() if key not in attested}
    return [AttestableRow(key[0], key[1], acts, state) for key, (acts, state) in sorted(states.items())]


_KIND: Final = subjects.c.kind


async def _unregistered(session: Session, keys: Sequence[Key]) -> Found:
    found = await known_subjects.unregistered_among(session, [key[0] for key in keys])
    rows = await session.fetch(select(subjects.c.subject_id, _KIND).where(subjects.c.subject_id.in_(sorted(found))))
    return [AttestableRow(subject_id, subject_id, (), {"kind": kind}) for subject_id, kind in rows]
