"""[5.1.6] [6.2] What an export writes: what a purpose shows, in its form, recorded; nothing else."""

import csv
import io
import shutil
import stat
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from consent.vocabulary import Purpose
from credit.core.values.garbled import DAMAGED
from credit.file_formats import case_columns as h
from credit.file_formats.case_columns import HEADERS
from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.exporting.export_form import export_file
from gateway.import_export.exporting.export_run import ExportOptions
from gateway.import_export.exporting.record_recipients import OUTWARD
from gateway.import_export.importing.run import ImportMode
from policy.actors import ANONYMOUS, Actor, Role
from schema.core.global_ids import decode
from storage import tables
from storage.database.database import Database
from tests.credit.subjects.synthetic_numbers import COMPANY, SHOP
from tests.gateway.import_export.synthetic_cases import (
    HANDLER,
    case,
    confirm_all,
    count,
    every,
    furnish,
    number,
    outcomes,
    put,
    reasons,
    services_over,
    sheet,
    take,
)
from tests.storage.access_record import entries_of

pytestmark = pytest.mark.slow

PLATFORM = Actor("platform-1", Role.PLATFORM)
REGULATOR = Actor("regulator-1", Role.REGULATOR, None, "approval", "370305")
ELSEWHERE = Actor("regulator-2", Role.REGULATOR, None, "approval", "370305002")
COLLEAGUE = Actor("handler-2", Role.HANDLER, "LZ-SPFW")
OFFICE = Actor("office-1", Role.OFFICE)

PERSON, FIRM, SHOPKEEPER = case(1), case(2, 主体类型="法人", 身份证号=COMPANY, 姓名="示例公司"), case(
    3, 主体类型="个体工商户", 身份证号=SHOP, 姓名="示例店"
)  # fmt: skip


def read(path, encoding="utf-8-sig"):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


async def export(services, tmp_path, actor=HANDLER, purpose=Purpose.DETERMINATION, name="out.csv", **more):
    path = tmp_path / name
    written = await export_file(services, path, actor, purpose, **more)
    return written, path


async def filled(services, tmp_path, *rows):
    report = await take(services, put(tmp_path, sheet(*(rows or (PERSON, FIRM, SHOPKEEPER)))))
    assert not report.refused
    await confirm_all(services)


SHOWN = {
    # header: handler assigned, platform, regulator, colleague of the same department, the public
    h.NAME: ("演示甲1", "演示甲1", "演示甲1", "演示甲1", "演＊"),
    h.KIND: ("自然人",) * 5,
    h.NUMBER: (number(1), number(1), None, None, ""),
    h.ADDRESS: ("临淄区闻韶街道示例路1号", "临淄区闻韶街道示例路1号", "闻韶街道", "", ""),
    h.PHONE: ("13800000000", "", "", "", ""),
    h.AREA: ("闻韶街道",) * 3 + ("", ""),
    h.CIRCUMSTANCE: ("隐瞒事实或提供虚假材料",) * 5,
    h.FACTS: ("申请时提供的证明经核实为虚假。",) * 3 + ("［已隐去］", ""),
    h.DEPARTMENT: ("临淄区行政审批服务局",) * 5,
    h.BASIS: ("临政管办发〔2022〕3号",) * 5,
    h.DETERMINED_ON: ("2026-02-02",) * 5,
    h.VALIDITY: ("2026-08-03",) * 5,
    h.PERIOD_BASIS: ("",) * 5,
    h.LEGAL_DOCUMENT: ("临审告字〔2026〕第1号",) * 5,
    h.CASE_NUMBER: ("LZ-2026-0001",) * 5,
    h.CHANNEL: ("事实调查", "", "", "事实调查", ""),
    h.PUBLISHED_ON: ("2026-02-03",) * 5,
    h.APPLICATION_NUMBER: ("",) * 5,
    h.TAKEN_OVER: ("是",) * 5,
    h.NAME_CONFIRMED: ("",) * 5,
}
ASKED = [
    (HANDLER, Purpose.DETERMINATION),
    (PLATFORM, Purpose.PLATFORM_EXCHANGE),
    (REGULATOR, Purpose.FOCUSED_CHECK),
    (COLLEAGUE, Purpose.DETERMINATION),
    (ANONYMOUS, Purpose.PUBLICITY),
]


