"""The rules of delegations: what can be recorded, and how it ends [5.1.6]. Pure: time is a parameter."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from consent.delegation import POWERS_OF, Delegation, DelegationKind, GuardianshipFinding, Power
from consent.errors import (
    ANOTHER_PERSON_RECORDS,
    AUTHORITY_NOT_SHOWN,
    DELEGATION_ENDED,
    END_IT_INSTEAD,
    GUARDIAN_ACTS,
    GUARDIANSHIP_CONTESTED_BEFORE,
    GUARDIANSHIP_ENDS_BY_LAW,
    GUARDIANSHIP_IN_DISPUTE,
    GUARDIANSHIP_NOT_IN_DISPUTE,
    GUARDIANSHIP_RECORDER_CANNOT_CONTEST,
    GUARDIANSHIP_RECORDER_CANNOT_DECIDE,
    KIND_DOES_NOT_FIT,
    KINSHIP_NOT_SHOWN,
    NOT_A_REFERENCE,
    POWER_NOT_OF_KIND,
    RECORDER_IS_DELEGATE,
    SCOPE_NOT_NAMED,
    STARTS_IN_THE_PAST,
    TERM_OUT_OF_BOUNDS,
    WARD_OF_AGE_BEFORE,
    NotAdmitted,
    NotDelegable,
    NotNow,
)
from consent.rules import Letter, is_reference, reference, require_posted, trimmed
from consent.vocabulary import FieldGroup, civil_date

SUBJECT, AGENT = "subject", "agent"
NATURAL_PERSON: Final = "NATURAL_PERSON"
OF_PERSONS: Final = frozenset({DelegationKind.GUARDIAN, DelegationKind.CLOSE_RELATIVE})
OF_AGE: Final = 18
"""The age of majority, in full years [Civil Code 17]."""
PAPERS_OF_KINSHIP: Final = 2
BETWEEN: Final = "；"
"""What stands between several references of one delegation."""

# The form of `sub` in a bearer token.
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:|\-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked to be recorded."""

    subject_id: UUID
    kind: DelegationKind
    delegate_ref: str
    groups: FieldGroup
    powers: Power
    evidence: Sequence[str] = field(repr=False)
    expires_on: date
    starts_on: date | None = None
    """The first day; None is today."""


@dataclass(frozen=True, slots=True)
class Principal:
    """What the rules need to know of the subject. The ages are None for everybody but natural persons."""

    kind: str
    age: int | None = None
    age_at_end: int | None = None
    """Its age on the last day that is asked for."""
    is_guarded: bool = False
    """Whether a guardian is recorded for it today."""
    is_in_dispute: bool = False
    """Whether a guardianship of it is contested and not decided on."""
    misrecorded_by: frozenset[str] = frozenset()
    """Who recorded a guardianship of it that never held."""
    ended_after: frozenset[str] = frozenset()
    """The officers who recorded a delegation that it ended itself."""

    @property
    def lacks_capacity(self) -> bool:
        """Whether it has no full capacity to act today [Civil Code 18 to 22]."""
        return self.is_guarded or self.is_minor

    @property
    def is_minor(self) -> bool:
        """Whether it is a natural person who is not of age today [Civil Code 17]."""
        return self.age is not None and self.age < OF_AGE


def record(
    terms: Terms,
    principal: Principal,
    *,
    delegation_id: UUID,
    by: str,
    role: str,
    department_code: str | None,
    longest_days: int,
    at: datetime,
    today: date,
) -> Delegation:
    """Return the delegation that is recorded now, or raise NotDelegable.

    IDENTITY is part of every scope: a delegate knows whom it acts for.
    """
    _check_kind(terms, principal)
    if terms.kind is DelegationKind.GUARDIAN:
        _check_contests(principal, by)
    elif by in principal.ended_after:
        raise NotDelegable(ANOTHER_PERSON_RECORDS)
    starts_on = _first_day(terms, today)
    _check_last_day(terms, principal, starts_on, today, today + timedelta(days=longest_days))
    if not terms.groups:
        raise NotDelegable(SCOPE_NOT_NAMED)
    if terms.powers | POWERS_OF[terms.kind] != POWERS_OF[terms.kind]:
        raise NotDelegable(POWER_NOT_OF_KIND)
    evidence = references(terms.evidence)
    if terms.kind is DelegationKind.CLOSE_RELATIVE and len(set(evidence)) < PAPERS_OF_KINSHIP:
        raise NotDelegable(KINSHIP_NOT_SHOWN)
    delegate = terms.delegate_ref.strip()
    if not _ACCOUNT.fullmatch(delegate) or not is_reference(delegate):
        raise NotDelegable(NOT_A_REFERENCE)
    if delegate == by:
        raise NotDelegable(RECORDER_IS_DELEGATE)
    return Delegation(
        subject_id=terms.subject_id,
        delegation_id=delegation_id,
        kind=terms.kind,
        delegate_ref=delegate,
        groups=terms.groups | FieldGroup.IDENTITY,
        powers=terms.powers,
        evidence=BETWEEN.join(evidence),
        granted_at=at,
        starts_on=starts_on,
        expires_on=terms.expires_on,
        recorded_by=by,
        recorded_as=role,
        department_code=department_code,
    )


