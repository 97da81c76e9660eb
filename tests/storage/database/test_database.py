"""One interface, two databases, the same behaviour."""

import asyncio
import stat
from inspect import unwrap
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from credit.subjects.subject import SubjectKind
from storage.database import sqlite
from storage.database.database import Database, parse_url
from storage.errors import DatabaseClosed, DatabaseUnavailable, Outage, SessionOver, UnknownDatabase
from storage.repositories.subjects.identities import IdentityRepository
from storage.tables import areas, subjects
from tests.consent.samples import NOW, SUBJECT_ID
from tests.storage.engines import SharedDatabase
from tests.storage.reference_fixtures import AREA, count, lay, settle

MARK = "370305190001010017"
"""Shaped like an identity number: if it turns up anywhere, something leaks."""


def area(code: str, name: str = "名") -> dict[str, str]:
    return {"code": code, "name_zh": name, "name_en": "name"}


NAMES = select(areas.c.code).order_by(areas.c.code)


async def test_what_is_written_is_read_by_every_kind_of_session(database):
    async with database.writing() as session:
        assert await session.execute(insert(areas), area("1")) == 1
        assert await session.fetch(NAMES) == [("1",)]
    await database.write((insert(areas), [area("2"), area("3")]))
    async with database.snapshot() as session:
        assert await session.fetch(NAMES.where(areas.c.code > "1")) == [("2",), ("3",)]
    assert await database.fetch(NAMES) == [("1",), ("2",), ("3",)]


async def test_the_number_of_rows_hit_is_given_back(database):
    await database.write((insert(areas), [area("1"), area("2")]))
    async with database.writing() as session:
        assert await session.execute(update(areas).values(name_en="changed")) == 2
        assert await session.execute(delete(areas).where(areas.c.code == "9")) == 0


class DeliberateError(Exception):
    """Raised in the middle."""


async def test_an_exception_rolls_everything_back(database):
    with pytest.raises(DeliberateError):  # noqa: PT012 - leaving in the middle is what is tested
        async with database.writing() as session:
            await session.execute(insert(areas), area("1"))
            raise DeliberateError
    with pytest.raises(IntegrityError):
        await database.write((insert(areas), area("1")), (insert(areas), area("1")))
    assert await count(database, areas) == 0


async def test_a_reading_is_one_snapshot_while_others_write(database):
    async with database.snapshot() as session:
        assert await session.fetch(NAMES) == []
        await database.write((insert(areas), area("1")))
        assert await session.fetch(NAMES) == []
        assert await database.fetch(NAMES) == [("1",)]
    async with database.snapshot() as session:
        assert await session.fetch(NAMES) == [("1",)]


async def test_readings_that_overlap_keep_their_own_snapshots(database):
    async def seen(number: int) -> tuple[int, int]:
        async with database.snapshot() as session:
            first = len(await session.fetch(NAMES))
            await database.write((insert(areas), area(f"{number:02}")))
            await asyncio.sleep(0.01)
            return first, len(await session.fetch(NAMES))

    assert all(before == after for before, after in await asyncio.gather(*map(seen, range(12))))
    assert await count(database, areas) == 12


async def test_a_reading_cannot_write(database):
    with pytest.raises(DatabaseUnavailable, match="read-only"):
        async with database.snapshot() as session:
            await session.execute(insert(areas), area("1"))
    assert await count(database, areas) == 0


async def test_writers_do_not_lose_each_others_changes(database):
    await database.write((insert(areas), area("1", "0")))

    async def add_one() -> None:
        async with database.writing() as session:
            rows = await session.fetch(select(areas.c.name_zh).with_for_update())
            await asyncio.sleep(0)
            await session.execute(update(areas).values(name_zh=str(int(rows[0][0]) + 1)))

    await asyncio.gather(*(add_one() for _ in range(20)))
    assert await database.fetch(select(areas.c.name_zh)) == [("20",)]


@pytest.mark.parametrize("turns", range(12))
async def test_a_writer_that_is_cancelled_anywhere_leaves_nothing_open(database, turns):
    async def write() -> None:
        async with database.writing() as session:
            await session.execute(insert(areas), area("1"))
            await session.execute(insert(areas), area("2"))

    task = asyncio.create_task(write())
    for _ in range(turns):
        await asyncio.sleep(0.0005 if turns % 2 else 0)
    task.cancel()
    await asyncio.wait([task])

    await database.write((insert(areas), area("3")))
    async with database.writing() as session:
        await session.execute(insert(areas), area("4"))
    names = [code for (code,) in await database.fetch(NAMES)]
    assert names in (["3", "4"], ["1", "2", "3", "4"])


