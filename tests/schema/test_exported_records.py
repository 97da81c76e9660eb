"""Every kind of record as a table: what the purpose shows, in users' words, recorded, and nothing else [6.2]."""

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consent.purposes import Purpose
from credit.deadlines import SHANGHAI
from gateway.exchange.kinds import KINDS
from gateway.exchange.records import export_records, writer_of
from gateway.exchange.refusals import ExchangeRefused
from tests.schema.counter import Counter

ASKED = [
    ("cases", "handler", Purpose.DETERMINATION),
    ("cases", "office", Purpose.SUPERVISION),
    ("applications", "clerk", Purpose.APPLICATION_HANDLING),
    ("authorisations", "clerk", Purpose.CREDIT_CHECK),
    ("authorisations", "auditor", Purpose.AUDIT),
    ("access-log", "auditor", Purpose.AUDIT),
]


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


async def export(counter: Counter, folder: Path, kind: str, who: str, purpose: Purpose, name: str = "out.csv", **more):
    path = folder / name
    actor = counter.world.actor(who)
    return await export_records(counter.parts, path, actor, purpose, KINDS[kind], **more), path


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_a_field_of_the_schema(standing: Counter, kind: str) -> None:
    for column in KINDS[kind].columns.values():
        assert writer_of(standing.parts, KINDS[kind], column)
    assert set(KINDS[kind].order) <= set(KINDS[kind].columns)


@pytest.mark.parametrize(("kind", "who", "purpose"), ASKED, ids=str)
async def test_a_file_holds_what_the_counter_shows(standing: Counter, tmp_path: Path, kind, who, purpose) -> None:
    root = KINDS[kind].root
    await export(standing, tmp_path, "cases", "handler", Purpose.DETERMINATION, "before.csv")  # leaves access entries
    counted = await standing.ask(f"query @purpose(is: {purpose}) {{ {root} {{ totalCount }} }}", who)

    written, path = await export(standing, tmp_path, kind, who, purpose)

    rows = read(path)
    assert len(rows) == written.rows
    assert written.rows > 0
    if kind != "access-log":  # which grows by being read
        assert written.rows == counted.data[root]["totalCount"]
    assert list(rows[0]) == list(KINDS[kind].columns)
    assert all(row[header] == "" for row in rows for header in written.withheld)


async def test_words_are_chinese_and_hours_are_those_of_shanghai(standing: Counter, tmp_path: Path) -> None:
    _, path = await export(standing, tmp_path, "applications", "clerk", Purpose.APPLICATION_HANDLING)
    rows = read(path)
    assert {row["办理方式"] for row in rows} <= {"普通办理", "绿色通道", "容缺受理", "告知承诺"}
    for row in rows:
        assert datetime.strptime(row["申请时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    assert rows == sorted(rows, key=lambda row: (row["申请时间"], row["事项编码"]))


async def test_a_masked_name_stands_as_its_mask_and_a_withheld_number_is_empty(standing, tmp_path) -> None:
    """[6.1] Supervision sees clocks and steps, and nobody's name."""
    written, path = await export(standing, tmp_path, "cases", "office", Purpose.SUPERVISION)
    assert "名称（姓名）" in written.masked
    assert "证件号码" in written.withheld
    assert {row["证件号码"] for row in read(path)} == {""}


async def test_what_leaves_is_recorded(counter: Counter, tmp_path: Path) -> None:
    """[5.1.6]"""
    await export(counter, tmp_path, "cases", "handler", Purpose.DETERMINATION)
    entries = await counter.entries()
    assert entries
    assert {entry["purpose"] for entry in entries} == {"DETERMINATION"}
    shown = {field for entry in entries for field, *_ in entry["fields"]}
    assert {"RestraintCase.number", "RestraintCase.circumstance"} <= shown


@pytest.mark.parametrize(
    ("said", "kind", "who", "purpose"),
    [
        ("a role without the purpose", "cases", "clerk", Purpose.DETERMINATION),
        ("a purpose without the class", "applications", "regulator", Purpose.FOCUSED_CHECK),
        ("everybody's access, by the office", "access-log", "office", Purpose.SUPERVISION),
        ("anything, by the admin", "authorisations", "admin", Purpose.AUDIT),
    ],
)
async def test_what_the_policy_does_not_admit_is_not_written(standing, tmp_path, said, kind, who, purpose) -> None:
    with pytest.raises(ExchangeRefused):
        await export(standing, tmp_path, kind, who, purpose)
    assert list(tmp_path.iterdir()) == [], said


async def test_a_workbook_holds_the_same(standing: Counter, tmp_path: Path) -> None:
    _, path = await export(standing, tmp_path, "cases", "handler", Purpose.DETERMINATION)
    _, book = await export(standing, tmp_path, "cases", "handler", Purpose.DETERMINATION, "out.xlsx")
    shown = [[cell or "" for cell in row] for row in load_workbook(book).active.iter_rows(values_only=True)]
    assert shown == [list(KINDS["cases"].columns), *(list(row.values()) for row in read(path))]