@pytest.mark.sampled
@pytest.mark.parametrize("at", range(len(ASKED)), ids=[f"{actor.ref} {purpose}" for actor, purpose in ASKED])
async def test_a_person_as_each_purpose_sees_one(sqlite_services, tmp_path, at):
    """[5.1.6] The table of needs, as a file; a mask stands there as a mask, and what is withheld is empty."""
    actor, purpose = ASKED[at]
    await filled(sqlite_services, tmp_path, PERSON)
    written, path = await export(sqlite_services, tmp_path, actor, purpose)
    (row,) = read(path)
    assert list(row) == list(HEADERS)
    masked = f"3{'*' * 16}{number(1)[-1]}"
    assert row == {header: masked if shown[at] is None else shown[at] for header, shown in SHOWN.items()}
    assert written.rows == 1
    assert (h.NUMBER in written.masked, h.PHONE in written.withheld) == (
        actor not in (PLATFORM, ANONYMOUS), purpose is not Purpose.DETERMINATION,
    )  # fmt: skip


@pytest.mark.sampled
@pytest.mark.parametrize("at", range(len(ASKED)), ids=[f"{actor.ref} {purpose}" for actor, purpose in ASKED])
async def test_every_row_that_leaves_is_recorded(services, tmp_path, at):
    """[5.1.6] Who, which department, for what; but for what is published to everybody."""
    actor, purpose = ASKED[at]
    await filled(services, tmp_path)
    await export(services, tmp_path, actor, purpose)
    entries = await entries_of(services.database)
    subjects = {row["subject_id"] for row in await every(services, tables.subjects)}
    assert {entry["subject_id"] for entry in entries} == (set() if purpose is Purpose.PUBLICITY else subjects)
    assert {(entry["actor_ref"], entry["purpose"], entry["department_code"]) for entry in entries} <= {
        (actor.ref, purpose, actor.department)
    }


async def test_a_regulator_elsewhere_gets_nothing(sqlite_services, tmp_path):
    """[5.2.2]"""
    await filled(sqlite_services, tmp_path)
    written, path = await export(sqlite_services, tmp_path, ELSEWHERE, Purpose.FOCUSED_CHECK)
    assert (written.rows, read(path)) == (0, [])
    assert await count(sqlite_services, tables.disclosures) == 0


async def test_confidential_cases_never_leave(services, tmp_path):
    """[5.1.6]"""
    await filled(services, tmp_path)
    async with services.database.writing() as session:
        hidden = tables.restraint_cases.c.number == "LZ-2026-0001"
        await session.execute(update(tables.restraint_cases).where(hidden).values(confidential=True))
    for at, (actor, purpose) in enumerate(ASKED):
        _, path = await export(services, tmp_path, actor, purpose, f"{at}.csv")
        assert {row[h.CASE_NUMBER] for row in read(path)} == {"LZ-2026-0002", "LZ-2026-0003"}


ENDED = [
    ("removed", {"removed_on": date(2026, 3, 1)}),
    ("dropped", {"dropped_on": date(2026, 3, 1)}),
    ("referred", {"referred_on": date(2026, 3, 1)}),
    ("repaired", {"ends_on": date(2026, 3, 1), "rectified_on": date(2026, 3, 1)}),
    ("not determined yet", {"determined_on": None, "published_on": None, "ends_on": None}),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("why", "values"), ENDED, ids=[one[0] for one in ENDED])
