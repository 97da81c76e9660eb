"""Applications for a government service, the facilitation they go through, and how far they have come [4]."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from credit.applications.refusals import ALREADY_ACCEPTED, APPLICATION_OVER, NOT_ACCEPTED_YET, ApplicationRefused
from credit.core.errors import InconsistentFacts
from credit.core.labels import Labelled


class Facilitation(Labelled):
    """The channel an application goes through. Only subjects without adverse record get another than the ordinary.

    Nobody is forced: without an authorisation for a credit check, the ordinary channel serves [4.1] [5.1.6].
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
    """How far an application has come."""

    FILED = "FILED", "已申请"
    ACCEPTED = "ACCEPTED", "已受理"
    DECIDED = "DECIDED", "已办结"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class ApplicationStep(Labelled):
    """The steps of an application that are kept with who took them."""

    FILED = "FILED", "申请", "4.2"
    ACCEPTED = "ACCEPTED", "受理", "4.2"
    CHECKED = "CHECKED", "信用核查", "4.1"
    GRANTED = "GRANTED", "给予激励", "4.2"
    DECIDED = "DECIDED", "办结", "4.2"
    WITHDRAWN = "WITHDRAWN", "撤回", "4.2"


def status(
    *, accepted_at: datetime | None, decided_at: datetime | None, outcome: Outcome | str | None
) -> ApplicationStatus:
    """Read an application's status off its dated facts. It is filed from the moment that there is one."""
    if outcome == Outcome.WITHDRAWN:
        return ApplicationStatus.WITHDRAWN
    if decided_at is not None:
        return ApplicationStatus.DECIDED
    return ApplicationStatus.FILED if accepted_at is None else ApplicationStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class Application:
    """One subject's application for one matter, at one department's window. *version* counts its changes."""

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

    @property
    def status(self) -> ApplicationStatus:
        """How far it has come."""
        return status(accepted_at=self.accepted_at, decided_at=self.decided_at, outcome=self.outcome)


def still_open(application: Application) -> Application:
    """Return *application*, or raise APPLICATION_OVER where it was decided or withdrawn."""
    if application.status in {ApplicationStatus.DECIDED, ApplicationStatus.WITHDRAWN}:
        raise ApplicationRefused(APPLICATION_OVER, status=application.status)
    return application


def accept(application: Application, at: datetime) -> Application:
    """Take the application in hand."""
    if still_open(application).accepted_at is not None:
        raise ApplicationRefused(ALREADY_ACCEPTED)
    return replace(application, accepted_at=at)


def decide(application: Application, outcome: Outcome, at: datetime) -> Application:
    """End the application with *outcome*. It can be refused without having been accepted, and not approved.

    A withdrawal is the applicant's own: `withdraw`.
    """
    if outcome is Outcome.WITHDRAWN:
        raise InconsistentFacts
    if still_open(application).accepted_at is None and outcome is Outcome.APPROVED:
        raise ApplicationRefused(NOT_ACCEPTED_YET)
    return replace(application, decided_at=at, outcome=outcome)


def withdraw(application: Application, at: datetime) -> Application:
    """End the application by the applicant's own word, at any time before it is decided."""
    return replace(still_open(application), decided_at=at, outcome=Outcome.WITHDRAWN)


def go_through(application: Application, channel: Facilitation | None) -> Application:
    """Lead the application through another channel; None leaves it in its own [4.2.4]."""
    return application if channel is None else replace(application, channel=channel)
