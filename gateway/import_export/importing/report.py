"""The report of an import: counts of results, the reasons of each refused row, and warnings; never a value [5.1.6]."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from gateway.import_export.files.table_reader import SourceTable
from gateway.import_export.importing.candidates import Problems
from gateway.import_export.importing.compare import RowResult

COLUMNS = ("行号", "列", "代码", "原因", "reason", "处理办法", "way out", "结果")


@dataclass(frozen=True, slots=True)
class RowProblems:
    """A row by its line in the file, with all its problems."""

    line: int
    problems: Problems


@dataclass(slots=True)
class ImportReport:
    """The result of a file. In a *dry_run*, or *held* back, the counts say what would have been done."""

    sheet: SourceTable
    mark: str
    """The keyed hash of the file, by which its rows, steps and messages name it."""
    dry_run: bool
    held: bool = False
    """Rows were refused and the import was all or nothing: no row was written."""
    counts: Counter[RowResult] = field(default_factory=Counter)
    refused: list[RowProblems] = field(default_factory=list)
    warnings: list[RowProblems] = field(default_factory=list)
    """Rows that are taken in without a value that is not well formed."""
    unlinked: int = 0
    """Rows that name an application which is not on their subject's record: the case is stored without it."""

    @property
    def written(self) -> bool:
        """Whether this run wrote anything."""
        return not self.dry_run and not self.held

    def figures(self) -> dict[str, int]:
        """Return the count of every result, in a fixed order."""
        return {outcome.value.lower(): self.counts[outcome] for outcome in RowResult}

    def facts(self) -> dict[str, object]:
        """Return the report as JSON-ready values."""
        source = self.sheet.source
        return {
            "file": {
                "mark": self.mark,
                "encoding": source.encoding,
                "delimiter": self.sheet.delimiter,
                "header_line": self.sheet.header_line,
                "rows": self.sheet.rows,
                "ignored_columns": self.sheet.ignored,
            },
            "dry_run": self.dry_run,
            "written": self.written,
            "counts": self.figures(),
            "application_numbers_not_found": self.unlinked,
            "refused": entries(self.refused),
            "warnings": entries(self.warnings),
        }


def entries(rows: Sequence[RowProblems]) -> list[dict[str, object]]:
    """Return problems of rows as JSON-ready values: one entry for each, so that a sheet of them can be sorted."""
    return [
        {
            "line": row.line,
            "header": problem.field,
            "code": problem.code,
            "message_zh": problem.message_zh,
            "message": problem.message,
            "way_out_zh": problem.remedy_zh,
            "way_out": problem.remedy,
        }
        for row in rows
        for problem in row.problems
    ]


def report(import_report: ImportReport, *, as_json: bool) -> bytes:
    """Return every problem and every warning of a file: JSON, or CSV for spreadsheets."""
    found = (("REFUSED", import_report.refused), ("WARNING", import_report.warnings))
    listed = [entry | {"result": result} for result, rows in found for entry in entries(rows)]
    if as_json:
        return orjson.dumps(listed, option=orjson.OPT_INDENT_2) + b"\n"
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(entry.values() for entry in listed)
    return text.getvalue().encode("utf-8-sig")
