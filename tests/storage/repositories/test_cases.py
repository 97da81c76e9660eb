"""An imported case is known by its subject and number: taking it in again changes it, and adds none [5.1.3, 6.2]."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from credit.subjects.subject import SealedText
from storage.errors import Stale
from storage.repositories.case_row import CaseRow
from storage.repositories.messages.imported_rows import take_in, taken_in
from storage.tables import imports, restraint_cases
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.samples import BUREAU, NOW, OTHER_SUBJECT_ID, SUBJECT_ID
from tests.storage.reference_fixtures import AREA, SECTOR, count, lay, settle

CASE = CaseRow(
    subject_id=SUBJECT_ID, case_id=UUID(int=70), number="临审〔2026〕7号", department_code=BUREAU, sector_code=SECTOR,
    area_code=AREA, circumstance="FALSE_MATERIAL", channel="FACT_FINDING", basis="五（一）2", handler_ref="staff-2",
    collected_at=NOW, changed_at=NOW, facts=SealedText(b"sealed facts", "****"), determined_on=date(2026, 3, 2),
)  # fmt: skip


@pytest.fixture(autouse=True)
async def settled(database):
    await lay(database)
    await settle(database)


async def add(database, *cases: CaseRow) -> None:
    async with SqlUnitOfWork(database) as work:
        await work.cases.add(cases)
        await work.commit()


async def change(database, case: CaseRow) -> None:
    async with SqlUnitOfWork(database) as work:
        await work.cases.change(case)
        await work.commit()


async def test_a_new_case_is_saved_whole(database):
    await add(database, CASE)
    columns = restraint_cases.c.number, restraint_cases.c.facts_sealed, restraint_cases.c.facts_mask
    assert await database.fetch(select(*columns)) == [("临审〔2026〕7号", b"sealed facts", "****")]
    dates = restraint_cases.c.determined_on, restraint_cases.c.collected_at, restraint_cases.c.notes_sealed
    assert await database.fetch(select(*dates)) == [(date(2026, 3, 2), NOW, None)]


async def test_which_cases_stand_is_known_by_subject_and_number(database):
    await add(database, CASE, replace(CASE, subject_id=OTHER_SUBJECT_ID, case_id=UUID(int=71)))
    asked = [(SUBJECT_ID, CASE.number), (OTHER_SUBJECT_ID, CASE.number), (SUBJECT_ID, "another")]
    async with SqlUnitOfWork(database) as work:
        found = await work.cases.existing(asked)
        assert {number: (case.case_id, case.version) for number, case in found.items()} == {
            asked[0]: (UUID(int=70), 1),
            asked[1]: (UUID(int=71), 1),
        }
        assert found[asked[0]] == CASE
        assert await work.cases.existing([]) == {}


async def test_a_change_takes_the_place_of_the_last_version(database):
    await add(database, CASE)
    await change(database, replace(CASE, version=2, rectified_on=date(2026, 3, 5), facts=SealedText(b"again", "**")))
    columns = restraint_cases.c.version, restraint_cases.c.facts_sealed, restraint_cases.c.rectified_on
    assert await database.fetch(select(*columns)) == [(2, b"again", date(2026, 3, 5))]


@pytest.mark.parametrize(
    ("case", "changed"),
    [
        ("a version was skipped", replace(CASE, version=3)),
        ("the version stands already", replace(CASE, version=1)),
        ("another subject's", replace(CASE, version=2, subject_id=OTHER_SUBJECT_ID)),
        ("not there", replace(CASE, version=2, case_id=UUID(int=99))),
    ],
)
async def test_a_change_of_anything_else_is_refused(database, case, changed):
    await add(database, CASE)
    with pytest.raises(Stale):
        await change(database, changed)
    assert await database.fetch(select(restraint_cases.c.version)) == [(1,)]


@pytest.mark.parametrize("number", [CASE.number, "临审[2026]7号", "临审（２０２６）第7号"])
async def test_the_same_number_is_not_added_twice(database, number):
    """[5.1.3] Nor in another habit, however many imports write at once: the database keeps the key unique."""
    await add(database, CASE)
    with pytest.raises(Stale):
        await add(database, replace(CASE, case_id=UUID(int=72), number=number))
    assert await count(database, restraint_cases) == 1


async def test_what_the_rules_forbid_is_no_duplicate(database):
    with pytest.raises(IntegrityError):
        await add(database, replace(CASE, circumstance="UNHEARD_OF"))
    with pytest.raises(IntegrityError):  # published without an end [5.1.5]
        await add(database, replace(CASE, published_on=date(2026, 3, 3)))


async def test_rows_of_a_file_are_taken_in_once(database):
    async with database.writing() as session:
        await take_in(session, "hash", [1, 2], "ADDED", NOW)
        await take_in(session, "hash", [3], "REFUSED", NOW)
        await take_in(session, "other", [], "ADDED", NOW)
        assert await taken_in(session, ["hash", "none"]) == {1: "ADDED", 2: "ADDED", 3: "REFUSED"}
        assert await taken_in(session, ["other"]) == {}
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await take_in(session, "hash", [4, 1], "ADDED", NOW)
    assert await count(database, imports) == 3
