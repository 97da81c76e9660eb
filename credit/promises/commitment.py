"""Commitments in place of proof: made, handled on the spot or within a limit, verified afterwards [4.2.3] [5.1.2d].

    commit ──> complete ──> verify (MET | NOT_MET) ──> unmet

Limits are working days, counted from the day after the fact that starts them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from credit.applications.application import Facilitation, Outcome, contested, require_uncontested
from credit.applications.refusals import COMMITMENT_FOUND_UNMET, MATTER_COMPLETED, ApplicationRefused
from credit.calendar.calendar import Calendar, Deadline
from credit.cases.breach import Breach
from credit.cases.rules.grounds import CommitmentCheck
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.labels import Labelled
from credit.core.late_entries import ActDays, LateEntry, PaperWithdrawal, WithdrawalContest
from credit.core.refusals import FINDING_UNSUPPORTED
from credit.core.values.free_text import parse_text
from credit.core.values.references import parse_reference
from credit.incentives.incentive import MatterTerms
from credit.incentives.refusals import NOT_ELIGIBLE, NotEligible
from credit.promises.refusals import (
    NOT_HANDLED_YET,
    NOT_VERIFIED_AS_UNMET,
    PROMISE_CLOSED,
    NotDue,
    PromiseRefused,
    require_between,
)

INCENTIVE: Final = Facilitation.COMMITMENT.value


class VerificationOutcome(Labelled):
    """What the department found when it verified a commitment."""

    MET = "MET", "符合承诺", "4.2.3"
    NOT_MET = "NOT_MET", "达不到承诺内容", "5.1.2d"


class CommitmentState(Labelled):
    """The state of a commitment on a day."""

    MADE = "MADE", "已承诺待办结", "4.2.3"
    COMPLETION_OVERDUE = "COMPLETION_OVERDUE", "逾期未办结", "4.2.3"
    TO_BE_VERIFIED = "TO_BE_VERIFIED", "待核验", "4.2.3"
    VERIFICATION_OVERDUE = "VERIFICATION_OVERDUE", "逾期未核验", "4.2.3"
    MET = "MET", "核验符合", "4.2.3"
    NOT_MET = "NOT_MET", "核验不符合", "5.1.2d"
    ENDED = "ENDED", "已终止", "4.2.3"


@dataclass(frozen=True, slots=True)
class Verification:
    """What the department found afterwards, and its evidence."""

    on: date
    by: str
    outcome: VerificationOutcome
    facts_zh: str = field(default="", repr=False)
    evidence: tuple[str, ...] = field(default=(), repr=False)
    late: LateEntry | None = None

    @property
    def own_day(self) -> date:
        """The day of the verification, whenever it was recorded."""
        return self.on if self.late is None else self.late.on


@dataclass(frozen=True, slots=True)
class Commitment:
    """A written commitment and its dated facts. The limits are those of the day on which it was made."""

    application_id: UUID
    subject_id: UUID
    department_code: str
    document: str
    commitment_ref: str
    committed_on: date
    limit_days: int
    verify_days: int
    completed_on: date | None = None
    """The day from which the completion counts: that of its record, if it was recorded late."""
    verification: Verification | None = None
    ended_on: date | None = None
    case_id: UUID | None = None
    """The restraint case that an unmet commitment became."""
    version: int = 1
    """Counts every step."""
    completed_late: LateEntry | None = None
    """The days of the completion, if it was recorded late."""
    paper_withdrawal: PaperWithdrawal | None = None
    """The withdrawal on paper, also after the applicant contested it."""

    @property
    def completed_own_day(self) -> date | None:
        """The day on which the matter was completed, whenever that was recorded."""
        return self.completed_on if self.completed_late is None else self.completed_late.on


def commit(
    matter: MatterTerms | None,
    *,
    application_id: UUID,
    subject_id: UUID,
    department_code: str,
    commitment_ref: str,
    today: date,
) -> Commitment:
    """Take a written commitment in place of proof.

    Raises NOT_ELIGIBLE if no document of the matter allows it, or if the matter lacks one of its two limits: without
    both a deadline could not be computed.
    """
    if matter is None or INCENTIVE not in matter.allows or matter.document is None or not matter.document.strip():
        raise NotEligible(NOT_ELIGIBLE, incentive=INCENTIVE)
    limit_days, verify_days = matter.commitment_limit_days, matter.commitment_verify_days
    if limit_days is None or verify_days is None:
        raise NotEligible(NOT_ELIGIBLE, incentive=INCENTIVE)
    reference = parse_reference(commitment_ref)
    return Commitment(
        application_id, subject_id, department_code, matter.document, reference, today, limit_days, verify_days
    )


def complete(commitment: Commitment, *, on: ActDays, today: date) -> Commitment:
    """Record that the department completed the matter on the day *on*, late or not. Raises PROMISE_CLOSED."""
    _must_be_open(commitment, on.own_day, today)
    return replace(commitment, completed_on=on.counts_on, completed_late=on.late)


def verify(
    commitment: Commitment,
    outcome: VerificationOutcome,
    *,
    on: ActDays,
    by: str,
    today: date,
    facts_zh: str = "",
    evidence: Sequence[str] = (),
) -> Commitment:
    """Record the result of verification [4.2.3]. NOT_MET needs facts and evidence [5.1.1] [5.1.2d].

    Raises NOT_HANDLED_YET, PROMISE_CLOSED if it has been verified, FINDING_UNSUPPORTED, STEP_MISDATED, InvalidItem.
    """
    if commitment.verification is not None:
        raise PromiseRefused(PROMISE_CLOSED, state=_of(commitment.verification.outcome))
    _must_not_be_over(commitment)
    if commitment.completed_own_day is None:
        raise PromiseRefused(NOT_HANDLED_YET)
    require_between(on.own_day, commitment.completed_own_day, today)
    papers = tuple(parse_reference(reference) for reference in evidence)
    facts = parse_text(facts_zh)
    if outcome is VerificationOutcome.NOT_MET and not (facts and papers):
        raise PromiseRefused(FINDING_UNSUPPORTED)
    found = Verification(on.counts_on, by, outcome, facts, papers, on.late)
    return replace(commitment, verification=found)


def end(commitment: Commitment, *, on: date, today: date, paper: PaperWithdrawal | None = None) -> Commitment:
    """Record that it ended before completion: the applicant withdrew, or the application was refused.

    A completed commitment is verified all the same. A *paper* that the applicant contested before is no withdrawal,
    and no other paper takes its place.
    """
    _must_be_open(commitment, on, today)
    if paper is None:
        return replace(commitment, ended_on=on)
    require_uncontested(commitment.paper_withdrawal)
    return replace(commitment, ended_on=on, paper_withdrawal=paper)


def contest_withdrawal(commitment: Commitment, contest: WithdrawalContest) -> Commitment:
    """Take it up again, whose withdrawal on paper is not the applicant's; without one, return it as it is."""
    paper = commitment.paper_withdrawal
    if paper is None or not paper.stands or commitment.ended_on is None:
        return commitment
    return replace(commitment, ended_on=None, paper_withdrawal=contested(paper, contest))


