"""Every read is durable before it is shown, and no authorisation is used once too often [5.1.6]."""

import asyncio
import contextlib
import hmac
from dataclasses import replace
from datetime import date, datetime
from itertools import count as numbers
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from consent.authorisation import Authorisation
from consent.disclosures.formats import AccessContext, Disclosure, Ground
from consent.errors import NotCanonical
from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.vocabulary import Basis, Channel, KnownBy, Purpose
from storage.access_log.recorder import CALLERS_AT_ONCE, SUBJECTS_AT_ONCE, GroupCommitRecorder
from storage.access_log.subject_index import index_waiting
from storage.database.database import Database
from storage.errors import AccessNotRecorded, AuthorisationUsedUp, DatabaseClosed
from storage.repositories.authorisations import COLUMNS
from storage.tables import (
    access_contexts,
    access_grounds,
    authorisations,
    disclosed_subjects,
    disclosures,
    number_lookups,
    pending_entries,
)
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
from tests.storage.access_record import pending, stored_disclosures
from tests.storage.engines import noted_statements
from tests.storage.reference_fixtures import count, lay, settle

NUMBERS = numbers(1)
USE = (SUBJECT_ID, AUTHORISATION_ID)


CONTEXT = AccessContext("clerk", BUREAU, Purpose.CREDIT_CHECK, Channel.GRAPHQL, KnownBy.TOKEN, "a" * 64)
SHOWN = (("Subject.name", "PERSON_NAME", "CLEAR"), ("RestraintCase.facts", "FACTS", "MASKED"))
BY_CONSENT = Ground(Basis.CONSENT, "四（一）", SHOWN)
BY_STATUTE = Ground(Basis.STATUTE, "5.2.2", SHOWN)


