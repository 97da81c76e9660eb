"""Whose consent counts for a child under 14 and for an adult ward; what the ward gave by itself [5.1.6] [PIPL 31]."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from consent.authorisation import Status
from consent.authorisations import actions
from consent.delegation import LONGEST_DAYS, DelegationKind, GuardianshipFinding, Power, guardian_consents
from consent.delegation_actions import contest_guardianship, decide_guardianship, record_delegation
from consent.delegation_rules import Terms
from consent.errors import GUARDIAN_REQUIRED
from consent.rules import Bounds, Paper
from consent.vocabulary import Purpose
from tests.consent.samples import (
    AGENT,
    APPLICATION_ID,
    BUREAU,
    CLERK,
    NOW,
    SUBJECT,
    SUBJECT_ID,
    TEMPLATES,
    TODAY,
    day,
    delegated,
    moment,
)
from tests.fakes import Memory
from tests.refusals import refuses

MOTHER, HEAD = replace(AGENT, ref="mother"), replace(CLERK, ref="head-1", role="head")
ADULT, AGED_10, AGED_15 = (date(TODAY.year - years, 1, 1) for years in (40, 10, 15))
ON_14TH_BIRTHDAY = date(TODAY.year - 14, TODAY.month, TODAY.day)
BEFORE = NOW - timedelta(days=30)
GUARDIAN = delegated(
    "mother", kind=DelegationKind.GUARDIAN, delegation_id=UUID(int=78), starts_on=day(-30), granted_at=BEFORE,
    recorded_by=CLERK.ref, recorded_as="clerk", department_code=BUREAU,
)  # fmt: skip
CONTESTED = replace(GUARDIAN, contested_at=NOW, contested_by="account-1")
HELD = replace(CONTESTED, contest_decided_at=NOW, contest_finding=GuardianshipFinding.HOLDS)
NEVER_HELD = replace(HELD, contest_finding=GuardianshipFinding.NEVER_HELD, withdrawn_at=NOW)
ENDED = replace(GUARDIAN, withdrawn_at=NOW - timedelta(days=1))
READER = replace(GUARDIAN, powers=Power(0))
FATHER = replace(GUARDIAN, delegate_ref="father", delegation_id=UUID(int=79))
UNTIL = Bounds(expires_on=day(7), uses=3)


@pytest.fixture
def memory() -> Memory:
    known = Memory(subjects={SUBJECT_ID})
    known.state.at_window.add((SUBJECT_ID, BUREAU))
    known.state.windows[SUBJECT_ID, APPLICATION_ID] = BUREAU
    known.state.born[SUBJECT_ID] = ADULT
    return known


async def ask(memory, after=0):
    async with memory.work() as work:
        return await actions.request_authorisation(
            work, moment(after).acting_as(CLERK), TEMPLATES, subject_id=SUBJECT_ID, purpose=Purpose.CREDIT_CHECK,
            bounds=UNTIL,
        )  # fmt: skip


async def grant(memory, asked, by, after=0):
    async with memory.work() as work:
        which = {"subject_id": SUBJECT_ID, "authorisation_id": asked.authorisation_id}
        return await actions.grant_authorisation(work, moment(after).acting_as(by), TEMPLATES, **which)


async def give(memory, by, after=0):
    return await grant(memory, await ask(memory, after), by, after)


async def offer(memory, by):
    async with memory.work() as work:
        return await actions.offer_authorisation(
            work,
            moment().acting_as(by),
            TEMPLATES,
            subject_id=SUBJECT_ID,
            application_id=APPLICATION_ID,
            purpose=Purpose.CREDIT_CHECK,
        )


async def paper(memory, by=CLERK, after=0, signed_on=None):
    async with memory.work() as work:
        return await actions.record_paper_authorisation(
            work, moment(after).acting_as(by), TEMPLATES, subject_id=SUBJECT_ID, purpose=Purpose.CREDIT_CHECK,
            paper=Paper("LZ-2026-0012", signed_on or day(after)), bounds=UNTIL,
        )  # fmt: skip


# --- who consents --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "born", "held", "consents"),
    [
        # Who consents: the subject itself, its agent, its mother, whoever signs the paper at the window.
        ("a child of 10", AGED_10, GUARDIAN, "mother, paper"),
        ("a child of 10 without a guardian", AGED_10, None, ""),
        ("a child of 10, in dispute", AGED_10, CONTESTED, ""),
        ("on the 14th birthday", ON_14TH_BIRTHDAY, GUARDIAN, "mother, paper"),
        ("a day later", ON_14TH_BIRTHDAY - timedelta(days=1), GUARDIAN, "itself, agent, mother, paper"),
        ("at 15, in dispute", AGED_15, CONTESTED, "itself, agent, paper"),
        ("an adult", ADULT, None, "itself, agent, paper"),
        ("an adult ward", ADULT, GUARDIAN, "mother, paper"),
        ("an adult ward, in dispute", ADULT, CONTESTED, ""),
        ("an adult ward, the record holds", ADULT, HELD, "mother, paper"),
        ("an adult whose guardianship never held", ADULT, NEVER_HELD, "itself, agent, paper"),
        ("an adult after a guardianship", ADULT, ENDED, "itself, agent, paper"),
        ("an adult before one", ADULT, replace(GUARDIAN, starts_on=day(1)), "itself, agent, paper"),
        ("an adult after its last day", ADULT, replace(GUARDIAN, expires_on=day(-1)), "itself, agent, paper"),
        ("an adult ward whose guardian only reads", ADULT, READER, ""),
    ],
)
async def test_who_consents(memory, case, born, held, consents):
    memory.state.born[SUBJECT_ID] = born
    await memory.delegate(delegated())
    if held is not None:
        await memory.delegate(held)
    may = consents.split(", ")
    for who, by in (("itself", SUBJECT), ("agent", AGENT), ("mother", MOTHER)):
        if who == "mother" and not (held and held.is_live(TODAY) and held.powers):
            continue  # no delegate of this subject: not found, as everywhere
        asked = await ask(memory)
        if who in may:
            assert (await grant(memory, asked, by)).granted_by == by.ref, who
            assert (await offer(memory, by)).granted_by == by.ref, who
            continue
        for consent in (grant(memory, asked, by), offer(memory, by)):
            with refuses(GUARDIAN_REQUIRED):
                await consent
        memory.state.authorisations.clear()
    if "paper" in may:
        assert (await paper(memory)).granted_at == NOW
    else:
        with refuses(GUARDIAN_REQUIRED):
            await paper(memory)


async def test_a_guardian_whose_record_nobody_contests_goes_on(memory):
    for one in (CONTESTED, FATHER):
        await memory.delegate(one)
    assert (await give(memory, replace(MOTHER, ref="father"))).granted_by == "father"
    assert not guardian_consents([CONTESTED, FATHER], TODAY, "mother")


@pytest.mark.parametrize("held", [GUARDIAN, CONTESTED], ids=["a ward", "in dispute"])
@pytest.mark.parametrize("born", [ADULT, AGED_10], ids=["an adult", "a child of 10"])
async def test_less_is_always_allowed(memory, held, born):
    """The ward refuses, narrows, withdraws and contests by itself."""
    given, recorded = await give(memory, SUBJECT), await paper(memory)
    asked = await ask(memory)
    memory.state.born[SUBJECT_ID] = born
    await memory.delegate(held)

    async def act(action, one, **more):
        async with memory.work() as work:
            which = {"subject_id": SUBJECT_ID, "authorisation_id": one.authorisation_id}
            return await action(work, moment().acting_as(SUBJECT), **more, **which)

    assert (await act(actions.refuse_authorisation, asked)).status(TODAY) is Status.REFUSED
    less = {"templates": TEMPLATES, "bounds": Bounds(uses=1)}
    assert (await act(actions.narrow_authorisation, given, **less)).uses_allowed == 1
    assert (await act(actions.withdraw_authorisation, given)).status(TODAY) is Status.WITHDRAWN
    assert (await act(actions.contest_authorisation, recorded)).status(TODAY) is Status.CONTESTED


async def test_a_paper_that_waits_is_confirmed_where_it_could_be_recorded(memory):
    """[5.1.6]: a confirmation is what makes it live."""
    contested = await paper(memory)
    which = {"subject_id": SUBJECT_ID, "authorisation_id": contested.authorisation_id}
    async with memory.work() as work:
        await actions.contest_authorisation(work, moment().acting_as(SUBJECT), **which)
        never = {"finding": actions.ContestFinding.NEVER_GIVEN, "evidence": "LZ-1"}
        await actions.decide_contest(work, moment().acting_as(HEAD), **never, **which)
    waiting = await paper(memory)
    await memory.delegate(CONTESTED)

    async def confirm():
        async with memory.work() as work:
            which = {"subject_id": SUBJECT_ID, "authorisation_id": waiting.authorisation_id}
            return await actions.confirm_paper_authorisation(work, moment().acting_as(HEAD), **which)

    with refuses(GUARDIAN_REQUIRED):
        await confirm()
    memory.state.delegations = [HELD]
    assert (await confirm()).status(TODAY) is Status.LIVE


# --- what the ward gave by itself, before the guardianship was recorded ----------------------------------------------

TERMS = Terms(
    SUBJECT_ID, DelegationKind.GUARDIAN, "mother", GUARDIAN.groups, GUARDIAN.powers, ("JUDGMENT-1",), day(365)
)
LIVE, WITHDRAWN = Status.LIVE, Status.WITHDRAWN


async def record(memory, first_day, delegate="mother"):
    async with memory.work() as work:
        terms = replace(TERMS, starts_on=first_day, delegate_ref=delegate)
        return await record_delegation(work, moment().acting_as(CLERK), LONGEST_DAYS, terms)


def status(memory, given, today=TODAY):
    return memory.state.authorisations[SUBJECT_ID, given.authorisation_id].status(today)


@pytest.mark.parametrize(
    ("case", "born", "first_day", "expected"),
    [
        ("given before its first day", ADULT, day(-9), LIVE),
        ("given on its first day", ADULT, day(-10), WITHDRAWN),
        ("given after its first day", ADULT, day(-11), WITHDRAWN),
        ("it begins later", ADULT, day(1), LIVE),
        ("a minor who consents alone", AGED_15, day(-11), LIVE),
    ],
)
@pytest.mark.parametrize("way", ["itself", "agent", "paper"])
async def test_what_a_ward_gave_by_itself_since_the_first_day_ends(memory, way, case, born, first_day, expected):
    """[Civil Code 144, 145]: void, or waiting for the guardian's assent, and silence is none."""
    await memory.delegate(delegated(starts_on=day(-20)))
    given = await {
        "itself": lambda: give(memory, SUBJECT, -10),
        "agent": lambda: give(memory, AGENT, -10),
        "paper": lambda: paper(memory, after=-8, signed_on=day(-10)),
    }[way]()
    memory.state.born[SUBJECT_ID] = born
    sent = len(memory.state.outbox)
    await record(memory, first_day)
    assert status(memory, given) is expected
    told = [(one.topic, one.about["to"]) for one in memory.state.outbox[sent:]]
    assert told == [("delegation.recorded", "subject")] + [("authorisation.withdrawn", "recipient")] * (
        expected is WITHDRAWN
    )
    assert len(memory.state.pending) == len(memory.state.events) + len(memory.state.delegation_events)


