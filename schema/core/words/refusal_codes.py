"""The codes of each type of refusal, as an enum of its own: what a client has to know of it, and in words.

A branch of errors is one type, a reason below it one code (`credit.core.refusals`). Which reasons a branch is raised
with is said by the code that raises it; a test compares the table with that.
"""

from collections.abc import Mapping
from typing import Any, Final, Self, cast

from consent import errors as consent
from consent.errors import ConsentReason
from credit.applications import refusals as applications
from credit.cases import refusals as cases
from credit.consultations import refusals as consultations
from credit.core import errors as core_errors
from credit.core import refusals as core
from credit.core.labels import Labelled
from credit.core.refusals import Reason
from credit.focused_checks import refusals as focused_checks
from credit.incentives import refusals as incentives
from credit.notices import refusals as notices
from credit.promises import refusals as promises
from credit.subjects import refusals as subjects


class CodedReason(Labelled):
    """A code, with its sentences: Chinese, clause, English. Facts stand in them as `{until}`."""

    en: str

    def __new__(cls, value: str, zh: str = "", clause: str = "", en: str = "") -> Self:
        """Make a member whose value is the code; the rest are attributes."""
        # An enum's `__new__` is not inherited by way of `super()`: it is written out.
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh, member.clause, member.en = zh, clause, en
        return member


NO_SUCH_MESSAGE: Final = Reason(
    "NO_SUCH_MESSAGE", "6.2", "No message of this id was given up.", "没有这条无法送达的信息。"
)
ORDINARY_CHANNEL: Final = Reason(
    "ORDINARY_CHANNEL",
    "5.1.6",
    "There is no authorisation for a credit check: the application goes through the ordinary channel, with no effect "
    "on how it is handled.",
    "未取得信用核查授权，本办件按普通程序办理，不影响受理和办理结果。",
    "If the applicant wishes it, ask for an authorisation (requestAuthorisation) and check once it is given; otherwise "
    "nothing is left to do.",
    "如申请人愿意，可向其请求授权（requestAuthorisation），经其同意后再核查；不愿意的，按普通程序办理即可。",
)

