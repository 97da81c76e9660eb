"""What an operator watches: it is read when it is asked for, and a database that is away does not hide the rest."""

import math
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from gateway.joint_measures.circuit_breaker import CircuitState
from gateway.telemetry.lookup_alarms import LookupAlarms
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import QueueSnapshot, read_queue_metrics
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import NOW
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.schema.service import settings_for


def figures(server: RunningServer) -> dict[tuple[str, str], float]:
    """Read `/metrics`: (name, route) and the number."""
    families = text_string_to_metric_families(server.client.get("/metrics").text)
    return {(one.name, one.labels.get("route", "")): one.value for family in families for one in family.samples}


async def leave(server: RunningServer, to: str) -> None:
    case = server.world.case("in-force")
    about = {"to": to, "subject_id": str(case.subject_id), "case_id": str(case.case_id), "department_code": "LZ-SCJG"}
    async with SqlUnitOfWork(server.database) as work:
        await work.outbox("restraint-case.published", about, uuid4(), server.clock.at)
        await work.commit()


@on_both
async def test_what_waits_is_counted_by_route_with_the_age_of_the_oldest(server: RunningServer) -> None:
    """A day later it is a day old; what was given up waits no more, and is counted by itself."""
    before = figures(server)
    assert before["chengxin_database_reads", ""] == 1
    assert before["chengxin_outbox_dead", ""] == before["chengxin_quarantine_open", ""] == 0
    await leave(server, "supervision")
    await leave(server, "supervision")
    server.clock.at += timedelta(days=1)
    after = figures(server)
    assert after["chengxin_outbox_waiting", "supervision"] == before["chengxin_outbox_waiting", "supervision"] + 2
    assert after["chengxin_outbox_oldest_seconds", "supervision"] == timedelta(days=1).total_seconds()
    async with server.database.writing() as session:
        await session.execute(text("UPDATE outbox SET dead_at = created_at WHERE route = 'supervision'"))
    later = figures(server)
    assert (later["chengxin_outbox_waiting", "supervision"], later["chengxin_outbox_dead", ""]) == (0, 2)


@pytest.mark.parametrize(
    ("state", "number"),
    [(CircuitState.CLOSED, 0.0), (CircuitState.HALF_OPEN, 1.0), (CircuitState.OPEN, 2.0), (None, math.nan)],
)
def test_the_circuit_is_a_number(state: CircuitState | None, number: float) -> None:
    metrics = Metrics()
    metrics.update_queues(QueueSnapshot(state, reads=True, dead=0, quarantined=0))
    shown = metrics.registry.get_sample_value("chengxin_joint_measures_circuit")
    assert shown == number or (shown is not None and math.isnan(shown) and math.isnan(number))


async def test_a_database_that_is_away_is_a_figure_too(tmp_path: Path, kek: Path) -> None:
    """Not the last numbers, which would look as if all were well."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    database = Database.open(url)
    circuit, alarms = CircuitState.OPEN, LookupAlarms(settings_for(kek, url), database, None, lambda: NOW)
    watched = await read_queue_metrics(database, lambda: NOW, lambda: circuit, alarms.read)()
    await database.close()
    assert watched == QueueSnapshot(CircuitState.OPEN), "no table is there"
    metrics = Metrics()
    metrics.update_queues(watched)
    assert metrics.registry.get_sample_value("chengxin_database_reads") == 0
    assert math.isnan(metrics.registry.get_sample_value("chengxin_outbox_dead") or 0)
    assert metrics.registry.get_sample_value("chengxin_outbox_waiting", {"route": "platform"}) is None
