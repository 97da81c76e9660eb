"""How the memory and the time of an export grow with its rows: each export is a process of its own.

    python -m bench.exports        # 20,000 and 200,000 cases on SQLite; --sizes chooses others, --form xlsx a workbook

The cases of one department are exported by their handler: each name, number and address is opened, and each read is
recorded. The peak of the memory is that of the whole process, as the system counts it.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import district, world
from credit.core.values.identifiers import IdNumber
from credit.subjects.registration import Registration
from credit.subjects.subject import SubjectKind
from gateway.subjects.seal_registration import new_subject
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from storage.database.migrate import migrate
from storage.unit_of_work import SqlUnitOfWork

console = Console()
SIZES = (20_000, 200_000)
ASKED = (
    "--kind",
    "cases",
    "--as",
    "handler-0",
    "--role",
    "handler",
    "--department",
    "D0",
    "--purpose",
    "DETERMINATION",
)


async def settle(url: str, key_file: str, cases: int) -> None:
    """Put so many restrained persons on record, all of one department and one handler."""
    database, keyring, now = Database.open(url), Keyring.load(Path(key_file), os.urandom), datetime.now(UTC)
    await district.settle(database, keyring, 0)
    for start in range(0, cases, district.CHUNK):
        news, rows = [], []
        for at in range(start, min(start + district.CHUNK, cases)):
            area_code, area_name = world.AREAS[at % len(world.AREAS)]
            registration = Registration(
                SubjectKind.NATURAL_PERSON, f"演示{at}", IdNumber.parse(world.number(at)), area_code, None, "演示路1号"
            )
            new = new_subject(registration, keyring, area_name=area_name, by="bench", at=now, new_id=uuid.uuid4)
            case = district.case_row(at, new.subject_id, keyring, new.key.wrapped, area_code, now)
            news.append(new)
            rows.append(case | district.restrained(at, now) | {"department_code": "D0", "handler_ref": "handler-0"})
        async with SqlUnitOfWork(database) as work:
            await work.subjects.register_all(news)
            await work.commit()
        await district.put_rows(database, {tables.restraint_cases: rows})
    await database.close()


def measure(folder: Path, cases: int, form: str) -> None:
    url = f"sqlite:///{folder}/bench.db"
    environment = {
        "CHENGXIN_DATABASE_URL": url,
        "CHENGXIN_KEK_FILE": world.new_keyring(str(folder)),
        "CHENGXIN_DEV_KEY_FILE": f"{folder}/dev.json",
    }
    migrate(url)
    asyncio.run(settle(url, environment["CHENGXIN_KEK_FILE"], cases))
    output = folder / f"out.{form}"
    started, log = time.perf_counter(), 0
    child = subprocess.Popen(
        [sys.executable, "-c", "from gateway.cli import main; main()", "export", *ASKED, "--output", str(output)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
        wal = folder / "bench.db-wal"
        log = max(log, wal.stat().st_size if wal.exists() else 0)
        time.sleep(0.2)
    seconds = time.perf_counter() - started
    assert ended[1] == 0
    console.print(
        f"{cases:>9,} rows as {form}: peak {ended[2].ru_maxrss / 1024:,.0f} MiB, {seconds:,.0f} s, "
        f"file {output.stat().st_size / 2**20:,.1f} MiB, write-ahead log {log / 2**20:,.0f} MiB",
        soft_wrap=True,
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    arguments.add_argument("--form", choices=("csv", "xlsx"), default="csv")
    chosen = arguments.parse_args()
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), size, chosen.form)


if __name__ == "__main__":
    main()
