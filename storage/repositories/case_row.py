"""The rows of `restraint_cases`: conversion to and from the case of the rules, and the case of an import.

The row of a case has days, choices and two references. The actors of the other steps, their evidence, further
statements and claims, hand-overs and restarts are in its steps (`credit.cases.steps`). A case that is read from the
row alone has them empty, and every rule still holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from credit.cases.case import (
    Case,
    Claim,
    Fact,
    FormerRecord,
    RemovalCause,
    ReviewOutcome,
    ServiceMeans,
    day,
    fact_at,
    instant,
)
from credit.cases.rules.term import Term, term_of
from credit.cases.status import Circumstance, CollectionChannel
from credit.subjects.subject import SealedText
from storage.repositories.rows import attributes, field_names, sealed_text_columns


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case of an import. Its texts are sealed for this `case_id` at this `version`."""

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
    return {
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
        "claimed_on": claim and claim.made.on,
        "claim_answered_on": claim and day(claim.answered),
        "rectified_on": day(case.rectified),
        "removed_on": day(case.removed),
        "removal": case.removal and case.removal.value,
        "dropped_on": day(case.dropped),
        "referred_on": day(case.referred),
        "confidential": case.confidential,
        **_former_columns(case.taken_over),
    }


def from_columns(row: Mapping[str, Any]) -> Case:
    """Return the case of a row, which is given by column names; sealed texts are left out.

    The current handler counts as the actor of the handler's steps: the row has no other.
    """
    handler, department = row["handler_ref"], row["department_code"]
    stated = _on(row["stated_on"])
    return Case(
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
        claims=_claims(row),
        rectified=_on(row["rectified_on"]),
        removed=_on(row["removed_on"]),
        removal=row["removal"] and RemovalCause(row["removal"]),
        dropped=_on(row["dropped_on"]),
        referred=_on(row["referred_on"]),
        confidential=row["confidential"],
    )


def imported_columns(case: CaseRow) -> dict[str, object]:
    """Return the columns that an import writes."""
    return attributes(case, PLAIN) | sealed_text_columns(facts=case.facts, evidence=case.evidence, notes=case.notes)


def imported_row(row: Mapping[str, Any]) -> CaseRow:
    """Return the stored values of the columns that an import writes; *row* is given by column names."""
    values: dict[str, Any] = {name: row[name] for name in PLAIN}
    for item in SEALED:
        box = row[f"{item}_sealed"]
        values[item] = None if box is None else SealedText(bytes(box), str(row[f"{item}_mask"]))
    return CaseRow(**values)


def _claims(row: Mapping[str, Any]) -> tuple[Claim, ...]:
    made = _on(row["claimed_on"])
    return () if made is None else (Claim(made, _on(row["claim_answered_on"])),)


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
