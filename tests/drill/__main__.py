"""The whole kill drill, by hand: `make drill`."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.drill.kill_drill import Found, drill
from tests.postgresql import free_port, running_server


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=60)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = arguments.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        if chosen.only != "postgresql":
            url = f"sqlite:///{folder}/chengxin.db"
            failed |= told(
                "SQLite", chosen.kills, asyncio.run(drill(Path(folder), url, [free_port()], chosen.kills, chosen.seed))
            )
    with tempfile.TemporaryDirectory() as folder:
        if chosen.only != "sqlite":
            with running_server(fsync="on") as server:
                ports = [free_port(), free_port()]
                url = f"{server}/postgres"
                failed |= told(
                    "PostgreSQL", chosen.kills, asyncio.run(drill(Path(folder), url, ports, chosen.kills, chosen.seed))
                )
    return int(failed)


def told(name: str, kills: int, found: Found) -> bool:
    """Print what was found; return whether anything is missing or repeated."""
    print(
        f"{name}: {kills} kills, {found.reads:,} reads and {found.changes:,} changes answered, {found.sent_again:,} "
        f"sent again; {len(found.unrecorded)} unrecorded, {len(found.missing)} missing, {len(found.repeated)} repeated"
    )
    return bool(found.unrecorded or found.missing or found.repeated)


if __name__ == "__main__":
    raise SystemExit(main())
