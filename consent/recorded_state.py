"""What the events of an authorisation or a delegation say of its row: the audit compares the two [5.1.6].

Each event has the terms that it leaves and the version that it makes; who acted, and when, is the event's own. So the
events give every column but the count of uses, which the access record has. A column that they leave open is left out:
events from before a fact was kept do not have it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from consent.delegation import GuardianshipFinding, Power
from consent.delegation_rules import BETWEEN
from consent.leaves.consent_events import Event
from consent.leaves.delegation_events import DelegationStep
from consent.vocabulary import FieldGroup

Columns = Mapping[str, Any]
"""Values of columns by their names, as the database has them: choices as words, bits as numbers."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as it is stored: what happened, who did it, when, and the terms that it left."""

    event: str
    at: datetime
    actor_ref: str
    role: str
    facts: Columns
    department_code: str | None = None


def differing(expected: Columns, row: Columns) -> tuple[str, ...]:
    """Return the names of the columns in which *row* is not what was *expected*, in alphabetical order."""
    return tuple(sorted(name for name, value in expected.items() if row[name] != value))


# --- authorisations ---------------------------------------------------------------------------------------------------

_GIVEN_AT_ONCE: Final = frozenset({Event.OFFERED, Event.RECORDED_ON_PAPER})
_BEGINS: Final = _GIVEN_AT_ONCE | {Event.REQUESTED}
_TERMS: Final = ("purpose", "recipient_code", "means", "template", "uses_allowed", "paper_evidence", "version")
_DAYS: Final = ("starts_on", "expires_on", "refused_on", "narrowed_on", "withdrawn_on", "contested_on", "signed_on")
_PAPERS: Final = (
    "refusal_evidence", "narrowing_evidence", "withdrawal_evidence", "contest_paper", "contest_finding",
    "contest_evidence",
)  # fmt: skip
_BOUNDS: Final = ("groups", "expires_on", "uses_allowed")
_NEVER: Final[Columns] = dict.fromkeys(
    (
        "granted_at", "granted_by", "refused_at", "narrowed_at", "withdrawn_at", "withdrawn_by", "contested_at",
        "contest_entered_by", "contest_decided_at", "contest_decided_by", "confirmed_at", "confirmed_by",
    )
)  # fmt: skip
"""What has not happened as long as no event says so."""


def authorisation_columns(events: Iterable[RecordedEvent], attested: Columns | None = None) -> Columns:
    """Return what the events of one authorisation say of its row; nothing without the one that begins it.

    Of a row that was *attested* they are the later events, which change what it was then.
    Raises ValueError, TypeError or LookupError for facts that no event has.
    """
    taken = _in_order(events)
    if not attested and not any(event.event in _BEGINS for event in taken):
        return {}
    if not taken:
        return attested or {}
    first = taken[0]
    found: dict[str, Any] = dict(attested or {}) or {
        **_NEVER,
        "requested_at": first.at,
        "requested_by": first.actor_ref,
    }
    before: Columns = _bounds(attested) if attested else {}
    for event in taken:
        found |= _changes(event, before, found)
        before = event.facts
    return {**found, **_terms(before), **_held(taken, attested)}


def _bounds(row: Columns) -> Columns:
    """Return the bounds of a row as an event has them."""
    groups = [group.name for group in FieldGroup if group in FieldGroup(row["groups"])]
    return {"groups": groups, "expires_on": row["expires_on"].isoformat(), "uses_allowed": row["uses_allowed"]}


def _changes(event: RecordedEvent, before: Columns, so_far: Columns) -> Columns:  # noqa: PLR0911 - one branch for each kind of event
    at, by = event.at, event.actor_ref
    match event.event:
        case Event.OFFERED | Event.RECORDED_ON_PAPER:
            return {"granted_at": at, "granted_by": by}
        case Event.GRANTED:
            is_less = any(before.get(name) != event.facts.get(name) for name in _BOUNDS)
            return {"granted_at": at, "granted_by": by, "refused_at": None, "narrowed_at": at if is_less else None}
        case Event.REFUSED | Event.REFUSED_ON_PAPER:
            return {"refused_at": so_far["refused_at"] or at}
        case Event.NARROWED | Event.NARROWED_ON_PAPER:
            return {"narrowed_at": at}
        case Event.WITHDRAWN | Event.WITHDRAWN_ON_PAPER:
            return {"withdrawn_at": at, "withdrawn_by": by}
        case Event.CONTESTED:
            return {"contested_at": at, "contest_entered_by": None}
        case Event.CONTESTED_ON_PAPER:
            return {"contested_at": at, "contest_entered_by": by}
        case Event.CONFIRMED:
            return {"confirmed_at": at, "confirmed_by": by}
        case Event.CONTEST_DECIDED:
            return {"contest_decided_at": at, "contest_decided_by": by}
    return {}


