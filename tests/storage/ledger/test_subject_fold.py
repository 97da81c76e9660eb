"""The entries of the logs go into the trees of their subjects, each once, wherever a fold stops [5.1.6]."""

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select

from consent.disclosures.formats import Disclosure, Ground
from consent.leaves.canonical_form import leaf_hash
from consent.vocabulary import Basis
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.ledger.subject_trees.remembered_heads import HEAD_BYTES, RememberedHeads
from storage.ledger.subject_trees.subject_fold import Fold, SubjectFold, read_fold
from storage.tables import (
    access_grounds,
    disclosures,
    ledger_entries,
    ledger_folds,
    ledger_restores,
    ledger_trees,
    subject_heads,
)
from tests.consent.samples import NOW
from tests.storage.access_log.pages import BY_STATUTE, CONTEXT
from tests.storage.ledger.integrated import AT, append_entries, assert_trees, integrate
from tests.storage.rows import key

PEOPLE = [key(f"person {at}") for at in range(7)]
OTHER_GROUND = Ground(Basis.CONSENT, "4.1", (("Subject.name", "PERSON_NAME", "CLEAR"),))


def page(serial: int, *subjects: UUID, **facts: object) -> Disclosure:
    """A disclosure with an id of version 7; the second subject is shown by two grounds."""
    parts = [((BY_STATUTE, None),)] * len(subjects)
    if len(subjects) > 1:
        parts[1] = ((BY_STATUTE, None), (OTHER_GROUND, key("authorisation")))
    plain = Disclosure(
        disclosure_id=UUID(int=(1_772_672_523_000 + serial) << 80 | 7 << 76 | 2 << 62 | serial),
        request_id=UUID(int=7),
        at=NOW,
        actor_ref="staff-1",
        context=CONTEXT,
        subjects=list(subjects),
        parts=parts,
        seed=bytes(15) + bytes([serial % 256]),
    )
    return replace(plain, **facts)


async def record(database, *pages):
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    await asyncio.gather(*(recorder.record([each]) for each in pages))
    await recorder.close()
    await integrate(database)


def expected(pages):
    trees = {}
    for at, each in enumerate(pages):
        if each.counted:
            for subject_id, own in zip(each.subjects, each.sub_leaves, strict=True):
                trees.setdefault(subject_id, []).append((at, own))
    return trees


async def counted(database, log):
    """Give the fold of a log, without which entry was the last."""
    return replace(await read_fold(database, log), last_source=None)


def pages_of(count):
    return [page(at, *PEOPLE[at % 5 : at % 5 + at % 4]) for at in range(count)]


async def test_each_subject_gets_its_own_hash_of_every_page(database):
    pages = [*pages_of(40), page(40, *PEOPLE[:3], delay_id=key("delay"), opens_on=date(2026, 4, 1))]
    await record(database, *pages)
    fold = SubjectFold(database)
    assert await fold.fold() == 41
    await assert_trees(database, "access", expected(pages))
    stated = sum(each.counted for each in pages)
    assert await counted(database, "access") == Fold(position=41, stated=stated)
    assert await fold.fold() == 0


async def test_what_is_folded_in_steps_is_the_same(database):
    pages = pages_of(90)
    fold = SubjectFold(database)
    for at in range(0, 90, 30):
        await record(database, *pages[at : at + 30])
        while await fold.step("access", 7):
            pass
    await assert_trees(database, "access", expected(pages))


@pytest.mark.parametrize("most", [0, 4 * HEAD_BYTES, 1 << 20])
async def test_what_is_remembered_of_the_trees_changes_nothing(database, monkeypatch, most):
    """Also where another fold, and an erasure that removed a tree, came between."""
    pages = pages_of(60)
    fold = SubjectFold(database)
    monkeypatch.setitem(fold._remembered, "access", RememberedHeads(most))
    for at in range(0, 60, 20):
        await record(database, *pages[at : at + 20])
        for _ in range(3):
            await fold.step("access", 4)
        await SubjectFold(database).step("access", 3)
        await fold.fold()
    await assert_trees(database, "access", expected(pages))
    removed = delete(subject_heads).where(subject_heads.c.subject_id == PEOPLE[0])
    await database.write((removed, None), (ledger_folds.update().values(revision=ledger_folds.c.revision + 1), None))
    await record(database, page(60, PEOPLE[0], PEOPLE[1]))
    await fold.fold()
    counts = select(subject_heads.c.access_count).where(subject_heads.c.subject_id == PEOPLE[0])
    assert await database.fetch(counts) == [(1,)]


def test_remembered_heads_stay_within_their_bytes():
    heads = RememberedHeads(100 * HEAD_BYTES)
    for at in range(1_000):
        heads.keep(iter([(at.to_bytes(16), (1, b"", None, None))]), at)
        assert len(heads._new) + len(heads._old) <= 101
    assert list(heads.find([(999).to_bytes(16), (1).to_bytes(16)])) == [(1, b"", None, None), None]
    heads.hold_at("elsewhere")
    assert list(heads.find([(999).to_bytes(16)])) == [None]


async def test_of_two_at_once_one_does_nothing(database):
    pages = pages_of(30)
    await record(database, *pages)
    folds = [SubjectFold(database), SubjectFold(database)]
    taken = await asyncio.gather(*(fold.step("access", 30) for fold in folds))
    assert sorted(taken) == [0, 30]
    await assert_trees(database, "access", expected(pages))


