"""[6.2] An import that is killed (kill -9) and run again loses nothing and doubles nothing."""

from collections import Counter

import pytest
from sqlalchemy import text

from gateway.import_export.importing.run import TOPIC, ImportMode
from storage import tables
from tests.forked import forked
from tests.gateway.import_export import crash
from tests.gateway.import_export.synthetic_cases import case, count, every, outcomes, put, sheet, take
from tests.gateway.import_export.synthetic_records import application, with_matters
from tests.gateway.import_export.synthetic_records import take as take_records

pytestmark = pytest.mark.subprocess

ROWS = 200
KILLS = [(ImportMode.PER_ROW, "write 110"), (ImportMode.ALL, "write 110")]


@pytest.mark.parametrize(("mode", "moment"), KILLS, ids=[f"{mode.value} after {moment}" for mode, moment in KILLS])
async def test_killed_and_run_again(services, database_url, tmp_path, mode, moment):
    path = put(tmp_path, sheet(*(case(at) for at in range(ROWS))))
    promised = 0
    async with forked(crash.main, database_url, str(tmp_path), mode.value) as process:
        while line := (await process.stdout.readline()).decode().strip():
            promised = int(line.split()[1]) if line.startswith("write") and mode is ImportMode.PER_ROW else 0
            if line == moment:
                process.kill()
                break
        assert await process.wait() == -9
    if services.database.dialect.name == "sqlite":
        assert await services.database.fetch(text("PRAGMA integrity_check")) == [("ok",)]
    survived = await count(services, tables.restraint_cases)
    # What was said to be done is done; all or nothing had not said so yet.
    assert survived % 10 == 0
    assert promised <= survived < ROWS if mode is ImportMode.PER_ROW else survived == 0
    assert await count(services, tables.imports) == survived

    report = await take(services, path, mode=mode)
    assert outcomes(report) == {
        name: rows for name, rows in (("ALREADY_THERE", survived), ("TAKEN_IN", ROWS - survived)) if rows
    }
    cases = await every(services, tables.restraint_cases)
    assert Counter(one["number"] for one in cases) == Counter(case(at)["案件编号"] for at in range(ROWS))
    for table in (tables.subjects, tables.subject_keys, tables.identifiers, tables.identifier_terms, tables.imports):
        assert await count(services, table) == ROWS
    assert await count(services, tables.case_steps) == ROWS
    topics = Counter(one["topic"] for one in await every(services, tables.outbox))
    assert topics[TOPIC] == (2 if survived else 1)
    assert outcomes(await take(services, path, mode=mode)) == {"ALREADY_THERE": ROWS}


@pytest.mark.parametrize("mode", list(ImportMode), ids=[mode.value for mode in ImportMode])
async def test_applications_are_killed_and_run_again(services, database_url, tmp_path, mode):
    """[4.2] [6.2] The same for another kind: every application once, with each of its steps once."""
    await with_matters(services)
    path = put(tmp_path, sheet(*(application(at) for at in range(60))))
    async with forked(crash.main, database_url, str(tmp_path), mode.value, "applications") as process:
        while line := (await process.stdout.readline()).decode().strip():
            if line == "write 30":
                process.kill()
                break
        assert await process.wait() == -9
    survived = await count(services, tables.applications)
    assert survived >= 30 if mode is ImportMode.PER_ROW else survived == 0
    assert await count(services, tables.imports) == survived
    report = await take_records(services, path, "applications", mode=mode)
    assert report.counts.total() == 60
    assert not report.refused
    for table, rows in ((tables.applications, 60), (tables.subjects, 60), (tables.application_steps, 120)):
        assert await count(services, table) == rows
    assert outcomes(await take_records(services, path, "applications", mode=mode)) == {"ALREADY_THERE": 60}
