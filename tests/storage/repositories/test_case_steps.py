"""Each step of a case is saved with its actor and evidence, and never changed [5.1.1] [5.1.4]."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from consent.leaves.steps import case_step_bytes
from credit.calendar.calendar import shipped
from credit.calendar.deadlines import civil_date
from credit.cases.case import Case, Fact, Restart, ReviewOutcome, ServiceMeans, Severity, fact_at
from credit.cases.rules.grounds import CommitmentCheck, DeferredDocuments, Grounds, Impersonation
from credit.cases.rules.term import Term
from credit.cases.rules.transitions import determine, notice, publish, review, serve, state, verify
from credit.cases.steps import StepName, decided, with_steps
from credit.core.errors import CaseChangedMeanwhile
from credit.core.late_entries import LateEntry, days_of
from credit.core.recorded_step import RecordedStep
from storage.repositories.case_row import CaseRow
from storage.tables import case_steps, pending_entries, restraint_cases
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.samples import BUREAU, NOW, OTHER_SUBJECT_ID, SUBJECT_ID, TODAY
from tests.storage.access_record import pending
from tests.storage.reference_fixtures import AREA, SECTOR, count, lay, settle

CALENDAR = shipped()
CASE_ID = UUID(int=70)
ROW = CaseRow(
    subject_id=SUBJECT_ID, case_id=CASE_ID, number="临审〔2026〕7号", department_code=BUREAU, sector_code=SECTOR,
    area_code=AREA, circumstance="FALSE_MATERIAL", channel="FACT_FINDING", basis="五（一）2", handler_ref="staff-2",
    collected_at=NOW - timedelta(days=30), changed_at=NOW,
)  # fmt: skip


def step(name: StepName, fact: Fact, case: Case, number: int) -> RecordedStep:
    return RecordedStep(
        subject_id=case.subject_id, step_id=UUID(int=900 + number), about=case.case_id, step=name, on=fact.own_day,
        at=NOW + timedelta(seconds=number), actor_ref=fact.by or "", role="handler", department_code=fact.department,
        evidence=fact.evidence, facts=decided(name, case), salt=bytes(16),
    )  # fmt: skip


def late(name: StepName, on: date, by: str, department: str | None = BUREAU, number: int = 1, *papers: str) -> Fact:
    """Return the fact of an earlier day that is recorded now, as the step of this number."""
    days = days_of(name, on, TODAY)
    at = NOW + timedelta(seconds=number) if days.counts_on == TODAY else None
    return Fact(days.counts_on, by, department, papers, at, days.late)


@pytest.fixture(autouse=True)
async def settled(database):
    await lay(database)
    await settle(database)
    async with SqlUnitOfWork(database) as work:
        await work.cases.add([ROW])
        await work.commit()


async def loaded(database, subject_id: UUID = SUBJECT_ID) -> Case | None:
    async with SqlUnitOfWork(database) as work:
        return await work.cases.load(subject_id, CASE_ID)


async def keep(database, case: Case, *steps: RecordedStep, over: int) -> None:
    async with SqlUnitOfWork(database) as work:
        await work.cases.save(case, over, NOW)
        for one in steps:
            await work.cases.append(one)
        await work.commit()


async def test_a_case_is_what_its_steps_made_it(database):
    """Actors, evidence, decisions and the two days of late entries come back, of which the row has only a part."""
    by = ("staff-2", BUREAU)
    days = [date(2026, 2, day) for day in (9, 10, 11, 12)]
    case = await loaded(database)
    assert case is not None
    assert (case.version, case.verified) == (1, None)
    taken: list[RecordedStep] = []

    def took(name: StepName, fact: Fact, after: Case) -> Case:
        taken.append(step(name, fact, after, len(taken)))
        return after

    fact = late(StepName.VERIFIED, days[0], *by, 0, "笔录-1", "照片-2")
    case = took(StepName.VERIFIED, fact, verify(case, fact, Severity.SHORT_OF_PENALTY, calendar=CALENDAR, today=TODAY))
    fact = late(StepName.NOTICED, days[1], *by, 1)
    case = took(StepName.NOTICED, fact, notice(case, fact, today=TODAY))
    fact = late(StepName.SERVED, days[2], *by, 2, "回执-3")
    case = took(StepName.SERVED, fact, serve(case, fact, ServiceMeans.BY_POST, today=TODAY))
    for reference in ("陈述-4", "陈述-5"):
        fact = late(StepName.STATED, days[3], "account-1", None, len(taken), reference)
        case = took(StepName.STATED, fact, state(case, fact, calendar=CALENDAR, today=TODAY))
    fact = late(StepName.REVIEWED, date(2026, 3, 3), "staff-9", BUREAU, len(taken))
    case = took(StepName.REVIEWED, fact, review(case, fact, ReviewOutcome.UPHELD, today=TODAY))
    fact = late(StepName.DETERMINED, date(2026, 3, 4), *by, len(taken))
    term = Term(12, citation="某条例第九条")
    case = determine(case, fact, Severity.SHORT_OF_PENALTY, "文书-6", term, calendar=CALENDAR, today=TODAY)
    case = took(StepName.DETERMINED, fact, case)
    fact = fact_at(replace(taken[0], at=NOW).at, *by)
    case = publish(case, fact, [], calendar=CALENDAR, today=civil_date(NOW)).case
    case = took(StepName.PUBLISHED, fact, case)

    # Recorded the same instant as the fact itself, so that its instant is known again.
    taken[-1] = replace(taken[-1], at=NOW)
    await keep(database, case, *taken, over=1)

    again = await loaded(database)
    assert again == replace(case, version=2)
    assert len(await pending(database)) == len(taken)
    async with SqlUnitOfWork(database) as work:
        assert await work.cases.all_of(SUBJECT_ID) == [again]
        assert await work.cases.all_of(OTHER_SUBJECT_ID) == []


async def test_a_case_is_its_subjects_only(database):
    assert await loaded(database, OTHER_SUBJECT_ID) is None


@pytest.mark.parametrize("over", [0, 2], ids=["older than what stands", "newer than what stands"])
async def test_a_step_over_another_version_is_refused_and_leaves_no_trace(database, over):
    case = await loaded(database)
    assert case is not None
    fact = Fact(date(2026, 2, 9), "staff-2", BUREAU, ("笔录-1",))
    after = verify(case, fact, Severity.SHORT_OF_PENALTY, calendar=CALENDAR, today=TODAY)
    with pytest.raises(CaseChangedMeanwhile):
        await keep(database, after, step(StepName.VERIFIED, fact, after, 1), over=over)
    assert await loaded(database) == case
    assert await count(database, case_steps) == await count(database, pending_entries) == 0


async def test_an_import_in_between_counts_as_a_change(database):
    """The version that is bound into the sealed values is the import's; the other counts both."""
    async with SqlUnitOfWork(database) as work:
        await work.cases.change(replace(ROW, version=2, basis="另一依据"))
        await work.commit()
    columns = restraint_cases.c.version, restraint_cases.c.step_version
    assert await database.fetch(select(*columns)) == [(2, 2)]
    case = await loaded(database)
    assert case is not None
    with pytest.raises(CaseChangedMeanwhile):
        await keep(database, case, over=1)
    await keep(database, case, over=2)
    assert await database.fetch(select(*columns)) == [(2, 3)]


