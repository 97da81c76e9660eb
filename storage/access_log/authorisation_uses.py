"""Counts the uses of authorisations, in the order of the requests, and never one too many [5.1.6]."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, literal, or_, select, update
from sqlalchemy.engine import Dialect

from consent.deletions.deletion_duty import DeletionCause
from storage.database.array_binds import among
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.database.sql_dates import days_after
from storage.tables import authorisations, deletion_duties

Use = tuple[UUID, UUID]
"""The id of the subject, and the id of its authorisation."""


Granted = Callable[[Session, Use], Awaitable[bool]]
"""Says whether an authorisation that the table calls live is one by its recorded events."""


async def granted_by_its_row(_session: Session, _use: Use) -> bool:
    """Take the row's word: for a recorder whose reads use no authorisation, and for no server."""
    return True


@dataclass(frozen=True, slots=True)
class UsesLeft:
    """What a live authorisation still allows."""

    uses: int
    expires_on: date

    def allows(self, times: int, today: date) -> bool:
        """Return whether it can be used so many times today."""
        return times <= self.uses and today <= self.expires_on


async def uses_left(session: Session, dialect: Dialect, wanted: Collection[Use]) -> Mapping[Use, UsesLeft]:
    """Read what these authorisations still allow; one that is not granted, or was ended, is left out.

    INVARIANT: until the transaction ends, no other transaction uses, narrows or withdraws them. On SQLite there is one
    writer; on PostgreSQL the rows are locked, in one order everywhere, so that two recorders cannot block each other.
    """
    table = authorisations.c
    rows = await session.fetch(
        select(table.subject_id, table.authorisation_id, table.uses_allowed - table.uses_made, table.expires_on)
        .where(among(table.subject_id, "subjects", dialect), among(table.authorisation_id, "these", dialect))
        .where(table.granted_at.is_not(None), table.refused_at.is_(None))
        .where(table.withdrawn_at.is_(None), table.contested_at.is_(None))
        .where(or_(table.held_at.is_(None), table.confirmed_at.is_not(None)))
        .order_by(table.subject_id, table.authorisation_id)
        .with_for_update(key_share=True),
        {"subjects": sorted({use[0] for use in wanted}), "these": sorted({use[1] for use in wanted})},
    )
    return {(row[0], row[1]): UsesLeft(row[2], row[3]) for row in rows}


async def count_uses(session: Session, made: Counter[Use]) -> None:
    """Add the uses that were made; only for what `uses_left` allowed, in the same transaction.

    The first use makes the duty to delete what is received, once the authorisation has ended [PIPL 47].
    """
    if made:
        used = [{"of": subject_id, "this": authorisation_id} for subject_id, authorisation_id in made]
        await session.execute(FIRST_USE, used)
        rows: list[Mapping[str, Any]] = [
            {"of": subject_id, "this": authorisation_id, "times": times}
            for (subject_id, authorisation_id), times in made.items()
        ]
        await session.execute(COUNT, rows)


_OWN = (authorisations.c.subject_id == bindparam("of"), authorisations.c.authorisation_id == bindparam("this"))
_DUTY = {
    "subject_id": authorisations.c.subject_id,
    "duty_id": authorisations.c.authorisation_id,
    "authorisation_id": authorisations.c.authorisation_id,
    "recipient_code": authorisations.c.recipient_code,
    "cause": literal(DeletionCause.EXPIRED.value),
    "since_on": days_after(authorisations.c.expires_on, 1),
    "counts_from_on": days_after(authorisations.c.expires_on, 1),
}
FIRST_USE = insert_once(deletion_duties).from_select(
    list(_DUTY), select(*_DUTY.values()).where(*_OWN, authorisations.c.uses_made == 0)
)
"""Makes the duty of `consent.deletions`, unless there is one. Its due day, which lies ahead, is counted later."""
COUNT = update(authorisations).where(*_OWN).values(uses_made=authorisations.c.uses_made + bindparam("times"))
