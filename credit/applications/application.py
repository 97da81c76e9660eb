"""Applications for a government service, their channel, and their status [4]."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from credit.applications.refusals import (
    ALREADY_ACCEPTED,
    APPLICATION_OVER,
    CONTEST_MISDATED,
    CONTEST_OF_OWN_ENTRY,
    NO_PAPER_WITHDRAWAL,
    NOT_ACCEPTED_YET,
    WITHDRAWAL_CONTESTED,
    WITHDRAWAL_MISDATED,
    ApplicationRefused,
)
from credit.calendar.deadlines import civil_date
from credit.core.errors import InconsistentFacts
from credit.core.labels import Labelled
from credit.core.late_entries import PaperWithdrawal, WithdrawalContest


class Facilitation(Labelled):
    """The channel of an application. Only subjects without an adverse record get another than the ordinary one.

    A credit check is voluntary: without an authorisation the application goes through the ordinary channel [4.1]
    [5.1.6].
    """

    ORDINARY = "ORDINARY", "普通办理", "4.1"
    GREEN_CHANNEL = "GREEN_CHANNEL", "绿色通道", "4.2.1"
    DEFERRED_DOCUMENTS = "DEFERRED_DOCUMENTS", "容缺受理", "4.2.2"
    COMMITMENT = "COMMITMENT", "告知承诺", "4.2.3"


class Outcome(Labelled):
    """How an application ended."""

    APPROVED = "APPROVED", "准予"
    REFUSED = "REFUSED", "不予"
    WITHDRAWN = "WITHDRAWN", "撤回"


class ApplicationStatus(Labelled):
    """The status of an application."""

    FILED = "FILED", "已申请"
    ACCEPTED = "ACCEPTED", "已受理"
    DECIDED = "DECIDED", "已办结"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class ApplicationStep(Labelled):
    """The steps of an application that are recorded with their actors."""

    FILED = "FILED", "申请", "4.2"
    ACCEPTED = "ACCEPTED", "受理", "4.2"
    CHECKED = "CHECKED", "信用核查", "4.1"
    GRANTED = "GRANTED", "给予激励", "4.2"
    DECIDED = "DECIDED", "办结", "4.2"
    WITHDRAWN = "WITHDRAWN", "撤回", "4.2"
    WITHDRAWAL_CONTESTED = "WITHDRAWAL_CONTESTED", "对书面撤回提出异议", "4.2"


def status(
    *, accepted_at: datetime | None, decided_at: datetime | None, outcome: Outcome | str | None
) -> ApplicationStatus:
    """Return an application's status by its dated facts. An application that exists is at least filed."""
    if outcome == Outcome.WITHDRAWN:
        return ApplicationStatus.WITHDRAWN
    if decided_at is not None:
        return ApplicationStatus.DECIDED
    return ApplicationStatus.FILED if accepted_at is None else ApplicationStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class Application:
    """One subject's application for one matter, at one department's service window. *version* counts its changes."""

    subject_id: UUID
    application_id: UUID
    matter_code: str
    department_code: str
    number: str | None
    channel: Facilitation
    clerk_ref: str | None
    filed_at: datetime
    accepted_at: datetime | None = None
    decided_at: datetime | None = None
    outcome: Outcome | None = None
    confidential: bool = False
    version: int = 1
    paper_withdrawal: PaperWithdrawal | None = None
    """Its withdrawal on paper, also after the applicant contested it."""

    @property
    def status(self) -> ApplicationStatus:
        """The status that its dated facts give."""
        return status(accepted_at=self.accepted_at, decided_at=self.decided_at, outcome=self.outcome)


def still_open(application: Application) -> Application:
    """Return *application*, or raise APPLICATION_OVER if it was decided or withdrawn."""
    if application.status in {ApplicationStatus.DECIDED, ApplicationStatus.WITHDRAWN}:
        raise ApplicationRefused(APPLICATION_OVER, status=application.status)
    return application


def accept(application: Application, at: datetime) -> Application:
    """Accept the application for processing."""
    if still_open(application).accepted_at is not None:
        raise ApplicationRefused(ALREADY_ACCEPTED)
    return replace(application, accepted_at=at)


def decide(application: Application, outcome: Outcome, at: datetime) -> Application:
    """End the application with *outcome*. It can be refused, but not approved, without having been accepted.

    For a withdrawal by the applicant see `withdraw`.
    """
    if outcome is Outcome.WITHDRAWN:
        raise InconsistentFacts
    if still_open(application).accepted_at is None and outcome is Outcome.APPROVED:
        raise ApplicationRefused(NOT_ACCEPTED_YET)
    return replace(application, decided_at=at, outcome=outcome)


def withdraw(application: Application, at: datetime, paper: PaperWithdrawal | None = None) -> Application:
    """Withdraw the application for the applicant, at any time before it is decided.

    **Reading**: a *paper* counts from its own day, but it undoes no decision that was made before it came. Where the
    applicant has contested a paper, it withdraws by itself, and no officer enters another paper.
    """
    withdrawn = replace(still_open(application), decided_at=at, outcome=Outcome.WITHDRAWN)
    if paper is None:
        return withdrawn
    require_uncontested(application.paper_withdrawal)
    if not civil_date(application.filed_at) <= paper.on <= paper.recorded_on:
        raise ApplicationRefused(
            WITHDRAWAL_MISDATED, earliest=civil_date(application.filed_at), latest=paper.recorded_on
        )
    return replace(withdrawn, paper_withdrawal=paper)


def require_uncontested(before: PaperWithdrawal | None) -> None:
    """Refuse another paper after the applicant contested one: it says itself what it wants."""
    if before is not None and not before.stands:
        raise ApplicationRefused(WITHDRAWAL_CONTESTED, since=before.contested_on)


def contest_withdrawal(application: Application, contest: WithdrawalContest) -> Application:
    """Take the application up again, because its applicant says that the withdrawal on paper is not its own."""
    paper = application.paper_withdrawal
    if paper is None or not paper.stands or application.outcome is not Outcome.WITHDRAWN:
        raise ApplicationRefused(NO_PAPER_WITHDRAWAL)
    return replace(application, decided_at=None, outcome=None, paper_withdrawal=contested(paper, contest))


def contested(paper: PaperWithdrawal, contest: WithdrawalContest) -> PaperWithdrawal:
    """Return the withdrawal on paper with its contest, which answers its record.

    Who entered the withdrawal enters no contest of it: after a contest no other paper is entered, so a false one would
    hold an applicant without a telephone to its application.
    """
    if contest.entered_by == paper.entered_by:
        raise ApplicationRefused(CONTEST_OF_OWN_ENTRY)
    if not paper.recorded_on <= contest.on <= contest.recorded_on:
        raise ApplicationRefused(CONTEST_MISDATED, earliest=paper.recorded_on, latest=contest.recorded_on)
    return replace(paper, contested_on=contest.on)
