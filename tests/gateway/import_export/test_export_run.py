"""[6.2] An export's file appears whole or not at all, and holds what was counted, however many rows there are."""

import csv
import io
import os
import tempfile
import tracemalloc
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from consent.vocabulary import Purpose
from gateway import durable_file
from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.exporting import export_run, record_recipients
from gateway.import_export.exporting.export_form import export_file
from gateway.import_export.exporting.export_run import ExportOptions, TableContent, run_export
from gateway.import_export.exporting.paged_query import PageRequest, ResultPage
from gateway.import_export.files import sorted_rows, table_writer, xlsx_writer
from gateway.import_export.files.atomic_write import PendingFile
from gateway.import_export.files.xlsx_text import decoded
from policy.actors import Actor, Role
from schema.execution.service import GraphQLService
from storage import tables
from tests.gateway.import_export.synthetic_cases import HANDLER, NOW, case, confirm_all, count, put, sheet, take

pytestmark = pytest.mark.slow

ROWS = 5
PLATFORM = Actor("platform-1", Role.PLATFORM)
ASKED = PageRequest("restraintCases", "id", Purpose.DETERMINATION, {})


@pytest.fixture
async def services(sqlite_services, tmp_path, monkeypatch):
    """The services with some cases, each on a page of its own, and with room for two rows in memory."""
    await take(sqlite_services, put(tmp_path, sheet(*(case(at) for at in range(ROWS)))))
    await confirm_all(sqlite_services)
    earlier = update(tables.restraint_cases).values(
        changed_at=NOW - timedelta(hours=1)
    )  # what has just changed may repeat
    await sqlite_services.database.write((earlier, None))
    document = PageRequest.document
    monkeypatch.setattr(PageRequest, "document", lambda asked, _, *, counted: document(asked, 1, counted=counted))
    monkeypatch.setattr(sorted_rows, "MOST_ROWS", 2)
    monkeypatch.setattr(sorted_rows, "FAN_IN", 2)
    return sqlite_services


async def export(services, folder, name="out.csv", actor=PLATFORM, purpose=Purpose.PLATFORM_EXCHANGE, **options):
    return await export_file(services, folder / name, actor, purpose, options=ExportOptions(**options))


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "files"
    path.mkdir()
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# --- the count ---


def pages_that(change):
    """Let the pages of the export be changed, as if the database had given others."""

    async def changed(*asked):
        async for page in change(pages(*asked)):
            yield page

    pages = export_run.pages
    return lambda monkeypatch, _: monkeypatch.setattr(export_run, "pages", changed)


async def all_but_the_first(pages):
    await anext(pages)
    async for page in pages:
        yield page


async def the_first_again(pages):
    first = await anext(pages)
    yield first
    async for page in pages:
        yield page
    yield first


async def one_for_another(pages):
    first = await anext(pages)
    await anext(pages)
    yield first
    yield first
    async for page in pages:
        yield page


def counted_one_more(monkeypatch, _):
    again = export_run.count_again

    async def more(*asked):
        return 1 + await again(*asked)

    monkeypatch.setattr(export_run, "count_again", more)


def between_pages(act):
    """Let something happen after the first page."""

    def patch(monkeypatch, services):
        execute = GraphQLService.execute

        async def then_act(self, request):
            answer = await execute(self, request)
            monkeypatch.setattr(GraphQLService, "execute", execute)
            await act(services)
            return answer

        monkeypatch.setattr(GraphQLService, "execute", then_act)

    return patch


async def mark_the_cases(services):
    await services.database.write((update(tables.restraint_cases).values(confidential=True), None))


async def midnight(services):
    services.runtime = type(services.runtime)(
        **{name: getattr(services.runtime, name) for name in services.runtime.__slots__}
        | {"now": lambda: NOW + timedelta(days=1)}
    )


DIFFERENCES = [
    ("a page is lost", pages_that(all_but_the_first), "ROWS_DIFFER"),
    ("a row comes instead of another", pages_that(one_for_another), "ROWS_DIFFER"),
    ("the count after is another", counted_one_more, "ROWS_DIFFER"),
    ("the next case is marked confidential between two pages [5.1.6]", between_pages(mark_the_cases), "ROWS_DIFFER"),
    ("the day ends between two pages", between_pages(midnight), "ROWS_DIFFER"),
]