@pytest.mark.parametrize(
    ("case", "earlier", "expected"),
    [
        ("by another guardian", FATHER, LIVE),
        ("by one that never held", replace(NEVER_HELD, delegate_ref="father"), WITHDRAWN),
        ("before the other was recorded as well", replace(FATHER, granted_at=NOW), WITHDRAWN),
    ],
)
async def test_what_another_guardian_gave_stands(memory, case, earlier, expected):
    """A clerk that recorded none that never held records the next one."""
    await memory.delegate(replace(FATHER, expires_on=day(9)))
    given = await give(memory, replace(MOTHER, ref="father"), -10)
    memory.state.delegations = [replace(earlier, recorded_by="staff-9")]
    await record(memory, day(-30))
    assert status(memory, given) is expected


@pytest.mark.parametrize(
    ("finding", "by", "expected"),
    [
        (GuardianshipFinding.HOLDS, MOTHER, LIVE),
        (GuardianshipFinding.NEVER_HELD, MOTHER, WITHDRAWN),
        (GuardianshipFinding.NEVER_HELD, SUBJECT, LIVE),
    ],
    ids=["it holds", "it never held", "given by the subject before"],
)
async def test_what_the_guardian_gave_ends_where_the_guardianship_never_held(memory, finding, by, expected):
    if by is MOTHER:
        await memory.delegate(GUARDIAN)
    given = await give(memory, by)
    if by is SUBJECT:
        await memory.delegate(GUARDIAN)
    which = {"subject_id": SUBJECT_ID, "delegation_id": GUARDIAN.delegation_id}
    async with memory.work() as work:
        await contest_guardianship(work, moment().acting_as(SUBJECT), **which)
        found = {"finding": finding, "evidence": ("JUDGMENT-2",)}
        await decide_guardianship(work, moment().acting_as(HEAD), **found, **which)
    assert status(memory, given) is expected
