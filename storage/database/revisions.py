"""The revisions of the database: the one that it has, and those of this release.

To serve, both are only read, so Alembic is not imported: it takes longer than everything else that a start checks.
"""

import asyncio
import re
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import text

from storage.database.database import Database

SCRIPTS: Final = Path(__file__).parents[1] / "migrations"
_LINES: Final = re.compile(r'^(down_revision|revision) = (?:"(\w+)"|None)', re.MULTILINE)
_IS_THERE: Final = {
    "sqlite": text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"),
    "postgresql": text("SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"),
}


def current(url: str) -> str | None:
    """Read the revision of the database at *url*; None where no migration has run. Runs an event loop of its own."""
    return asyncio.run(_current(url))


def head() -> str:
    """Return the revision that this release needs."""
    below = set(_known().values())
    (newest,) = _known().keys() - below
    return newest


def is_known(revision: str) -> bool:
    """Return whether *revision* is one of this release; if not, it belongs to a later release."""
    return revision in _known()


@cache
def _known() -> dict[str, str | None]:
    """Return each revision of this release with the one before it, as its migration states them."""
    stated = [dict(_LINES.findall(file.read_text(encoding="utf-8"))) for file in (SCRIPTS / "versions").glob("*.py")]
    return {each["revision"]: each["down_revision"] or None for each in stated}


async def _current(url: str) -> str | None:
    database = Database.open(url)
    try:
        if not await database.fetch(_IS_THERE[database.dialect.name]):
            return None
        rows = await database.fetch(text("SELECT version_num FROM alembic_version"))
        return str(rows[0][0]) if rows else None
    finally:
        await database.close()
