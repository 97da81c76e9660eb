"""Every read is durable before it is shown, and no authorisation is used once too often [5.1.6]."""

import asyncio
from dataclasses import replace
from datetime import date, datetime
from itertools import count as numbers
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from consent.authorisation import Authorisation
from consent.errors import NotCanonical
from consent.log_entries import AccessEntry
from consent.vocabulary import Basis, Purpose
from storage.access_log.recorder import CALLERS_AT_ONCE, ENTRIES_AT_ONCE, GroupCommitRecorder
from storage.database.database import Database
from storage.errors import AccessNotRecorded, AuthorisationUsedUp, DatabaseClosed
from storage.repositories.authorisations import COLUMNS
from storage.tables import access_entries, authorisations, pending_entries
from tests.consent.samples import (
    AUTHORISATION_ID,
    BUREAU,
    NOW,
    OTHER_SUBJECT_ID,
    SUBJECT_ID,
    TODAY,
    day,
    live,
    on_paper,
    requested,
    used,
)
from tests.storage.engines import noted_statements
from tests.storage.reference_fixtures import count, lay, settle

NUMBERS = numbers(1)
USE = (SUBJECT_ID, AUTHORISATION_ID)


def entry(subject_id: UUID = SUBJECT_ID, **facts: object) -> AccessEntry:
    plain = AccessEntry(
        subject_id=subject_id,
        entry_id=UUID(int=next(NUMBERS)),
        read_id=UUID(int=7),
        at=NOW,
        actor_ref="staff-1",
        role="clerk",
        department_code=BUREAU,
        purpose=Purpose.CREDIT_CHECK,
        basis=Basis.CONSENT,
        citation="四（一）",
        authorisation_id=AUTHORISATION_ID,
        document_hash="a" * 64,
        fields=(("Subject.name", "PERSON_NAME", "CLEAR"), ("RestraintCase.facts", "FACTS", "MASKED")),
        salt=bytes(range(16)),
    )
    return replace(plain, **facts)


@pytest.fixture(autouse=True)
async def settled(database):
    await lay(database)
    await settle(database)


@pytest.fixture
async def recorder(database):
    opened = GroupCommitRecorder(database)
    yield opened
    await opened.close()


async def authorise(database: Database, authorisation: Authorisation) -> None:
    row = {name: getattr(authorisation, name) for name in COLUMNS}
    await database.write((insert(authorisations), row))


async def uses_made(database: Database) -> int:
    rows = await database.fetch(select(authorisations.c.uses_made))
    made: int = rows[0][0]
    return made


async def test_on_return_entry_and_leaf_are_there_and_belong_together(database, recorder):
    written = entry()
    await recorder.record([written], today=TODAY)
    stored = AccessEntry(
        **dict(zip(access_entries.c.keys(), (await database.fetch(select(access_entries)))[0], strict=True))
    )
    assert stored.leaf_hash() == written.leaf_hash()
    columns = (
        pending_entries.c.entry_id,
        pending_entries.c.log,
        pending_entries.c.leaf_hash,
        pending_entries.c.appended_at,
    )
    assert await database.fetch(select(*columns)) == [(written.entry_id, "access", written.leaf_hash(), NOW)]


async def test_nothing_to_record(database, recorder):
    await recorder.record([], today=TODAY)
    assert await count(database, access_entries) == 0


async def test_who_comes_together_shares_a_commit(database, recorder):
    with noted_statements() as statements:
        await asyncio.gather(*(recorder.record([entry()], today=TODAY) for _ in range(100)))
    commits = [statement for statement in statements if statement == "COMMIT"]
    if database.dialect.name == "postgresql":  # one statement commits by itself there: ask the rows who wrote them
        commits = await database.fetch(text("SELECT DISTINCT xmin::text FROM access_entries"))
    assert len(commits) == 1
    assert await count(database, access_entries) == await count(database, pending_entries) == 100


