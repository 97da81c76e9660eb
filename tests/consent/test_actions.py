"""Who may do what to an authorisation, what is saved, and who is notified [5.1.6], [4.1], [3.2]."""

import inspect
from dataclasses import replace
from uuid import UUID

import pytest

from consent import actions
from consent.authorisation import ContestFinding, Status
from consent.errors import (
    ALREADY_ANSWERED,
    ALREADY_WITHDRAWN,
    CANNOT_WIDEN,
    CONTEST_OPEN,
    EVIDENCE_MISSING,
    FILE_UNKNOWN,
    MAY_NOT_ASK,
    NO_TEMPLATE,
    NOT_FOR_AN_APPLICATION,
    NOT_LIVE,
    NOT_ON_PAPER,
    NOT_YOURS,
    RECORDER_CANNOT_CONFIRM,
    RECORDER_CANNOT_DECIDE,
    SCOPE_TOO_WIDE,
    VERSION_CONFLICT,
    ConsentError,
    NotFound,
)
from consent.leaves.consent_events import Event
from consent.rules import Bounds, Letter, Paper
from consent.vocabulary import Purpose
from credit.core.context import Caller
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
    delegated,
    moment,
)
from tests.fakes import Memory
from tests.refusals import refuses

GRANT, REFUSE, NARROW, WITHDRAW, CONTEST = "grant", "refuse", "narrow", "withdraw", "contest"
LESS = Bounds(uses=1)
LONG = Bounds(uses=1, expires_on=day(7))
PAST = {REFUSE: "REFUSED", NARROW: "NARROWED", WITHDRAW: "WITHDRAWN", CONTEST: "CONTESTED"}
NEXT_WEEK = day(7)


@pytest.fixture
def memory():
    return Memory(subjects={SUBJECT_ID, OTHER_SUBJECT_ID})


async def ask(memory, by=CLERK, purpose=Purpose.CREDIT_CHECK, **more):
    async with memory.work() as work:
        return await actions.request_authorisation(
            work,
            moment().acting_as(by),
            TEMPLATES,
            **{"subject_id": SUBJECT_ID, "purpose": purpose, "application_id": APPLICATION_ID} | more,
        )


async def record(memory, by=CLERK, evidence="LZ-2026-0012", purpose=Purpose.CREDIT_CHECK, signed_on=TODAY):
    async with memory.work() as work:
        return await actions.record_paper_authorisation(
            work,
            moment().acting_as(by),
            TEMPLATES,
            subject_id=SUBJECT_ID,
            purpose=purpose,
            paper=Paper(evidence, signed_on),
            application_id=APPLICATION_ID,
        )


async def act(memory, action, authorisation, by=SUBJECT, after=0, **more):
    """Carry out one of the subject's five actions in a unit of work of its own."""
    which = {"subject_id": authorisation.subject_id, "authorisation_id": authorisation.authorisation_id} | more
    async with memory.work() as work:
        match action:
            case "grant":
                return await actions.grant_authorisation(work, moment(after).acting_as(by), TEMPLATES, **which)
            case "narrow":
                bounds = which.pop("bounds", LESS)
                return await actions.narrow_authorisation(
                    work, moment(after).acting_as(by), TEMPLATES, which.pop("letter", None), bounds=bounds, **which
                )
            case "refuse":
                return await actions.refuse_authorisation(work, moment(after).acting_as(by), **which)
            case "withdraw":
                return await actions.withdraw_authorisation(work, moment(after).acting_as(by), **which)
            case "contest":
                return await actions.contest_authorisation(work, moment(after).acting_as(by), **which)


async def ready_for(memory, action):
    """An authorisation on which *action* would succeed for its subject."""
    if action == CONTEST:
        return await record(memory)
    asked = await ask(memory)
    return asked if action in {GRANT, REFUSE} else await act(memory, GRANT, asked)


def stored(memory, authorisation):
    return memory.state.authorisations[authorisation.subject_id, authorisation.authorisation_id]


async def delegate(memory, subject_id=SUBJECT_ID, ref=AGENT.ref, expires_on=NEXT_WEEK, withdrawn_at=None):
    given = {"subject_id": subject_id, "expires_on": expires_on, "withdrawn_at": withdrawn_at}
    await memory.delegate(delegated(ref, **given))


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


# --- on paper, by an officer of the recipient ----------------------------------------------------------------------

LETTER = Letter("来信-1", TODAY)
BY_LETTER = [REFUSE, NARROW, WITHDRAW, CONTEST]
COLLEAGUE = replace(CLERK, ref="staff-3")


@pytest.mark.parametrize("action", BY_LETTER)
async def test_a_letter_notifies_the_subject_alone(memory, action):
    """[5.1.6] Of a refusal not even the department of the officer is notified."""
    authorisation = await ready_for(memory, action)
    await act(memory, action, authorisation, by=COLLEAGUE, letter=LETTER)
    event, message = memory.state.events[-1], memory.state.outbox[-1]
    assert (event.event, event.actor_ref, event.role) == (actions.ON_PAPER[Event[PAST[action]]], "staff-3", "clerk")
    assert "来信-1" in event.facts.values()
    assert (message.topic, message.about["to"]) == (f"authorisation.{PAST[action].lower()}-on-paper", "subject")


@pytest.mark.parametrize("action", BY_LETTER)
@pytest.mark.parametrize(
    ("case", "by", "refused"),
    [
        ("the subject does it itself", SUBJECT, NOT_YOURS),
        ("its delegate too", AGENT, NOT_YOURS),
        ("the head", replace(CLERK, role="head"), NOT_YOURS),
        ("another department", replace(CLERK, department=OTHER_BUREAU), NotFound),
        ("an association that did not ask", ASSOCIATION, NotFound),
    ],
)
async def test_only_an_officer_of_the_recipient_enters_a_letter(memory, action, case, by, refused):
    """[5.1.6]"""
    authorisation = await ready_for(memory, action)
    with refuses(refused):
        await act(memory, action, authorisation, by=by, letter=LETTER)


