"""The read model of published cases is what the cases and their subjects say, whoever changes them [5.1.5] [5.2.2]."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Executable, Uuid, delete, insert, literal, select, update

from storage.database.database import Database
from storage.database.session import Session
from storage.repositories.published_cases import differing, rebuild
from storage.tables import identifiers, published_cases, restraint_cases, subject_keys, subjects
from tests.storage.rows import TODAY, identifier, key, put, restraint, subject, subject_key

CASE, OTHER = key("listed"), key("waiting")
WHOSE = key("one")

CHANGES: Mapping[str, Sequence[Executable]] = {
    "a step of the case": [update(restraint_cases).values(rectified_on=TODAY)],
    "a new version of its facts": [update(restraint_cases).values(facts_sealed=b"new", version=2)],
    "another day of publication": [
        update(restraint_cases).where(restraint_cases.c.case_id == CASE).values(published_on=TODAY)
    ],
    "another sector": [update(restraint_cases).values(sector_code="S2")],
    "a mark of confidentiality": [update(restraint_cases).values(confidential=True)],
    "a mark that ends": [
        update(restraint_cases).values(confidential=True),
        update(restraint_cases).values(confidential=False),
    ],
    "a publication that is taken back": [update(restraint_cases).values(published_on=None, ends_on=None)],
    "a publication": [
        update(restraint_cases)
        .where(restraint_cases.c.case_id == OTHER)
        .values(determined_on=TODAY, published_on=TODAY, ends_on=TODAY)
    ],
    "a case that is deleted": [delete(restraint_cases).where(restraint_cases.c.case_id == CASE)],
    "a case that moves to another subject": [update(restraint_cases).values(subject_id=key("two"))],
    "a subject that moves": [update(subjects).values(area_code="370305002")],
    "a name that is corrected": [update(subjects).values(name_sealed=b"new", name_mask="new", version=2)],
    "another kind of subject": [update(subjects).values(kind="LEGAL_PERSON")],
    "another number": [update(identifiers).values(number_sealed=b"new", number_mask="new", version=9)],
    "a number that is deleted": [delete(identifiers)],
    "a number that comes later": [delete(identifiers), insert(identifiers).values(identifier("one")[1])],
    "a number that moves to another subject": [update(identifiers).values(subject_id=key("two"))],
    "a key that is wrapped again": [update(subject_keys).values(wrapped=b"new", kek="kek-2")],
    "a key that is shredded": [delete(subject_keys)],
}
"""What may happen to a published case, as SQL that no repository needs to know of."""


@pytest.fixture
async def filled(database: Database) -> Database:
    """Give a database with a published case and one that is not."""
    nothing = dict.fromkeys(("determined_on", "published_on", "ends_on"))
    await put(
        database, subject("one"), subject_key("one"), identifier("one"), subject("two"), subject_key("two"),
        restraint("listed", "one"), restraint("waiting", "one", **nothing),
    )  # fmt: skip
    return database


async def rows(database: Database) -> list[Mapping[str, Any]]:
    return [
        dict(zip(published_cases.c.keys(), row, strict=True)) for row in await database.fetch(select(published_cases))
    ]


async def test_a_row_has_the_case_its_subject_its_number_and_its_key(filled: Database) -> None:
    (row,) = await rows(filled)
    assert row["case_id"] == CASE
    assert (row["subject_id"], row["subject_kind"], row["subject_area_code"], row["subject_version"]) == (
        WHOSE, "NATURAL_PERSON", "370305001", 1,
    )  # fmt: skip
    assert (row["name_sealed"], row["name_mask"]) == (b"sealed name of one", "masked name of one")
    assert (row["number_version"], row["number_mask"]) == (3, "masked ID_NUMBER of one")
    assert row["wrapped"] == b"key of one"


@pytest.mark.parametrize("what", CHANGES)
async def test_the_model_follows_in_the_transaction_of_the_change(filled: Database, what: str) -> None:
    before = await rows(filled)
    async with filled.writing() as session:
        for statement in CHANGES[what]:
            await session.execute(statement)
    assert await differing(filled) == 0
    comes_back = what in {"a mark that ends", "a number that comes later"}
    assert (await rows(filled) == before) == comes_back


async def test_a_change_that_is_rolled_back_leaves_the_model(filled: Database) -> None:
    before = await rows(filled)

    async def changed() -> None:
        async with filled.writing() as session:
            for statements in CHANGES.values():
                await session.execute(statements[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await changed()
    assert (await rows(filled), await differing(filled)) == (before, 0)


async def test_a_key_that_is_shredded_is_nowhere_in_the_model(filled: Database) -> None:
    async with filled.writing() as session:
        await session.execute(delete(subject_keys).where(subject_keys.c.subject_id == WHOSE))
    assert [row["wrapped"] for row in await rows(filled)] == [None]


async def test_what_no_list_shows_is_not_copied(filled: Database) -> None:
    async with filled.writing() as session:
        before = await written(filled, session)
        await session.execute(update(restraint_cases).values(handler_ref="handler-2", clock_due_on=TODAY))
        await session.execute(update(subjects).values(phone_mask="another"))
        assert await written(filled, session) - before == (4 if filled.dialect.name == "sqlite" else 0)


async def written(database: Database, session: Session) -> int:
    """Count the rows that this transaction has written: on PostgreSQL into the model, on SQLite at all."""
    if database.dialect.name == "sqlite":
        counted = "SELECT total_changes()"
    else:
        counted = (
            "SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE relname = 'published_cases'"
        )
    ((found,),) = await session.fetch_text(counted, [])
    return int(found)


TAMPERED: Mapping[str, Executable] = {
    "a row that is changed": update(published_cases).values(name_mask="another"),
    "a row that is deleted": delete(published_cases),
    "a row that should not be there": insert(published_cases).from_select(
        published_cases.c.keys(),
        select(*(literal(OTHER, Uuid) if one.name == "case_id" else one for one in published_cases.c)),
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_a_model_that_was_changed_by_hand_is_found_and_rebuilt(filled: Database, what: str) -> None:
    right = await rows(filled)
    async with filled.writing() as session:
        await session.execute(TAMPERED[what])
    assert await differing(filled) == 1
    assert await rebuild(filled) == 1
    assert (await rows(filled), await rebuild(filled)) == (right, 0)


@pytest.mark.postgres
@pytest.mark.parametrize("publishes_first", [True, False])
async def test_a_publication_and_a_correction_at_the_same_time_wait_for_each_other(
    postgresql_url: str, *, publishes_first: bool
) -> None:
    database = Database.open(postgresql_url)
    nothing = dict.fromkeys(("determined_on", "published_on", "ends_on"))
    await put(database, subject("one"), subject_key("one"), identifier("one"), restraint("waiting", "one", **nothing))
    published = dict.fromkeys(nothing, date(2026, 3, 1))
    changes = [update(restraint_cases).values(published), update(subjects).values(name_sealed=b"new", version=2)]
    first, second = changes if publishes_first else reversed(changes)
    async with database.writing() as session:
        await session.execute(first)
        other = asyncio.create_task(_write(database, second))
        await asyncio.sleep(0.2)
        assert not other.done()
    await other
    assert await differing(database) == 0
    assert [row["name_sealed"] for row in await rows(database)] == [b"new"]
    await database.close()


async def _write(database: Database, statement: Executable) -> None:
    async with database.writing() as session:
        await session.execute(statement)
