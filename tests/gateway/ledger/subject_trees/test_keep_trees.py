"""One process keeps the trees, and makes an epoch when it is due; what does not add up is an alarm [5.1.6]."""

import os
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import delete

from credit.cases.status import UnrectifiedPolicy
from gateway.ledger.subject_trees.keep_trees import AGAIN_AFTER, subject_tree_keeper
from gateway.subjects.erase import SubjectEraser
from policy.crypto.keyring import Keyring
from storage.ledger.epoch_heads import newest_number
from storage.ledger.subject_trees.subject_fold import read_fold
from storage.tables import disclosures
from tests.databases import on_sqlite
from tests.gateway.ledger.subject_trees.epoch_world import EpochWorld, pages_of

pytestmark = on_sqlite
EVERY = timedelta(hours=1)


@pytest.fixture
async def world(database, tmp_path):
    (tmp_path / "store").mkdir()
    Keyring.create(tmp_path / "keys.json", os.urandom)
    made = EpochWorld(database, tmp_path / "store", Keyring.load(tmp_path / "keys.json", os.urandom))
    await made.begin()
    return made


@pytest.fixture
def keeper(world):
    eraser = SubjectEraser(world.database, world.keyring, world.runtime, UnrectifiedPolicy.STAYS)
    return subject_tree_keeper(world.database, world.tiles, world.keyring, world.runtime, eraser, every=EVERY)


async def test_an_epoch_is_made_each_time_that_it_is_due(world, keeper):
    await keeper.round()
    assert await newest_number(world.database) == 1
    await world.read(*pages_of(3))
    world.later(minutes=59)
    await keeper.round()
    assert (await newest_number(world.database), (await read_fold(world.database, "access")).position) == (1, 3)
    world.later(minutes=1)
    await keeper.round()
    assert [each.access_size for each in await world.published()] == [0, 3]


@pytest.mark.parametrize(("trouble", "event"), [
    ("a read is deleted", "ledger.epoch-does-not-add-up"),
    ("the store is gone", "ledger.epoch-failed"),
])  # fmt: skip
async def test_what_fails_is_an_alarm_and_is_tried_again(world, keeper, tmp_path, trouble, event):
    await world.read(*pages_of(3))
    if trouble == "a read is deleted":
        await world.database.write(
            (delete(disclosures).where(disclosures.c.disclosure_id == world.pages[0].disclosure_id), None)
        )
    else:
        (tmp_path / "store").rename(tmp_path / "elsewhere")
    with structlog.testing.capture_logs() as logged:
        await keeper.round()
        await keeper.round()
    assert [each["event"] for each in logged] == [event]
    if trouble == "the store is gone":
        (tmp_path / "elsewhere").rename(tmp_path / "store")
    world.later(seconds=AGAIN_AFTER.total_seconds())
    with structlog.testing.capture_logs() as logged:
        await keeper.round()
    assert [each["event"] for each in logged] == [event if trouble == "a read is deleted" else "ledger.epoch"]


async def test_two_processes_take_turns(world, keeper):
    eraser = SubjectEraser(world.database, world.keyring, world.runtime, UnrectifiedPolicy.STAYS)
    other = subject_tree_keeper(world.database, world.tiles, world.keyring, world.runtime, eraser, every=EVERY)
    async with keeper.lease.for_a_round() as first, other.lease.for_a_round() as second:
        assert (first, second) == (True, False)
