"""Who has information about a case, and who was notified that it was wrong, against what happened [5.1.4(6)].

deliveries        each with its event DELIVERED
correction_told   the recipients that a correction has to notify, by the deliveries; each as notified by its step
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from credit.cases.steps import StepName, fact_of_step
from credit.corrections.correction import recipients_to_notify
from credit.subjects.record_events import RecordEvent
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.folds.hearing_records import of_correction
from storage.ledger.audit.folds.records import STEP, Columns, History, RecordTable, Row, keys_of, recorded_step
from storage.ledger.recomputed_entries import UNREADABLE, Key
from storage.repositories.corrections import CorrectionRepository
from storage.tables import case_steps, correction_told, corrections, deliveries, hearing_steps, subject_events


def _delivery(row: Row, events: Sequence[Row], attested: Columns) -> Columns:
    for event in events:
        if _delivered(event) == row["delivery_id"]:
            facts = event["facts"]
            found = {
                "case_id": UUID(facts["case_id"]),
                **{name: facts[name] for name in ("recipient", "route", "items")},
            }
            # Events from before the instant was kept do not have it.
            return found | ({"sent_at": datetime.fromisoformat(facts["sent_at"])} if "sent_at" in facts else {})
    return attested


def _delivered(event: Row) -> UUID | None:
    return UUID(event["facts"]["delivery_id"]) if event["event"] == RecordEvent.DELIVERED else None


def _told(row: Row, steps: Sequence[Row], _: Columns) -> Columns:
    found: dict[str, object] = dict.fromkeys(("told_on", "told_at", "told_by"))
    for step in of_correction(steps, row["correction_id"]):
        facts = step["facts"]
        if step["step"] == StepName.RECIPIENT_TOLD and (facts["recipient"], facts["route"]) == (
            row["recipient"],
            row["route"],
        ):
            fact = fact_of_step(recorded_step(step, StepName.RECIPIENT_TOLD))
            found = {"told_on": fact.on, "told_at": step["at"], "told_by": step["actor_ref"]}
    return found


DELIVERIES: Final = RecordTable(
    deliveries,
    "delivery_id",
    [History(subject_events, "subject_id", ("event", "at", "facts"), "subject_id", _delivered)],
    _delivery,
)
NOTIFIED: Final = RecordTable(
    correction_told,
    "telling_id",
    [
        History(case_steps, "case_id", STEP, "case_id", lambda _: None),
        History(hearing_steps, "about", STEP, "correction_id", lambda _: None),
    ],
    _told,
)
KINDS: Final = (DELIVERIES, NOTIFIED)


async def contradicted_recipients(
    session: Session, after: Key | None, limit: int
) -> tuple[list[Contradiction], Key | None]:
    """Compare whom the next *limit* corrections notify with whom they have to; return where to go on."""
    keys = await keys_of(session, corrections, "correction_id", after, limit)
    findings: list[Contradiction] = []
    for subject_id in sorted({key[0] for key in keys}):
        own = {key[1] for key in keys if key[0] == subject_id}
        try:
            findings += await _of_subject(session, subject_id, own)
        except UNREADABLE:  # the row is named where it is compared with its acts
            continue
    return findings, keys[-1] if len(keys) == limit else None


async def _of_subject(session: Session, subject_id: UUID, own: set[UUID]) -> list[Contradiction]:
    records = CorrectionRepository(session)
    sent = await records.deliveries_of(subject_id)
    row = correction_told.c
    wanted = select(row.correction_id, row.recipient, row.route, row["items"], row.telling_id)
    kept = {
        (each[0], each[1], each[2]): (set(each[3]), each[4])
        for each in await session.fetch(wanted.where(row.subject_id == subject_id))
        if each[0] in own
    }
    wrong = {
        (one.correction_id, each.recipient, each.route.value): {item.value for item in each.items}
        for one in await records.of_subject(subject_id)
        if one.correction_id in own and one.done is not None
        for each in recipients_to_notify(one, sent)
    }
    lacking = [
        Contradiction(ContradictionCode.STATE_DELETED, correction_told.name, key[0], subject_id)
        for key in sorted(wrong.keys() - kept.keys())
    ]
    # A message that left names what was known to be wrong by then.
    added = [
        Contradiction(ContradictionCode.STATE_ADDED, correction_told.name, telling_id, subject_id)
        for key, (items, telling_id) in sorted(kept.items())
        if not items <= wrong.get(key, set())
    ]
    return lacking + added
