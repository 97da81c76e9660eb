"""The hub of one process: who hears a signal, and that many are one."""

import asyncio
from itertools import pairwise
from uuid import UUID

import pytest

from queryplan.signals import ANYBODY, Signal, SignalKind
from schema.execution.subscriptions import hub as hub_module
from schema.execution.subscriptions.hub import SignalHub, wait_for

MINE, OTHER = UUID(int=1), UUID(int=2)
ACT, READ = SignalKind.ACT, SignalKind.READ

HEARD = [
    ("its subject", Signal(ACT, MINE), [Signal(ACT, MINE)], True),
    ("another subject", Signal(ACT, MINE), [Signal(ACT, OTHER)], False),
    ("another kind", Signal(ACT, MINE), [Signal(READ, MINE)], False),
    ("anybody, to one of them", Signal(ACT, None), [Signal(ACT, OTHER)], True),
    ("anybody, to another kind", Signal(ACT, None), [Signal(READ, OTHER)], False),
    ("nothing", Signal(ACT, None), [], False),
]


@pytest.mark.parametrize(("case", "listens_to", "signals", "heard"), HEARD, ids=[case for case, *_ in HEARD])
async def test_who_hears_a_signal(case: str, listens_to: Signal, signals: list[Signal], heard: bool) -> None:  # noqa: FBT001 - a column of the table
    hub = SignalHub()
    listener = hub.listen(listens_to)
    hub.publish(signals * 1_000)
    assert listener.has_heard is heard, case
    listener.forget()
    assert not listener.has_heard, "so many signals are one"


async def test_all_look_one_after_the_other_where_signals_were_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a connection was lost, a thousand subscribers do not read in one moment."""
    monkeypatch.setattr(hub_module, "SPREAD_SECONDS", 0.05)
    hub = SignalHub()
    listeners = [hub.listen(Signal(kind, subject)) for kind in SignalKind for subject in (None, MINE)]
    phases = sorted(one.phase for one in listeners)
    assert all(later - earlier > 0.1 for earlier, later in pairwise(phases))
    hub.publish(ANYBODY)
    assert not any(one.has_heard for one in listeners)
    async with asyncio.timeout(20):
        for one in listeners:
            await one.wait(20)
    assert all(one.has_heard for one in listeners)


async def test_who_leaves_hears_nothing_and_leaves_nothing_behind() -> None:
    hub = SignalHub()
    listener = hub.listen(Signal(ACT, MINE))
    listener.hear_in_turn()
    hub.leave(listener)
    hub.leave(listener)
    hub.publish([Signal(ACT, MINE), *ANYBODY])
    assert not listener.has_heard
    assert hub._listeners == {}


async def test_waiting_ends_in_time() -> None:
    await wait_for(asyncio.Event(), 0)
