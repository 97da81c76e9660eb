"""Exports any kind of record as a table, for a purpose, through GraphQLService [5.1.6] [6.2].

The schema's type of a field decides how its value is written: enums in Chinese, instants in Shanghai time, lists with
、 between. A withheld value is an empty cell, a masked value is its mask, a damaged one is ［已损坏］.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path as File
from typing import Any, Final

from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, get_named_type

from consent.vocabulary import Purpose
from credit.core.values.characters import guarded
from credit.core.values.dates import SHANGHAI
from credit.core.values.garbled import DAMAGED
from gateway.import_export.authorize import check_actor
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.exporting.export_form import Exported, exported
from gateway.import_export.exporting.export_run import DEFAULT, ExportOptions, Node, TableContent, run_export
from gateway.import_export.exporting.paged_query import PAGE, PageRequest, Path, ResultPage
from gateway.import_export.exporting.record_recipients import ReleasedCase, released_cases
from gateway.import_export.exporting.table_spec import OUTER, ExportTable
from gateway.import_export.files.atomic_write import check_output
from gateway.import_export.files.sorted_rows import Row
from gateway.import_export.reference_lists import load_lists
from gateway.services import Services
from policy.actors import Actor
from schema.core.fields import core

Write = Callable[[Any], str]

BETWEEN: Final = "、"
_CLAUSE: Final = " ["


async def export_records(
    services: Services,
    path: File,
    actor: Actor,
    purpose: Purpose,
    kind: ExportTable,
    *,
    since: datetime | None = None,
    options: ExportOptions = DEFAULT,
) -> Exported:
    """Write what *actor* may see of *kind* for *purpose*; raises ExchangeRefused, and then leaves no file."""
    check_output(path, replace=options.replace)
    check_actor(actor, await load_lists(services.database))
    writers = {header: writer_of(services, kind, column) for header, column in kind.columns.items()}
    header = tuple(kind.columns)
    order = [header.index(name) for name in kind.order]

    def released(cases: Sequence[Node]) -> list[ReleasedCase]:
        return released_cases(purpose, cases, _columns(kind)) if kind.is_about_cases else []

    table = TableContent(
        kind.title,
        header,
        partial(_rows, kind, writers),
        lambda row: tuple(row[at] for at in order),
        released,
        kind.identity,
        kind.is_distinct,
    )
    written = await run_export(services, path, actor, _page_request(kind, purpose, since), table, options)
    return exported(written, partial(_headers, kind))


def _rows(kind: ExportTable, writers: Mapping[str, Write], page: ResultPage) -> Iterator[tuple[Node, Sequence[Row]]]:
    """Yield each row of the list with the table rows that it makes."""
    for place, node in enumerate(page.nodes):
        if kind.is_cut(node):
            raise ExchangeRefused(ImportRefusal.LONG_LIST)
        yield node, [cells_of(kind, writers, row, page.damaged.get(place, ())) for row in kind.rows_of(node)]


def _page_request(kind: ExportTable, purpose: Purpose, since: datetime | None) -> PageRequest:
    """Return the page request of *kind*."""
    arguments: dict[str, tuple[str, object]] = {}
    if kind.since is not None:
        name, scalar = kind.since
        day = since and (since.astimezone(SHANGHAI).date() if scalar == "Date" else since).isoformat()
        arguments[name] = (scalar, day)
    most = OUTER if kind.within else PAGE
    return PageRequest(kind.root, kind.selection, purpose, arguments, most, kind.within, kind.is_one)


def _columns(kind: ExportTable) -> list[Path]:
    return [tuple(column.split(".")) for column in kind.columns.values()]


def writer_of(services: Services, kind: ExportTable, column: str) -> Write:
    """Return the writer of each column's values, by their type in the schema."""
    found = _type_of(services, kind, column)
    if isinstance(found, GraphQLEnumType):
        return _worded({name: value.description or name for name, value in found.values.items()})
    return _WRITERS.get(found.name, str)


def _type_of(services: Services, kind: ExportTable, column: str) -> GraphQLNamedType:
    schema = core(services.schema)
    assert schema.query_type is not None  # noqa: S101 - a schema has a query
    here: Any = get_named_type(schema.query_type.fields[kind.root].type)
    for step in _steps(kind, column):
        if not isinstance(here, GraphQLObjectType | GraphQLInterfaceType):
            raise TypeError(f"{kind.root} has no {column}")
        here = get_named_type(here.fields[step].type)
    named: GraphQLNamedType = here
    return named


def _steps(kind: ExportTable, column: str) -> Iterator[str]:
    """Yield the fields from the root to a column's value, pages included."""
    if not kind.is_one:
        yield "nodes"
    for step in column.split("."):
        yield step
        if step == kind.within:
            yield "nodes"


def _worded(words: Mapping[str, str]) -> Write:
    """Return a writer of enum values: their Chinese term, without the clause after it."""
    terms = {name: described.partition(_CLAUSE)[0] for name, described in words.items()}
    return lambda value: terms[value]


def _clock(value: str) -> str:
    return datetime.fromisoformat(value).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


_WRITERS: Final[Mapping[str, Write]] = {"Boolean": lambda value: "是" if value else "否", "DateTime": _clock}


def cells_of(
    kind: ExportTable, writers: Mapping[str, Write], node: Mapping[str, Any], damaged: Collection[Path] = ()
) -> tuple[str, ...]:
    """Return the cells of one row, safe for spreadsheets."""
    return tuple(
        guarded(_text(_found(node, path), writers[header], DAMAGED if path in damaged else ""))
        for header, column in kind.columns.items()
        for path in [tuple(column.split("."))]
    )


def _found(here: Any, path: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    """Return the value at *path*; for a list the value of each member, or one value where all are equal."""
    for at, step in enumerate(path):
        if isinstance(here, list):
            found = [_found(each, path[at:]) for each in here]
            return found[:1] if len(set(found)) == 1 else found
        here = None if here is None else here[step]
    return here


def _text(value: Any, write: Write, missing: str) -> str:  # noqa: ANN401 - JSON
    """Return the text of a value; *missing* stands for one that is not there."""
    if isinstance(value, list):
        present = value if missing else [each for each in value if each is not None]
        return BETWEEN.join(missing if each is None else write(each) for each in present)
    return missing if value is None else write(value)


def _headers(kind: ExportTable, paths: set[Path]) -> tuple[str, ...]:
    """Return the columns of *paths*; where an object is withheld, all its columns are."""
    return tuple(
        header
        for header, column in kind.columns.items()
        if any(tuple(column.split("."))[: len(path)] == path for path in paths if path)
    )