def _terms(facts: Columns) -> Columns:
    """Return the terms that the last event left."""
    application = facts["application_id"]
    return {
        **{name: facts[name] for name in _TERMS},
        **{name: _day(facts.get(name)) for name in _DAYS},
        **{name: facts.get(name) for name in _PAPERS},
        "notice_digest": facts.get("notice"),
        "groups": sum(FieldGroup[name] for name in facts["groups"]),
        "application_id": None if application is None else UUID(application),
    }


def _held(taken: Sequence[RecordedEvent], attested: Columns | None) -> Columns:
    """Return since when a paper waits for a second person.

    A paper after a contest waits from its record on, which its event says since it is kept; else nothing is known.
    """
    held = next((event.at for event in taken if event.event == Event.HELD), None)
    if held is not None:
        return {"held_at": held}
    if attested:
        return {}
    first = taken[0]
    if first.event != Event.RECORDED_ON_PAPER:
        return {"held_at": None}
    is_held = first.facts.get("is_held")
    return {} if is_held is None else {"held_at": first.at if is_held else None}


# --- delegations ------------------------------------------------------------------------------------------------------

_NEVER_OF_DELEGATIONS: Final[Columns] = dict.fromkeys(
    (
        "withdrawn_at", "ended_by", "ended_as", "end_evidence", "contested_at", "contested_by", "contested_on",
        "contest_paper", "contest_decided_at", "contest_decided_by", "contest_finding", "contest_evidence",
    )
)  # fmt: skip


def delegation_columns(events: Iterable[RecordedEvent], attested: Columns | None = None) -> Columns:
    """Return what the events of one delegation say of its row; nothing without the one that begins it.

    Of a row that was *attested* they are the later events.
    Raises ValueError, TypeError or LookupError for facts that no event has.
    """
    taken = _in_order(events)
    if not attested and not any(event.event == DelegationStep.RECORDED for event in taken):
        return {}
    if not taken:
        return attested or {}
    last = taken[-1].facts
    found: dict[str, Any] = {
        **(attested or _recorded(taken[0])),
        "kind": last["kind"],
        "delegate_ref": last["delegate_ref"],
        "groups": sum(FieldGroup[name] for name in last["groups"]),
        "powers": sum(Power[name] for name in last["powers"]),
        "starts_on": _day(last["starts_on"]),
        "expires_on": _day(last["expires_on"]),
        "version": last["version"],
    }
    for event in taken:
        found |= _DELEGATION_CHANGES.get(event.event, _nothing)(event)
    return found


def _recorded(first: RecordedEvent) -> Columns:
    return {
        **_NEVER_OF_DELEGATIONS,
        "granted_at": first.at,
        "recorded_by": first.actor_ref,
        "recorded_as": first.role,
        "department_code": first.department_code,
        "evidence": BETWEEN.join(first.facts["evidence"]),
    }


def _ended(event: RecordedEvent) -> Columns:
    return {
        "withdrawn_at": event.at,
        "ended_by": event.actor_ref,
        "ended_as": event.role,
        "end_evidence": _joined(event.facts["evidence"]),
    }


def _contested(event: RecordedEvent) -> Columns:
    return {
        "contested_at": event.at,
        "contested_by": event.actor_ref,
        "contested_on": _day(event.facts.get("contested_on")),
        "contest_paper": _joined(event.facts["evidence"]),
    }


def _decided(event: RecordedEvent) -> Columns:
    finding = event.facts["finding"]
    ended: Columns = {}
    if finding == GuardianshipFinding.NEVER_HELD:
        ended = {"withdrawn_at": event.at, "ended_by": event.actor_ref, "ended_as": event.role}
    return {
        "contest_decided_at": event.at,
        "contest_decided_by": event.actor_ref,
        "contest_finding": finding,
        "contest_evidence": _joined(event.facts["evidence"]),
        **ended,
    }


def _nothing(_: RecordedEvent) -> Columns:
    return {}


_DELEGATION_CHANGES: Final[Mapping[str, Callable[[RecordedEvent], Columns]]] = {
    DelegationStep.ENDED: _ended,
    DelegationStep.CONTESTED: _contested,
    DelegationStep.CONTEST_DECIDED: _decided,
}


def _in_order(events: Iterable[RecordedEvent]) -> Sequence[RecordedEvent]:
    """Return events by the version that each made: two acts of one transaction have the same instant."""
    return sorted(events, key=lambda event: (event.facts["version"], event.at))


def _joined(references: Sequence[str]) -> str | None:
    return BETWEEN.join(references) or None


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)
