"""[5.1.3] [5.1.4(6)] A later file that changes a case which is only collected: as a step, with every version kept."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from credit.file_formats import case_columns as h
from gateway.import_export.importing import run as importing_run
from gateway.import_export.importing.run import ImportMode
from gateway.services import Services
from policy.actors import Actor, Role
from schema.core.ports import GraphQLRequest
from storage import tables
from tests.gateway.import_export.synthetic_cases import (
    BOTH,
    HANDLER,
    NOW,
    case,
    count,
    every,
    outcomes,
    put,
    reasons,
    sheet,
    take,
)
from tests.storage.access_record import pending

COLLEAGUE = Actor("handler-2", Role.HANDLER, "LZ-SPFW")
COLLECTED = dict.fromkeys(["认定日期", "有效期", "法律文书", "公布日期"])
BEFORE, AFTER, LAST = "申请时提供的证明经核实为虚假。", "补充核实后的事实。", "再次核实后的事实。"
BASIS, OTHER = "临政管办发〔2022〕3号", "另一依据"
SHOWN = """query @purpose(is: DETERMINATION) { restraintCases(first: 5) { nodes { facts basis
  factsVersions { nodes { number step on at by basis facts } }
  steps { nodes { step actor evidence decided { name value } } } } } }"""


def collected(**changed: str) -> str:
    return sheet(case(1, **COLLECTED | changed))


async def shown(services: Services) -> Any:
    """Return the only case as its handler sees it."""
    request = GraphQLRequest(query=SHOWN, actor=HANDLER, request_id="r")
    answer = orjson.loads((await services.graphql_service.execute(request)).body)
    assert "errors" not in answer, answer
    (found,) = answer["data"]["restraintCases"]["nodes"]
    return found


def versions(found: Any) -> list[tuple[Any, ...]]:
    return [
        (one["number"], one["step"], one["by"], one["basis"], one["facts"]) for one in found["factsVersions"]["nodes"]
    ]


@BOTH
async def test_a_change_is_dated_by_the_end_of_its_transaction(
    services: Services, tmp_path: Path, mode: ImportMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long file is compared for minutes; a walk over the cases finds what changed since it began."""
    await take(services, put(tmp_path, collected()), mode=mode)
    hour = iter(range(100))
    ticking = replace(services.runtime, now=lambda: NOW + timedelta(hours=next(hour)))
    monkeypatch.setattr(services, "runtime", ticking)
    await take(services, put(tmp_path, collected(失信事实=AFTER), "b.csv"), mode=mode)
    (row,) = await every(services, tables.restraint_cases)
    begun = max(one["at"] for one in await every(services, tables.case_steps))
    assert row["changed_at"] == NOW + timedelta(hours=next(hour) - 1) > begun


@BOTH
async def test_the_earlier_facts_stay_on_record(services: Services, tmp_path: Path, mode: ImportMode) -> None:
    """Who changed them, when, by which file; the leaf of the step commits to the sealed text."""
    await take(services, put(tmp_path, collected()), mode=mode)
    assert versions(await shown(services)) == []
    await take(services, put(tmp_path, collected(失信事实=AFTER), "b.csv"), COLLEAGUE, mode)
    await take(services, put(tmp_path, collected(失信事实=LAST, 认定依据=OTHER), "c.csv"), mode=mode)
    found = await shown(services)
    assert (found["facts"], found["basis"]) == (LAST, OTHER)
    assert versions(found) == [
        (1, "COLLECTED", "handler-1", BASIS, BEFORE),
        (2, "RECOLLECTED", "handler-2", BASIS, AFTER),
        (3, "RECOLLECTED", "handler-1", OTHER, LAST),
    ]
    assert {one["on"] for one in found["factsVersions"]["nodes"]} == {"2026-03-05"}
    files = {one["file_hash"] for one in await every(services, tables.imports)}
    steps = found["steps"]["nodes"]
    assert {one["step"] for one in steps} == {"COLLECTED", "RECOLLECTED"}
    assert {reference for one in steps for reference in one["evidence"]} == {f"import:{each}" for each in files}
    decided = [
        {one["name"]: one["value"] for one in each["decided"]} for each in steps if each["step"] == "RECOLLECTED"
    ]
    assert {"factsVersion": "2"} in decided
    assert {"factsVersion": "3", "basis": OTHER} in decided
    boxes = {one["number"]: bytes(one["facts_sealed"]) for one in await every(services, tables.facts_versions)}
    kept = [one["facts"] for one in await every(services, tables.case_steps) if one["step"] == "RECOLLECTED"]
    assert {one["version"]: one["sealed_facts"] for one in kept} == {
        at: sha256(boxes[at]).hexdigest() for at in (2, 3)
    }  # fmt: skip
    waiting = {source for _, source, _ in await pending(services.database)}
    assert {one["step_id"] for one in await every(services, tables.case_steps)} <= waiting


