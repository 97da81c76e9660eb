"""`chengxin import` and `chengxin export`: departments' basic information, in and out [5.1.3] [6.2]."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from consent.vocabulary import Purpose
from credit.core.values.dates import SHANGHAI
from gateway.cli.acting import Acting, OnBehalfOf, TokenFile
from gateway.cli.arguments import Json, Yes, iso_day
from gateway.cli.output import Bars, CommandMisused, CommandRefused, print_json, print_progress, print_result
from gateway.cli.services import with_services
from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.exporting.export_form import Exported, export_file
from gateway.import_export.exporting.export_run import MINUTES, ExportOptions
from gateway.import_export.exporting.export_table import export_records
from gateway.import_export.exporting.tables import KINDS
from gateway.import_export.files.atomic_write import check_output, write_whole
from gateway.import_export.files.table_writer import Codec
from gateway.import_export.importing.compare import RowResult
from gateway.import_export.importing.importers import BASIC, IMPORTERS
from gateway.import_export.importing.report import ImportReport, report
from gateway.import_export.importing.run import ImportMode, import_file
from gateway.services import Services
from policy.actors import Role

SHOWN: Final = 20
"""How many refused rows are printed; `--report` and `--json` have them all."""
WORDS: Final = {
    RowResult.TAKEN_IN: ("taken in", "新导入"),
    RowResult.CHANGED: ("changed", "已更新"),
    RowResult.UNCHANGED: ("unchanged", "无变化"),
    RowResult.ALREADY_THERE: ("already there", "此前已导入"),
    RowResult.REFUSED: ("refused", "被拒绝"),
}
HINTS: Final = {
    "OUTPUT_EXISTS": "choose another name, or replace it with --yes",
    "OUTPUT": "see that the folder is there and can be written to",
    "NOT_ADMITTED": "the policy admits",
    "UNKNOWN_DEPARTMENT": "give --department the code of a department on record",
    "MISSING_COLUMNS": "missing:",
    "LONG_LIST": "ask for this record at the counter, page by page",
    "SHEET_FULL": "give --output a name that ends in .csv",
    "ROWS_DIFFER": "run the command again",
    "TIME_LIMIT": "ask for less with --since, or give more --minutes",
    "UNENCODABLE": "choose --encoding utf-8 or gb18030",
    "ROLE_INCOMPLETE": "not stated:",
    "LOOKUP_QUOTA": "again after",
    "REFERENCE": "for example --as handler-7; 'chengxin account reference' prints that of an account",
}
ELSE: Final = "docs/import-format.md describes files, columns and reasons"


class Encoding(StrEnum):
    """The encodings of an export."""

    UTF_8_BOM = "utf-8-bom"
    UTF_8 = "utf-8"
    GB18030 = "gb18030"


CODECS: Final[Mapping[Encoding, Codec]] = {
    Encoding.UTF_8_BOM: "utf-8-sig",
    Encoding.UTF_8: "utf-8",
    Encoding.GB18030: "gb18030",
}


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One record a row, as .csv or .xlsx.")],
    *,
    ref: OnBehalfOf = None,
    token_file: TokenFile = None,
    department: Annotated[
        str | None, typer.Option(metavar="CODE", help="The department that owns the records; with --as.")
    ] = None,
    kind: Annotated[str, typer.Option(metavar="KIND", help=f"What to import: {', '.join(IMPORTERS)}.")] = BASIC,
    role: Annotated[
        Role | None,
        typer.Option(metavar="ROLE", help="The acting role, by default handler or clerk; the policy decides who may."),
    ] = None,
    per_row: Annotated[
        bool, typer.Option("--per-row/--all", help="Import the good rows only; or import all rows or none.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what each row would do; import nothing.")] = False,
    report_to: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the refused rows to a .csv or .json file.")
    ] = None,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Import records from a CSV file or an .xlsx workbook, in the departments' own form [5.1.3] [4.2] [6.2].

    A handler imports basic information of cases; a clerk imports applications, and subjects to register.
    Each row is imported once. If a run is interrupted, the next run goes on where it stopped.
    """
    if kind not in IMPORTERS:
        raise CommandMisused(f"there is no kind of record {kind!r} to take in", f"there are {', '.join(IMPORTERS)}")
    acting = Acting(ref, token_file, role, department, usual_role=IMPORTERS[kind].role)
    mode = ImportMode.PER_ROW if per_row else ImportMode.ALL

    async def work(services: Services) -> ImportReport:
        actor = await acting.actor(services)
        with Bars() as bars:
            return await import_file(services, file, actor, mode=mode, kind=kind, dry_run=dry_run, progress=bars)

    with refusals(as_json=as_json):
        if report_to is not None:
            check_output(report_to, replace=yes)
        import_report = with_services(work)
        if report_to is not None:
            written = report(import_report, as_json=report_to.suffix.lower() == ".json")
            write_whole(report_to, written, replace=yes)
    if as_json:
        print_json(import_report.facts())
    else:
        _report_import(import_report)
    if import_report.refused:
        raise typer.Exit(1)


