"""The entry point of Alembic: connects, and runs the migrations in one transaction, one process at a time.

`storage.database.migrate` passes the URL in the configuration's attributes, where no percent sign is interpolated
and nothing is printed.
"""

import asyncio

from alembic import context
from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.database.database import parse_url
from storage.database.postgresql import session_settings
from storage.database.sqlite import sqlite_engine
from storage.tables import metadata

MIGRATION_LOCK = 0x6368656E6778696E  # "chengxin": replicas that start together take turns


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        compare_type=True,
        compare_server_default=True,
    )
    context.run_migrations()


def _sqlite() -> None:
    engine = sqlite_engine(parse_url(context.config.attributes["url"]))
    with engine.connect() as connection:
        # SQLite changes a table by rebuilding it; meanwhile the references to it may dangle, at the end none may.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _run(connection)
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise RuntimeError("the migration would leave a reference that points nowhere")
        connection.commit()
    engine.dispose()


def _locked(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    # Fail, and be tried again, instead of blocking every reader behind a table lock that cannot be obtained.
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    _run(connection)


def _engine(url: URL) -> AsyncEngine:
    """Make the engine that migrations run by. None of its statements has a time limit."""
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        hide_parameters=True,
        poolclass=NullPool,
        connect_args={"server_settings": session_settings(), "target_session_attrs": "primary"},
    )


async def _postgresql() -> None:
    engine = _engine(parse_url(context.config.attributes["url"]))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_locked)
    finally:
        await engine.dispose()


if parse_url(context.config.attributes["url"]).drivername == "sqlite":
    _sqlite()
else:
    asyncio.run(_postgresql())
