"""Fixtures of every test: a freshly migrated, empty database, on SQLite and on a real PostgreSQL.

    async def test_something(database): ...      # runs twice, once on each

`database_url` gives the address instead, for what opens its own (a server, the command line). Each database is
migrated once in a session: the SQLite file is copied for each test, the PostgreSQL database is emptied after it.
"""

import asyncio
import gc
import logging
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from ssl import SSLContext
from typing import Any

import asyncpg
import httpx
import pytest
import structlog
from sqlalchemy.engine import Dialect

from consent.templates import Templates
from credit.calendar import calendar
from credit.cases.status import UnrectifiedPolicy
from credit.incentives import incentive
from credit.policy_texts import measures, policy_texts
from gateway import services as gateway_services
from policy.decisions import Alarm, Decisions, load
from queryplan.plan import QueryPlan
from schema.build import build
from schema.core.fields import classified_fields, field_map, refusal_fields
from schema.execution import service
from schema.execution.preparation.documents import DocumentCache
from storage.database import postgresql, sqlite
from storage.database.database import Database
from storage.database.migrate import migrate
from storage.queries import query_runner
from storage.queries.query_runner import PreparedPlan, SqlQueryRunner
from storage.queries.statements.fragments import FragmentStore
from tests.builders import new_keyring
from tests.databases import BOTH
from tests.hypothesis_profiles import load_profile
from tests.postgresql import running_server
from tests.shipped_schema import shipped_schema, shipped_types
from tests.storage.engines import SharedDatabase, shared_database, sharing_compiled, without_durability

load_profile()