def decided(
    commitment: Commitment, outcome: Outcome, *, today: date, paper: PaperWithdrawal | None = None
) -> Commitment:
    """Return the commitment after the end of its application: approval completes the matter [4.2.3].

    An uncompleted commitment ends with an application that is refused or withdrawn. Raises MATTER_COMPLETED if the
    matter was already completed, COMMITMENT_FOUND_UNMET for an approval after verification found the commitment not
    met.
    """
    found = commitment.verification
    unmet = found is not None and found.outcome is VerificationOutcome.NOT_MET
    if commitment.ended_on is not None:
        return commitment
    if outcome is Outcome.APPROVED:
        if unmet:
            raise ApplicationRefused(COMMITMENT_FOUND_UNMET)
        return commitment if commitment.completed_on else complete(commitment, on=ActDays(today), today=today)
    if commitment.completed_on is None:
        on = today if paper is None else max(paper.on, commitment.committed_on)
        return end(commitment, on=on, today=today, paper=paper)
    if not unmet:
        raise ApplicationRefused(MATTER_COMPLETED)
    return commitment


def completion_due(commitment: Commitment, calendar: Calendar) -> Deadline:
    """Return the last day to complete the matter: the day of the commitment itself if it is on the spot [4.2.3]."""
    return calendar.deadline(commitment.committed_on, commitment.limit_days)