async def test_a_letter_about_a_refused_request_is_one_about_an_unanswered_request(memory):
    """[5.1.6] decision 23: whichever letter is tried, and whichever version is named, the answer is the same."""
    waiting, refused = (
        await ask(memory),
        await ask(memory, subject_id=OTHER_SUBJECT_ID, application_id=None, bounds=LONG),
    )
    await act(memory, REFUSE, refused, by=OTHER_SUBJECT)
    for version in (None, 1, 2):
        for action in (NARROW, WITHDRAW):
            for each in (waiting, refused):
                with refuses(NOT_LIVE):
                    await act(memory, action, each, by=CLERK, letter=LETTER, expected_version=version)
    for each in (waiting, refused):
        assert (await act(memory, REFUSE, each, by=CLERK, letter=LETTER)).refused_on == TODAY


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


# --- contests ------------------------------------------------------------------------------------------------------

HEAD, OTHER_HEAD = Caller("head-1", "head", BUREAU), Caller("head-2", "head", OTHER_BUREAU)
OFFICE = Caller("office-1", "office", "LZ-OFFICE")


async def confirm(memory, authorisation, by=HEAD):
    which = {"subject_id": authorisation.subject_id, "authorisation_id": authorisation.authorisation_id}
    async with memory.work() as work:
        return await actions.confirm_paper_authorisation(work, moment().acting_as(by), **which)


async def decide(memory, authorisation, by=HEAD, evidence="finding-1", finding=ContestFinding.NEVER_GIVEN):
    which = {"subject_id": authorisation.subject_id, "authorisation_id": authorisation.authorisation_id}
    async with memory.work() as work:
        return await actions.decide_contest(work, moment().acting_as(by), finding=finding, evidence=evidence, **which)


def last_events(memory, count):
    return [(event.event, event.actor_ref) for event in memory.state.events[-count:]]


async def test_a_contest_holds_every_paper_of_one_person_for_the_same_purpose(memory):
    other, contested = await record(memory), await record(memory)
    given = await act(memory, GRANT, await ask(memory))
    await act(memory, CONTEST, contested)
    assert stored(memory, other).status(TODAY) is Status.UNCONFIRMED
    assert stored(memory, given).is_live(TODAY)
    assert last_events(memory, 2) == [(Event.CONTESTED, SUBJECT.ref), (Event.HELD, SUBJECT.ref)]


@pytest.mark.parametrize("by", [HEAD, OFFICE], ids=["the head", "the office"])
async def test_after_a_contest_a_second_person_decides_and_confirms(memory, by):
    contested = await act(memory, CONTEST, await record(memory))
    again = await record(memory)
    assert again.status(TODAY) is Status.UNCONFIRMED
    with refuses(CONTEST_OPEN):
        await confirm(memory, again, by)
    await decide(memory, contested, by)
    assert (await confirm(memory, again, by)).is_live(TODAY)
    assert last_events(memory, 2) == [(Event.CONTEST_DECIDED, by.ref), (Event.CONFIRMED, by.ref)]
    facts = [event.facts for event in memory.state.events[-2:]]
    assert [fact.get("contest_finding") for fact in facts] == ["NEVER_GIVEN", None]
    assert [fact["signed_on"] for fact in facts] == [TODAY.isoformat()] * 2
    assert [message.about["to"] for message in memory.state.outbox[-2:]] == ["subject", "subject"]


@pytest.mark.parametrize(
    ("case", "by", "refused"),
    [
        ("the clerk who recorded it", CLERK, NotFound),
        ("the same person, as head", replace(HEAD, ref=CLERK.ref), None),
        ("the head of another department", OTHER_HEAD, NotFound),
        ("the subject", SUBJECT, NotFound),
    ],
)
async def test_who_recorded_a_paper_neither_decides_nor_confirms(memory, case, by, refused):
    contested = await act(memory, CONTEST, await record(memory))
    again = await record(memory)
    with refuses(refused or RECORDER_CANNOT_DECIDE):
        await decide(memory, contested, by)
    await decide(memory, contested)
    with refuses(refused or RECORDER_CANNOT_CONFIRM):
        await confirm(memory, again, by)


@pytest.mark.parametrize("recorder", [CLERK.ref, "staff-9"])
async def test_after_a_contest_a_paper_needs_a_second_person_at_every_department(memory, recorder):
    """[5.1.6] Whoever records it there; what was recorded there before the contest stays as it is."""
    there = replace(CLERK, ref=recorder, department=OTHER_BUREAU)
    before = await record(memory, there)
    await act(memory, CONTEST, await record(memory))
    assert stored(memory, before).is_live(TODAY)
    waiting = await record(memory, there)
    assert waiting.status(TODAY) is Status.UNCONFIRMED
    assert (await confirm(memory, waiting, OTHER_HEAD)).is_live(TODAY)


async def test_what_was_not_recorded_from_paper_is_nobodys_to_confirm(memory):
    with refuses(NotFound):
        await confirm(memory, await ask(memory))


async def test_a_paper_may_be_an_uploaded_file(memory):
    with refuses(FILE_UNKNOWN):
        await record(memory, evidence="file:unknown")
    assert memory.state.authorisations == {}
    memory.state.files["file:known"] = []
    recorded = await record(memory, evidence="file:known")
    assert memory.state.files["file:known"] == [(SUBJECT_ID, "AUTHORISATION", recorded.authorisation_id)]


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
