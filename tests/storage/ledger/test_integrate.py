"""What waits is integrated once, in one transaction, and nothing that does not belong there gets in [5.1.6]."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from itertools import count as numbers
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update

from consent.errors import EdgeRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.merkle_tree import root_of
from consent.ports import LOG_CODES, Log
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.errors import TreeMoved
from storage.ledger.check_groups import Fault
from storage.ledger.integrate import Integration, Integrator
from storage.ledger.recomputed_entries import recomputed
from storage.repositories.ledger_leaves import LedgerSession
from storage.tables import held_groups, ledger_entries, pending_entries, system_entries
from tests.consent.samples import NOW, OTHER_SUBJECT_ID, SUBJECT_ID
from tests.storage.access_log.pages import BY_STATUTE, page
from tests.storage.access_record import stored_disclosures
from tests.storage.reference_fixtures import count, lay, settle

NEW_IDS = (UUID(int=number) for number in numbers(10**6))


def tag(written: bytes) -> bytes:
    return hmac.digest(b"the recorder key", written, "sha256")


@pytest.fixture
async def database(database_url):
    """Give a database that tags what waits, as a gateway with a key file has it."""
    opened = Database.open(database_url, tag=tag)
    await lay(opened)
    await settle(opened)
    yield opened
    await opened.close()


@pytest.fixture
def integrator(database):
    return Integrator(database, recomputed, lambda: next(NEW_IDS))


async def record(database: Database, *pages: int) -> None:
    """Record groups of so many pages each, one group after another, by one recorder."""
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    for size in pages:
        await recorder.record([page(SUBJECT_ID, OTHER_SUBJECT_ID, ground=BY_STATUTE) for _ in range(size)])
    await recorder.close()


async def append(database: Database, log: Log, *entries: tuple[UUID, bytes]) -> None:
    """Append entries as a mutation does."""
    async with database.writing() as session:
        ledger = LedgerSession(session, database.tag)
        for source, entry in entries:
            ledger.append(log, source, entry, SUBJECT_ID if log == "consent" else None)
        await ledger.write_entries()


def source(number: int) -> UUID:
    return UUID(int=2**100 + number)


async def leaves(database: Database, log: Log) -> Sequence[bytes]:
    rows = await database.fetch(
        select(ledger_entries.c.leaf_index, ledger_entries.c.leaf)
        .where(ledger_entries.c.log == LOG_CODES[log])
        .order_by(ledger_entries.c.leaf_index)
    )
    assert [index for index, _ in rows] == list(range(len(rows)))
    return [bytes(leaf) for _, leaf in rows]


async def integrate_all(integrator: Integrator, most: int = 4, now: datetime = NOW) -> Integration:
    """Integrate until nothing waits; return what the last round had, with everything that was found."""
    trees, found = await integrator.read_trees(), []
    while True:
        done = await integrator.integrate(trees, now, most)
        trees = done.trees
        found += done.findings
        if not done.groups:
            return Integration(trees, 0, 0, found)


async def test_every_entry_gets_its_place_once_and_the_tree_is_that_of_the_entries(database, integrator):
    await record(database, 1, 3, 2)
    await append(database, "consent", *((source(n), bytes([n]) * 32) for n in range(1, 6)))
    await append(database, "system", (source(9), b'{"type":"a/1"}'))

    done = await integrate_all(integrator, most=2)

    assert not done.findings
    assert await count(database, pending_entries) == 0
    for log, size in (("access", 6), ("consent", 5), ("system", 1)):
        entries = await leaves(database, log)
        assert len(entries) == done.trees[log].size == size
        assert done.trees[log].root == root_of([leaf_hash(each) for each in entries])
    assert await integrator.read_trees() == done.trees


async def test_the_bytes_of_an_entry_its_source_and_its_subject_stay_as_they_were(database, integrator):
    await record(database, 2)
    await append(database, "consent", (source(1), bytes(32)))
    waiting = await database.fetch(select(pending_entries.c.log, pending_entries.c.sources, pending_entries.c.leaves))

    await integrate_all(integrator)

    rows = await database.fetch(
        select(ledger_entries.c.log, ledger_entries.c.source, ledger_entries.c.owner, ledger_entries.c.leaf)
    )
    for log, sources, joined in waiting:
        here = [row for row in rows if row[0] == LOG_CODES[log]]
        assert b"".join(len(leaf).to_bytes(2, "big") + leaf for *_, leaf in here) == joined
        assert b"".join(source.bytes for _, source, *_ in here) == sources
        assert {owner for _, _, owner, _ in here} == {SUBJECT_ID if log == "consent" else None}


async def test_a_sequencer_that_read_another_tree_changes_nothing(database, integrator):
    await record(database, 1)
    before = await integrator.read_trees()
    await integrator.integrate(before, NOW)
    await record(database, 1)

    with pytest.raises(TreeMoved):
        await integrator.integrate(before, NOW)

    assert await count(database, pending_entries) == 1
    assert len(await leaves(database, "access")) == 1


@pytest.mark.parametrize("statement", [
    "UPDATE ledger_trees SET size = size + 1",
    "UPDATE ledger_trees SET edge = substr(edge, 1, 31)",
    "DELETE FROM ledger_trees",
])  # fmt: skip
async def test_a_tree_that_somebody_changed_is_never_continued(database, integrator, statement):
    await record(database, 1)
    trees = (await integrator.integrate({}, NOW)).trees
    await record(database, 1)
    await database.write_text([(statement, [()])])

    with pytest.raises((TreeMoved, EdgeRefused)):
        await integrator.integrate(trees, NOW)

    assert await count(database, pending_entries) == 1


ATTACKS = {
    "a leaf of a recorder's group is changed":
        (update(pending_entries).where(pending_entries.c.number == 1).values(leaves=b"\x00\x20" + bytes(32)),
         [(Fault.TAG, 1, True)], 3),
    "a source is changed":
        (update(pending_entries).where(pending_entries.c.number == 1).values(sources=UUID(int=5).bytes),
         [(Fault.TAG, 1, True)], 3),
    "a tag is changed, and the record is whole":
        (update(pending_entries).where(pending_entries.c.number == 1).values(tag=bytes(32)),
         [(Fault.TAG, 1, False), (Fault.TAG, 2, False)], 4),
    "a tag is taken away, and the record is whole":
        (update(pending_entries).where(pending_entries.c.number == 3).values(tag=None), [(Fault.TAG, 3, False)], 4),
    "a group is deleted":
        (delete(pending_entries).where(pending_entries.c.number == 1), [(Fault.GAP, 2, False)], 3),
    "the first group is deleted":
        (delete(pending_entries).where(pending_entries.c.number == 0), [(Fault.GAP, 1, False)], 3),
    "a group gets the number of another":
        (update(pending_entries).where(pending_entries.c.number == 2).values(number=1),
         [(Fault.GAP, 3, False), (Fault.REPEATED, 1, False)], 4),
    "the columns do not belong together":
        (update(pending_entries).where(pending_entries.c.number == 3).values(sources=b"short"),
         [(Fault.FORM, 3, True)], 3),
    "a group is said to be of another log":
        (update(pending_entries).where(pending_entries.c.number == 3).values(log="consent"),
         [(Fault.TAG, 3, True)], 3),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
async def test_whatever_is_done_to_groups_that_wait_is_found_and_only_what_the_record_gives_gets_in(
    database, integrator, attack
):
    statement, found, integrated = ATTACKS[attack]
    await record(database, 1, 1, 1, 1)
    true_entries = [page.entry() for page in await stored_disclosures(database)]
    await database.write((statement, None))

    done = await integrate_all(integrator)

    # Of two groups with one number, either may come first.
    findings = {(each.fault, each.number, each.is_held) for each in done.findings}
    assert findings - {(Fault.TAG, 1, False)} == set(found) - {(Fault.TAG, 1, False)}
    assert len(done.findings) in {len(found), len(found) + ("number of another" in attack)}
    entries = await leaves(database, "access")
    assert len(entries) == integrated
    assert set(entries) <= set(true_entries)
    held = sum(is_held for *_, is_held in found)
    assert (await count(database, held_groups), await count(database, system_entries)) == (held, held)
    assert await count(database, pending_entries) == 0


async def test_an_untagged_row_from_before_the_ledger_is_taken_where_its_rows_give_it(database, integrator):
    await record(database, 2)
    await database.write((update(pending_entries).values(recorder=None, number=None, tag=None), None))

    done = await integrate_all(integrator)

    assert [(each.fault, each.is_held) for each in done.findings] == [(Fault.TAG, False)]
    assert len(await leaves(database, "access")) == 2


async def test_a_group_that_is_there_already_is_taken_once(database, integrator):
    """A row copied between databases, or left by a sequencer that lost its connection."""
    await append(database, "consent", (source(1), bytes(32)), (source(2), bytes([2]) * 32))
    await integrate_all(integrator)
    await append(database, "consent", (source(1), bytes(32)), (source(3), bytes([3]) * 32))
    await append(database, "consent", (source(2), bytes([9]) * 32))

    done = await integrate_all(integrator)

    assert await leaves(database, "consent") == [bytes(32), bytes([2]) * 32, bytes([3]) * 32]
    assert [(each.fault, each.is_held) for each in done.findings] == [(Fault.REPEATED, True)]


async def test_a_group_that_can_be_seen_later_than_its_successor_is_no_gap(database, integrator):
    """On PostgreSQL the place of a row says nothing of when it can be seen; SQLite gives numbers again."""
    await record(database, 1, 1, 1)
    rows = await database.fetch(select(pending_entries).order_by(pending_entries.c.number))
    await database.write((delete(pending_entries), None))
    names = [column.name for column in pending_entries.c]
    for row in reversed(rows):
        await database.write((insert(pending_entries), dict(zip(names, row, strict=True))))

    done = await integrate_all(integrator, most=1)

    assert not done.findings
    assert len(await leaves(database, "access")) == 3


async def test_the_entries_of_a_recorder_follow_one_another_from_round_to_round(database, integrator):
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    trees, sizes = {}, []
    for _ in range(3):
        await recorder.record([page(SUBJECT_ID, ground=BY_STATUTE)])
        done = await integrator.integrate(trees, NOW)
        trees = done.trees
        assert not done.findings
        sizes.append(trees["access"].size)
    await recorder.close()
    assert sizes == [1, 2, 3]
