"""Who may ask for an authorisation, who answers, and who offers one [5.1.6] [4.1]."""

from dataclasses import replace
from uuid import UUID

import pytest

from consent.authorisation import Status
from consent.authorisations import actions
from consent.errors import (
    EVIDENCE_MISSING,
    MAY_NOT_ASK,
    NO_TEMPLATE,
    NOT_FOR_AN_APPLICATION,
    NOT_YOURS,
    SCOPE_TOO_WIDE,
    ConsentError,
    NotFound,
)
from consent.leaves.consent_events import Event
from consent.rules import Bounds
from consent.vocabulary import Purpose
from credit.core.context import Caller
from tests.consent.authorisations.action_calls import (
    CONTEST,
    GRANT,
    NARROW,
    REFUSE,
    WITHDRAW,
    act,
    ask,
    delegate,
    last_events,
    ready_for,
    record,
    stored,
)
from tests.consent.samples import (
    AGENT,
    APPLICATION_ID,
    ASSOCIATION,
    BUREAU,
    CHAMBER,
    CLERK,
    CONTACT,
    NOW,
    OTHER_BUREAU,
    OTHER_SUBJECT,
    OTHER_SUBJECT_ID,
    RESTRAINT,
    SUBJECT,
    SUBJECT_ID,
    TEMPLATES,
    TODAY,
    day,
    moment,
)
from tests.refusals import refuses

# --- who asks ------------------------------------------------------------------------------------------------------


async def test_a_clerk_asks_for_the_own_department(memory):
    asked = await ask(memory)
    assert asked.recipient_code == BUREAU
    assert stored(memory, asked) == asked
    assert asked.status(day(0)) is Status.REQUESTED


async def test_an_association_asks_for_itself(memory):
    asked = await ask(memory, ASSOCIATION, Purpose.CONSULTATION)
    assert (asked.recipient_code, asked.uses_allowed) == (CHAMBER, 1)


