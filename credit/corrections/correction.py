"""Corrections: wrong information is corrected or removed within 2 working days, through its own channel [5.1.4(6)].

    discover → amend | remove → notify (each recipient, through the route by which it got the information) → complete

**Reading**: the clock starts when the error is discovered, and stops when our own record is corrected *and* everybody
who has the wrong information has been notified. A restraint leaves the list early in no other way than by such a
removal, or by referral.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from credit.calendar.deadlines import civil_date
from credit.cases.case import Case, Fact, RemovalCause
from credit.cases.refusals import (
    ALREADY_ENDED,
    ALREADY_TAKEN,
    BASIC_INFORMATION_MISSING,
    NOT_DETERMINED,
    NOT_THE_AUTHORITY,
    DayOutOfOrder,
    Lacking,
    NotTheirs,
    NotYet,
    TooLate,
)
from credit.cases.rules.period import reckon
from credit.cases.rules.preconditions import require_authority, require_not_before, require_open_record, require_today
from credit.cases.rules.term import Term
from credit.cases.status import CaseStatus, UnrectifiedPolicy
from credit.core.errors import InconsistentFacts
from credit.core.labels import Labelled


class RecordItem(Labelled):
    """The items of basic information [5.1.3], and what a consultation answers: whether a subject is restrained."""

    NAME = "NAME", "名称（姓名）", "5.1.3"
    NUMBER = "NUMBER", "统一社会信用代码（身份证号）", "5.1.3"
    ADDRESS = "ADDRESS", "注册地址（住址）", "5.1.3"
    FACTS = "FACTS", "失信事实", "5.1.3"
    AUTHORITY = "AUTHORITY", "认定单位", "5.1.3"
    BASIS = "BASIS", "认定依据", "5.1.3"
    DETERMINED_ON = "DETERMINED_ON", "认定日期", "5.1.3"
    VALIDITY = "VALIDITY", "有效期", "5.1.3"
    LEGAL_DOCUMENT = "LEGAL_DOCUMENT", "法律文书", "5.1.3"
    STANDING = "STANDING", "是否受失信制约", "5.2.3"


IDENTITY: Final = frozenset({RecordItem.NAME, RecordItem.NUMBER, RecordItem.ADDRESS})
"""The items that identify the subject: an error in one of its cases is an error in all of them."""


class Remedy(Labelled):
    """What is done about the error [5.1.4(6)]."""

    CORRECT = "CORRECT", "修改", "5.1.4(6)"
    REMOVE = "REMOVE", "移除", "5.1.4(6)"


class Route(Labelled):
    """A route by which information about a case went to others, or came from them."""

    CITY_PLATFORM = "CITY_PLATFORM", "市政务服务平台", "5.1.4(5)"
    SUPERVISION_PLATFORM = "SUPERVISION_PLATFORM", "审管互动平台", "5.1.3"
    SUPERVISORS = "SUPERVISORS", "事中事后监管部门", "5.2.2"
    CONSULTATION = "CONSULTATION", "征求意见", "5.2.3"
    CREDIT_CHECK = "CREDIT_CHECK", "事前信用查询", "4.1"
    EXPORT = "EXPORT", "导出", "6.2"
    NOTICE = "NOTICE", "书面文书", "5.1.4(2)"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Information about a case that a recipient has: *items*, by a *route*, since an instant.

    A sender that pushed a case to us has it too: its message counts as a delivery by the same route.
    """

    case_id: UUID
    recipient: str
    route: Route
    items: frozenset[RecordItem]
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class RecipientMessage:
    """The message to one recipient through one route: these items are wrong, or the whole entry is."""

    recipient: str
    route: Route
    remedy: Remedy
    items: frozenset[RecordItem]


@dataclass(frozen=True, slots=True)
class NotifiedRecipient:
    """A recipient that has been notified through a route."""

    recipient: str
    route: Route
    fact: Fact