TEMPLATE = "migrated"
NUMBERS = count(1)
RUNNING: list[pytest.Item] = []
MAY_START_PROCESSES = ("subprocess", "postgres")
GARBAGE = (50_000, 20, 100)
"""The thresholds of the garbage collector: tests leave much behind that reference counts free at once."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --sample, which `make test-fast` uses."""
    parser.addoption(
        "--sample", type=int, default=1, metavar="N", help="take every Nth case of the tests that are marked `sampled`"
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Take a sample; and, after the others have ordered the tests, begin with those that wait for servers.

    Workers that are idle take over what comes last, and no worker is left with a long test at the end.
    """
    _sample(config, items)
    yield
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


def _sample(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect most cases of the tests that are marked `sampled`; the first case of each test always stays.

    PostgreSQL gets the neighbours of the cases that SQLite gets: so more of the cases run on one of the two. Of the
    tests of a file that run again on PostgreSQL, the first and every *step*th after it stay.
    """
    step = config.getoption("--sample")
    seen: Counter[tuple[str, bool]] = Counter()
    left_out = set()
    for item in items if step > 1 else ():
        if item.get_closest_marker("again"):
            file = item.nodeid.partition("::")[0], True
            if seen[file] % step:
                left_out.add(item)
            seen[file] += 1
        elif item.get_closest_marker("sampled"):
            key = item.nodeid.partition("[")[0], item.get_closest_marker("postgres") is not None
            if (seen[key] - key[1]) % step:
                left_out.add(item)
            seen[key] += 1
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def pytest_configure(config: pytest.Config) -> None:
    """Collect no garbage while pytest collects the tests: there are many objects, and all of them stay."""
    gc.disable()
    for plugin in config.pluginmanager.get_plugins():
        if type(plugin).__name__ == "WorkerInteractor":
            plugin.sendevent = _with_news_alone(plugin.sendevent)


def _with_news_alone(send: Callable[..., None]) -> Callable[..., None]:
    """Send the process that gathers the results one report of a test, and those of a setup or teardown that failed.

    Of each test there would be six messages, and to read them took it a twentieth of all computing.
    """

    def send_news(name: str, **given: Any) -> None:
        is_passed_beside_the_test = (
            name == "testreport" and given["data"]["when"] != "call" and given["data"]["outcome"] == "passed"
        )
        if name not in {"logstart", "logfinish"} and not is_passed_beside_the_test:
            send(name, **given)

    return send_news


def pytest_collection_finish() -> None:
    """Exclude what pytest's collection created from every later garbage collection, and collect less often."""
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note what runs, for `_processes_are_marked`."""
    RUNNING[:] = [item]


@pytest.fixture(autouse=True, scope="module")
def _logs_of_a_module() -> Iterator[None]:
    with _logs_restored():
        yield


@pytest.fixture(autouse=True)
def _logs_of_a_test(_logs_of_a_module: None) -> Iterator[None]:
    with _logs_restored():
        yield


@contextmanager
def _logs_restored() -> Iterator[None]:
    """Restore the logging configuration: a test may have configured a stream that is closed by now."""
    config, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.configure(**config)
        root.handlers = handlers
        root.setLevel(level)


@pytest.fixture(autouse=True, scope="session")
def _processes_are_marked() -> Iterator[None]:
    """Fail a test that starts a process and does not say so by its marker: `make test-fast` leaves such tests out."""

    def checked(begin: Callable[..., None]) -> Callable[..., None]:
        def begin_if_marked(*given: Any, **named: Any) -> None:
            may = any(RUNNING[-1].get_closest_marker(name) for name in MAY_START_PROCESSES)
            assert may, "a test that starts a process is marked: pytest.mark.subprocess"
            begin(*given, **named)

        return begin_if_marked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", checked(subprocess.Popen.__init__))
        patch.setattr(BaseProcess, "start", checked(BaseProcess.start))
        yield


@pytest.fixture(autouse=True, scope="session")
def _built_once() -> Iterator[None]:
    """Let every gateway of the session share what is immutable and takes long to build.

    That is the schema with its maps of fields, the table of the shipped policy, the shipped data files, the parsed
    documents, the SQL of each query plan and of its fragments, and the certificates that clients over HTTP trust.
    """
    shipped = (Path(gateway_services.__file__).parents[1] / "policy").resolve()
    table = cache(lambda: load(shipped, refusal_fields(shipped_types()), gateway_services.report_disagreement))

    def load_once(folder: Path, refusals: Iterable[str], alarm: Alarm) -> Decisions:
        return table() if folder.resolve() == shipped else load(folder, refusals, alarm)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway_services, build.__name__, shipped_schema)
        patch.setattr(gateway_services, load.__name__, load_once)
        patch.setattr(service, field_map.__name__, cache(field_map))
        patch.setattr(service, classified_fields.__name__, cache(lambda schema: tuple(classified_fields(schema))))
        patch.setattr(DocumentCache, DocumentCache._read.__name__, _read_once_in_a_session(DocumentCache._read))
        patch.setattr(SqlQueryRunner, SqlQueryRunner.prepare.__name__, _prepared_once(SqlQueryRunner.prepare))
        patch.setattr(query_runner, FragmentStore.__name__, _fragments_once())
        patch.setattr("httpx._transports.default.create_ssl_context", _trusting_once(httpx.create_ssl_context))
        shared = sharing_compiled()
        patch.setattr(postgresql, postgresql.StatementCompiler.__name__, shared)
        patch.setattr(sqlite, sqlite.StatementCompiler.__name__, shared)
        patch.setattr(sqlite, sqlite.set_pragmas.__name__, without_durability(sqlite.set_pragmas))
        for module in (calendar, incentive, measures, policy_texts):
            patch.setattr(module, module.shipped.__name__, _read_once(module.shipped))
        yield


def _read_once(read: Callable[..., Any]) -> Callable[..., Any]:
    """Read the files of the release once, and those of a deployment each time."""
    shipped = cache(read)
    return lambda own=None: shipped() if own is None else read(own)


def _read_once_in_a_session(read: Callable[[DocumentCache, str], Any]) -> Callable[..., Any]:
    """Parse and validate each document once for all services with the same schema, limits and introspection."""
    found: dict[Any, Any] = {}

    @wraps(read)
    def once(documents: DocumentCache, text: str) -> Any:
        key = (id(documents._schema), documents._limits, documents._validator._hide_suggestions, text)
        if key not in found:
            found[key] = read(documents, text)
        return found[key]

    return once


def _prepared_once(prepare: Callable[[SqlQueryRunner, QueryPlan], PreparedPlan]) -> Callable[..., PreparedPlan]:
    """Compile each query plan once for all databases of a kind."""
    found: dict[Any, PreparedPlan] = {}

    @wraps(prepare)
    def prepared(runner: SqlQueryRunner, plan: QueryPlan) -> PreparedPlan:
        key = (runner._store.dialect.name, runner._store.unrectified, plan)
        if key not in found:
            found[key] = prepare(runner, plan)
        return found[key]

    return prepared


def _fragments_once() -> Callable[..., FragmentStore]:
    """Compile each fragment once for all databases of a kind."""
    found: dict[Any, FragmentStore] = {}

    def store(dialect: Dialect, unrectified: UnrectifiedPolicy, templates: Templates) -> FragmentStore:
        key = (dialect.name, unrectified, frozenset(templates.items()))
        if key not in found:
            found[key] = FragmentStore(dialect, unrectified, templates)
        return found[key]

    return store


def _trusting_once(create: Callable[..., SSLContext]) -> Callable[..., SSLContext]:
    """Read the root certificates once: it takes as long as ten requests, and nothing that tests reach uses TLS."""
    trusting = cache(create)
    return lambda verify=True, cert=None, trust_env=True: (
        trusting() if (verify, cert) == (True, None) else create(verify, cert, trust_env)
    )


@pytest.fixture(scope="session")
def kek(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the key file of the session."""
    return new_keyring(tmp_path_factory.mktemp("kek"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server for the whole session; gives its URL without a database name."""
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
async def migrated_postgresql(postgresql_server: str) -> str:
    await administer(postgresql_server, f"CREATE DATABASE {TEMPLATE}")
    await asyncio.to_thread(migrate, f"{postgresql_server}/{TEMPLATE}")
    return postgresql_server


@pytest.fixture
async def empty_postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """Give a database without any table, for what tests the migrations themselves."""
    name = f"empty_{next(NUMBERS)}"
    await administer(postgresql_server, f"CREATE DATABASE {name}")
    yield f"{postgresql_server}/{name}"
    await administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "chengxin.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
async def shared_postgresql(migrated_postgresql: str, _built_once: None) -> AsyncIterator[SharedDatabase]:
    await administer(migrated_postgresql, f"CREATE DATABASE shared TEMPLATE {TEMPLATE}")
    async with shared_database(f"{migrated_postgresql}/shared") as shared:
        yield shared


@pytest.fixture
async def postgresql_url(shared_postgresql: SharedDatabase) -> AsyncIterator[str]:
    yield shared_postgresql.url
    await shared_postgresql.empty()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a freshly migrated, empty database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give a freshly migrated, empty database, open."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


async def administer(server: str, script: str, database: str = "postgres") -> None:
    """Run statements by the side of whatever a test does."""
    connection = await asyncpg.connect(f"{server}/{database}")
    try:
        await connection.execute(script)
    finally:
        await connection.close()
