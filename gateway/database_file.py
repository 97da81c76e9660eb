"""Opens the database, creates its file and reads its revision: a file for its owner alone, or a server elsewhere."""

from pathlib import Path

from consent.disclosures.pending_groups import Tag
from consent.templates import catalogue
from gateway.settings.settings import Settings, clock_periods, connection_url
from storage.database.database import Database, parse_url
from storage.database.limits import DatabaseLimits
from storage.database.revisions import current


def open_database(settings: Settings, limits: DatabaseLimits, tag: Tag | None) -> Database:
    """Return the database of *settings*, with the periods of its clocks and the bounds of its authorisations.

    *tag* as in `Database.open`, for work that appends entries of the ledger.
    """
    templates = catalogue(settings.authorisation_longest_days, settings.authorisation_longest_days_before)
    return Database.open(connection_url(settings), limits, clock_periods(settings), tag, templates)


def make_database_folder(settings: Settings) -> None:
    """Make a SQLite file and its folder, readable by their owner only: SQLite itself would let others read."""
    file = sqlite_file(settings)
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)


def revision(settings: Settings) -> str | None:
    """Return the revision of the database; None where it was never migrated. It creates nothing."""
    file = sqlite_file(settings)
    if file is not None and not file.exists():
        return None
    return current(connection_url(settings))


def sqlite_file(settings: Settings) -> Path | None:
    """Return the file of a SQLite database; None for a database on a server."""
    url = parse_url(settings.database_url)
    return Path(url.database or "") if url.drivername == "sqlite" else None
