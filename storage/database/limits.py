"""How long the database may take, and how many connections we keep to it.

Everything that waits for the database has an end, so that one dead connection, or one holder of a lock that froze,
stops neither a process nor its end.
"""

from dataclasses import dataclass
from typing import Final

COMMAND_SECONDS: Final = 600.0
"""How long a statement of a command may take: it reads or rewrites whole tables, and no request waits for it."""


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """The limits of one process. What a statement may take limits everything else."""

    connections: int = 16
    """The most connections to PostgreSQL. SQLite has one writer and as many readers as it needs."""
    statement_seconds: float = 4.0
    """How long one statement may run; then the database stops it."""

    @property
    def answer_seconds(self) -> float:
        """How long we wait for the answer to one statement: if the database has not stopped it by then, it is dead."""
        return self.statement_seconds * 1.25

    @property
    def lock_seconds(self) -> float:
        """How long a statement waits for the lock of another transaction."""
        return min(self.statement_seconds * 0.75, 10.0)

    @property
    def wait_seconds(self) -> float:
        """How long it may take to open a connection, or to end one, and how long a caller waits for a free one."""
        return min(self.statement_seconds * 0.5, 5.0)

    @property
    def loop_seconds(self) -> float:
        """How long a read of SQLite may run: it holds the event loop, where requests are served."""
        return self.statement_seconds * 0.25

    @property
    def idle_seconds(self) -> float:
        """How long a transaction may stay open between two statements."""
        return max(self.statement_seconds, 60.0)


SERVING: Final = DatabaseLimits()
"""The limits of a process that serves requests, where the settings name no others."""
COMMANDS: Final = DatabaseLimits(statement_seconds=COMMAND_SECONDS)
"""The limits of a command, and of the preparation of a database."""
