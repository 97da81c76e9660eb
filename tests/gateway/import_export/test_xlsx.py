"""[5.1.3] [6.2] Workbooks: taken in as the text they show, and written out without a formula."""

from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from consent.vocabulary import Purpose
from credit.core.flaws import Flaw
from credit.file_formats.case_columns import HEADERS
from gateway.import_export.exporting.export_form import export_file
from gateway.import_export.files.detect import examine
from gateway.import_export.files.table_reader import find_sheet, rows_of
from gateway.import_export.importing.run import ImportMode
from storage.tables import restraint_cases
from tests.gateway.import_export.synthetic_cases import HANDLER, case, confirm_all, every, outcomes, take


def workbook(*rows, above=(), before=None, name="cases.xlsx", folder):
    """Write rows (cells by header) as a workbook; *before* is a hidden sheet in front."""
    book = Workbook()
    sheet = book.active
    if before is not None:
        sheet.append([before])
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("案件")
    for line in above:
        sheet.append([line])
    headers = list(rows[0])
    sheet.append(headers)
    for row in rows:
        sheet.append([row.get(header) for header in headers])
    path = folder / name
    book.save(path)
    return path


async def test_a_workbook_is_taken_in_with_its_dates_as_dates(services, tmp_path):
    first = {**case(1), "认定日期": date(2026, 1, 5)}
    second = {**case(2), "认定日期": datetime(2026, 1, 5)}  # noqa: DTZ001 - as spreadsheets keep a day
    path = workbook(first, second, above=["失信制约信息"], before="说明", folder=tmp_path)

    report = await take(services, path)

    assert (report.refused, outcomes(report)) == ([], {"TAKEN_IN": 2})
    assert [str(each["former_determined_on"]) for each in await every(services, restraint_cases)] == ["2026-01-05"] * 2


async def test_rows_keep_the_numbers_that_the_spreadsheet_shows(sqlite_services, tmp_path):
    blank = dict.fromkeys(case(1))
    path = workbook(
        case(1), blank, {**case(2), "失信事实": "一行\n又一行"}, {**case(3), "认定日期": "不详"}, folder=tmp_path
    )

    report = await take(sqlite_services, path, mode=ImportMode.PER_ROW)

    assert [row.line for row in report.refused] == [5]
    assert outcomes(report)["TAKEN_IN"] == 2


@pytest.mark.parametrize(
    ("why", "cell"), [("as a float", 3.70305190001010e17), ("as a whole number", 370305190001010000)]
)
async def test_a_number_that_a_spreadsheet_has_rounded_is_refused(why, cell, sqlite_services, tmp_path):
    report = await take(sqlite_services, workbook({**case(1), "身份证号": cell}, folder=tmp_path))
    (problem,) = (problem for row in report.refused for problem in row.problems)
    assert problem.message_zh.endswith(Flaw.ROUNDED.message_zh), why


async def test_what_is_written_is_taken_in_again_and_is_nothing_new(sqlite_services, tmp_path):
    assert outcomes(await take(sqlite_services, workbook(case(1), case(2), folder=tmp_path))) == {"TAKEN_IN": 2}
    await confirm_all(sqlite_services)
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    for path in (one, other):
        await export_file(sqlite_services, path, HANDLER, Purpose.DETERMINATION)

    report = await take(sqlite_services, one)

    assert (report.refused, report.counts.total()) == ([], 2)
    assert "TAKEN_IN" not in outcomes(report)
    assert one.read_bytes() == other.read_bytes()


async def test_no_cell_of_what_is_written_is_a_formula(sqlite_services, tmp_path):
    dangerous = case(1, 失信事实='=HYPERLINK("https://example.invalid","甲")')
    await take(sqlite_services, workbook({**dangerous, "失信事实": "'" + dangerous["失信事实"]}, folder=tmp_path))
    await confirm_all(sqlite_services)
    path = tmp_path / "out.xlsx"
    await export_file(sqlite_services, path, HANDLER, Purpose.DETERMINATION)

    sheet = load_workbook(path).active

    assert [cell.value for cell in next(sheet.iter_rows())] == list(HEADERS)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}, "n is empty"


def test_only_the_first_sheet_that_is_shown_counts(tmp_path):
    found = find_sheet(examine(workbook(case(1), before="姓名", folder=tmp_path)))
    assert [row.cells["案件编号"] for row in rows_of(found)] == ["LZ-2026-0001"]
