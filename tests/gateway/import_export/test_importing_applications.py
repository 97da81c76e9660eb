"""[4.2] [6.2] What becomes of a row about an application or a subject: once, on both databases, and nothing opened."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.importing.run import TOPIC, ImportMode
from policy.actors import Actor, Role
from storage import tables
from tests.credit.subjects.synthetic_numbers import COMPANY
from tests.gateway.import_export.synthetic_cases import (
    BOTH,
    MARKED,
    case,
    count,
    every,
    number,
    outcomes,
    put,
    reasons,
    sheet,
)
from tests.gateway.import_export.synthetic_cases import take as take_cases
from tests.gateway.import_export.synthetic_records import application, person, take, with_matters
from tests.storage.access_record import entries_of, pending

pytestmark = pytest.mark.slow

KIND = "applications"


@pytest.fixture
async def window(services):
    return await with_matters(services)


@pytest.fixture
async def sqlite_window(sqlite_services):
    return await with_matters(sqlite_services)


@BOTH
async def test_a_row_becomes_a_subject_an_application_and_its_steps(window, tmp_path, mode):
    row = application(1, 办结日期="2026-02-04 09:30", 办理结果="准予", 办理方式="绿色通道")
    assert outcomes(await take(window, put(tmp_path, sheet(row)), KIND, mode=mode)) == {"TAKEN_IN": 1}
    (filed,) = await every(window, tables.applications)
    (subject,) = await every(window, tables.subjects)
    assert filed["subject_id"] == subject["subject_id"]
    assert (filed["number"], filed["matter_code"], filed["department_code"]) == ("BJ-0001", "SPFW-01", "LZ-SPFW")
    assert (filed["channel"], filed["outcome"], filed["clerk_ref"]) == ("GREEN_CHANNEL", "APPROVED", "clerk-1")
    assert filed["filed_at"] == datetime(2026, 2, 1, 16, tzinfo=UTC)  # midnight in Shanghai
    assert filed["decided_at"] == datetime(2026, 2, 4, 1, 30, tzinfo=UTC)
    steps = await every(window, tables.application_steps)
    assert sorted((one["step"], one["on"].isoformat()) for one in steps) == [
        ("ACCEPTED", "2026-02-03"), ("DECIDED", "2026-02-04"), ("FILED", "2026-02-02"),
    ]  # fmt: skip
    assert {one["actor_ref"] for one in steps} == {"clerk-1"}
    (registered,) = await every(window, tables.registrations)
    assert registered["subject_id"] == subject["subject_id"]
    # Each step has its entry, and so have the subject's registration, its secret, and the lookup of its number.
    assert len(await pending(window.database)) == len(steps) + 3
    (message,) = await every(window, tables.outbox)  # nobody is notified of what ended long ago
    assert (message["topic"], message["about"]["kind"]) == (TOPIC, KIND)
    assert await count(window, tables.disclosures) == 0


@BOTH
async def test_the_same_file_again_does_nothing_and_the_same_rows_are_left(window, tmp_path, mode):
    rows = [application(at) for at in range(5)]
    path = put(tmp_path, sheet(*rows))
    assert outcomes(await take(window, path, KIND, mode=mode)) == {"TAKEN_IN": 5}
    before = [await every(window, table) for table in (tables.applications, tables.application_steps)]
    assert outcomes(await take(window, path, KIND, mode=mode)) == {"ALREADY_THERE": 5}
    other = put(tmp_path, sheet(*reversed(rows)).encode("gb18030"), "b.csv")
    assert outcomes(await take(window, other, KIND, mode=mode)) == {"UNCHANGED": 5}
    assert [await every(window, table) for table in (tables.applications, tables.application_steps)] == before


async def test_a_row_advances_an_application_and_its_subject_is_notified(window, tmp_path):
    await take(window, put(tmp_path, sheet(application(1, 受理日期=None))), KIND)
    led = application(1, 办结日期="2026-03-04", 办理结果="不予", 受理日期=None)
    assert outcomes(await take(window, put(tmp_path, sheet(led), "b.csv"), KIND)) == {"CHANGED": 1}
    (filed,) = await every(window, tables.applications)
    assert (filed["outcome"], filed["step_version"]) == ("REFUSED", 2)
    report = [one["about"] for one in await every(window, tables.outbox) if one["topic"] == "application.decided"]
    assert [(one["to"], one["application_id"]) for one in report] == [("subject", str(filed["application_id"]))]
    # A blank cell takes nothing away.
    assert outcomes(await take(window, put(tmp_path, sheet(application(1, 受理日期="")), "c.csv"), KIND)) == {
        "UNCHANGED": 1
    }


REFUSED = [
    ("another person's number", {"身份证号": number(8), "姓名": "演示甲8"}, [("办件编号", "APPLICATION_NOT_OPEN")]),
    ("another day", {"申请日期": "2026-02-01"}, [("办件编号", "APPLICATION_NOT_OPEN")]),
    ("another matter", {"事项名称": "演示事项二"}, [("办件编号", "APPLICATION_NOT_OPEN")]),
    ("a matter of another department", {"事项名称": "演示事项三"}, [("事项", "UNKNOWN_MATTER")]),
    ("another department", {"办理部门": "LZ-SCJG"}, [("办理部门", "NOT_THIS_WINDOW")]),
    ("accepted before it was filed", {"受理日期": "2026-02-01"}, [("受理时间", "BEFORE_FILED")]),
    ("an end without outcome", {"办结日期": "2026-02-05"}, [("办理结果", "REQUIRED")]),
    ("an outcome without end", {"办理结果": "准予"}, [("办结时间", "REQUIRED")]),
    ("approved, never accepted", {"受理日期": None, "办结日期": "2026-02-05", "办理结果": "准予"},
     [("受理时间", "REQUIRED")]),
    ("an incentive by file", {"办理方式": "容缺受理"}, [("办理方式", "NOT_GRANTED_HERE")]),
    ("tomorrow", {"受理日期": "2026-03-06"}, [("受理时间", "IN_FUTURE")]),
    ("an hour that there is not", {"受理日期": "2026-02-03 25:00"}, [("受理时间", "NO_SUCH_DATE")]),
    ("a masked number", {"身份证号": "3****************1"}, [("统一社会信用代码（身份证号）", "INVALID_ID_NUMBER")]),
    ("no number", {"办件编号": None, "事项名称": "没有的事项"}, [("办件编号", "REQUIRED"), ("事项", "UNKNOWN_MATTER")]),
]  # fmt: skip


@pytest.mark.sampled
@pytest.mark.parametrize(("why", "changed", "expected"), REFUSED, ids=[one[0] for one in REFUSED])
async def test_a_row_is_refused_with_everything_that_is_wrong(sqlite_window, tmp_path, why, changed, expected):
    """By line, column and code, and never with a value [5.1.6]."""
    await take(sqlite_window, put(tmp_path, sheet(application(1))), KIND)
    row = application(1, **{"办理部门": None} | changed) | ({} if "办件编号" not in changed else {"办件编号": ""})
    report = await take(sqlite_window, put(tmp_path, sheet(row), "b.csv"), KIND, mode=ImportMode.PER_ROW)
    assert reasons(report) == [(2, *one) for one in expected], why
    assert not any(value in str(report.facts()) for value in MARKED)


async def test_a_confidential_application_is_refused_like_a_strangers(sqlite_window, tmp_path):
    """[5.1.6]"""
    await take(sqlite_window, put(tmp_path, sheet(application(1))), KIND)
    async with sqlite_window.database.writing() as session:
        await session.execute(update(tables.applications).values(confidential=True))
    report = await take(sqlite_window, put(tmp_path, sheet(application(1, 受理日期="2026-02-03 09:00")), "b.csv"), KIND)
    assert reasons(report) == [(2, "办件编号", "APPLICATION_NOT_OPEN")]


async def test_all_or_nothing_takes_in_nothing_with_one_bad_row(sqlite_window, tmp_path):
    report = await take(sqlite_window, put(tmp_path, sheet(application(1), application(2, 身份证号="1"))), KIND)
    assert report.held
    assert await count(sqlite_window, tables.applications) == await count(sqlite_window, tables.subjects) == 0
    report = await take(sqlite_window, tmp_path / "cases.csv", KIND, mode=ImportMode.PER_ROW)
    assert outcomes(report) == {"TAKEN_IN": 1, "REFUSED": 1}


async def test_one_file_is_done_once_for_each_kind(sqlite_window, tmp_path):
    path = put(tmp_path, sheet(application(1)))
    assert outcomes(await take(sqlite_window, path, "subjects")) == {"TAKEN_IN": 1}
    assert outcomes(await take(sqlite_window, path, KIND)) == {"TAKEN_IN": 1}
    assert await count(sqlite_window, tables.subjects) == 1


@BOTH
async def test_subjects_are_registered_and_the_report_does_not_reveal_who_was_known(window, tmp_path, mode):
    """[5.1.6] One outcome for both. Another name is refused, and what is on record stays as it is (decision 25)."""
    await take(window, put(tmp_path, sheet(person(1))), "subjects", mode=mode)
    before = await every(window, tables.subjects)
    other_name = put(tmp_path, sheet(person(1, 姓名="演示乙")), "a.csv")
    report = await take(window, other_name, "subjects", mode=mode)
    assert [code for _, _, code in reasons(report)] == ["NAME_CONFLICT"]
    assert await every(window, tables.subjects) == before
    rows = sheet(person(1), person(2), person(2))
    report = await take(window, put(tmp_path, rows, "b.csv"), "subjects", mode=mode)
    assert outcomes(report) == {"TAKEN_IN": 2, "UNCHANGED": 1}
    after = await every(window, tables.subjects)
    assert len(after) == 2
    assert [one for one in after if one["subject_id"] == before[0]["subject_id"]] == before
    # Each of both files compared the name on record, and the subject can read that it did.
    assert [one["subject_id"] for one in await entries_of(window.database)] == [before[0]["subject_id"]] * 2


async def test_one_number_has_one_name_in_a_file(sqlite_window, tmp_path):
    rows = sheet(person(1), person(1, 姓名="演示乙"), person(1, 联系电话="13800000009"))
    report = await take(sqlite_window, put(tmp_path, rows), "subjects", mode=ImportMode.PER_ROW)
    assert [code for _, _, code in reasons(report)] == ["NAME_CONFLICT", "RECORD_TWICE"]


@pytest.mark.parametrize(
    ("why", "actor"),
    [
        ("a handler", Actor("handler-1", Role.HANDLER, "LZ-SPFW")),
        ("the office", Actor("office-1", Role.OFFICE)),
        ("the admin", Actor("admin-1", Role.ADMIN, "LZ-SPFW")),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["applications", "subjects"])
async def test_who_may_not_is_refused_before_the_file_is_read(sqlite_window, tmp_path, why, actor, kind):
    with pytest.raises(ExchangeRefused) as refused:
        await take(sqlite_window, tmp_path / "nowhere.csv", kind, actor)
    assert refused.value.code == "NOT_ADMITTED", why


async def test_a_dry_run_takes_in_nothing(sqlite_window, tmp_path):
    report = await take(sqlite_window, put(tmp_path, sheet(application(1))), KIND, dry_run=True)
    assert (outcomes(report), report.written) == ({"TAKEN_IN": 1}, False)
    assert await count(sqlite_window, tables.applications) == await count(sqlite_window, tables.imports) == 0


async def test_one_number_in_another_habit_is_the_same_application(window, tmp_path):
    """[4.2] [5.1.3] At the window, and as the 办件编号 of a case."""
    habits = ("办〔2026〕1号", "办[2026]1号", "办（２０２６）第1号")
    rows = [application(1, 办件编号=number) for number in habits[:2]]
    assert outcomes(await take(window, put(tmp_path, sheet(*rows)), KIND)) == {"TAKEN_IN": 1, "UNCHANGED": 1}
    again = put(tmp_path, sheet(application(1, 办件编号=habits[2])), "again.csv")
    assert outcomes(await take(window, again, KIND)) == {"UNCHANGED": 1}
    (filed,) = await every(window, tables.applications)
    assert (filed["number"], filed["number_key"]) == (habits[0], habits[0])
    report = await take_cases(window, put(tmp_path, sheet(case(1, 办件编号=habits[1])), "case.csv"))
    assert report.unlinked == 0


async def test_a_case_is_linked_to_the_application_that_it_came_of(window, tmp_path):
    """[5.1.3] Its subject's own, and none that is confidential; a blank cell unlinks nothing."""
    path = put(tmp_path, sheet(case(1, 办件编号="BJ-0001"), case(2, 办件编号="BJ-0001")))
    report = await take_cases(window, path)
    assert (outcomes(report), report.unlinked) == ({"TAKEN_IN": 2}, 2)
    await take(window, put(tmp_path, sheet(application(1)), "b.csv"), KIND)
    (filed,) = await every(window, tables.applications)
    again = sheet(case(1, 办件编号="BJ-0001"), case(2, 办件编号="BJ-0001"), case(3, 办件编号=None))
    report = await take_cases(window, put(tmp_path, again, "c.csv"))
    assert (outcomes(report), report.unlinked) == ({"CHANGED": 1, "UNCHANGED": 1, "TAKEN_IN": 1}, 1)
    linked = {one["number"]: one["application_id"] for one in await every(window, tables.restraint_cases)}
    assert linked == {"LZ-2026-0001": filed["application_id"], "LZ-2026-0002": None, "LZ-2026-0003": None}
    blank = put(tmp_path, sheet(case(1, 办件编号=None)), "d.csv")
    assert outcomes(await take_cases(window, blank)) == {"UNCHANGED": 1}


async def test_a_company_is_found_by_its_code(sqlite_window, tmp_path):
    company = {"姓名": None, "身份证号": None, "企业名称": "示例公司", "主体类型": "法人", "统一社会信用代码": COMPANY}
    rows = (application(1, **company), application(2, **company))
    assert outcomes(await take(sqlite_window, put(tmp_path, sheet(*rows)), KIND)) == {"TAKEN_IN": 2}
    assert await count(sqlite_window, tables.subjects) == 1