@dataclass(frozen=True, slots=True)
class Correction:
    """A discovered error, how it was corrected, and who has been notified [5.1.4(6)].

    *case_id* is None if the identity of the subject was found wrong, and not through a case.
    """

    correction_id: UUID
    subject_id: UUID
    case_id: UUID | None
    remedy: Remedy
    cause: RemovalCause
    items: frozenset[RecordItem]
    discovered: Fact
    done: Fact | None = None
    notified: tuple[NotifiedRecipient, ...] = ()
    department_code: str = ""
    """The authority that has to correct it."""
    objection_id: UUID | None = None
    """The objection that brought it to light."""
    version: int = 1

    @property
    def is_question_of_name(self) -> bool:
        """Whether a window found another name on the document: neither a case nor an objection revealed it [5.1.3]."""
        return self.case_id is None and self.objection_id is None

    @property
    def is_of_identity(self) -> bool:
        """Whether the identity of the subject was found wrong, so that its own record is corrected."""
        return self.remedy is Remedy.CORRECT and bool(self.items & IDENTITY)


def discover(
    case: Case,
    fact: Fact,
    *,
    correction_id: UUID,
    remedy: Remedy,
    cause: RemovalCause,
    items: frozenset[RecordItem],
    today: date,
    objection_id: UUID | None = None,
) -> Correction:
    """Record that information about *case* is wrong or has changed, whoever discovered it [5.1.4(6)].

    A case that has not been determined is not on any list yet: it is changed or dropped without a correction.
    """
    require_open_record(case, fact, today)
    if case.determined is None:
        raise NotYet(NOT_DETERMINED)
    if remedy is Remedy.REMOVE:
        _require_removable(case)
    elif not items:
        raise Lacking(BASIC_INFORMATION_MISSING, items="items")
    return Correction(
        correction_id,
        case.subject_id,
        case.case_id,
        remedy,
        cause,
        items,
        fact,
        department_code=case.department_code,
        objection_id=objection_id,
    )


@dataclass(frozen=True, slots=True)
class CorrectionResult:
    """The corrected *case*, its *correction*, and the subject's other cases whose end changes. Save all together."""

    case: Case
    correction: Correction
    reckoned: tuple[Case, ...] = ()


def amend(
    case: Case,
    correction: Correction,
    fact: Fact,
    others: Iterable[Case],
    *,
    today: date,
    basis: str | None = None,
    legal_document: str | None = None,
    term: Term | None = None,
    unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS,
) -> CorrectionResult:
    """Correct the record [5.1.4(6)]. Sealed items (name, number, address, facts) are corrected separately.

    Another *term* moves the end, and with it the periods that restarted because the restraint was in force. It never
    revives a restraint that has ended.
    """
    done = _carried_out(case, correction, fact, Remedy.CORRECT, today)
    if term is not None:
        _require_term(case, term, today, unrectified)
    new = replace(
        case,
        basis=case.basis if basis is None else basis,
        legal_document=case.legal_document if legal_document is None else legal_document,
        term=case.term if term is None else term,
    )
    return _corrected(new, done, others, today, unrectified)


def remove(
    case: Case,
    correction: Correction,
    fact: Fact,
    others: Iterable[Case],
    *,
    today: date,
    unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS,
) -> CorrectionResult:
    """Remove the restraint [5.1.4(6)]. A restraint that was wrong no longer restarts any period of the *others*.

    A restraint that has ended by date can still be removed: a wrong entry is wrong in the past, too.
    """
    done = _carried_out(case, correction, fact, Remedy.REMOVE, today)
    _require_removable(case)
    require_today(fact, today)
    return _corrected(replace(case, removed=fact, removal=correction.cause), done, others, today, unrectified)


def amend_identity(correction: Correction, fact: Fact, *, today: date) -> Correction:
    """Record that the subject's own record is corrected, if no case is corrected with it [5.1.4(6)]."""
    if fact.on > today:
        raise DayOutOfOrder(today)
    if fact.by is None or fact.department != correction.department_code:
        raise NotTheirs(NOT_THE_AUTHORITY)
    if correction.case_id is not None or not correction.is_of_identity:
        raise InconsistentFacts
    if correction.done is not None:
        raise TooLate(ALREADY_TAKEN, since=correction.done.on, step=Remedy.CORRECT.value)
    require_not_before(fact, correction.discovered)
    return replace(correction, done=fact)


