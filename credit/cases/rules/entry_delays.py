"""The lawful delay of access entries: an open investigation is not given away by the log of its subject [5.1.6].

**Reading**: each read is shown to its subject at once, unless the head of the authority has ordered a delay, with its
legal ground, before the subject is notified of the case. The entries then open by themselves on a day, at most a month
ahead; each extension is a new act. The notice ends the delay, because nothing is left to protect.
"""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from credit.cases.case import Case, EntryDelay, Fact
from credit.cases.refusals import (
    ALREADY_DELAYED,
    DELAY_TOO_LONG,
    LEGAL_GROUND_MISSING,
    NOT_CONFIRMED,
    NOT_DELAYED,
    DayOutOfOrder,
    Lacking,
    NotYet,
    TooLate,
)
from credit.cases.rules.preconditions import (
    require_authority,
    require_evidence,
    require_first,
    require_running,
    require_today,
)
from credit.cases.status import CaseStatus


def order(
    case: Case, fact: Fact, delay_id: UUID, citation: str, opens_on: date, *, today: date, longest_days: int
) -> Case:
    """Delay the entries of reads from now on until *opens_on*, on the ground *citation*, by the head of the authority.

    What was recorded before stays visible.
    """
    _require_delayable(case, fact, citation, today)
    running = _running(case, today)
    if running is not None:
        raise TooLate(ALREADY_DELAYED, since=running.ordered.on)
    _require_within(opens_on, today, today, longest_days)
    return replace(case, delays=(*case.delays, EntryDelay(delay_id, opens_on, citation, fact)))


def extend(case: Case, fact: Fact, citation: str, opens_on: date, *, today: date, longest_days: int) -> Case:
    """Extend the running delay, with its entries so far, until a later day, counted anew from today."""
    _require_delayable(case, fact, citation, today)
    running = _running(case, today)
    if running is None:
        raise NotYet(NOT_DELAYED)
    _require_within(opens_on, running.opens_on, today, longest_days)
    return replace(case, delays=(*case.delays, EntryDelay(running.delay_id, opens_on, citation, fact)))


def _running(case: Case, today: date) -> EntryDelay | None:
    last = case.delays[-1] if case.delays else None
    return last if last is not None and last.runs(today) else None


def _require_delayable(case: Case, fact: Fact, citation: str, today: date) -> None:
    """Refuse a delay without its ground and papers, and one of a case that its subject knows or that has ended."""
    require_running(case, fact, today)
    require_authority(case, fact)
    if case.taken_over is not None:
        raise NotYet(NOT_CONFIRMED)
    require_first(CaseStatus.NOTICED, case.noticed)
    require_first(CaseStatus.DETERMINED, case.determined)
    require_today(fact, today)
    if not citation.strip():
        raise Lacking(LEGAL_GROUND_MISSING)
    require_evidence(fact)


def _require_within(opens_on: date, after: date, today: date, longest_days: int) -> None:
    if opens_on <= after:
        raise DayOutOfOrder(after + timedelta(days=1))
    last = today + timedelta(days=longest_days)
    if opens_on > last:
        raise NotYet(DELAY_TOO_LONG, until=last)
