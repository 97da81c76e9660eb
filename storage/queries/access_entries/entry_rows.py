"""The rows of the access log: one for each subject of a disclosure, and those that were kept one by one before [5.1.6].

Both have the same columns. Of a disclosure a row shows what it says of its one subject, and never the other subjects.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Join,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    Uuid,
    cast,
    column,
    func,
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from queryplan.plan import Order
from storage.database.column_types import Id, Instant
from storage.database.sql_ids import id_text, zeros
from storage.queries.conditions.row_conditions import Condition
from storage.queries.literals import number
from storage.tables import access_contexts, access_entries, disclosed_subjects, disclosures

access_log = Table(
    # The columns of an entry; the database has no such table.
    "access_log",
    MetaData(),
    Column("subject_id", Uuid, primary_key=True),
    Column("entry_id", Uuid, primary_key=True),  # of a disclosure, its id: then other subjects have the same
    Column("at", Instant, nullable=False),
    Column("actor_ref", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_code", String(32)),
    Column("purpose", String(32), nullable=False),
    Column("document_hash", String(64), nullable=False),
    Column("delay_id", Uuid),
    Column("opens_on", Date),
    # What `grounds` is made of: for an entry of before, the JSON itself; else the columns of the disclosure.
    Column("kept", Text),
    Column("ground_id", Integer),
    Column("parts", LargeBinary),
    Column("place", Integer),  # of the subject in the page, from 0
)
LOG_ORDER: Final = (Order("entry_id", "desc"), Order("subject_id", "desc"))
"""Newest first. The entries of one disclosure have the same id, so the subject's follows."""
OF_GROUNDS = frozenset({"kept", "ground_id", "parts", "place"})
"""Columns that no plan can name: what a disclosure says of all its subjects."""

STORED_ID, STORED_SUBJECT = "stored_id", "stored_subject_id"
"""Further columns of the rows: both keys in the form in which the database has them, so that an index serves them."""
SHOWN = tuple(
    disclosures.c[name]
    for name in (
        "disclosure_id", "at", "context_id", "ground_id", "actor_ref", "subjects", "parts", "delay_id", "opens_on",
    )
)  # fmt: skip
"""What the rows are made of: neither the seed nor the salts of a disclosure are ever read here."""
NOBODY = UUID(int=0)
"""What stands in a disclosure for a subject that was erased."""


def kept_rows(*conditions: Condition) -> Select[Any]:
    """Return the entries that were kept one by one; *conditions* are on `access_entries`."""
    kept = access_entries.c
    values = {
        **{each.name: kept[each.name] for each in access_log.c if each.name in kept},
        "kept": kept_ground(kept.basis, kept.citation, kept.fields, kept.authorisation_id),
        STORED_ID: kept.entry_id,
        STORED_SUBJECT: kept.subject_id,
    }
    return _labelled(values).where(*conditions)


def disclosed_rows(
    page: FromClause, dialect: Dialect, conditions: Callable[[FromClause], Sequence[Condition]] = lambda _: ()
) -> Select[Any]:
    """Return one row for each subject of the disclosures in *page*."""
    places, place, subject_id = _places(page.c, dialect)
    source = page.join(places, true()).join(access_contexts, _is_context_of(page.c))
    rows = _disclosed(page.c, source, subject_id, place)
    return rows.where(_is_somebody(subject_id, dialect), *conditions(page))


def rows_of_one(dialect: Dialect) -> Select[Any]:
    """Return one row for each subject of the one disclosure that the statement around selects."""
    shown = {each.name: literal_column(f"{disclosures.name}.{each.name}", each.type) for each in SHOWN}
    places, place, subject_id = _places(shown, dialect)
    source = places.join(access_contexts, _is_context_of(shown))
    return _disclosed(shown, source, subject_id, place).where(_is_somebody(subject_id, dialect))


def _places(shown: Any, dialect: Dialect) -> tuple[FromClause, ColumnElement[Any], ColumnElement[Any]]:  # noqa: ANN401 - columns by name
    """Return the places of a page, the number of each from 0, and the id of the subject there."""
    if dialect.name == "sqlite":
        count = func.length(shown["subjects"], type_=Integer) // number(16)
        places: Any = func.json_each(_zeros(count)).table_valued("key", name="s")
        start = places.c.key * number(16) + number(1)
        return places, places.c.key, func.substr(shown["subjects"], start, number(16), type_=Id())
    each = func.unnest(shown["subjects"]).table_valued(column("subject_id", Uuid), with_ordinality="place", name="s")
    places = each.render_derived()
    return places, cast(places.c.place, Integer) - number(1), places.c.subject_id


