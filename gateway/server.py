"""Serves: reads the settings, builds the services and runs uvicorn. A demo first makes what it lacks.

One process serves SQLite. Several (`--workers`) serve PostgreSQL: each builds its own services by `application`,
over one socket that this process holds.
"""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from credit.calendar.deadlines import civil_date
from gateway.account_links.endpoint import link_routes
from gateway.application import build_application
from gateway.auth.bearer_tokens import Authenticator
from gateway.auth.dev_issuer import DevIssuer, Example
from gateway.database_file import revision, sqlite_file
from gateway.http.app import server_options
from gateway.inbound.endpoint import inbound_routes
from gateway.key_file_check import require_key_file
from gateway.ledger.job_process import LedgerJobProcess
from gateway.outbox_relay.runner import relay_in_background
from gateway.own_data.endpoint import own_data_routes
from gateway.policy_reload import reload_at_sighup
from gateway.portal.start_page import FirstStep
from gateway.runtime import utc_now
from gateway.services import Services, build_services
from gateway.settings.settings import Settings, connection_url, read
from gateway.telemetry import logging as log
from gateway.worker import without_collector
from gateway.workers import PATIENCE_SECONDS, Workers
from policy.crypto.keyring import Keyring
from storage.database.database import Database, parse_url
from storage.database.revisions import head, is_known

if sys.platform != "win32":
    import resource
if TYPE_CHECKING:
    from gateway.demo.seed.seed import Progress

Say = Callable[[str], None]
FACTORY = "gateway.worker:application"
BACKLOG = 2048
GARBAGE_THRESHOLD = 10_000
"""How many more objects there must be before garbage is looked for. Requests that are under way together have a few
thousand, and leave no cycles behind: with Python's 700, a twentieth of the processor time went into looking at them."""
ACCEPTS = 16
"""How many connections are accepted in one turn of the event loop: uvloop takes one of each listening socket."""
OTHER_FILES = 256
"""Open files besides the connections of clients: of the database, the log, the libraries."""


