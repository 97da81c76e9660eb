"""Writes out restraints in the form in which they are taken in [5.1.3] [6.2], under a purpose, by the one road.

The file is the answer to an ordinary question at the counter, asked page by page: scopes, masks, authorisations and
access entries are those of any request, and what is not recorded is not written. What is masked stands there as its
mask, what is withheld as an empty cell; an import refuses both, because a mask is not a value.
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
from gateway.import_export.exporting.record_recipients import Handed, handed, record_recipients
from gateway.import_export.files.atomic_write import check_output, write_whole
from gateway.import_export.files.xlsx import workbook_of
from gateway.import_export.reference_lists import load_lists
from gateway.wiring import Services
from policy.actors import Actor

Codec = Literal["utf-8-sig", "utf-8", "gb18030"]

SHEET: Final = "失信制约信息"
ROOTS: Final[Mapping[Purpose, str]] = {
    Purpose.FOCUSED_CHECK: "focusedCheckTargets",
    Purpose.PUBLICITY: "publicRestraintList",
}
"""The list that each purpose has for itself; the others ask for the cases."""
_CASES: Final = "restraintCases"

Progress = Callable[[str, int, int], None]
"""Told of the stage, how much of it is done, and how much there is, as far as is known."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Be told, and do nothing."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many rows, and which columns are masked in some or all of them, or withheld."""

    rows: int
    left_out: int
    """Cases that do not belong into the form: not determined yet, or not standing any more."""
    masked: tuple[str, ...]
    withheld: tuple[str, ...]

    def facts(self) -> dict[str, object]:
        """Return the same for machines."""
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
    progress: Progress = silent,
) -> Exported:
    """Write what *actor* may see for *purpose* to *path*; raises ExchangeRefused, and then leaves no file."""
    check_output(path, replace=replace)
    lists = await load_lists(services.database)
    check_actor(actor, lists)
    rows: list[tuple[str, ...]] = []
    masked: set[form_rows.Path] = set()
    withheld: set[form_rows.Path] = set()
    left_out = 0
    cases: list[Handed] = []
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
        cases += [handed(case, form_rows.PATHS) for case in existing]
        progress("read", len(rows) + left_out, page.total)
    # The order of a page rests on random ids; a file is in an order of its own, so that the same cases give the same
    # bytes, wherever they are kept.
    rows.sort(key=_newest_first)
    content = written_as(path, SHEET, tuple(HEADERS), rows, encoding)
    await record_recipients(services, actor, purpose, cases, asked_at)
    write_whole(path, content, replace=replace)
    return Exported(len(rows), left_out, _headers(masked), _headers(withheld - masked))


def _headers(paths: set[form_rows.Path]) -> tuple[str, ...]:
    """Return the columns under *paths*; a withheld object withholds all below it."""
    return tuple(
        column.header for column in form_rows.COLUMNS if any(column.path[: len(path)] == path for path in paths if path)
    )


def _newest_first(row: tuple[str, ...]) -> tuple[object, ...]:
    at = list(HEADERS).index(DETERMINED_ON)
    day = date.fromisoformat(row[at]).toordinal() if row[at] else 0
    return (-day, *row)


def written_as(path: Path, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], encoding: Codec) -> bytes:
    """Return a table in the form that the name of *path* asks for; raises ExchangeRefused where it cannot be."""
    if path.suffix.lower() == ".xlsx":
        return workbook_of(title, header, rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    try:
        return text.getvalue().encode(encoding)
    except UnicodeEncodeError:
        # The error would quote the text.
        raise ExchangeRefused(ImportRefusal.UNENCODABLE) from None
