"""Deferred documents: what is missing, the promised date, and the fulfilment or default [4.2.2] [5.1.2c].

    defer ──> hand_in* ──> (all in: supplied)
      └─ date passed ──> remind ──> serve_reminder ──> hand_in* ──> 3 working days pass ──> default_of

The state on any day follows from the dated facts. A reminder counts from the day on which it reached the applicant,
because only then could the applicant act on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from credit.applications.application import contested, require_uncontested
from credit.calendar.calendar import Calendar, Deadline
from credit.calendar.deadlines import documents_due
from credit.cases.breach import Breach
from credit.cases.rules.grounds import DeferredDocuments
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.labels import Labelled
from credit.core.late_entries import ActDays, LateEntry, PaperWithdrawal, WithdrawalContest
from credit.core.values.references import parse_reference
from credit.promises.refusals import (
    ALREADY_REMINDED,
    DOCUMENT_NOT_MISSING,
    DUE_OUT_OF_BOUNDS,
    NO_DEFAULT,
    NO_REMINDER,
    NOT_DUE_YET,
    NOTHING_MISSING,
    PROMISE_CLOSED,
    DateOutOfBounds,
    NotDue,
    PromiseRefused,
    require_between,
)

_DAY: Final = timedelta(days=1)


class DeferralState(Labelled):
    """The state of a deferral on a day."""

    OPEN = "OPEN", "待补交", "4.2.2"
    PARTLY_SUPPLIED = "PARTLY_SUPPLIED", "部分补交", "4.2.2"
    SUPPLIED = "SUPPLIED", "已补齐", "4.2.2"
    OVERDUE = "OVERDUE", "逾期待催告", "4.2.2"
    REMINDED = "REMINDED", "已催告", "5.1.2c"
    DEFAULTED = "DEFAULTED", "经催告仍未提交", "5.1.2c"
    SUPPLIED_LATE = "SUPPLIED_LATE", "构成失信后补齐", "5.1.2c"
    ENDED = "ENDED", "已终止", "4.2.2"


@dataclass(frozen=True, slots=True)
class HandIn:
    """One missing document, handed in on a day; *receipt* is the file reference of its receipt."""

    document: str
    on: date
    received_by: str
    receipt: str
    late: LateEntry | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """A formal demand: sent, and served once it reached the applicant, each with its document.

    *served_on* is the day from which the service counts: that of its record, if it was recorded late.
    """

    sent_on: date
    by: str
    paper: str
    served_on: date | None = None
    proof: str | None = None
    late: LateEntry | None = None

    @property
    def reached_on(self) -> date | None:
        """The day on which it reached the applicant, whenever that was recorded."""
        return self.served_on if self.late is None else self.late.on


@dataclass(frozen=True, slots=True)
class Deferral:
    """The documents that one application still owes, and the dated facts of the promise."""

    application_id: UUID
    subject_id: UUID
    department_code: str
    missing: tuple[str, ...]
    """What was missing at the start: terms of the matter's list of documents."""
    commitment_ref: str
    """The file reference of the written commitment."""
    committed_on: date
    due_on: date
    hand_ins: tuple[HandIn, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    ended_on: date | None = None
    case_id: UUID | None = None
    """The restraint case that its default became."""
    version: int = 1
    """Counts every step."""
    paper_withdrawal: PaperWithdrawal | None = None
    """The withdrawal on paper, also after the applicant contested it."""

    def still_missing(self, on: date) -> tuple[str, ...]:
        """Return what is missing at the end of the day *on*, in the order of the list."""
        supplied = {hand_in.document for hand_in in self.hand_ins if hand_in.on <= on}
        return tuple(document for document in self.missing if document not in supplied)

    def served_on(self, on: date = date.max) -> date | None:
        """Return the day on which a reminder reached the applicant, as known on the day *on*. It starts the clock."""
        served = (reminder.served_on for reminder in self.reminders)
        return min((day for day in served if day is not None and day <= on), default=None)

    def supplied_on(self) -> date | None:
        """Return the day on which the last missing document came in; None while one is missing."""
        last = self.last_hand_in()
        return None if last is None else last.on

    def last_hand_in(self) -> HandIn | None:
        """Return the hand-in of the last missing document; None while one is missing."""
        if set(self.missing) - {hand_in.document for hand_in in self.hand_ins}:
            return None
        return max(self.hand_ins, key=lambda hand_in: hand_in.on)


def defer(
    *,
    application_id: UUID,
    subject_id: UUID,
    department_code: str,
    missing: Sequence[str],
    commitment_ref: str,
    due_on: date,
    longest_days: int,
    today: date,
) -> Deferral:
    """Take a promise to supply *missing* by *due_on* [4.2.2].

    *longest_days* is the matter's own bound, in calendar days after today. Raises NOTHING_MISSING, DUE_OUT_OF_BOUNDS,
    or InvalidItem for a term or reference that is not well formed.
    """
    # The names of documents are stored in clear, so they may contain no number.
    documents = tuple(parse_reference(document) for document in missing)
    if not documents or len(set(documents)) != len(documents):
        raise PromiseRefused(NOTHING_MISSING)
    latest = today + timedelta(days=longest_days)
    if not today < due_on <= latest:
        raise DateOutOfBounds(DUE_OUT_OF_BOUNDS, earliest=today + _DAY, latest=latest)
    reference = parse_reference(commitment_ref)
    return Deferral(application_id, subject_id, department_code, documents, reference, today, due_on)


def hand_in(deferral: Deferral, document: str, *, on: ActDays, received_by: str, receipt: str, today: date) -> Deferral:
    """Record that *document* came in on the day *on*. This is possible also after a default, and rectifies it [5.1.5].

    Raises DOCUMENT_NOT_MISSING, PROMISE_CLOSED after its end, STEP_MISDATED, InvalidItem.
    """
    _must_not_be_over(deferral)
    require_between(on.own_day, deferral.committed_on, today)
    term = parse_reference(document)
    if term not in deferral.still_missing(today):
        raise PromiseRefused(DOCUMENT_NOT_MISSING)
    came = HandIn(term, on.counts_on, received_by, parse_reference(receipt), on.late)
    return replace(deferral, hand_ins=(*deferral.hand_ins, came))


def remind(deferral: Deferral, *, by: str, paper: str, today: date) -> Deferral:
    """Send the formal demand, from the day after the promised date on [5.1.2c].

    Another one may follow if none has reached the applicant. Raises NOT_DUE_YET, ALREADY_REMINDED, PROMISE_CLOSED.
    """
    _must_not_be_over(deferral)
    if not deferral.still_missing(today):
        raise PromiseRefused(PROMISE_CLOSED, state=DeferralState.SUPPLIED)
    if today <= deferral.due_on:
        raise NotDue(NOT_DUE_YET, until=deferral.due_on)
    if served := deferral.served_on(today):
        raise PromiseRefused(ALREADY_REMINDED, since=served)
    return replace(deferral, reminders=(*deferral.reminders, Reminder(today, by, parse_reference(paper))))


def serve_reminder(deferral: Deferral, *, on: ActDays, proof: str, today: date) -> Deferral:
    """Record that the last reminder reached the applicant, with its proof; the three working days begin the day after.

    If the service was recorded late, they begin the day after the record: the applicant loses none of them.
    Raises NO_REMINDER, ALREADY_REMINDED, STEP_MISDATED.
    """
    if served := deferral.served_on(today):
        raise PromiseRefused(ALREADY_REMINDED, since=served)
    if not deferral.reminders:
        raise PromiseRefused(NO_REMINDER)
    last = deferral.reminders[-1]
    require_between(on.own_day, last.sent_on, today)
    reached = replace(last, served_on=on.counts_on, proof=parse_reference(proof), late=on.late)
    return replace(deferral, reminders=(*deferral.reminders[:-1], reached))


def end(deferral: Deferral, *, on: date, today: date, paper: PaperWithdrawal | None = None) -> Deferral:
    """Record that the applicant withdrew, or was refused: no document is owed any more, and no default follows.

    A *paper* that the applicant contested before is no withdrawal, and no other paper takes its place.
    """
    _must_not_be_over(deferral)
    require_between(on, deferral.committed_on, today)
    if paper is None:
        return replace(deferral, ended_on=on)
    require_uncontested(deferral.paper_withdrawal)
    return replace(deferral, ended_on=on, paper_withdrawal=paper)


def contest_withdrawal(deferral: Deferral, contest: WithdrawalContest, calendar: Calendar) -> Deferral:
    """Take the promise up again, whose withdrawal on paper is not the applicant's; without one, return it as it is.

    The period of a reminder that ran when the paper ended it begins anew with the record of the contest: the applicant
    had been told that nothing was owed. A default of before the paper's day remains.
    """
    paper = deferral.paper_withdrawal
    if paper is None or not paper.stands or deferral.ended_on is None:
        return deferral
    resumed = replace(deferral, ended_on=None, paper_withdrawal=contested(paper, contest))
    served = deferral.served_on()
    if served is None or documents_due(served, calendar).is_missed(deferral.ended_on):
        return resumed
    return replace(resumed, reminders=tuple(_served_anew(each, contest.recorded_on) for each in resumed.reminders))


def _served_anew(reminder: Reminder, today: date) -> Reminder:
    reached_on = reminder.reached_on
    if reached_on is None or reached_on >= today:
        return reminder
    return replace(reminder, served_on=today, late=LateEntry(reached_on, today))


def last_day(deferral: Deferral, today: date, calendar: Calendar) -> Deadline:
    """Return the last day in time as known today: the date promised, or the third working day after the reminder."""
    served = deferral.served_on(today)
    return Deadline(deferral.due_on) if served is None else documents_due(served, calendar)


def state(deferral: Deferral, today: date, calendar: Calendar) -> DeferralState:
    """Return the state on the day *today* by the dated facts [4.2.2] [5.1.2c]."""
    missing = deferral.still_missing(today)
    if _defaulted_since(deferral, today, calendar) is not None:
        return DeferralState.DEFAULTED if missing else DeferralState.SUPPLIED_LATE
    if not missing:
        return DeferralState.SUPPLIED
    if deferral.ended_on is not None and deferral.ended_on <= today:
        return DeferralState.ENDED
    if deferral.served_on(today) is not None:
        return DeferralState.REMINDED
    if today > deferral.due_on:
        return DeferralState.OVERDUE
    return DeferralState.OPEN if missing == deferral.missing else DeferralState.PARTLY_SUPPLIED


def default_of(deferral: Deferral, today: date, calendar: Calendar) -> Breach:
    """Return the breach for a restraint case: documents missing after the reminder and its 3 working days [5.1.2c].

    Raises NO_DEFAULT while there is none. A last day that is only provisional makes no default: the calendar may still
    turn a counted weekday into a holiday, and the applicant would be harmed.
    """
    since = _defaulted_since(deferral, today, calendar)
    served = deferral.served_on(today)
    if since is None or served is None:
        last = last_day(deferral, today, calendar)
        raise NotDue(NO_DEFAULT, until=last.on, provisional=last.provisional, state=state(deferral, today, calendar))
    reminder = next(reminder for reminder in deferral.reminders if reminder.served_on == served)
    owed = deferral.still_missing(since - _DAY)
    facts = (
        f"容缺受理：{deferral.committed_on}书面承诺于{deferral.due_on}前（含当日）补交材料，逾期未补齐；"
        f"{reminder.sent_on}催告，{reminder.reached_on}送达，至{since - _DAY}（催告后3个工作日）仍未提交："
        f"{'、'.join(owed)}。"
    )
    papers = (deferral.commitment_ref, reminder.paper, reminder.proof or "")
    return Breach(
        deferral.subject_id,
        deferral.application_id,
        deferral.department_code,
        Circumstance.DOCUMENTS_NOT_SUPPLIED,
        CollectionChannel.FACT_FINDING,
        since,
        facts,
        papers,
        grounds_of(deferral, today),
    )


def grounds_of(deferral: Deferral, today: date) -> DeferredDocuments:
    """Return the grounds that a case of [5.1.2c] requires, as known on the day *today*."""
    supplied = deferral.supplied_on()
    known = supplied is not None and supplied <= today
    served = deferral.served_on(today)
    late = next((each.late for each in deferral.reminders if served is not None and each.served_on == served), None)
    return DeferredDocuments(deferral.due_on, served, supplied if known else None, late)


def is_kept(deferral: Deferral, today: date) -> bool | None:
    """Return whether the promise was kept: all documents in by the promised date. None while this is open or moot."""
    supplied = deferral.supplied_on()
    if supplied is not None and supplied <= min(today, deferral.due_on):
        return True
    moot = deferral.ended_on is not None and deferral.ended_on <= deferral.due_on
    return None if moot or today <= deferral.due_on else False


def _defaulted_since(deferral: Deferral, today: date, calendar: Calendar) -> date | None:
    """Return the first day of a default that exists on the day *today*."""
    served = deferral.served_on(today)
    if served is None:
        return None
    last = documents_due(served, calendar)
    ended = deferral.ended_on is not None and deferral.ended_on <= last.on
    if last.provisional or not last.is_missed(today) or ended or not deferral.still_missing(last.on):
        return None
    return last.on + _DAY


def _must_not_be_over(deferral: Deferral) -> None:
    if deferral.ended_on is not None:
        raise PromiseRefused(PROMISE_CLOSED, state=DeferralState.ENDED)
