"""`chengxin import` and `chengxin export`: basic information as departments keep it, in and out [5.1.3] [6.2].

The result goes to stdout, talk and the progress bar to stderr. Exit 0: done; 1: refused, wholly or in rows; 2: misused.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from consent.purposes import Purpose
from gateway import settings
from gateway.exchange.incoming import Mode, import_file
from gateway.exchange.judging import Outcome
from gateway.exchange.outgoing import Codec, Exported, export_file
from gateway.exchange.output import check_output, write_whole
from gateway.exchange.refusals import ExchangeRefused
from gateway.exchange.report import Told, report
from gateway.wiring import Parts, build_house
from policy.actors import Actor, Role

SHOWN: Final = 20
"""How many refused rows are told on the screen; `--report` and `--json` have them all."""
WORDS: Final = {
    Outcome.TAKEN_IN: ("taken in", "新导入"),
    Outcome.CHANGED: ("changed", "已更新"),
    Outcome.UNCHANGED: ("unchanged", "无变化"),
    Outcome.ALREADY_THERE: ("already there", "此前已导入"),
    Outcome.REFUSED: ("refused", "被拒绝"),
}
HINTS: Final = {
    "OUTPUT_EXISTS": "choose another name, or add --yes to replace it",
    "NOT_ADMITTED": "admitted would be",
    "UNKNOWN_DEPARTMENT": "give its code, as in the table departments",
}

Result = TypeVar("Result")


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

As = Annotated[str, typer.Option("--as", metavar="REF", help="Who acts: an account reference, never a name.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]
Yes = Annotated[bool, typer.Option("--yes", help="Replace a file that is there.")]


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Basic information [5.1.3], one case a row.")],
    *,
    ref: As,
    department: Annotated[str, typer.Option(metavar="CODE", help="The department that determined the cases.")],
    role: Annotated[Role, typer.Option(help="The acting role; the policy says who may.")] = Role.HANDLER,
    per_row: Annotated[
        bool,
        typer.Option(
            "--per-row/--all", help="Take in the good rows and report the bad ones; or (the default) all or nothing."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of each row; take in nothing.")
    ] = False,
    report_to: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the refused rows to a .csv or .json file.")
    ] = None,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Take in basic information from a CSV file, as departments keep it [5.1.3] [6.2].

    Running it again does nothing twice; killed midway and run again, it goes on where it stopped.
    """
    mode = Mode.PER_ROW if per_row else Mode.ALL
    actor = Actor(ref, role, department)

    async def work(parts: Parts, told: Callable[[str, int], None]) -> Told:
        return await import_file(parts, file, actor, mode=mode, dry_run=dry_run, progress=told)

    with _refusals(as_json=as_json):
        if report_to is not None:
            check_output(report_to, replace=yes)
        told = _run(work)
        if report_to is not None:
            content = report(told.refused, as_json=report_to.suffix.lower() == ".json")
            write_whole(report_to, content, replace=yes)
    if as_json:
        sys.stdout.write(told.as_json().decode())
    else:
        _tell_import(told, report_to)
    raise typer.Exit(1 if told.refused else 0)


