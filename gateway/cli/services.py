"""What commands work with: the database or the gateway's services, opened for the time of one command."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from consent.disclosures.pending_groups import Tag
from gateway.cli.output import CommandRefused
from gateway.database_file import open_database, revision
from gateway.key_file_check import require_key_file
from gateway.services import Services, build_services
from gateway.settings.settings import Settings, connection_url, read
from gateway.telemetry import logging as log
from storage.database.database import Database
from storage.database.limits import COMMANDS, DatabaseLimits
from storage.database.revisions import current, head

MIGRATE = "run 'chengxin db migrate'"
Result = TypeVar("Result")
Work = Callable[[Services], Coroutine[Any, Any, Result]]


def settings_of_migrated() -> Settings:
    """Return the settings, and configure the log by them; raises CommandRefused for a database of another revision."""
    settings = read(os.environ)
    log.configure(settings)
    found = current(connection_url(settings))
    if found != head():
        raise CommandRefused(f"the database is at revision {found or 'none'}, and this release needs {head()}", MIGRATE)
    return settings


def require_migrated(settings: Settings) -> None:
    """Raise CommandRefused for a database of another revision; a missing database file is not created."""
    if revision(settings) != head():
        raise CommandRefused("the database is not at this release's revision", MIGRATE)


def with_database(
    settings: Settings, work: Callable[[Database], Coroutine[Any, Any, Result]], tag: Tag | None = None
) -> Result:
    """Open the database, do the work, and close it again. *tag*: for work that appends entries of the ledger."""

    async def whole() -> Result:
        database = open_database(settings, COMMANDS, tag)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


def with_services(work: Work[Result], limits: DatabaseLimits | None = COMMANDS) -> Result:
    """Build the services on a migrated database, do the work, and close them again. Raises KeyFileRefused.

    Without *limits* a statement has the time limit of a server's: for a command that runs as long as a server does.
    """
    settings = settings_of_migrated()

    async def whole() -> Result:
        services = build_services(settings, limits=limits)
        try:
            await require_key_file(services.database, services.keyring, services.runtime.now())
            return await work(services)
        finally:
            await services.close()

    return asyncio.run(whole())
