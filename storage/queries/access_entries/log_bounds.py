"""Which part of the access log a page has to look at: after the cursor, by id, and by month on PostgreSQL."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.engine import Dialect

from storage.database.column_types import Id
from storage.database.sql_ids import first_id_of, id_bytes, month_of_id
from storage.queries.access_entries.log_subjects import ENTRY, IdChoice
from storage.queries.conditions.row_conditions import Condition, bind
from storage.queries.literals import word

LAST: Final = "last_seen"
"""The binds of the cursor begin with this word, until they have the name of the statement's cursor."""
_REPEATED: Final = 8
"""How often a bound of a month is written: see `is_within`."""
_MONTH: Final[ColumnElement[Any]] = literal_column("INTERVAL '1 month'")
_INSTANT: Final = DateTime(timezone=True)
_FIRST_MONTH: Final = literal_column("TIMESTAMPTZ '2026-01-01 00:00:00+00'", _INSTANT)
"""Before the first release that wrote disclosures."""
_LEAST, _GREATEST = (literal_column(f"CAST('{UUID(int=end)}' AS UUID)", Id()) for end in (0, 2**128 - 1))


def id_is(key: ColumnElement[Any], operator: str, dialect: Dialect, *, as_bytes: bool) -> Condition:
    """Return the condition that an entry has the id, or one of the ids, that a filter names."""
    return IdChoice.filtered(operator, ENTRY).holds(key, dialect, as_bytes=as_bytes)


def is_not_passed(key: ColumnElement[Any], *, as_bytes: bool, newest_first: bool) -> Condition:
    """Return the condition that an entry is not newer than the last one of the page before; or else, not older."""
    last = id_bytes(_last()) if as_bytes else _last()
    return key <= last if newest_first else key >= last


def months(*, is_after: bool, newest_first: bool) -> Select[Any]:
    """Return the months of the disclosures, in the order of the page, by the first id of each and that of the next.

    The newest reaches to the end of all ids, and the oldest back to their beginning: no row is in none of them.
    """
    newest: ColumnElement[Any] = func.date_trunc(
        word("month"), func.coalesce(cast(bind("today"), _INSTANT), func.now()), word("UTC")
    )
    oldest: ColumnElement[Any] = _FIRST_MONTH
    if is_after and newest_first:
        newest = func.least(newest, month_of_id(_last()))
    newest = func.greatest(newest, _FIRST_MONTH, type_=_INSTANT)
    if is_after and not newest_first:
        oldest = func.least(func.greatest(month_of_id(_last()), _FIRST_MONTH), newest, type_=_INSTANT)
    ends = (newest, oldest, -_MONTH) if newest_first else (oldest, newest, _MONTH)
    month = func.generate_series(*ends, type_=_INSTANT).column_valued("month")
    return select(
        case((month == _FIRST_MONTH, _LEAST), else_=first_id_of(month)).label("first"),
        case((month == newest, _GREATEST), else_=first_id_of(month + _MONTH)).label("beyond"),
    )


def is_within(key: ColumnElement[Any], *, is_after: bool, newest_first: bool) -> Condition:
    """Return the condition that an id is of the month at hand, so that only its partition is read, and not passed.

    The planner knows no bound. It would take any range of the key for one in two hundred rows, and read the whole
    month by its key to find one subject. What is compared with any of eight equal bounds it takes for nearly all rows.
    """
    first, beyond = (_any_of(literal_column(f"months.{name}", Id())) for name in ("first", "beyond"))
    last = _any_of(id_bytes(_last()))
    return and_(key >= first, key < beyond, *([key <= last if newest_first else key >= last] if is_after else []))


def _any_of(bound: ColumnElement[Any]) -> ColumnElement[Any]:
    return any_(array([bound] * _REPEATED))


def _last() -> ColumnElement[Any]:
    """Return the id of the last entry of the page before."""
    return bindparam(f"{LAST}_0", type_=Uuid(), required=False)
