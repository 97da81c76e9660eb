"""A subject gets its head, its pages and their growth, and each proves what it claims and nothing else [5.1.6]."""

import os
from datetime import date

import pytest
from sqlalchemy import delete, insert

from consent.disclosures.proofs import verify
from consent.errors import ProofRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.completeness import verify_own_head, verify_whole
from consent.ledger.merkle_tree import root_of, verify_consistency
from consent.ledger.subject_trees import RangeProof, subject_leaf_hash, verify_range
from consent.vocabulary import ErasureReason
from credit.cases.status import UnrectifiedPolicy
from gateway.ledger.subject_trees.own_ledger import MOST_ENTRIES, OwnLedgerService
from gateway.subjects.erase import SubjectEraser
from policy.crypto.keyring import Keyring
from storage import tables
from storage.access_log.subject_index import index_waiting
from storage.ledger.own_entries import OwnTreeBroken
from storage.repositories.access_record.openings import OpeningRepository
from storage.unit_of_work import SqlUnitOfWork
from tests.gateway.ledger.subject_trees.epoch_world import NOW, PEOPLE, EpochWorld
from tests.storage.ledger.integrated import AT, append_entries
from tests.storage.ledger.test_subject_fold import page
from tests.storage.rows import key

ONE = PEOPLE[0]


@pytest.fixture
async def world(database, tmp_path):
    (tmp_path / "store").mkdir()
    Keyring.create(tmp_path / "keys.json", os.urandom)
    made = EpochWorld(database, tmp_path / "store", Keyring.load(tmp_path / "keys.json", os.urandom))
    await made.begin()
    return made


@pytest.fixture
def ledgers(world):
    return OwnLedgerService(world.database, world.keyring, world.store)


def assert_page(tree, found):
    leaves = [subject_leaf_hash(each.leaf_index, each.own_hash) for each in found.entries]
    verify_range(leaves, found.start, tree.size, tree.root, RangeProof(found.before, found.after))


async def test_a_subject_gets_what_proves_its_whole_log(world, ledgers):
    assert await ledgers.latest(ONE) is None
    await world.read(*(page(at, *PEOPLE[: at % 3 + 1]) for at in range(30)))
    assert await ledgers.latest(ONE) is None
    await world.maker.make()
    await world.read(page(40, ONE))  # after the epoch
    await world.agree(ONE)
    mine = await ledgers.latest(ONE)
    (published,) = await world.published()
    verify_own_head(mine.secret, mine.own, published)
    consent, access = mine.trees
    everything = []
    for tree in mine.trees:
        found = [each for at in range(0, tree.size, 7) for each in (await ledgers.page(ONE, tree, at, 7)).entries]
        everything.append([(each.leaf_index, each.own_hash) for each in found])
    verify_whole(mine.own.head, *everything, published)
    assert (consent.size, access.size, access.log_size) == (1, 30, 30)
    found = await ledgers.page(ONE, access, 10, 5)
    assert_page(access, found)
    for each in found.entries:
        proved = verify(each.proof, ONE, leaf_hash(each.entry))
        assert proved.record["disclosure_id"] == str(each.source)


@pytest.mark.slow
async def test_pages_and_growth_of_a_long_log(world, ledgers):
    await append_entries(world.database, "consent", [(key(f"entry {at}"), ONE, os.urandom(32)) for at in range(1_500)])
    for at in range(0, 600, 100):
        await world.read(*(page(each, ONE) for each in range(at, at + 100)))
        await world.maker.make()
    if world.database.dialect.name == "sqlite":
        await index_waiting(world.database)
    mine = await ledgers.latest(ONE)
    for tree in mine.trees:
        for start in (0, 200, 250, tree.size - 3):
            found = await ledgers.page(ONE, tree, start, 1_000)
            assert len(found.entries) == min(MOST_ENTRIES, tree.size - start)
            assert_page(tree, found)
        old = 300
        entries = [each for at in range(0, old, 100) for each in (await ledgers.page(ONE, tree, at, 100)).entries]
        before = root_of([subject_leaf_hash(each.leaf_index, each.own_hash) for each in entries])
        verify_consistency(old, before, tree.size, tree.root, await ledgers.growth(ONE, tree, old))


async def test_old_reads_and_delayed_ones_have_their_places(world, ledgers):
    old = {
        "subject_id": ONE, "entry_id": key("old"), "read_id": key("read"), "at": AT, "actor_ref": "staff-1",
        "role": "clerk", "department_code": "D1", "purpose": "CREDIT_CHECK", "basis": "CONSENT", "citation": "4.1",
        "document_hash": "a" * 64, "fields": [["a", "b", "c"]], "salt": bytes(16),
    }  # fmt: skip
    delay = {
        "subject_id": ONE, "delay_id": key("delay"), "case_id": key("case"), "department_code": "D1",
        "ordered_at": NOW, "opens_on": date(2026, 4, 1), "acts": [],
    }  # fmt: skip
    await world.database.write((insert(tables.access_entries), old), (insert(tables.entry_delays), delay))
    await append_entries(world.database, "access", [(key("old"), None, bytes(32))])
    await world.read(page(1, ONE, delay_id=key("delay"), opens_on=date(2026, 4, 1)), page(2, ONE))
    async with SqlUnitOfWork(world.database) as work:
        await OpeningRepository(work.session).open_due(date(2026, 4, 1), NOW)
        await work.commit()
    await world.integrate()
    await world.maker.make()
    mine = await ledgers.latest(ONE)
    found = await ledgers.page(ONE, mine.trees[1], 0, 20)
    assert [(each.leaf_index, each.opened_from) for each in found.entries] == [(0, None), (2, None), (3, 1)]
    assert_page(mine.trees[1], found)
    assert [each.proof is not None for each in found.entries] == [False, True, True]


async def test_after_others_were_erased_every_proof_is_the_same(world, ledgers):
    await world.read(*(page(at, *PEOPLE[:3]) for at in range(5)))
    await world.maker.make()
    mine = await ledgers.latest(ONE)
    before = await ledgers.page(ONE, mine.trees[1], 0, 20)
    eraser = SubjectEraser(world.database, world.keyring, world.runtime, UnrectifiedPolicy.STAYS)
    await eraser.erase(PEOPLE[1], "operator/head-1", ErasureReason.PERIOD_OVER, "paper 7")
    after = await ledgers.page(ONE, mine.trees[1], 0, 20)
    assert after == before
    for each in after.entries:
        verify(each.proof, ONE, leaf_hash(each.entry))
    assert await ledgers.latest(PEOPLE[1]) is None


async def test_a_read_that_is_gone_is_seen_by_its_subject(world, ledgers):
    await world.read(*(page(at, ONE) for at in range(5)))
    await world.maker.make()
    await world.database.write(
        (delete(tables.disclosures).where(tables.disclosures.c.disclosure_id == world.pages[2].disclosure_id), None)
    )
    with pytest.raises(OwnTreeBroken):
        await ledgers.latest(ONE)


@pytest.mark.parametrize(("start", "count"), [(5, 1), (-1, 3), (0, 0), (0, -3), (1 << 70, 1)])
async def test_a_page_that_the_tree_has_not_is_refused(world, ledgers, start, count):
    await world.read(*(page(at, ONE) for at in range(5)))
    await world.maker.make()
    mine = await ledgers.latest(ONE)
    with pytest.raises(ProofRefused):
        await ledgers.page(ONE, mine.trees[1], start, count)
    with pytest.raises(ProofRefused):
        await ledgers.growth(ONE, mine.trees[1], 6)
