"""The actions that issue the written notices of a case: who may, when, and what is recorded [A] [5.1.4] [5.1.5].

There are three steps, because a document is rendered between two transactions. `prepare` checks permission and returns
the facts that the case contains. The caller reads the other facts through a guarded read and has the document rendered.
`record` saves it, unless the case has changed in between.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from credit.cases.actions.take_step import AGENT, HANDLER, REVIEWER, SUBJECT, document_number, require_own
from credit.cases.case import Case, Fact, ReviewOutcome, ServiceMeans, day, own_day
from credit.cases.refusals import (
    ALREADY_ENDED,
    ALREADY_TAKEN,
    NOT_DETERMINED,
    NOT_THE_AUTHORITY,
    NOT_THE_COLLECTOR,
    NOT_VERIFIED,
    REVIEWER_HANDLED_THE_CASE,
    NotTheirs,
    NotYet,
    TooLate,
)
from credit.cases.rules.period import require_no_new_breach
from credit.cases.status import CaseStatus, UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from credit.core.errors import CaseChangedMeanwhile, StepNotWellFormed, UnknownCase
from credit.core.flaws import Flaw
from credit.core.outbox import enqueue
from credit.core.record_refs import CaseRef
from credit.core.recorded_step import SALT_BYTES
from credit.core.refusals import Reason
from credit.core.unit_of_work import UnitOfWork
from credit.notices.facts import NoticeKind
from credit.notices.issued_notice import Issued, RenderedNotice
from credit.notices.refusals import NOT_REPAIRED, NOT_REVIEWED
from credit.subjects.subject import Place

TABLE: Final = "issued_notices"


@dataclass(frozen=True, slots=True)
class IssueNotice:
    """The requested document, and the facts that only the caller can give."""

    kind: NoticeKind
    number: str | None = None
    document: NoticeKind = NoticeKind.NOTICE
    document_number: str | None = None
    means: ServiceMeans | None = None
    postal_number: str | None = None
    reasons: str | None = None
    amendment: str | None = None

    def __repr__(self) -> str:
        return f"<Wanted {self.kind.value}>"


@dataclass(frozen=True, slots=True)
class PreparedNotice:
    """A document that may be issued: its case, its number, the facts from the case. *before*: it was already issued."""

    case: Case
    kind: NoticeKind
    number: str
    facts: Mapping[str, object]
    before: Issued | None = None

    def __repr__(self) -> str:
        return f"<Prepared {self.kind.value}>"


async def prepare(work: UnitOfWork, context: ActionContext, which: CaseRef, request: IssueNotice) -> PreparedNotice:
    """Check whether the document may be issued now, and return the facts from the case. A number names one document.

    Raises UnknownCase, the refusals of the procedure, StepNotWellFormed.
    """
    if context.actor.role in {SUBJECT, AGENT}:
        await require_own(work, context, which.subject_id)
    case = _admit(await work.cases.load(which.subject_id, which.id), context.actor, request.kind)
    if not which.is_current(case.version):
        raise CaseChangedMeanwhile
    issued = await work.issued_notices.of_case(case.subject_id, case.case_id)
    about = request.document_number or next(
        (one.number for one in reversed(issued) if one.kind is request.document), None
    )
    ends = _ends_certified(context, case, issued)
    number = _number(case, context.actor, request, about, ends)
    certifies = request.kind is NoticeKind.REPAIR_CERTIFICATE
    if certifies:  # also for one that is handed over again: it says what is so today
        _require_time(context, case, request.kind)
        require_no_new_breach(case, await work.cases.all_of(case.subject_id))
    before = await work.issued_notices.find(case.subject_id, request.kind, number)
    if before is not None:
        return PreparedNotice(case, request.kind, number, {}, _of(case, before))
    if not certifies:
        _require_time(context, case, request.kind)
    facts = {"number": number, "issued_on": context.today, **_facts(context, case, request, about)}
    return PreparedNotice(case, request.kind, number, facts)


async def record(
    work: UnitOfWork, context: ActionContext, prepared: PreparedNotice, rendered: RenderedNotice
) -> Issued:
    """Save the document, sealed, and notify its subject; raises CaseChangedMeanwhile if the case has changed."""
    seen = prepared.case
    case = await work.cases.load(seen.subject_id, seen.case_id)
    if case is None or case.confidential:
        raise UnknownCase
    if case.version != seen.version:
        raise CaseChangedMeanwhile
    before = await work.issued_notices.find(case.subject_id, prepared.kind, prepared.number)
    if before is not None:  # another caller issued the same document at the same time
        return _of(case, before)
    whose = Whose(case.subject_id, case.department_code, case.case_id)
    issued = await put_on_record(work, context, prepared.kind, prepared.number, rendered, whose)
    if prepared.kind is not NoticeKind.RECEIPT_OF_SERVICE and _is_notified(case):
        await notify_subject(work, context, issued)
    return issued


@dataclass(frozen=True, slots=True)
class Whose:
    """The subject of a document, its department, and its case or application."""

    subject_id: UUID
    department_code: str
    case_id: UUID | None = None
    application_id: UUID | None = None


async def put_on_record(
    work: UnitOfWork, context: ActionContext, kind: NoticeKind, number: str, rendered: RenderedNotice, whose: Whose
) -> Issued:
    """Save a document, sealed, with its leaf."""
    notice_id = context.new_id()
    issued = Issued(
        subject_id=whose.subject_id,
        notice_id=notice_id,
        kind=kind,
        number=number,
        case_id=whose.case_id,
        application_id=whose.application_id,
        department_code=whose.department_code,
        issued_on=context.today,
        issued_at=context.now,
        issued_by=context.actor.ref,
        issued_as=context.actor.role,
        code_hash=rendered.code_hash,
        template=rendered.template,
        digest=rendered.digest,
        is_signed=rendered.is_signed,
        salt=context.random(SALT_BYTES),
        pdf=await work.seal(Place(TABLE, "pdf", whose.subject_id, notice_id, 1), rendered.pdf),
    )
    await work.issued_notices.add(issued)
    return issued


async def notify_subject(work: UnitOfWork, context: ActionContext, issued: Issued) -> None:
    """Enqueue the notification of the subject, with references only."""
    ids = {"notice_id": issued.notice_id, "case_id": issued.case_id, "application_id": issued.application_id}
    await enqueue(work, context, "notice.issued", "subject", issued, **ids)


# --- permission -------------------------------------------------------------------------------------------------------


def _admit(case: Case | None, actor: Caller, kind: NoticeKind) -> Case:
    """Admit the handler, or for a review decision the reviewer, or for a certificate the subject [5.1.1] [5.1.5]."""
    if case is None or case.confidential:
        raise UnknownCase
    if actor.role in {SUBJECT, AGENT}:
        if not _is_notified(case):
            raise UnknownCase
        if kind is not NoticeKind.REPAIR_CERTIFICATE:
            raise NotTheirs(NOT_THE_AUTHORITY)
        return case
    if actor.department is None or actor.department != case.department_code:
        raise UnknownCase
    if actor.role == REVIEWER:
        return _reviewers(case, actor, kind)
    if actor.role != HANDLER:
        raise UnknownCase
    if actor.ref != case.handler_ref:
        raise NotTheirs(NOT_THE_COLLECTOR)
    return case


def _reviewers(case: Case, actor: Caller, kind: NoticeKind) -> Case:
    if actor.ref in case.handled_by:
        raise NotTheirs(REVIEWER_HANDLED_THE_CASE)
    if actor.ref != case.reviewer_ref:
        raise UnknownCase
    if kind is not NoticeKind.REVIEW_DECISION:
        raise NotTheirs(NOT_THE_COLLECTOR)
    return case


def _is_notified(case: Case) -> bool:
    return any((case.noticed, case.served, case.determined, case.published))


def _of(case: Case, issued: Issued) -> Issued:
    """Return the document with the number, if it is of this case; a number names one document of a subject."""
    if issued.case_id != case.case_id:
        raise number_taken()
    return issued


def number_taken() -> StepNotWellFormed:
    """Return the refusal of a number that a document of another case or application has."""
    return StepNotWellFormed.of("number", Flaw.NUMBER_TAKEN)


# --- time ----------------------------------------------------------------------------------------------------------


def _require_time(context: ActionContext, case: Case, kind: NoticeKind) -> None:
    """Refuse a document about something that has not happened, or that is over [5.1.4] [5.1.5]."""
    today = context.today
    status = case.status(today, context.unrectified)
    gone = status in {CaseStatus.REMOVED, CaseStatus.REFERRED}
    # A review decision may say that the case was dropped.
    if gone or (status is CaseStatus.DROPPED and kind is not NoticeKind.REVIEW_DECISION):
        raise TooLate(ALREADY_ENDED, since=case.free_on(context.unrectified) or today, status=status.value)
    if kind is NoticeKind.REMINDER:
        raise StepNotWellFormed.of("kind", Flaw.NOT_OF_A_CASE)
    if kind is NoticeKind.REPAIR_CERTIFICATE:
        # What was never published restrained nobody.
        if status is not CaseStatus.ENDED or case.rectified is None or case.rectified.on > today or not case.published:
            raise NotYet(NOT_REPAIRED, until=case.ends_on)
        return
    step, missing = _AFTER[kind]
    if step(case) is None:
        raise NotYet(missing)
    if kind is NoticeKind.NOTICE and case.determined is not None:
        raise TooLate(ALREADY_TAKEN, since=case.determined.on, step=CaseStatus.DETERMINED.value)


_AFTER: Final[Mapping[NoticeKind, tuple[Callable[[Case], Fact | None], Reason]]] = {
    NoticeKind.NOTICE: (lambda case: case.verified, NOT_VERIFIED),
    NoticeKind.RECEIPT_OF_SERVICE: (lambda case: case.verified, NOT_VERIFIED),
    NoticeKind.REVIEW_DECISION: (lambda case: case.reviewed, NOT_REVIEWED),
    NoticeKind.DETERMINATION: (lambda case: case.determined, NOT_DETERMINED),
}
"""The step that each document is about, and the reason of the refusal if that step has not been taken."""


# --- facts ----------------------------------------------------------------------------------------------------------

_DERIVED: Final = {NoticeKind.RECEIPT_OF_SERVICE: "（回证）", NoticeKind.REPAIR_CERTIFICATE: "（修复）"}


def _ends_certified(context: ActionContext, case: Case, issued: Iterable[Issued]) -> int:
    """Return how many certificates were issued for earlier ends of *case*: after one it has returned [5.1.5]."""
    certificates = (one for one in issued if one.kind is NoticeKind.REPAIR_CERTIFICATE)
    return sum(not certifies_end(one, case, context.unrectified) for one in certificates)


def certifies_end(certificate: Issued, case: Case, unrectified: UnrectifiedPolicy) -> bool:
    """Return whether a certificate is of the last end of *case*, and not of one before it returned [5.1.5]."""
    free_on = case.free_on(unrectified)
    return free_on is not None and free_on <= certificate.issued_on


def _number(case: Case, actor: Caller, request: IssueNotice, about: str | None, ends: int) -> str:
    """Return the document's number: the authority's, or one derived from the document that it is about.

    That of a certificate counts the earlier *ends* of the case that were certified.
    """
    given = (request.number or "").strip()
    if given and actor.role in {SUBJECT, AGENT}:
        raise StepNotWellFormed.of("number", Flaw.NOT_YOURS)
    if given:
        return document_number("number", given)
    if request.kind is NoticeKind.DETERMINATION and case.legal_document:
        return case.legal_document
    root = about if request.kind is NoticeKind.RECEIPT_OF_SERVICE else case.legal_document or case.number
    if request.kind not in _DERIVED or not root:
        return document_number("number", given)
    count = f"之{ends + 1}" if ends and request.kind is NoticeKind.REPAIR_CERTIFICATE else ""
    return f"{root}{_DERIVED[request.kind]}{count}"


def _facts(context: ActionContext, case: Case, request: IssueNotice, about: str | None) -> dict[str, object]:
    """Return the facts from the case and from the caller. A missing fact is None, and is refused later by name."""
    match request.kind:
        case NoticeKind.NOTICE:
            return {"channel": case.channel, "circumstance": case.circumstance, "basis": case.basis}
        case NoticeKind.RECEIPT_OF_SERVICE:
            return {
                "document": request.document,
                "document_number": about,
                "means": request.means or case.means,
                "postal_number": request.postal_number,
            }
        case NoticeKind.REVIEW_DECISION:
            return {
                "notice_number": about,
                "stated_on": own_day(case.stated),
                "outcome": case.outcome,
                "reasons": request.reasons,
                "amendment": request.amendment,
                "basis": case.basis if case.outcome is ReviewOutcome.AMENDED else None,
            }
        case NoticeKind.DETERMINATION:
            return {
                "notice_number": about,
                "served_on": own_day(case.served),
                "circumstance": case.circumstance,
                "basis": case.basis,
                "term": case.term,
                "unrectified": context.unrectified,
            }
    return {
        "determination_number": case.legal_document,
        "ends_on": case.ends_on,
        "determined_on": day(case.determined),
        "published_on": day(case.published),
        "rectified_on": day(case.rectified),
    }
