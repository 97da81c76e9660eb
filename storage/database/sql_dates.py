"""Days and instants in SQL, which the two databases write differently: civil days, later days, due days, now."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, bindparam, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import UserDefinedType

from storage.database.column_types import Instant


class DayTable(UserDefinedType[str]):
    """A table of days as JSON text: an object from day to day, both in ISO 8601."""

    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """Return the type that the caller passes."""
        return str


class civil_day(FunctionElement[date]):  # noqa: N801 - reads like the SQL function that it is
    """The day in Asia/Shanghai of an instant. The zone has had one offset since 1991 [5.1.4]."""

    type = Date()
    name = "civil_day"
    inherit_cache = True


class days_after(FunctionElement[date]):  # noqa: N801 - as above
    """The day that comes so many calendar days after another; NULL after NULL."""

    type = Date()
    name = "days_after"
    inherit_cache = True

    def __init__(self, day: ColumnElement[date], days: int) -> None:
        super().__init__(day, literal_column(str(int(days))))


class never(FunctionElement[datetime]):  # noqa: N801 - as above
    """An instant before every change."""

    type = Instant()
    name = "never"
    inherit_cache = True


class due_day(FunctionElement[date]):  # noqa: N801 - as above
    """The last day of a clock, looked up in a table of days by the day on which the clock started."""

    type = Date()
    name = "due_day"
    inherit_cache = True


def sorts_on(since: ColumnElement[Any]) -> ColumnElement[date]:
    """Return the day by which a task without a clock is sorted, looked up in the bind `longest_clock` by its start."""
    return due_day(since, bindparam("longest_clock", type_=DayTable()))


@compiles(never)
def _never(_element: never, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401 - whatever the compiler passes on
    text = "'1900-01-01 00:00:00.000000'"
    return text if compiler.dialect.name == "sqlite" else f"CAST({text} AS TIMESTAMP WITH TIME ZONE)"


class instant_after(FunctionElement[datetime]):  # noqa: N801 - as above
    """The instant some whole seconds from now, by the database's clock."""

    type = Instant()
    name = "instant_after"
    inherit_cache = True

    def __init__(self, seconds: int) -> None:
        super().__init__(literal_column(str(seconds)))


@compiles(instant_after, "sqlite")
def _instant_after_sqlite(element: instant_after, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    (seconds,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%f', 'now', '+{seconds} seconds') || '000'"


@compiles(instant_after, "postgresql")
def _instant_after_postgresql(element: instant_after, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    (seconds,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(clock_timestamp() + make_interval(secs => {seconds}))"


@compiles(civil_day, "sqlite")
def _civil_day_sqlite(element: civil_day, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - whatever the compiler passes on
    (instant,) = element.clauses
    return f"date({compiler.process(instant, **options)}, '+8 hours')"


@compiles(civil_day, "postgresql")
def _civil_day_postgresql(element: civil_day, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    (instant,) = element.clauses
    return f"CAST(timezone(INTERVAL '8 hours', {compiler.process(instant, **options)}) AS DATE)"


@compiles(days_after, "sqlite")
def _days_after_sqlite(element: days_after, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    day, days = (compiler.process(clause, **options) for clause in element.clauses)
    return f"date({day}, '+{days} days')"


@compiles(days_after, "postgresql")
def _days_after_postgresql(element: days_after, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    day, days = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({day} + {days})"


@compiles(due_day, "sqlite")
def _due_day_sqlite(element: due_day, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    day, table = (compiler.process(clause, **options) for clause in element.clauses)
    # A starting day before the table counts as its own last day: it is long past, and sorts among the late ones.
    return f"coalesce(json_extract({table}, '$.\"' || {day} || '\"'), {day})"


@compiles(due_day, "postgresql")
def _due_day_postgresql(element: due_day, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    day, table = (compiler.process(clause, **options) for clause in element.clauses)
    return f"coalesce(CAST(CAST({table} AS JSONB) ->> CAST({day} AS TEXT) AS DATE), {day})"
