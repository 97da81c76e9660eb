"""Run by test_killed: takes a file in, and says after each batch how many rows it was told are done."""

import asyncio
import os
import sys
from pathlib import Path

from gateway.exchange import incoming
from gateway.exchange.incoming import Mode, import_file
from tests.gateway.exchange.made import HANDLER, house


def heard(stage: str, done: int, _total: int) -> None:
    os.write(1, f"{stage} {done}\n".encode())


async def main(url: str, folder: str, mode: str) -> None:
    incoming.AT_ONCE = 10  # type: ignore[misc]  # more batches to be killed between
    parts = house(url, Path(folder))
    await import_file(parts, Path(folder) / "cases.csv", HANDLER, mode=Mode(mode), progress=heard)
    await parts.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
