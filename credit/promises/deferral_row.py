"""The row of a deferral: short lists of documents and reminders, and the days that decide [4.2.2].

`served_on` and `supplied_on` follow from the lists and are stored too, so that a query can find open deferrals without
reading the lists.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from credit.core.late_entries import read, read_withdrawal, written, written_withdrawal
from credit.promises.deferral import Deferral, HandIn, Reminder


def columns(deferral: Deferral) -> dict[str, Any]:
    """Return the columns of the row, without its version."""
    return {
        "subject_id": deferral.subject_id,
        "application_id": deferral.application_id,
        "department_code": deferral.department_code,
        "documents": _documents(deferral),
        "reminders": [_written(reminder) for reminder in deferral.reminders],
        "commitment_ref": deferral.commitment_ref,
        "committed_on": deferral.committed_on,
        "due_on": deferral.due_on,
        "served_on": deferral.served_on(),
        "supplied_on": deferral.supplied_on(),
        "ended_on": deferral.ended_on,
        "case_id": deferral.case_id,
        "paper_withdrawal": written_withdrawal(deferral.paper_withdrawal),
    }


def from_columns(row: Mapping[str, Any], *, version: int = 1) -> Deferral:
    """Return the deferral of a row."""
    return Deferral(
        row["application_id"],
        row["subject_id"],
        row["department_code"],
        tuple(each["document"] for each in row["documents"]),
        row["commitment_ref"],
        row["committed_on"],
        row["due_on"],
        hand_ins_of(row["documents"]),
        reminders_of(row["reminders"]),
        row["ended_on"],
        row["case_id"],
        version,
        read_withdrawal(row["paper_withdrawal"]),
    )


def hand_ins_of(documents: list[Mapping[str, Any]]) -> tuple[HandIn, ...]:
    """Return the hand-ins among the documents of a row."""
    return tuple(
        HandIn(
            each["document"],
            date.fromisoformat(each["handed_in_on"]),
            each["received_by"],
            each["receipt"],
            read(each.get("late")),
        )
        for each in documents
        if each["handed_in_on"] is not None
    )


def reminders_of(reminders: list[Mapping[str, Any]]) -> tuple[Reminder, ...]:
    """Return the reminders of a row."""
    return tuple(
        Reminder(
            date.fromisoformat(each["sent_on"]),
            each["by"],
            each["paper"],
            _day(each["served_on"]),
            each["proof"],
            read(each.get("late")),
        )
        for each in reminders
    )


def _documents(deferral: Deferral) -> list[dict[str, Any]]:
    came = {hand_in.document: hand_in for hand_in in deferral.hand_ins}
    return [
        {
            "document": document,
            "handed_in_on": came[document].on.isoformat() if document in came else None,
            "received_by": came[document].received_by if document in came else None,
            "receipt": came[document].receipt if document in came else None,
            "late": written(came[document].late) if document in came else None,
        }
        for document in deferral.missing
    ]


def _written(reminder: Reminder) -> dict[str, Any]:
    return {
        "sent_on": reminder.sent_on.isoformat(),
        "by": reminder.by,
        "paper": reminder.paper,
        "served_on": None if reminder.served_on is None else reminder.served_on.isoformat(),
        "proof": reminder.proof,
        "late": written(reminder.late),
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