def export(
    *,
    output: Annotated[Path, typer.Option("--output", metavar="FILE.csv", help="Where to write.")],
    purpose: Annotated[
        Purpose, typer.Option(case_sensitive=False, help="What it is for; there is no default [5.1.6].")
    ],
    role: Annotated[Role, typer.Option(help="The acting role.")],
    ref: As,
    department: Annotated[str | None, typer.Option(metavar="CODE", help="The department of who acts.")] = None,
    sector: Annotated[str | None, typer.Option(metavar="CODE", help="The sector of a regulator.")] = None,
    area: Annotated[str | None, typer.Option(metavar="CODE", help="The area of a regulator.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was published on this day or later.")
    ] = None,
    encoding: Annotated[Encoding, typer.Option(help="How the text is written.")] = Encoding.UTF_8_BOM,
    as_text: Annotated[
        bool, typer.Option("--for-spreadsheet", help='Write long numbers as ="…", so that a spreadsheet keeps them.')
    ] = False,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Write restraints out in the same form, under a purpose: guarded and recorded like any read [5.1.6] [6.2]."""
    actor = Actor(ref, role, department, sector, area)

    async def work(parts: Parts, told: Callable[[str, int], None]) -> Exported:
        return await export_file(
            parts,
            output,
            actor,
            purpose,
            since=since and since.date(),
            encoding=CODECS[encoding],
            as_text=as_text,
            replace=yes,
            progress=told,
        )

    with _refusals(as_json=as_json):
        written = _run(work)
    if as_json:
        sys.stdout.write(written.as_json().decode())
    else:
        _tell_export(written)


def _run(work: Callable[[Parts, Callable[[str, int], None]], Coroutine[Any, Any, Result]]) -> Result:
    """Build the house, do the work in it with a progress bar on stderr, and close it again."""
    read = settings.read(os.environ)
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip

    async def whole() -> Result:
        parts = build_house(read)
        try:
            with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
                return await work(parts, _Bars(bar))
        finally:
            await parts.close()

    return asyncio.run(whole())


class _Bars:
    """A bar for each stage, begun when it is first told of."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def __call__(self, stage: str, rows: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=None)
        self._progress.advance(self._tasks[stage], rows)


@contextmanager
def _refusals(*, as_json: bool) -> Iterator[None]:
    """Say a refusal in two lines, and leave with 1."""
    try:
        yield
    except ExchangeRefused as refused:
        _refuse(refused, as_json=as_json)


def _refuse(refused: ExchangeRefused, *, as_json: bool) -> NoReturn:
    where = "" if refused.line is None else f" (line {refused.line})"
    typer.echo(f"error: {refused.code}: {refused.message}{where} {refused.message_zh}", err=True)
    hint = " ".join(part for part in (HINTS.get(refused.code, ""), refused.hint) if part)
    if hint:
        typer.echo(f"hint: {hint}", err=True)
    if as_json:
        told = {"code": refused.code, "line": refused.line, "message": refused.message}
        told |= {"message_zh": refused.message_zh, "hint": hint}
        sys.stdout.write(orjson.dumps({"error": told}, option=orjson.OPT_INDENT_2).decode() + "\n")
    raise typer.Exit(1)


def _tell_import(told: Told, report_to: Path | None) -> None:
    sheet = told.sheet
    typer.echo(
        f"{sheet.source.path.name}: {sheet.rows} rows, {sheet.source.encoding}, sha256 {sheet.source.hash[:16]}…"
    )
    for outcome, (english, chinese) in WORDS.items():
        typer.echo(f"  {english:<14} {chinese}\t{told.counts[outcome]}")
    for row in told.refused[:SHOWN]:
        for problem in row.problems:
            typer.echo(f"line {row.line}  {problem.header}  {problem.code}  {problem.message_zh} {problem.message}")
    if len(told.refused) > SHOWN:
        where = report_to or "--report FILE"
        typer.echo(f"… and {len(told.refused) - SHOWN} rows more: see {where}", err=True)
    for line in _remarks(told):
        typer.echo(line, err=True)


def _remarks(told: Told) -> Iterator[str]:
    if told.sheet.ignored:
        columns = ", ".join(map(str, told.sheet.ignored))
        yield f"note: columns {columns} mean nothing in basic information and were left behind [5.1.3]"
    if told.unlinked:
        yield f"note: {told.unlinked} rows name an application; its number is not kept yet"
    if told.held:
        yield "note: nothing was taken in. Mend the refused rows, or take in the good ones with --per-row."
    if told.dry_run:
        yield "note: this was a dry run; nothing was taken in"


def _tell_export(written: Exported) -> None:
    typer.echo(f"{written.rows} rows written")
    for word, headers in (("masked", written.masked), ("withheld", written.withheld)):
        if headers:
            typer.echo(f"note: {word} for this role and purpose: {'、'.join(headers)}", err=True)
    if written.left_out:
        typer.echo(f"note: {written.left_out} cases left out: not determined yet, or not standing any more", err=True)