async def test_a_step_is_never_changed(database):
    case = await loaded(database)
    assert case is not None
    await keep(database, case, step(StepName.NOTICED, Fact(TODAY, "staff-2", BUREAU), case, 1), over=1)
    with pytest.raises(DBAPIError, match="appended only"):
        await database.write((update(case_steps).values(actor_ref="staff-3"), None))


@pytest.mark.parametrize(
    ("name", "grounds"),
    [
        ("whose identity was used", Impersonation(OTHER_SUBJECT_ID)),
        ("nobody knows whose", Impersonation()),
        ("documents", DeferredDocuments(date(2026, 2, 2), date(2026, 2, 3))),
        ("documents that came late", DeferredDocuments(date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 20))),
        ("a commitment", CommitmentCheck(date(2026, 1, 5), date(2026, 2, 2), met=False)),
    ],
)
async def test_the_grounds_of_a_case_come_back(database, name: str, grounds: Grounds):
    case = await loaded(database)
    assert case is not None
    fact = late(StepName.VERIFIED, date(2026, 2, 9), "staff-2", BUREAU, 1, "笔录-1")
    after = replace(case, verified=fact, grounds=grounds)
    first = step(StepName.VERIFIED, fact, after, 1)
    await keep(database, after, first, over=1)
    assert await loaded(database) == replace(after, version=2)


