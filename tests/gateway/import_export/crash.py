"""Run by test_killed: imports a file, and prints after each batch how many rows are reported as done."""

import os
from pathlib import Path

from gateway.import_export.importing import run
from gateway.import_export.importing.importers import BASIC
from gateway.import_export.importing.run import ImportMode, import_file
from tests.gateway.import_export.synthetic_cases import HANDLER, services_over
from tests.gateway.import_export.synthetic_records import CLERK


def heard(stage: str, done: int, _total: int) -> None:
    os.write(1, f"{stage} {done}\n".encode())


async def main(url: str, folder: str, mode: str, kind: str = BASIC) -> None:
    run.AT_ONCE = 10  # type: ignore[misc]  # more batches to be killed between
    services = services_over(url, Path(folder))
    actor = HANDLER if kind == BASIC else CLERK
    await import_file(services, Path(folder) / "cases.csv", actor, mode=ImportMode(mode), kind=kind, progress=heard)
    await services.close()
