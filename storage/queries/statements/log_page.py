"""A page of the access log: newest first, over disclosures and over the entries that were kept before them.

Whose entries a statement can show is often known: its reader's, a delegate's subjects', a filter's. Then

    PostgreSQL  walks the key of `disclosures` backwards over at most 2,000 rows. If they do not fill the page, it asks
                the index over their subjects, one month after the other, until the page is full.
    SQLite      walks the key of `disclosed_subjects`, and looks through what is not indexed there yet.

A page from the end of the log walks the same keys forwards, and asks the months from the first one on.

By itself PostgreSQL walks the key for somebody with three entries, through the whole table. What is about everybody
walks the key on both databases. Either way, as many of the entries of before are read as the page holds: they are
older, but for those that a process of the release before wrote while it was replaced.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, func, select, true

from queryplan.plan import Filter, SelectPlan, mirrored
from storage.errors import UnknownRelation
from storage.queries.access_entries.entry_rows import (
    LOG_ORDER,
    SHOWN,
    STORED_ID,
    STORED_SUBJECT,
    OrderedJoin,
    access_log,
    disclosed_rows,
    kept_rows,
    own_rows,
    rows_of_one,
)
from storage.queries.access_entries.log_bounds import LAST, id_is, is_not_passed, is_within, months
from storage.queries.access_entries.log_subjects import ENTRY, SUBJECT, LogSubjects
from storage.queries.conditions.row_conditions import Condition
from storage.queries.entity_map import ToMany
from storage.queries.literals import number
from storage.queries.statements.fragments import Fragment, FragmentStore, joined, text
from storage.queries.statements.page_query import PageQuery
from storage.tables import access_entries, disclosed_subjects, disclosures, unindexed_disclosures

MOST_WALKED: Final = 2_000
"""How many disclosures are looked through before the index is asked."""
_BY_KEY: Final = {
    way: Fragment(f"r.{STORED_ID} {way.upper()}, r.{STORED_SUBJECT} {way.upper()}") for way in ("asc", "desc")
}
_NONE: Final = Fragment(f"{access_log.name} AS r")


class AccessLogPage(PageQuery):
    """The rows of one statement over the access log; each part of them passes the conditions of a `PageQuery`."""

    def __init__(
        self, statement: SelectPlan, store: FragmentStore, relation: ToMany | None, parent: str | None = None
    ) -> None:
        if relation is not None:
            raise UnknownRelation(access_log.name, "parent")
        super().__init__(statement, store, relation, parent, _NONE)
        self._subjects = LogSubjects.of(statement, store.unrectified)
        self._entries = next((one for one in statement.filters if (one.of, one.name) == ("", "entry_id")), None)
        self._way = {LOG_ORDER: "desc", mirrored(LOG_ORDER): "asc"}.get(statement.order)
        """The direction in which the page goes through the keys; None in another order."""

    def _count(self, most: int | None) -> Fragment:
        counts = [
            text("(", PageQuery(self._statement, self._store, None, source=rows)._count(most), ")")  # noqa: SLF001 - of the class above
            for rows in (*self._all_disclosed(bounded=False), self._kept(bounded=False))
        ]
        return text("SELECT ", joined(" + ", counts), " AS total")

    def _page(self) -> Fragment:
        before: Sequence[str | Fragment] = ()
        if self._limit() == "" or self._way is None or self._entries is not None:
            parts = [self._rows_of(rows) for rows in self._all_disclosed()]
        elif self._subjects is not None and not self._store.is_sqlite:
            before, parts = self._in_two_steps(self._subjects)
        elif self._subjects is None and self._store.is_sqlite:
            parts = [self._rows_of(self._first_disclosed())]
        else:
            parts = [self._rows_of(rows) for rows in self._all_disclosed()]
        return text(*before, self._of_parts([*parts, self._rows_of(self._kept())]))

    def _rows_of(self, source: Fragment) -> Fragment:
        """Return the rows of one part, no more of them than the page holds."""
        page = PageQuery(self._statement, self._store, None, source=source)
        order = self._order("r", walks=False) if self._way is None else _BY_KEY[self._way]
        return page._select(page._columns(), order, page._within())  # noqa: SLF001 - of the class above

    def _in_two_steps(self, subjects: LogSubjects) -> tuple[Sequence[str | Fragment], list[Fragment]]:
        full, found = int(self._statement.limit or 0), "(SELECT count(*) FROM walked)"
        key, is_after = disclosures.c.disclosure_id, self._statement.after is not None
        walk = self._source(
            "walk",
            lambda: disclosed_rows(
                select(*SHOWN)
                .where(*self._after_key(key))
                .order_by(self._ordered_key(key))
                .limit(number(MOST_WALKED))
                .subquery("recent"),
                self._store.dialect,
                # The planner takes this condition for one row in two, and stops as soon as the page is full. The
                # bare one, of a subject that it does not know, it takes for one in a hundred, and sorts all of them.
                lambda page: [func.coalesce(subjects.are_among(page.c.subjects, self._store.dialect), false())],
            ),
        )
        # INVARIANT: nothing but the index can serve this SELECT well, and OFFSET keeps the order of the page out of it.
        hits = self._source(
            "hits",
            lambda: disclosed_rows(
                select(*SHOWN)
                .where(
                    subjects.are_among(disclosures.c.subjects, self._store.dialect),
                    is_within(key, is_after=is_after, newest_first=self._way == "desc"),
                )
                .offset(number(0))
                .subquery("hits"),
                self._store.dialect,
            ),
        )
        before = (
            "WITH walked AS MATERIALIZED (",
            self._rows_of(walk),
            "), months AS MATERIALIZED (",
            self._compiled("months", lambda: months(is_after=is_after, newest_first=self._way == "desc")),
            f" WHERE {found} < {full}) ",
        )
        # In the order of the months: a nested loop, the only way to join what depends on its other side, keeps it.
        by_month = text(
            "SELECT of_month.* FROM months CROSS JOIN LATERAL (", self._rows_of(hits), f") AS of_month LIMIT {full}"
        )
        return before, [Fragment(f"SELECT * FROM walked WHERE {found} >= {full}"), by_month]

    def _first_disclosed(self) -> Fragment:
        """Return the rows of the first disclosures that have one: as many of these as the page holds are enough.

        SQLite would sort all rows of the table, because it takes the places of a page from a table-valued function.
        """
        key, dialect = disclosures.c.disclosure_id, self._store.dialect
        page = PageQuery(self._statement, self._store, None, source=self._source("one", lambda: rows_of_one(dialect)))
        row = page._select([Fragment("1")], None, page._within())  # noqa: SLF001 - of the class above
        among = self._compiled("all", lambda: select(*SHOWN).where(true(), *self._after_key(key)))
        where = " AND" if "WHERE" in among.text else " WHERE"
        chosen = text(
            among, f"{where} EXISTS (", row, f") ORDER BY {disclosures.name}.{key.name} {self._way}", self._limit()
        )
        rows = self._compiled("chosen", lambda: disclosed_rows(disclosures.alias("chosen"), dialect))
        first, second = rows.text.split(f"{disclosures.name} AS chosen")
        return text("(", first, "(", chosen, ") AS chosen", second, ") AS the_row")

    def _all_disclosed(self, *, bounded: bool = True) -> list[Fragment]:
        """Return the rows of all disclosures that the statement can be about."""
        dialect, subjects, shown = self._store.dialect, self._subjects, disclosures.c
        if subjects is not None and self._store.is_sqlite:
            return [
                self._source(("indexed", bounded), lambda: self._indexed(subjects, bounded=bounded)),
                self._source(("unindexed", bounded), lambda: self._unindexed(subjects, bounded=bounded)),
            ]

        def make() -> Select[Any]:
            wanted = self._bounds(shown.disclosure_id, bounded=bounded)
            if subjects is not None:
                wanted.append(subjects.are_among(shown.subjects, dialect))
            return disclosed_rows(disclosures, dialect, lambda _: wanted)

        return [self._source(("disclosed", bounded), make)]

    def _indexed(self, subjects: LogSubjects, *, bounded: bool) -> Select[Any]:
        owned = disclosed_subjects.c
        mine = subjects.holds(owned.subject_id, self._store.dialect, as_bytes=True)
        return own_rows(mine, *self._bounds(owned.disclosure_id, bounded=bounded))

    def _unindexed(self, subjects: LogSubjects, *, bounded: bool) -> Select[Any]:
        dialect, waiting = self._store.dialect, unindexed_disclosures.c.disclosure_id
        source = OrderedJoin(unindexed_disclosures, disclosures, disclosures.c.disclosure_id == waiting)
        wanted = subjects.are_among(disclosures.c.subjects, dialect), *self._bounds(waiting, bounded=bounded)
        return disclosed_rows(select(*SHOWN).select_from(source).where(*wanted).subquery("waiting"), dialect)

    def _kept(self, *, bounded: bool = True) -> Fragment:
        """Return the entries of before that the statement can be about."""

        def make() -> Select[Any]:
            kept = access_entries.c
            wanted = self._bounds(kept.entry_id, bounded=bounded, as_bytes=False)
            if self._subjects is not None:
                wanted.append(self._subjects.holds(kept.subject_id, self._store.dialect))
            return kept_rows(*wanted)

        return self._source(("kept", bounded), make)

    def _bounds(self, key: ColumnElement[Any], *, bounded: bool, as_bytes: bool = True) -> list[Condition]:
        """Return what is known of the ids of entries: the filter by id, and, if *bounded*, the place of the cursor."""
        bounds = self._after_key(key, as_bytes=as_bytes) if bounded else []
        if self._entries is not None:
            bounds.append(id_is(key, self._entries.operator, self._store.dialect, as_bytes=as_bytes))
        return bounds

    def _after_key(self, key: ColumnElement[Any], *, as_bytes: bool = True) -> list[Condition]:
        if self._statement.after is None or self._way is None:
            return []
        return [is_not_passed(key, as_bytes=as_bytes, newest_first=self._way == "desc")]

    def _ordered_key(self, key: ColumnElement[Any]) -> ColumnElement[Any]:
        return key.desc() if self._way == "desc" else key.asc()

    # --- compiled once ------------------------------------------------------------------------------------------------

    def _source(self, what: object, make: Any) -> Fragment:  # noqa: ANN401 - a function that gives a Select
        return text("(", self._compiled(what, make), ") AS the_row")

    def _compiled(self, what: object, make: Any) -> Fragment:  # noqa: ANN401 - as above
        statement = self._statement
        filters = tuple((one.operator, one.name) for one in statement.filters if one.name in {"subject_id", "entry_id"})
        key = "access log", what, statement.scopes, filters, statement.after is not None, self._way
        found = self._store.select(key, make).bound(LAST, str(statement.after))
        for name, canonical in (("subject_id", SUBJECT), ("entry_id", ENTRY)):
            found = found.bound(canonical, _bind_of(statement.filters, name))
        return found


def _bind_of(filters: Sequence[Filter], name: str) -> str:
    return next((one.bind for one in filters if (one.of, one.name) == ("", name)), name)
