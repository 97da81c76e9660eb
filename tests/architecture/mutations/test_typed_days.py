"""Every day that a caller types: whose act it is of, from which day it counts, and within which bounds [5.1.4].

A new date among the inputs needs its row here. Where an act is named, `credit.core.late_entries` decides from which day
it counts, and both days are kept if it is recorded late.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from credit.applications.application import ApplicationStep
from credit.cases.steps import StepName
from credit.core.late_entries import SUBJECTS_ACTS, days_of
from credit.focused_checks.actions import VISITED
from credit.promises.take_step import PromiseStep
from tests.shipped_schema import shipped_types

SCHEMA = shipped_types()
DATES = {"Date", "DateTime"}


@dataclass(frozen=True)
class Act:
    """The day of an act: its step, whose it is, and the earliest day; the latest is that of the record."""

    step: str
    whose: str
    not_before: str


@dataclass(frozen=True)
class Term:
    """A day that no act has: the first or last day of something, or the day of a breach; and its bounds."""

    bounds: str


AUTHORITY, SUBJECT = "the authority", "the subject"
TYPED_DAYS = {
    # Steps of a case.
    "VerifyCaseInput.on": Act(StepName.VERIFIED, AUTHORITY, "the collection"),
    "NoticeCaseInput.on": Act(StepName.NOTICED, AUTHORITY, "the verification"),
    "ServeCaseInput.on": Act(StepName.SERVED, AUTHORITY, "the notice"),
    "ReviewCaseInput.on": Act(StepName.REVIEWED, AUTHORITY, "the statements"),
    "DetermineCaseInput.on": Act(StepName.DETERMINED, AUTHORITY, "verification, service and review"),
    "DropCaseInput.on": Act(StepName.DROPPED, AUTHORITY, "all steps before it"),
    "RefuseRectificationInput.on": Act(StepName.RECTIFICATION_REFUSED, AUTHORITY, "the claims"),
    "EnterStatementInput.on": Act(StepName.STATED, SUBJECT, "the notice"),
    "EnterRectificationClaimInput.on": Act(StepName.RECTIFICATION_CLAIMED, SUBJECT, "verification and notice"),
    # The grounds of a case.
    "DeferredDocumentsInput.remindedOn": Act(PromiseStep.REMINDER_SERVED, AUTHORITY, "the day after the promised one"),
    "DeferredDocumentsInput.suppliedOn": Act(PromiseStep.HANDED_IN, SUBJECT, "nothing: it speaks for the subject"),
    "CommitmentCheckInput.verifiedOn": Act(PromiseStep.COMMITMENT_VERIFIED, AUTHORITY, "the commitment"),
    # Corrections and objections.
    "ReportErrorInput.on": Act(StepName.CORRECTION_DISCOVERED, AUTHORITY, "the collection"),
    "RecordRecipientToldInput.on": Act(StepName.RECIPIENT_TOLD, AUTHORITY, "the correction"),
    "AnswerObjectionInput.on": Act(StepName.OBJECTION_ANSWERED, AUTHORITY, "the objection"),
    "EnterObjectionInput.on": Act(StepName.OBJECTED, SUBJECT, "the record that it contests"),
    # Promises and applications.
    "HandInDocumentInput.on": Act(PromiseStep.HANDED_IN, SUBJECT, "the promise"),
    "ServeReminderInput.on": Act(PromiseStep.REMINDER_SERVED, AUTHORITY, "the reminder"),
    "CompleteCommitmentInput.on": Act(PromiseStep.COMPLETED, AUTHORITY, "the commitment"),
    "VerifyCommitmentInput.on": Act(PromiseStep.COMMITMENT_VERIFIED, AUTHORITY, "the completion"),
    "EnterApplicationWithdrawalInput.on": Act(ApplicationStep.WITHDRAWN, SUBJECT, "the filing"),
    "EnterDeferralWithdrawalInput.on": Act(PromiseStep.DEFERRAL_WITHDRAWN, SUBJECT, "the promise"),
    "EnterCommitmentWithdrawalInput.on": Act(PromiseStep.COMMITMENT_WITHDRAWN, SUBJECT, "the commitment"),
    "EnterWithdrawalContestInput.on": Act(
        ApplicationStep.WITHDRAWAL_CONTESTED, SUBJECT, "the record of the withdrawal"
    ),
    # Days of papers of the subject, under the rules of consent.
    "EnterAuthorisationWithdrawalInput.on": Term("its own day, from the first day of the authorisation to today"),
    "EnterAuthorisationNarrowingInput.on": Term("likewise; it holds from the record"),
    "EnterAuthorisationNarrowingInput.expiresOn": Term("from today to what was given"),
    "EnterAuthorisationRefusalInput.on": Term("its own day, from that of the request to today"),
    "EnterAuthorisationContestInput.on": Term("its own day, from the record of the contested paper to today"),
    "EnterGuardianshipContestInput.on": Term("its own day, from the record of the guardianship to today"),
    "RecordPaperAuthorisationInput.signedOn": Term("at most 30 days ago; live from the record, longest from this day"),
    # Visits of supervisors.
    "RecordFocusedCheckInput.checkedOn": Act(VISITED, AUTHORITY, "the restraint that made the subject a target"),
    # First and last days, and the day of the breach.
    "DeferredDocumentsInput.promisedFor": Term("before the reminder"),
    "CommitmentCheckInput.committedOn": Term("not after today; before the verification"),
    "CollectCaseInput.occurredOn": Term("the breach's own day, not after its collection"),
    "ConfirmTakenOverInput.rectifiedOn": Term("by the former papers, from the determination to the taking over"),
    "DetermineCaseInput.until": Term("six months from publication, longer with a law"),
    "CorrectCaseInput.until": Term("as of a determination"),
    "DelayEntriesInput.until": Term("at most 30 days from today"),
    "ExtendEntryDelayInput.until": Term("at most 30 days from today"),
    "DeferDocumentsInput.dueOn": Term("after today, within the matter's longest time"),
    "RecordDelegationInput.startsOn": Term("not in the past, but for a guardian whom a court named"),
    "RecordDelegationInput.expiresOn": Term("from the first day, within the longest time"),
    "RequestAuthorisationInput.expiresOn": Term("from today, within the template"),
    "RecordPaperAuthorisationInput.expiresOn": Term("from today, within the template from the day of the paper"),
    "OfferAuthorisationInput.expiresOn": Term("from today, within the template"),
    "GrantAuthorisationInput.expiresOn": Term("from today to what was asked"),
    "NarrowAuthorisationInput.expiresOn": Term("from today to what was given"),
}


def dates_of(given: GraphQLInputObjectType, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Give each date of an input and of the inputs in it, as `Input.field`."""
    if given.name in seen:
        return
    for name, field in given.fields.items():
        kind = get_named_type(field.type)
        if isinstance(kind, GraphQLInputObjectType):
            yield from dates_of(kind, seen | {given.name})
        elif kind.name in DATES:
            yield f"{given.name}.{name}"


def test_every_date_that_a_caller_types_has_its_rule() -> None:
    assert SCHEMA.mutation_type is not None
    found: set[str] = set()
    for mutation in SCHEMA.mutation_type.fields.values():
        given = get_named_type(mutation.args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        found |= set(dates_of(given))
    assert found == set(TYPED_DAYS), "a new date argument needs its row: whose act it is, and its bounds"


@pytest.mark.parametrize(
    ("field", "act"), [(field, act) for field, act in TYPED_DAYS.items() if isinstance(act, Act)], ids=str
)
def test_the_authoritys_day_counts_from_its_record_and_the_subjects_from_its_own(field: str, act: Act) -> None:
    """[5.1.4] The one list of `credit.core.late_entries` says whose act it is."""
    own, recorded = date(2026, 3, 2), date(2026, 3, 9)
    days = days_of(act.step, own, recorded)
    assert days.counts_on == (own if act.whose == SUBJECT else recorded), field
    assert (days.own_day, days.late is not None) == (own, True), "both days are kept"
    assert (act.step in SUBJECTS_ACTS) is (act.whose == SUBJECT), field
    assert days_of(act.step, recorded + timedelta(days=1), recorded).late is None, "the rule of the step refuses it"