async def test_more_than_one_transaction_takes(database, recorder):
    many = CALLERS_AT_ONCE * 2 + 1
    await asyncio.gather(*(recorder.record([entry()], today=TODAY) for _ in range(many)))
    await recorder.record([entry() for _ in range(ENTRIES_AT_ONCE + 1)], today=TODAY)
    assert await count(database, access_entries) == many + ENTRIES_AT_ONCE + 1


@pytest.mark.parametrize(
    ("case", "facts"),
    [
        ("a subject that is not there", {"subject_id": UUID(int=99)}),
        ("an entry that is there already", {"entry_id": UUID(int=10**9)}),
    ],
)
async def test_what_the_database_refuses_is_refused_to_its_caller_alone(database, recorder, case, facts):
    await recorder.record([entry(entry_id=UUID(int=10**9))], today=TODAY)
    together = [[entry()], [entry(), entry(**facts)], *([entry()] for _ in range(20)), [entry(**facts)], [entry()]]
    outcomes = await asyncio.gather(
        *(recorder.record(entries, today=TODAY) for entries in together), return_exceptions=True
    )
    assert [number for number, answer in enumerate(outcomes) if answer is not None] == [1, 22]
    assert {type(answer) for answer in outcomes} == {type(None), AccessNotRecorded}
    assert await count(database, access_entries) == await count(database, pending_entries) == 1 + 22


@pytest.mark.parametrize("facts", [{"at": datetime(2026, 3, 5)}, {"salt": b"short"}])  # noqa: DTZ001 - the refusal is tested
async def test_what_cannot_be_committed_to_is_refused_at_once(database, recorder, facts):
    with pytest.raises(NotCanonical):
        await recorder.record([entry(), entry(**facts)], today=TODAY)
    assert await count(database, access_entries) == 0


async def test_a_word_too_long_is_refused_to_its_caller_alone(database, recorder):
    if database.dialect.name == "sqlite":
        pytest.skip("SQLite does not measure text")
    outcomes = await asyncio.gather(
        *(recorder.record([entry(role=role)], today=TODAY) for role in ("clerk", "r" * 17, "head")),
        return_exceptions=True,
    )
    assert [type(answer) for answer in outcomes] == [type(None), AccessNotRecorded, type(None)]


async def test_an_unreachable_database_refuses_everybody_and_soon(database):
    recorder = GroupCommitRecorder(database)
    await database.close()
    outcomes = await asyncio.gather(
        *(recorder.record([entry()], today=TODAY) for _ in range(100)), return_exceptions=True
    )
    assert {type(answer) for answer in outcomes} == {AccessNotRecorded}
    assert all(isinstance(answer.__cause__, DatabaseClosed) for answer in outcomes)
    await recorder.close()


async def test_an_entry_is_never_changed_but_can_be_erased(database, recorder):
    await recorder.record([entry()], today=TODAY)
    with pytest.raises(DBAPIError, match="appended only"):
        await database.write((update(access_entries).values(actor_ref="somebody else"), None))
    await database.write((delete(access_entries), None))
    assert await count(database, access_entries) == 0


# --- uses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "authorisation", "today", "made"),
    [
        ("live", live(), TODAY, 1),
        ("on its last day", live(), live().expires_on, 1),
        ("recorded from paper", on_paper(), TODAY, 1),
        ("with one use left", used(live(), live().uses_allowed - 1), TODAY, live().uses_allowed),
        ("asked for, not granted", requested(), TODAY, None),
        ("refused", replace(requested(), refused_at=NOW), TODAY, None),
        ("withdrawn", replace(live(), withdrawn_at=NOW), TODAY, None),
        ("contested", replace(on_paper(), contested_at=NOW), TODAY, None),
        ("a day after its last", live(), day((live().expires_on - TODAY).days + 1), None),
        ("used up", used(live(), live().uses_allowed), TODAY, None),
        ("of another subject", replace(live(), subject_id=OTHER_SUBJECT_ID), TODAY, None),
        ("another one", replace(live(), authorisation_id=UUID(int=99)), TODAY, None),
    ],
)
async def test_a_use_is_made_of_what_is_live(database, recorder, case, authorisation, today: date, made):
    await authorise(database, authorisation)
    if made is None:
        with pytest.raises(AuthorisationUsedUp) as refused:
            await recorder.record([entry()], [USE], today=today)
        assert refused.value.authorisation_id == AUTHORISATION_ID
    else:
        await recorder.record([entry()], [USE], today=today)
    assert await uses_made(database) == (authorisation.uses_made if made is None else made)
    assert await count(database, access_entries) == await count(database, pending_entries) == (made is not None)