def page(*subjects: UUID, ground: Ground = BY_CONSENT, **facts: object) -> Disclosure:
    used = AUTHORISATION_ID if ground is BY_CONSENT else None
    shown = list(subjects or (SUBJECT_ID,))
    plain = Disclosure(
        disclosure_id=UUID(int=next(NUMBERS)),
        request_id=UUID(int=7),
        at=NOW,
        actor_ref="staff-1",
        context=CONTEXT,
        subjects=shown,
        parts=[((ground, used),)] * len(shown),
        seed=bytes(range(16)),
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
    recorder = GroupCommitRecorder(database)
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
            await recorder.record([page()], [USE], today=today)
        assert refused.value.authorisation_id == AUTHORISATION_ID
    else:
        await recorder.record([page()], [USE], today=today)
    assert await uses_made(database) == (authorisation.uses_made if made is None else made)
    assert await count(database, disclosures) == len(await pending(database)) == (made is not None)


async def test_of_many_who_come_together_only_as_many_read_as_were_allowed(database, recorder):
    await authorise(database, live())
    outcomes = await asyncio.gather(
        *(recorder.record([page()], [USE], today=TODAY) for _ in range(10)),
        recorder.record([page(OTHER_SUBJECT_ID, ground=BY_STATUTE)], today=TODAY),
        return_exceptions=True,
    )
    allowed = live().uses_allowed
    assert [answer is None for answer in outcomes] == [number < allowed or number == 10 for number in range(11)]
    assert await uses_made(database) == allowed
    assert await count(database, disclosures) == allowed + 1


async def test_of_several_uses_all_are_made_or_none(database, recorder):
    other = (OTHER_SUBJECT_ID, UUID(int=5))
    await authorise(database, live())
    await authorise(
        database, replace(used(live(), live().uses_allowed), subject_id=other[0], authorisation_id=other[1])
    )
    with pytest.raises(AuthorisationUsedUp) as refused:
        await recorder.record([page(), page(OTHER_SUBJECT_ID)], [USE, other], today=TODAY)
    assert refused.value.authorisation_id == other[1]
    with pytest.raises(AuthorisationUsedUp):
        await recorder.record([page()], [USE] * (live().uses_allowed + 1), today=TODAY)
    made = select(authorisations.c.uses_made).order_by(authorisations.c.subject_id)
    assert await database.fetch(made) == [(0,), (live().uses_allowed,)]
    assert await count(database, disclosures) == 0


async def test_two_gateways_together_never_use_more_than_was_allowed(database, database_url, recorder):
    await authorise(database, replace(live(), uses_allowed=25))
    elsewhere = Database.open(database_url)
    another = GroupCommitRecorder(elsewhere)

    async def read(by: GroupCommitRecorder) -> bool:
        await asyncio.sleep(0)
        try:
            await by.record([page()], [USE], today=TODAY)
        except AuthorisationUsedUp:
            return False
        return True

    outcomes = await asyncio.gather(*(read(recorder if number % 2 else another) for number in range(60)))
    assert sum(outcomes) == await uses_made(database) == await count(database, disclosures) == 25
    await another.close()
    await elsewhere.close()


# --- the chain --------------------------------------------------------------------------------------------------------

KEY = b"the recorder's key"


def tag(written: bytes) -> bytes:
    return hmac.digest(KEY, written, "sha256")


async def chain_of(database: Database) -> dict[UUID | None, list[tuple[int, bytes]]]:
    """Give the numbers and tags of each recorder, after checking that the tags are those of the rows."""
    found: dict[UUID | None, list[tuple[int, bytes]]] = {}
    names = "recorder", "number", "log", "sources", "leaves", "tag"
    for recorder, number, log, sources, leaves, made in await database.fetch(
        select(*(pending_entries.c[name] for name in names)).order_by(pending_entries.c.number)
    ):
        before = found.setdefault(recorder, [])
        if made is not None:
            previous = before[-1][1] if before else bytes(32)
            written = b"chengxin/pending/1" + recorder.bytes + number.to_bytes(8, "big") + b"\x01" + previous
            written += len(sources).to_bytes(4, "big") + sources + leaves
            assert (log, made) == ("access", tag(written))
        before.append((number, made))
    return found


@pytest.fixture
async def keyed(database_url):
    opened = Database.open(database_url, tag=tag)
    yield opened
    await opened.close()


async def test_groups_are_numbered_without_a_gap_and_each_tag_covers_the_one_before(database, keyed):
    await authorise(database, used(live(), live().uses_allowed))
    recorder = GroupCommitRecorder(keyed)
    there = page()
    for pages in ([there], [page()], [there], [page(), page()], [page()]):
        with contextlib.suppress(AccessNotRecorded):
            await recorder.record(pages, today=TODAY)
        with pytest.raises(AuthorisationUsedUp):
            await recorder.record([page()], [USE], today=TODAY)
    await recorder.close()
    ((_, groups),) = (await chain_of(keyed)).items()
    assert [number for number, _ in groups] == [0, 1, 2, 3]


async def test_where_it_is_not_known_whether_a_group_was_committed_another_recorder_begins(keyed, monkeypatch):
    recorder = GroupCommitRecorder(keyed)
    write = keyed.write_text

    async def lose_the_answer(steps):
        await write(steps)
        raise ConnectionResetError

    await recorder.record([page()], today=TODAY)
    monkeypatch.setattr(keyed, "write_text", lose_the_answer)
    with pytest.raises(AccessNotRecorded):
        await recorder.record([page()], today=TODAY)
    monkeypatch.undo()
    # Another server answers now, which lacks the last rows.
    await keyed.write((delete(access_contexts), None), (delete(access_grounds), None))
    await recorder.record([page()], today=TODAY)
    await recorder.close()
    assert await count(keyed, access_contexts) == await count(keyed, access_grounds) == 1
    assert sorted([number for number, _ in groups] for groups in (await chain_of(keyed)).values()) == [[0], [0, 1]]


async def test_contexts_and_grounds_are_stored_once_whoever_comes_first(database, database_url):
    elsewhere = Database.open(database_url)
    recorders = [GroupCommitRecorder(each) for each in (database, elsewhere)]
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
    recorder = GroupCommitRecorder(database)
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
