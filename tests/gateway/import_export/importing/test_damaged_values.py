"""[5.1.3] A stored value that is damaged refuses the row that needs it, by name; the other rows are taken in."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Table, update

from credit.file_formats import case_columns as h
from gateway.import_export.importing.run import ImportMode
from gateway.services import Services
from storage import tables
from tests.gateway.import_export.importing.sealed_items import seal_beside
from tests.gateway.import_export.importing.test_versions import COLLECTED
from tests.gateway.import_export.synthetic_cases import case, every, outcomes, put, reasons, sheet, take

CHANGED = "另一事实"
DAMAGED = [
    ("the name, which is compared", tables.subjects, "name_sealed", CHANGED, h.NAME, ("subjects", "name")),
    ("the facts, which are compared", tables.restraint_cases, "facts_sealed", None, h.FACTS,
     ("restraint_cases", "facts")),
    ("the facts, which become a version", tables.restraint_cases, "facts_sealed", CHANGED, h.FACTS,
     ("restraint_cases", "facts")),
    ("the evidence, which is carried over", tables.restraint_cases, "evidence_sealed", CHANGED, h.CASE_NUMBER,
     ("restraint_cases", "evidence")),
    ("the notes, which are carried over", tables.restraint_cases, "notes_sealed", CHANGED, h.CASE_NUMBER,
     ("restraint_cases", "notes")),
    ("the key of the subject", tables.subject_keys, "wrapped", CHANGED, h.NAME, ("subjects", "name")),
]  # fmt: skip


async def damage(services: Services, table: Table, column: str) -> None:
    """Flip a bit of the value in the only row of *table*."""
    ((value,),) = [(row[column],) for row in await every(services, table)]
    await services.database.write((update(table).values({column: value[:-1] + bytes([value[-1] ^ 1])}), None))


@pytest.mark.parametrize(
    ("why", "table", "column", "facts", "header", "place"), DAMAGED, ids=[why for why, *_ in DAMAGED]
)
async def test_a_damaged_value_refuses_its_row_and_no_other(
    sqlite_services: Services,
    tmp_path: Path,
    why: str,
    table: Table,
    column: str,
    facts: str | None,
    header: str,
    place,
) -> None:
    services = sqlite_services
    await take(services, put(tmp_path, sheet(case(1))))
    await seal_beside(services, evidence="证据目录", notes="内部备注")
    await damage(services, table, column)
    before = await every(services, tables.restraint_cases)

    again = case(1) if facts is None else case(1, 失信事实=facts)
    rows = put(tmp_path, sheet(case(2), again, case(3), case(1, 案件编号="LZ-2026-0009")), "b.csv")
    report = await take(services, rows, mode=ImportMode.PER_ROW)

    refused = {line: (field, code) for line, field, code in reasons(report)}
    assert refused.pop(3) == (header, "DAMAGED"), why
    # A new case of the same subject needs its name and its key, and nothing of the other case.
    assert refused == ({5: (h.NAME, "DAMAGED")} if header == h.NAME else {})
    assert outcomes(report) == {"TAKEN_IN": 3 - len(refused), "REFUSED": 1 + len(refused)}
    after = await every(services, tables.restraint_cases)
    assert [row for row in after if row["number"] == "LZ-2026-0001"] == before
    assert services.damage.counts[place] >= 1


async def test_a_row_of_a_subject_that_an_earlier_run_compared_needs_its_key_too(
    sqlite_services: Services, tmp_path: Path
) -> None:
    """The row before is known as done, so the name is not compared again; but the case is sealed under the key."""
    services, settings = sqlite_services, sqlite_services.settings
    path = put(tmp_path, sheet(case(1, **COLLECTED), case(1, 案件编号="LZ-2026-0009")))
    services.settings = replace(settings, cut_over_on=None)  # until then no former record is taken over
    assert outcomes(await take(services, path, mode=ImportMode.PER_ROW)) == {"TAKEN_IN": 1, "REFUSED": 1}
    await damage(services, tables.subject_keys, "wrapped")
    services.settings = settings
    report = await take(services, path, mode=ImportMode.PER_ROW)
    assert reasons(report) == [(3, h.NAME, "DAMAGED")]
    assert outcomes(report) == {"ALREADY_THERE": 1, "REFUSED": 1}
