"""Alarms about numbers that are tried: from the entries of all replicas, once, and without personal data [5.1.6]."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.vocabulary import Purpose
from gateway.quotas import rate_limiter
from gateway.settings.settings import Settings
from gateway.telemetry import logging as log
from gateway.telemetry.lookup_alarms import LookupAlarms
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import read_queue_metrics
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from tests.builders import NOW
from tests.gateway.fakes import LogStream
from tests.schema.service import settings_for

IDS = count(1)
CALLER, OTHER = "a1" * 16, "b2" * 16
TRIED = NumberLookup(
    UUID(int=0),
    NOW,
    CALLER,
    "clerk",
    "LZ-SCJG",
    Purpose.CREDIT_CHECK,
    Entrance.SEARCH,
    LookupOutcome.MISS,
    "",
    False,
    bytes(16),
)


def tried(times: int, *, apart: bool = True, **given: Any) -> list[NumberLookup]:
    """Give entries, each *apart* in a neighbourhood of its own."""
    return [
        replace(TRIED, entry_id=UUID(int=(at := next(IDS))), **{"neighbourhood": f"{at if apart else 0:032x}", **given})
        for _ in range(times)
    ]


HIT = {"outcome": LookupOutcome.HIT}
IMPORT, PUSH = {"entrance": Entrance.IMPORT}, {"entrance": Entrance.PUSH}
CASES = [
    ("too few to tell", tried(9), []),
    ("nobody found, time after time", tried(10), ["misses"]),
    ("a clerk at work", tried(7) + tried(3, **HIT), []),
    ("four of five find nobody", tried(8) + tried(2, **HIT), ["misses"]),
    ("two accounts are not one", tried(5) + tried(5, caller=OTHER), []),
    ("long ago", tried(10, at=NOW - timedelta(hours=1, seconds=1)), []),
    ("a consultation answers nobody and somebody alike", tried(20, entrance=Entrance.CONSULTATION), []),
    ("registering finds nobody by its nature", tried(20, entrance=Entrance.REGISTRATION), []),
    ("neighbours, by two accounts", tried(2, apart=False) + tried(2, apart=False, caller=OTHER), ["neighbours"]),
    ("a hit among neighbours", tried(3, apart=False) + tried(1, apart=False, **HIT), ["neighbours"]),
    ("one number again and again", tried(3, apart=False) + tried(20, apart=False, is_repeated=True), []),
    ("neighbours in a consultation", tried(4, apart=False, entrance=Entrance.CONSULTATION), ["neighbours"]),
    ("both", tried(10, apart=False), ["misses", "neighbours"]),
    ("a right list of new persons, neighbours among them", tried(20, apart=False, **IMPORT), []),
    ("cases that a platform pushes, of new persons", tried(20, apart=False, **PUSH), []),
    ("a list of what is on record already", tried(20, **IMPORT), []),
    ("a list that the record refuses", tried(6, **IMPORT, **HIT) + tried(20, **IMPORT), ["conflicts"]),
    ("a list with a few wrong names", tried(5, **IMPORT, **HIT) + tried(20, **IMPORT), []),
    (
        "wrong names, by file, by push and at the window",
        tried(2, **IMPORT, **HIT) + tried(2, **PUSH, **HIT) + tried(2, entrance=Entrance.REGISTRATION, **HIT),
        ["conflicts"],
    ),
    ("one wrong row again and again", tried(1, **IMPORT, **HIT) + tried(20, **IMPORT, **HIT, is_repeated=True), []),
    ("searches that find somebody", tried(20, **HIT), []),
]


@pytest.fixture
def settings(database_url: str, kek: Path) -> Settings:
    given = {"MINUTES": "60", "MISSES": "80", "LEAST": "10", "NEIGHBOURS": "4", "CONFLICTS": "6"}
    named = {f"LOOKUP_ALARM_{name}": value for name, value in given.items()}
    return settings_for(kek, database_url, LOG_FORMAT="json", **named)


class Clock:
    at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
async def alarms(settings: Settings, database: Database) -> AsyncIterator[tuple[LookupAlarms, LookupAlarms, Clock]]:
    """Those of two replicas."""
    clock, second = Clock(), Database.open(settings.database_url)
    one, other = (
        LookupAlarms(settings, each, rate_limiter(settings, each, clock), clock) for each in (database, second)
    )
    yield one, other, clock
    await second.close()


@pytest.mark.parametrize(("case", "entries", "expected"), CASES, ids=[case for case, _, _ in CASES])
async def test_what_is_an_alarm(
    database: Database, alarms, settings: Settings, logged: LogStream, case: str, entries, expected
) -> None:
    log.configure(settings, logged)
    await GroupCommitRecorder(database, granted=granted_by_its_row).record((), (), entries, today=NOW.date())
    one, other, _ = alarms
    await one.look()
    await other.look()
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [f"lookups.{each}" for each in expected], "once, by one of the replicas"

    watched = await read_queue_metrics(database, lambda: NOW, lambda: None, one.read)()
    metrics = Metrics()
    metrics.update_queues(watched)
    shown = {each: metrics.registry.get_sample_value("chengxin_lookup_alarms", {"alarm": each}) for each in ALARMS}
    assert shown == {each: float(each in expected) for each in ALARMS}


ALARMS = ("misses", "neighbours", "conflicts")


async def test_an_alarm_tells_counts_and_keyed_hashes_and_comes_again_with_new_entries(
    database: Database, alarms, settings: Settings, logged: LogStream
) -> None:
    log.configure(settings, logged)
    recorder = GroupCommitRecorder(database, granted=granted_by_its_row)
    await recorder.record((), (), tried(9) + tried(1, **HIT), today=NOW.date())
    one, other, clock = alarms
    await one.look()
    clock.at += timedelta(hours=2)
    await one.look()
    await recorder.record((), (), tried(10, at=clock.at), today=NOW.date())
    await other.look()
    first, second = [json.loads(line) for line in logged.getvalue().splitlines()]
    kept = {name: first[name] for name in first if name not in {"timestamp", "level"}}
    assert kept == {"event": "lookups.misses", "caller": CALLER, "department": "LZ-SCJG", "size": 10, "count": 9}
    assert (first["level"], second["event"], second["count"]) == ("warning", "lookups.misses", 10)
    metrics = Metrics()
    metrics.update_queues(await read_queue_metrics(database, clock, lambda: None, one.read)())
    # Who is on record is not told by a number that is counted up [5.1.6].
    assert metrics.registry.get_sample_value("chengxin_lookups") == 10