async def test_a_session_is_over_when_its_transaction_is(database):
    async with database.writing() as writing:
        pass
    async with database.snapshot() as reading:
        pass
    for session in (writing, reading):
        with pytest.raises(SessionOver):
            await session.fetch(NAMES)
        with pytest.raises(SessionOver):
            await session.execute(insert(areas), area("1"))


async def test_a_broken_constraint_quotes_no_value(database):
    await lay(database)
    row = {
        "subject_id": SUBJECT_ID, "kind": MARK, "area_code": AREA, "name_mask": MARK,
        "registered_at": NOW, "registered_by": MARK, "changed_at": NOW,
    }  # fmt: skip
    with pytest.raises(IntegrityError) as refused:
        await database.write((insert(subjects), row))
    assert MARK not in message_of(refused.value)


@pytest.mark.postgres
async def test_a_value_that_cannot_be_sent_is_not_quoted(postgresql_url):
    database = Database.open(postgresql_url)
    for statement, value in (
        (text("SELECT CAST(:value AS int)"), MARK),
        (text("SELECT CAST(CAST(:value AS text) AS uuid)"), MARK),
        (text("SELECT CAST(CAST(:value AS text) AS timestamp with time zone)"), MARK),
    ):
        with pytest.raises(DBAPIError) as refused:
            await database.fetch(statement, {"value": value})
        assert MARK not in message_of(refused.value)
    await database.close()


@pytest.mark.postgres
async def test_a_deadlock_is_an_outage_for_the_one_that_the_server_ends(postgresql_url):
    """Its client may send the request again; the other transaction goes on."""
    database, both = Database.open(postgresql_url), asyncio.Barrier(2)
    await database.write((insert(areas), [area("1"), area("2")]))

    async def lock(first: str, second: str) -> None:
        locked = select(areas.c.code).with_for_update()
        async with database.writing() as session:
            await session.fetch(locked.where(areas.c.code == first))
            await both.wait()
            await session.fetch(locked.where(areas.c.code == second))

    ended = await asyncio.gather(lock("1", "2"), lock("2", "1"), return_exceptions=True)
    (refused,) = [one for one in ended if one is not None]
    assert isinstance(refused, DatabaseUnavailable)
    assert refused.outage is Outage.LOCKED
    await database.close()


@pytest.mark.postgres
async def test_two_that_write_about_a_subject_both_learn_its_kind(postgresql_url):
    """[5.1.6] What is kept in clear is searched for its name after the facts are written: no lock may follow theirs."""
    database = Database.open(postgresql_url)
    await lay(database)
    await settle(database)
    referring = (
        select(subjects.c.kind).where(subjects.c.subject_id == SUBJECT_ID).with_for_update(read=True, key_share=True)
    )
    async with database.writing() as one, database.writing() as other, asyncio.timeout(2):
        await one.fetch(referring)  # as the foreign key of a new row does
        await other.fetch(referring)
        for session in (one, other):
            assert await IdentityRepository(session).kind_of(SUBJECT_ID) is SubjectKind.NATURAL_PERSON
    await database.close()


OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
"""How many transactions are open, that of this question included."""
ASKED_ALONE = {
    "by SQLAlchemy": lambda database, value, note: database.fetch(
        text(f"SELECT CAST(:value AS int), '{note}'"), {"value": value}
    ),
    "as text": lambda database, value, note: database.fetch_text(f"SELECT $1::int, '{note}'", [value]),
}
"""A statement without a transaction. Its *note* makes it one that no connection has prepared yet."""


async def require_nothing_open(shared: SharedDatabase) -> None:
    """Wait until no connection has a transaction open: one that was dropped ends when the server notices.

    A connection of its own asks, because a question ends what is open on its connection.
    """
    for _ in range(200):
        if await shared.administrator.fetchval(OPEN) == 1:
            return
        await asyncio.sleep(0.01)
    pytest.fail("a connection has a transaction open")


@pytest.mark.postgres
@pytest.mark.parametrize("way", ASKED_ALONE)
async def test_a_statement_that_the_driver_refuses_leaves_nothing_open(shared_postgresql, postgresql_url, way):
    """It is prepared by then, and the server would wait for its values."""
    database = Database.open(postgresql_url)
    with pytest.raises((DBAPIError, asyncpg.DataError)):
        await ASKED_ALONE[way](database, MARK, "refused")
    await require_nothing_open(shared_postgresql)
    await database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("way", ASKED_ALONE)
