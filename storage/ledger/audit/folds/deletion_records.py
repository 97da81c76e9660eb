"""Duties to delete against the events of their authorisations, and against the uses that make them [5.1.6]."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select

from consent.deletions.deletion_duty import DeletionCause
from consent.deletions.recorded_state import duty_columns, duty_told
from consent.recorded_state import RecordedEvent
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.folds.records import EVENT, Columns, History, RecordTable, RestsOn, Row, keys_of
from storage.ledger.recomputed_entries import Key
from storage.tables import authorisations, consent_events, deletion_duties


def _duty(row: Row, events: Sequence[Row], attested: Columns) -> Columns:
    return _expected(row, events, attested=attested)


def _duty_of_attested(row: Row, events: Sequence[Row], given: Columns) -> Columns:
    return _expected(row, events, given=given)


def _expected(row: Row, events: Sequence[Row], **before: Columns) -> Columns:
    told = [RecordedEvent(**{name: value for name, value in each.items() if name != "event_id"}) for each in events]
    found = dict(duty_columns(row["duty_id"], row["authorisation_id"], told, **before))
    # An erasure ends what was still in force; it makes no duty begin later.
    if "since_on" in found and row["cause"] == DeletionCause.ERASED and row["since_on"] <= found["since_on"]:
        found |= {"cause": row["cause"], "since_on": row["since_on"]}
    return found


def _told(row: Row) -> UUID | None:
    return duty_told(row["facts"])


DUTIES: Final = RecordTable(
    deletion_duties,
    "duty_id",
    [History(consent_events, "authorisation_id", EVENT, "authorisation_id", _told)],
    _duty,
    unsaid=frozenset({"cause", "since_on"}),  # a later end of an attested authorisation moves them
    rests_on=RestsOn(authorisations, "authorisation_id", _duty_of_attested),
)
KINDS: Final = (DUTIES,)


async def contradicted_duties(
    session: Session, after: Key | None, limit: int
) -> tuple[list[Contradiction], Key | None]:
    """Name the used authorisations without a duty, and the unused ones with one, among the next *limit*."""
    keys = await keys_of(session, authorisations, "authorisation_id", after, limit)
    if not keys:
        return [], None
    given, duty = authorisations.c, deletion_duties.c
    own = and_(duty.subject_id == given.subject_id, duty.duty_id == given.authorisation_id)
    rows = await session.fetch(
        select(given.subject_id, given.authorisation_id, duty.duty_id.is_(None))
        .select_from(authorisations.outerjoin(deletion_duties, own))
        .where(given.subject_id.in_(sorted({key[0] for key in keys})))
        .where(
            or_(
                and_(given.uses_made > 0, duty.duty_id.is_(None)), and_(given.uses_made == 0, duty.duty_id.is_not(None))
            )
        )
    )
    among = set(keys)
    findings = [
        Contradiction(
            ContradictionCode.STATE_DELETED if is_missing else ContradictionCode.STATE_ADDED,
            deletion_duties.name,
            authorisation_id,
            subject_id,
        )
        for subject_id, authorisation_id, is_missing in rows
        if (subject_id, authorisation_id) in among
    ]
    return findings, keys[-1] if len(keys) == limit else None
