"""[6.2] An exported file that is imported again changes nothing: for each kind that can be imported, CSV and XLSX."""

from collections import Counter
from itertools import count as counting
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.vocabulary import Purpose
from gateway.import_export.exporting.export_form import export_file
from gateway.import_export.exporting.export_table import export_records
from gateway.import_export.exporting.tables import KINDS
from gateway.import_export.importing.compare import RowResult
from gateway.import_export.importing.importers import IMPORTERS
from gateway.import_export.importing.run import ImportMode
from storage import tables
from tests.credit.subjects.synthetic_numbers import social_credit_code
from tests.gateway.import_export.synthetic_cases import HANDLER, case, confirm_all, every, outcomes, put, reasons, sheet
from tests.gateway.import_export.synthetic_cases import take as take_cases
from tests.gateway.import_export.synthetic_records import CLERK, application, take, with_matters
from tests.hypothesis_profiles import examples

SERIAL = counting(1)
FEW = settings(
    max_examples=examples(6, few=3), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SUFFIXES = pytest.mark.parametrize("suffix", ["csv", "xlsx"])
KEPT = (
    tables.subjects, tables.identifiers, tables.applications, tables.application_steps, tables.restraint_cases
)  # fmt: skip

areas = st.sampled_from(["闻韶街道", "雪宫街道"])
ends = st.sampled_from(
    [
        {},
        {"办结日期": "2026-02-04", "办理结果": "不予"},
        {"办结日期": "2026-02-04 17:59:59", "办理结果": "准予", "办理方式": "告知承诺"},
        {"受理日期": None},
        {"受理日期": None, "办结日期": "2026年2月4日", "办理结果": "撤回"},
    ]
)
filed = st.sampled_from(["2026-02-02", "2026/2/1 09:10", "20260131", "２０２６-０２-０２"])


@st.composite
def applications(draw):
    """Rows about a window's applications: of persons and of companies, open and over."""
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        at = next(SERIAL)
        who = {
            "企业名称": f"示例公司{at}",
            "主体类型": "法人",
            "统一社会信用代码": company(at),
            "姓名": None,
            "身份证号": None,
        }
        of = draw(st.sampled_from([{}, who]))
        rows.append(application(at, 申请日期=draw(filed), 所属镇街=draw(areas), **of, **draw(ends)))
    return rows


@st.composite
def cases(draw):
    """Rows about a handler's own cases, some of them about one person."""
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        at = next(SERIAL)
        phone = draw(st.sampled_from([None, "13800000000", "0533-7000000"]))
        rows.append(
            case(at, 联系电话=phone, 所属镇街=draw(areas), 住址=draw(st.sampled_from(["示例路1号", "－示例路2号"])))
        )
        if draw(st.booleans()):
            rows.append(rows[-1] | {"案件编号": f"LZ-2026-{next(SERIAL):04}"})
    return rows


def company(at: int) -> str:
    return social_credit_code("91", "370305", f"{at:08}")


async def record(services) -> list[list[dict[str, object]]]:
    return [sorted(await every(services, table), key=str) for table in KEPT]


def fresh(folder: Path, suffix: str) -> Path:
    return folder / f"out-{next(SERIAL)}.{suffix}"


@pytest.mark.slow
@SUFFIXES
@FEW
@given(rows=applications())
async def test_a_clerks_applications(services, tmp_path, suffix, rows):
    """[5.1.6] An open company's row is left as it is; a person's number is masked here, and a mask is no value.

    Of a subject whose application is over, neither name nor number is written out (decision 25).
    """
    await furnished_once(services)
    put_in = await take(services, put(tmp_path, sheet(*rows), f"in-{next(SERIAL)}.csv"), "applications")
    assert outcomes(put_in) == {"TAKEN_IN": len(rows)}, reasons(put_in)
    path, before = fresh(tmp_path, suffix), await record(services)
    written = await export_records(services, path, CLERK, Purpose.APPLICATION_HANDLING, KINDS["applications"])
    report = await take(services, path, "applications", mode=ImportMode.PER_ROW)
    assert report.counts.total() == written.rows
    kinds = {one["subject_id"]: one["kind"] for one in await every(services, tables.subjects)}
    still_open = [kinds[one["subject_id"]] for one in await every(services, tables.applications) if not one["outcome"]]
    assert report.counts[RowResult.UNCHANGED] == still_open.count("LEGAL_PERSON")
    assert set(outcomes(report)) <= {"UNCHANGED", "REFUSED"}
    over = report.counts.total() - len(still_open)
    number = "统一社会信用代码（身份证号）"
    persons = sum(kinds[one["subject_id"]] != "LEGAL_PERSON" for one in await every(services, tables.applications))
    # Applications are handled without a person's address, so its township is not written out either (decision 33).
    assert Counter(reason[1:] for reason in reasons(report)) == Counter(
        {(number, "INVALID_ID_NUMBER"): len(still_open) - still_open.count("LEGAL_PERSON")}
    ) + Counter(
        {("名称（姓名）", "REQUIRED"): over, (number, "REQUIRED"): over, ("所属镇街", "AREA_NOT_STATED"): persons}
    )
    assert await record(services) == before


@pytest.mark.slow
@SUFFIXES
@FEW
@given(rows=cases())
async def test_a_handlers_cases_and_their_subjects(services, tmp_path, suffix, rows):
    put_in = await take_cases(services, put(tmp_path, sheet(*rows), f"in-{next(SERIAL)}.csv"))
    assert outcomes(put_in) == {"TAKEN_IN": len(rows)}, reasons(put_in)
    await confirm_all(services)
    before = await record(services)
    form, people = fresh(tmp_path, suffix), fresh(tmp_path, suffix)
    written = await export_file(services, form, HANDLER, Purpose.DETERMINATION)
    assert outcomes(await take_cases(services, form)) == {"UNCHANGED": written.rows}
    listed = await export_records(services, people, HANDLER, Purpose.DETERMINATION, KINDS["subjects"])
    assert listed.rows == len(await every(services, tables.subjects))
    # The report does not reveal whether they were known (decision 5): only the record shows that nothing is new.
    report = await take(services, people, "subjects")
    assert outcomes(report) == {"TAKEN_IN": listed.rows}, reasons(report)
    assert await record(services) == before


def test_every_kind_that_is_taken_in_is_written_out():
    assert set(IMPORTERS) <= {*KINDS, "basic-information"}


async def furnished_once(services) -> None:
    if not await every(services, tables.matters):
        await with_matters(services)