async def test_a_period_that_ran_anew_keeps_its_term_and_why(database):
    """The row alone would read its longer period as a longer term [5.1.5]."""
    case = await loaded(database)
    assert case is not None
    day = date(2026, 1, 5)
    restarted = replace(
        case, determined=Fact(day), published=Fact(day), legal_document="文书-6", ends_on=date(2026, 8, 10),
        restarts=(Restart(UUID(int=71), date(2026, 2, 10)),),
    )  # fmt: skip
    await keep(database, restarted, step(StepName.RUN_ANEW, Fact(TODAY, "staff-2", BUREAU), restarted, 1), over=1)
    again = await loaded(database)
    assert again is not None
    assert (again.term, again.restarts) == (Term(), restarted.restarts)


def test_a_step_whose_day_was_mended_since_is_left_out():
    """A correction of the row counts more than the step that it corrects."""
    fact = Fact(date(2026, 2, 9), "staff-2", BUREAU, ("笔录-1",))
    case = Case(SUBJECT_ID, CASE_ID, "号", BUREAU, ROW.circumstance, ROW.channel, "依据", "staff-2", fact)  # type: ignore[arg-type]  # words do
    taken = step(StepName.NOTICED, fact, case, 1)
    assert with_steps(case, [taken]) == case
    mended = replace(case, noticed=Fact(date(2026, 2, 10)))
    assert with_steps(mended, [taken]) == mended


def test_a_late_entry_of_before_the_rule_counts_as_its_row_says():
    """[5.1.4] What followed from it was decided by its own day; it is flagged all the same."""
    fact = Fact(date(2026, 2, 9), "staff-2", BUREAU, ("笔录-1",))
    case = Case(SUBJECT_ID, CASE_ID, "号", BUREAU, ROW.circumstance, ROW.channel, "依据", "staff-2", fact)  # type: ignore[arg-type]  # words do
    taken = step(StepName.NOTICED, fact, case, 1)
    read = with_steps(replace(case, noticed=Fact(fact.on)), [taken])
    assert read.noticed == replace(fact, late=LateEntry(fact.on, TODAY))


def test_a_step_is_written_down_in_one_way_only():
    fact = Fact(date(2026, 2, 9), "staff-2", BUREAU, ("笔录-1",))
    case = Case(SUBJECT_ID, CASE_ID, "号", BUREAU, ROW.circumstance, ROW.channel, "依据", "staff-2", fact)  # type: ignore[arg-type]  # words do
    assert case_step_bytes(step(StepName.NOTICED, fact, case, 1), CASE_ID).decode() == (
        '{"actor_ref":"staff-2","at":"2026-03-05T01:02:04.000004Z","case_id":"00000000-0000-0000-0000-000000000046",'
        '"department_code":"LZ-APPROVAL","evidence":["笔录-1"],"facts":{},"on":"2026-02-09","role":"handler",'
        '"step":"NOTICED","step_id":"00000000-0000-0000-0000-000000000385",'
        '"subject_id":"00000000-0000-0000-0000-000000000001","type":"case-step/1"}'
    )
