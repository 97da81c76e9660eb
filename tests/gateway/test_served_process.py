"""What a process that serves imports, and how several of them are started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import structlog
from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors.multiprocess import Process

from gateway.cli.operations.serve import plain_options
from gateway.telemetry import logging as log
from gateway.workers import Workers
from policy.crypto.keyring import Keyring
from tests.gateway.fakes import LogStream, settings_for
from tests.served import CHENGXIN, served
from tests.world_snapshots import record_world

NOT_TO_SERVE = {
    "alembic", "gateway.demo", "mako", "openpyxl", "pydantic", "pyhanko", "pygments", "rich", "sqlalchemy.orm", "typst",
    "hypothesis", "pytest",
}  # fmt: skip
SERVED = """
import asyncio, os, sys
from gateway import worker
from gateway.cli import run
from gateway.settings.settings import read

server = worker.server()

def begin(environment, *, workers, say, progress):
    server.prepare(read(environment), progress)

server.serve = begin
assert run(["serve", "--host", "127.0.0.1", "--port=8001", "--workers", "1"]) == 0
app = worker.application()

async def serve():
    stop, started, sent = asyncio.Event(), asyncio.Event(), []
    messages = [{"type": "lifespan.startup"}]
    async def received():
        if not messages:
            await stop.wait()
            return {"type": "lifespan.shutdown"}
        return messages.pop()
    async def started_or_stopped(message):
        started.set()
    life = asyncio.create_task(app({"type": "lifespan", "state": {}}, received, started_or_stopped))
    await started.wait()
    async def body():
        return {"type": "http.request", "body": b'{"query": "{ restraintCases(first: 1) { nodes { id } } }"}'}
    async def send(message):
        sent.append(message)
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await app(scope, body, send)
    assert sent[0]["status"] == 200, sent
    stop.set()
    await life

asyncio.run(serve())
print(*sys.modules)
"""


@pytest.mark.subprocess
@pytest.mark.slow
def test_what_is_not_needed_to_serve_is_not_imported(sqlite_url: str, kek: Path) -> None:
    given = {
        "MODE": "production", "DATABASE_URL": sqlite_url, "KEK_FILE": str(kek), "OIDC_AUDIENCE": "a",
        "OIDC_ISSUER": "https://issuer.example", "OIDC_JWKS_URL": "https://issuer.example/jwks",
        "LEDGER_STORE": f"file:{kek.parent}", "LEDGER_ORIGIN": "credit.linzi.example",
    }  # fmt: skip
    environment = {**os.environ, **{f"CHENGXIN_{name}": value for name, value in given.items()}}
    done = subprocess.run([sys.executable, "-c", SERVED], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    assert {"strawberry", "sqlalchemy", "casbin"} <= imported
    assert imported & NOT_TO_SERVE == set()


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("", {}),
        ("--host 127.0.0.2 --port 8000 --workers 2", {"host": "127.0.0.2", "port": 8000, "workers": 2}),
        ("--port=8000", {"port": 8000}),
        ("--help", None),
        ("--port", None),
        ("--host --port", None),
        ("--port many", None),
        ("--workers 0", None),
        ("--workers=-1", None),
        ("8000", None),
        ("--other 1", None),
    ],
)
def test_serve_reads_plain_options_without_pydantic(words: str, options: dict[str, object] | None) -> None:
    assert plain_options(words.split()) == options


class FakeWorker:
    """A worker that is ready when it is told so, and may end."""

    def __init__(self, *ready: bool, exitcode: int | None = None) -> None:
        self.ready, self.exitcode = list(ready), exitcode
        self.pid = 1

    def is_alive(self, timeout: float) -> bool:  # noqa: ARG002 - as uvicorn's
        return self.exitcode is None

    def is_ready(self, timeout: float) -> bool:  # noqa: ARG002 - as uvicorn's
        return self.ready.pop(0) if self.ready else True

    def kill(self) -> None: ...

    def join(self) -> None: ...

    def start(self) -> None: ...


def supervisor(monkeypatch: pytest.MonkeyPatch, opened: Callable[[], None], *workers: FakeWorker) -> Workers:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr("uvicorn.supervisors.multiprocess.Process", lambda *_: FakeWorker())
    found = Workers(Config("none"), [], opened)
    found.processes = cast("list[Process]", list(workers))
    return found


def test_workers_are_announced_once_and_when_all_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    workers = supervisor(monkeypatch, lambda: opened.append(look), FakeWorker(), FakeWorker(False, False))
    for look in range(5):  # noqa: B007 - the announcement notes it
        workers.keep_subprocess_alive()
    assert opened == [2]


@pytest.mark.parametrize(
    ("case", "exitcode", "failed"), [("killed", -9, False), ("cannot start", STARTUP_FAILURE, True)]
)
def test_a_worker_that_ends_is_reported(
    monkeypatch: pytest.MonkeyPatch, logged: LogStream, tmp_path: Path, case: str, exitcode: int, failed
) -> None:
    log.configure(settings_for(tmp_path, LOG_FORMAT="json"), logged)
    workers = supervisor(monkeypatch, lambda: None, FakeWorker(exitcode=exitcode))
    workers.keep_subprocess_alive()
    assert workers.failed is failed, case
    replaced: list[dict[str, Any]] = [line for line in logged.events() if line["event"] == "worker.replaced"]
    assert [line["state"] for line in replaced] == ([] if failed else ["exit -9"])
    structlog.reset_defaults()


def children(pid: int) -> list[int]:
    """Return the workers of a supervisor; its other child watches the semaphores of Python."""
    found = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [each for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def wait_for(log_file: Path, event: str) -> None:
    until = time.monotonic() + 60
    while event not in log_file.read_text():
        assert time.monotonic() < until, log_file.read_text()
        time.sleep(0.05)


@pytest.mark.postgres
@pytest.mark.slow
async def test_two_workers_serve_postgresql_and_one_that_is_killed_is_replaced(
    postgresql_url: str, kek: Path, tmp_path: Path
) -> None:
    await record_world(postgresql_url, Keyring.load(kek, os.urandom))
    settings = {"DATABASE_URL": postgresql_url, "KEK_FILE": str(kek), "LOG_FORMAT": "json"}
    command = (CHENGXIN, "serve", "--port", "{port}", "--workers", "2")
    with served(tmp_path, command, {f"CHENGXIN_{name}": value for name, value in settings.items()}) as server:
        wait_for(server.log, "gateway.open")
        before = children(server.pid)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        wait_for(server.log, "worker.replaced")
        assert len(set(children(server.pid)) - set(before)) == 1
        os.kill(server.pid, signal.SIGTERM)
        wait_for(server.log, "gateway.closed")
