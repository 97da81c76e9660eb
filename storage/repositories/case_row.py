"""The rows of `restraint_cases`: conversion to and from the case of the rules, and the case of an import.

The row of a case has days, choices and two references. The actors of the other steps, their evidence, further
statements, claims and pauses, hand-overs and restarts are in its steps (`credit.cases.steps`). A case that is read from
the row alone has them empty, and every rule still holds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from credit.calendar.calendar import Calendar
from credit.cases.case import (
    Case,
    Claim,
    Fact,
    FormerRecord,
    Pause,
    RemovalCause,
    ReviewOutcome,
    ServiceMeans,
    day,
    fact_at,
    instant,
)
from credit.cases.rules.next_steps import CLOCKS, due_days, sorts_on
from credit.cases.rules.term import Term, term_of
from credit.cases.status import Circumstance, CollectionChannel
from credit.cases.steps import STEP_OF, StepName
from credit.core import late_entries
from credit.core.late_entries import LateEntry
from credit.core.values.document_numbers import number_key
from credit.subjects.subject import SealedText
from storage.repositories.rows import attributes, field_names, sealed_text_columns


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case of an import. Its texts are sealed for this `case_id` at this `version`.

    `step_version` is the one at which it was read: a step that is taken meanwhile makes the import look again.
    """

    subject_id: UUID
    case_id: UUID
    number: str
    department_code: str
    sector_code: str
    area_code: str
    circumstance: str
    channel: str
    basis: str
    handler_ref: str
    collected_at: datetime
    changed_at: datetime
    version: int = 1
    step_version: int = 1
    facts: SealedText | None = None
    evidence: SealedText | None = None
    notes: SealedText | None = None
    application_id: UUID | None = None
    legal_document: str | None = None
    reviewer_ref: str | None = None
    verified_at: datetime | None = None
    noticed_on: date | None = None
    served_on: date | None = None
    stated_on: date | None = None
    reviewed_on: date | None = None
    determined_on: date | None = None
    published_on: date | None = None
    ends_on: date | None = None
    period_basis: str | None = None
    taken_over_on: date | None = None
    former_determined_on: date | None = None
    former_published_on: date | None = None
    former_ends_on: date | None = None
    rectified_on: date | None = None
    removed_on: date | None = None
    dropped_on: date | None = None
    referred_on: date | None = None
    confidential: bool = False


SEALED = ("facts", "evidence", "notes")
PLAIN = tuple(name for name in field_names(CaseRow) if name not in SEALED)
_FORMER = {
    "taken_over_on": "on",
    "former_determined_on": "determined_on",
    "former_published_on": "published_on",
    "former_ends_on": "ends_on",
}
"""The columns of a record that was taken over, each with its attribute."""
IMPORTED = (*PLAIN, *(f"{item}_{face}" for item in SEALED for face in ("sealed", "mask")))
"""The columns that an import reads and writes."""


def columns(case: Case) -> dict[str, object]:
    """Return the values that the steps of *case* wrote, by column."""
    claim = case.claims[-1] if case.claims else None
    pause, review = case.pauses[-1] if case.pauses else None, case.last_review_pause
    return {
        "number": case.number,
        "number_key": number_key(case.number),
        "marked_number": case.marked_number,
        "occurred_on": case.occurred_on,
        "agents_case_id": case.agents_case_id,
        "basis": case.basis,
        "legal_document": case.legal_document,
        "handler_ref": case.handler_ref,
        "reviewer_ref": case.reviewer_ref,
        "collected_at": case.collected.instant,
        "verified_at": instant(case.verified),
        "noticed_on": day(case.noticed),
        "served_on": day(case.served),
        "service_means": case.means and case.means.value,
        "stated_on": day(case.stated),
        "reviewed_on": day(case.reviewed),
        "review_outcome": case.outcome and case.outcome.value,
        "determined_on": day(case.determined),
        "published_on": day(case.published),
        "ends_on": case.ends_on,
        "period_basis": case.term.citation,
        "unlisted": case.publicity.is_unlisted,
        "listed_until": case.listed_until,
        "paused_on": pause and pause.on,
        "resumed_on": pause and pause.until,
        "reopened_on": review and review.on,
        "reopened_until": review and review.until,
        "claimed_on": claim and claim.made.on,
        "claim_answered_on": claim and day(claim.answered),
        "timely_claim_on": case.dates.timely_claim_on,
        "timely_claim_answered_on": case.dates.timely_claim_answered_on,
        "rectified_on": day(case.rectified),
        "removed_on": day(case.removed),
        "removal": case.removal and case.removal.value,
        "dropped_on": day(case.dropped),
        "referred_on": day(case.referred),
        "late_entries": late_entries.column(_recorded_late(case)),
        "confidential": case.confidential,
        **_former_columns(case.taken_over),
    }


def due_day_columns(case: Case, calendar: Calendar) -> dict[str, object]:
    """Return what is stored of the open tasks of *case*, by column."""
    days = due_days(case, calendar)
    clock, waiting = days.clock, days.waiting
    return {
        "clock": clock and CLOCKS[clock.task].value,
        "clock_started_on": clock and clock.since,
        "clock_due_on": clock and clock.due and clock.due.on,
        "waits_for": waiting and waiting.task.value,
        "waits_since_on": waiting and waiting.since,
        "waits_sorts_on": waiting and sorts_on(waiting.since, calendar),
    }