_REASONS: Final[Mapping[str, tuple[Reason | ConsentReason, ...]]] = {
    "AdverseRecord": (incentives.AdverseRecord.reason,),
    "AlreadyGranted": (incentives.AlreadyGranted.reason,),
    "ApplicationNotReady": (
        applications.ALREADY_ACCEPTED,
        applications.APPLICATION_OVER,
        applications.COMMITMENT_FOUND_UNMET,
        applications.CONTEST_MISDATED,
        applications.CONTEST_OF_OWN_ENTRY,
        applications.MATTER_COMPLETED,
        applications.MATTER_NOT_HERE,
        applications.NOT_ACCEPTED_YET,
        applications.NO_PAPER_WITHDRAWAL,
        applications.ApplicationNumberTaken.reason,
        applications.WITHDRAWAL_CONTESTED,
        applications.WITHDRAWAL_MISDATED,
    ),
    "AskedBefore": (consent.AskedBefore.reason,),
    "BadEvidence": (
        consent.EVIDENCE_MISSING,
        consent.EVIDENCE_NOT_A_REFERENCE,
        consent.FILE_UNKNOWN,
        consent.KEPT_WITHOUT_GROUND,
        consent.NOT_ON_PAPER,
        consent.POSTED_IN_FUTURE,
        consent.POSTED_TOO_EARLY,
        consent.SIGNED_IN_FUTURE,
        consent.SIGNED_TOO_LONG_AGO,
    ),
    "CheckMissing": (incentives.CheckMissing.reason,),
    "CheckStale": (incentives.CheckStale.reason,),
    "Collision": (consent.KEY_REUSED, core_errors.CaseChangedMeanwhile.reason),
    "CommitmentNotWritten": (incentives.CommitmentNotWritten.reason,),
    "ConsultationRefused": (
        consultations.NOBODY_NAMED,
        consultations.STATUTE_NOT_FOR_ASSOCIATIONS,
        consultations.TOO_MANY_NAMES,
    ),
    "DateOutOfBounds": (promises.DUE_OUT_OF_BOUNDS, core.STEP_MISDATED),
    "DayOutOfOrder": (cases.DayOutOfOrder.reason,),
    "FactsLacking": (notices.FactMissing.reason,),
    "FocusedCheckRefused": (
        core.FINDING_UNSUPPORTED,
        focused_checks.NOT_A_TARGET,
        focused_checks.NO_NEW_BREACH,
        core.STEP_MISDATED,
    ),
    "GovernedByMemorandum": (incentives.GovernedByMemorandum.reason,),
    "HelperMissing": (incentives.HelperMissing.reason,),
    "Lacking": (
        cases.AMENDMENT_MISSING,
        cases.BASIC_INFORMATION_MISSING,
        cases.DISCIPLINE_NOT_EXCLUDED,
        cases.EVIDENCE_MISSING,
        core.FINDING_UNSUPPORTED,
        cases.LEGAL_GROUND_MISSING,
        cases.OWN_FACTS_MISSING,
        cases.PERIOD_NEEDS_CITATION,
        cases.PROOF_OF_SERVICE_MISSING,
        cases.STATEMENT_EMPTY,
    ),
    "MemorandumUnknown": (cases.MemorandumUnknown.reason,),
    "NameConflict": (subjects.NameConflict.reason,),
    "NoGround": (cases.COMMITMENT_MET, cases.DOCUMENTS_SUPPLIED, cases.VICTIM_OF_IMPERSONATION),
    "NotAdmitted": (
        consent.ASKER_CANNOT_ANSWER,
        consent.DELEGATE_CANNOT_DELEGATE,
        consent.GUARDIANSHIP_ENDS_BY_LAW,
        consent.GUARDIANSHIP_RECORDER_CANNOT_CONTEST,
        consent.GUARDIANSHIP_RECORDER_CANNOT_DECIDE,
        consent.GUARDIAN_REQUIRED,
        consent.MAY_NOT_ASK,
        consent.NOT_THE_RECIPIENT,
        consent.NOT_YOURS,
        consent.RECORDED_AT_THE_WINDOW,
        consent.RECORDER_CANNOT_CONFIRM,
        consent.RECORDER_CANNOT_DECIDE,
    ),
    "NotDelegable": (
        consent.ANOTHER_PERSON_RECORDS,
        consent.AUTHORITY_NOT_SHOWN,
        consent.FILE_UNKNOWN,
        consent.GUARDIANSHIP_IN_DISPUTE,
        consent.GUARDIAN_ACTS,
        consent.KIND_DOES_NOT_FIT,
        consent.KINSHIP_NOT_SHOWN,
        consent.NOT_A_REFERENCE,
        consent.POWER_NOT_OF_KIND,
        consent.RECORDER_IS_DELEGATE,
        consent.SCOPE_NOT_NAMED,
        consent.STARTS_IN_THE_PAST,
        consent.TERM_OUT_OF_BOUNDS,
        consent.WARD_OF_AGE_BEFORE,
    ),
    "NotDue": (promises.NOT_DUE_YET, promises.NOT_VERIFIED_AS_UNMET, promises.NO_DEFAULT),
    "NotEligible": (incentives.NOT_ELIGIBLE, incentives.PROMISE_NEEDED),
    "NotFound": (core_errors.UnknownCase.reason, NO_SUCH_MESSAGE),
    "NotNarrower": (consent.CANNOT_WIDEN, consent.NOTHING_NARROWED, consent.USES_ALREADY_MADE),
    "NotNow": (
        consent.ALREADY_ANSWERED,
        consent.ALREADY_CONTESTED,
        consent.ALREADY_WITHDRAWN,
        consent.CONTEST_ALREADY_DECIDED,
        consent.CONTEST_OPEN,
        consent.DELEGATION_ENDED,
        consent.DELETION_ACKNOWLEDGED_BEFORE,
        consent.END_IT_INSTEAD,
        consent.GUARDIANSHIP_CONTESTED_BEFORE,
        consent.GUARDIANSHIP_NOT_IN_DISPUTE,
        consent.NOTICE_CHANGED,
        consent.NOTICE_NOT_SHOWN,
        consent.NOT_CONTESTED,
        consent.NOT_LIVE,
        consent.NOT_WAITING,
        consent.REQUEST_LAPSED,
        consent.STILL_IN_FORCE,
    ),
    "NotPrintable": (notices.CannotBePrinted.reason,),
    "NotSigned": (notices.CannotBeSigned.reason,),
    "NotTheirs": (
        cases.NAME_FOR_THE_HEAD,
        cases.NOT_THE_AUTHORITY,
        cases.NOT_THE_COLLECTOR,
        cases.NOT_THE_REVIEWER,
        cases.REVIEWER_HANDLED_THE_CASE,
    ),
    "NotWellFormed": (
        core_errors.InconsistentFacts.reason,
        core_errors.RegistrationRefused.reason,
        core_errors.RowRefused.reason,
        core_errors.StepNotWellFormed.reason,
    ),
    "NotYet": (
        cases.COMMITMENT_NOT_VERIFIED,
        cases.DELAY_TOO_LONG,
        cases.NEW_BREACH_OPEN,
        cases.NOT_CLAIMED,
        cases.NOT_CONFIRMED,
        cases.NOT_DELAYED,
        cases.NOT_DETERMINED,
        cases.NOT_NOTICED,
        cases.NOT_REMINDED,
        notices.NOT_REPAIRED,
        notices.NOT_REVIEWED,
        cases.NOT_SERVED,
        cases.NOT_STATED,
        cases.NOT_TAKEN_OVER,
        cases.NOT_VERIFIED,
        cases.OBJECTION_OPEN,
        cases.REMINDER_PERIOD_OPEN,
        cases.REVIEW_OPEN,
        cases.STATEMENT_PERIOD_OPEN,
    ),
    "NumberOfAnother": (cases.NumberOfAnother.reason,),
    "NumberTaken": (cases.NumberTaken.reason,),
    "OrdinaryChannel": (ORDINARY_CHANNEL,),
    "OutOfBounds": (
        consent.APPLICATION_NOT_NAMED,
        consent.NOT_FOR_AN_APPLICATION,
        consent.NOT_FOR_LIFE,
        consent.NO_TEMPLATE,
        consent.NO_USES,
        consent.PERIOD_IN_THE_PAST,
        consent.PERIOD_TOO_LONG,
        consent.SCOPE_TOO_SMALL,
        consent.SCOPE_TOO_WIDE,
        consent.TOO_MANY_USES,
    ),
    "PenaltyReached": (cases.DISCIPLINE_REACHED, cases.PENALTY_REACHED),
    "PromiseRefused": (
        promises.ALREADY_COLLECTED,
        promises.ALREADY_REMINDED,
        promises.DOCUMENT_NOT_MISSING,
        core.FINDING_UNSUPPORTED,
        promises.NOTHING_MISSING,
        promises.NOT_HANDLED_YET,
        promises.NO_REMINDER,
        promises.PROMISE_CLOSED,
    ),
    "RecordContradictsLedger": (core_errors.RecordContradictsLedger.reason,),
    "Restrained": (incentives.Restrained.reason,),
    "SourceUnknown": (incentives.SourceUnknown.reason,),
    "TemplateBroken": (notices.TemplateUnfit.reason,),
    "TooLate": (
        cases.ALREADY_DELAYED,
        cases.ALREADY_ENDED,
        cases.ALREADY_TAKEN,
        cases.REPAIRED_ALREADY,
        cases.WAIVED_BY_SILENCE,
    ),
    "WithoutFullCapacity": (subjects.WITHOUT_FULL_CAPACITY,),
}
"""The reasons of each type, by its name in the schema."""


def _codes(typename: str, reasons: tuple[Reason | ConsentReason, ...]) -> type[CodedReason]:
    members = {one.code: (one.code, one.chinese, one.clause, one.english) for one in reasons}
    return cast("type[CodedReason]", cast("Any", CodedReason)(f"{typename}Code", members))


CODES: Final[Mapping[str, type[CodedReason]]] = {name: _codes(name, reasons) for name, reasons in _REASONS.items()}
"""The enum of the codes of each type of refusal, by its name in the schema."""
