"""What happened to a subject's record besides its steps, each with its entry in the ledger [5.1.4(6)] [5.1.6]."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import insert

from consent.context import ConsentContext
from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.subject_events import SubjectEvent
from storage.database.session import Session
from storage.repositories.ledger_leaves import append_committed, ledger_of, stamped
from storage.repositories.rows import attributes, field_names
from storage.tables import subject_events

_COLUMNS: Final = tuple(name for name in field_names(SubjectEvent) if name not in {"request", "content"})


def subject_event(context: ConsentContext, subject_id: UUID, event: str, facts: Mapping[str, object]) -> SubjectEvent:
    """Return what the caller of *context* does to the record of the subject now, with a new id and a new salt."""
    return SubjectEvent(
        subject_id=subject_id,
        event_id=context.new_id(),
        event=event,
        at=context.now,
        actor_ref=context.actor.ref,
        role=context.actor.role,
        department_code=context.actor.department,
        facts=facts,
        salt=context.random(SALT_BYTES),
    )


async def append_subject_events(session: Session, events: Sequence[SubjectEvent]) -> None:
    """Append events and their entries of the ledger; the database itself refuses to change them later."""
    if not events:
        return
    ledger = ledger_of(session)
    made = [replace(each, request=ledger.provenance, content=ledger.take_content(each.subject_id)) for each in events]
    rows = [attributes(each, _COLUMNS) | {"event": str(each.event)} | stamped(ledger, each.content) for each in made]
    await session.execute(insert(subject_events), rows)
    for each, row in zip(made, rows, strict=True):
        append_committed(session, subject_events, row, each.event_id, each.canonical_bytes())