@pytest.mark.parametrize(
    ("case", "by", "purpose", "refused"),
    [
        ("a clerk for a consultation", CLERK, Purpose.CONSULTATION, MAY_NOT_ASK),
        ("an association for a credit check", ASSOCIATION, Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("a clerk of nowhere", replace(CLERK, department=None), Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("a handler", replace(CLERK, role="handler"), Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("a regulator", replace(CLERK, role="regulator"), Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("an administrator", replace(CLERK, role="admin"), Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("nobody in particular", Caller("anonymous", "anonymous"), Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("a subject about itself", SUBJECT, Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("a subject about another", OTHER_SUBJECT, Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("an agent", AGENT, Purpose.CREDIT_CHECK, MAY_NOT_ASK),
        ("for what the law already allows", CLERK, Purpose.DETERMINATION, NO_TEMPLATE),
        ("for the subject's own right", CLERK, Purpose.SELF_ACCESS, NO_TEMPLATE),
    ],
)
async def test_who_may_neither_ask_nor_record(memory, case, by, purpose, refused):
    with refuses(refused):
        await ask(memory, by, purpose)
    with refuses(refused):
        await record(memory, by, purpose=purpose)
    assert not memory.state.authorisations


@pytest.mark.parametrize(
    ("case", "attempt", "refused"),
    [
        ("too wide a scope", lambda m: ask(m, bounds=Bounds(groups=RESTRAINT | CONTACT)), SCOPE_TOO_WIDE),
        ("a subject that is not there", lambda m: ask(m, subject_id=UUID(int=99)), NotFound),
        ("paper without evidence", lambda m: record(m, evidence=" "), EVIDENCE_MISSING),
        (
            "paper in an association's hands",
            lambda m: record(m, ASSOCIATION, purpose=Purpose.CONSULTATION),
            MAY_NOT_ASK,
        ),
    ],
)
async def test_what_cannot_be_asked_or_recorded(memory, case, attempt, refused):
    with refuses(refused):
        await attempt(memory)
    assert (await memory.rows()) == {"consent_events": 0, "pending_entries": 0, "outbox": 0}


# --- who answers ---------------------------------------------------------------------------------------------------

ACTIONS = pytest.mark.parametrize("action", [GRANT, REFUSE, NARROW, WITHDRAW, CONTEST])


@ACTIONS
async def test_the_subject_decides(memory, action):
    ready = await ready_for(memory, action)
    decided = await act(memory, action, ready)
    assert stored(memory, decided) == decided
    assert decided.version == ready.version + 1


@ACTIONS
async def test_a_recorded_delegate_decides_as_well(memory, action):
    await delegate(memory)
    authorisation = await ready_for(memory, action)
    await act(memory, action, authorisation, AGENT)
    assert memory.state.events[-1].actor_ref == AGENT.ref
    assert memory.state.events[-1].role == "agent"


@ACTIONS
@pytest.mark.parametrize(
    ("case", "by", "refused"),
    [
        ("another subject", OTHER_SUBJECT, NotFound),
        ("a subject without identity", replace(SUBJECT, subject=None), NotFound),
        ("an agent without delegation", AGENT, NotFound),
        ("an agent who claims the subject", replace(AGENT, subject=SUBJECT_ID), NotFound),
        ("the clerk who asked", CLERK, NOT_YOURS),
        ("a clerk who claims the subject", replace(CLERK, subject=SUBJECT_ID), NOT_YOURS),
        ("a clerk elsewhere", replace(CLERK, ref="staff-9", department=OTHER_BUREAU), NOT_YOURS),
        ("the head of the department", replace(CLERK, ref="staff-9", role="head"), NOT_YOURS),
        ("the district office", replace(CLERK, ref="staff-9", role="office"), NOT_YOURS),
        ("an administrator", replace(CLERK, ref="staff-9", role="admin"), NOT_YOURS),
        ("nobody in particular", Caller("anonymous", "anonymous"), NOT_YOURS),
    ],
)
async def test_nobody_else_decides(memory, action, case, by, refused):
    authorisation = await ready_for(memory, action)
    before, rows = stored(memory, authorisation), await memory.rows()
    with refuses(refused):
        await act(memory, action, authorisation, by)
    assert stored(memory, authorisation) == before
    assert await memory.rows() == rows


@ACTIONS
@pytest.mark.parametrize(
    ("case", "delegation"),
    [
        ("for another subject", {"subject_id": OTHER_SUBJECT_ID}),
        ("of another delegate", {"ref": "agent-2"}),
        ("that ended yesterday", {"expires_on": day(-1)}),
        ("that was withdrawn", {"withdrawn_at": NOW}),
    ],
)
async def test_a_delegation_that_does_not_hold(memory, action, case, delegation):
    await delegate(memory, **delegation)
    authorisation = await ready_for(memory, action)
    with pytest.raises(NotFound):
        await act(memory, action, authorisation, AGENT)


@ACTIONS
async def test_missing_and_not_yours_give_the_same_refusal(memory, action):
    authorisation = await ready_for(memory, action)
    refusals = []
    for by, changes in (
        (OTHER_SUBJECT, {}),
        (OTHER_SUBJECT, {"authorisation_id": UUID(int=99)}),
        (OTHER_SUBJECT, {"subject_id": OTHER_SUBJECT_ID}),
        (SUBJECT, {"authorisation_id": UUID(int=99)}),
        (AGENT, {}),
        (AGENT, {"authorisation_id": UUID(int=99)}),
    ):
        with pytest.raises(ConsentError) as refusal:
            await act(memory, action, authorisation, by, **changes)
        refusals.append((type(refusal.value), refusal.value.code, refusal.value.message, refusal.value.message_zh))
    assert set(refusals) == {(NotFound, "NOT_FOUND", NotFound.reason.english, NotFound.reason.chinese)}


# --- the subject by itself -----------------------------------------------------------------------------------------


async def offer(memory, by=SUBJECT, subject_id=SUBJECT_ID, purpose=Purpose.CREDIT_CHECK):
    memory.state.windows[SUBJECT_ID, APPLICATION_ID] = BUREAU
    async with memory.work() as work:
        return await actions.offer_authorisation(
            work,
            moment().acting_as(by),
            TEMPLATES,
            subject_id=subject_id,
            application_id=APPLICATION_ID,
            purpose=purpose,
        )


async def test_an_applicant_offers_an_authorisation_for_its_own_application(memory):
    await act(memory, REFUSE, await ask(memory))
    await delegate(memory)
    for by in (SUBJECT, AGENT):
        offered = await offer(memory, by)
        assert offered.is_live(TODAY)
        assert (offered.recipient_code, offered.application_id, offered.granted_by) == (BUREAU, APPLICATION_ID, by.ref)
        assert last_events(memory, 1) == [(Event.OFFERED, by.ref)]


@pytest.mark.parametrize(
    ("case", "more", "refused"),
    [
        ("for another subject", {"by": OTHER_SUBJECT}, NotFound),
        ("for an application that is none of its own", {"by": OTHER_SUBJECT, "subject_id": OTHER_SUBJECT_ID}, NotFound),
        ("an agent without authority", {"by": AGENT}, NotFound),
        ("a clerk", {"by": CLERK}, NOT_YOURS),
        ("to an association", {"purpose": Purpose.CONSULTATION}, NOT_FOR_AN_APPLICATION),
        ("for a purpose without consent", {"purpose": Purpose.AUDIT}, NO_TEMPLATE),
    ],
)
async def test_offering_refused(memory, case, more, refused):
    with refuses(refused):
        await offer(memory, **more)
    assert memory.state.authorisations == {}


async def test_a_refusal_can_be_reversed_and_the_ledger_keeps_it(memory):
    asked = await ask(memory)
    await act(memory, REFUSE, asked)
    granted = await act(memory, GRANT, asked, after=1)
    assert granted.is_live(TODAY)
    assert [event.event for event in memory.state.events] == [Event.REQUESTED, Event.REFUSED, Event.GRANTED]
