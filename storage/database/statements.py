"""Turns statements of SQLAlchemy Core into text and values for the driver. The text is compiled once.

SQLAlchemy is the language of our statements; it runs none of them. Its engine would cost more than most of them take.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast
from uuid import UUID

from cachetools import LRUCache
from sqlalchemy import Executable, Numeric, Uuid
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import StatementError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from storage.database.session import Parameters, Rows

KEPT: Final = 1_000
"""How many statements stay compiled. The repositories have some hundreds."""

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class DriverStatement:
    """A statement as the driver takes it: its text, and the values of each time that it is run."""

    text: str
    rows: Sequence[Sequence[Any]]
    converts: Sequence[Convert | None]
    """How the values of each column are converted that it returns; empty where the driver's values are ours."""

    @property
    def is_many(self) -> bool:
        """Whether it is run several times."""
        return len(self.rows) > 1

    def converted(self, rows: Sequence[Sequence[Any]]) -> Rows:
        """Return the driver's rows as tuples of our types."""
        if not self.converts:
            return [tuple(row) for row in rows]
        return [
            tuple(
                value if convert is None else convert(value) for value, convert in zip(row, self.converts, strict=True)
            )
            for row in rows
        ]


def dialect_of(url: URL) -> Dialect:
    """Return the dialect of *url*, whose drivername names the driver; no connection is made."""
    made: Any = url.get_dialect()
    dialect: Dialect = made(dbapi=made.import_dbapi())
    return dialect


class StatementCompiler:
    """Compiles the statements of one dialect, each once."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._compiled: LRUCache[Any, Any] = LRUCache(KEPT)
        self._converts: LRUCache[SQLCompiler, Sequence[Convert | None]] = LRUCache(KEPT)

    def prepare(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None) -> DriverStatement:
        """Return *statement* with its values. Raises StatementError for a value that does not fit its bind."""
        given: Sequence[Parameters] = (
            [] if not parameters else [parameters] if isinstance(parameters, Mapping) else parameters
        )
        # These are the steps of SQLAlchemy's own Connection, which has no public name for the first of them.
        compiled, extracted, collected, _ = cast("Any", statement)._compile_w_cache(  # noqa: SLF001 - as said
            self.dialect,
            compiled_cache=self._compiled,
            column_keys=sorted(given[0]) if given else [],
            for_executemany=len(given) > 1,
        )
        try:
            sets = [
                compiled.construct_params(
                    dict(one), escape_names=False, extracted_parameters=extracted, _collected_params=collected
                )
                for one in given or [{}]
            ]
            return self._with_values(compiled, sets)
        except (TypeError, ValueError, AttributeError) as error:
            raise StatementError(type(error).__name__, str(compiled), None, error, hide_parameters=True) from None

    def _with_values(self, compiled: SQLCompiler, sets: Sequence[Mapping[str, Any]]) -> DriverStatement:
        text = compiled.string
        names: Sequence[str] = compiled.positiontup or ()
        processors = cast("dict[str, Convert]", compiled._bind_processors)  # noqa: SLF001 - as above
        if compiled.post_compile_params or compiled.literal_execute_params:  # a list of values makes the text its own
            (values,) = sets
            expanded = compiled._process_parameters_for_postcompile(dict(values))  # noqa: SLF001 - as above
            text, names, sets = expanded.statement, expanded.positiontup or (), [{**values, **expanded.parameters}]
            processors = {**processors, **cast("dict[str, Convert]", expanded.processors)}
        rows = [
            [processors[name](values[name]) if name in processors else values[name] for name in names]
            for values in sets
        ]
        return DriverStatement(text, rows, self._converts_of(compiled))

    def _converts_of(self, compiled: SQLCompiler) -> Sequence[Convert | None]:
        try:
            return self._converts[compiled]
        except KeyError:
            columns = getattr(compiled, "_result_columns", None) or ()
            converts = [result_converter(column.type, self.dialect) for column in columns]
            found = self._converts[compiled] = converts if any(converts) else ()
            return found


def result_converter(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """Return how a value of a column is converted that the driver returns; None where it is as it should be."""
    if isinstance(kind, Uuid) and dialect.name == "sqlite":
        return _uuid_or_none
    if isinstance(kind, Numeric) and dialect.name != "sqlite":
        return None  # the driver knows decimals
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(maxsize=100_000)
def _uuid(text: str) -> UUID:
    """Return the id that SQLite stores as text. Ids are cached, because a page repeats its subjects."""
    return UUID(text)


def _uuid_or_none(text: str | None) -> UUID | None:
    return None if text is None else _uuid(text)