@pytest.mark.parametrize("stop", ["the trees", "the position"])
async def test_a_fold_that_stopped_anywhere_is_repeated(database, monkeypatch, stop):
    pages = pages_of(20)
    await record(database, *pages)
    fold = SubjectFold(database)

    async def fail(*_: object) -> None:
        raise OSError("gone")

    with monkeypatch.context() as broken:
        if stop == "the trees":
            broken.setattr(SubjectFold, "_save", fail)
        else:
            broken.setattr("storage.ledger.subject_trees.subject_fold._move", fail)
        with pytest.raises(OSError, match="gone"):
            await fold.fold()
    assert await read_fold(database, "access") == Fold()
    assert await database.fetch(select(subject_heads)) == []
    await fold.fold()
    await assert_trees(database, "access", expected(pages))


async def test_blocks_of_256_are_kept_with_the_times_of_their_disclosures(database):
    entries = [(UUID(int=at + 1), PEOPLE[at % 3 // 2], bytes([at % 256]) * 32) for at in range(900)]
    await append_entries(database, "consent", entries)
    pages = [page(at, PEOPLE[0]) for at in (5, 3, 4, *range(6, 300))]
    for at in range(0, len(pages), 99):
        await record(database, *pages[at : at + 99])
    fold = SubjectFold(database)
    while await fold.step("consent", 333) or await fold.step("access", 100):
        pass
    trees = {subject_id: [] for subject_id in PEOPLE}
    for at, (_, owner, entry) in enumerate(entries):
        trees[owner].append((at, leaf_hash(entry)))
    await assert_trees(database, "consent", trees)
    await assert_trees(database, "access", expected(pages))


async def test_entries_of_nobody_of_the_erased_and_without_a_row_are_counted_apart(database):
    pages = [page(at, *PEOPLE[:3]) for at in range(4)]
    await record(database, *pages)
    await append_entries(database, "access", [(key("lookup"), None, bytes(34))])
    await append_entries(database, "access", [(key("lost"), None, b"\0\5" + bytes(32))])
    await append_entries(database, "consent", [(key("a"), PEOPLE[0], bytes(32)), (key("b"), UUID(int=0), bytes(32))])
    await append_entries(database, "consent", [(key("c"), None, bytes(32))])
    lost = {"log": 1, "first_index": 5, "end_index": 6, "subjects": 5, "found_at": AT}
    await database.write(
        (delete(disclosures).where(disclosures.c.disclosure_id == pages[1].disclosure_id), None),
        (insert(ledger_restores), lost),
    )
    await SubjectFold(database).fold()
    assert await counted(database, "access") == Fold(position=6, stated=17, lost=5, unfound=3)
    assert await counted(database, "consent") == Fold(position=3, stated=3, erased=1, unfound=1)
    trees = expected(pages)
    await assert_trees(database, "access", {one: [own[0], *own[2:]] for one, own in trees.items()})
    await assert_trees(database, "consent", {PEOPLE[0]: [(0, leaf_hash(bytes(32)))]})


async def test_a_page_whose_grounds_are_gone_stops_nothing(database):
    pages = [page(0, *PEOPLE[:3]), page(1, PEOPLE[0])]
    await record(database, *pages)
    other = access_grounds.c.digest == OTHER_GROUND.digest
    await database.write((delete(access_grounds).where(other), None))
    await SubjectFold(database).fold()
    assert await counted(database, "access") == Fold(position=2, stated=4, unfound=3)


async def test_a_fold_that_an_erasure_overtook_begins_again(database, monkeypatch):
    pages = pages_of(10)
    await record(database, *pages)
    fold = SubjectFold(database)
    await fold.step("access", 5)
    trees = SubjectFold._trees

    async def overtaken(self, *asked):
        found = await trees(self, *asked)
        await database.write((ledger_folds.update().values(revision=1), None))
        return found

    with monkeypatch.context() as slow:
        slow.setattr(SubjectFold, "_trees", overtaken)
        assert await fold.step("access", 5) == 0
    assert await fold.step("access", 5) == 5
    await assert_trees(database, "access", expected(pages))


async def test_where_a_restore_put_other_entries_in_front_the_trees_begin_anew(database):
    pages = pages_of(12)
    await record(database, *pages)
    fold = SubjectFold(database)
    await fold.fold()
    table = ledger_entries
    own = table.c.log == 1, table.c.leaf_index >= 8
    moved = await database.fetch(select(table.c.source, table.c.leaf).where(*own).order_by(table.c.leaf_index))
    await database.write((delete(table).where(*own), None))
    await database.write((ledger_trees.update().values(size=8), None))
    lost = [(UUID(int=at + 1), None, b"\0\3" + bytes(32)) for at in range(2)]
    await append_entries(database, "access", [*lost, *((source, None, bytes(leaf)) for source, leaf in moved)])
    row = {"log": 1, "first_index": 8, "end_index": 10, "subjects": 6, "found_at": AT}
    await database.write((insert(ledger_restores), row))
    await fold.fold()
    places = [*range(8), *range(10, 14)]
    trees = {}
    for at, each in zip(places, pages, strict=True):
        for subject_id, own_hash in zip(each.subjects, each.sub_leaves, strict=True):
            trees.setdefault(subject_id, []).append((at, own_hash))
    await assert_trees(database, "access", trees)
    stated = sum(each.counted for each in pages)
    assert await counted(database, "access") == Fold(position=14, stated=stated + 6, lost=6, revision=1)
