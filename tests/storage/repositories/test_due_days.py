"""Stored due days are those of the rules: when they are written, after another calendar, and after another release."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update

from credit.calendar.calendar import Calendar, Periods, shipped
from credit.calendar.deadlines import correction_due, objection_due, publication_due
from credit.promises.due_days import commitment_days, deferral_days
from queryplan.scopes import Scope
from storage import tables
from storage.database.database import Database
from storage.queries.query_runner import SqlQueryRunner
from storage.repositories.case_row import due_day_columns, from_columns
from storage.repositories.deadlines.due_days import keep_counted, recount
from storage.repositories.rows import named, unsealed_names
from tests.storage.queries.test_work_items import binds, histories, listed
from tests.storage.rows import correction, filled, key, objection, put, read, restraint, subject, subject_key

STORED = ("clock", "clock_started_on", "clock_due_on", "waits_for", "waits_since_on", "waits_sorts_on")
CALENDARS: Mapping[str, Calendar] = {
    "that of this release": shipped(),
    "a longer holiday": replace(
        shipped(), off=shipped().off | {date(2026, 3, 2) + timedelta(days=n) for n in range(9)}
    ),
    "another reading of promptly": replace(shipped(), promptly=3),
    "a year that has arrived": replace(
        shipped(), years=shipped().years | {2027}, off=shipped().off | {date(2027, 1, 1), date(2027, 1, 4)}
    ),
}


def random_days(count: int) -> list[date]:
    chance = random.Random(20261129)  # noqa: S311 - the same days in every run
    return [date(2025, 12, 15) + timedelta(days=chance.randrange(380)) for _ in range(count)]


@pytest.fixture
async def records(database: Database) -> Database:
    """Random cases, errors, objections and promises, written by a release that stores no due days."""
    rows: list[tuple[Table, Mapping[str, Any]]] = [restraint(name, "one", **row) for name, row in histories(120)]
    for n, day in enumerate(random_days(60)):
        later = day + timedelta(days=n % 9)
        application = {"subject_id": key("one"), "application_id": key(f"application {n}")}
        rows += [
            correction(f"correction {n}", "one", "case 1", discovered_on=day),
            objection(f"objection {n}", "one", "case 1", raised_on=day),
            filled(tables.applications, f"application {n}", "one", matter_code="M1"),
            filled(tables.deferrals, f"deferral {n}", due_on=day, served_on=later if n % 2 else None, **application),
            filled(
                tables.commitments, f"commitment {n}", committed_on=day, limit_days=n % 20, verify_days=n % 30,
                completed_on=later if n % 3 else None, verified_on=later if n % 3 == 2 else None,
                outcome="NOT_MET" if n % 3 == 2 else None, **application,
            ),
        ]  # fmt: skip
    await put(database, subject("one"), subject_key("one"))
    async with database.writing() as session:
        for table, row in rows:
            await session.execute(insert(table), row)
    return database


@pytest.mark.sampled
@pytest.mark.parametrize("calendar", CALENDARS.values(), ids=CALENDARS.keys())
async def test_what_is_stored_is_what_the_rule_gives(records: Database, calendar: Calendar) -> None:
    """[5.1.4] [5.1.4(6)] [4.2.2] [4.2.3]"""
    async with records.writing() as session:
        await recount(session, shipped())
        await recount(session, calendar)
        assert await recount(session, calendar) == 0
    for row in await rows_of(records, tables.restraint_cases):
        case = from_columns(row | {"version": 1})
        assert {name: row[name] for name in STORED} == due_day_columns(case, calendar), row
    for row in await rows_of(records, tables.corrections):
        assert row["due_on"] == correction_due(row["discovered_on"], calendar).on
    for row in await rows_of(records, tables.objections):
        assert row["due_on"] == objection_due(row["raised_on"], calendar).on
    for row in await rows_of(records, tables.deferrals):
        days = deferral_days(row["due_on"], row["served_on"], calendar)
        assert (row["last_on"], row["waits_since_on"], row["waits_sorts_on"]) == (
            days.last_on, days.waits_since_on, days.waits_sorts_on,
        )  # fmt: skip
    for row in await rows_of(records, tables.commitments):
        given = (row[name] for name in ("committed_on", "limit_days", "completed_on", "verify_days", "verified_on"))
        days_of = commitment_days(*given, calendar)
        assert (row["waits_since_on"], row["waits_sorts_on"]) == (days_of.waits_since_on, days_of.waits_sorts_on)


async def rows_of(database: Database, table: Table) -> list[dict[str, Any]]:
    names = unsealed_names(table)
    found = named(names, await database.fetch(select(*(table.c[name] for name in names))))
    assert found
    return found


async def test_a_step_that_the_previous_release_wrote_shows_no_task_until_it_is_counted(database: Database) -> None:
    """It writes the facts and not the due days: the days of the step before would be wrong [5.1.4(2)]."""
    nothing = dict.fromkeys(("determined_on", "published_on", "ends_on"))
    await put(database, subject("one"), subject_key("one"), restraint("case", "one", **nothing))
    today, runner = date(2026, 3, 2), SqlQueryRunner(database)

    async def tasks() -> list[Any]:
        found = await read(runner, listed(scope=Scope.DEPARTMENT, limit=9), **binds(today))
        return [(row[1], row[3]) for row in found.rows[0]]

    assert await tasks() == [("VERIFY", None)]
    row = tables.restraint_cases
    verified = {"verified_at": datetime(2026, 2, 27, 2, tzinfo=UTC), "step_version": row.c.step_version + 1}
    await database.write((update(row).values(verified), None))
    assert await tasks() == []
    await keep_counted(database)
    assert await tasks() == [("NOTIFY", date(2026, 3, 3))]  # Saturday 28 February is worked


async def test_another_reading_of_promptly_counts_publications_anew(database: Database) -> None:
    """[5.1.4(5)] The deployment sets it, and a server counts before it serves."""
    unpublished = {"published_on": None, "ends_on": None, "determined_on": date(2026, 2, 26)}
    await put(database, subject("one"), subject_key("one"), restraint("case", "one", **unpublished))
    for days in (5, 2):
        database.periods = Periods(days)
        await keep_counted(database)
        [(due_on,)] = await database.fetch(select(tables.restraint_cases.c.clock_due_on))
        assert due_on == publication_due(date(2026, 2, 26), replace(shipped(), promptly=days)).on


async def test_where_nothing_is_behind_nothing_is_written(records: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await keep_counted(records)
    monkeypatch.setattr(records, "writing", None)
    await keep_counted(records)


async def test_of_what_is_over_no_task_is_stored(database: Database) -> None:
    """[5.1.4(6)]"""
    ended = {"removed_on": date(2026, 2, 2), "claimed_on": date(2026, 2, 1)}
    await put(database, subject("one"), subject_key("one"), restraint("case", "one", **ended))
    [stored] = await database.fetch(select(*(tables.restraint_cases.c[name] for name in STORED)))
    assert set(stored) == {None}