@pytest.mark.parametrize(("why", "change", "code"), DIFFERENCES, ids=[why for why, *_ in DIFFERENCES])
async def test_a_list_that_is_not_as_it_was_counted_makes_no_file(services, folder, monkeypatch, why, change, code):
    change(monkeypatch, services)
    with pytest.raises(ExchangeRefused) as refused:
        await export(services, folder)
    assert (refused.value.code, names(folder)) == (code, [])
    assert await count(services, tables.deliveries) == 0


async def test_a_row_that_comes_twice_is_written_once(services, folder, monkeypatch):
    await export(services, folder)
    pages_that(the_first_again)(monkeypatch, services)
    written = await export(services, folder, "again.csv")
    assert written.rows == ROWS
    assert (folder / "again.csv").read_bytes() == (folder / "out.csv").read_bytes()


async def test_reading_has_an_end(services, folder):
    with pytest.raises(ExchangeRefused) as refused:
        await export(services, folder, minutes=1e-9)
    assert (refused.value.code, names(folder)) == ("TIME_LIMIT", [])


# --- whole or not at all ---


class Crash(Exception):
    """The process ends here."""


def crash(*_args, **_more):
    raise Crash


def at_the_nth(whose, name, nth):
    """Crash at the nth call."""

    def patch(monkeypatch):
        calls, done = [], getattr(whose, name)

        def counted(*args, **more):
            calls.append(name)
            return crash() if len(calls) == nth else done(*args, **more)

        monkeypatch.setattr(whose, name, counted)

    return patch


CRASHES = [
    # where it ends, at what call, whether deliveries are recorded by then
    ("while the third page is read", at_the_nth(export_run, "_collect", 3), False),
    ("while rows are sorted", at_the_nth(sorted_rows, "temporary_file", 4), False),
    ("before the table", at_the_nth(export_run, "write_table", 1), False),
    ("within the table", at_the_nth(sorted_rows.orjson, "loads", 12), False),
    ("while recipients are recorded", at_the_nth(record_recipients, "record_delivery", 3), True),
    ("before the file is durable", at_the_nth(durable_file.os, "fsync", 1), True),
    ("before it has its name", at_the_nth(durable_file, "_link_open_file", 1), True),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("where", "patch", "is_recorded"), CRASHES, ids=[where for where, *_ in CRASHES])
@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
async def test_a_crash_leaves_no_file(services, folder, monkeypatch, where, patch, is_recorded, name):
    monkeypatch.setattr(record_recipients, "AT_ONCE", 1)
    with monkeypatch.context() as crashing:
        patch(crashing)
        with pytest.raises(Crash):
            await export(services, folder, name)
    assert names(folder) == [], where
    assert (await count(services, tables.deliveries) > 0) is is_recorded
    assert (await export(services, folder, name)).rows == ROWS


