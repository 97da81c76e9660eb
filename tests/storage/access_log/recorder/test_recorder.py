"""On return a record is durable with its entry; requests that come together share a commit [5.1.6]."""

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from consent.errors import NotCanonical
from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.vocabulary import Purpose
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import CALLERS_AT_ONCE, SUBJECTS_AT_ONCE, GroupCommitRecorder
from storage.access_log.subject_index import index_waiting
from storage.database.database import Database
from storage.errors import AccessNotRecorded, DatabaseClosed
from storage.tables import (
    access_contexts,
    access_grounds,
    disclosed_subjects,
    disclosures,
    number_lookups,
    pending_entries,
)
from tests.consent.samples import AUTHORISATION_ID, BUREAU, NOW, OTHER_SUBJECT_ID, SUBJECT_ID, TODAY
from tests.storage.access_log.pages import BY_CONSENT, BY_STATUTE, CONTEXT, page
from tests.storage.access_log.recorder.recorded import chain_of
from tests.storage.access_record import pending, stored_disclosures
from tests.storage.engines import noted_statements
from tests.storage.reference_fixtures import count


async def test_on_return_the_record_and_its_entry_are_there_and_belong_together(database, recorder):
    written = [
        page(SUBJECT_ID, OTHER_SUBJECT_ID, ground=BY_STATUTE),
        page(
            SUBJECT_ID,
            OTHER_SUBJECT_ID,
            parts=[((BY_STATUTE, None), (BY_CONSENT, AUTHORISATION_ID)), ((BY_STATUTE, None),)],
        ),
        page(delay_id=UUID(int=9), opens_on=TODAY),
        page(subjects=[], parts=[]),
    ]
    await recorder.record(written, today=TODAY)
    assert await stored_disclosures(database) == written
    assert [page.commitment for page in await stored_disclosures(database)] == [page.commitment for page in written]
    assert await pending(database) == [("access", page.disclosure_id, page.entry()) for page in written]
    assert [entry[:2] for _, _, entry in await pending(database)] == [b"\0\2", b"\0\2", b"\0\0", b"\0\0"]
    columns = select(disclosures.c.ground_id, disclosures.c.parts).order_by(disclosures.c.disclosure_id)
    plain = [(ground is None, parts is None) for ground, parts in await database.fetch(columns)]
    assert plain == [(False, True), (True, False), (True, False), (True, False)]


async def test_a_subject_finds_its_records(database, recorder):
    """On SQLite by a table that is written later, on PostgreSQL by the index over the arrays."""
    written = [page(SUBJECT_ID), page(OTHER_SUBJECT_ID), page(OTHER_SUBJECT_ID, SUBJECT_ID)]
    await recorder.record(written, today=TODAY)
    if database.dialect.name == "sqlite":
        await index_waiting(database)
        own = disclosed_subjects.c
        wanted = select(own.disclosure_id).where(own.subject_id == SUBJECT_ID)
    else:
        wanted = select(disclosures.c.disclosure_id).where(text("subjects @> ARRAY[:of]").bindparams(of=SUBJECT_ID))
    assert {row[0] for row in await database.fetch(wanted)} == {written[0].disclosure_id, written[2].disclosure_id}


async def test_lookups_wait_in_the_same_group_and_count_for_nobody(database, recorder):
    lookup = NumberLookup(
        UUID(int=5), NOW, "c" * 32, "clerk", BUREAU, Purpose.CREDIT_CHECK, Entrance.SEARCH, LookupOutcome.MISS,
        "d" * 32, is_repeated=False, salt=bytes(16),
    )  # fmt: skip
    shown = page()
    await recorder.record([shown], (), [lookup], today=TODAY)
    await recorder.record((), (), [replace(lookup, entry_id=UUID(int=6))], today=TODAY)
    assert await count(database, number_lookups) == await count(database, pending_entries) == 2
    first, second, third = await pending(database)
    assert first == ("access", shown.disclosure_id, shown.entry())
    assert second == ("access", lookup.entry_id, b"\0\0" + lookup.commitment())
    assert third[1] == UUID(int=6)


async def test_nothing_to_record(database, recorder):
    await recorder.record([], today=TODAY)
    assert await count(database, disclosures) == 0


async def test_who_comes_together_shares_a_commit(database, recorder):
    await recorder.record([page()], today=TODAY)  # what all of them refer to has its own commit
    with noted_statements() as statements:
        await asyncio.gather(*(recorder.record([page()], today=TODAY) for _ in range(100)))
    commits = [statement for statement in statements if statement == "COMMIT"]
    if database.dialect.name == "postgresql":  # one statement commits by itself there: ask the rows who wrote them
        commits = (await database.fetch(text("SELECT DISTINCT xmin::text FROM disclosures")))[1:]
    assert len(commits) == 1
    assert await count(database, disclosures) == len(await pending(database)) == 1 + 100
    assert await count(database, pending_entries) == 1 + 1