def end(delegation: Delegation, *, by: str, role: str, evidence: Sequence[str], at: datetime) -> Delegation:
    """End a delegation now, whoever may: no reason is asked of the subject or the delegate [5.1.6].

    A guardianship ends by law: neither ward nor guardian ends it, the office does on its evidence [Civil Code 36, 39].
    """
    if delegation.withdrawn_at is not None:
        raise NotNow(DELEGATION_ENDED)
    if delegation.kind is DelegationKind.GUARDIAN and role in {SUBJECT, AGENT}:
        raise NotAdmitted(GUARDIANSHIP_ENDS_BY_LAW)
    shown = references(evidence) if any(each.strip() for each in evidence) else ()
    return replace(
        delegation,
        withdrawn_at=at,
        ended_by=by,
        ended_as=role,
        end_evidence=BETWEEN.join(shown) or None,
        version=delegation.version + 1,
    )


def contest(delegation: Delegation, *, by: str, at: datetime, today: date, letter: Letter | None = None) -> Delegation:
    """Contest a recorded guardianship: its access and powers rest until somebody else has looked at the papers.

    No reason is asked. Once: who disagrees with the decision turns to the court [Civil Code 36]. So who recorded it, or
    is its guardian, enters no *letter*: a false one, decided on, would leave the ward without its own contest.
    """
    if delegation.kind is not DelegationKind.GUARDIAN:
        raise NotNow(END_IT_INSTEAD)
    if delegation.withdrawn_at is not None or today > delegation.expires_on:
        raise NotNow(DELEGATION_ENDED)
    if delegation.contested_at is not None:
        raise NotNow(GUARDIANSHIP_CONTESTED_BEFORE)
    contested = replace(delegation, contested_at=at, contested_by=by, version=delegation.version + 1)
    if letter is None:
        return contested
    if by in {delegation.recorded_by, delegation.delegate_ref}:
        raise NotAdmitted(GUARDIANSHIP_RECORDER_CANNOT_CONTEST)
    require_posted(letter.on, civil_date(delegation.granted_at), today)
    return replace(contested, contested_on=letter.on, contest_paper=reference(letter.evidence))


def decide(
    delegation: Delegation, finding: GuardianshipFinding, *, by: str, role: str, evidence: Sequence[str], at: datetime
) -> Delegation:
    """Decide the contest of a guardianship: it holds and its guardian acts again, or it never held and is ended."""
    if not delegation.is_in_dispute:
        raise NotNow(GUARDIANSHIP_NOT_IN_DISPUTE)
    if by in {delegation.recorded_by, delegation.delegate_ref, delegation.contested_by}:
        raise NotAdmitted(GUARDIANSHIP_RECORDER_CANNOT_DECIDE)
    decided = replace(
        delegation,
        contest_decided_at=at,
        contest_decided_by=by,
        contest_finding=finding,
        contest_evidence=BETWEEN.join(references(evidence)),
        version=delegation.version + 1,
    )
    if finding is GuardianshipFinding.HOLDS:
        return decided
    return replace(decided, withdrawn_at=at, ended_by=by, ended_as=role)


def references(raw: Sequence[str]) -> tuple[str, ...]:
    """Read the references of evidence; raises NotDelegable if there is none, or one is not a reference."""
    found = tuple(text for text in map(trimmed, raw) if text)
    if not found:
        raise NotDelegable(AUTHORITY_NOT_SHOWN)
    if not all(map(is_reference, found)):
        raise NotDelegable(NOT_A_REFERENCE)
    return found


def _check_kind(terms: Terms, principal: Principal) -> None:
    is_person = principal.kind == NATURAL_PERSON
    if (terms.kind in OF_PERSONS and not is_person) or (terms.kind is DelegationKind.OFFICER and is_person):
        raise NotDelegable(KIND_DOES_NOT_FIT)
    if terms.kind is DelegationKind.AGENT and principal.lacks_capacity:
        raise NotDelegable(GUARDIAN_ACTS)


def _check_contests(principal: Principal, by: str) -> None:
    """No other record takes the place of one in dispute, and who recorded one that never held records no other."""
    if principal.is_in_dispute:
        raise NotDelegable(GUARDIANSHIP_IN_DISPUTE)
    if by in principal.misrecorded_by:
        raise NotDelegable(ANOTHER_PERSON_RECORDS)


def _first_day(terms: Terms, today: date) -> date:
    starts_on = terms.starts_on or today
    # A court names the day of a guardianship: what was done since then was done without full capacity.
    if starts_on < today and terms.kind is not DelegationKind.GUARDIAN:
        raise NotDelegable(STARTS_IN_THE_PAST)
    return starts_on


def _check_last_day(terms: Terms, principal: Principal, starts_on: date, today: date, latest: date) -> None:
    if not max(starts_on, today) <= terms.expires_on <= latest:
        raise NotDelegable(TERM_OUT_OF_BOUNDS, latest=latest)
    if terms.kind is DelegationKind.GUARDIAN and principal.is_minor and (principal.age_at_end or 0) >= OF_AGE:
        raise NotDelegable(WARD_OF_AGE_BEFORE)