@pytest.mark.parametrize("replace", [False, True])
async def test_until_it_is_whole_nothing_has_a_name(services, folder, monkeypatch, replace):
    """Nothing is left of it if the process is killed; nor is anything written to the system's temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "absent"))
    monkeypatch.setattr(record_recipients, "AT_ONCE", 1)
    before = {"out.xlsx": b"earlier"} if replace else {}
    for name, content in before.items():
        (folder / name).write_bytes(content)
    stages = []

    def look(stage, _done, _total):
        stages.append(stage)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    await export(services, folder, "out.xlsx", replace=replace, progress=look)
    assert list(dict.fromkeys(stages)) == ["read", "write", "record recipients"]
    assert names(folder) == ["out.xlsx"]
    assert (folder / "out.xlsx").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("replace", [False, True])
def test_without_nameless_files_the_part_is_removed(folder, monkeypatch, replace):
    """Not every system has O_TMPFILE, and not every file system."""
    monkeypatch.delattr(os, "O_TMPFILE")
    path = folder / "out.csv"
    if replace:
        path.write_bytes(b"earlier")
    with PendingFile(path, replace=replace) as pending:
        pending.file.write(b"half")
        (part,) = (each for each in folder.iterdir() if each != path)
        assert part.stat().st_mode & 0o777 == 0o600
    assert names(folder) == (["out.csv"] if replace else [])
    with PendingFile(path, replace=replace) as pending:
        pending.file.write(b"whole")
        pending.commit()
    assert (names(folder), path.read_bytes()) == (["out.csv"], b"whole")


def test_a_file_that_came_meanwhile_is_not_replaced(folder):
    path = folder / "out.csv"
    with PendingFile(path, replace=False) as pending:
        path.write_bytes(b"another's")
        with pytest.raises(ExchangeRefused) as refused:
            pending.commit()
    assert (refused.value.code, path.read_bytes(), names(folder)) == ("OUTPUT_EXISTS", b"another's", ["out.csv"])


async def test_a_full_disk_is_refused_by_name(services, folder, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(table_writer._Encoded, "write", full)
    with pytest.raises(ExchangeRefused) as refused:
        await export(services, folder)
    assert (refused.value.code, names(folder)) == ("OUTPUT", [])


# --- any size ---


def listed(rows):
    """Let the list have so many rows."""

    async def pages(*_asked):
        for first in range(0, rows, 100):
            nodes = [{"id": f"{at}"} for at in range(first, first + 100)]
            yield ResultPage(nodes, set(), set(), {}, rows, None)

    async def again(*_asked):
        return rows

    return pages, again


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
async def test_the_memory_does_not_grow_with_the_rows(sqlite_services, folder, monkeypatch, name):
    monkeypatch.setattr(sorted_rows, "MOST_ROWS", 200)
    table = TableContent(
        "表",
        ("编号", "事实"),
        lambda page: ((node, [(str(hash(node["id"])), "演示" * 100)]) for node in page.nodes),
        lambda row: row,
        lambda _: (),
    )
    peaks = []
    for rows in (1_000, 1_000, 10_000, 10_000):  # the first warms what is loaded once
        pages, again = listed(rows)
        monkeypatch.setattr(export_run, "pages", pages)
        monkeypatch.setattr(export_run, "count_again", again)
        tracemalloc.start()
        written = await run_export(sqlite_services, folder / name, HANDLER, ASKED, table, ExportOptions(replace=True))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert written.rows == rows
    assert min(peaks[2:]) < 2 * peaks[1], peaks  # what else runs in this process may add to one of them


@pytest.mark.parametrize(("rows", "fan_in"), [(0, 2), (1, 2), (7, 2), (100, 3), (1_000, 4)])
def test_rows_are_sorted_in_runs(folder, monkeypatch, rows, fan_in):
    monkeypatch.setattr(sorted_rows, "MOST_ROWS", 5)
    monkeypatch.setattr(sorted_rows, "FAN_IN", fan_in)
    given = [(str(at * 7_919 % 1_000), "一行\n又一行" * (at % 3)) for at in range(rows)]
    with sorted_rows.SortedRows(folder, lambda row: row) as found:
        for row in given + given:
            found.add(row)
            assert len(found._held) < 5
            assert all(len(level) < fan_in for level in found._levels)
        assert list(found) == sorted(set(given))
        assert names(folder) == []


# --- the formats ---

TEXTS = [
    "=1+1",
    " 前后 ",
    "一行\n又一行\r\n第三行",
    "<a & 'b'>\"",
    "_x000D_",
    "_x0041_",
    "_x000D\x01",
    "\x01\x1f",
    "\ufffe",
    "𠮷",
    "",
    "·",
]


def test_a_workbook_keeps_every_character():
    """[ECMA-376 ST_Xstring] What XML cannot hold is written `_xHHHH_`, and what looks so is escaped."""
    written = xlsx_writer.workbook_of("表", ("一",), [(text,) for text in TEXTS])
    assert written == xlsx_writer.workbook_of("表", ("一",), iter([(text,) for text in TEXTS]))
    shown = [text for (text,) in shown_by(written)[1:]]
    assert [decoded(text or "") for text in shown] == TEXTS


def shown_by(written):
    return list(load_workbook(io.BytesIO(written)).active.iter_rows(values_only=True))


FULL = [
    # why, which limit, what it is in this test
    ("a row too many", "MOST_ROWS", 2),
    ("a text too long", "MOST_CHARACTERS", 9),
    ("too much XML", "MOST_BYTES", 600),
]


@pytest.mark.parametrize(("why", "limit", "most"), FULL, ids=[why for why, *_ in FULL])
def test_a_workbook_that_has_no_room_is_refused(monkeypatch, why, limit, most):
    rows = [("一" * 10,)] * 2
    assert len(shown_by(xlsx_writer.workbook_of("表", ("编号",), rows))) == 3
    monkeypatch.setattr(xlsx_writer, limit, most)
    with pytest.raises(ExchangeRefused) as refused:
        xlsx_writer.workbook_of("表", ("编号",), rows)
    assert refused.value.code == "SHEET_FULL", why


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_table_is_written_as_it_would_be_at_once(folder, encoding):
    rows = [('一,"二"', "三\n四"), ("", "€")]
    file = io.BytesIO()
    table_writer.write_table(file, folder / "out.csv", "表", ("甲", "乙"), rows, encoding)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("甲", "乙"), *rows])
    assert file.getvalue() == text.getvalue().encode(encoding)
