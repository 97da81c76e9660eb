"""A store in a bucket, on moto's server of S3: `make s3` installs it, in an environment of its own."""

import asyncio
import json
from itertools import count

import pytest
from structlog.testing import capture_logs

pytest.importorskip("obstore", reason="the extra s3 is not installed")

from consent.ledger.tiles import Tile
from gateway.cli import run
from gateway.ledger.errors import StoreUnreachable
from gateway.ledger.log_reader import LogReader
from gateway.ledger.stores.s3_store import Bucket, BucketStore
from tests.databases import on_sqlite
from tests.gateway.ledger.monitor.test_commands import policy, shown
from tests.gateway.ledger.published_logs import KEYS, POLICY, checkpoint, hashes, publish
from tests.gateway.ledger.stores.store_contract import CHECKPOINT, TILE, StoreContract
from tests.gateway.ledger.stores.test_s3_failures import KEY, OPERATIONS
from tests.gateway.ledger.test_sequencer import folder, new_sequencer, published
from tests.s3.server import INSTALLED, make_bucket, running_moto
from tests.storage.ledger.test_integrate import database, record

__all__ = ["database", "folder", "new_sequencer", "policy", "shown"]

pytestmark = [
    pytest.mark.subprocess, pytest.mark.slow,
    pytest.mark.skipif(not INSTALLED, reason="moto is not installed: make s3"),
]  # fmt: skip
NUMBERS = count(1)


@pytest.fixture(scope="module")
def moto():
    with running_moto() as server:
        yield server


@pytest.fixture
def bucket(moto):
    name = f"ledger-{next(NUMBERS)}"
    make_bucket(moto.address, name)
    return Bucket(name, "district/ledger", moto.address, key=KEY)


@pytest.fixture
async def store(bucket):
    return BucketStore(bucket)


class TestContract(StoreContract):
    """The promises of a store, in a bucket."""


async def test_two_stores_of_one_bucket_replace_one_another(bucket):
    first, second = BucketStore(bucket), BucketStore(bucket)
    version = await first.replace(CHECKPOINT, b"1", None)
    assert (await second.read(CHECKPOINT)).version == version


async def test_prefixes_keep_logs_of_several_gateways_apart(bucket):
    first, second = BucketStore(bucket), BucketStore(Bucket(bucket.name, "other", bucket.endpoint, key=KEY))
    await first.write_new(TILE, b"1")
    await second.write_new(TILE, b"2")
    assert (await first.read(TILE)).content == b"1"


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_a_bucket_that_is_gone_is_no_empty_store(moto, operation):
    with pytest.raises(StoreUnreachable):
        await operation(BucketStore(Bucket("never-made", "", moto.address, key=KEY)))


async def test_a_log_in_a_bucket_is_published_and_proved(store):
    await publish(store, "consent", 3, 300)
    reader = LogReader(store, KEYS)
    for index in (0, 255, 299):
        proof = await reader.inclusion("consent", index)
        assert proof.verified(hashes("consent", 300)[index], POLICY).checkpoint == checkpoint("consent", 300)
    await store.remove_partials("consent/tile/0/000")
    assert len(await reader.tile("consent", Tile(0, 0, 3))) == 96


@on_sqlite
async def test_a_service_that_was_stopped_and_started_gets_what_was_integrated_meanwhile(
    database, new_sequencer, bucket, moto
):
    """First it answers nothing and then goes on; then it is started anew and has lost every bucket."""
    store = BucketStore(bucket)
    sequencer = new_sequencer(store)
    await record(database, 3)
    await sequencer.publish_all()

    moto.freeze()
    patience, store._seconds = store._seconds, 0.2
    await record(database, 300)
    with capture_logs() as logged:
        await sequencer.round()
    assert ("ledger.round-failed", "StoreUnreachable") in {(each["event"], each["error"]) for each in logged}
    moto.thaw()
    store._seconds = patience
    await sequencer.publish_all()
    before = await published(sequencer, "access")
    assert len(before) == 303

    await asyncio.to_thread(moto.stop)
    await record(database, 1)
    await sequencer.round()
    await asyncio.to_thread(moto.start)
    await sequencer.round()
    assert sequencer.publishers["access"].published == 303, "a bucket that is gone is no empty store"
    make_bucket(moto.address, bucket.name)
    await sequencer.publish_all()
    assert (await published(sequencer, "access"))[:303] == before
    assert len(await published(sequencer, "access")) == 304


def test_a_log_is_followed_into_a_bucket_and_given_back_from_it(bucket, moto, shown, policy, tmp_path, capsys):
    logs, url = shown
    key, store = tmp_path / "key", tmp_path / "store"
    key.write_text("\n".join(KEY))
    store.mkdir()
    place = f"s3://{bucket.name}/copies/linzi"
    access = ["--policy", policy, "--s3-endpoint", moto.address, "--s3-key-file", str(key), "--json"]
    counts = []
    for _ in range(2):
        assert run(["ledger", "follow", url, "--to", place, "--once", *access]) == 0
        counts.append(json.loads(capsys.readouterr().out)["logs"]["access"])
    assert counts == [{"before": 0, "after": 300}, {"before": 300, "after": 300}]
    assert run(["ledger", "restore-store", "--from", place, "--to", f"file:{store}", *access]) == 0
    assert (store / "access/checkpoint").read_bytes() == logs.files["access/checkpoint"]
    assert (store / "access/tile/entries/000").read_bytes() == logs.files["access/tile/entries/000"]

    kept, logs.files["access/checkpoint"] = logs.files["access/checkpoint"], logs.note("access", 300, root=bytes(32))
    assert run(["ledger", "follow", url, "--to", place, "--once", *access]) == 1
    logs.files["access/checkpoint"] = kept
    assert '"SPLIT_VIEW"' in capsys.readouterr().out
    assert run(["ledger", "follow", url, "--to", f"s3://{bucket.name}-gone/copies", "--once", *access]) == 2
    assert "no answer, or an error" in capsys.readouterr().out