async def test_of_many_who_come_together_only_as_many_read_as_were_allowed(database, recorder):
    await authorise(database, live())
    outcomes = await asyncio.gather(
        *(recorder.record([entry()], [USE], today=TODAY) for _ in range(10)),
        recorder.record([entry(OTHER_SUBJECT_ID, authorisation_id=None, basis=Basis.STATUTE)], today=TODAY),
        return_exceptions=True,
    )
    allowed = live().uses_allowed
    assert [answer is None for answer in outcomes] == [number < allowed or number == 10 for number in range(11)]
    assert await uses_made(database) == allowed
    assert await count(database, access_entries) == allowed + 1


async def test_of_several_uses_all_are_made_or_none(database, recorder):
    other = (OTHER_SUBJECT_ID, UUID(int=5))
    await authorise(database, live())
    await authorise(
        database, replace(used(live(), live().uses_allowed), subject_id=other[0], authorisation_id=other[1])
    )
    with pytest.raises(AuthorisationUsedUp) as refused:
        await recorder.record([entry(), entry(OTHER_SUBJECT_ID)], [USE, other], today=TODAY)
    assert refused.value.authorisation_id == other[1]
    with pytest.raises(AuthorisationUsedUp):
        await recorder.record([entry()], [USE] * (live().uses_allowed + 1), today=TODAY)
    made = select(authorisations.c.uses_made).order_by(authorisations.c.subject_id)
    assert await database.fetch(made) == [(0,), (live().uses_allowed,)]
    assert await count(database, access_entries) == 0


async def test_two_gateways_together_never_use_more_than_was_allowed(database, database_url, recorder):
    await authorise(database, replace(live(), uses_allowed=25))
    elsewhere = Database.open(database_url)
    another = GroupCommitRecorder(elsewhere)

    async def read(by: GroupCommitRecorder) -> bool:
        await asyncio.sleep(0)
        try:
            await by.record([entry()], [USE], today=TODAY)
        except AuthorisationUsedUp:
            return False
        return True

    outcomes = await asyncio.gather(*(read(recorder if number % 2 else another) for number in range(60)))
    assert sum(outcomes) == await uses_made(database) == await count(database, access_entries) == 25
    await another.close()
    await elsewhere.close()


# --- leaving ------------------------------------------------------------------------------------------------------


async def test_closing_waits_for_what_was_taken_and_takes_no_more(database):
    recorder = GroupCommitRecorder(database)
    under_way = [asyncio.create_task(recorder.record([entry()], today=TODAY)) for _ in range(30)]
    await asyncio.sleep(0)
    await recorder.close()
    assert await asyncio.gather(*under_way) == [None] * 30
    assert await count(database, access_entries) == 30
    with pytest.raises(DatabaseClosed):
        await recorder.record([entry()], today=TODAY)


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 9])
async def test_a_caller_that_is_cancelled_takes_nobody_along(database, recorder, turns):
    callers = [asyncio.create_task(recorder.record([entry()], today=TODAY)) for _ in range(10)]
    for _ in range(turns):
        await asyncio.sleep(0)
    for caller in callers[::3]:
        caller.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert all(answer is None for number, answer in enumerate(outcomes) if number % 3)
    await recorder.record([entry()], today=TODAY)
    written = {row[0] for row in await database.fetch(select(access_entries.c.entry_id))}
    assert len(written) >= 6 + 1
    assert len(written) == await count(database, pending_entries)
