"""[5.1.6] A row of a file looks its subject up by number: it is counted before, and recorded with what is written."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from credit.core.operator_acts import operator_for
from gateway.import_export.errors import ExchangeRefused
from gateway.import_export.importing import importer as importing
from gateway.import_export.importing import run as importing_run
from gateway.import_export.importing.run import ImportMode, import_file
from gateway.services import Services, build_services
from gateway.settings.parsers import quotas
from gateway.telemetry import logging as log
from policy.actors import Actor, Role
from storage import tables
from tests.credit.subjects.synthetic_numbers import COMPANY, id_number
from tests.gateway.fakes import LogStream
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
from tests.gateway.import_export.synthetic_records import application, person, with_matters
from tests.gateway.import_export.synthetic_records import take as take_records
from tests.storage.access_record import pending

COLLEAGUE = Actor("handler-2", Role.HANDLER, "LZ-SPFW")
KNOWN = case(0), case(20), case(8, 主体类型="法人", 身份证号=COMPANY, 姓名="示例公司")
ROWS = [
    ("a new subject", case(1), "MISS"),
    ("a new case of a known one, answered like a new subject", case(2, 身份证号=number(0), 姓名="演示甲0"), "MISS"),
    ("what the department has recorded itself", case(0), "MISS"),
    ("a known number under another name", case(3, 身份证号=number(20)), "HIT"),
    ("a known code of another kind", case(4, 主体类型="其他组织", 身份证号=COMPANY, 姓名="示例公司"), "HIT"),
    (
        "a case on record that no file may change",
        case(8, 主体类型="法人", 身份证号=COMPANY, 姓名="示例公司", 认定依据="另一依据"),
        "HIT",
    ),
    ("another department's case", case(5, 认定单位="LZ-SCJG"), "MISS"),
    ("a child, as the number itself says", case(6, 身份证号=id_number(born="20120105")), "MISS"),
    ("another name than the file has above", case(7, 身份证号=number(1)), "MISS"),
    ("a known number in a row that is refused in any case", case(9, 身份证号=number(20), 公布日期=None), "HIT"),
    ("a number that is none", case(10, 身份证号="1"), None),
    ("a row that is not well formed, and is not looked up", case(11, 有效期="长期"), None),
]


async def entries(services: Services) -> list[dict[str, Any]]:
    """Return the entries in the order of recording."""
    return sorted(await every(services, tables.number_lookups), key=lambda one: one["entry_id"])


@pytest.mark.parametrize("way", ["all", "per-row", "dry run"])
async def test_each_row_that_is_looked_up_leaves_its_entry(services: Services, tmp_path: Path, way: str) -> None:
    """Hit and miss, taken in or refused, and also of a run that writes nothing else."""
    await take(services, put(tmp_path, sheet(*KNOWN)))
    async with services.database.writing() as session:
        verified = update(tables.restraint_cases).where(tables.restraint_cases.c.number == "LZ-2026-0008")
        await session.execute(verified.values(verified_at=NOW))
    before = {one["entry_id"] for one in await entries(services)}
    path = put(tmp_path, sheet(*(row for _, row, _ in ROWS)), "b.csv")
    mode = ImportMode.PER_ROW if way == "per-row" else ImportMode.ALL
    report = await take(services, path, mode=mode, dry_run=way == "dry run")
    assert report.written == (way == "per-row")

    made = [one for one in await entries(services) if one["entry_id"] not in before]
    assert sorted(one["outcome"] for one in made) == sorted(outcome for *_, outcome in ROWS if outcome is not None)
    told = {services.keyring.tag("neighbourhood", text[:-4]) for text in (number(20), COMPANY)}
    assert {one["neighbourhood"] for one in made if one["outcome"] == "HIT"} == told
    ((caller, *facts),) = {
        (one["caller"], one["role"], one["department_code"], one["purpose"], one["entrance"]) for one in made
    }
    assert facts == ["handler", "LZ-SPFW", "DETERMINATION", "IMPORT"]
    assert caller == services.keyring.tag("caller", HANDLER.ref)
    waiting = {source for log, source, _ in await pending(services.database) if log == "access"}
    assert {one["entry_id"] for one in made} <= waiting


async def test_the_other_kinds_leave_entries_too(services: Services, tmp_path: Path) -> None:
    """[4.2] Applicants and subjects are looked up as well; the number of an application tells of nobody."""
    await with_matters(services)
    await take_records(services, put(tmp_path, sheet(application(1), application(2))), "applications")
    rows = application(1, 身份证号=number(9), 姓名="演示甲9"), application(3, 身份证号=number(2))
    await take_records(services, put(tmp_path, sheet(*rows), "b.csv"), "applications")
    await take_records(services, put(tmp_path, sheet(person(1), person(2, 姓名="演示乙")), "c.csv"), "subjects")
    made = [(one["purpose"], one["entrance"], one["outcome"]) for one in await entries(services)]
    assert {one[:2] for one in made} == {("APPLICATION_HANDLING", "IMPORT")}
    assert sorted(outcome for *_, outcome in made) == ["HIT", "HIT", "MISS", "MISS", "MISS", "MISS"]


async def test_a_row_that_an_earlier_run_has_done_is_not_looked_up(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, sheet(case(1), case(2)))
    for _ in range(2):
        await take(services, path, mode=ImportMode.PER_ROW)
    assert [one["outcome"] for one in await entries(services)] == ["MISS", "MISS"]


@pytest.mark.parametrize("mode", list(ImportMode), ids=[mode.value for mode in ImportMode])
async def test_the_entries_are_written_with_the_rows_or_not_at_all(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: ImportMode
) -> None:
    async def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(importing, "take_in", fail)
    with pytest.raises(OSError):
        await take(services, put(tmp_path, sheet(case(1))), mode=mode)
    for table in (tables.subjects, tables.restraint_cases, tables.number_lookups, tables.pending_entries):
        assert await count(services, table) == 0


async def test_no_table_tells_the_number(services: Services, tmp_path: Path) -> None:
    await take(services, put(tmp_path, sheet(case(1), case(2, 认定单位="LZ-SCJG"))), mode=ImportMode.PER_ROW)
    for table in tables.metadata.sorted_tables:
        for row in await every(services, table):
            assert not any(number(at)[:-4] in repr(row) for at in (1, 2)), table.name


# --- quotas --------------------------------------------------------------------------------------------------------


class Clock:
    at = NOW

    def __call__(self) -> Any:
        return self.at


@pytest.fixture
async def limited(services: Services) -> AsyncIterator[tuple[Services, Clock]]:
    """Services where an account may import 5 rows a day, and a department 7."""
    clock = Clock()
    few = replace(
        services.settings, imported_per_actor=quotas("5/day"), imported_per_department=quotas("7/day"), cut_over_on=None
    )
    built = build_services(few, clock)
    yield built, clock
    await built.close()


COLLECTED = dict.fromkeys(["认定日期", "有效期", "法律文书", "公布日期"])


def collected(*places: int, **changed: str | None) -> str:
    return sheet(*(case(at, **COLLECTED | changed) for at in places))


async def refused(services: Services, path: Path, actor: Actor = HANDLER, **given: Any) -> tuple[str, str]:
    with pytest.raises(ExchangeRefused) as error:
        await import_file(services, path, actor, **{"mode": ImportMode.ALL} | given)
    return error.value.code, error.value.hint


UNTIL = ("LOOKUP_QUOTA", (NOW + timedelta(days=1)).isoformat().replace("+00:00", "Z"))


async def test_beyond_the_quota_nothing_is_looked_up_or_written(
    limited: tuple[Services, Clock], tmp_path: Path
) -> None:
    """Counted before anything is looked for, as a whole, and for nobody where it is refused."""
    services, clock = limited
    six = put(tmp_path, collected(*range(6)), "six.csv")
    for way in ({}, {"dry_run": True}):
        assert await refused(services, six, **way) == UNTIL
    for table in (tables.subjects, tables.number_lookups, tables.imports, tables.disclosures):
        assert await count(services, table) == 0
    five = put(tmp_path, collected(*range(5)), "five.csv")
    assert outcomes(await take(services, five)) == {"TAKEN_IN": 5}
    assert outcomes(await take(services, five)) == {"ALREADY_THERE": 5}, "what is done is not counted again"
    answers = {await refused(services, put(tmp_path, collected(at), f"{at}.csv"), dry_run=True) for at in (1, 6)}
    assert answers == {UNTIL}, "a number on record and a new one are refused alike"
    assert len(await entries(services)) == 5
    clock.at += timedelta(days=1)
    assert (await refused(services, six))[0] == "LOOKUP_QUOTA", "a longer file goes in parts"


async def test_row_by_row_stops_after_a_whole_batch_and_goes_on_when_it_may(
    limited: tuple[Services, Clock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, clock = limited
    monkeypatch.setattr(importing_run, "AT_ONCE", 2)
    path = put(tmp_path, collected(*range(7)))
    assert await refused(services, path, mode=ImportMode.PER_ROW) == UNTIL
    for table in (tables.subjects, tables.restraint_cases, tables.number_lookups, tables.imports):
        assert await count(services, table) == 4, table.name
    clock.at += timedelta(days=1)
    report = await take(services, path, mode=ImportMode.PER_ROW)
    assert outcomes(report) == {"ALREADY_THERE": 4, "TAKEN_IN": 3}
    assert await count(services, tables.number_lookups) == 7


async def test_the_operator_uses_the_quota_of_the_account(limited: tuple[Services, Clock], tmp_path: Path) -> None:
    services, _ = limited
    by_operator = replace(HANDLER, ref=operator_for(HANDLER.ref))
    assert outcomes(await take(services, put(tmp_path, collected(*range(4))), by_operator)) == {"TAKEN_IN": 4}
    assert await refused(services, put(tmp_path, collected(4, 5), "b.csv")) == UNTIL
    assert {one["caller"] for one in await entries(services)} == {services.keyring.tag("caller", by_operator.ref)}


async def test_accounts_share_the_quota_of_their_department(limited: tuple[Services, Clock], tmp_path: Path) -> None:
    services, _ = limited
    await take(services, put(tmp_path, collected(*range(4))))
    three = put(tmp_path, collected(4, 5, 6, 7), "b.csv")
    assert await refused(services, three, COLLEAGUE) == UNTIL
    assert outcomes(await take(services, put(tmp_path, collected(4, 5, 6), "c.csv"), COLLEAGUE)) == {"TAKEN_IN": 3}


# --- alarms --------------------------------------------------------------------------------------------------------


async def test_an_import_of_new_subjects_is_no_alarm_and_one_of_wrong_names_is(
    services: Services, tmp_path: Path, logged: LogStream
) -> None:
    """New ones are missed, and many of them are neighbours: that is what a right list looks like."""
    few = replace(
        services.settings,
        lookup_alarm_least=10, lookup_alarm_neighbours=3, lookup_alarm_conflicts=10, log_format="json",
    )  # fmt: skip
    watched = build_services(few, lambda: NOW)
    log.configure(few, logged)
    await take(watched, put(tmp_path, sheet(*(case(at) for at in range(20)))))
    await watched.lookup_alarms.look()
    assert "lookups." not in logged.getvalue()
    guessed = sheet(*(case(at, 姓名="演示乙") for at in range(10)))
    report = await take(watched, put(tmp_path, guessed, "b.csv"), COLLEAGUE, dry_run=True)
    assert {code for *_, code in reasons(report)} == {"NAME_CONFLICT"}
    await watched.lookup_alarms.look()
    (line,) = [json.loads(one) for one in logged.getvalue().splitlines() if "lookups." in one]
    assert (line["event"], line["count"], line["size"]) == ("lookups.conflicts", 10, 10)
    assert (line["caller"], line["department"]) == (watched.keyring.tag("caller", COLLEAGUE.ref), "LZ-SPFW")
    await watched.close()
