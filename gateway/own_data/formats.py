"""The copy as JSON, as CSV of one section, and as PDF.

    {"format":"own-data/1","madeAt":"2026-11-20T02:00:00+00:00",
     "sections":[{"name":"subject","title":"本人信息","rows":[{…}, …],"withheld":[["phone"], …]}, …],"complete":true}

The rows of the JSON have the names and values of the GraphQL schema. A copy that ends without `complete` is not whole.
A cell of the CSV that a spreadsheet would take for a formula begins with an apostrophe, as in every export.
"""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path as File
from typing import Any, Final

import orjson

from credit.core.values.dates import SHANGHAI
from gateway.import_export.exporting.export_table import cells_of, writer_of
from gateway.own_data.copy import Node, OwnData
from gateway.own_data.sections import PERSON, SECTIONS

TEMPLATE: Final = File(__file__).parent / "templates" / "copy.typ"
MOST_IN_PDF: Final = 2_000
"""The most rows of a PDF, some hundred pages; JSON and CSV have no limit."""


class TooLong(Exception):
    """The copy has more rows than a PDF takes."""


async def as_json(data: OwnData, person: Node, made_at: datetime) -> AsyncIterator[bytes]:
    """Yield the whole copy."""
    yield b'{"format":"own-data/1","madeAt":' + orjson.dumps(made_at) + b',"sections":['
    for at, (name, table) in enumerate(SECTIONS.items()):
        yield b"," * bool(at) + orjson.dumps({"name": name, "title": table.title})[:-1] + b',"rows":['
        first = True
        async for nodes in _rows(data, name, person):
            yield b"".join(b"," * (at > 0 or not first) + orjson.dumps(node) for at, node in enumerate(nodes))
            first = first and not nodes
        withheld = sorted(list(path) for path in data.withheld.get(name, ()))
        yield b'],"withheld":' + orjson.dumps(withheld) + b"}"
    yield b'],"complete":true}'


async def as_csv(data: OwnData, person: Node, section: str) -> AsyncIterator[bytes]:
    """Yield one section as UTF-8 with a byte order mark, for spreadsheets."""
    yield "\ufeff".encode() + _lines([tuple(SECTIONS[section].columns)])
    async for nodes in _rows(data, section, person):
        yield _lines(_cells(data, section, nodes))


async def as_pdf(data: OwnData, person: Node, made_at: datetime) -> bytes:
    """Return the whole copy as a document. Raises TooLong."""
    parts, count = [], 0
    for name, table in SECTIONS.items():
        rows: list[Sequence[str]] = []
        async for nodes in _rows(data, name, person):
            rows += _cells(data, name, nodes)
            if count + len(rows) > MOST_IN_PDF:
                raise TooLong
        count += len(rows)
        parts.append({"title": table.title, "header": list(table.columns), "rows": rows})
    made = made_at.astimezone(SHANGHAI)
    return _set({"made": f"{made:%Y-%m-%d %H:%M}", "sections": parts}, int(made_at.timestamp()))


async def _rows(data: OwnData, section: str, person: Node) -> AsyncIterator[Sequence[Node]]:
    if section == PERSON:
        yield [person]
        return
    async for nodes in data.rows(section):
        yield nodes


def _cells(data: OwnData, section: str, nodes: Sequence[Node]) -> list[Sequence[str]]:
    table = SECTIONS[section]
    writers = {header: writer_of(data.services, table, column) for header, column in table.columns.items()}
    return [cells_of(table, writers, row) for node in nodes for row in table.rows_of(node)]


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _set(content: Mapping[str, Any], made_at: int) -> bytes:
    import typst  # noqa: PLC0415 - 7 MB, which a server needs for its first PDF and not before

    from gateway.notices.font_coverage import fonts  # noqa: PLC0415 - as above

    inputs = {"copy": orjson.dumps(content).decode()}
    # Not PDF/A, which would refuse the whole copy for one character that the fonts lack.
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts(), sys_inputs=inputs)
    made = compiler.compile(format="pdf", timestamp=made_at)
    return made if isinstance(made, bytes) else b""