async def test_what_does_not_stand_is_left_out(sqlite_services, tmp_path, why, values):
    """[5.1.5] The form cannot say that a case has ended; taken in again, it would be in force again."""
    await filled(sqlite_services, tmp_path, PERSON, FIRM)
    async with sqlite_services.database.writing() as session:
        this = tables.restraint_cases.c.number == "LZ-2026-0001"
        await session.execute(update(tables.restraint_cases).where(this).values(**values))
    written, path = await export(sqlite_services, tmp_path)
    assert [row[h.CASE_NUMBER] for row in read(path)] == ["LZ-2026-0002"]
    assert (written.rows, written.left_out) == (1, 1)


HARD = [
    case(11, 姓名="阿·示例", 失信事实='第一行\n第二行，含"引号"、逗号,和;分号', 认定日期="2026-02-03"),
    case(12, 失信事实="=SUM(A1)", 认定依据="-5", 法律文书="无", 联系电话=None),
    case(13, 失信事实="'原文带撇号", 法律文书="@文书", 公布日期="2026-02-28", 办件编号=None),
    case(14, 有效期="2026-07-31"),
    case(15, 有效期="1年", 管理期限依据="某法第1条"),
    case(16, 身份证号=number(1), 姓名="演示甲1", 所属镇街="雪宫街道", 联系电话="0533-7000000"),
    case(17, 主体类型="法人", 身份证号=COMPANY, 姓名="示例公司"),
]  # fmt: skip


@pytest.mark.sampled
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
async def test_out_in_and_out_again_gives_the_same_bytes(services, migrated_sqlite, tmp_path, encoding):
    """[6.2] The handler of all cases exports all of them; an empty database imports them, and exports them again."""
    await filled(services, tmp_path, PERSON, FIRM, SHOPKEEPER, *HARD)
    written, path = await export(services, tmp_path, options=ExportOptions(encoding))
    assert (written.rows, written.left_out) == (10, 0)
    (tmp_path / "other").mkdir()
    other_url = f"sqlite:///{tmp_path}/other/other.db"
    shutil.copy(migrated_sqlite, tmp_path / "other" / "other.db")
    database = Database.open(other_url)
    await furnish(database)
    await database.close()
    other = services_over(other_url, tmp_path / "other")
    report = await take(other, path)
    assert outcomes(report) == {"TAKEN_IN": 10}, reasons(report)
    await confirm_all(other)
    _, again = await export(other, tmp_path, name="again.csv", options=ExportOptions(encoding))
    await other.close()
    assert again.read_bytes() == path.read_bytes()
    # And at home nothing is new.
    assert outcomes(await take(services, path)) == {"UNCHANGED": 10}


async def test_long_numbers_are_written_as_text_for_spreadsheets(sqlite_services, tmp_path):
    await filled(sqlite_services, tmp_path)
    _, path = await export(sqlite_services, tmp_path, as_text=True)
    by_case = {row[h.CASE_NUMBER]: row for row in read(path)}
    digits = [row for row in by_case.values() if row[h.NUMBER].strip('="').isdigit()]
    assert all(row[h.NUMBER].startswith('="') for row in digits)
    assert outcomes(await take(sqlite_services, path)) == {"UNCHANGED": 3}


@pytest.mark.parametrize(("actor", "purpose"), ASKED[2:4], ids=["a regulator's", "a colleague's"])
async def test_a_masked_export_is_no_input(sqlite_services, tmp_path, actor, purpose):
    """[5.1.6] A mask is not a value: the import says so, cell by cell."""
    await filled(sqlite_services, tmp_path, PERSON)
    _, path = await export(sqlite_services, tmp_path, actor, purpose)
    report = await take(sqlite_services, path, mode=ImportMode.PER_ROW)
    assert outcomes(report) == {"REFUSED": 1}
    assert (2, h.NUMBER, "INVALID_ID_NUMBER") in reasons(report)


async def test_the_platforms_export_lacks_the_channel(sqlite_services, tmp_path):
    """How a case came to light is not among what the platform needs, so its file is not a whole form."""
    await filled(sqlite_services, tmp_path)
    _, path = await export(sqlite_services, tmp_path, PLATFORM, Purpose.PLATFORM_EXCHANGE)
    report = await take(sqlite_services, path)
    assert {reason[1:] for reason in reasons(report)} == {(h.CHANNEL, "REQUIRED")}


