"""Applications for a government service [4.2]."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from credit.applications.application import ApplicationStatus, Facilitation, Outcome, status
from credit.core import late_entries
from queryplan.entities import Entity
from queryplan.plan import newest
from schema.applications.viewer_steps import APPLICATION_STEPS
from schema.core.connections import Connection
from schema.core.day import EvaluationDay
from schema.core.fields import ManySource, column, function, global_id, one, planned, step_version, structure
from schema.core.viewer_steps.types import ViewerStep, viewer_can
from schema.credit_checks.types import NEWEST_CHECK, OLDEST_GRANT, CreditCheck, IncentiveGrant
from schema.reference.types import Department, Matter, Node, SubjectLink

if TYPE_CHECKING:
    from schema.notices.types import IssuedNotice
    from schema.promises.commitment_types import Commitment
    from schema.promises.deferral_types import Deferral

DeferralLink = Annotated["Deferral", strawberry.lazy("schema.promises.deferral_types")]
CommitmentLink = Annotated["Commitment", strawberry.lazy("schema.promises.commitment_types")]
NoticeLink = Annotated["IssuedNotice", strawberry.lazy("schema.notices.types")]


def _status(
    _filed: datetime, accepted: datetime | None, decided: datetime | None, outcome: str | None, _day: EvaluationDay
) -> str:
    return status(accepted_at=accepted, decided_at=decided, outcome=outcome).value


def paper_withdrawal_of(stored: Mapping[str, str], _day: EvaluationDay) -> dict[str, object] | None:
    """Return a withdrawal on paper as its type shows it."""
    found = late_entries.read_withdrawal(stored)
    return (
        None
        if found is None
        else {
            "on": found.on,
            "recordedOn": found.recorded_on,
            "enteredBy": found.entered_by,
            "contestedOn": found.contested_on,
        }
    )


@strawberry.type(
    description="书面撤回：a withdrawal on paper, which an officer entered. An applicant who never gave it "
    "contests it [4.2] [5.1.6]."
)
class PaperWithdrawal:
    on: date = structure("on", "交寄日期：the day of posting, or of handing in, from which it counts.")
    recorded_on: date = structure("recordedOn", "登记日期：the day on which it was entered.")
    entered_by: str = structure("enteredBy", "The staff reference of who entered it.")
    contested_on: date | None = structure(
        "contestedOn", "异议日期：when the applicant said that it is not its own; it ends nothing since."
    )


@strawberry.type(description="办件：one subject's application for one matter, at one department's window [4.2].")
class Application(Node):
    id: strawberry.ID = global_id(Entity.APPLICATION, "The global id.")
    number: str | None = column("number", "办件编号：the window's own number, free of personal data.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Who applies.")
    matter: Matter | None = one("matter", Entity.MATTER, "What is applied for.")
    department: Department | None = one("department", Entity.DEPARTMENT, "Where it is handled.")
    facilitation: Facilitation | None = column(
        "channel", "The channel it is handled in. The ordinary one says nothing about the applicant [4.1] [4.2]."
    )
    filed_at: datetime | None = column("filed_at", "When it was filed (UTC).")
    accepted_at: datetime | None = column("accepted_at", "When it was accepted (UTC).")
    decided_at: datetime | None = column("decided_at", "When it was decided (UTC).")
    outcome: Outcome | None = column("outcome", "How it ended, once it has.")
    status: ApplicationStatus | None = function(
        _status,
        "filed_at",
        "accepted_at",
        "decided_at",
        "outcome",
        description="How far it has come, read off its dates.",
    )
    paper_withdrawal: PaperWithdrawal | None = function(
        paper_withdrawal_of, "paper_withdrawal", description="书面撤回：its withdrawal on paper; null without one."
    )
    is_open: bool | None = column("is_open", "Whether it is neither decided nor withdrawn.")
    deferral: DeferralLink | None = one(
        "deferral",
        Entity.DEFERRAL,
        "容缺受理：the documents still owed on a written promise; null without one [4.2.2].",
    )
    commitment: CommitmentLink | None = one(
        "commitment", Entity.COMMITMENT, "告知承诺：the commitment in place of proof; null without one [4.2.3]."
    )
    viewer_can: list[ViewerStep] | None = viewer_can(APPLICATION_STEPS)
    version: int | None = step_version("changes")
    changed_at: datetime | None = column("changed_at", "When it last changed (UTC).")

    @planned(
        ManySource(Entity.CREDIT_CHECK, NEWEST_CHECK, "credit_checks"),
        "事前信用核查：the credit checks made for it, newest first; none reveals a refused authorisation [4.1] "
        "[5.1.6].",
    )
    def credit_checks(self) -> Connection[CreditCheck] | None: ...

    @planned(
        ManySource(Entity.ISSUED_NOTICE, newest("issued_at", "notice_id"), "reminders"),
        "催告书：the written reminders of its missing documents, newest first [5.1.2c] [A].",
    )
    def reminders(self) -> Connection[NoticeLink] | None: ...

    @planned(
        ManySource(Entity.INCENTIVE_GRANT, OLDEST_GRANT, "incentives"),
        "守信激励：the incentives granted to it, oldest first [4.2].",
    )
    def incentives(self) -> Connection[IncentiveGrant] | None: ...