async def test_more_than_one_transaction_takes(database, recorder):
    many = CALLERS_AT_ONCE * 2 + 1
    await asyncio.gather(*(recorder.record([page()], today=TODAY) for _ in range(many)))
    await recorder.record([page() for _ in range(SUBJECTS_AT_ONCE + 1)], today=TODAY)
    assert await count(database, disclosures) == len(await pending(database)) == many + SUBJECTS_AT_ONCE + 1


async def test_what_the_database_refuses_is_refused_to_its_caller_alone(database, recorder):
    there = page()
    await recorder.record([there], today=TODAY)
    again = replace(there)
    together = [[page()], [page(), again], *([page()] for _ in range(20)), [again], [page()]]
    outcomes = await asyncio.gather(
        *(recorder.record(pages, today=TODAY) for pages in together), return_exceptions=True
    )
    assert [number for number, answer in enumerate(outcomes) if answer is not None] == [1, 22]
    assert {type(answer) for answer in outcomes} == {type(None), AccessNotRecorded}
    assert await count(database, disclosures) == len(await pending(database)) == 1 + 22
    assert len(await chain_of(database)) == 1


@pytest.mark.parametrize("facts", [{"at": datetime(2026, 3, 5)}, {"seed": b"short"}])  # noqa: DTZ001 - the refusal is tested
async def test_what_cannot_be_committed_to_is_refused_at_once(database, recorder, facts):
    with pytest.raises(NotCanonical):
        await recorder.record([page(), page(**facts)], today=TODAY)
    assert await count(database, disclosures) == 0


@pytest.mark.parametrize(
    "facts", [{"actor_ref": "r" * 65}, {"context": replace(CONTEXT, role="r" * 17)}], ids=["actor", "role"]
)
async def test_a_word_too_long_is_refused_to_its_caller_alone(database, recorder, facts):
    if database.dialect.name == "sqlite":
        pytest.skip("SQLite does not measure text")
    outcomes = await asyncio.gather(
        *(recorder.record([page(**more)], today=TODAY) for more in ({}, facts, {})), return_exceptions=True
    )
    assert [type(answer) for answer in outcomes] == [type(None), AccessNotRecorded, type(None)]


async def test_an_unreachable_database_refuses_everybody_and_soon(database):
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    await database.close()
    outcomes = await asyncio.gather(
        *(recorder.record([page()], today=TODAY) for _ in range(100)), return_exceptions=True
    )
    assert {type(answer) for answer in outcomes} == {AccessNotRecorded}
    assert all(isinstance(answer.__cause__, DatabaseClosed) for answer in outcomes)
    await recorder.close()


async def test_a_record_is_never_changed_but_can_be_erased(database, recorder):
    await recorder.record([page()], today=TODAY)
    with pytest.raises(DBAPIError, match="appended only"):
        await database.write((update(disclosures).values(actor_ref="somebody else"), None))
    await database.write((delete(disclosures), None))
    assert await count(database, disclosures) == 0


async def test_contexts_and_grounds_are_stored_once_whoever_comes_first(database, database_url):
    elsewhere = Database.open(database_url)
    recorders = [GroupCommitRecorder(each, granted=granted_by_its_row) for each in (database, elsewhere)]
    grounds = [replace(BY_STATUTE, citation=f"5.2.{number}") for number in range(4)]
    for _ in range(2):
        await asyncio.gather(
            *(each.record([page(ground=ground)], today=TODAY) for each in recorders for ground in grounds)
        )
    assert await count(database, access_contexts) == 1
    assert await count(database, access_grounds) == len(grounds)
    assert {part[0][0] for each in await stored_disclosures(database) for part in each.parts} == set(grounds)
    for each in recorders:
        await each.close()
    await elsewhere.close()


# --- leaving ------------------------------------------------------------------------------------------------------


async def test_closing_waits_for_what_was_taken_and_takes_no_more(database):
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    under_way = [asyncio.create_task(recorder.record([page()], today=TODAY)) for _ in range(30)]
    await asyncio.sleep(0)
    await recorder.close()
    assert await asyncio.gather(*under_way) == [None] * 30
    assert await count(database, disclosures) == 30
    with pytest.raises(DatabaseClosed):
        await recorder.record([page()], today=TODAY)


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 9])
async def test_a_caller_that_is_cancelled_takes_nobody_along(database, recorder, turns):
    callers = [asyncio.create_task(recorder.record([page()], today=TODAY)) for _ in range(10)]
    for _ in range(turns):
        await asyncio.sleep(0)
    for caller in callers[::3]:
        caller.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert all(answer is None for number, answer in enumerate(outcomes) if number % 3)
    await recorder.record([page()], today=TODAY)
    written = {row[0] for row in await database.fetch(select(disclosures.c.disclosure_id))}
    assert len(written) >= 6 + 1
    assert written == {source for _, source, _ in await pending(database)}
