"""Each epoch publishes one root in which every subject finds its own head; what does not add up is not published."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from consent.errors import ProofRefused
from consent.leaves.canonical_form import commitment, leaf_hash
from consent.leaves.subject_secrets import secret_digest, subject_secret_bytes
from consent.ledger.completeness import OwnHead, verify_growth, verify_own_head, verify_whole
from consent.ledger.epochs import Blinding, Head
from consent.ledger.merkle_tree import consistency_path, root_of
from consent.ledger.subject_trees import subject_leaf_hash
from gateway.ledger.errors import StoreCorrupt
from gateway.ledger.subject_trees.epoch_store import DAYS_KEPT, EPOCHS_KEPT, LAST, no_longer_kept
from gateway.ledger.subject_trees.epochs import EpochDoesNotAddUp
from gateway.ledger.subject_trees.subject_secrets import give_secrets
from policy.crypto.keyring import Keyring
from policy.crypto.subject_secrets import open_secret
from storage import tables
from storage.ledger.epoch_heads import StoredEpoch, head_of, kept_epochs, last_epoch
from storage.ledger.subject_trees.subject_fold import SubjectFold
from tests.gateway.ledger.subject_trees.epoch_world import PEOPLE, EpochWorld, pages_of
from tests.storage.rows import key


@pytest.fixture
async def world(database, tmp_path):
    keys, folder = tmp_path / "keys.json", tmp_path / "store"
    folder.mkdir()
    Keyring.create(keys, os.urandom)
    made = EpochWorld(database, folder, Keyring.load(keys, os.urandom))
    await made.begin()
    return made


async def secret_of(world, subject_id):
    stored = await head_of(world.database, subject_id)
    return open_secret(world.keyring, subject_id, stored.wrapped, stored.secret)


async def own_head(world, subject_id, epoch):
    """Give what a subject gets of an epoch in which nothing came after it."""
    secret = await secret_of(world, subject_id)
    found = await world.store.find(epoch.folder, epoch.heads, Blinding(epoch.epoch).label(secret))
    entries = world.consent[subject_id], world.access(subject_id)
    roots = [root_of([subject_leaf_hash(*each) for each in some]) for some in entries]
    return secret, OwnHead(epoch.epoch, Head(*map(len, entries), *roots), found.way)


async def test_every_subject_proves_that_what_it_has_is_all_there_is(world):
    await world.read(*pages_of(20))
    await world.agree(PEOPLE[0])
    made = await world.maker.make()
    (published,) = await world.published()
    assert (published.epoch, published.heads, published.root) == (1, len(PEOPLE), made.root[16:])
    assert (published.consent_size, published.access_size) == (6, 20)
    assert (published.consent_sum, published.access_sum) == (6, sum(len(each.subjects) for each in world.pages))
    for subject_id in PEOPLE:
        secret, own = await own_head(world, subject_id, made)
        verify_own_head(secret, own, published)
        consent, access = world.consent[subject_id], world.access(subject_id)
        verify_whole(own.head, consent, access, published)
        with pytest.raises(ProofRefused):
            verify_whole(own.head, consent[1:], access, published)
        with pytest.raises(ProofRefused):
            verify_own_head(secret, own, replace(published, epoch=2))
        with pytest.raises(ProofRefused):
            verify_own_head(os.urandom(32), own, published)


async def test_a_subject_sees_that_its_trees_only_grew(world):
    await world.read(*pages_of(12))
    first = await world.maker.make()
    _, before = await own_head(world, PEOPLE[1], first)
    await world.read(*pages_of(12, 12))
    await world.agree(PEOPLE[1])
    _, now = await own_head(world, PEOPLE[1], await world.maker.make())
    entries = world.consent[PEOPLE[1]], world.access(PEOPLE[1])
    leaves = [[subject_leaf_hash(*each) for each in some] for some in entries]
    counts = before.head.consent_count, before.head.access_count
    proofs = [consistency_path(some, old) for some, old in zip(leaves, counts, strict=True)]
    verify_growth(before.head, now.head, *proofs)
    with pytest.raises(ProofRefused):
        verify_growth(now.head, before.head, *proofs)
    labels = [Blinding(epoch).label(await secret_of(world, PEOPLE[1])) for epoch in (1, 2)]
    assert labels[0] != labels[1]


GONE, DISCLOSED = key("nobody"), tables.disclosures


@pytest.mark.parametrize(
    ("attack", "statement", "log", "missing"),
    [
        (
            "a read was deleted before it was folded",
            lambda pages: delete(DISCLOSED).where(DISCLOSED.c.disclosure_id == pages[1].disclosure_id),
            "access",
            2,
        ),
        (
            "an entry was turned from its subject",
            lambda _: update(tables.ledger_entries).where(tables.ledger_entries.c.log == 0).values(owner=None),
            "consent",
            5,
        ),
        (
            "a subject without a key took the count",
            lambda _: update(tables.ledger_entries)
            .where(tables.ledger_entries.c.log == 0, tables.ledger_entries.c.leaf_index == 0)
            .values(owner=GONE),
            "consent",
            1,
        ),
    ],
)  # fmt: skip
async def test_what_does_not_add_up_is_not_published(world, attack, statement, log, missing):
    pages = pages_of(6)
    await world.read(*pages)
    await world.database.write((statement(pages), None))
    with pytest.raises(EpochDoesNotAddUp) as refused:
        await world.maker.make()
    assert refused.value.missing == {log: missing}
    assert await world.published() == []
    assert await world.store.last() == (None, None)


async def test_a_head_that_was_made_smaller_by_hand_is_found(world):
    await world.read(*pages_of(9))
    await world.maker.make()
    table = tables.subject_heads
    await world.database.write((delete(table).where(table.c.subject_id == PEOPLE[0]), None))
    with pytest.raises(EpochDoesNotAddUp):
        await world.maker.make()


async def test_a_number_is_given_once_where_a_run_ended_or_the_database_was_restored(world, monkeypatch):
    await world.maker.make()
    with monkeypatch.context() as broken:
        broken.setattr(
            "gateway.ledger.subject_trees.epochs.keep_epoch", None
        )  # it ends after the store, before the database
        with pytest.raises(TypeError):
            await world.maker.make()
    assert (await world.maker.make()).epoch == 3
    await world.database.write((delete(tables.ledger_epochs), None))
    assert (await world.maker.make()).epoch == 4
    assert [each.epoch for each in await world.published()] == [1, 3, 4]


async def test_a_restored_database_begins_a_new_generation_of_what_became_shorter(world):
    await world.read(*pages_of(9))
    await world.maker.make()
    table, entries = tables.subject_heads, tables.ledger_entries
    # As restored to a moment before the last read, of the third to fifth person, and before the epoch.
    await world.database.write(
        (delete(tables.ledger_epochs), None),
        (delete(entries).where(entries.c.log == 1, entries.c.leaf_index == 8), None),
        (delete(tables.ledger_folds), None),
        (delete(table), None),
    )
    assert (await world.maker.make()).epoch == 2
    rows = await world.database.fetch(select(table.c.subject_id, table.c.generation))
    assert {row[0] for row in rows if row[1]} == set(PEOPLE[2:5])


async def test_a_subject_that_lost_every_entry_in_a_restore_begins_a_new_generation_too(world):
    table, entries = tables.subject_heads, tables.ledger_entries
    await world.maker.make()
    ((whose,),) = await world.database.fetch(
        select(entries.c.owner).where(entries.c.log == 0, entries.c.leaf_index == 4)
    )
    await world.database.write(
        (delete(tables.ledger_epochs), None),
        (delete(entries).where(entries.c.log == 0, entries.c.leaf_index == 4), None),
        (delete(tables.ledger_folds), None),
        (delete(table), None),
    )
    assert (await world.maker.make()).heads == len(PEOPLE)
    rows = await world.database.fetch(select(table.c.subject_id, table.c.consent_count, table.c.generation))
    assert {tuple(row) for row in rows} == {(each, int(each != whose), int(each == whose)) for each in PEOPLE}


async def test_an_epoch_of_nobody(database, tmp_path):
    (tmp_path / "store").mkdir()
    Keyring.create(tmp_path / "keys.json", os.urandom)
    world = EpochWorld(database, tmp_path / "store", Keyring.load(tmp_path / "keys.json", os.urandom))
    made = await world.maker.make()
    assert (made.heads, made.root[:16]) == (0, bytes(16))
    assert await world.store.find(made.folder, 0, bytes(32)) is None


async def test_a_store_that_lost_a_tree_or_holds_other_bytes_is_corrupt(world, tmp_path):
    made = await world.maker.make()
    label = Blinding(1).label(await secret_of(world, PEOPLE[0]))
    assert await world.store.find(made.folder, made.heads, bytes(32)) is None
    piece = tmp_path / "store" / "epochs" / f"{made.folder}.p" / "0-0"
    piece.write_bytes(piece.read_bytes()[:-1])
    with pytest.raises(StoreCorrupt):
        await world.store.find(made.folder, made.heads, label)
    piece.unlink()
    with pytest.raises(StoreCorrupt):
        await world.store.find(made.folder, made.heads, label)
    (tmp_path / "store" / LAST).write_bytes(b"{}")
    with pytest.raises(StoreCorrupt):
        await world.maker.make()


def epoch(number, made_at):
    return StoredEpoch(number, UUID(int=number), made_at, 0, 0, 0, bytes(48), f"{number}-ab")


def test_the_last_epochs_are_kept_and_then_one_of_each_day():
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    kept = [epoch(3_000 - at, now - timedelta(hours=at)) for at in range(24 * 100)]
    gone = {each.epoch for each in no_longer_kept(kept, now)}
    left = [each for each in kept if each.epoch not in gone]
    assert left[:EPOCHS_KEPT] == kept[:EPOCHS_KEPT]
    days = [each.made_at.date() for each in left[EPOCHS_KEPT:]]
    assert len(days) == len(set(days)) in range(DAYS_KEPT - 3, DAYS_KEPT + 1)
    assert all(each.made_at.hour == 23 for each in left[EPOCHS_KEPT:])


async def test_a_tree_that_is_no_longer_kept_is_removed(world, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.ledger.subject_trees.epoch_store.EPOCHS_KEPT", 2)
    for _ in range(4):
        await world.maker.make()
        world.later(minutes=30)
    assert [each.epoch for each in await kept_epochs(world.database)] == [4, 3]
    folders = [each.name for each in (tmp_path / "store" / "epochs").iterdir() if each.is_dir()]
    assert sorted(name[0] for name in folders) == ["3", "4"]
    assert (await last_epoch(world.database)).epoch == 4


async def test_whoever_has_a_key_gets_one_secret_and_an_entry_that_commits_to_it(world):
    assert await give_secrets(world.database, world.keyring, world.runtime) == 0
    await SubjectFold(world.database).fold()
    columns = [tables.subject_secrets.c[name] for name in ("subject_id", "secret_id", "at", "digest", "salt")]
    rows = await world.database.fetch(select(*columns))
    assert {row[0] for row in rows} == set(PEOPLE)
    for subject_id, secret_id, at, digest, salt in rows:
        assert secret_digest(await secret_of(world, subject_id)) == bytes(digest)
        written = subject_secret_bytes(subject_id=subject_id, secret_id=secret_id, at=at, digest=bytes(digest))
        ((_, own),) = world.consent[subject_id]
        assert own == leaf_hash(commitment(bytes(salt), written))
