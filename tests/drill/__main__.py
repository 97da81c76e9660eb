"""The whole kill drill, of servers and of the ledger, by hand: `make drill`."""

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from storage.database.migrate import migrate
from tests.drill.full_disk import FullDiskFound, fill_a_disk
from tests.drill.kill_drill import Found, drill
from tests.drill.ledger_drill import LedgerDrill, LedgerFound
from tests.postgresql import free_port, running_server


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=60)
    arguments.add_argument("--ledger-kills", type=int, default=500)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = arguments.parse_args()
    failed = False
    if chosen.only != "postgresql":
        with folder_for_a_drill() as folder:
            failed |= drilled("SQLite", Path(folder), lambda name: f"sqlite:///{folder}/{name}.db", chosen, replicas=1)
    if chosen.only != "sqlite":
        with folder_for_a_drill() as folder, running_server(fsync="on") as server:
            failed |= drilled("PostgreSQL", Path(folder), lambda _: f"{server}/postgres", chosen, replicas=2)
    return int(failed)


def folder_for_a_drill() -> tempfile.TemporaryDirectory[str]:
    """Return a folder. The last server was killed, and the process beside it may write until it sees that."""
    return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)


def drilled(name: str, folder: Path, url: Callable[[str], str], chosen: argparse.Namespace, *, replicas: int) -> bool:
    """Run both drills on one database; return whether anything is wrong."""
    failed = False
    if chosen.ledger_kills:
        for each in ("full-disk", "ledger-drill"):
            (folder / each).mkdir()
        chance = Random(chosen.seed)  # noqa: S311 - chooses steps, no secrets
        migrate(url("full"))
        failed |= told_of_disk(name, asyncio.run(fill_a_disk(url("full"), folder / "full-disk", chance)))
        migrate(url("ledger"))  # nothing, where both have one database: the second store gets what the first one had
        found = asyncio.run(LedgerDrill(url("ledger"), folder / "ledger-drill", chance).run(chosen.ledger_kills))
        failed |= told_of_ledger(name, chosen.ledger_kills, found)
    if chosen.kills:
        ports = [free_port() for _ in range(replicas)]
        failed |= told(
            name, chosen.kills, asyncio.run(drill(folder, url("chengxin"), ports, chosen.kills, chosen.seed))
        )
    return failed


def told_of_ledger(name: str, kills: int, found: LedgerFound) -> bool:
    """Print what was found of the ledger; return whether anything is wrong."""
    print(
        f"{name}: {kills} kills of sequencers, {found.restores} restores, {found.entries:,} entries, "
        f"{found.checkpoints:,} checkpoints seen; {len(found.lost)} lost, {len(found.doubled)} doubled, "
        f"{len(found.forked)} forked, {len(found.malformed)} malformed tiles, {len(found.differing)} logs differ"
    )
    return not found.is_fine


def told_of_disk(name: str, found: FullDiskFound | str) -> bool:
    """Print what became of the ledger whose disk was full; return whether anything is wrong."""
    if isinstance(found, str):
        print(f"{name}: skipped the full disk: {found}")
        return False
    ledger = found.ledger
    print(
        f"{name}: a disk that was full at {found.full:,} entries and then freed, {ledger.entries:,} entries; "
        f"{len(ledger.lost)} lost, {len(ledger.doubled)} doubled, {len(ledger.forked)} forked"
    )
    return not ledger.is_fine


def told(name: str, kills: int, found: Found) -> bool:
    """Print what was found; return whether anything is missing or repeated."""
    print(
        f"{name}: {kills} kills, {found.reads:,} reads and {found.changes:,} changes answered, {found.sent_again:,} "
        f"sent again; {len(found.unrecorded)} unrecorded, {len(found.missing)} missing, {len(found.repeated)} repeated"
    )
    return bool(found.unrecorded or found.missing or found.repeated)


if __name__ == "__main__":
    raise SystemExit(main())
