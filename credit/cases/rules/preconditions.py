"""Preconditions that several steps of the procedure share [5.1.1] [5.1.4] [5.1.6]."""

from datetime import date

from credit.cases.case import Case, Fact
from credit.cases.refusals import (
    ALREADY_ENDED,
    ALREADY_TAKEN,
    EVIDENCE_MISSING,
    NOT_THE_AUTHORITY,
    NOT_THE_COLLECTOR,
    ConfidentialRecord,
    DayOutOfOrder,
    Lacking,
    NotTheirs,
    TooLate,
)
from credit.cases.status import CaseStatus, UnrectifiedPolicy


def require_running(
    case: Case, fact: Fact, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS
) -> None:
    """Refuse a step in a case that is confidential or has ended, and a fact of the future.

    A case that has ended by *today* is refused, even if the fact is older: an ended case takes no more facts.
    """
    require_open_record(case, fact, today)
    ended_on = case.free_on(unrectified)
    if ended_on is not None and ended_on <= today:
        raise TooLate(ALREADY_ENDED, since=ended_on, status=case.status(today, unrectified).value)


def require_open_record(case: Case, fact: Fact, today: date) -> None:
    """Refuse a confidential record [5.1.6], and a fact of the future or from before the collection."""
    if case.confidential:
        raise ConfidentialRecord
    if fact.on > today:
        raise DayOutOfOrder(today)
    require_not_before(fact, case.collected)


def require_not_before(fact: Fact, *earlier: Fact | None) -> None:
    """Refuse a fact dated before one that it follows: their own days are compared, whenever they were recorded."""
    last = max((each.own_day for each in earlier if each is not None), default=fact.own_day)
    if fact.own_day < last:
        raise DayOutOfOrder(last)


def require_today(fact: Fact, today: date) -> None:
    """Refuse to backdate a step that changes the list: what a past day showed is never rewritten [5.1.5].

    **Reading**: publication, confirmed rectification, removal and referral are done by recording them. Steps that
    happen on paper first (verification, notice, receipt, review, determination) may state the paper's day, and count
    from the day on which they are recorded (`credit.core.late_entries`).
    """
    if fact.own_day != today:
        raise DayOutOfOrder(today)


def require_first(step: CaseStatus, taken: Fact | None) -> None:
    """Refuse to take a step twice."""
    if taken is not None:
        raise TooLate(ALREADY_TAKEN, since=taken.on, step=step.value)


def require_authority(case: Case, fact: Fact) -> None:
    """Refuse an officer of another department [5.1.1]."""
    if fact.by is None or fact.department != case.department_code:
        raise NotTheirs(NOT_THE_AUTHORITY)


def require_collector(case: Case, fact: Fact) -> None:
    """Refuse every officer but the handler of the case [5.1.4(1)] [5.1.4(2)].

    **Reading**: who collected is the department, and in it the handler; a case is handed over, never just picked up.
    """
    require_authority(case, fact)
    if fact.by != case.handler_ref:
        raise NotTheirs(NOT_THE_COLLECTOR)


def require_evidence(fact: Fact) -> None:
    """Refuse a finding without evidence: the authority is responsible for its truth [5.1.1]."""
    if not any(piece.strip() for piece in fact.evidence):
        raise Lacking(EVIDENCE_MISSING)
