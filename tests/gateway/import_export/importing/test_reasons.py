"""[5.1.3] The reasons of docs/import-format.md are those that a file can meet: each listed one, and no other."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from credit.file_formats import case_columns as h
from gateway.import_export import generate_docs
from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.files import xlsx_package
from gateway.import_export.files.xlsx_writer import workbook_of
from gateway.import_export.importing import run as importing_run
from gateway.import_export.importing.importers import BASIC
from gateway.import_export.importing.report import report as written_report
from gateway.import_export.importing.run import ImportMode, import_file
from gateway.services import Services, build_services
from gateway.settings.parsers import quotas
from policy.actors import Actor, Role
from storage import tables
from tests.credit.subjects.synthetic_numbers import COMPANY, PERSON, SHOP, id_number
from tests.gateway.import_export.files.raw_workbook import cells, packed, parts
from tests.gateway.import_export.synthetic_cases import HANDLER, NOW, case, number, put, reasons, sheet
from tests.gateway.import_export.synthetic_records import CLERK, application, with_matters

NUMBERED, OWNER = tables.restraint_cases.c.number, tables.restraint_cases.c.subject_id
KNOWN = case(0), case(7), case(8, 主体类型="法人", 身份证号=COMPANY, 姓名="示例公司")
"""What is on record."""
CASES = [
    ("INVALID_ID_NUMBER", case(1, 身份证号="1")),
    ("INVALID_SOCIAL_CREDIT_CODE", case(1, 主体类型="法人")),
    ("REQUIRED", case(1, 认定依据="无")),
    ("TOO_LONG", case(1, 案件编号="L" * 41)),
    ("MASKED", case(1, 姓名="演＊")),
    ("GARBLED", case(1, 认定依据="临政管办发\ufffd")),
    ("HOLDS_PERSONAL_DATA", case(1, 认定依据="演示甲1")),
    ("AMBIGUOUS", case(1, 名称="演示乙")),
    ("SOLE_TRADER_CODE", case(1, 主体类型="法人", 身份证号=SHOP)),
    ("NOT_SOLE_TRADER_CODE", case(1, 主体类型="个体工商户", 身份证号=COMPANY)),
    ("UNKNOWN_KIND", case(1, 主体类型="神仙")),
    ("AMBIGUOUS_KIND", case(1, 主体类型="单位")),
    ("UNKNOWN_AREA", case(1, 所属镇街="某镇")),
    ("AREA_NOT_STATED", case(1, 所属镇街="", 住址="示例路1号")),
    ("UNKNOWN_DEPARTMENT", case(1, 认定单位="别处的单位")),
    ("UNKNOWN_CIRCUMSTANCE", case(1, 失信情形="态度不好")),
    ("UNKNOWN_CHANNEL", case(1, 采集途径="听说")),
    ("DATE_FORM", case(1, 认定日期="上周")),
    ("DATE_SERIAL", case(1, 认定日期="12345")),
    ("DATE_YEAR", case(1, 认定日期="2月2日")),
    ("NO_SUCH_DATE", case(1, 认定日期="2026-02-30")),
    ("IN_FUTURE", case(1, 公布日期="2026-03-06")),
    ("BEFORE_DETERMINED", case(1, 公布日期="2026-02-01")),
    ("NOT_DETERMINED", case(1, 认定日期="")),
    ("YES_OR_NO", case(1, 历史数据="也许")),
    ("NEVER_PUBLISHED", case(1, 公布日期="")),
    ("AFTER_CUT_OVER", case(1, 认定日期="2026-02-28", 公布日期="2026-03-01")),
    ("ENDS_TOO_EARLY", case(1, 有效期="2026-01-31")),
    ("VALIDITY_FORM", case(1, 有效期="长期")),
    ("PERIOD_BASIS", case(1, 有效期="1年")),
    ("OTHER_DEPARTMENT", case(1, 认定单位="LZ-SCJG")),
    ("NAME_CONFLICT", case(1, 身份证号=number(0))),
    ("DAMAGED", case(7, 认定依据="另一依据")),
    ("KIND_CONFLICT", case(1, 主体类型="其他组织", 身份证号=COMPANY, 姓名="示例公司")),
    ("CASE_TWICE", case(2, 认定依据="另一依据")),
    ("CASE_NOT_OPEN", case(8, 主体类型="法人", 身份证号=COMPANY, 姓名="示例公司", 认定依据="另一依据")),
    ("WITHOUT_FULL_CAPACITY", case(1, 身份证号=id_number(born="20120105"))),
]
"""A row of basic information for each reason; the row `case(2)` stands above them all."""
FILED = [
    ("UNKNOWN_MATTER", application(1, 事项名称="没有的事项")),
    ("NOT_THIS_WINDOW", application(1, 办理部门="LZ-SCJG")),
    ("UNKNOWN_OUTCOME", application(1, 办理结果="也许", 办结日期="2026-02-05")),
    ("UNKNOWN_FACILITATION", application(1, 办理方式="走后门")),
    ("NOT_GRANTED_HERE", application(1, 办理方式="容缺受理")),
    ("BEFORE_FILED", application(1, 受理日期="2026-02-01")),
    ("APPLICATION_NOT_OPEN", application(0, 申请日期="2026-02-01")),
    ("RECORD_TWICE", application(2, 申请日期="2026-02-01")),
]
"""A row of an application for each reason; `application(0)` is on record, and `application(2)` stands above."""


def listed(table: int) -> set[str]:
    """Return the codes of one of the tables: 0 of rows, 1 of files and actors."""
    return set(re.findall(r"^\| `(\w+)`", generate_docs.reasons().split("\n\n")[table], re.MULTILINE))


async def codes(services: Services, path: Path, kind: str, actor: Actor) -> dict[int, set[str]]:
    """Return the codes of the refused rows by line."""
    report = await import_file(services, path, actor, mode=ImportMode.PER_ROW, kind=kind, dry_run=True)
    found: dict[int, set[str]] = {}
    for line, _, code in reasons(report):
        found.setdefault(line, set()).add(code)
    return found


async def test_each_listed_reason_of_a_row_arises_and_no_other_does(sqlite_services: Services, tmp_path: Path) -> None:
    services = sqlite_services
    await with_matters(services)
    await import_file(services, put(tmp_path, sheet(*KNOWN)), HANDLER, mode=ImportMode.ALL)
    await import_file(services, put(tmp_path, sheet(application(0))), CLERK, mode=ImportMode.ALL, kind="applications")
    async with services.database.writing() as session:
        await session.execute(update(tables.restraint_cases).where(NUMBERED == "LZ-2026-0008").values(verified_at=NOW))
        ((subject_id,),) = await session.fetch(select(OWNER).where(NUMBERED == "LZ-2026-0007"))
        own = tables.subjects.c.subject_id == subject_id
        await session.execute(update(tables.subjects).where(own).values(name_sealed=b"damaged"))
    arising: set[str] = set()
    for kind, actor, first, rows in ((BASIC, HANDLER, case(2), CASES), ("applications", CLERK, application(2), FILED)):
        found = await codes(services, put(tmp_path, sheet(first, *(row for _, row in rows))), kind, actor)
        for line, (code, _) in enumerate(rows, start=3):
            assert code in found.get(line, ()), code
        arising |= set().union(*found.values())
    # What needs another header, or another deployment.
    by_any_number = case(1, 主体类型=None, 身份证号=None, 证件号码=PERSON)
    shifted = sheet(case(1)).rstrip("\r\n") + ",多"
    long_name = sheet(case(1, 姓名="演示12345678901234567"))
    for text in (sheet(by_any_number), shifted, long_name):
        arising |= (await codes(services, put(tmp_path, text), BASIC, HANDLER))[2]
    services.settings = replace(services.settings, cut_over_on=None)
    arising |= (await codes(services, put(tmp_path, sheet(case(1))), BASIC, HANDLER))[2]
    assert arising == listed(0)


async def test_each_listed_reason_leaves_a_telephone_out_and_no_other_does(
    sqlite_services: Services, tmp_path: Path
) -> None:
    """[5.1.3] The row is taken in; the report has line, column and code of what was left out, and no value."""
    wrong = ("7000000", "138****0000", "1.38E+10")
    path = put(tmp_path, sheet(*(case(at, 联系电话=text) for at, text in enumerate(wrong))))
    report = await import_file(sqlite_services, path, HANDLER, mode=ImportMode.ALL)
    assert (report.counts.total(), report.refused) == (3, [])
    found = [(row.line, problem.field, problem.code) for row in report.warnings for problem in row.problems]
    assert found == [(2, h.PHONE, "PHONE"), (3, h.PHONE, "MASKED"), (4, h.PHONE, "ROUNDED")]
    assert {code for _, _, code in found} == set(re.findall(r"^\| `(\w+)`", generate_docs.warnings(), re.MULTILINE))
    for as_json in (True, False):
        written = written_report(report, as_json=as_json).decode("utf-8-sig")
        assert written.count("WARNING") == 3
        assert not any(text in written for text in wrong)
    assert [entry["code"] for entry in report.facts()["warnings"]] == ["PHONE", "MASKED", "ROUNDED"]


Refused = Callable[[pytest.MonkeyPatch, Path], tuple[Path, Actor]]


def of_file(content: str | bytes) -> Refused:
    return lambda _, folder: (put(folder, content), HANDLER)


def of_actor(*given: Any) -> Refused:
    return lambda _, folder: (put(folder, sheet(case(1))), Actor(*given))


def of_limit(module: Any, name: str, value: int, content: str | bytes) -> Refused:
    def refused(patch: pytest.MonkeyPatch, folder: Path) -> tuple[Path, Actor]:
        patch.setattr(module, name, value)
        return put(folder, content), HANDLER

    return refused


def changed_while_it_is_read(patch: pytest.MonkeyPatch, folder: Path) -> tuple[Path, Actor]:
    path, find = put(folder, sheet(case(1))), importing_run.find_sheet

    def then_changed(*given: Any) -> Any:
        found = find(*given)
        put(folder, sheet(case(1), case(2)))
        return found

    patch.setattr(importing_run, "find_sheet", then_changed)
    return path, HANDLER


WHOLE: dict[str, Refused] = {
    "NOT_THERE": lambda _, folder: (folder / "absent.csv", HANDLER),
    "EMPTY": of_file(b""),
    "WORKBOOK": of_file(b"PK\x03\x04 and so on"),
    "TOO_LARGE": of_limit(xlsx_package, "MOST_BYTES", 10, workbook_of("案件", ("姓名",), [("演示甲",)])),
    "LONG_CELL": of_file(packed(parts(cells("演" * 32_768)))),
    "OTHER_FORMAT": of_file(b"%PDF-1.7"),
    "NOT_TEXT": of_file(b"\x00\x01\x02"),
    "ENCODING": of_file(sheet(case(1)).encode() + b"\xff\xff"),
    "NO_HEADER": of_file("演示甲,370305,无\n"),
    "MISSING_COLUMNS": of_file("姓名,身份证号,住址,电话\n"),
    "QUOTES": of_file(sheet(case(1)) + '"演"示,甲\n'),
    "FILE_CHANGED": changed_while_it_is_read,
    "TOO_MANY": of_limit(importing_run, "MOST_AT_ONCE", 0, sheet(case(1))),
    "REFERENCE": of_actor("演示甲", Role.HANDLER, "LZ-SPFW"),
    "ROLE_INCOMPLETE": of_actor("handler-1", Role.HANDLER),
    "UNKNOWN_DEPARTMENT": of_actor("handler-1", Role.HANDLER, "LZ-NONE"),
    "NOT_ADMITTED": of_actor("clerk-1", Role.CLERK, "LZ-SPFW"),
    "BUSY": of_limit(importing_run, "ATTEMPTS", 0, sheet(case(1))),
    "LOOKUP_QUOTA": of_file(sheet(*(case(at) for at in range(4)))),
}
"""What meets each reason to refuse a whole file, or an actor."""


def test_the_listed_reasons_of_the_whole_are_those_below() -> None:
    assert set(WHOLE) == listed(1)


@pytest.mark.parametrize("code", WHOLE)
async def test_each_listed_reason_of_the_whole_arises(
    sqlite_services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    path, actor = WHOLE[code](monkeypatch, tmp_path)
    limited = build_services(replace(sqlite_services.settings, imported_per_actor=quotas("3/day")), lambda: NOW)
    with pytest.raises(ExchangeRefused) as refused:
        await import_file(limited, path, actor, mode=ImportMode.ALL)
    await limited.close()
    assert refused.value.code == code