class ServingRefused(Exception):
    """The gateway does not start. *hint* says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def application() -> ASGIApp:
    """Return the app by the settings of the environment; each worker calls it."""
    settings = read(os.environ)
    log.configure(settings)
    return _application(settings)


def serve(environment: Mapping[str, str], *, workers: int, say: Say, progress: "Progress") -> None:
    """Serve until a signal says to stop; acknowledged writes are durable by then. Raises what stops a start."""
    settings = read(environment)
    _refuse_workers(settings, workers)
    log.configure(settings)
    _allow_files(settings.connections_at_once + OTHER_FILES)
    listening, ledger_jobs = _listen(settings), LedgerJobProcess()

    def opened() -> None:
        if settings.ledger_sequencer == "process":
            ledger_jobs.start()  # not before: it would compete with the start of this process
        _announce(settings, say)

    try:
        prepare(settings, progress)
        # Each worker reads its settings from the environment that it inherits.
        os.environ.update(environment)
        if workers > 1:
            _serve_many(settings, listening, workers, opened)
        else:
            _serve_one(settings, listening, opened)
    finally:
        ledger_jobs.stop()
        listening.close()


def prepare(settings: Settings, progress: "Progress") -> None:
    """Check keys and tables. A demo makes what is missing; production only checks.

    Raises ServingRefused, DemoRefused and KeyFileRefused.
    """
    if settings.is_demo:
        from gateway.demo import bootstrap  # noqa: PLC0415 - the demo's parts are imported for a demo only

        bootstrap.make_key(settings)
        bootstrap.migrate_demo(settings)
        bootstrap.seed_demo(settings, utc_now, count=bootstrap.SUBJECTS, seed_number=bootstrap.SEED, progress=progress)
        return
    keyring = Keyring.load(settings.kek_file, os.urandom)
    stands = revision(settings)
    if stands != head() and (stands is None or is_known(stands)):
        # An unknown revision is of a later release, which keeps its tables compatible with this one while both run.
        raise ServingRefused(
            f"the database is at revision {stands or 'none'}, and this release needs {head()}",
            "run 'chengxin db migrate'",
        )
    asyncio.run(_recognise(settings, keyring))


async def _recognise(settings: Settings, keyring: Keyring) -> None:
    database = Database.open(connection_url(settings))
    try:
        await require_key_file(database, keyring, utc_now())
    finally:
        await database.close()


def _application(settings: Settings) -> ASGIApp:
    issuer: DevIssuer | None = None
    examples: Sequence[Example] = ()
    steps: Sequence[FirstStep] = ()
    if settings.is_demo:
        from gateway.demo.personas.examples import public_examples  # noqa: PLC0415 - as above
        from gateway.demo.personas.first_steps import first_steps  # noqa: PLC0415 - as above
        from gateway.demo.personas.personas import personas  # noqa: PLC0415 - as above

        issuer = DevIssuer(settings, personas(civil_date(utc_now())), utc_now)
        examples, steps = public_examples(), first_steps()
    with without_collector():
        return build_application(
            build_services(settings),
            issuer,
            examples,
            first_steps=steps,
            background_work=_background_work,
            more_routes=more_routes,
        )


def more_routes(services: Services, authenticator: Authenticator) -> Sequence[BaseRoute]:
    """Return the routes of platforms, of accounts and of copies, which use every service."""
    return [
        *inbound_routes(services, authenticator),
        *link_routes(services, authenticator),
        *own_data_routes(services, authenticator),
    ]


def freeze_objects() -> None:
    """Let the garbage collector leave alone what is there now, for the life of the process, and look less often."""
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)


@asynccontextmanager
async def _background_work(services: Services) -> AsyncIterator[None]:
    freeze_objects()
    async with reload_at_sighup(services), relay_in_background(services):
        yield


def _serve_one(settings: Settings, listening: socket.socket, opened: Callable[[], None]) -> None:
    config = uvicorn.Config(_application(settings), **_options(settings))
    with _ignoring_repeated_signals():
        _Announcing(config, opened).run(sockets=_several(listening))
    structlog.get_logger().info("gateway.closed")


@contextmanager
def _ignoring_repeated_signals() -> Iterator[None]:
    """Ignore the signal that uvicorn raises once more after it has stopped; it would end the process with an error."""
    before = {each: signal.signal(each, lambda *_: None) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _serve_many(settings: Settings, listening: socket.socket, workers: int, opened: Callable[[], None]) -> None:
    options = {**_options(settings), "timeout_worker_healthcheck": PATIENCE_SECONDS}
    config = uvicorn.Config(FACTORY, factory=True, workers=workers, **options)
    supervisor = Workers(config, _several(listening), opened)
    supervisor.run()
    if supervisor.failed:
        raise ServingRefused("a worker did not start", "the log says why, in its lines before this")
    structlog.get_logger().info("gateway.closed")


class _Announcing(uvicorn.Server):
    """Announces the gateway once it accepts requests, and not before."""

    def __init__(self, config: uvicorn.Config, opened: Callable[[], None]) -> None:
        super().__init__(config)
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._opened()


def _announce(settings: Settings, say: Say) -> None:
    if settings.is_demo:
        from gateway.demo.startup_banner import announcement  # noqa: PLC0415 - as above

        say(announcement(settings, civil_date(utc_now())))
    structlog.get_logger().info(
        "gateway.open",
        mode=settings.mode,
        host=settings.host,
        port=settings.port,
        database=parse_url(settings.database_url).drivername,
        revision=head(),
    )


def _several(listening: socket.socket) -> list[socket.socket]:
    """Return further handles of a socket. With one, a busy process takes a new connection, and a probe, too late."""
    found = [listening.dup() for _ in range(ACCEPTS)]
    for each in found:
        each.set_inheritable(True)
    return found


def _options(settings: Settings) -> dict[str, Any]:
    # uvloop does not exist for Windows, where the standard loop serves.
    loop = "asyncio" if sys.platform == "win32" else "uvloop"
    return {**server_options(settings), "loop": loop}


def _refuse_workers(settings: Settings, workers: int) -> None:
    if workers > 1 and sqlite_file(settings):
        raise ServingRefused(
            "SQLite is served by one process", "leave --workers out, or set CHENGXIN_DATABASE_URL to postgresql://…"
        )


def _allow_files(most: int) -> None:
    """Let this process and its workers open so many files, as far as the system lets it."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if soft not in (resource.RLIM_INFINITY, -1) and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _listen(settings: Settings) -> socket.socket:
    """Return a socket that already listens: callers wait while the gateway starts."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ServingRefused(
            f"cannot listen on {settings.host}:{settings.port}: {(error.strerror or 'no such address').lower()}",
            "choose another port: 'chengxin serve --port 8001', or 'make run PORT=8001'",
        ) from None