def from_columns(row: Mapping[str, Any]) -> Case:
    """Return the case of a row, which is given by column names; sealed texts are left out.

    The current handler counts as the actor of the handler's steps: the row has no other.
    """
    handler, department = row["handler_ref"], row["department_code"]
    stated = _on(row["stated_on"])
    case = Case(
        subject_id=row["subject_id"],
        case_id=row["case_id"],
        number=row["number"],
        department_code=department,
        circumstance=Circumstance(row["circumstance"]),
        channel=CollectionChannel(row["channel"]),
        basis=row["basis"],
        handler_ref=handler,
        collected=fact_at(row["collected_at"], handler, department),
        application_id=row["application_id"],
        legal_document=row["legal_document"],
        reviewer_ref=row["reviewer_ref"],
        version=row["version"],
        occurred_on=row["occurred_on"],
        agents_case_id=row["agents_case_id"],
        taken_over=_former(row),
        verified=_at(row["verified_at"], handler, department),
        noticed=_on(row["noticed_on"], handler, department),
        served=_on(row["served_on"], handler, department),
        means=row["service_means"] and ServiceMeans(row["service_means"]),
        statements=() if stated is None else (stated,),
        reviewed=_on(row["reviewed_on"], row["reviewer_ref"], department),
        outcome=row["review_outcome"] and ReviewOutcome(row["review_outcome"]),
        determined=_on(row["determined_on"]),
        term=_term(row),
        published=_on(row["published_on"]),
        ends_on=row["ends_on"],
        pauses=_last_pauses(row),
        claims=_claims(row),
        rectified=_on(row["rectified_on"]),
        removed=_on(row["removed_on"]),
        removal=row["removal"] and RemovalCause(row["removal"]),
        dropped=_on(row["dropped_on"]),
        referred=_on(row["referred_on"]),
        confidential=row["confidential"],
        marked_number=row["marked_number"],
    )
    return _with_late_entries(case, row["late_entries"])


def _last_pauses(row: Mapping[str, Any]) -> tuple[Pause, ...]:
    """Return the last pause for a review, and the last one of all, which may be that of a return."""
    last, review = (row["paused_on"], row["resumed_on"]), (row["reopened_on"], row["reopened_until"])
    pauses = () if row["reopened_on"] is None else (Pause(*review),)
    return pauses if row["paused_on"] is None or last == review else (*pauses, Pause(*last, is_return=True))


def imported_columns(case: CaseRow) -> dict[str, object]:
    """Return the columns that an import writes."""
    row = attributes(case, PLAIN) | {"number_key": number_key(case.number)}
    return row | sealed_text_columns(facts=case.facts, evidence=case.evidence, notes=case.notes)


def imported_row(row: Mapping[str, Any]) -> CaseRow:
    """Return the stored values of the columns that an import writes; *row* is given by column names."""
    values: dict[str, Any] = {name: row[name] for name in PLAIN}
    for item in SEALED:
        box = row[f"{item}_sealed"]
        values[item] = None if box is None else SealedText(bytes(box), str(row[f"{item}_mask"]))
    return CaseRow(**values)


def _recorded_late(case: Case) -> Iterator[tuple[str, LateEntry | None]]:
    """Return the late entries among the facts of the row: of several statements the first, of several claims the last.

    An end by a review is the same fact as the review.
    """
    claim = case.claims[-1] if case.claims else None
    facts: dict[str, Fact | None] = {
        "verified_at": case.verified,
        "noticed_on": case.noticed,
        "served_on": case.served,
        "stated_on": case.stated,
        "reviewed_on": case.reviewed,
        "determined_on": case.determined,
        "dropped_on": None if case.dropped == case.reviewed else case.dropped,
        "claimed_on": None if claim is None else claim.made,
        "claim_answered_on": None if claim is None else claim.answered,
    }
    return ((STEP_OF[column], fact.late) for column, fact in facts.items() if fact is not None)


def _with_late_entries(case: Case, stored: Mapping[str, Any] | None) -> Case:
    """Return *case* with both days of the facts that were recorded late."""
    if not stored:
        return case

    def late(fact: Fact | None, step: StepName) -> Fact | None:
        return None if fact is None else replace(fact, late=late_entries.of_step(stored, step))

    statements = tuple(fact for each in case.statements if (fact := late(each, StepName.STATED)) is not None)
    return replace(
        case,
        verified=late(case.verified, StepName.VERIFIED),
        noticed=late(case.noticed, StepName.NOTICED),
        served=late(case.served, StepName.SERVED),
        statements=statements,
        reviewed=late(case.reviewed, StepName.REVIEWED),
        determined=late(case.determined, StepName.DETERMINED),
        dropped=late(case.dropped, StepName.DROPPED),
    )


def _claims(row: Mapping[str, Any]) -> tuple[Claim, ...]:
    """Return the last claim, and before it the last one made in time, if that is another one."""
    days = [("timely_claim_on", "timely_claim_answered_on"), ("claimed_on", "claim_answered_on")]
    found = dict.fromkeys((row[made], row[answered]) for made, answered in days if row[made] is not None)
    return tuple(Claim(Fact(made), _on(answered)) for made, answered in found)


def _former_columns(former: FormerRecord | None) -> dict[str, date | None]:
    return {column: None if former is None else getattr(former, name) for column, name in _FORMER.items()}


def _former(row: Mapping[str, Any]) -> FormerRecord | None:
    if row["taken_over_on"] is None:
        return None
    return FormerRecord(**{attribute: row[column] for column, attribute in _FORMER.items()})


def _term(row: Mapping[str, Any]) -> Term:
    if row["published_on"] is None or row["ends_on"] is None:
        return Term(citation=row["period_basis"])
    return term_of(row["published_on"], row["ends_on"], row["period_basis"])


def _on(on: date | None, by: str | None = None, department: str | None = None) -> Fact | None:
    return None if on is None else Fact(on, by, department)


def _at(at: datetime | None, by: str, department: str) -> Fact | None:
    return None if at is None else fact_at(at, by, department)
