"""The place of the database, before anything is in it: a file for its owner alone, or a server elsewhere."""

from pathlib import Path

from gateway.settings.settings import Settings, connection_url
from storage.database.database import parse_url
from storage.database.migrate import current


def make_database_folder(settings: Settings) -> None:
    """Make a SQLite file and its folder, for its owner's eyes only: SQLite itself would let others read."""
    file = sqlite_file(settings)
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)


def revision(settings: Settings) -> str | None:
    """Return the revision of the database; None where nothing was ever migrated. Looking makes nothing."""
    file = sqlite_file(settings)
    if file is not None and not file.exists():
        return None
    return current(connection_url(settings))


def sqlite_file(settings: Settings) -> Path | None:
    """Return the file of a SQLite database, or None where a server holds it."""
    url = parse_url(settings.database_url)
    return Path(url.database or "") if url.drivername == "sqlite" else None
