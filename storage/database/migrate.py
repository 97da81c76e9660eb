"""Bring a database to a revision of the schema: `chengxin db migrate`.

These functions block, and run an event loop of their own where they need one: from inside an event loop, call them by
`asyncio.to_thread`.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from storage.database.database import parse_url

SCRIPTS = Path(__file__).parents[1] / "migrations"


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at *url* up to *revision*, creating it on SQLite. A second call does nothing."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database at *url* down to *revision*; "base" drops every table of ours with its rows."""
    command.downgrade(_config(url), revision)


def current(url: str) -> str | None:
    """Read the revision of the database at *url*; None where no migration has run."""
    found: list[str] = []

    def look(revisions: tuple[str, ...] | str, _context: object) -> list[object]:
        found.extend([revisions] if isinstance(revisions, str) else revisions)
        return []

    config = _config(url)
    script = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, script, fn=look, dont_mutate=True):
        script.run_env()
    return found[0] if found else None


def head() -> str | None:
    """Return the revision that this release needs."""
    return scripts().get_current_head()


def is_known(revision: str) -> bool:
    """Return whether *revision* is one of this release; if not, it belongs to a later release."""
    return any(script.revision == revision for script in scripts().walk_revisions())


def scripts() -> ScriptDirectory:
    """Return the folder of migrations, as Alembic sees it."""
    return ScriptDirectory.from_config(_config())


def _config(url: str | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    if url is not None:
        parse_url(url)  # refuse early, and without quoting it
        config.attributes["url"] = url
    return config
