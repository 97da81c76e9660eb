"""A store in a bucket, on moto's server of S3: `make s3` installs it, in an environment of its own."""

from itertools import count

import pytest

pytest.importorskip("obstore", reason="the extra s3 is not installed")

from consent.ledger.tiles import Tile
from gateway.ledger.errors import StoreUnreachable
from gateway.ledger.log_reader import LogReader
from gateway.ledger.s3_store import Bucket, BucketStore
from tests.gateway.ledger.published_logs import KEYS, POLICY, checkpoint, hashes, publish
from tests.gateway.ledger.store_contract import CHECKPOINT, TILE, StoreContract
from tests.gateway.ledger.test_s3_failures import KEY, OPERATIONS
from tests.s3.server import INSTALLED, make_bucket, running_moto

pytestmark = [
    pytest.mark.subprocess, pytest.mark.slow,
    pytest.mark.skipif(not INSTALLED, reason="moto is not installed: make s3"),
]  # fmt: skip
NUMBERS = count(1)


@pytest.fixture(scope="module")
def moto():
    with running_moto() as address:
        yield address


@pytest.fixture
def bucket(moto):
    name = f"ledger-{next(NUMBERS)}"
    make_bucket(moto, name)
    return Bucket(name, "district/ledger", moto, key=KEY)


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
        await operation(BucketStore(Bucket("never-made", "", moto, key=KEY)))


async def test_a_log_in_a_bucket_is_published_and_proved(store):
    await publish(store, "consent", 3, 300)
    reader = LogReader(store, KEYS)
    for index in (0, 255, 299):
        proof = await reader.inclusion("consent", index)
        assert proof.verified(hashes("consent", 300)[index], POLICY).checkpoint == checkpoint("consent", 300)
    await store.remove_partials("consent/tile/0/000")
    assert len(await reader.tile("consent", Tile(0, 0, 3))) == 96