@pytest.mark.slow
async def test_pages_follow_one_another(services, database_url, tmp_path):
    await filled(services, tmp_path, *(case(at) for at in range(46)))
    an_hour_ago = services.runtime.now() - timedelta(hours=1)  # what has just changed would come again
    async with services.database.writing() as session:
        await session.execute(update(tables.restraint_cases).values(changed_at=an_hour_ago))
    seen: list[tuple[str, int, int]] = []
    paged = services_over(database_url, tmp_path, MAX_PAGE_SIZE="20")
    written, path = await export(paged, tmp_path, options=ExportOptions(progress=lambda *stage: seen.append(stage)))
    await paged.close()
    assert written.rows == len({row[h.CASE_NUMBER] for row in read(path)}) == 46
    assert seen == [("read", 20, 46), ("read", 40, 46), ("read", 46, 46), ("write", 46, 46)]
    assert len(await entries_of(services.database)) == 46
    assert await count(services, tables.disclosures) == 3  # one for each page


async def test_since(services, tmp_path):
    await filled(services, tmp_path, case(1), case(2, 公布日期="2026-02-28"))
    _, path = await export(services, tmp_path, since=date(2026, 2, 28))
    assert [row[h.CASE_NUMBER] for row in read(path)] == ["LZ-2026-0002"]


REFUSALS = [
    ("a handler for the regulator's purpose", HANDLER, Purpose.FOCUSED_CHECK, "ROOT_REFUSED"),
    ("an administrator", Actor("a-1", Role.ADMIN), Purpose.DETERMINATION, "ROOT_REFUSED"),
    ("a head who consults", Actor("head-1", Role.HEAD, "LZ-SPFW"), Purpose.CONSULTATION, "ROOT_REFUSED"),
    ("a department that is none", Actor("h", Role.HANDLER, "LZ-NONE"), Purpose.DETERMINATION, "UNKNOWN_DEPARTMENT"),
    ("a regulator of nowhere", Actor("r-1", Role.REGULATOR), Purpose.FOCUSED_CHECK, "ROLE_INCOMPLETE"),
    ("a subject, who has other ways", Actor("s-1", Role.SUBJECT), Purpose.SELF_ACCESS, "ROLE_INCOMPLETE"),
    ("somebody by name", Actor("演示甲", Role.HANDLER, "LZ-SPFW"), Purpose.DETERMINATION, "REFERENCE"),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("why", "actor", "purpose", "code"), REFUSALS, ids=[one[0] for one in REFUSALS])
async def test_who_may_not_export_is_refused_by_name(sqlite_services, tmp_path, why, actor, purpose, code):
    """[5.1.6]"""
    await filled(sqlite_services, tmp_path, PERSON)
    with pytest.raises(ExchangeRefused) as refused:
        await export(sqlite_services, tmp_path, actor, purpose)
    assert refused.value.code == code
    assert list(tmp_path.glob("*out.csv*")) == []
    assert await count(sqlite_services, tables.disclosures) == 0


async def test_no_file_is_written_on_consent(sqlite_services, tmp_path):
    """An authorisation serves one person at the window, not a file of all who ever gave one [4.1] [5.1.6]."""
    await filled(sqlite_services, tmp_path)
    with pytest.raises(ExchangeRefused) as refused:
        await export(sqlite_services, tmp_path, Actor("clerk-1", Role.CLERK, "LZ-SPFW"), Purpose.CREDIT_CHECK)
    assert refused.value.code == "LIST_ON_CONSENT"


async def test_the_office_sees_neither_number_nor_name(sqlite_services, tmp_path):
    """[6.1]"""
    await filled(sqlite_services, tmp_path, PERSON)
    _, path = await export(sqlite_services, tmp_path, OFFICE, Purpose.SUPERVISION)
    (row,) = read(path)
    assert (row[h.NAME], row[h.NUMBER], row[h.FACTS], row[h.CHANNEL]) == ("演＊", "", "", "事实调查")


