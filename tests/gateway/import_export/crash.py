"""Run by test_killed: takes a file in, and says after each batch how many rows it was told are done."""

import asyncio
import os
import sys
from pathlib import Path

from gateway.import_export.importing import run as incoming
from gateway.import_export.importing.importers import BASIC
from gateway.import_export.importing.run import Mode, import_file
from tests.gateway.import_export.synthetic_cases import HANDLER, house
from tests.gateway.import_export.synthetic_records import CLERK


def heard(stage: str, done: int, _total: int) -> None:
    os.write(1, f"{stage} {done}\n".encode())


async def main(url: str, folder: str, mode: str, kind: str = BASIC) -> None:
    incoming.AT_ONCE = 10  # type: ignore[misc]  # more batches to be killed between
    parts = house(url, Path(folder))
    actor = HANDLER if kind == BASIC else CLERK
    await import_file(parts, Path(folder) / "cases.csv", actor, mode=Mode(mode), kind=kind, progress=heard)
    await parts.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