def verification_due(commitment: Commitment, calendar: Calendar) -> Deadline | None:
    """Return the last day to verify; None before completion [4.2.3]."""
    if commitment.completed_on is None:
        return None
    return calendar.deadline(commitment.completed_on, commitment.verify_days)


def state(commitment: Commitment, today: date, calendar: Calendar) -> CommitmentState:
    """Return the state on the day *today* by the dated facts. A fact counts from its own day on."""
    if commitment.verification is not None and commitment.verification.on <= today:
        return _of(commitment.verification.outcome)
    if commitment.ended_on is not None and commitment.ended_on <= today:
        return CommitmentState.ENDED
    due = verification_due(commitment, calendar)
    if due is not None and commitment.completed_on is not None and commitment.completed_on <= today:
        return CommitmentState.VERIFICATION_OVERDUE if due.is_missed(today) else CommitmentState.TO_BE_VERIFIED
    late = completion_due(commitment, calendar).is_missed(today)
    return CommitmentState.COMPLETION_OVERDUE if late else CommitmentState.MADE


def unmet(commitment: Commitment) -> Breach:
    """Return the breach for a restraint case: the verified facts fall short of the commitment [5.1.2d].

    Raises NOT_VERIFIED_AS_UNMET.
    """
    found = commitment.verification
    if found is None:
        raise NotDue(
            NOT_VERIFIED_AS_UNMET,
            state=CommitmentState.TO_BE_VERIFIED if commitment.completed_on else CommitmentState.MADE,
        )
    if found.outcome is not VerificationOutcome.NOT_MET:
        raise NotDue(NOT_VERIFIED_AS_UNMET, state=CommitmentState.MET)
    facts = f"告知承诺：{commitment.committed_on}作出书面承诺，{found.own_day}核验达不到承诺内容。{found.facts_zh}"
    return Breach(
        commitment.subject_id,
        commitment.application_id,
        commitment.department_code,
        Circumstance.COMMITMENT_NOT_MET,
        CollectionChannel.FACT_FINDING,
        found.on,
        facts,
        (commitment.commitment_ref, *found.evidence),
        CommitmentCheck(commitment.committed_on, found.on, met=False, verified_late=found.late),
    )


def is_kept(commitment: Commitment, today: date) -> bool | None:
    """Return whether the commitment was found met; None before verification."""
    if commitment.verification is None or commitment.verification.on > today:
        return None
    return commitment.verification.outcome is VerificationOutcome.MET


def _of(outcome: VerificationOutcome) -> CommitmentState:
    return CommitmentState.MET if outcome is VerificationOutcome.MET else CommitmentState.NOT_MET


def _must_not_be_over(commitment: Commitment) -> None:
    if commitment.ended_on is not None:
        raise PromiseRefused(PROMISE_CLOSED, state=CommitmentState.ENDED)


def _must_be_open(commitment: Commitment, on: date, today: date) -> None:
    """Refuse a step after the completion or the end, or on a day before the commitment or in the future."""
    _must_not_be_over(commitment)
    if commitment.completed_on is not None:
        raise PromiseRefused(PROMISE_CLOSED, state=CommitmentState.TO_BE_VERIFIED)
    require_between(on, commitment.committed_on, today)
