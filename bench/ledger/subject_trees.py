"""What the trees of subjects cost: folding pages into them on both databases, and an epoch of all of them.

    python -m bench.ledger.subject_trees [--pages 8000] [--heads 1000000]

Folding is measured for pages of twenty out of few subjects and out of many: what is read again and again changes few
rows. Times are of the processor, of this process and of the server. The epoch is that of pure heads, in a process of
its own, without reading rows and opening secrets; of its paths the bytes are counted. Compare times within one run
only.
"""

import argparse
import asyncio
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, text

from consent.disclosures.formats import AccessContext, Disclosure, ground
from consent.disclosures.pending_groups import split_leaves, split_sources
from consent.ledger.epoch_trees import WIDTH, EpochTree, find_head
from consent.ledger.epochs import LABEL_BYTES, NODE_BYTES, Blinding, HeadsInOrder
from consent.ledger.merkle_tree import EMPTY_ROOT
from consent.ledger.right_edge import RightEdge
from consent.vocabulary import Basis, Channel, KnownBy, Purpose
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.database.migrate import migrate
from storage.ledger.subject_trees.subject_fold import ENTRIES_AT_ONCE, SubjectFold
from storage.tables import ledger_entries, pending_entries
from tests.postgresql import running_server

PAGE, AT_ONCE = 20, 200
FEW, MANY = 1_000, 20_000
CONTEXT = AccessContext("regulator", "D1", Purpose.FOCUSED_CHECK, Channel.GRAPHQL, KnownBy.TOKEN, "ab" * 32)
PART = ((ground(Basis.STATUTE, "5.2.2", (("NaturalPerson.name", "PERSON_NAME", "MASKED"),)), None),)


async def record(database: Database, pages: int, people: int) -> None:
    """Record pages of twenty of so many people, and put their entries into the log."""
    chance, recorder = random.Random(people), GroupCommitRecorder(database, granted=granted_by_its_row)
    subjects = [UUID(int=chance.getrandbits(128)) for _ in range(people)]
    for at in range(0, pages, AT_ONCE):
        made = [
            Disclosure(
                UUID(int=1_772_672_523_000 + at << 80 | 7 << 76 | 2 << 62 | chance.getrandbits(60)), uuid4(),
                datetime.now(UTC), "regulator-1", CONTEXT, chance.sample(subjects, PAGE), [PART] * PAGE, os.urandom(16),
            )
            for _ in range(AT_ONCE)
        ]  # fmt: skip
        await asyncio.gather(*(recorder.record([each]) for each in made))
    await recorder.close()
    waiting = await database.fetch(select(pending_entries.c.sources, pending_entries.c.leaves))
    entries = [
        pair
        for sources, leaves in waiting
        for pair in zip(split_sources(bytes(sources)), split_leaves(bytes(leaves)), strict=True)
    ]
    rows = [{"log": 1, "leaf_index": at, "source": source, "leaf": leaf} for at, (source, leaf) in enumerate(entries)]
    await database.write((insert(ledger_entries), rows))


def server_seconds(port: str | None) -> float:
    """Return the processor time of every process of a server, by the port it was started with."""
    if port is None:
        return 0.0
    found, parents = 0.0, set[str]()
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda each: int(each.name)):
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            if f"--port={port}" in (folder / "cmdline").read_text():
                parents.add(folder.name)
        except OSError:
            continue
        if folder.name in parents or words[1] in parents:
            found += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return found


async def folding(url: str, pages: int, people: int) -> None:
    """Print what folding takes a page."""
    database = Database.open(url)
    kind = database.dialect.name
    await record(database, pages, people)
    if kind == "postgresql":
        async with database.writing() as session:
            await session.execute(text("ANALYZE"))
    port = url.rpartition(":")[2].partition("/")[0] if kind == "postgresql" else None
    fold, began, server, wall = SubjectFold(database), time.process_time(), server_seconds(port), time.perf_counter()
    while await fold.step("access", ENTRIES_AT_ONCE[kind]):
        pass
    own, served = time.process_time() - began, server_seconds(port) - server
    ((count,),) = await database.fetch(select(func.count()).select_from(ledger_entries))
    each = 1e6 / count
    print(
        f"{kind:10} {people:6} subjects: {(own + served) * each:4.0f} µs a page "
        f"(this process {own * each:.0f}, server {served * each:.0f}; wall {(time.perf_counter() - wall) * each:.0f})"
    )
    await database.close()


@contextmanager
def urls() -> Iterator[list[str]]:
    """Give an empty database of each kind, twice: SQLite, and PostgreSQL that waits for the disk."""
    with tempfile.TemporaryDirectory() as folder, running_server(fsync="on", full_page_writes="on") as server:
        found = [
            f"sqlite:///{folder}/few.db",
            f"sqlite:///{folder}/many.db",
            f"{server}/postgres",
            f"{server}/template1",
        ]
        for url in found:
            migrate(url)
        yield found


def epoch(count: int) -> None:
    """Print what an epoch of so many heads takes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    blinding, heads = Blinding(7), HeadsInOrder()
    edges = [RightEdge().append([sha256(at.to_bytes(8, "big")).digest() for at in range(size)]) for size in range(300)]
    began = time.process_time()
    for at in range(count):
        edge = RightEdge.decode(at % 300, edges[at % 300].encode())
        secret = sha256(at.to_bytes(8, "big")).digest()
        heads.add(blinding.blind(secret, 0, edge.size, EMPTY_ROOT, edge.root))
    tree = EpochTree(heads.take())
    size, kept = 0, dict[tuple[int, int], bytes]()
    for piece in tree.pieces():
        size += len(piece.contents)
        if piece.level or piece.number in {0, (count - 1) // WIDTH}:  # of the heads themselves two pieces
            kept[piece.level, piece.number] = piece.contents
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    spent = time.process_time() - began
    print(f"epoch of {tree.heads}: {spent:.1f} s, {grown:.0f} MiB, {size / 1e6:.0f} MB in the store")
    print(f"path of a head: {' to '.join(map(str, path_bytes(tree.heads, kept)))} bytes")


def path_bytes(heads: int, pieces: Mapping[tuple[int, int], bytes]) -> Sequence[int]:
    """Return how many bytes the paths of the last head and of the first have: the shortest, and the longest.

    An odd last node moves up, so that beside the way of the last head there are fewer nodes.
    """
    found = []
    for number, start in (((heads - 1) // WIDTH, -LABEL_BYTES - NODE_BYTES), (0, 0)):
        contents = pieces[0, number]
        label = contents[start:][:LABEL_BYTES]
        head = find_head(label, heads, number, contents, lambda *at: pieces[at])
        if head is not None:
            found.append(sum(map(len, head.way.path)))
    return found


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=8_000)
    parser.add_argument("--heads", type=int, default=1_000_000)
    parser.add_argument("--only-epoch", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only_epoch:
        epoch(given.heads)
        return
    with urls() as found:
        for url, people in zip(found, (FEW, MANY) * 2, strict=True):
            asyncio.run(folding(url, given.pages, people))
    command = [sys.executable, "-m", "bench.ledger.subject_trees", "--only-epoch", "--heads", str(given.heads)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
