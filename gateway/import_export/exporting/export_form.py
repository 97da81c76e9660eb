"""Exports restraints in the form in which they are imported [5.1.3] [6.2], for a purpose, through GraphQLService.

The rows come from ordinary GraphQL requests, page by page: scopes, masks, authorisations and access entries are those
of any request, and a row that is not recorded is not written. A masked value is written as its mask, a withheld value
as an empty cell, and a damaged one as ［已损坏］; an import refuses all three, because none is a value.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from consent.vocabulary import Purpose
from credit.file_formats.case_columns import DETERMINED_ON, HEADERS
from credit.file_formats.choices import ReferenceLists
from gateway.import_export.authorize import check_actor
from gateway.import_export.exporting import form_rows
from gateway.import_export.exporting.export_run import DEFAULT, ExportOptions, Node, TableContent, Written, run_export
from gateway.import_export.exporting.paged_query import PageRequest, ResultPage
from gateway.import_export.exporting.record_recipients import released_cases
from gateway.import_export.files.atomic_write import check_output
from gateway.import_export.files.sorted_rows import Row
from gateway.import_export.reference_lists import load_lists
from gateway.services import Services
from policy.actors import Actor

SHEET: Final = "失信制约信息"
ROOTS: Final[Mapping[Purpose, str]] = {
    Purpose.FOCUSED_CHECK: "focusedCheckTargets",
    Purpose.PUBLICITY: "publicRestraintList",
}
"""The list that belongs to a purpose; other purposes use the list of cases."""
_CASES: Final = "restraintCases"


@dataclass(frozen=True, slots=True)
class Exported:
    """The result: how many rows, and which columns are masked or withheld in some or all of them.

    *damaged* has the columns of each row of the list with a value that does not open.
    """

    rows: int
    left_out: int
    """Cases outside the form: not determined yet, or not in force any more."""
    masked: tuple[str, ...]
    withheld: tuple[str, ...]
    damaged: Mapping[str, tuple[str, ...]]

    def facts(self) -> dict[str, object]:
        """Return the result as JSON-ready values."""
        counts = {"rows": self.rows, "left_out": self.left_out}
        return {**counts, "masked": self.masked, "withheld": self.withheld, "damaged": self.damaged}


async def export_file(
    services: Services,
    path: Path,
    actor: Actor,
    purpose: Purpose,
    *,
    since: date | None = None,
    as_text: bool = False,
    options: ExportOptions = DEFAULT,
) -> Exported:
    """Write what *actor* may see for *purpose* to *path*; raises ExchangeRefused, and then leaves no file."""
    check_output(path, replace=options.replace)
    lists = await load_lists(services.database)
    check_actor(actor, lists)
    asked = PageRequest(
        ROOTS.get(purpose, _CASES), form_rows.SELECTION, purpose, {"since": ("Date", since and since.isoformat())}
    )
    table = TableContent(
        SHEET,
        tuple(HEADERS),
        partial(_rows, lists.reference, as_text=as_text),
        # The order of a page rests on random ids. The file is sorted, so that the same cases give the same bytes from
        # any database.
        _newest_first,
        lambda cases: released_cases(purpose, cases, form_rows.PATHS),
    )
    written = await run_export(services, path, actor, asked, table, options)
    return exported(written, _headers)


def exported(written: Written, headers: Callable[[set[form_rows.Path]], tuple[str, ...]]) -> Exported:
    """Return the result of a run; *headers* gives the columns of paths."""
    return Exported(
        written.rows,
        written.without,
        headers(written.masked),
        headers(written.withheld - written.masked),
        {row: headers(paths) for row, paths in written.damaged.items()},
    )


def _rows(reference: ReferenceLists, page: ResultPage, *, as_text: bool) -> Iterator[tuple[Node, Sequence[Row]]]:
    """Yield each case with its row, or with none where it does not belong to the form."""
    for place, case in enumerate(page.nodes):
        belongs, damaged = form_rows.belongs(case), page.damaged.get(place, ())
        yield (case, [form_rows.cells_of(case, reference, page.withheld, damaged, as_text=as_text)] if belongs else [])


def _headers(paths: set[form_rows.Path]) -> tuple[str, ...]:
    """Return the columns of *paths*; where an object is withheld, all its columns are."""
    return tuple(
        column.header for column in form_rows.COLUMNS if any(column.path[: len(path)] == path for path in paths if path)
    )


def _newest_first(row: tuple[str, ...]) -> tuple[object, ...]:
    at = list(HEADERS).index(DETERMINED_ON)
    day = date.fromisoformat(row[at]).toordinal() if row[at] else 0
    return (-day, *row)