def export(
    *,
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Where to write: .csv or .xlsx.")],
    purpose: Annotated[
        Purpose, typer.Option(metavar="PURPOSE", case_sensitive=False, help="The purpose; there is no default.")
    ],
    role: Annotated[
        Role | None, typer.Option(metavar="ROLE", help="The acting role; a token with one role needs none.")
    ] = None,
    ref: OnBehalfOf = None,
    token_file: TokenFile = None,
    department: Annotated[str | None, typer.Option(metavar="CODE", help="The actor's department; with --as.")] = None,
    sector: Annotated[str | None, typer.Option(metavar="CODE", help="The sector of a regulator.")] = None,
    area: Annotated[str | None, typer.Option(metavar="CODE", help="The area of a regulator.")] = None,
    subject: Annotated[
        UUID | None, typer.Option(metavar="UUID", help="The id of a subject that acts, as in its token.")
    ] = None,
    kind: Annotated[str, typer.Option(metavar="KIND", help=f"What to export: {BASIC}, or {', '.join(KINDS)}.")] = BASIC,
    since: Annotated[
        date | None, typer.Option(metavar="DATE", parser=iso_day, help="Only what is new since this day.")
    ] = None,
    encoding: Annotated[Encoding, typer.Option(help="The encoding of the text.")] = Encoding.UTF_8_BOM,
    as_text: Annotated[
        bool, typer.Option("--for-spreadsheet", help='Write long numbers as ="…": a spreadsheet then shows them whole.')
    ] = False,
    minutes: Annotated[
        int, typer.Option(metavar="N", min=1, help="How long reading may take: it holds one snapshot open.")
    ] = MINUTES,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Export records as a table, for a purpose: guarded and recorded like any read [5.1.6] [6.2].

    Basic information is written in the form in which it is imported.
    """
    acting = Acting(ref, token_file, role, department, sector, area, subject)
    if kind != BASIC and kind not in KINDS:
        raise CommandMisused(f"there is no kind of record {kind!r}", f"there are {BASIC}, {', '.join(KINDS)}")

    async def work(services: Services) -> Exported:
        actor = await acting.actor(services)
        with Bars() as bars:
            options = ExportOptions(CODECS[encoding], yes, minutes, bars)
            if kind != BASIC:
                from_instant = None if since is None else datetime.combine(since, time(), SHANGHAI)
                return await export_records(
                    services, output, actor, purpose, KINDS[kind], since=from_instant, options=options
                )
            return await export_file(services, output, actor, purpose, since=since, as_text=as_text, options=options)

    with refusals(as_json=as_json):
        written = with_services(work)
    if as_json:
        print_json(written.facts())
    else:
        _report_export(written)
    if written.damaged:
        raise typer.Exit(1)


@contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """Report a refusal as the command reports all of them; with --json on stdout too."""
    try:
        yield
    except ExchangeRefused as refused:
        hint = " ".join(part for part in (HINTS.get(refused.code, ""), refused.hint) if part) or ELSE
        if as_json:
            words = {"message": refused.message, "message_zh": refused.message_zh, "hint": hint}
            print_json({"error": {"code": refused.code, "flaw": refused.flaw, "line": refused.line, **words}})
        where = "" if refused.line is None else f"line {refused.line}: "
        message = f"{where}{refused.code}: {refused.message.rstrip('.')} ({refused.message_zh.rstrip('。')})"
        raise CommandRefused(message, hint) from None


def _report_import(import_report: ImportReport) -> None:
    sheet = import_report.sheet
    print_result(
        f"{sheet.source.path.name}: {sheet.rows} rows, {sheet.source.encoding}, file {import_report.mark[:16]}…"
    )
    for outcome, (english, chinese) in WORDS.items():
        print_result(
            f"{import_report.counts[outcome]:>8}  {'' if import_report.written else 'would be '}{english} {chinese}"
        )
    for row in import_report.refused[:SHOWN]:
        for problem in row.problems:
            print_result(f"line {row.line}: {problem.field}: {problem.code}: {problem.message_zh} {problem.message}")
            print_result(f"  {problem.remedy_zh} {problem.remedy}")
    for row in import_report.warnings[:SHOWN]:
        for problem in row.problems:
            where = f"line {row.line}: {problem.field}: {problem.code}"
            print_progress(f"warning: {where}: left out; {problem.message_zh} {problem.message}")
    for remark in _remarks(import_report):
        print_progress(f"note: {remark}")


def _remarks(import_report: ImportReport) -> Iterator[str]:
    if len(import_report.refused) > SHOWN:
        yield f"{len(import_report.refused) - SHOWN} more rows are refused; --report FILE writes all of them down"
    if len(import_report.warnings) > SHOWN:
        yield f"{len(import_report.warnings) - SHOWN} more rows have warnings; --report FILE writes all of them down"
    if import_report.sheet.ignored:
        columns = ", ".join(map(str, import_report.sheet.ignored))
        yield f"columns {columns} mean nothing in this kind of record and were left behind [5.1.3]"
    if unlinked := import_report.unlinked:
        yield f"{unlinked} rows name an application that is not on record for their subject; kept without it"
    if import_report.held:
        yield "nothing was taken in: mend the refused rows, or take in the good ones with --per-row"
    if import_report.dry_run:
        yield "this was a dry run, and nothing was taken in"


def _report_export(written: Exported) -> None:
    print_result(f"{written.rows} rows written")
    if written.masked:
        print_progress(f"note: masked, in some rows or all: {'、'.join(written.masked)}")
    if written.withheld:
        print_progress(f"note: withheld from this role for this purpose: {'、'.join(written.withheld)}")
    for row, columns in list(written.damaged.items())[:SHOWN]:
        print_progress(f"damaged: {row}: {'、'.join(columns)}: the stored value cannot be read; tell the operator")
    if len(written.damaged) > SHOWN:
        print_progress(f"damaged: {len(written.damaged) - SHOWN} more rows; --json has all of them")
    if written.left_out:
        print_progress(f"note: {written.left_out} cases left out: not determined yet, or not standing any more")
