"""[5.1.1] [5.1.3] Which rows and which importers are refused, and what is taken in beside them."""

from datetime import date

import pytest
from sqlalchemy import update

from credit.file_formats import case_columns as h
from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.importing.run import ImportMode
from policy.actors import Actor, Role
from storage import tables
from tests.credit.subjects.synthetic_numbers import COMPANY, id_number
from tests.gateway.import_export.synthetic_cases import (
    HANDLER,
    NOW,
    case,
    count,
    every,
    number,
    outcomes,
    put,
    reasons,
    sheet,
    take,
)
from tests.storage.access_record import entries_of

REFUSED = [
    ("another department's case", case(1, 认定单位="LZ-SCJG"), [(h.DEPARTMENT, "OTHER_DEPARTMENT")]),
    ("a number on record with another name", case(9, 身份证号=number(0)), [(h.NAME, "NAME_CONFLICT")]),
    ("a number of the file with another name", case(9, 身份证号=number(1)), [(h.NAME, "NAME_CONFLICT")]),
    (
        "a code on record with another kind",
        case(9, 主体类型="其他组织", 身份证号=COMPANY, 姓名="示例公司"),
        [(h.KIND, "KIND_CONFLICT")],
    ),
    (
        "the same case of the file, differently",
        case(9, 身份证号=number(1), 姓名="演示甲1", 案件编号="LZ-2026-0001", 认定依据="另一依据"),
        [(h.CASE_NUMBER, "CASE_TWICE")],
    ),
    ("determined and never published", case(9, 公布日期=None), [(h.DETERMINED_ON, "NEVER_PUBLISHED")]),
    (
        "published on the cut-over date",
        case(9, 认定日期="2026-02-28", 公布日期="2026-03-01"),
        [(h.DETERMINED_ON, "AFTER_CUT_OVER")],
    ),
    (
        "on record, and now published after the cut-over date",
        case(0, 公布日期="2026-03-02"),
        [(h.DETERMINED_ON, "AFTER_CUT_OVER")],
    ),
    (
        "on record, and published before the determination that the row gives",
        case(0, 公布日期=None, 认定日期="2026-03-01"),
        [(h.PUBLISHED_ON, "BEFORE_DETERMINED")],
    ),
    (
        "on record, and over before it began",
        case(0, 公布日期=None, 认定日期="2026-02-01", 有效期="2026-02-02"),
        [(h.VALIDITY, "ENDS_TOO_EARLY")],
    ),
    *(
        (f"{word} for a name", case(9, 姓名=word), [(h.NAME, code)])
        for word, code in (("#N/A", "GARBLED"), ("########", "GARBLED"), ("NULL", "REQUIRED"), ("None", "REQUIRED"))
    ),
    ("errors of cells", case(9, 失信事实="#N/A", 住址="#VALUE!", 法律文书="#REF!"), [
        (h.ADDRESS, "GARBLED"), (h.FACTS, "GARBLED"), (h.LEGAL_DOCUMENT, "GARBLED"),
    ]),
    ("a child", case(9, 身份证号=id_number(born="20120105")), [(h.NUMBER, "WITHOUT_FULL_CAPACITY")]),
    ("what no form could be", case(9, 身份证号="370305190102039900", 有效期="长期"), [
        (h.NUMBER, "INVALID_ID_NUMBER"), (h.VALIDITY, "VALIDITY_FORM"),
    ]),
]  # fmt: skip


@pytest.mark.sampled
@pytest.mark.parametrize(("why", "refused", "expected"), REFUSED, ids=[one[0] for one in REFUSED])
async def test_a_row_is_refused_with_its_line_and_reason(sqlite_services, tmp_path, why, refused, expected):
    """[5.1.1] All or nothing takes in nothing; row by row takes in the rest."""
    known = case(0), case(8, 主体类型="法人", 身份证号=COMPANY, 姓名="示例公司")
    await take(sqlite_services, put(tmp_path, sheet(*known)))
    path = put(tmp_path, sheet(case(1), refused, case(2)), "b.csv")
    for mode, cases in ((ImportMode.ALL, 2), (ImportMode.PER_ROW, 4)):
        report = await take(sqlite_services, path, mode=mode)
        assert reasons(report) == [(3, header, code) for header, code in expected]
        assert outcomes(report) == {"TAKEN_IN": 2, "REFUSED": 1}
        assert (report.held, report.written) == (mode is ImportMode.ALL, mode is ImportMode.PER_ROW)
        assert await count(sqlite_services, tables.restraint_cases) == cases
    # Mended, the file is another file, and what was taken in of the first is found there.
    mended = put(tmp_path, sheet(case(1), case(7), case(2)), "c.csv")
    assert outcomes(await take(sqlite_services, mended)) == {"TAKEN_IN": 1, "UNCHANGED": 2}


