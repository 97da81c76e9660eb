"""How long the database may take, and how many connections we keep to it.

Everything that waits for the database has an end, so that one dead connection, or one holder of a lock that froze,
stops neither a process nor its end.
"""

from dataclasses import dataclass
from typing import Final

CONNECTIONS: Final = 16
STATEMENT_SECONDS: Final = 4.0
COMMAND_SECONDS: Final = 600.0
"""How long a statement of a command may take: it reads or rewrites whole tables, and no request waits for it."""
MARGIN_SECONDS: Final = 1.0
"""How much longer we wait for the answer than the server lets a statement run: after that, the connection is dead."""


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """The limits of one process."""

    connections: int = CONNECTIONS
    """The most connections to PostgreSQL. SQLite has one writer and as many readers as it needs."""
    statement_seconds: float = STATEMENT_SECONDS
    """How long one statement may run."""
    loop_seconds: float = 1.0
    """How long a read of SQLite may run: it holds the event loop, where requests are served."""
    connect_seconds: float = 2.0
    """How long it may take to open a connection, and to end one."""
    wait_seconds: float = 2.0
    """How long a caller waits for one of the connections."""
    lock_seconds: float = 3.0
    """How long a statement waits for the lock of another transaction."""
    idle_seconds: float = 60.0
    """How long a transaction may stay open between two statements."""

    @property
    def answer_seconds(self) -> float:
        """How long we wait for the answer to one statement."""
        return self.statement_seconds + MARGIN_SECONDS


SERVING: Final = DatabaseLimits()
"""The limits of a process that serves requests."""
COMMANDS: Final = DatabaseLimits(
    connections=4,
    statement_seconds=COMMAND_SECONDS,
    loop_seconds=COMMAND_SECONDS,
    lock_seconds=10.0,
    idle_seconds=COMMAND_SECONDS,
)
"""The limits of a command, and of the preparation of a database."""
