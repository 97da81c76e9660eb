"""The management period [5.1.5]: when a restraint ends by date, and when its period restarts.

Everything here depends on dates only. No job has to run for a restraint to end, and its public entry is hidden from the
same day on. `ends_on` is stored with a case, so that a query by date needs only the case's own row. It is recalculated,
for all cases of a subject at once, when one of them is published, removed or corrected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from credit.cases.case import Case, RemovalCause, Restart
from credit.cases.status import UnrectifiedPolicy

_DAY = timedelta(days=1)


def reckon(
    cases: Iterable[Case], today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS
) -> tuple[Case, ...]:
    """Return those of a subject's *cases* whose end changes, with the new end and its restarts [5.1.5].

    The period of a case restarts with the publication of a newer case, if the newer breach is new (not committed, or
    not known, before the older case was published) and was determined by the older case's last day.
    **Reading**: what has ended is not revived: the older one has to be in force still on the day of that publication.
    **Reading**: a newer case that was removed as wrong restarts nothing any more; days that have passed before *today*
    stay as they were.
    """
    all_cases = tuple(cases)
    changed = ((case, _reckoned(case, all_cases, today, unrectified)) for case in all_cases)
    return tuple(new for old, new in changed if new != old)


def _reckoned(case: Case, cases: Sequence[Case], today: date, unrectified: UnrectifiedPolicy) -> Case:
    free_on = case.free_on(unrectified)
    if case.published is None or case.ends_on is None or (free_on is not None and free_on <= today):
        return case
    ends_on, restarts = _run(case, _newer_breaches(case, cases), unrectified)
    return replace(case, ends_on=max(ends_on, min(case.ends_on, today - _DAY)), restarts=restarts)


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
        and not (other.removed is not None and other.removal is RemovalCause.WRONG)
    ]
    return sorted(newer, key=lambda other: (_published_on(other), other.case_id))


def _run(case: Case, newer: Iterable[Case], unrectified: UnrectifiedPolicy) -> tuple[date, tuple[Restart, ...]]:
    """Run the period from publication through the restarts by *newer* cases; return its last day and the restarts."""
    published_on = _published_on(case)
    ends_on = case.term.last_day(published_on)
    restarts: list[Restart] = []
    for other in newer:
        anew_on = _published_on(other)
        determined_on = anew_on if other.determined is None else other.determined.on
        if determined_on <= ends_on and _in_force(case, ends_on, anew_on, unrectified):
            ends_on = case.term.last_day(published_on, anew_on)
            restarts.append(Restart(other.case_id, anew_on))
    return ends_on, tuple(restarts)


def _in_force(case: Case, ends_on: date, anew_on: date, unrectified: UnrectifiedPolicy) -> bool:
    """Return whether *case*, ending on *ends_on*, was in force when a newer case was published."""
    # A recorded restart came before a rectification of the same day.
    if case.rectified is not None and case.rectified.on == anew_on and any(r.on == anew_on for r in case.restarts):
        case = replace(case, rectified=None)
    return replace(case, ends_on=ends_on).is_in_force(anew_on, unrectified)


def _published_on(case: Case) -> date:
    if case.published is None:
        raise ValueError("only a published case has a period")
    return case.published.on
