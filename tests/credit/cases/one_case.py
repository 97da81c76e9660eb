"""One case and its steps, on days of March 2026 without a holiday, for the tests of the procedure.

collected Mon 2, verified Tue 3, noticed Wed 4, served Thu 5, so that the statement period ends on Tue 10;
stated Fri 6 and reviewed Mon 16, or not; determined Tue 17, published Wed 18 March: the last day is 18 September.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from credit.calendar.calendar import shipped
from credit.cases.case import Case, Fact, ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules.term import SIX_MONTHS
from credit.cases.rules.transitions import collect, determine, notice, publish, review, serve, state, verify
from credit.cases.status import Circumstance, CollectionChannel

CALENDAR = shipped()
DEPARTMENT, ELSEWHERE = "LZ-SPFW", "LZ-SCJG"
HANDLER, REVIEWER, HEAD, SUBJECT = "handler-1", "reviewer-1", "head-1", "subject-1"
SHORT, PENALTY = Severity.SHORT_OF_PENALTY, Severity.PENALTY_REACHED
LATER = date(2026, 4, 30)


def day(text: str) -> date:
    """Read `2026-03-05`, or `03-05` of 2026; with a weekday before it, hold it to that."""
    *weekday, iso = text.split()
    found = date.fromisoformat(iso if len(iso) > 5 else f"2026-{iso}")
    assert weekday in ([], [found.strftime("%a")]), text
    return found


def by(who: str | None, on: str | date, *evidence: str, department: str | None = DEPARTMENT) -> Fact:
    """Return a fact of an officer of the authority, with a piece of evidence unless given otherwise."""
    return Fact(day(on) if isinstance(on, str) else on, who, department, evidence or ("exhibit 1",))


def bare(fact: Fact) -> Fact:
    """Return *fact* without its evidence."""
    return replace(fact, evidence=())


def a_case(number: int = 1, subject: int = 1, **changes: object) -> Case:
    """Return a case that has been collected and nothing else."""
    case = Case(
        subject_id=UUID(int=subject),
        case_id=UUID(int=1000 + number),
        number=f"LZ-2026-{number:04}",
        department_code=DEPARTMENT,
        circumstance=Circumstance.FALSE_MATERIAL,
        channel=CollectionChannel.FACT_FINDING,
        basis="临政管办发〔2022〕3号",
        handler_ref=HANDLER,
        collected=by(HANDLER, "Mon 2026-03-02"),
    )
    return replace(case, **changes)


def collected(**changes: object) -> Case:
    return collect(a_case(**changes), calendar=CALENDAR, today=LATER)


def verified(**changes: object) -> Case:
    return verify(collected(**changes), by(HANDLER, "Tue 03-03"), SHORT, calendar=CALENDAR, today=LATER)


def noticed(**changes: object) -> Case:
    return notice(verified(**changes), by(HANDLER, "Wed 03-04"), today=LATER)


def served(**changes: object) -> Case:
    return serve(noticed(**changes), by(HANDLER, "Thu 03-05"), ServiceMeans.BY_POST, today=LATER)


def stated(**changes: object) -> Case:
    fact = by(SUBJECT, "Fri 03-06", department=None)
    return state(served(**changes), fact, calendar=CALENDAR, today=LATER)


def reviewed(outcome: ReviewOutcome = ReviewOutcome.UPHELD, **changes: object) -> Case:
    amended = {"facts"} if outcome is ReviewOutcome.AMENDED else ()
    return review(stated(**changes), by(REVIEWER, "Mon 03-16"), outcome, today=LATER, amended=amended)


def determined(before: Case | None = None, **changes: object) -> Case:
    """Return a case determined after silence, or after what *before* it has."""
    case = served(**changes) if before is None else before
    return determine(
        case, by(HEAD, "Tue 03-17"), SHORT, "临审认字〔2026〕第1号", SIX_MONTHS, calendar=CALENDAR, today=LATER
    )


def published(before: Case | None = None, **changes: object) -> Case:
    on = day("Wed 03-18")
    return publish(determined(before, **changes), by(HEAD, on), (), calendar=CALENDAR, today=on).case


def listed(number: int, published_on: str, **changes: object) -> Case:
    """Return a case that is on the list since a day, and was collected and determined on it."""
    on = day(published_on)
    fact = by(HEAD, on)
    case = a_case(number, collected=fact, determined=fact, published=fact, **changes)
    return replace(case, ends_on=case.term.last_day(on))
