"""A case and its row: what the table of today holds of it, and that no rule needs more to answer [5.1]."""

from dataclasses import MISSING, fields, replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from credit.calendar.calendar import shipped
from credit.cases.case import (
    Case,
    Claim,
    EntryDelay,
    Fact,
    FormerRecord,
    HandOver,
    Pause,
    RemovalCause,
    Restart,
    fact_at,
)  # fmt: skip
from credit.cases.publicity import CountedFrom, Listing, Publicity, Repair
from credit.cases.rules.grounds import Impersonation
from credit.cases.rules.term import Term
from credit.cases.status import CaseStatus
from credit.cases.steps import StepName, decided, with_steps
from credit.core.recorded_step import RecordedStep
from storage.repositories.case_row import IMPORTED, columns, due_day_columns, from_columns
from storage.tables import restraint_cases
from tests.credit.cases.one_case import (
    DEPARTMENT,
    HANDLER,
    LATER,
    by,
    collected,
    day,
    determined,
    noticed,
    published,
    reviewed,
    served,
    stated,
    verified,
)

PARTICULARS = (
    "subject_id",
    "case_id",
    "number",
    "department_code",
    "circumstance",
    "channel",
    "application_id",
    "version",
)
CASES = [collected, verified, noticed, served, stated, reviewed, determined, published]


def row_of(case):
    return {name: getattr(case, name) for name in PARTICULARS} | columns(case)


@pytest.mark.parametrize("build", CASES)
def test_a_row_gives_the_same_answers_on_every_day_as_its_case(build):
    case = build()
    read = from_columns(row_of(case))
    assert columns(read) == columns(case)
    days = [date.fromordinal(n) for n in range(day("03-01").toordinal(), day("2026-10-01").toordinal())]
    assert [read.status(on) for on in days] == [case.status(on) for on in days]


def test_a_return_does_not_hide_the_review_before_it():
    """[5.1.4(4)] [5.1.5] A late statement of 23 March, reviewed on 30 March; the case came back on 20 October."""
    pauses = Pause(day("03-23"), day("03-30")), Pause(day("10-08"), day("10-20"), is_return=True)
    case = replace(published(), statements=(by(HANDLER, "03-09"),), reviewed=by("reviewer-1", "03-30"), pauses=pauses)
    read = from_columns(row_of(case))
    assert (read.pauses, columns(read)) == (pauses, columns(case))
    for one in (case.dates, read.dates, read):
        assert (one.review_from, one.publication_from) == (day("03-23"), case.publication_from)
    days = [date.fromordinal(n) for n in range(day("03-01").toordinal(), day("12-01").toordinal())]
    assert [read.status(on) for on in days] == [case.status(on) for on in days]


def test_the_columns_are_those_of_the_table():
    """They are written by the steps or by an import, with both the due days; an import reads `step_version`."""
    counted = {*due_day_columns(published(), shipped()), "counted_version", "township_code"}
    assert {*row_of(published()), *IMPORTED, *counted} == set(restraint_cases.c.keys())


def test_every_attribute_of_a_case_comes_back_from_its_row_or_from_its_steps():
    """A new attribute needs a value here, and then a column or the branch of its step in `credit.cases.steps`."""
    fact = by(HANDLER, "03-18")
    case = replace(
        published(reviewed()),
        collected=fact,
        verified=fact,
        application_id=UUID(int=7),
        version=2,
        occurred_on=day("02-01"),
        agents_case_id=UUID(int=8),
        taken_over=FormerRecord(day("03-01"), day("01-05"), day("01-06"), day("07-06")),
        term=Term(12, citation="a law"),
        claims=(Claim(fact, fact),),
        rectified=fact,
        removed=fact,
        removal=RemovalCause.WRONG,
        dropped=fact,
        referred=fact,
        confidential=True,
        marked_number="LZ-2026-0001",
        pauses=(Pause(fact.on, fact.on),),
        # What only steps keep.
        publicity=Publicity(Listing.MONTHS, 3, CountedFrom.DETERMINATION, Repair.ON_APPLICATION),
        grounds=Impersonation(),
        self_support=("劳动合同-1",),
        confirmed=fact,
        delays=(EntryDelay(UUID(int=11), day("04-10"), "a law", fact),),
        handovers=(HandOver(fact, "handler-0", HANDLER),),
        restarts=(Restart(UUID(int=9), fact.on),),
        marked=fact,
        unmarked=fact,
    )
    bare = {field.name: field.default for field in fields(Case) if field.default is not MISSING}
    assert [name for name, default in bare.items() if getattr(case, name) == default] == []
    taken = [
        RecordedStep(
            subject_id=case.subject_id, step_id=UUID(int=number), about=case.case_id, step=name, on=fact.on,
            at=fact.instant, actor_ref=HANDLER, role="handler", department_code=DEPARTMENT, evidence=fact.evidence,
            facts=decided(name, case), salt=bytes(16),
        )
        for number, name in enumerate(StepName)
    ]  # fmt: skip
    read = with_steps(from_columns(row_of(case)), taken)
    assert [name for name, default in bare.items() if getattr(read, name) == default] == []


@pytest.mark.parametrize(
    ("case", "ends_on", "term"),
    [
        ("six months", "2026-09-18", Term(6)),
        ("a year", "2027-03-18", Term(12)),
        ("a last day that is no whole month", "2026-09-20", Term(None, date(2026, 9, 20))),
        ("a last day within the month", "2026-03-31", Term(None, date(2026, 3, 31))),
    ],
)
def test_the_term_is_read_off_first_and_last_day(case, ends_on, term):
    """[5.1.5]"""
    row = row_of(published()) | {"ends_on": date.fromisoformat(ends_on)}
    assert from_columns(row).term == term


def test_a_case_taken_in_from_a_list_is_new_when_it_was_determined():
    """[6.2] [5.1.5] It was collected, as far as the row knows, on the day of the import."""
    case = replace(published(), collected=fact_at(datetime(2026, 4, 29, 1, tzinfo=UTC)))
    assert case.breach_on == day("03-17")
    assert replace(case, occurred_on=day("02-01")).breach_on == day("02-01")


def test_an_instant_is_a_day_in_shanghai():
    """[5.1.4]"""
    late = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
    assert fact_at(late).on == date(2026, 3, 5)
    assert fact_at(late).instant == late
    assert Fact(date(2026, 3, 5)).instant == datetime(2026, 3, 5, 4, tzinfo=UTC)


def test_a_row_without_actors_still_says_who_may_not_review():
    """[5.1.4(4)]"""
    assert from_columns(row_of(stated())).handled_by == {"handler-1"}
    assert isinstance(from_columns(row_of(stated())).subject_id, UUID)
    assert from_columns(row_of(published())).status(LATER) is CaseStatus.PUBLISHED
