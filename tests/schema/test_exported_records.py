"""Every kind of record as a table: what the purpose shows, in users' words, recorded, and nothing else [6.2]."""

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from consent.vocabulary import Purpose
from credit.core.values.dates import SHANGHAI
from credit.core.values.garbled import DAMAGED
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.exporting import table_spec
from gateway.import_export.exporting.export_form import export_file
from gateway.import_export.exporting.export_table import export_records, writer_of
from gateway.import_export.exporting.table_spec import ExportTable
from gateway.import_export.exporting.tables import KINDS
from gateway.import_export.files.atomic_write import PendingFile
from storage import tables
from tests.builders import NOW
from tests.databases import on_sqlite
from tests.schema.execution.test_damaged_values import overwrite
from tests.schema.more_records import add_records
from tests.schema.service import ServiceUnderTest
from tests.schema.test_access_log import page
from tests.storage.disclosure_rows import DisclosureRows

pytestmark = pytest.mark.slow

ASKED = [
    ("cases", "handler", Purpose.DETERMINATION),
    ("cases", "office", Purpose.SUPERVISION),
    ("applications", "clerk", Purpose.APPLICATION_HANDLING),
    ("authorisations", "clerk", Purpose.CREDIT_CHECK),
    ("authorisations", "auditor", Purpose.AUDIT),
    ("access-log", "auditor", Purpose.AUDIT),
    ("case-steps", "handler", Purpose.DETERMINATION),
    ("case-steps", "person-1", Purpose.SELF_ACCESS),
    ("notices", "handler", Purpose.DETERMINATION),
    ("statements", "handler", Purpose.DETERMINATION),
    ("corrections", "handler", Purpose.DETERMINATION),
    ("objections", "head", Purpose.DETERMINATION),
    ("focused-checks", "regulator", Purpose.FOCUSED_CHECK),
    ("focused-check-changes", "regulator", Purpose.FOCUSED_CHECK),
    ("consultations", "head", Purpose.CONSULTATION),
    ("consultation-replies", "person-1", Purpose.SELF_ACCESS),
    ("credit-checks", "clerk", Purpose.APPLICATION_HANDLING),
    ("grants", "clerk", Purpose.APPLICATION_HANDLING),
    ("deferrals", "other clerk", Purpose.APPLICATION_HANDLING),
    ("commitments", "clerk", Purpose.APPLICATION_HANDLING),
    ("matters", "clerk", Purpose.APPLICATION_HANDLING),
    ("delegations", "person-1", Purpose.SELF_ACCESS),
]


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


async def export(
    service: ServiceUnderTest, folder: Path, kind: str, who: str, purpose: Purpose, name: str = "out.csv", **more
):
    path = folder / name
    actor = service.world.actor(who)
    return await export_records(service.services, path, actor, purpose, KINDS[kind], **more), path


@pytest.fixture(scope="module")
async def whole(shared_service: ServiceUnderTest) -> ServiceUnderTest:
    """Give the shared service with a record of every kind."""
    await add_records(shared_service)
    return shared_service


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_a_field_of_the_schema(shared_service: ServiceUnderTest, kind: str) -> None:
    for column in KINDS[kind].columns.values():
        assert writer_of(shared_service.services, KINDS[kind], column)
    assert set(KINDS[kind].order) <= set(KINDS[kind].columns)


@pytest.mark.sampled
@pytest.mark.parametrize(("kind", "who", "purpose"), ASKED, ids=str)
async def test_a_file_holds_what_a_query_shows(whole: ServiceUnderTest, tmp_path: Path, kind, who, purpose) -> None:
    await export(whole, tmp_path, "cases", "handler", Purpose.DETERMINATION, "before.csv")  # leaves access entries
    expected = await counted(whole, KINDS[kind], who, purpose)

    written, path = await export(whole, tmp_path, kind, who, purpose)

    rows = read(path)
    assert len(rows) == written.rows
    assert written.rows > 0
    if kind != "access-log":  # which grows by being read
        assert written.rows == expected
    assert list(rows[0]) == list(KINDS[kind].columns)
    # The township is withheld of persons, and shown of organisations [5.1.5].
    assert all(row[header] == "" for row in rows for header in written.withheld if header != "所属镇街")


async def counted(service: ServiceUnderTest, kind: ExportTable, who: str, purpose: Purpose) -> int:
    """Ask the GraphQL service how many there are."""
    asked = f"{kind.within} {{ totalCount }}" if kind.within else ""
    asked = f"{{ {asked} }}" if kind.is_one else f"(first: 20) {{ totalCount nodes {{ __typename {asked} }} }}"
    reply = await service.ask(f"query @purpose(is: {purpose}) {{ {kind.root} {asked} }}", who)
    found = reply.data[kind.root]
    if not kind.within:
        return int(found["totalCount"])
    inner = [node[kind.within] for node in ([found] if kind.is_one else found["nodes"])]
    return sum(page["totalCount"] for page in inner if page is not None)  # withheld of the cases of others


