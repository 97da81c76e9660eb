"""docs/operations.md names figures, log keys, codes and commands: they must be the ones that there are."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from gateway.cli import run
from gateway.http.errors import Code
from gateway.http.limits.admission_control import AdmissionControl
from gateway.http.limits.connections import Connections
from gateway.http.limits.resting_connections import RestingConnections
from gateway.http.subscriptions.streams import Streams
from gateway.ledger.status import PublishedState
from gateway.telemetry.logging import ALLOWED
from gateway.telemetry.lookup_alarms import LookupSnapshot
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import QueueRoute as Waiting
from gateway.telemetry.queue_metrics import QueueSnapshot
from gateway.telemetry.subscription_metrics import SubscriptionMetrics
from schema.core.errors import NotRecorded
from storage.ledger.ledger_state import LedgerState, LogState
from tests.architecture.sources.syntax_trees import PRODUCT, syntax_trees

TOP = Path(__file__).parents[2]
TEXT = (TOP / "docs" / "operations.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Subscribed:
    """The figures of a process with one subscription."""

    running: int = 1
    events: Mapping[str, int] = field(default_factory=lambda: {"worklistChanged": 1})
    ended: Mapping[str, int] = field(default_factory=lambda: {"TOKEN_EXPIRED": 1})


def section(heading: str) -> str:
    return TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_figures_exist_with_these_labels() -> None:
    metrics = Metrics()
    metrics.answered(route="/graphql", method="POST", status=503, seconds=0.1, code="TIMEOUT")
    admission = AdmissionControl(1, 1, 1.0, print)
    metrics.watch_load(admission, Connections(1, 1.0, 1, {}, RestingConnections(admission)))
    metrics.watch_streams(Streams(1, 1, 1.0, 1.0, admission))
    lookups = LookupSnapshot(3)
    metrics.update_queues(
        QueueSnapshot(
            None,
            True,
            {"platform": Waiting()},
            dead=0,
            quarantined=0,
            lookups=lookups,
            ledger=LedgerState({"access": LogState(1)}),
            published={"access": PublishedState(1)},
            damaged={("subjects", "name"): 1},
        )
    )
    metrics.registry.register(SubscriptionMetrics(Subscribed()))
    there = {
        (family.name, frozenset(sample.labels) - {"le"})
        for family in metrics.registry.collect()
        for sample in family.samples
    }
    named = re.findall(r"`(chengxin_[a-z_]+?)(?:_total)?\{([a-z, ]+)\}`", TEXT)
    named += [(name, "") for name in re.findall(r"^\| `(chengxin_[a-z_]+)` \|", TEXT, re.MULTILINE)]
    assert len(named) == 33
    assert {(name, frozenset(labels.split(", ")) - {""}) for name, labels in named} <= there


LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
SHARED = {"where": {"error", "cause", "trace"}}
"""Keys that a call spreads from a function's result."""


def is_logger(node: ast.expr) -> bool:
    """Return whether *node* is `structlog.get_logger()`, or the name that a function gives it."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get_logger")) | ast.Name(id="log" | "logger"):
            return True
    return False


def logged(node: ast.AST) -> tuple[str, set[str], set[str]] | None:
    """Return the event of a call that logs, its levels and the keys that stand in the call; None for other nodes."""
    match node:
        case ast.Call(func=ast.Attribute(value=logger, attr=level), args=[ast.Constant(value=str(event))]) if (
            is_logger(logger) and level in LEVELS
        ):
            levels = {level}
        case ast.Call(
            func=ast.Call(func=ast.Name(id="getattr"), args=[logger, _]), args=[ast.Constant(value=str(event))]
        ) if is_logger(logger):
            levels = {"warning", "error"}  # the level of a library's line
        case _:
            return None
    keys = {word.arg for word in node.keywords if word.arg is not None}
    for word in node.keywords:
        match word:
            case ast.keyword(arg=None, value=ast.Call(func=ast.Name(id=name))):
                keys |= SHARED[name]
    return event, levels, keys


@cache
def emitted() -> dict[str, tuple[set[str], set[str]]]:
    """Return every event that the product logs, with its levels and its keys."""
    events: dict[str, tuple[set[str], set[str]]] = {}
    for _, module in syntax_trees(*PRODUCT):
        for node in ast.walk(module):
            if (found := logged(node)) is not None:
                levels, keys = events.setdefault(found[0], (set(), set()))
                levels |= found[1]
                keys |= found[2]
    return events


def documented() -> dict[str, tuple[set[str], set[str]]]:
    """Return the rows of the table of log events: each event with its levels and its keys."""
    rows = [row.split("|")[1:5] for row in section("Logs").splitlines() if row.startswith("| `")]
    return {
        event.strip(" `"): (set(level.replace(" ", "").split(",")), set(re.findall(r"`([a-z_]+)`", keys)))
        for event, level, _, keys in rows
    }


def test_the_table_of_log_events_is_complete_and_has_no_other() -> None:
    assert set(documented()) == set(emitted())


# The product's modules are parsed while tests run, and not while they are collected.
@pytest.mark.parametrize("event", sorted(documented()))
def test_a_log_event_has_its_level_and_its_keys(event: str) -> None:
    levels, keys = documented()[event]
    assert levels == emitted()[event][0]
    assert emitted()[event][1] <= keys
    assert keys - {"keys", "recorder"} <= ALLOWED, "these are names of checks"


@pytest.mark.parametrize(
    ("code", "event"),
    [
        ('structlog.get_logger().info("a.b", role=1)', "a.b"),
        ('log.error("c.d", **where(error))', "c.d"),
        ('getattr(structlog.get_logger(), level)("e.f")', "e.f"),
        ('other.info("g.h")', None),
    ],
)
def test_a_call_that_logs_is_seen(code: str, event: str | None) -> None:
    """Else the comparison would pass for want of sight."""
    found = [one[0] for node in ast.walk(ast.parse(code)) if (one := logged(node)) is not None]
    assert found == ([] if event is None else [event])


@pytest.mark.parametrize("code", ["KEYS_UNAVAILABLE", "TIMEOUT", "TOKEN_REFUSED", "INTERNAL"])
def test_codes_exist(code: str) -> None:
    assert f"`{code}`" in TEXT
    assert code in list(Code)


def test_an_unrecorded_access_is_refused_with_the_documented_code() -> None:
    assert f"`{NotRecorded.code}` with status {NotRecorded.status}" in " ".join(TEXT.split())


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`chengxin ([a-z]+(?: [a-z]+)?)", TEXT))))
def test_commands_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0, capsys.readouterr().err
