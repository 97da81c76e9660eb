"""What the events of an authorisation say of its duties to delete: the audit compares the two [5.1.6]."""

from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from consent.deletions.deletion_duty import DeletionCause, end_of
from consent.leaves.consent_events import Event
from consent.recorded_state import Columns, RecordedEvent, authorisation_columns, in_order
from consent.vocabulary import FieldGroup, civil_date

_OPEN: Final[Columns] = dict.fromkeys(("acknowledged_at", "acknowledged_on", "acknowledged_by", "outcome", "reference"))
_NARROWED: Final = frozenset({Event.NARROWED, Event.NARROWED_ON_PAPER})


def duty_columns(
    duty_id: UUID,
    authorisation_id: UUID,
    events: Iterable[RecordedEvent],
    attested: Columns | None = None,
    given: Columns | None = None,
) -> Columns:
    """Return what the events of the authorisation say of a duty; nothing where they tell of no such duty.

    Of a duty that was *attested* they are the later events, which say only whether it was acknowledged. Of an
    authorisation that was attested as *given* they are the later ones as well: its first use can come after them.
    Of the duty to delete everything they do not say whether something was received: that is in the access record.
    Raises ValueError, TypeError or LookupError for facts that no event has.
    """
    taken = in_order(events)
    found = _at_the_end(taken, given) if duty_id == authorisation_id else _of_narrowing(duty_id, taken, given)
    if not found and not attested:
        return {}
    done = [each for each in taken if each.event == Event.DELETION_ACKNOWLEDGED and duty_told(each.facts) == duty_id]
    return {**(attested or _OPEN), **found, **(_acknowledged(done[-1]) if done else {})}


def duty_told(facts: Columns) -> UUID | None:
    """Return the id of the duty that the facts of an event name; None where they name none."""
    told = facts.get("deletion")
    return None if told is None else UUID(told["duty_id"])


def _at_the_end(taken: Sequence[RecordedEvent], given: Columns | None) -> Columns:
    columns = authorisation_columns(taken, given)
    if not columns or columns["granted_at"] is None:
        return {}
    ends: Any = SimpleNamespace(**columns)
    cause, since_on = end_of(ends)
    return {"recipient_code": columns["recipient_code"], "cause": cause.value, "since_on": since_on, "groups": None}


def _of_narrowing(duty_id: UUID, taken: Sequence[RecordedEvent], given: Columns | None) -> Columns:
    for place, event in enumerate(taken):
        if event.event in _NARROWED and duty_told(event.facts) == duty_id:
            before = _bits(taken[place - 1].facts) if place else (given or {})["groups"]
            since_on = authorisation_columns(taken[: place + 1], given)["narrowed_on"] or civil_date(event.at)
            return {
                "recipient_code": event.facts["recipient_code"],
                "cause": DeletionCause.NARROWED.value,
                "since_on": since_on,
                "groups": before & ~_bits(event.facts),
            }
    return {}


def _bits(facts: Columns) -> int:
    return sum(FieldGroup[name] for name in facts["groups"])


def _acknowledged(event: RecordedEvent) -> Columns:
    told = event.facts["deletion"]
    return {
        "acknowledged_at": event.at,
        "acknowledged_on": civil_date(event.at),
        "acknowledged_by": event.actor_ref,
        "outcome": told["outcome"],
        "reference": told["reference"],
    }
