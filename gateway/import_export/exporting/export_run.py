"""Runs one export: reads the list from one snapshot, counts it, sorts it, and writes the file [5.1.6] [6.2].

read      every page from one snapshot; rows and recipients go to disk, sorted, whatever their number
count     the count before, the rows that were read, and the count after must be the same, or there is no file
write     the rows go to a file that has no name yet
record    who gets cases outside the authority, durable before the file is there [5.1.4(6)]
appear    the file is given its name, whole
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path as File
from typing import Any, Final

from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.exporting.paged_query import PageRequest, Path, ResultPage, count_again, pages
from gateway.import_export.exporting.progress import Progress, no_progress
from gateway.import_export.exporting.record_recipients import ReleasedCase, record_recipients
from gateway.import_export.files.atomic_write import PendingFile, output_errors
from gateway.import_export.files.sorted_rows import Key, Row, SortedRows
from gateway.import_export.files.table_writer import Codec, write_table
from gateway.services import Services
from policy.actors import Actor

Node = Mapping[str, Any]

MINUTES: Final = 60
"""How long the snapshot may be held open by default."""
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How a file is written. *minutes*: how long reading may take, since it holds one snapshot open."""

    encoding: Codec = "utf-8-sig"
    replace: bool = False
    minutes: float = MINUTES
    progress: Progress = no_progress


DEFAULT: Final = ExportOptions()


@dataclass(frozen=True, slots=True)
class TableContent:
    """What a file is made of: its title and columns, the rows of a page, and the cases that the page releases.

    *rows_of* gives for each row of the list the table rows that it makes. *order* is the key by which the file is
    sorted; rows with equal cells are in no order. *identity* is the field that tells two rows of the list apart.
    """

    title: str
    header: Sequence[str]
    rows_of: Callable[[ResultPage], Iterable[tuple[Node, Sequence[Row]]]]
    order: Key
    released: Callable[[Sequence[Node]], Iterable[ReleasedCase]]
    identity: str = "id"
    is_distinct: bool = False
    """Whether rows with equal cells are merged."""


@dataclass(slots=True)
class Written:
    """How many rows the list had and the file has, and which paths are masked or withheld in some or all of them."""

    read: int = 0
    """How many rows were read; one that changes while it is read may come twice."""
    made: int = 0
    """How many table rows the list made; equal ones may be merged."""
    rows: int = 0
    without: int = 0
    """How many rows of the list made no row of the file."""
    masked: set[Path] = field(default_factory=set)
    withheld: set[Path] = field(default_factory=set)
    damaged: dict[str, set[Path]] = field(default_factory=dict)
    """The paths of values that do not open, by the row of the list. They are in neither of the two above."""


class _Collected:
    """What was read, on disk: the rows of the file, the rows of the list, and the cases that are released."""

    def __init__(self, folder: File, order: Key, stack: ExitStack) -> None:
        # A row ends with the place that it comes from, so that a row that is read twice is written once.
        self.rows = stack.enter_context(SortedRows(folder, lambda row: (order(row[:-1]), row)))
        self.identities = stack.enter_context(SortedRows(folder, lambda row: row))
        # In the order of subjects, so that two exports at once cannot deadlock.
        self.released = stack.enter_context(SortedRows(folder, lambda row: row))


async def run_export(
    services: Services, path: File, actor: Actor, asked: PageRequest, table: TableContent, options: ExportOptions
) -> Written:
    """Write the table to *path*; raises ExchangeRefused, and then leaves no file."""
    asked_at = services.runtime.now()
    with ExitStack() as stack:
        collected = _Collected(path.parent, table.order, stack)
        written = await _read(services, actor, asked, table, options, collected)
        pending = stack.enter_context(PendingFile(path, replace=options.replace))
        rows = _counted(_cells(collected.rows, is_distinct=table.is_distinct), written, options.progress)
        with output_errors():
            write_table(pending.file, path, table.title, table.header, rows, options.encoding)
        released = (ReleasedCase.parse(row) for row in collected.released)
        await record_recipients(services, actor, released, asked_at, options.progress)
        pending.commit()
    return written


async def _read(
    services: Services,
    actor: Actor,
    asked: PageRequest,
    table: TableContent,
    options: ExportOptions,
    collected: _Collected,
) -> Written:
    """Read the whole list from one snapshot; raises ExchangeRefused where it is not as it was counted."""
    written = Written()
    day = _today(services)
    total, last = 0, None
    try:
        async with asyncio.timeout(options.minutes * 60), services.query_runner.snapshot() as snapshot:
            async for page in pages(services, actor, asked, snapshot):
                _collect(page, table, collected, written)
                options.progress("read", min(written.read, page.total), page.total)
                total, last = page.total, page.end
            again = await count_again(services, actor, asked, snapshot, last)
    except TimeoutError:
        raise ExchangeRefused(ImportRefusal.TIME_LIMIT) from None
    # Scopes and states depend on the day: a list that is read beyond midnight would be of two days.
    different = 0
    for _, makes_no_row in collected.identities:
        different += 1
        written.without += bool(makes_no_row)
    if len({total, again, different}) != 1 or _today(services) != day:
        raise ExchangeRefused(ImportRefusal.ROWS_DIFFER)
    return written


def _today(services: Services) -> date:
    return services.runtime.today(services.runtime.now())


def _collect(page: ResultPage, table: TableContent, collected: _Collected, written: Written) -> None:
    written.masked |= page.masked
    written.withheld |= page.withheld
    with_rows: list[Node] = []
    for place, (node, rows) in enumerate(table.rows_of(page)):
        written.read += 1
        # Where the purpose shows no id, each row that was read counts.
        identity = node.get(table.identity) or f"{written.read}"
        if place in page.damaged:
            written.damaged[identity] = page.damaged[place]
        collected.identities.add((identity, "" if rows else "none"))
        for at, row in enumerate(rows):
            collected.rows.add((*row, f"{identity}/{at}"))
        written.made += len(rows)
        if rows:
            with_rows.append(node)
    for case in table.released(with_rows):
        collected.released.add(case.row())


def _cells(rows: Iterable[Row], *, is_distinct: bool) -> Iterator[Row]:
    cells = (row[:-1] for row in rows)
    return (each for each, _ in groupby(cells)) if is_distinct else cells


def _counted(rows: Iterable[Row], written: Written, progress: Progress) -> Iterator[Row]:
    for row in rows:
        yield row
        written.rows += 1
        if written.rows % _AT_ONCE == 0:
            progress("write", written.rows, written.made)
    progress("write", written.rows, written.rows)
