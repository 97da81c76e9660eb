"""A page of the access log: newest first, over disclosures and over the entries that were kept before them.

Whose entries a statement can show is often known: its reader's, a delegate's subjects', a filter's. Then

    PostgreSQL  walks the key of `disclosures` backwards over at most 2,000 rows. If they do not fill the page, it asks
                the index over their subjects, one month after the other, until the page is full.
    SQLite      walks the key of `disclosed_subjects`.

By itself PostgreSQL walks the key for somebody with three entries, through the whole table. What is about everybody
walks the key on both databases. Either way, as many of the entries of before are read as the page holds: they are
older, but for those that a process of the release before wrote while it was replaced.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import array

from queryplan.plan import Order, SelectPlan
from storage.database.column_types import Id
from storage.database.sql_ids import first_id_of, id_bytes, month_of_id
from storage.errors import UnknownRelation
from storage.queries.access_entries.entry_rows import (
    SHOWN,
    STORED_ID,
    STORED_SUBJECT,
    access_log,
    disclosed_rows,
    kept_rows,
    own_rows,
    rows_of_one,
)
from storage.queries.access_entries.log_subjects import IdChoice, LogSubjects
from storage.queries.conditions.row_conditions import Condition, bind
from storage.queries.entity_map import ToMany
from storage.queries.from_clause import QueryContext
from storage.queries.literals import number, word
from storage.queries.page_query import PageQuery, page_order
from storage.tables import access_entries, disclosed_subjects, disclosures

MOST_WALKED: Final = 2_000
"""How many disclosures are looked through before the index is asked."""
LOG_ORDER: Final = (Order("entry_id", "desc"), Order("subject_id", "desc"))
"""Newest first. The entries of one disclosure have the same id, so the subject's follows."""
_REPEATED: Final = 8
"""How often a bound of a month is written: see `_within`."""
_MONTHS: Final = "months"
_MONTH: Final[ColumnElement[Any]] = literal_column("INTERVAL '1 month'")
_INSTANT: Final = DateTime(timezone=True)
_FIRST_MONTH: Final = literal_column("TIMESTAMPTZ '2026-01-01 00:00:00+00'", _INSTANT)
"""Before the first release that wrote disclosures."""
_LEAST, _GREATEST = (literal_column(f"CAST('{UUID(int=end)}' AS UUID)", Id()) for end in (0, 2**128 - 1))


