"""Bring a database to a revision of the schema: `chengxin db migrate`.

These functions block, and run an event loop of their own where they need one: from inside an event loop, call them by
`asyncio.to_thread`.
"""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage.database.database import parse_url
from storage.database.revisions import SCRIPTS


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at *url* up to *revision*, creating it on SQLite. A second call does nothing."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database at *url* down to *revision*; "base" drops every table of ours with its rows."""
    command.downgrade(_config(url), revision)


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
