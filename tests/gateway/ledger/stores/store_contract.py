"""What every store of tiles promises; the same tests run on a folder and on a bucket."""

import asyncio

import pytest

from gateway.ledger.errors import StoreConflict

CHECKPOINT = "consent/checkpoint"
TILE = "consent/tile/0/x001/067"
PARTIAL = f"{TILE}.p/5"


class StoreContract:
    async def test_a_store_answers_its_check_again_and_again(self, store):
        await store.check()
        await store.check()

    async def test_what_is_not_there_is_none(self, store):
        assert await store.read(CHECKPOINT) is None
        await store.write_new(PARTIAL, b"tile")
        assert await store.read(TILE) is None
        assert await store.read(f"{PARTIAL}/000") is None

    async def test_a_tile_is_written_once(self, store):
        await store.write_new(TILE, b"tile")
        await store.write_new(TILE, b"tile")
        with pytest.raises(StoreConflict):
            await store.write_new(TILE, b"another")
        assert (await store.read(TILE)).content == b"tile"

    async def test_many_tiles_are_written_whichever_of_them_is_there(self, store):
        files = {f"access/tile/0/{at:03}": bytes([at]) * 50 for at in range(70)}
        await store.write_new("access/tile/0/007", files["access/tile/0/007"])
        await store.write_all_new(files)
        for path in ("access/tile/0/000", "access/tile/0/007", "access/tile/0/069"):
            assert (await store.read(path)).content == files[path]
        with pytest.raises(StoreConflict):
            await store.write_all_new(files | {"access/tile/0/008": b"another", "access/tile/0/070": b"new"})
        assert (await store.read("access/tile/0/008")).content == files["access/tile/0/008"]

    async def test_a_checkpoint_is_replaced_by_who_has_read_it(self, store):
        first = await store.replace(CHECKPOINT, b"1", None)
        found = await store.read(CHECKPOINT)
        assert (found.content, found.version) == (b"1", first)
        second = await store.replace(CHECKPOINT, b"2", first)
        assert second != first
        for stale in (None, first, "never"):
            with pytest.raises(StoreConflict):
                await store.replace(CHECKPOINT, b"3", stale)
        assert (await store.read(CHECKPOINT)).content == b"2"

    async def test_nothing_is_replaced_where_nothing_is(self, store):
        with pytest.raises(StoreConflict):
            await store.replace(CHECKPOINT, b"1", "0" * 64)
        assert await store.read(CHECKPOINT) is None

    async def test_a_replacement_that_took_place_can_be_repeated(self, store):
        """Its answer was lost: the caller does not know that it took place."""
        first = await store.replace(CHECKPOINT, b"1", None)
        second = await store.replace(CHECKPOINT, b"2", first)
        assert await store.replace(CHECKPOINT, b"2", first) == second

    async def test_of_many_at_once_one_replaces(self, store):
        version = await store.replace(CHECKPOINT, b"0", None)
        replaced = await asyncio.gather(
            *(store.replace(CHECKPOINT, b"%d" % at, version) for at in range(1, 9)), return_exceptions=True
        )
        assert sum(isinstance(each, StoreConflict) for each in replaced) == 7
        (winner,) = [at for at, each in enumerate(replaced, 1) if isinstance(each, str)]
        assert (await store.read(CHECKPOINT)).content == b"%d" % winner

    async def test_partial_tiles_are_removed_when_the_full_one_is_there(self, store):
        await store.write_all_new({PARTIAL: b"5", f"{TILE}.p/255": b"255", TILE: b"full", "consent/tile/0/000": b"0"})
        await store.remove_partials(TILE)
        await store.remove_partials(TILE)
        assert [await store.read(path) for path in (PARTIAL, f"{TILE}.p/255")] == [None, None]
        assert (await store.read(TILE)).content == b"full"
        assert (await store.read("consent/tile/0/000")).content == b"0"
        await store.write_new(PARTIAL, b"5")

    @pytest.mark.parametrize(
        "path", ["", "/", "a//b", "../a", "a/..", "a/../b", "/a", "a/", ".lock", "a\0", "é", "a b"]
    )
    async def test_a_path_never_leaves_the_store(self, store, path):
        for operation in (store.read(path), store.write_new(path, b""), store.replace(path, b"", None)):
            with pytest.raises(ValueError, match="path"):
                await operation
