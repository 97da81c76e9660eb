"""Writes out restraints in the form in which they are taken in [5.1.3] [6.2], under a purpose, by the one road.

The file is the answer to an ordinary question at the counter, asked page by page: scopes, masks, authorisations and
access entries are those of any request, and what is not recorded is not written. What is masked stands there as its
mask, what is withheld as an empty cell; an import refuses both, because a mask is not a value.
"""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from consent.purposes import Purpose
from credit.headers import DETERMINED_ON, HEADERS
from gateway.exchange import form
from gateway.exchange.admitting import check_actor
from gateway.exchange.lists import load_lists
from gateway.exchange.output import check_output, write_whole
from gateway.exchange.refusals import ExchangeRefused, Refusal
from gateway.exchange.workbooks import workbook_of
from gateway.wiring import Parts
from policy.actors import Actor
from schema.ports import Question

Codec = Literal["utf-8-sig", "utf-8", "gb18030"]

PAGE: Final = 100
SHEET: Final = "失信制约信息"
ROOTS: Final[Mapping[Purpose, str]] = {
    Purpose.FOCUSED_CHECK: "focusedCheckTargets",
    Purpose.PUBLICITY: "publicRestraintList",
}
"""The list that each purpose has for itself; the others ask for the cases."""
_CASES: Final = "restraintCases"
_BROKEN: Final = frozenset({"INTERNAL", "NOT_RECORDED", "LIMIT_EXCEEDED"})

Progress = Callable[[str, int, int], None]
"""Told of the stage, how much of it is done, and how much there is, as far as is known."""


def _silent(_stage: str, _done: int, _total: int) -> None:
    return


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
    parts: Parts,
    path: Path,
    actor: Actor,
    purpose: Purpose,
    *,
    since: date | None = None,
    encoding: Codec = "utf-8-sig",
    as_text: bool = False,
    replace: bool = False,
    progress: Progress = _silent,
) -> Exported:
    """Write what *actor* may see for *purpose* to *path*; raises ExchangeRefused, and then leaves no file."""
    check_output(path, replace=replace)
    lists = await load_lists(parts.database)
    check_actor(actor, lists)
    rows: list[tuple[str, ...]] = []
    masked: set[form.Path] = set()
    withheld: set[form.Path] = set()
    left_out = 0
    async for page in _pages(parts, actor, purpose, since):
        masked |= page.masked
        withheld |= page.withheld
        standing = [case for case in page.cases if form.belongs(case)]
        left_out += len(page.cases) - len(standing)
        rows += [form.cells_of(case, lists.reference, page.withheld, as_text=as_text) for case in standing]
        progress("read", len(rows) + left_out, page.total)
    # The order of a page rests on random ids; a file is in an order of its own, so that the same cases give the same
    # bytes, wherever they are kept.
    rows.sort(key=_newest_first)
    is_workbook = path.suffix.lower() == ".xlsx"
    written = workbook_of(SHEET, tuple(HEADERS), rows) if is_workbook else _written(rows, encoding)
    write_whole(path, written, replace=replace)
    return Exported(len(rows), left_out, _headers(masked), _headers(withheld - masked))


@dataclass(frozen=True, slots=True)
class _Page:
    cases: Sequence[form.Case]
    masked: set[form.Path]
    withheld: set[form.Path]
    total: int


async def _pages(parts: Parts, actor: Actor, purpose: Purpose, since: date | None) -> AsyncIterator[_Page]:
    root = ROOTS.get(purpose, _CASES)
    after: str | None = None
    total = 0
    while True:
        document = _document(root, purpose, min(PAGE, parts.settings.limits.page), counted=after is None)
        variables = {"since": since and since.isoformat(), "after": after}
        question = Question(document, None, variables, None, None, actor, "POST", str(parts.street.new_id()))
        answer = orjson.loads((await parts.road.answer(question)).body)
        connection = _connection(answer, root)
        total = connection.get("totalCount", total)
        yield _Page(
            connection["nodes"],
            _paths(answer.get("extensions", {}).get("masked", ()), root),
            _paths((_place(error) for error in answer.get("errors", ())), root),
            total,
        )
        if not connection["pageInfo"]["hasNextPage"]:
            return
        after = connection["pageInfo"]["endCursor"]


def _document(root: str, purpose: Purpose, first: int, *, counted: bool) -> str:
    return (
        f"query Export($since: Date, $after: String) @purpose(is: {purpose.value}) {{ "
        f"{root}(first: {first}, since: $since, after: $after) {{ {'totalCount ' if counted else ''}"
        f"pageInfo {{ hasNextPage endCursor }} nodes {{ {form.SELECTION} }} }} }}"
    )


def _connection(answer: Mapping[str, Any], root: str) -> Mapping[str, Any]:
    """Return the page; raises ExchangeRefused with the counter's own words where there is none."""
    for error in answer.get("errors", ()):
        if "data" not in answer or error["extensions"]["code"] in _BROKEN or list(_place(error)) == [root]:
            raise CounterRefused(error)
    if not (answer.get("data") or {}).get(root):
        raise ExchangeRefused(Refusal.COUNTER)
    page: Mapping[str, Any] = answer["data"][root]
    return page


def _place(error: Mapping[str, Any]) -> Sequence[Any]:
    """Return where in the document an error lies: below a list there is no one path in the answer, but `at`."""
    place: Sequence[Any] = error["extensions"].get("at") or error.get("path") or ()
    return place


class CounterRefused(ExchangeRefused):
    """The counter refused the question, in its own words."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        facts = error["extensions"]
        super().__init__(Refusal.COUNTER, code=facts["code"], hint=str(facts.get("unlock") or ""))
        self.message, self.message_zh = facts["messageEn"], error["message"]


def _paths(paths: Any, root: str) -> set[form.Path]:  # noqa: ANN401 - JSON
    """Return paths of the document as paths within a case."""
    return {tuple(path[2:]) for path in paths if list(path[:2]) == [root, "nodes"]}


def _headers(paths: set[form.Path]) -> tuple[str, ...]:
    """Return the columns under *paths*; a withheld object withholds all below it."""
    return tuple(
        column.header for column in form.COLUMNS if any(column.path[: len(path)] == path for path in paths if path)
    )


def _newest_first(row: tuple[str, ...]) -> tuple[object, ...]:
    at = list(HEADERS).index(DETERMINED_ON)
    day = date.fromisoformat(row[at]).toordinal() if row[at] else 0
    return (-day, *row)


def _written(rows: Sequence[Sequence[str]], encoding: Codec) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    writer.writerows(rows)
    try:
        return text.getvalue().encode(encoding)
    except UnicodeEncodeError:
        # The error would quote the text.
        raise ExchangeRefused(Refusal.UNENCODABLE) from None
