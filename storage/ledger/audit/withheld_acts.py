"""Acts that counted for nobody, and their second entries, once their subjects see the record [5.1.4(2)]."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, tuple_

from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.recomputed_entries import Key
from storage.repositories.subjects.withheld_entries import NEVER, hidden_records
from storage.tables import entry_openings, withheld_entries

_ACT, _OPENING = withheld_entries.c, entry_openings.c
_SAME = and_(_OPENING.subject_id == _ACT.subject_id, _OPENING.source == _ACT.source)


async def unopened(session: Session, after: Key | None, limit: int) -> tuple[list[Contradiction], Key | None]:
    """Return those of the next *limit* withheld acts whose subjects see the record, and that were not opened."""
    wanted: Select[Any] = select(_ACT.subject_id, _ACT.source, _ACT.record_id, _OPENING.source)
    wanted = wanted.select_from(withheld_entries.outerjoin(entry_openings, _SAME))
    rows = await session.fetch(_behind(wanted, (_ACT.subject_id, _ACT.source), after).limit(limit))
    closed = {(subject_id, record_id) for subject_id, _, record_id, opened in rows if opened is None}
    hidden = await hidden_records(session, closed) if closed else set()
    findings = [
        Contradiction(ContradictionCode.OPENING_MISSING, withheld_entries.name, source, subject_id, "consent")
        for subject_id, source, record_id, opened in rows
        if opened is None and (subject_id, record_id) not in hidden
    ]
    return findings, (rows[-1][0], rows[-1][1]) if len(rows) == limit else None


async def wrong_openings(session: Session, after: Key | None, limit: int) -> tuple[list[Contradiction], Key | None]:
    """Return those of the next *limit* second entries whose act counted at once, never counts, or is another one."""
    is_other = or_(
        _ACT.source.is_(None), _ACT.record_id == NEVER, _ACT.commitment != _OPENING.withheld, _ACT.salt != _OPENING.salt
    )
    wanted: Select[Any] = select(_OPENING.subject_id, _OPENING.opening_id, is_other)
    wanted = wanted.select_from(entry_openings.outerjoin(withheld_entries, _SAME))
    rows = await session.fetch(_behind(wanted, (_OPENING.subject_id, _OPENING.opening_id), after).limit(limit))
    findings = [
        Contradiction(ContradictionCode.OPENING_WRONG, entry_openings.name, opening_id, subject_id, "consent")
        for subject_id, opening_id, is_wrong in rows
        if is_wrong
    ]
    return findings, (rows[-1][0], rows[-1][1]) if len(rows) == limit else None


def _behind(wanted: Select[Any], key: Sequence[ColumnElement[UUID]], after: Key | None) -> Select[Any]:
    """Return *wanted* in the order of its key, from behind a row on."""
    ordered = wanted.order_by(*key)
    if after is None:
        return ordered
    typed = [bindparam(None, value, column.type) for value, column in zip(after, key, strict=True)]
    return ordered.where(tuple_(*key) > tuple_(*typed))