class AccessLogPage:
    """The rows of one statement over the access log; each part of them passes the same conditions as in `PageQuery`."""

    def __init__(self, statement: SelectPlan, context: QueryContext, relation: ToMany | None) -> None:
        if relation is not None:
            raise UnknownRelation(access_log.name, "parent")
        self._statement, self._context, self._dialect = statement, context, context.dialect
        self._subjects = LogSubjects.of(statement, context.unrectified)
        entries = [one for one in statement.filters if (one.of, one.name) == ("", "entry_id")]
        self._entries = IdChoice.filtered(entries[0]) if entries else None
        self._limit = statement.limit if statement.order == LOG_ORDER else None

    def rows(self) -> FromClause:
        """Return the page as a FROM clause."""
        parts = [*self._disclosed_parts(), self._part(kept_rows(*self._kept_conditions()))]
        both = union_all(*parts).subquery("parts")
        page = select(both)
        if self._statement.limit is None:
            return page.subquery("page")
        page = page.order_by(*page_order(self._statement, both)).limit(number(self._statement.limit))
        return page.cte("page").prefix_with("MATERIALIZED")

    def total(self) -> Select[Any]:
        """Return the count of the same rows without cursor and limit."""
        counts = [
            self._page_query(row).total().scalar_subquery()
            for row in (self._all_disclosed(bounded=False), kept_rows(*self._kept_conditions(bounded=False)))
        ]
        return select((counts[0] + counts[1]).label("total"))

    def _disclosed_parts(self) -> list[Select[Any]]:
        if self._entries is not None or self._limit is None:
            return [self._part(self._all_disclosed())]
        if self._subjects is None:
            return [self._part(self._newest() if self._dialect.name == "sqlite" else self._all_disclosed())]
        if self._dialect.name == "sqlite":
            return [self._part(self._all_disclosed())]
        recent = select(*SHOWN).where(*self._bounds(disclosures.c.disclosure_id))
        newest = recent.order_by(disclosures.c.disclosure_id.desc()).limit(number(MOST_WALKED)).subquery("recent")
        walk = disclosed_rows(newest, self._dialect, self._subjects.are_among(newest.c.subjects))
        walked = self._chosen(walk).cte("walked").prefix_with("MATERIALIZED")
        found = select(func.count()).select_from(walked).scalar_subquery()
        full = number(self._limit)
        return [select(walked).where(found >= full), self._by_month(self._subjects, found < full)]

    def _newest(self) -> FromClause:
        """Return the rows of the newest disclosures that have one: as many of these as the page holds are enough.

        SQLite would sort all rows of the table, because it takes the places of a page from a table-valued function.
        """
        key = disclosures.c.disclosure_id
        has_row = self._page_query(rows_of_one(disclosures, self._dialect)).select().exists()
        newest = select(*SHOWN).where(*self._bounds(key), has_row).order_by(key.desc())
        return disclosed_rows(self._limited(newest).subquery("newest"), self._dialect)

    def _by_month(self, subjects: LogSubjects, is_needed: Condition) -> Select[Any]:
        """Return the newest rows by the index over subjects, one month after the other until there are enough."""
        months, key = self._months(is_needed), disclosures.c.disclosure_id
        # INVARIANT: nothing but the index can serve this SELECT well, and OFFSET keeps the order below out of it.
        hits = select(*SHOWN).where(subjects.are_among(disclosures.c.subjects), _within(key), *self._bounds(key))
        rows = disclosed_rows(hits.offset(number(0)).subquery("hits"), self._dialect)
        of_month = self._chosen(rows).lateral("of_month")
        # In the order of the months: a nested loop, the only way to join what depends on its other side, keeps it.
        return self._limited(select(of_month).select_from(months.join(of_month, true())))

    def _months(self, is_needed: Condition) -> FromClause:
        """Return the months of the disclosures, newest first, by the first id of each and that of the next.

        The newest reaches to the end of all ids, and the oldest back to their beginning: no row is in none of them.
        """
        newest = func.date_trunc(word("month"), func.coalesce(cast(bind("today"), _INSTANT), func.now()), word("UTC"))
        if self._is_after:
            newest = func.least(newest, month_of_id(self._last()))
        newest = func.greatest(newest, _FIRST_MONTH, type_=_INSTANT)
        month = func.generate_series(newest, _FIRST_MONTH, -_MONTH, type_=_INSTANT).column_valued("month")
        bounds = (
            case((month == _FIRST_MONTH, _LEAST), else_=first_id_of(month)).label("first"),
            case((month == newest, _GREATEST), else_=first_id_of(month + _MONTH)).label("beyond"),
        )
        return select(*bounds).where(is_needed).cte(_MONTHS).prefix_with("MATERIALIZED")

    def _all_disclosed(self, *, bounded: bool = True) -> FromClause:
        """Return the rows of all disclosures that the statement can be about."""
        if self._dialect.name == "sqlite" and self._subjects is not None:
            owned = disclosed_subjects.c
            mine = self._subjects.holds(owned.subject_id, self._dialect, as_bytes=True)
            return own_rows(mine, *self._bounds(owned.disclosure_id, bounded=bounded))
        wanted = self._bounds(disclosures.c.disclosure_id, bounded=bounded)
        if self._subjects is not None:
            wanted.append(self._subjects.are_among(disclosures.c.subjects))
        return disclosed_rows(disclosures, self._dialect, *wanted)

    def _kept_conditions(self, *, bounded: bool = True) -> list[Condition]:
        kept = access_entries.c
        wanted = self._bounds(kept.entry_id, bounded=bounded, as_bytes=False)
        return wanted if self._subjects is None else [*wanted, self._subjects.holds(kept.subject_id, self._dialect)]

    def _bounds(self, key: ColumnElement[Any], *, bounded: bool = True, as_bytes: bool = True) -> list[Condition]:
        """Return what is known of the ids of entries: the filter by id, and, if *bounded*, the place of the cursor."""
        bounds = [] if self._entries is None else [self._entries.holds(key, self._dialect, as_bytes=as_bytes)]
        if bounded and self._is_after:
            bounds.append(key <= (id_bytes(self._last()) if as_bytes else self._last()))
        return bounds

    @property
    def _is_after(self) -> bool:
        return self._statement.after is not None and self._statement.order == LOG_ORDER

    def _last(self) -> ColumnElement[Any]:
        """Return the id of the last entry of the page before."""
        return bindparam(f"{self._statement.after}_0", type_=access_log.c.entry_id.type, required=False)

    def _part(self, row: FromClause) -> Select[Any]:
        """Return the rows of one part of a UNION, no more of them than the page holds."""
        chosen = self._chosen(row)
        return chosen if self._limit is None else select(chosen.subquery())

    def _chosen(self, row: FromClause) -> Select[Any]:
        page = self._page_query(row).select()
        if self._limit is None:
            return page
        return self._limited(page.order_by(row.c[STORED_ID].desc(), row.c[STORED_SUBJECT].desc()))

    def _limited(self, rows: Select[Any]) -> Select[Any]:
        return rows if self._limit is None else rows.limit(number(self._limit))

    def _page_query(self, row: FromClause) -> PageQuery:
        return PageQuery(self._statement, self._context, None, row)


def _within(key: ColumnElement[Any]) -> Condition:
    """Return the condition that an id is of the month at hand, so that only its partition is read.

    The planner knows neither bound. It would take any range of the key for one in two hundred rows, and read the whole
    month by its key to find one subject. What is compared with any of eight equal bounds it takes for nearly all rows.
    """
    first, beyond = (
        any_(array([literal_column(f"{_MONTHS}.{name}", Id())] * _REPEATED)) for name in ("first", "beyond")
    )
    return and_(key >= first, key < beyond)
