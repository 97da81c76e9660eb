"""The process in which the jobs of the ledger run beside a server, and what keeps it alive.

A server that integrates, folds and audits in its own process answers pages more slowly than with a process beside it:
both wait for one interpreter and, on SQLite, for one event loop. The process ends with its server, however that ends:
it reads the pipe that its server holds, and a pipe whose other end is gone is at its end.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.database_file import open_database
from gateway.jobs.background_jobs import running
from gateway.key_file_check import require_key_file
from gateway.ledger.factory import Ledger, ledger
from gateway.ledger.jobs import ledger_jobs
from gateway.runtime import runtime
from gateway.settings.settings import Settings, read
from gateway.telemetry import logging as log
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.database.limits import DatabaseLimits

MODULE: Final = "gateway.ledger.job_process"
PAUSES: Final = (1.0, 5.0, 30.0)
"""How long to wait before a process that ended is replaced, in seconds; the last again and again."""
LIVED_SECONDS: Final = 60.0
"""A process that lived so long has started well: the next one is started after the first pause again."""
PATIENCE_SECONDS: Final = 15.0
"""How long a process may take to end after it was asked to; then it is killed."""
CONNECTIONS: Final = 4
"""How many connections to PostgreSQL the jobs share: two jobs, the renewal of a lease, and the audit."""


@dataclass(frozen=True, slots=True)
class _JobServices:
    """What the jobs of the ledger work with, where no requests are served."""

    settings: Settings
    runtime: Runtime
    database: Database
    keyring: Keyring
    ledger: Ledger


async def run_ledger_jobs(settings: Settings, stop: asyncio.Event) -> None:
    """Do the jobs of the ledger until *stop*, on a database of this release's revision. Raises KeyFileRefused."""
    keyring, clock_and_ids = Keyring.load(settings.kek_file, os.urandom), runtime()
    limits = DatabaseLimits(CONNECTIONS, settings.statement_seconds)
    database = open_database(settings, limits, keyring.pending_tag)
    services = _JobServices(settings, clock_and_ids, database, keyring, ledger(settings, keyring))
    try:
        await require_key_file(database, keyring, clock_and_ids.now())
        async with running(ledger_jobs(services)):
            await stop.wait()
    finally:
        await services.ledger.store.close()
        await database.close()


def main() -> None:
    """Do the jobs until a signal, or until the server that started this process is gone."""
    settings = read(os.environ)
    log.configure(settings)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all its processes; the server ends this one

    async def whole() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_reader(sys.stdin.fileno(), stop.set)  # nothing is ever written to it: it becomes readable at its end
        await run_ledger_jobs(settings, stop)

    asyncio.run(whole())


class LedgerJobProcess:
    """A process that does the jobs of the ledger from `start` to `stop`, and is replaced when it ends in between."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._keep_alive, name="ledger-jobs", daemon=True)

    @property
    def pid(self) -> int | None:
        """Return the number of the process that was started last."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process; it reads its settings from the environment of this one."""
        self._watch.start()

    def stop(self) -> None:
        """End the process, and return once it has ended."""
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is None:  # it was never started
            return
        process.terminate()
        self._watch.join(PATIENCE_SECONDS)
        if self._watch.is_alive():
            process.kill()
            self._watch.join()

    def _keep_alive(self) -> None:
        failures = 0
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                command = [sys.executable, "-m", MODULE]
                self._process = process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - ours
            began = time.monotonic()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
            if self._stopping.is_set():
                return
            structlog.get_logger().error("ledger.process-replaced", state=f"exit {process.returncode}")
            failures = 0 if time.monotonic() - began > LIVED_SECONDS else failures + 1
            self._stopping.wait(PAUSES[min(failures, len(PAUSES) - 1)])


if __name__ == "__main__":
    main()
