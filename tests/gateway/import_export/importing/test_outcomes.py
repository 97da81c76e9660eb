"""[5.1.3] [6.2] The outcome of each row of a file, on both databases: taken in, changed or unchanged; once."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import update

from credit.core.values.identifiers import IdentifierKind
from gateway.import_export.importing import run as importing_run
from gateway.import_export.importing.run import TOPIC, ImportMode, import_file
from storage import tables
from storage.repositories.subjects.subjects import SubjectRepository
from tests.credit.subjects.synthetic_numbers import COMPANY, SHOP
from tests.gateway.import_export.importing.sealed_items import facts, opened, seal_beside
from tests.gateway.import_export.synthetic_cases import (
    BOTH,
    HANDLER,
    NOW,
    OTHER_DEPARTMENT,
    case,
    count,
    every,
    number,
    outcomes,
    put,
    sheet,
    take,
)
from tests.storage.access_record import entries_of, pending


@BOTH
async def test_a_row_becomes_a_subject_and_a_case(services, tmp_path, mode):
    """[5.1.3] All of the basic information, sealed and masked. A former record does not count yet [5.1.4]."""
    path = put(tmp_path, sheet(case(1)))
    assert outcomes(await take(services, path, mode=mode)) == {"TAKEN_IN": 1}
    (subject,) = await every(services, tables.subjects)
    (row,) = await every(services, tables.restraint_cases)
    assert (subject["kind"], subject["area_code"], subject["registered_by"]) == (
        "NATURAL_PERSON", "370305001", "handler-1",
    )  # fmt: skip
    assert (subject["name_mask"], subject["phone_mask"], subject["address_mask"]) == ("演＊", "1********00", "闻韶街道")
    assert (row["number"], row["department_code"], row["sector_code"]) == ("LZ-2026-0001", "LZ-SPFW", "approval")
    assert (row["circumstance"], row["channel"]) == ("FALSE_MATERIAL", "FACT_FINDING")
    assert [row[name] for name in ("determined_on", "published_on", "ends_on")] == [None] * 3
    assert [row[f"former_{name}"] for name in ("determined_on", "published_on", "ends_on")] == [
        date(2026, 2, 2), date(2026, 2, 3), date(2026, 8, 3),
    ]  # fmt: skip
    assert row["taken_over_on"] == date(2026, 3, 5)
    (step,) = await every(services, tables.case_steps)
    assert (step["step"], step["on"], step["actor_ref"]) == ("TAKEN_OVER", date(2026, 3, 5), "handler-1")
    days = {"determined_on": "2026-02-02", "published_on": "2026-02-03", "ends_on": "2026-08-03"}
    assert {name: step["facts"][name] for name in step["facts"] if name != "record"} == days
    assert step["facts"]["record"]["number"] == row["number"]
    assert (row["handler_ref"], row["facts_mask"], row["version"]) == ("handler-1", "［已隐去］", 1)
    assert (row["collected_at"], row["confidential"]) == (NOW, False)
    left = await every(services, tables.outbox)
    assert [message["topic"] for message in left] == [TOPIC]
    written = left[0]["about"]
    assert step["evidence"] == f"import:{written['file']}"
    assert (written["by"], written["role"], written["department_code"]) == ("handler-1", "handler", "LZ-SPFW")
    (note,) = await every(services, tables.imports)
    assert (note["file_hash"], note["row"], note["outcome"]) == (written["file"], 2, "TAKEN_IN")
    # Writing is not reading [5.1.6]: see docs/decisions/0009.
    assert await count(services, tables.disclosures) == 0


@BOTH
async def test_the_same_file_again_does_nothing(services, tmp_path, mode):
    path = put(tmp_path, sheet(*(case(at) for at in range(5))))
    assert outcomes(await take(services, path, mode=mode)) == {"TAKEN_IN": 5}
    before = [await every(services, table) for table in (tables.restraint_cases, tables.outbox, tables.imports)]
    assert outcomes(await take(services, path, mode=mode)) == {"ALREADY_THERE": 5}
    assert outcomes(await take(services, path, OTHER_DEPARTMENT, mode=mode)) == {"ALREADY_THERE": 5}
    assert [await every(services, table) for table in (tables.restraint_cases, tables.outbox, tables.imports)] == before
    assert await count(services, tables.disclosures) == 0


@BOTH
async def test_the_same_cases_in_another_file_are_left_as_they_are(services, tmp_path, mode):
    """Another encoding, order or habit is another file about the same."""
    await take(services, put(tmp_path, sheet(*(case(at) for at in range(5)))))
    before = await every(services, tables.restraint_cases)
    again = sheet(*(case(at, 公布日期="20260203", 有效期="2026-08-03") for at in reversed(range(5))))
    report = await take(services, put(tmp_path, again.encode("gb18030"), "again.csv"), mode=mode)
    assert outcomes(report) == {"UNCHANGED": 5}
    assert await every(services, tables.restraint_cases) == before
    assert [entry["outcome"] for entry in await every(services, tables.imports)].count("UNCHANGED") == 5


CHANGES = [
    ("facts", {"失信事实": "补充核实后的事实。"}, None, None),
    ("circumstance", {"失信情形": "承诺不实"}, "circumstance", "COMMITMENT_NOT_MET"),
    ("channel", {"采集途径": "群众举报"}, "channel", "PUBLIC_REPORT"),
    ("basis", {"认定依据": "另一依据"}, "basis", "另一依据"),
    ("legal document", {"法律文书": "无"}, "legal_document", None),
    ("publication", {"公布日期": "2026-02-10"}, "former_ends_on", date(2026, 8, 10)),
    ("a longer period by law", {"有效期": "1年", "管理期限依据": "某法第1条"}, "former_ends_on", date(2027, 2, 3)),
    ("area", {"所属镇街": "雪宫街道"}, "area_code", "370305002"),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("what", "changed", "column", "value"), CHANGES, ids=[one[0] for one in CHANGES])
async def test_a_changed_row_takes_the_place_of_its_case(sqlite_services, tmp_path, what, changed, column, value):
    """[5.1.4] Until the head has confirmed it, a former record is put right by another file, under a new version."""
    await take(sqlite_services, put(tmp_path, sheet(case(1))))
    (before,) = await every(sqlite_services, tables.restraint_cases)
    assert outcomes(await take(sqlite_services, put(tmp_path, sheet(case(1, **changed)), "b.csv"))) == {"CHANGED": 1}
    (after,) = await every(sqlite_services, tables.restraint_cases)
    assert (after["case_id"], after["version"]) == (before["case_id"], 2)
    if column is not None:
        assert after[column] == value
    assert await facts(sqlite_services) == changed.get("失信事实", "申请时提供的证明经核实为虚假。")
    assert {one["topic"] for one in await every(sqlite_services, tables.outbox)} == {TOPIC}
    assert await count(sqlite_services, tables.subjects) == 1


async def test_what_a_row_does_not_say_is_not_taken_away(sqlite_services, tmp_path):
    """A list without publication dates must not unpublish what was published [5.1.5]."""
    await take(sqlite_services, put(tmp_path, sheet(case(1, 有效期="1年", 管理期限依据="某法第1条"))))
    before = await every(sqlite_services, tables.restraint_cases)
    again = sheet(case(1, 公布日期=None, 管理期限依据=None, 有效期="2027-02-03", 所属镇街=None, 联系电话=None))
    assert outcomes(await take(sqlite_services, put(tmp_path, again, "b.csv"))) == {"UNCHANGED": 1}
    assert await every(sqlite_services, tables.restraint_cases) == before


async def test_a_change_keeps_what_the_form_does_not_know(sqlite_services, tmp_path):
    """Evidence and notes are carried over, sealed again for the new version; so are the facts of the procedure."""
    await take(sqlite_services, put(tmp_path, sheet(case(1))))
    await seal_beside(sqlite_services, evidence="证据目录", notes="内部备注")
    async with sqlite_services.database.writing() as session:
        await session.execute(
            update(tables.restraint_cases).values(
                reviewer_ref="reviewer-1", rectified_on=date(2026, 3, 1), handler_ref="handler-2"
            )
        )
    assert outcomes(await take(sqlite_services, put(tmp_path, sheet(case(1, 认定依据="另一依据")), "b.csv"))) == {
        "CHANGED": 1
    }
    (after,) = await every(sqlite_services, tables.restraint_cases)
    assert (after["reviewer_ref"], after["rectified_on"], after["handler_ref"]) == (
        "reviewer-1", date(2026, 3, 1), "handler-2",
    )  # fmt: skip
    assert [await opened(sqlite_services, item) for item in ("evidence", "notes")] == ["证据目录", "内部备注"]
    assert (after["evidence_mask"], after["notes_mask"]) == ("［已隐去］", "［已隐去］")


async def test_a_subject_on_record_is_found_and_stays_as_it_is(sqlite_services, tmp_path):
    """A second case of the same person; 15 digits and full width are the same number. Particulars are not changed."""
    await take(sqlite_services, put(tmp_path, sheet(case(1))))
    before = await every(sqlite_services, tables.subjects)
    short = number(1)[:6] + number(1)[8:17]
    rows = (
        case(2, 身份证号=short, 姓名="演 示甲１", 住址="临淄区雪宫街道另一路2号"),
        case(3, 身份证号=number(1), 姓名="演示甲1"),
    )
    assert outcomes(await take(sqlite_services, put(tmp_path, sheet(*rows), "b.csv"))) == {"TAKEN_IN": 2}
    assert await every(sqlite_services, tables.subjects) == before
    assert {row["subject_id"] for row in await every(sqlite_services, tables.restraint_cases)} == {
        before[0]["subject_id"]
    }


async def test_a_name_in_an_older_form_is_the_same_person(sqlite_services, tmp_path):
    """In one file, and on record: the private-use code of 䶮, a radical out of a PDF, and every dot [5.1.3]."""
    old = [("刘䶮", "刘\ue863"), ("方明", "\u2f45明"), *(("买买提·吐尔逊", f"买买提{dot}吐尔逊") for dot in ".⋅･﹒")]
    first = [case(at, 姓名=name) for at, (name, _) in enumerate(old)]
    again = [case(20 + at, 身份证号=number(at), 姓名=name) for at, (_, name) in enumerate(old)]
    assert outcomes(await take(sqlite_services, put(tmp_path, sheet(*first, *again)))) == {"TAKEN_IN": 2 * len(old)}
    later = [case(40 + at, 身份证号=number(at), 姓名=name) for at, (_, name) in enumerate(old)]
    assert outcomes(await take(sqlite_services, put(tmp_path, sheet(*later), "b.csv"))) == {"TAKEN_IN": len(old)}
    assert await count(sqlite_services, tables.subjects) == len(old)


@BOTH
async def test_several_cases_of_a_new_subject_in_one_file(services, tmp_path, mode, monkeypatch):
    monkeypatch.setattr(importing_run, "AT_ONCE", 10)
    rows = [case(at, 身份证号=number(1), 姓名="演示甲") for at in range(25)]
    assert outcomes(await take(services, put(tmp_path, sheet(*rows)), mode=mode)) == {"TAKEN_IN": 25}
    assert await count(services, tables.subjects) == 1
    assert await count(services, tables.disclosures) == 0  # the file knows its own rows


async def test_every_kind_of_subject(sqlite_services, tmp_path):
    """[3.2]"""
    rows = [
        case(1, 主体类型="法人", 身份证号=COMPANY, 姓名="示例公司"),
        case(2, 主体类型="个体工商户", 身份证号=SHOP, 姓名="示例店"),
        case(3, 主体类型="自然人"),
    ]
    assert outcomes(await take(sqlite_services, put(tmp_path, sheet(*rows)))) == {"TAKEN_IN": 3}
    masks = {row["kind"]: row["number_mask"] for row in await every(sqlite_services, tables.identifiers)}
    assert masks["ID_NUMBER"].startswith("3****************")
    assert {row["number_mask"] for row in await every(sqlite_services, tables.identifiers)} >= {
        COMPANY,
        SHOP[0] + "*" * 16 + SHOP[-1],
    }


async def test_a_row_that_repeats_another_counts_once(sqlite_services, tmp_path):
    path = put(tmp_path, sheet(case(1), case(1), case(2), case(1, 姓名=" 演示甲1 ")))
    assert outcomes(await take(sqlite_services, path)) == {"TAKEN_IN": 2, "UNCHANGED": 2}
    assert await count(sqlite_services, tables.restraint_cases) == 2


@BOTH
async def test_a_dry_run_reports_and_writes_nothing(services, tmp_path, mode):
    path = put(tmp_path, sheet(case(1), case(2, 身份证号="1"), case(3)))
    report = await take(services, path, mode=mode, dry_run=True)
    assert outcomes(report) == {"TAKEN_IN": 2, "REFUSED": 1}
    assert not report.written
    for table in (tables.subjects, tables.restraint_cases, tables.imports, tables.outbox):
        assert await count(services, table) == 0


async def test_comparing_with_the_record_is_a_read_that_the_subject_sees(services, tmp_path):
    """[5.1.6] Even of a dry run, and once for each subject of a run; the document is the file."""
    await take(services, put(tmp_path, sheet(case(1), case(2))))
    path = put(tmp_path, sheet(case(1), case(3, 身份证号=number(2), 姓名="演示甲2"), case(4)), "b.csv")
    await take(services, path, dry_run=True)
    entries = await entries_of(services.database)
    subjects = {row["subject_id"]: row for row in await every(services, tables.subjects)}
    assert len(entries) == len(subjects) == 2
    for entry in entries:
        assert (entry["actor_ref"], entry["role"], entry["department_code"]) == ("handler-1", "handler", "LZ-SPFW")
        assert (entry["purpose"], entry["basis"], entry["citation"]) == ("DETERMINATION", "STATUTE", "5.1.3")
    shown = sorted(sorted(field[0] for field in entry["fields"]) for entry in entries)
    assert shown == [["NaturalPerson.name"], ["NaturalPerson.name", "RestraintCase.facts"]]
    steps, registered = len(await every(services, tables.case_steps)), await count(services, tables.registrations)
    tried = await count(services, tables.number_lookups)
    recorded = await count(services, tables.disclosures)
    secrets = await count(services, tables.subject_secrets)
    assert len(await pending(services.database)) == recorded + steps + registered + tried + secrets


async def test_only_what_has_to_be_compared_is_opened(sqlite_services, tmp_path):
    """[5.1.6] Where the row already differs in the open, the facts on record are replaced and not looked at."""
    await take(sqlite_services, put(tmp_path, sheet(case(1))))
    await take(sqlite_services, put(tmp_path, sheet(case(1, 认定依据="另一依据")), "b.csv"))
    (entry,) = await entries_of(sqlite_services.database)
    assert [shown[0] for shown in entry["fields"]] == ["NaturalPerson.name"]


@pytest.mark.slow
async def test_two_importers_of_the_same_cases_at_once(services, tmp_path, monkeypatch):
    """Whoever comes second finds what the first has done; nothing is there twice."""
    monkeypatch.setattr(importing_run, "AT_ONCE", 10)
    one = put(tmp_path, sheet(*(case(at) for at in range(75))), "one.csv")
    other = put(tmp_path, sheet(*(case(at) for at in reversed(range(75)))), "other.csv")
    runs = [import_file(services, path, HANDLER, mode=ImportMode.PER_ROW) for path in (one, other, one)]
    report = await asyncio.gather(*runs)
    assert [sum(run.counts.values()) for run in report] == [75, 75, 75]
    assert not any(run.refused for run in report)
    assert sum(run.counts["TAKEN_IN"] for run in report) == 75
    assert await count(services, tables.restraint_cases) == await count(services, tables.subjects) == 75


async def test_a_blind_index_under_an_older_key_is_found(services, tmp_path):
    """The subject is searched under every version of the index."""
    await take(services, put(tmp_path, sheet(case(1))))
    async with services.database.snapshot() as session:
        terms = services.keyring.terms(IdentifierKind.ID_NUMBER, number(1))
        assert await SubjectRepository(session).find(IdentifierKind.ID_NUMBER, terms) is not None


HABITS = ("[]", "［］", "()", "（）", "﹝﹞", "【】")


@BOTH
async def test_one_number_in_many_habits_is_one_case(services, tmp_path, mode):
    """[5.1.3] Within a file, and in another file; the number stays as it was typed first."""
    typed = "临审信认〔2026〕1号"
    habits = [typed.replace("〔", left).replace("〕", right) for left, right in HABITS]
    rows = [case(1, 案件编号=text, 法律文书=text) for text in (typed, *habits)]
    assert outcomes(await take(services, put(tmp_path, sheet(*rows)), mode=mode)) == {"TAKEN_IN": 1, "UNCHANGED": 6}
    again = put(tmp_path, sheet(case(1, 案件编号=f"{habits[0]} ", 法律文书=habits[1])), "again.csv")
    assert outcomes(await take(services, again, mode=mode)) == {"UNCHANGED": 1}
    (row,) = await every(services, tables.restraint_cases)
    assert (row["number"], row["number_key"], row["legal_document"]) == (typed, typed, typed)
    changed = put(tmp_path, sheet(case(1, 案件编号=habits[2], 法律文书=typed, 认定依据="另一依据")), "changed.csv")
    assert outcomes(await take(services, changed, mode=mode)) == {"CHANGED": 1}
    (row,) = await every(services, tables.restraint_cases)
    assert (row["number"], row["number_key"], row["basis"]) == (typed, typed, "另一依据")


async def test_the_application_number_is_reported_and_not_saved(sqlite_services, tmp_path):
    report = await take(sqlite_services, put(tmp_path, sheet(case(1), case(2, 办件编号=None))))
    assert report.unlinked == 1
