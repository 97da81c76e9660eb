"""What each action saves, who is notified, and that a refused one saves nothing [5.1.6] [3.2]."""

import inspect
from dataclasses import replace

import pytest

from consent.authorisations import actions
from consent.errors import ALREADY_ANSWERED, ALREADY_WITHDRAWN, CANNOT_WIDEN, NOT_LIVE, NOT_ON_PAPER, VERSION_CONFLICT
from consent.leaves.consent_events import Event
from consent.rules import Bounds
from tests.consent.authorisations.action_calls import (
    CONTEST,
    GRANT,
    NARROW,
    REFUSE,
    WITHDRAW,
    act,
    ask,
    ready_for,
    record,
    stored,
)
from tests.consent.samples import CLERK, NOW, RESTRAINT, SUBJECT, day
from tests.refusals import refuses

# --- what is saved, and who is notified ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "event", "notified"),
    [
        ("request", Event.REQUESTED, ("authorisation.requested", "subject")),
        ("record", Event.RECORDED_ON_PAPER, ("authorisation.recorded-on-paper", "subject")),
        (GRANT, Event.GRANTED, ("authorisation.granted", "recipient")),
        (NARROW, Event.NARROWED, ("authorisation.narrowed", "recipient")),
        (WITHDRAW, Event.WITHDRAWN, ("authorisation.withdrawn", "recipient")),
        (CONTEST, Event.CONTESTED, ("authorisation.contested", "recipient")),
        (REFUSE, Event.REFUSED, None),  # no mark against anybody [5.1.6]
    ],
)
async def test_each_action_leaves_one_event_one_leaf_and_one_notification(memory, action, event, notified):
    by = CLERK if action in {"request", "record"} else SUBJECT
    before = dict.fromkeys(await memory.rows(), 0)
    match action:
        case "request":
            after = await ask(memory)
        case "record":
            after = await record(memory)
        case _:
            ready = await ready_for(memory, action)
            before = await memory.rows()
            after = await act(memory, action, ready)
    assert stored(memory, after) == after
    happened, leaf = memory.state.events[-1], memory.state.pending[-1]
    assert (happened.event, happened.actor_ref, happened.role, happened.at) == (event, by.ref, by.role, NOW)
    assert (happened.subject_id, happened.authorisation_id) == (after.subject_id, after.authorisation_id)
    assert (leaf.log, leaf.source, leaf.entry) == ("consent", happened.event_id, happened.commitment())
    rows = {name: number - before[name] for name, number in (await memory.rows()).items()}
    assert rows == {"consent_events": 1, "pending_entries": 1, "outbox": 0 if notified is None else 1}
    if notified is not None:
        message = memory.state.outbox[-1]
        assert (message.topic, message.about["to"]) == notified
        assert set(message.about) == {"to", "subject_id", "authorisation_id", "recipient_code"}


async def test_the_ledger_keeps_the_terms_as_they_stood(memory):
    asked = await ask(memory)
    await act(memory, GRANT, asked, bounds=Bounds(groups=RESTRAINT, uses=2))
    await act(memory, NARROW, asked)
    facts = [event.facts for event in memory.state.events]
    assert [(fact["groups"], fact["uses_allowed"], fact["version"]) for fact in facts] == [
        (["IDENTITY", "RESTRAINT"], 3, 1),
        (["RESTRAINT"], 2, 2),
        (["RESTRAINT"], 1, 3),
    ]
    assert facts[0]["starts_on"] is None
    assert facts[1]["starts_on"] == "2026-03-05"


async def test_ids_and_salts_are_never_used_twice(memory):
    await act(memory, WITHDRAW, await act(memory, GRANT, await ask(memory)))
    assert len({event.salt for event in memory.state.events}) == len(memory.state.events) == 3
    assert len({leaf.entry for leaf in memory.state.pending}) == 3
    assert len({message.message_id for message in memory.state.outbox}) == 3


# --- the rules reach through ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "first", "then", "more", "refused"),
    [
        ("refused twice", [REFUSE], REFUSE, {}, ALREADY_ANSWERED),
        ("granted twice", [GRANT], GRANT, {}, ALREADY_ANSWERED),
        ("withdrawn twice", [GRANT, WITHDRAW], WITHDRAW, {}, ALREADY_WITHDRAWN),
        ("withdrawn, then granted", [GRANT, WITHDRAW], GRANT, {}, ALREADY_ANSWERED),
        ("withdrawn unanswered", [], WITHDRAW, {}, NOT_LIVE),
        ("widened at the grant", [], GRANT, {"bounds": Bounds(uses=9)}, CANNOT_WIDEN),
        ("widened later", [GRANT], NARROW, {"bounds": Bounds(expires_on=day(31))}, CANNOT_WIDEN),
        ("contested without paper", [GRANT], CONTEST, {}, NOT_ON_PAPER),
    ],
)
async def test_a_refused_action_saves_nothing(memory, case, first, then, more, refused):
    asked = await ask(memory)
    for action in first:
        await act(memory, action, asked)
    before, rows = stored(memory, asked), await memory.rows()
    with refuses(refused):
        await act(memory, then, asked, **more)
    assert stored(memory, asked) == before
    assert await memory.rows() == rows


async def test_of_two_decisions_at_once_the_second_is_refused(memory):
    asked = await ask(memory)
    async with memory.work() as work:
        await work.authorisations.save(replace(asked, refused_at=NOW, version=2), asked.version)
        with refuses(VERSION_CONFLICT):
            await work.authorisations.save(replace(asked, granted_at=NOW, version=2), asked.version)


async def test_a_use_counted_meanwhile_is_not_forgotten_by_withdrawing(memory):
    granted = await act(memory, GRANT, await ask(memory))
    await memory.count_use(granted.subject_id, granted.authorisation_id)
    assert stored(memory, await act(memory, WITHDRAW, granted)).uses_made == 1


def test_withdrawing_asks_no_more_than_granting():
    """One call, no reason, no bounds: everything it takes, a grant takes as well [5.1.6]."""
    grant = set(inspect.signature(actions.grant_authorisation).parameters)
    for answer in (actions.withdraw_authorisation, actions.refuse_authorisation):
        asked = set(inspect.signature(answer).parameters) - {"letter"}  # which an officer enters instead
        assert asked < grant