def _is_somebody(subject_id: ColumnElement[Any], dialect: Dialect) -> Condition:
    if dialect.name == "sqlite":
        return subject_id != func.zeroblob(number(16))
    return subject_id != literal_column(f"CAST('{NOBODY}' AS UUID)", Uuid())


def own_rows(*conditions: Condition) -> Select[Any]:
    """Return the rows of the disclosures of some subjects, on SQLite; *conditions* are on `disclosed_subjects`."""
    owned = disclosed_subjects.c
    source = OrderedJoin(disclosed_subjects, disclosures, disclosures.c.disclosure_id == owned.disclosure_id)
    source = OrderedJoin(source, access_contexts, _is_context_of(disclosures.c))
    # The index has only ids of whole places, and of nobody who was erased.
    place = (func.instr(disclosures.c.subjects, owned.subject_id, type_=Integer) - number(1)) // number(16)
    return _disclosed(disclosures.c, source, owned.subject_id, place, owned.disclosure_id).where(*conditions)


def _disclosed(
    shown: Any,  # noqa: ANN401 - columns by name
    source: FromClause,
    subject_id: ColumnElement[Any],
    place: ColumnElement[Any],
    stored_id: ColumnElement[Any] | None = None,
) -> Select[Any]:
    context = access_contexts.c
    stored = shown["disclosure_id"] if stored_id is None else stored_id
    values = {
        "subject_id": id_text(subject_id),
        "entry_id": id_text(stored),
        **{name: shown[name] for name in ("at", "actor_ref", "opens_on", "ground_id", "parts")},
        **{name: context[name] for name in ("role", "department_code", "purpose", "document_hash")},
        "delay_id": id_text(shown["delay_id"]),
        "place": place,
        STORED_ID: stored,
        STORED_SUBJECT: subject_id,
    }
    return _labelled(values).select_from(source)


def _is_context_of(shown: Any) -> ColumnElement[bool]:  # noqa: ANN401 - columns by name
    context_id: ColumnElement[int] = shown["context_id"]
    return access_contexts.c.context_id == context_id


def _labelled(values: dict[str, ColumnElement[Any]]) -> Select[Any]:
    columns = [values.pop(each.name, cast(null(), each.type)).label(each.name) for each in access_log.c]
    return select(*columns, *(value.label(name) for name, value in values.items()))


class OrderedJoin(Join):
    """A join whose left side SQLite reads first.

    While there are few contexts, it would begin with them, read all entries of a subject, and sort them.
    """

    inherit_cache = True


class kept_ground(FunctionElement[str]):  # noqa: N801 - reads like the SQL function that it is
    """The only ground of an entry of before, as `grounds.OwnGrounds` reads it."""

    type = Text()
    name = "kept_ground"
    inherit_cache = True


class _zeros(FunctionElement[str]):  # noqa: N801 - as above
    """A JSON array of so many zeros, on SQLite."""

    type = Text()
    name = "zeros"
    inherit_cache = True


@compiles(OrderedJoin, "sqlite")
def _ordered_join_sqlite(element: OrderedJoin, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - whatever the compiler passes on
    left, right = (compiler.process(side, **{**options, "asfrom": True}) for side in (element.left, element.right))
    on: Any = element.onclause
    return f"{left} CROSS JOIN {right} ON {compiler.process(on, **options)}"


@compiles(kept_ground, "sqlite")
def _kept_ground_sqlite(element: kept_ground, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    basis, citation, fields, authorisation_id = (compiler.process(clause, **options) for clause in element.clauses)
    return f"json_array(json_array({basis}, {citation}, json({fields}), {authorisation_id}))"


@compiles(kept_ground, "postgresql")
def _kept_ground_postgresql(element: kept_ground, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    ground = ", ".join(compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(json_build_array(json_build_array({ground})) AS TEXT)"


@compiles(_zeros, "sqlite")
def _zeros_sqlite(element: _zeros, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    return zeros(compiler.process(element.clauses, **options))
