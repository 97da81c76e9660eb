"""What the repositories need of a database: one transaction or one snapshot, the same on SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Executable

Rows = Sequence[tuple[Any, ...]]
Parameters = Mapping[str, object]
Step = tuple[Executable, Parameters | Sequence[Parameters] | None]
TextStep = tuple[str, Sequence[Sequence[object]]]
"""A statement as SQL text of the dialect, and the rows of values that it is run with."""


class Session(Protocol):
    """One transaction, or one snapshot for reading. It belongs to the task that opened it.

    INVARIANT: a session whose statement failed is only good for rolling back. PostgreSQL enforces it, SQLite
    does not; so a repository never catches a broken constraint and continues: it uses ON CONFLICT and checks the
    row count.
    """

    async def fetch(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        """Run a statement that returns rows, and return all of them as tuples."""
        ...

    async def fetch_text(self, text: str, values: Sequence[object]) -> Sequence[Sequence[Any]]:
        """Run a SELECT as SQL text of the dialect, without SQLAlchemy; values have the types of the driver.

        For statements compiled once and run often (`storage.queries.query_runner`), where compiling costs more than
        running.
        """
        ...

    async def run_text(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement that returns no rows, as SQL text of the dialect, once for each of *rows*."""
        ...

    async def execute(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        """Run a statement that returns no rows; return the number of rows that it changed.

        With a sequence of parameters it runs once for each, in as few round trips as the driver can; the number
        is then -1 on PostgreSQL, whose driver does not count them.
        """
        ...