async def test_a_file_is_written_whole_for_its_owner_only(sqlite_services, tmp_path):
    await filled(sqlite_services, tmp_path, PERSON)
    _, path = await export(sqlite_services, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_bytes().count(b"\r\n") == 2
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


async def test_a_file_that_is_there_is_not_replaced_unasked(sqlite_services, tmp_path):
    await filled(sqlite_services, tmp_path, PERSON)
    path = put(tmp_path, "something", "out.csv")
    with pytest.raises(ExchangeRefused) as refused:
        await export(sqlite_services, tmp_path)
    assert (refused.value.code, path.read_text()) == ("OUTPUT_EXISTS", "something")
    assert await count(sqlite_services, tables.disclosures) == 0  # nothing was read for nothing
    await export(sqlite_services, tmp_path, options=ExportOptions(replace=True))
    assert len(read(path)) == 1


@pytest.mark.parametrize("name", ["absent/out.csv", "."])
async def test_a_place_that_is_none_is_refused_before_anything_is_read(sqlite_services, tmp_path, name):
    await filled(sqlite_services, tmp_path, PERSON)
    with pytest.raises(ExchangeRefused) as refused:
        await export(sqlite_services, tmp_path, name=name)
    assert refused.value.code == "OUTPUT"
    assert await count(sqlite_services, tables.disclosures) == 0


async def test_what_cannot_be_recorded_is_not_written(sqlite_services, tmp_path, monkeypatch):
    """[5.1.6]"""
    await filled(sqlite_services, tmp_path, PERSON)
    await sqlite_services.recorder.close()
    with pytest.raises(ExchangeRefused) as refused:
        await export(sqlite_services, tmp_path)
    assert refused.value.code == "NOT_RECORDED"
    assert not (tmp_path / "out.csv").exists()


async def test_a_damaged_value_is_marked_in_its_row_and_the_others_are_written(sqlite_services, tmp_path):
    """An empty cell would say that there is no value. The mark is none either: an import refuses it."""
    await filled(sqlite_services, tmp_path)
    of = tables.restraint_cases.c.number == PERSON[h.CASE_NUMBER]
    async with sqlite_services.database.writing() as session:
        await session.execute(update(tables.restraint_cases).where(of).values(facts_sealed=b"damaged"))
    recorded = await count(sqlite_services, tables.disclosures)
    written, path = await export(sqlite_services, tmp_path)

    shown = {row[h.CASE_NUMBER]: row[h.FACTS] for row in read(path)}
    assert len(shown) == written.rows == 3
    assert shown.pop(PERSON[h.CASE_NUMBER]) == DAMAGED
    assert set(shown.values()) == {PERSON[h.FACTS]}
    [(row, columns)] = written.damaged.items()
    ((case_id,),) = await sqlite_services.database.fetch(select(tables.restraint_cases.c.case_id).where(of))
    assert (decode(row).keys[-1], columns) == (case_id, (h.FACTS,))
    assert h.FACTS not in written.withheld
    assert sqlite_services.damage.counts[("restraint_cases", "facts")] >= 1
    assert await count(sqlite_services, tables.disclosures) == recorded + 1, "nothing was read twice"

    again = await take(sqlite_services, path, mode=ImportMode.PER_ROW)
    assert (h.FACTS, "GARBLED") in {(header, code) for _, header, code in reasons(again)}


def test_every_purpose_says_whether_its_file_is_a_delivery():
    """[5.1.4(6)] A new purpose is entered here, or in `OUTWARD`: then its recipient is notified of corrections."""
    inside = {
        Purpose.CREDIT_CHECK,
        Purpose.APPLICATION_HANDLING,
        Purpose.DETERMINATION,
        Purpose.REVIEW,
        Purpose.SELF_ACCESS,
        Purpose.PUBLICITY,
    }
    assert inside | OUTWARD == set(Purpose)
    assert not inside & OUTWARD
