"""A log as a sequencer leaves it in a store: tiles, and a signed checkpoint of each size that was published."""

from hashlib import sha256
from itertools import pairwise

from consent.ledger.merkle_tree import root_of
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.log_policy import LogPolicy, PolicyLog
from consent.ledger.notes.signatures import NoteSigner
from consent.ledger.tile_growth import grown_bundles, grown_tiles
from consent.ledger.tiles import edge_bundle, edge_tiles

SIGNERS = {
    log: NoteSigner(f"credit.linzi.example/{log}", bytes([at]) * 32)
    for at, log in enumerate(("consent", "access", "system"))
}
KEYS = {log: signer.key for log, signer in SIGNERS.items()}
POLICY = LogPolicy(tuple(PolicyLog(key) for key in KEYS.values()))


def commitment(log, index):
    return sha256(f"{log} {index}".encode()).digest()


def entry(log, index):
    return f"readable {index}".encode() * 3 if log == "system" else commitment(log, index)


def hashes(log, size):
    return [sha256(b"\0" + entry(log, index)).digest() for index in range(size)]


def checkpoint(log, size):
    return Checkpoint(SIGNERS[log].key.name, size, root_of(hashes(log, size)))


def note(log, size):
    return SIGNERS[log].signed(checkpoint(log, size).text).encode()


async def publish(store, log, *sizes):
    """Grow the log through these sizes, each of which is published."""
    tiles = {}
    leaves, entries = hashes(log, sizes[-1]), [entry(log, index) for index in range(sizes[-1])]
    found = await store.read(f"{log}/checkpoint")
    version = found and found.version
    for size, grown in pairwise((0, *sizes)):
        bundle = edge_bundle(size)
        edge = {tile: tiles[tile] for tile in edge_tiles(size)}
        made = dict(grown_tiles(size, edge, leaves[size:grown]))
        made |= dict(grown_bundles(size, tiles[bundle] if bundle else b"", entries[size:grown]))
        await store.write_all_new({f"{log}/{tile.path}": content for tile, content in made.items()})
        version = await store.replace(f"{log}/checkpoint", note(log, grown), version)
        tiles |= made