def recipients_to_notify(correction: Correction, deliveries: Iterable[Delivery]) -> tuple[RecipientMessage, ...]:
    """Return the recipients of the wrong information, each with the route of its notification [5.1.4(6)].

    Each recipient is notified once for each route, with every wrong item that it got, and with no item that it did not
    get. A removal concerns every recipient of any item. An error of identity concerns every delivery about any case of
    the subject; *deliveries* are all of the subject's. Later deliveries contain the corrected record; if only the day
    of the correction is known, deliveries of that day are included, because one notification too many is better than a
    missing one.
    """
    wrong: dict[tuple[str, Route], frozenset[RecordItem]] = {}
    for delivery in deliveries:
        items = _wrong_items(correction, delivery)
        if items:
            key = (delivery.recipient, delivery.route)
            wrong[key] = wrong.get(key, frozenset()) | items
    return tuple(
        RecipientMessage(recipient, route, correction.remedy, items)
        for (recipient, route), items in sorted(wrong.items(), key=lambda entry: entry[0])
    )


def still_to_notify(correction: Correction, deliveries: Iterable[Delivery]) -> tuple[RecipientMessage, ...]:
    """Return the messages that have not been delivered yet."""
    notified = {(each.recipient, each.route) for each in correction.notified}
    return tuple(
        each for each in recipients_to_notify(correction, deliveries) if (each.recipient, each.route) not in notified
    )


def record_notified(correction: Correction, message: RecipientMessage, fact: Fact) -> Correction:
    """Record that a recipient has been notified. The message goes out only with the corrected record."""
    if correction.done is None:
        raise DayOutOfOrder(correction.discovered.on)
    require_not_before(fact, correction.done)
    if any((each.recipient, each.route) == (message.recipient, message.route) for each in correction.notified):
        return correction
    return replace(
        correction, notified=(*correction.notified, NotifiedRecipient(message.recipient, message.route, fact))
    )


def completed_on(correction: Correction, deliveries: Iterable[Delivery]) -> date | None:
    """Return the day by which the record was corrected and the last recipient notified; None before [5.1.4(6)]."""
    if correction.done is None or still_to_notify(correction, deliveries):
        return None
    return max([correction.done.on, *(each.fact.on for each in correction.notified)])


def _wrong_items(correction: Correction, delivery: Delivery) -> frozenset[RecordItem]:
    is_its_case = delivery.case_id == correction.case_id
    if not is_its_case and not correction.is_of_identity:
        return frozenset()
    done = correction.done
    if done is not None:
        after = delivery.sent_at > done.at if done.at is not None else civil_date(delivery.sent_at) > done.on
        if after:
            return frozenset()
    if correction.remedy is Remedy.REMOVE:
        return delivery.items
    return delivery.items & (correction.items if is_its_case else correction.items & IDENTITY)


def _carried_out(case: Case, correction: Correction, fact: Fact, remedy: Remedy, today: date) -> Correction:
    require_open_record(case, fact, today)
    require_authority(case, fact)
    if correction.case_id != case.case_id or correction.remedy is not remedy:
        raise InconsistentFacts
    if correction.done is not None:
        raise TooLate(ALREADY_TAKEN, since=correction.done.on, step=remedy.value)
    require_not_before(fact, correction.discovered)
    return replace(correction, done=fact)


def _corrected(
    case: Case, correction: Correction, others: Iterable[Case], today: date, unrectified: UnrectifiedPolicy
) -> CorrectionResult:
    rest = [other for other in others if other.case_id != case.case_id]
    if any(other.subject_id != case.subject_id for other in rest):
        raise InconsistentFacts
    changed = {each.case_id: each for each in reckon((case, *rest), today, unrectified)}
    return CorrectionResult(changed.pop(case.case_id, case), correction, tuple(changed.values()))


def _require_term(case: Case, term: Term, today: date, unrectified: UnrectifiedPolicy) -> None:
    start = case.period_from
    if start is None:
        term.require_citation(today)
        return
    term.require_citation(start)
    ended_on = case.free_on(unrectified)
    later = term.last_day(start) > case.term.last_day(start)
    if later and ended_on is not None and ended_on <= today:
        raise TooLate(ALREADY_ENDED, since=ended_on, status=case.status(today, unrectified).value)


def _require_removable(case: Case) -> None:
    for status, fact in (
        (CaseStatus.REFERRED, case.referred),
        (CaseStatus.DROPPED, case.dropped),
        (CaseStatus.REMOVED, case.removed),
    ):
        if fact is not None:
            raise TooLate(ALREADY_ENDED, since=fact.on, status=status.value)
