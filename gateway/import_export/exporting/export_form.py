"""Exports restraints in the form in which they are imported [5.1.3] [6.2], for a purpose, through GraphQLService.

The rows come from ordinary GraphQL requests, page by page: scopes, masks, authorisations and access entries are those
of any request, and a row that is not recorded is not written. A masked value is written as its mask, a withheld value
as an empty cell; an import refuses both, because a mask is not a value.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from consent.vocabulary import Purpose
from credit.file_formats.case_columns import DETERMINED_ON, HEADERS
from gateway.import_export.authorize import check_actor
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.exporting import form_rows
from gateway.import_export.exporting.paged_query import PageRequest, pages
from gateway.import_export.exporting.record_recipients import ReleasedCase, record_recipients, released_cases
from gateway.import_export.files.atomic_write import check_output, write_whole
from gateway.import_export.files.xlsx_writer import workbook_of
from gateway.import_export.reference_lists import load_lists
from gateway.wiring import Services
from policy.actors import Actor

Codec = Literal["utf-8-sig", "utf-8", "gb18030"]

SHEET: Final = "失信制约信息"
ROOTS: Final[Mapping[Purpose, str]] = {
    Purpose.FOCUSED_CHECK: "focusedCheckTargets",
    Purpose.PUBLICITY: "publicRestraintList",
}
"""The list that belongs to a purpose; other purposes use the list of cases."""
_CASES: Final = "restraintCases"

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is, if known."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Ignore the progress."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The result: how many rows, and which columns are masked or withheld in some or all of them."""

    rows: int
    left_out: int
    """Cases outside the form: not determined yet, or not in force any more."""
    masked: tuple[str, ...]
    withheld: tuple[str, ...]

    def facts(self) -> dict[str, object]:
        """Return the result as JSON-ready values."""
        return {"rows": self.rows, "left_out": self.left_out, "masked": self.masked, "withheld": self.withheld}


async def export_file(
    services: Services,
    path: Path,
    actor: Actor,
    purpose: Purpose,
    *,
    since: date | None = None,
    encoding: Codec = "utf-8-sig",
    as_text: bool = False,
    replace: bool = False,
    progress: Progress = no_progress,
) -> Exported:
    """Write what *actor* may see for *purpose* to *path*; raises ExchangeRefused, and then leaves no file."""
    check_output(path, replace=replace)
    lists = await load_lists(services.database)
    check_actor(actor, lists)
    rows: list[tuple[str, ...]] = []
    masked: set[form_rows.Path] = set()
    withheld: set[form_rows.Path] = set()
    left_out = 0
    cases: list[ReleasedCase] = []
    asked_at = services.runtime.now()
    asked = PageRequest(
        ROOTS.get(purpose, _CASES), form_rows.SELECTION, purpose, {"since": ("Date", since and since.isoformat())}
    )
    async for page in pages(services, actor, asked):
        masked |= page.masked
        withheld |= page.withheld
        existing = [case for case in page.nodes if form_rows.belongs(case)]
        left_out += len(page.nodes) - len(existing)
        rows += [form_rows.cells_of(case, lists.reference, page.withheld, as_text=as_text) for case in existing]
        cases += released_cases(purpose, existing, form_rows.PATHS)
        progress("read", len(rows) + left_out, page.total)
    # The order of a page rests on random ids. The file is sorted, so that the same cases give the same bytes from any
    # database.
    rows.sort(key=_newest_first)
    content = written_as(path, SHEET, tuple(HEADERS), rows, encoding)
    await record_recipients(services, actor, cases, asked_at)
    write_whole(path, content, replace=replace)
    return Exported(len(rows), left_out, _headers(masked), _headers(withheld - masked))


def _headers(paths: set[form_rows.Path]) -> tuple[str, ...]:
    """Return the columns of *paths*; where an object is withheld, all its columns are."""
    return tuple(
        column.header for column in form_rows.COLUMNS if any(column.path[: len(path)] == path for path in paths if path)
    )


def _newest_first(row: tuple[str, ...]) -> tuple[object, ...]:
    at = list(HEADERS).index(DETERMINED_ON)
    day = date.fromisoformat(row[at]).toordinal() if row[at] else 0
    return (-day, *row)


def written_as(path: Path, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], encoding: Codec) -> bytes:
    """Return a table in the format of *path*'s name; raises ExchangeRefused where it cannot be encoded."""
    if path.suffix.lower() == ".xlsx":
        return workbook_of(title, header, rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    try:
        return text.getvalue().encode(encoding)
    except UnicodeEncodeError:
        # The error's message would quote the text.
        raise ExchangeRefused(ImportRefusal.UNENCODABLE) from None