CHANGES = [
    ("the basis", {"认定依据": OTHER}, [(1, BASIS), (2, OTHER)], {"basis": OTHER}),
    ("the circumstance", {"失信情形": "承诺不实"}, [], {"circumstance": "COMMITMENT_NOT_MET"}),
    ("the channel", {"采集途径": "群众举报"}, [], {"channel": "PUBLIC_REPORT"}),
    ("the area", {"所属镇街": "雪宫街道"}, [], {"area_code": "370305002"}),
]


@pytest.mark.parametrize(("what", "changed", "kept", "decided"), CHANGES, ids=[one[0] for one in CHANGES])
async def test_every_change_is_a_step_and_one_of_facts_or_basis_a_version(
    sqlite_services: Services, tmp_path: Path, what: str, changed: Any, kept: Any, decided: Any
) -> None:
    await take(sqlite_services, put(tmp_path, collected()))
    assert outcomes(await take(sqlite_services, put(tmp_path, collected(**changed), "b.csv"))) == {"CHANGED": 1}, what
    found = await shown(sqlite_services)
    assert [(number, basis) for number, _, _, basis, _ in versions(found)] == kept
    assert {facts for *_, facts in versions(found)} <= {BEFORE}
    (step,) = [one for one in await every(sqlite_services, tables.case_steps) if one["step"] == "RECOLLECTED"]
    assert {name: text for name, text in step["facts"].items() if name in decided} == decided
    assert ("version" in step["facts"]) is bool(kept)


async def test_the_days_of_a_former_record_are_decided_by_the_last_file(services: Services, tmp_path: Path) -> None:
    """[5.1.4] What the head confirms is what a step says, so the row cannot differ from it unnoticed."""
    await take(services, put(tmp_path, sheet(case(1))))
    await take(services, put(tmp_path, sheet(case(1, 公布日期="2026-02-10", 失信事实=AFTER)), "b.csv"))
    (row,) = await every(services, tables.restraint_cases)
    assert (row["former_published_on"], row["former_ends_on"]) == (date(2026, 2, 10), date(2026, 8, 10))
    (step,) = [one for one in await every(services, tables.case_steps) if one["step"] == "RECOLLECTED"]
    days = {name: step["facts"][name] for name in ("published_on", "ends_on")}
    assert days == {"published_on": "2026-02-10", "ends_on": "2026-08-10"}
    assert [one[-1] for one in versions(await shown(services))] == [BEFORE, AFTER]


async def test_an_unchanged_row_adds_nothing(sqlite_services: Services, tmp_path: Path) -> None:
    await take(sqlite_services, put(tmp_path, collected()))
    assert outcomes(await take(sqlite_services, put(tmp_path, collected() + "\n", "b.csv"))) == {"UNCHANGED": 1}
    assert (await count(sqlite_services, tables.case_steps), await count(sqlite_services, tables.facts_versions)) == (
        1,
        0,
    )


async def test_a_case_that_is_verified_is_not_changed(services: Services, tmp_path: Path) -> None:
    """[5.1.4(1)] Who verified it verified these facts; what is wrong is corrected, with its own version [5.1.4(6)]."""
    await take(services, put(tmp_path, collected()))
    async with services.database.writing() as session:
        await session.execute(update(tables.restraint_cases).values(verified_at=NOW))
    report = await take(services, put(tmp_path, collected(失信事实=AFTER), "b.csv"), mode=ImportMode.PER_ROW)
    assert reasons(report) == [(2, h.CASE_NUMBER, "CASE_NOT_OPEN")]
    assert (await count(services, tables.case_steps), await count(services, tables.facts_versions)) == (1, 0)


async def test_a_case_that_is_verified_while_the_file_is_compared_stays_verified(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file looks again, and is refused; the step that was taken meanwhile is not undone."""
    await take(services, put(tmp_path, collected()))
    write = importing_run._Run._write_all
    taken = update(tables.restraint_cases).values(
        verified_at=NOW, step_version=tables.restraint_cases.c.step_version + 1
    )

    async def after_a_step(self: Any, batches: Any) -> None:
        async with services.database.writing() as session:
            await session.execute(taken)
        await write(self, batches)

    monkeypatch.setattr(importing_run._Run, "_write_all", after_a_step)
    report = await take(services, put(tmp_path, collected(失信事实=AFTER), "b.csv"))
    assert reasons(report) == [(2, h.CASE_NUMBER, "CASE_NOT_OPEN")]
    (row,) = await every(services, tables.restraint_cases)
    assert (row["verified_at"], row["version"]) == (NOW, 1)
    assert await count(services, tables.facts_versions) == 0
