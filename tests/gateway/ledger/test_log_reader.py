"""Proofs from a store: with few reads, and never of anything that the checkpoint does not vouch for [5.1.6]."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import ProofRefused
from consent.ledger.merkle_tree import consistency_path, root_of, verify_consistency
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.tile_growth import grown_tiles
from consent.ledger.tiles import ENTRIES, Tile, bundle_entries
from gateway.ledger.errors import StoreConflict, StoreCorrupt, StoreUnreachable
from gateway.ledger.log_reader import FRESH_SECONDS, LogReader
from tests.gateway.ledger.published_logs import KEYS, POLICY, SIGNERS, checkpoint, entry, hashes, note, publish
from tests.gateway.ledger.stores.memory_store import MemoryStore
from tests.gateway.ledger.stores.store_contract import StoreContract

SIZE = 700


@pytest.fixture
def store():
    return MemoryStore()


class TestContract(StoreContract):
    """The store of these tests keeps the promises too."""


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
async def published(store):
    await publish(store, "consent", 3, 300, SIZE)
    store.reads.clear()
    return store


@pytest.fixture
def reader(published):
    return LogReader(published, KEYS)


@given(index=st.integers(0, SIZE - 1))
async def test_every_entry_is_proved(filled, index):
    proof = await LogReader(filled, KEYS).inclusion("consent", index)
    assert proof.verified(hashes("consent", SIZE)[index], POLICY).checkpoint == checkpoint("consent", SIZE)


@pytest.fixture(scope="module")
async def filled():
    store = MemoryStore()
    await publish(store, "consent", SIZE)
    return store


async def test_a_proof_reads_the_edge_once_and_then_its_own_tiles(published, reader):
    await reader.inclusion("consent", 0)
    assert sorted(published.reads) == [
        "consent/checkpoint",
        "consent/tile/0/000",
        "consent/tile/0/002.p/188",
        "consent/tile/1/000.p/2",
    ]
    published.reads.clear()
    await reader.inclusion("consent", 1)
    assert published.reads == []
    await reader.inclusion("consent", 300)
    assert published.reads == ["consent/tile/0/001"]


async def test_the_cache_is_bounded_in_bytes(published):
    reader = LogReader(published, KEYS, cache_bytes=10_000)
    for index in (0, 300, 699, 0, 300, 699):
        assert await reader.inclusion("consent", index)
    assert reader._tiles.currsize <= 10_000
    nothing = LogReader(published, KEYS, cache_bytes=0)
    assert await nothing.inclusion("consent", 300)


async def test_what_is_not_published_is_none(store, published, reader):
    for log, index in (("consent", SIZE), ("consent", -1), ("access", 0)):
        assert await reader.inclusion(log, index) is None
    assert await reader.published("access") is None
    for tile in (Tile(0, 2, 189), Tile(0, 2), Tile(0, 3, 1), Tile(1, 0, 3), Tile(2, 0, 1), Tile(ENTRIES, 2, 189)):
        assert await reader.tile("consent", tile) is None
        assert await reader.tile("access", tile) is None


async def test_a_tile_beyond_the_checkpoint_is_not_given_out(published, reader):
    """A sequencer has written it, and the store may hold another one when the checkpoint comes."""
    published.put("consent/tile/0/002.p/200", bytes(200 * 32))
    assert await reader.tile("consent", Tile(0, 2, 200)) is None


@pytest.mark.parametrize("level", [0, ENTRIES])
async def test_a_partial_tile_is_cut_from_what_it_has_grown_into(published, reader, level):
    full = await reader.tile("consent", Tile(level, 0))
    for width in (1, 3, 255):
        await published.remove_partials(f"consent/{Tile(level, 0).path}")
        assert full.startswith(await reader.tile("consent", Tile(level, 0, width)))
    # Of the last tile no full one is there: it is cut from the one of the checkpoint.
    assert len(await reader.tile("consent", Tile(0, 2, 100))) == 3200
    bundle = Tile(ENTRIES, 2, 7)
    entries = bundle_entries(bundle, await reader.tile("consent", bundle))
    assert entries == [entry("consent", 512 + at) for at in range(7)]


async def test_each_tree_extends_those_before(reader):
    new = checkpoint("consent", SIZE)
    for old in (0, 1, 3, 255, 256, 257, 300, 512, 699, 700):
        path = await reader.consistency("consent", old, new)
        assert path == consistency_path(hashes("consent", SIZE), old)
        verify_consistency(old, checkpoint("consent", old).root, SIZE, new.root, path)
    # Between two earlier trees as well: a witness may be behind by two.
    assert await reader.consistency("consent", 3, checkpoint("consent", 300)) == consistency_path(
        hashes("consent", 300), 3
    )
    with pytest.raises(ProofRefused):
        await reader.consistency("consent", SIZE + 1, new)


async def test_a_checkpoint_is_read_again_after_half_a_second(published):
    clock = Clock()
    reader = LogReader(published, KEYS, clock=clock)
    assert (await reader.published("consent")).checkpoint.size == SIZE
    await publish_more(published)
    assert (await reader.published("consent")).checkpoint.size == SIZE
    clock.now += FRESH_SECONDS
    assert (await reader.published("consent")).checkpoint.size == SIZE + 1


async def publish_more(store):
    fresh = MemoryStore()
    await publish(fresh, "consent", SIZE, SIZE + 1)
    store.files |= fresh.files


async def test_who_asks_at_once_shares_one_read(published, reader):
    """Of two reads, the one that is answered later may have begun before, and hold the older checkpoint."""
    found = await asyncio.gather(*(reader.published("consent") for _ in range(10)))
    assert len({id(each) for each in found}) == 1
    assert published.reads == ["consent/checkpoint"]


async def test_a_caller_that_gives_up_takes_no_answer_from_the_others(published, reader):
    first, second = (asyncio.ensure_future(reader.published("consent")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).checkpoint.size == SIZE
    published.failure = StoreUnreachable()
    lonely = asyncio.ensure_future(reader.published("access"))
    await asyncio.sleep(0)
    lonely.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lonely


LIES = {
    "an older checkpoint": lambda: note("consent", 300),
    "another tree of the size": lambda: (
        SIGNERS["consent"]
        .signed(checkpoint("consent", SIZE).text.replace("700\n", "701\n"))
        .encode()
        .replace(b"701\n", b"700\n")
    ),
    "another log's": lambda: note("access", SIZE),
    "signed by nobody": lambda: note("consent", SIZE).partition(b"\n\n")[0] + b"\n\n",
    "no note": lambda: b"checkpoint",
    "nothing": lambda: b"",
    "too much": lambda: bytes(2_000_000),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_checkpoint_that_cannot_be_is_refused(published, lie):
    clock = Clock()
    reader = LogReader(published, KEYS, clock=clock)
    await reader.published("consent")
    published.put("consent/checkpoint", LIES[lie]())
    clock.now += FRESH_SECONDS
    with pytest.raises(StoreCorrupt):
        await reader.published("consent")


async def test_of_two_trees_of_one_size_the_second_is_refused(published):
    clock = Clock()
    reader = LogReader(published, KEYS, clock=clock)
    await reader.published("consent")
    forked = checkpoint("consent", SIZE).text.splitlines()
    forked[2] = checkpoint("consent", 3).text.splitlines()[2]
    published.put("consent/checkpoint", SIGNERS["consent"].signed("\n".join([*forked, ""])).encode())
    clock.now += FRESH_SECONDS
    with pytest.raises(StoreCorrupt):
        await reader.published("consent")


async def test_a_checkpoint_that_is_gone_is_no_empty_log(published):
    clock = Clock()
    reader = LogReader(published, KEYS, clock=clock)
    await reader.published("consent")
    del published.files["consent/checkpoint"]
    clock.now += FRESH_SECONDS
    with pytest.raises(StoreCorrupt):
        await reader.published("consent")


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/002.p/188", "tile/1/000.p/2"])
@pytest.mark.parametrize("change", ["a bit", "too short", "too long", "empty", "gone"])
async def test_a_wrong_tile_gives_no_proof_and_a_repaired_one_does(published, reader, path, change):
    path = f"consent/{path}"
    good = published.files[path]
    bad = bytearray(good.content)
    bad[33] ^= 1
    changed = {"a bit": bytes(bad), "too short": good.content[:-1], "too long": good.content + b"\0", "empty": b""}
    if change == "gone":
        del published.files[path]
    else:
        published.put(path, changed[change])
    # The leaf that was changed, where it is one: every other hash beside its way is read too.
    with pytest.raises(StoreCorrupt):
        await reader.inclusion("consent", 0 if path.endswith("000") else 600)
    published.files[path] = good
    assert await reader.inclusion("consent", 0 if path.endswith("000") else 600)


async def test_a_wrong_tile_gives_no_consistency_proof(published, reader):
    published.put("consent/tile/0/001", bytes(8192))
    with pytest.raises(StoreCorrupt):
        await reader.consistency("consent", 300, checkpoint("consent", SIZE))


@pytest.mark.parametrize("tile", [Tile(0, 0), Tile(0, 2, 188), Tile(1, 0, 2), Tile(ENTRIES, 0), Tile(ENTRIES, 2, 188)])
@pytest.mark.parametrize(
    "change", ["the first bit", "the last bit", "too short", "too long", "empty", "of another place"]
)
async def test_a_tile_that_is_not_of_the_tree_is_not_given_out(published, reader, tile, change):
    """A cache between us and a reader would keep it for a year."""
    path = f"consent/{tile.path}"
    good = published.files[path]
    first, last = bytearray(good.content), bytearray(good.content)
    first[2] ^= 1  # of an entry, the first bytes are its length
    last[-1] ^= 1
    changed = {
        "the first bit": bytes(first), "the last bit": bytes(last), "too short": good.content[:-1],
        "too long": good.content + b"\0", "empty": b"",
        "of another place": published.files[f"consent/{Tile(tile.level, 1 if tile.level < 1 else 0).path}"].content
        if tile.level < 1 else bytes(len(good.content)),
    }  # fmt: skip
    published.put(path, changed[change])
    narrower = Tile(tile.level, tile.index, 1)
    for asked in (tile, narrower):
        with pytest.raises(StoreCorrupt):
            await reader.tile("consent", asked)
    published.files[path] = good
    assert await reader.tile("consent", tile) == good.content
    assert good.content.startswith(await reader.tile("consent", narrower))


async def test_a_store_that_is_gone_is_named(published, reader):
    published.failure = StoreUnreachable()
    for asked in (reader.published("consent"), reader.inclusion("consent", 0), reader.tile("consent", Tile(0, 0))):
        with pytest.raises(StoreUnreachable):
            await asked
    published.failure = None
    assert await reader.inclusion("consent", 0)


async def test_two_sequencers_cannot_publish_beside_one_another(published):
    with pytest.raises(StoreConflict):
        await published.replace("consent/checkpoint", note("consent", 701), None)


async def test_a_tree_that_was_never_published_may_give_way_to_another(store):
    """A sequencer asks its witnesses before it publishes; after a restore another tree may have that size."""
    await publish(store, "consent", 300, SIZE)
    reader, new = LogReader(store, KEYS), checkpoint("consent", SIZE)
    await reader.consistency("consent", 300, new)
    ours, theirs = hashes("consent", 300), hashes("access", SIZE)[300:]
    tiles = dict(grown_tiles(0, {}, [*ours, *theirs]))
    for tile, content in tiles.items():
        store.put(f"consent/{tile.path}", content)
    forked = Checkpoint(new.origin, SIZE, root_of([*ours, *theirs]))
    with pytest.raises(StoreCorrupt):
        await reader.consistency("consent", 300, forked)
    assert await reader.consistency("consent", 300, forked) == consistency_path([*ours, *theirs], 300)