async def test_a_statement_that_is_cancelled_anywhere_does_not_stop_the_next_snapshot(postgresql_url, way):
    """Between its preparation and its values, too."""
    database = Database.open(postgresql_url)
    await database.fetch(NAMES)
    turns, done = 0, False
    while not done:
        task = asyncio.create_task(ASKED_ALONE[way](database, 1, f"cancelled-{turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        done, turns = task.done(), turns + 1
        task.cancel()
        await asyncio.wait([task])
        async with database.snapshot() as session:
            assert await session.fetch(NAMES) == []
    await database.close()
    assert turns > 3


def message_of(error: BaseException) -> str:
    """Everything that a log could print of an error and its causes."""
    services = []
    link: BaseException | None = error
    while link is not None:
        services.append(f"{link} {link!r} {link.args} {getattr(link, 'detail', '')}")
        link = link.__cause__ or link.__context__
    return " ".join(services)


async def test_a_closed_database_refuses(database):
    await database.write((insert(areas), area("1")))
    async with database.snapshot() as session:
        await database.close()
        assert await session.fetch(NAMES) == [("1",)]  # what is open may end
    with pytest.raises(DatabaseClosed):
        await database.fetch(NAMES)
    with pytest.raises(DatabaseClosed):
        async with database.writing():
            pass
    await database.close()  # again: nothing to do


async def test_closing_leaves_one_file(sqlite_url, tmp_path):
    database = Database.open(sqlite_url)
    await database.write((insert(areas), area("1")))
    await database.fetch(NAMES)
    assert len(list(tmp_path.glob("chengxin.db*"))) == 3  # with -wal and -shm
    await database.close()
    assert [path.name for path in tmp_path.glob("chengxin.db*")] == ["chengxin.db"]


async def test_a_new_file_is_its_owners_alone(tmp_path):
    path = tmp_path / "new.db"
    database = Database.open(f"sqlite:///{path}")
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE t (a)"))
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("new.db*")} == {0o600}
    await database.close()


@pytest.mark.parametrize(
    ("pragma", "wanted"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("temp_store", 2),  # MEMORY
    ],
)
async def test_every_sqlite_connection_is_durable_and_forgets(sqlite_url, monkeypatch, pragma, wanted):
    # That of the product: other tests do not wait for the disk.
    monkeypatch.setattr(sqlite, sqlite.set_pragmas.__name__, unwrap(sqlite.set_pragmas))
    database = Database.open(sqlite_url)
    question = text(f"PRAGMA {pragma}")
    async with database.writing() as writing, database.snapshot() as reading:
        assert await writing.fetch(question) == await reading.fetch(question) == [(wanted,)]
    await database.close()


async def test_deleted_bytes_are_gone_after_a_checkpoint(sqlite_url, tmp_path):
    secret = "planted-" * 40
    database = Database.open(sqlite_url)
    await database.write((insert(areas), [area("1", secret), area("2")]))
    assert await database.checkpoint()
    assert secret in on_disk(tmp_path)
    async with database.snapshot() as session:
        await session.fetch(NAMES)
        await database.write((delete(areas).where(areas.c.code == "1"), None))
        assert not await database.checkpoint()  # this reading still sees the row
    assert await database.checkpoint()
    assert secret[:16] not in on_disk(tmp_path)
    assert await database.fetch(NAMES) == [("2",)]
    await database.close()


def on_disk(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.glob("chengxin.db*")))


@pytest.mark.postgres
async def test_postgresql_commits_are_durable_whatever_the_default(postgresql_url):
    database = Database.open(postgresql_url)
    assert await database.fetch(text("SHOW synchronous_commit")) == [("on",)]
    async with database.snapshot() as session:
        assert await session.fetch(text("SHOW transaction_isolation")) == [("repeatable read",)]
        assert await session.fetch(text("SHOW transaction_read_only")) == [("on",)]
    async with database.writing() as session:
        assert await session.fetch(text("SHOW transaction_isolation")) == [("read committed",)]
        assert await session.fetch(text("SHOW transaction_read_only")) == [("off",)]
    await database.close()


@pytest.mark.parametrize(
    ("url", "drivername", "name"),
    [
        ("sqlite:///chengxin.db", "sqlite", "chengxin.db"),
        ("sqlite:////var/lib/chengxin.db", "sqlite", "/var/lib/chengxin.db"),
        ("postgresql://gate@db.example/chengxin", "postgresql", "chengxin"),
        ("postgresql+asyncpg://gate@db.example/chengxin", "postgresql", "chengxin"),
    ],
)
def test_an_address_of_a_database(url, drivername, name):
    assert (parse_url(url).drivername, parse_url(url).database) == (drivername, name)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "chengxin.db",
        "mysql://gate:hunter2@db/chengxin",
        "postgresql+psycopg2://gate:hunter2@db/chengxin",
        "postgresql://gate:hunter2@db",
        "postgresql://gate:hunter2@db:port/chengxin",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?cache=shared",
    ],
)
def test_what_is_no_address_of_ours_is_refused_without_quoting_it(url):
    with pytest.raises(UnknownDatabase) as refused:
        Database.open(url)
    assert "hunter2" not in message_of(refused.value)
    assert "sqlite:///" in str(refused.value)