async def test_a_refused_row_is_tried_again_with_the_same_file(sqlite_services, tmp_path):
    """What was lacking may be a department or an area, and the file may be right."""
    path = put(tmp_path, sheet(case(1), case(2, 所属镇街="新设镇")))
    assert outcomes(await take(sqlite_services, path, mode=ImportMode.PER_ROW)) == {"TAKEN_IN": 1, "REFUSED": 1}
    async with sqlite_services.database.writing() as session:
        await session.execute(tables.areas.insert(), {"code": "370305199", "name_zh": "新设镇", "name_en": "new"})
    assert outcomes(await take(sqlite_services, path, mode=ImportMode.PER_ROW)) == {"ALREADY_THERE": 1, "TAKEN_IN": 1}


async def test_a_row_that_repeats_a_refused_one_is_refused_with_it(sqlite_services, tmp_path):
    wrong = case(1, 认定单位="LZ-SCJG")
    report = await take(sqlite_services, put(tmp_path, sheet(wrong, wrong)), mode=ImportMode.PER_ROW)
    assert outcomes(report) == {"REFUSED": 2}


CLOSED = [
    ("confirmed", {"determined_on": date(2026, 2, 2)}, HANDLER),
    ("being verified", {"verified_at": NOW}, HANDLER),
    ("confidential", {"confidential": True}, HANDLER),
    ("removed", {"removed_on": date(2026, 3, 1)}, HANDLER),
    ("dropped", {"dropped_on": date(2026, 3, 1)}, HANDLER),
    ("referred", {"referred_on": date(2026, 3, 1)}, HANDLER),
    ("another department's", {"department_code": "LZ-SCJG"}, HANDLER),
]


@pytest.mark.parametrize(("why", "values", "actor"), CLOSED, ids=[one[0] for one in CLOSED])
async def test_a_case_that_an_import_may_not_touch(sqlite_services, tmp_path, why, values, actor):
    """[5.1.6] [5.1.4(6)] The same refusal for all of them: it does not reveal whether the case is confidential."""
    await take(sqlite_services, put(tmp_path, sheet(case(1))))
    async with sqlite_services.database.writing() as session:
        await session.execute(update(tables.restraint_cases).values(**values))
    before = await every(sqlite_services, tables.restraint_cases)
    report = await take(
        sqlite_services, put(tmp_path, sheet(case(1, 失信事实="另一事实")), "b.csv"), actor, ImportMode.PER_ROW
    )
    assert reasons(report) == [(2, h.CASE_NUMBER, "CASE_NOT_OPEN")]
    assert await every(sqlite_services, tables.restraint_cases) == before


async def test_a_confidential_case_is_not_even_compared(services, tmp_path):
    """[5.1.6]"""
    await take(services, put(tmp_path, sheet(case(1))))
    async with services.database.writing() as session:
        await session.execute(update(tables.restraint_cases).values(confidential=True))
    report = await take(services, put(tmp_path, sheet(case(1)) + "\n", "b.csv"), mode=ImportMode.PER_ROW)
    assert reasons(report) == [(2, h.CASE_NUMBER, "CASE_NOT_OPEN")]
    (entry,) = await entries_of(services.database)
    assert [shown[0] for shown in entry["fields"]] == ["NaturalPerson.name"]


ACTORS = [
    ("a clerk", Actor("clerk-1", Role.CLERK, "LZ-SPFW"), "NOT_ADMITTED", "role:handler"),
    ("a regulator", Actor("r-1", Role.REGULATOR, "LZ-SPFW", "approval", "370305"), "NOT_ADMITTED", "role:handler"),
    ("an administrator", Actor("a-1", Role.ADMIN, "LZ-SPFW"), "NOT_ADMITTED", "role:handler"),
    ("nobody's department", Actor("h-1", Role.HANDLER, "LZ-NONE"), "UNKNOWN_DEPARTMENT", ""),
    ("somebody by name", Actor("演示甲", Role.HANDLER, "LZ-SPFW"), "REFERENCE", ""),
    ("somebody by number", Actor(id_number(), Role.HANDLER, "LZ-SPFW"), "REFERENCE", ""),
]


@pytest.mark.parametrize(("why", "actor", "code", "hint"), ACTORS, ids=[one[0] for one in ACTORS])
async def test_who_may_not_import_is_refused_by_name(sqlite_services, tmp_path, why, actor, code, hint):
    """[5.1.1] The policy has the last word, whatever the operator states."""
    with pytest.raises(ExchangeRefused) as refused:
        await take(sqlite_services, put(tmp_path, sheet(case(1))), actor)
    assert (refused.value.code, refused.value.hint) == (code, hint)
    assert await count(sqlite_services, tables.restraint_cases) == 0
