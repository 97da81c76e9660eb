"""Signals between processes: collected after commits, carried by NOTIFY or by the file, and lost by delay alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from queryplan.signals import ANYBODY, Signal, SignalKind
from storage.database.database import Database
from storage.database.signals import postgresql_processes
from storage.database.signals.payloads import payloads, signals_of
from storage.database.signals.pending_signals import MOST, PendingSignals
from storage.database.signals.postgresql_processes import PostgresqlProcesses
from storage.database.signals.sqlite_processes import SqliteProcesses
from tests.storage.engines import administrator_of
from tests.storage.outages.freezable_proxy import FreezableProxy

ONE, TWO = UUID(int=1), UUID(int=2)
ACT, READ = SignalKind.ACT, SignalKind.READ
PATIENCE = 20.0


class Heard:
    """What one process heard, so far."""

    def __init__(self) -> None:
        self.signals: list[Signal] = []
        self._more = asyncio.Event()

    def __call__(self, signals: Sequence[Signal]) -> None:
        self.signals += signals
        self._more.set()

    async def until(self, is_enough: Callable[[list[Signal]], bool]) -> list[Signal]:
        """Wait for enough, and forget it."""
        async with asyncio.timeout(PATIENCE):
            while not is_enough(self.signals):
                self._more.clear()
                await self._more.wait()
        found, self.signals = self.signals, []
        return found


def test_many_of_one_subject_are_one_and_too_many_are_anybody() -> None:
    pending = PendingSignals()
    for _ in range(3):
        pending.add(ACT, [TWO, ONE])
    pending.add(READ, [UUID(int=number) for number in range(MOST)])
    assert pending.take()[:3] == [Signal(ACT, ONE), Signal(ACT, TWO), Signal(READ, UUID(int=0))]
    assert pending.take() == []
    pending.add(READ, [UUID(int=number) for number in range(MOST + 1)])
    pending.add(READ, [ONE])
    assert pending.take() == [Signal(READ, None)]


def test_a_payload_has_internal_ids_and_fits() -> None:
    assert payloads([Signal(ACT, ONE), Signal(READ, None)]) == ["act AAAAAAAAAAAAAAAAAAAAAQ", "read *"]
    signals = [Signal(kind, UUID(int=number)) for kind in SignalKind for number in range(MOST)]
    sent = payloads(signals)
    assert max(map(len, sent)) < 8_000
    assert [one for payload in sent for one in signals_of(payload)] == signals


@pytest.mark.parametrize("payload", ["", "act", "act ", "later AAAAAAAAAAAAAAAAAAAAAQ", "act AAAA", "act *,"])
def test_a_payload_that_cannot_be_read_lets_everybody_look(payload: str) -> None:
    """A later release may send others."""
    assert postgresql_processes._signals_or_anybody(payload) == ANYBODY


async def test_a_commit_is_signalled_to_its_own_process(database: Database) -> None:
    heard = Heard()
    exchange = database.signal_exchange(heard)
    database.pending_signals.add(ACT, [ONE])
    assert heard.signals == []
    await exchange.give_out()
    assert heard.signals == [Signal(ACT, ONE)]


def all_look(signals: list[Signal]) -> bool:
    """Whether everybody was let look."""
    return set(ANYBODY) <= set(signals)


@asynccontextmanager
async def exchanging(url: str, heard: Heard) -> AsyncIterator[Database]:
    """Exchange signals as one process of the database at *url*."""
    database = Database.open(url)
    running = asyncio.create_task(database.signal_exchange(heard).keep_running())
    try:
        yield database
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await database.close()


@pytest.mark.postgres
async def test_replicas_hear_each_other(postgresql_url: str) -> None:
    """Each lets everybody look when it begins to listen; then it hears what the other commits, and its own once."""
    first, second = Heard(), Heard()
    async with exchanging(postgresql_url, first) as one, exchanging(postgresql_url, second) as two:
        await first.until(all_look)
        await second.until(all_look)
        one.pending_signals.add(ACT, [ONE])
        assert await second.until(bool) == [Signal(ACT, ONE)]
        two.pending_signals.add(READ, [TWO])
        both = await first.until(lambda signals: Signal(READ, TWO) in signals)
        assert both == [Signal(ACT, ONE), Signal(READ, TWO)]


@pytest.mark.postgres
async def test_a_process_that_ends_sends_what_is_left(postgresql_url: str) -> None:
    """A command that changes something exchanges nothing while it runs."""
    heard = Heard()
    async with exchanging(postgresql_url, heard):
        await heard.until(all_look)
        command = Database.open(postgresql_url)
        command.pending_signals.add(ACT, [ONE])
        await command.close()
        assert await heard.until(bool) == [Signal(ACT, ONE)]


@pytest.mark.postgres
async def test_after_a_lost_connection_everybody_looks_and_what_was_not_sent_is_sent(postgresql_url: str) -> None:
    """The server ends the connection; what is committed meanwhile waits, and comes with the next one."""
    first, second = Heard(), Heard()
    async with exchanging(postgresql_url, first) as one, exchanging(postgresql_url, second):
        await first.until(all_look)
        await second.until(all_look)
        async with administrator_of(postgresql_url) as administrator:
            await administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
            )
        one.pending_signals.add(ACT, [ONE])
        await first.until(all_look)
        # Both connect anew, in either order: the signal is sent to who listens, or everybody looks later.
        await second.until(all_look)
        one.pending_signals.add(ACT, [TWO])
        await second.until(lambda signals: Signal(ACT, TWO) in signals)


@pytest.mark.postgres
async def test_a_connection_that_answers_nothing_more_is_made_anew(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_processes, "HEARTBEAT_SECONDS", 0.05)
    proxy = FreezableProxy(postgresql_url)
    await proxy.start()
    try:
        backend = Database.open(proxy.url)._backend
        processes = backend.other_processes()
        assert isinstance(processes, PostgresqlProcesses)
        processes._seconds = 0.2
        heard = Heard()
        listening = asyncio.create_task(processes.keep_listening(heard))
        await heard.until(all_look)
        await proxy.freeze()
        await heard.until(all_look)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await backend.close()
    finally:
        await proxy.close()


async def test_processes_on_one_file_see_that_another_has_committed(sqlite_url: str) -> None:
    """The own commits are signalled by name, and are no reason to let everybody look."""
    one, two = Database.open(sqlite_url), Database.open(sqlite_url)
    heard = Heard()
    processes = one._backend.other_processes()
    assert isinstance(processes, SqliteProcesses)

    await processes.look(heard)
    async with one.writing() as session:
        await session.run_text("INSERT INTO areas (code, name_zh, name_en) VALUES ('370399', '某地', 'There')", [()])
    await processes.look(heard)
    assert heard.signals == []
    async with two.writing() as session:
        await session.run_text("INSERT INTO areas (code, name_zh, name_en) VALUES ('370398', '某处', 'Here')", [()])
    await processes.look(heard)
    await processes.look(heard)
    assert heard.signals == list(ANYBODY)
    await one.close()
    await two.close()