async def test_words_are_chinese_and_hours_are_those_of_shanghai(
    shared_service: ServiceUnderTest, tmp_path: Path
) -> None:
    _, path = await export(shared_service, tmp_path, "applications", "clerk", Purpose.APPLICATION_HANDLING)
    rows = read(path)
    assert {row["办理方式"] for row in rows} <= {"普通办理", "绿色通道", "容缺受理", "告知承诺"}
    for row in rows:
        assert datetime.strptime(row["申请时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    assert rows == sorted(rows, key=lambda row: (row["申请时间"], row["事项编码"]))


async def test_a_masked_name_stands_as_its_mask_and_a_withheld_number_is_empty(shared_service, tmp_path) -> None:
    """[6.1] Supervision sees clocks and steps, and nobody's name."""
    written, path = await export(shared_service, tmp_path, "cases", "office", Purpose.SUPERVISION)
    assert "名称（姓名）" in written.masked
    assert "证件号码" in written.withheld
    assert {row["证件号码"] for row in read(path)} == {""}


async def test_a_damaged_value_is_marked_in_its_row_alone(service: ServiceUnderTest, tmp_path: Path) -> None:
    _, path = await export(service, tmp_path, "cases", "handler", Purpose.DETERMINATION, "before.csv")
    before = read(path)
    party = service.world.party("person-1")
    await overwrite(service, tables.subjects, "name_sealed", party.subject_id)
    written, path = await export(service, tmp_path, "cases", "handler", Purpose.DETERMINATION)
    name = "名称（姓名）"
    marked = [{**row, name: DAMAGED} if row[name] == party.name else row for row in before]
    assert sorted(map(str, read(path))) == sorted(map(str, marked))
    assert len(written.damaged) == sum(row[name] == DAMAGED for row in marked) > 0
    assert set(written.damaged.values()) == {(name,)}
    assert name not in written.withheld


async def test_a_damaged_value_of_a_list_within_a_row_is_marked(service: ServiceUnderTest, tmp_path: Path) -> None:
    await add_records(service)
    damaged = update(tables.case_statements).values(text_sealed=b"damaged")
    await service.services.database.write((damaged, None))
    written, path = await export(service, tmp_path, "statements", "handler", Purpose.DETERMINATION)
    assert [row["陈述申辩内容"] for row in read(path)] == [DAMAGED]
    assert list(written.damaged.values()) == [("陈述申辩内容",)]


async def test_one_cell_has_every_ground_of_a_read(service: ServiceUnderTest, tmp_path: Path) -> None:
    """[5.1.6]"""
    await DisclosureRows(service.services.database).put([page("reader-1", 2, service, "person-1", "company-1")])
    _, path = await export(service, tmp_path, "access-log", "person-1", Purpose.SELF_ACCESS)
    [row] = [one for one in read(path) if one["经办账号"] == "reader-1"]
    assert (row["依据"], row["条款"]) == ("法定职责、本人授权", "5.2.2、5.1.6")


async def test_what_leaves_is_recorded(service: ServiceUnderTest, tmp_path: Path) -> None:
    """[5.1.6]"""
    await export(service, tmp_path, "cases", "handler", Purpose.DETERMINATION)
    entries = await service.entries()
    assert entries
    assert {entry["purpose"] for entry in entries} == {"DETERMINATION"}
    shown = {field for entry in entries for field, *_ in entry["fields"]}
    assert {"RestraintCase.number", "RestraintCase.circumstance"} <= shown


@pytest.mark.parametrize(
    ("why", "kind", "who", "purpose"),
    [
        ("a role without the purpose", "cases", "clerk", Purpose.DETERMINATION),
        ("a purpose without the class", "applications", "regulator", Purpose.FOCUSED_CHECK),
        ("everybody's access, by a head", "access-log", "head", Purpose.DETERMINATION),
        ("anything, by the admin", "authorisations", "admin", Purpose.AUDIT),
    ],
)
async def test_what_the_policy_does_not_admit_is_not_written(shared_service, tmp_path, why, kind, who, purpose) -> None:
    with pytest.raises(ExchangeRefused):
        await export(shared_service, tmp_path, kind, who, purpose)
    assert list(tmp_path.iterdir()) == [], why


async def test_a_workbook_holds_the_same(shared_service: ServiceUnderTest, tmp_path: Path) -> None:
    _, path = await export(shared_service, tmp_path, "cases", "handler", Purpose.DETERMINATION)
    _, book = await export(shared_service, tmp_path, "cases", "handler", Purpose.DETERMINATION, "out.xlsx")
    shown = [[cell or "" for cell in row] for row in load_workbook(book).active.iter_rows(values_only=True)]
    assert shown == [list(KINDS["cases"].columns), *(list(row.values()) for row in read(path))]


@pytest.mark.parametrize(
    ("why", "who", "purpose", "recipient"),
    [
        ("a supervisor of the sector", "regulator", Purpose.FOCUSED_CHECK, "regulator-1"),
        ("the city platform's account", "platform", Purpose.PLATFORM_EXCHANGE, "city-platform"),
        ("the district office", "office", Purpose.SUPERVISION, "office-1"),
        ("an auditor", "auditor", Purpose.AUDIT, "auditor-1"),
    ],
    ids=str,
)
@on_sqlite
async def test_who_gets_cases_outside_the_authority_hears_of_a_correction(
    service: ServiceUnderTest, tmp_path: Path, why, who, purpose, recipient
) -> None:
    """[5.1.4(6)] A delivery for each case, by the items that stand in the file."""
    written, _ = await export(service, tmp_path, "cases", who, purpose)
    left = await deliveries(service)
    assert len(left) == written.rows > 0, why
    assert {(one["recipient"], one["route"]) for one in left} == {(recipient, "EXPORT")}
    withheld = {"证件号码": "NUMBER", "有效期": "VALIDITY", "认定单位": "AUTHORITY"}
    for one in left:
        assert not {item for header, item in withheld.items() if header in written.withheld} & set(one["items"])
        assert {"NAME", "STANDING"} <= set(one["items"])
        assert one["sent_at"] == NOW


@pytest.mark.parametrize(
    ("why", "kind", "who", "purpose"),
    [
        ("the authority itself", "cases", "handler", Purpose.DETERMINATION),
        ("the authority's reviewer", "cases", "reviewer", Purpose.REVIEW),
        ("its subject", "case-steps", "person-1", Purpose.SELF_ACCESS),
        ("what is no case", "applications", "clerk", Purpose.APPLICATION_HANDLING),
    ],
    ids=str,
)
@on_sqlite
async def test_an_export_inside_the_department_is_no_delivery(
    service: ServiceUnderTest, tmp_path: Path, why, kind, who, purpose
) -> None:
    await export(service, tmp_path, kind, who, purpose)
    assert await deliveries(service) == [], why


async def test_the_form_of_basic_information_is_a_delivery_too(service: ServiceUnderTest, tmp_path: Path) -> None:
    """[5.1.3] [5.1.4(6)]"""
    actor = service.world.actor("platform")
    written = await export_file(service.services, tmp_path / "form.csv", actor, Purpose.PLATFORM_EXCHANGE)
    left = await deliveries(service)
    assert len(left) == written.rows > 0
    assert all({"NAME", "NUMBER", "FACTS", "AUTHORITY", "BASIS"} <= set(one["items"]) for one in left)


@on_sqlite
async def test_a_file_that_cannot_be_written_is_still_recorded_as_delivered(
    service: ServiceUnderTest, tmp_path: Path, monkeypatch
) -> None:
    """Every release is recorded: the deliveries are durable before the file is there."""

    def fails(*_: object, **__: object) -> None:
        raise ExchangeRefused(ImportRefusal.OUTPUT)

    monkeypatch.setattr(PendingFile, "commit", fails)
    with pytest.raises(ExchangeRefused):
        await export(service, tmp_path, "cases", "platform", Purpose.PLATFORM_EXCHANGE)
    assert await deliveries(service)
    assert not written_files(tmp_path)


@on_sqlite
async def test_a_list_within_that_is_too_long_is_refused_and_not_cut(service, tmp_path, monkeypatch) -> None:
    await add_records(service)
    await add_records(service, "another step")
    monkeypatch.setattr(table_spec, "INNER", 1)
    with pytest.raises(ExchangeRefused) as refused:
        await export(service, tmp_path, "case-steps", "handler", Purpose.DETERMINATION)
    assert refused.value.code == "LONG_LIST"
    assert not written_files(tmp_path)


def written_files(folder: Path) -> list[Path]:
    return list(folder.glob("*.csv"))


async def deliveries(service: ServiceUnderTest) -> list[dict[str, Any]]:
    columns = tables.deliveries.c
    async with service.services.database.snapshot() as session:
        rows = await session.fetch(select(*columns))
    return [dict(zip(columns.keys(), row, strict=True)) for row in rows]
