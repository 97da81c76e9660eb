"""What a lawful delay covered counts for nobody until its date, and then once, by a second entry [5.1.6]."""

from datetime import date, timedelta

from sqlalchemy import insert, select, update

from consent.disclosures.openings import disclosure_opened_bytes
from consent.leaves.canonical_form import commitment
from consent.ledger.merkle_tree import root_of
from storage.ledger.recomputed_entries import recomputed
from storage.ledger.subject_trees.subject_fold import Fold, SubjectFold
from storage.repositories.access_record.openings import OpeningRepository
from storage.tables import entry_delays, ledger_entries
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.samples import NOW
from tests.storage.ledger.integrated import assert_trees, integrate
from tests.storage.ledger.test_subject_fold import PEOPLE, counted, page, record
from tests.storage.reference_fixtures import lay, settle
from tests.storage.rows import key

ENDS = date(2026, 4, 1)
DELAY = key("delay")


async def open_due(database, today):
    async with SqlUnitOfWork(database) as work:
        opened = await OpeningRepository(work.session).open_due(today, NOW)
        await work.commit()
    await integrate(database)
    await SubjectFold(database).fold()
    return opened


async def test_a_delayed_read_counts_once_from_its_date_on(database):
    await lay(database)
    await settle(database, PEOPLE)
    delay = {
        "subject_id": PEOPLE[0], "delay_id": DELAY, "case_id": key("case"), "department_code": "D1",
        "ordered_at": NOW, "opens_on": ENDS, "acts": [],
    }  # fmt: skip
    await database.write((insert(entry_delays), delay))
    open_page = page(0, *PEOPLE[:2])
    hidden = page(1, PEOPLE[0], delay_id=DELAY, opens_on=ENDS)
    await record(database, open_page, hidden)
    assert await open_due(database, ENDS - timedelta(days=1)) == 0
    before = {one: [(0, own)] for one, own in zip(open_page.subjects, open_page.sub_leaves, strict=True)}
    await assert_trees(database, "access", before)
    extended = update(entry_delays).values(opens_on=ENDS + timedelta(days=5))
    await database.write((extended, None))
    assert await open_due(database, ENDS) == 0
    assert await open_due(database, ENDS + timedelta(days=5)) == 1
    assert await open_due(database, ENDS + timedelta(days=6)) == 0
    await assert_trees(database, "access", before | {PEOPLE[0]: [*before[PEOPLE[0]], (2, hidden.sub_leaves[0])]})
    assert await counted(database, "access") == Fold(position=3, stated=3)
    entries = await database.fetch(select(ledger_entries.c.source, ledger_entries.c.leaf).order_by("leaf_index"))
    source, leaf = entries[-1]
    written = disclosure_opened_bytes(1, root_of(hidden.sub_leaves), 1)
    assert bytes(leaf) == b"\0\1" + commitment(hidden.salts[:16], written)
    assert source.bytes == bytes(leaf)[2:18]


async def test_the_second_entry_is_recomputed_from_its_rows(database):
    await lay(database)
    await settle(database, PEOPLE)
    delay = {
        "subject_id": PEOPLE[0], "delay_id": DELAY, "case_id": key("case"), "department_code": "D1",
        "ordered_at": NOW, "opens_on": ENDS, "acts": [],
    }  # fmt: skip
    await database.write((insert(entry_delays), delay))
    await record(database, page(1, PEOPLE[0], delay_id=DELAY, opens_on=ENDS))
    await open_due(database, ENDS)
    entries = await database.fetch(select(ledger_entries.c.source, ledger_entries.c.leaf))
    async with database.snapshot() as session:
        found = await recomputed(session, "access", [source for source, _ in entries])
    assert found == {source: bytes(leaf) for source, leaf in entries}
