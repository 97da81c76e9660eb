"""The process beside a server that does the jobs of the ledger: it works, is replaced, and ends with its server."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.ledger.job_process import LedgerJobProcess
from gateway.ledger.system_statements import state_start
from gateway.settings.settings import connection_url, read
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from tests.builders import NOW
from tests.forked import forked, start_chengxin

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]
PATIENCE = 30.0


@pytest.fixture
def environment(sqlite_url: str, kek: Path, tmp_path: Path) -> dict[str, str]:
    """Give the environment of a server, whose database has an entry of the log `system` that waits."""
    (tmp_path / "store").mkdir()
    given = {"DATABASE_URL": sqlite_url, "KEK_FILE": str(kek), "LEDGER_STORE": f"file:{tmp_path}/store"}
    given = {f"CHENGXIN_{name}": value for name, value in given.items()}
    asyncio.run(state_a_start(given))
    return given


async def state_a_start(environment: dict[str, str]) -> None:
    settings = read(environment)
    keyring = Keyring.load(settings.kek_file, os.urandom)
    database = Database.open(connection_url(settings), tag=keyring.pending_tag)
    await state_start(database, settings, keyring, "ab" * 16, NOW)
    await database.close()


def until(is_so: Callable[[], object], what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < ends, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.05)


def is_there(pid: int) -> bool:
    """Whether a process runs; one that only waits for its parent to look at it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def published(folder: Path) -> int:
    """Return the size of the log `system` as its checkpoint says it, 0 without one."""
    found = next(folder.rglob("system/checkpoint"), None)
    return 0 if found is None else int(found.read_text().splitlines()[1])


def serve_until_killed() -> None:
    jobs = LedgerJobProcess()
    jobs.start()
    while jobs.pid is None:
        time.sleep(0.01)
    print(jobs.pid, flush=True)
    signal.pause()


def test_it_publishes_is_replaced_when_it_ends_and_ends_when_it_is_stopped(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    jobs = LedgerJobProcess()
    jobs.start()
    until(lambda: published(tmp_path / "store"), "a checkpoint")
    first, size = jobs.pid, published(tmp_path / "store")
    assert first is not None
    os.kill(first, signal.SIGTERM)  # it gives its lease back; after a SIGKILL the next one waits for half a minute
    until(lambda: jobs.pid != first, "another process")
    asyncio.run(state_a_start(environment))
    until(lambda: published(tmp_path / "store") > size, "a larger checkpoint")
    second = jobs.pid
    assert second is not None
    jobs.stop()
    assert not is_there(second)


async def test_it_ends_when_its_server_is_killed(environment: dict[str, str]) -> None:
    async with forked(serve_until_killed, environment=environment) as server:
        pid = int(await server.stdout.readline())
        assert is_there(pid)
        server.kill()
        await server.wait()
        await asyncio.to_thread(until, lambda: not is_there(pid), "its end")


def test_a_command_does_the_same_where_no_server_does(environment: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start_chengxin(["ledger", "sequence"], {**os.environ, **environment}, log)
    until(lambda: published(tmp_path / "store"), "a checkpoint")
    process.terminate()
    process.join(PATIENCE)
    assert process.exitcode == 0
    assert log.read_text().splitlines()[-1] == "stopped"
