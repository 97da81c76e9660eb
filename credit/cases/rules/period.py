"""The management period [5.1.5]: when a restraint ends by date, and when its period restarts.

Everything here depends on dates only. No job has to run for a restraint to end, and its public entry is hidden from the
same day on. `ends_on` is stored with a case, so that a query by date needs only the case's own row. It is recalculated,
for all cases of a subject at once, when one of them is published, removed or corrected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from credit.cases.case import Case, Pause, RemovalCause, Restart
from credit.cases.refusals import NEW_BREACH_OPEN, NotYet
from credit.cases.status import UnrectifiedPolicy

_DAY = timedelta(days=1)


def reckon(
    cases: Iterable[Case], today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS
) -> tuple[Case, ...]:
    """Return those of a subject's *cases* whose end changes, with the new end and its restarts [5.1.5].

    The period of a case restarts with the publication of a newer case, if the newer breach was committed in the period:
    its own day counts, or that of its collection where it is unknown, and not when it was determined or published.
    **Reading**: an older case whose period has ended by then returns with that publication; in between its subject was
    free, and those days stay as they were. It never returns backwards, and a removal or referral is final.
    **Reading**: a newer case that was removed as wrong or dropped restarts nothing any more, and one that rests while
    its review is open restarts nothing meanwhile [5.1.4(3)]; days that have passed before *today* stay as they were.
    """
    all_cases = tuple(cases)
    changed = ((case, _reckoned(case, all_cases, today, unrectified)) for case in all_cases)
    return tuple(new for old, new in changed if new != old)


def require_no_new_breach(case: Case, others: Iterable[Case]) -> None:
    """Refuse to certify the repair of *case* while another breach of its period is open, or was determined [5.1.5].

    A breach whose publication has restarted the period has been counted. A confidential case is never shown, not even
    through a refusal [5.1.6].
    """
    if has_new_breach(case, others):
        raise NotYet(NEW_BREACH_OPEN)


def has_new_breach(case: Case, others: Iterable[Case]) -> bool:
    """Return whether another breach of the period of *case* is open, or was determined and is not counted in it."""
    if case.published is None or case.ends_on is None:
        return False
    counted = {restart.by_case_id for restart in case.restarts} | {case.case_id}
    for other in others:
        is_wrong = other.dropped is not None or other.removal is RemovalCause.WRONG
        is_over = is_wrong or (other.referred is not None and other.determined is None)
        if other.confidential or other.case_id in counted or is_over:
            continue
        if case.published.on <= other.breach_on <= case.ends_on:
            return True
    return False


def _reckoned(case: Case, cases: Sequence[Case], today: date, unrectified: UnrectifiedPolicy) -> Case:
    free_on = case.free_on(unrectified)
    has_ended = free_on is not None and free_on <= today
    if case.published is None or case.ends_on is None or (has_ended and _is_closed(case)):
        return case
    newer = _newer_breaches(case, cases)
    ends_on, restarts = _run(case, newer, unrectified)
    restarts_today = bool(restarts) and any(
        other.case_id == restarts[-1].by_case_id and _restarts_from(other) == today for other in newer
    )
    if has_ended and not restarts_today:
        return case
    # What was shown before today stays: an end that moves back takes effect today, and only what had ended was free.
    rested_from = free_on if has_ended else None
    if restarts_today and case.dates.is_resting(today, unrectified):
        rested_from = case.ends_on + _DAY  # it waited for the answer to a claim, and rested meanwhile
    returns = rested_from is not None and rested_from < today and case.open_pause is None
    pauses = case.pauses
    if returns and rested_from is not None:
        pauses = (*pauses, Pause(rested_from, today, is_return=True))
    return replace(case, ends_on=max(ends_on, min(case.ends_on, today - _DAY)), restarts=restarts, pauses=pauses)


def _is_closed(case: Case) -> bool:
    """Return whether something other than the end of its period ended it, so that it never returns."""
    return case.is_repaired_on_application or any((case.removed, case.dropped, case.referred))


def _newer_breaches(case: Case, cases: Sequence[Case]) -> list[Case]:
    """Return the published cases whose breach is new relative to *case* and not found wrong, as they were published."""
    published_on = _published_on(case)
    newer = [
        other
        for other in cases
        if other.case_id != case.case_id
        and other.subject_id == case.subject_id
        and other.published is not None
        and other.published.on > published_on
        and other.determined is not None
        and other.breach_on >= published_on
        and other.dropped is None
        and other.open_pause is None
        and not (other.removed is not None and other.removal is RemovalCause.WRONG)
    ]
    return sorted(newer, key=lambda other: (_published_on(other), other.case_id))


def _restarts_from(newer: Case) -> date:
    """Return the day on which *newer* restarts other periods: that of its publication, or of the review that upheld it.

    The restarted period counts from the publication all the same [5.1.4(3)].
    """
    reviews = (each.until for each in newer.pauses if each.until is not None and not each.is_return)
    return max([_published_on(newer), *reviews])


def _run(case: Case, newer: Iterable[Case], unrectified: UnrectifiedPolicy) -> tuple[date, tuple[Restart, ...]]:
    """Run the period from publication through the restarts by *newer* cases.

    A breach on a day between two runs is in neither, whether the subject was free on it or overdue for rectification.
    Return the last day and the restarts.
    """
    start = case.period_from or _published_on(case)
    ends_on = case.term.last_day(start)
    restarts: list[Restart] = []
    outside: list[Pause] = []
    for other in newer:
        anew_on = _published_on(other)
        if other.breach_on > ends_on or any(days.covers(other.breach_on) for days in outside):
            continue
        free_on = replace(case, ends_on=ends_on).free_on(unrectified)
        found_ended = free_on is not None and free_on <= anew_on
        if found_ended and _is_closed(case):
            continue
        outside.append(Pause(ends_on + _DAY, anew_on))
        ends_on = case.term.last_day(start, anew_on)
        restarts.append(Restart(other.case_id, anew_on))
    return ends_on, tuple(restarts)


def _published_on(case: Case) -> date:
    if case.published is None:
        raise ValueError("only a published case has a period")
    return case.published.on
