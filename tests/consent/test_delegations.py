"""Who may record and end an authority to act, for whom, how far and how long [5.1.6] [PIPL 31] [PIPL 49]."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from consent import actions
from consent.delegation import EVERY_GROUP, EVERY_POWER, LONGEST_DAYS, DelegationKind, Power
from consent.delegation_actions import end_delegation, record_delegation
from consent.delegation_rules import Terms
from consent.errors import (
    AUTHORITY_NOT_SHOWN,
    DELEGATE_CANNOT_DELEGATE,
    DELEGATION_ENDED,
    GUARDIAN_ACTS,
    GUARDIAN_REQUIRED,
    KIND_DOES_NOT_FIT,
    KINSHIP_NOT_SHOWN,
    NOT_A_REFERENCE,
    NOT_YOURS,
    POWER_NOT_OF_KIND,
    RECORDED_AT_THE_WINDOW,
    RECORDER_IS_DELEGATE,
    SCOPE_NOT_NAMED,
    STARTS_IN_THE_PAST,
    TERM_OUT_OF_BOUNDS,
    VERSION_CONFLICT,
    WARD_OF_AGE_BEFORE,
    NotFound,
)
from consent.rules import Paper
from consent.vocabulary import FieldGroup, Purpose
from tests.consent.samples import (
    AGENT,
    ASSOCIATION,
    BUREAU,
    CLERK,
    NOW,
    OTHER_BUREAU,
    OTHER_SUBJECT,
    OTHER_SUBJECT_ID,
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

OTHER_CLERK = replace(CLERK, ref="staff-2", department=OTHER_BUREAU)
TERMS = Terms(SUBJECT_ID, DelegationKind.AGENT, "agent-1", EVERY_GROUP, EVERY_POWER, ("LZ-POA-1",), day(365))
GUARDIAN = replace(TERMS, kind=DelegationKind.GUARDIAN)
OFFICER = replace(TERMS, kind=DelegationKind.OFFICER)
RELATIVE = replace(TERMS, kind=DelegationKind.CLOSE_RELATIVE, powers=Power.OBJECTION, evidence=("DEATH-1", "KINSHIP-1"))
ADULT, AGED_10, AGED_15, AGED_17 = (date(TODAY.year - years, 1, 1) for years in (40, 10, 15, 17))
TURNS_18 = date(AGED_17.year + 18, 1, 1)


@pytest.fixture
def memory() -> Memory:
    known = Memory(subjects={SUBJECT_ID, OTHER_SUBJECT_ID})
    known.state.at_window.add((SUBJECT_ID, BUREAU))
    known.state.born[SUBJECT_ID] = ADULT
    return known


async def record(memory, terms=TERMS, by=CLERK, longest=LONGEST_DAYS):
    async with memory.work() as work:
        return await record_delegation(work, moment().acting_as(by), longest, terms)


async def end(memory, delegation, by=SUBJECT, **more):
    async with memory.work() as work:
        ids = {"subject_id": delegation.subject_id, "delegation_id": delegation.delegation_id}
        return await end_delegation(work, moment().acting_as(by), **ids, **more)


# --- who records ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "kind", "refused"),
    [
        (CLERK, DelegationKind.AGENT, None),
        (CLERK, DelegationKind.GUARDIAN, None),
        (SUBJECT, DelegationKind.AGENT, None),
        (SUBJECT, DelegationKind.GUARDIAN, RECORDED_AT_THE_WINDOW),
        (SUBJECT, DelegationKind.CLOSE_RELATIVE, RECORDED_AT_THE_WINDOW),
        (AGENT, DelegationKind.AGENT, DELEGATE_CANNOT_DELEGATE),
        (AGENT, DelegationKind.OFFICER, DELEGATE_CANNOT_DELEGATE),
        (ASSOCIATION, DelegationKind.AGENT, NOT_YOURS),
        (replace(CLERK, department=None), DelegationKind.AGENT, NOT_YOURS),
    ],
    ids=lambda each: getattr(each, "role", getattr(each, "code", each)),
)
async def test_a_clerk_on_paper_or_the_subject_itself_and_never_a_delegate(memory, who, kind, refused):
    await memory.delegate(delegated())
    asked = replace(TERMS, kind=kind, delegate_ref="agent-9")
    if refused is None:
        recorded = await record(memory, asked, who)
        office = BUREAU if who is CLERK else None
        assert (recorded.recorded_by, recorded.recorded_as, recorded.department_code) == (who.ref, who.role, office)
        return
    with refuses(refused):
        await record(memory, asked, who)


@pytest.mark.parametrize("by", [OTHER_CLERK, OTHER_SUBJECT], ids=["another window", "another subject"])
async def test_a_subject_that_is_not_the_callers_is_not_found(memory, by):
    with pytest.raises(NotFound):
        await record(memory, by=by)


# --- what is recorded ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "kind_of_subject", "born", "terms", "refused"),
    [
        ("an agent of an adult", "NATURAL_PERSON", ADULT, TERMS, None),
        ("an officer of a company", "LEGAL_PERSON", None, OFFICER, None),
        ("a guardian of a child", "NATURAL_PERSON", AGED_10, GUARDIAN, None),
        ("a guardian of an adult", "NATURAL_PERSON", ADULT, GUARDIAN, None),
        ("a relative of the dead", "NATURAL_PERSON", ADULT, RELATIVE, None),
        ("an officer of a person", "NATURAL_PERSON", ADULT, OFFICER, KIND_DOES_NOT_FIT),
        ("a guardian of a company", "LEGAL_PERSON", None, GUARDIAN, KIND_DOES_NOT_FIT),
        ("a relative of a company", "LEGAL_PERSON", None, RELATIVE, KIND_DOES_NOT_FIT),
        ("a child appoints no agent", "NATURAL_PERSON", AGED_17, TERMS, GUARDIAN_ACTS),
        ("no paper", "NATURAL_PERSON", ADULT, replace(TERMS, evidence=(" ",)), AUTHORITY_NOT_SHOWN),
        ("no kinship", "NATURAL_PERSON", ADULT, replace(RELATIVE, evidence=("D-1", "D-1")), KINSHIP_NOT_SHOWN),
        ("a number as evidence", "NATURAL_PERSON", ADULT, replace(TERMS, evidence=("370305199001011234",)),
         NOT_A_REFERENCE),
        ("a name as account", "NATURAL_PERSON", ADULT, replace(TERMS, delegate_ref="演示甲"), NOT_A_REFERENCE),
        ("oneself", "NATURAL_PERSON", ADULT, replace(TERMS, delegate_ref=CLERK.ref), RECORDER_IS_DELEGATE),
        ("no scope", "NATURAL_PERSON", ADULT, replace(TERMS, groups=FieldGroup(0)), SCOPE_NOT_NAMED),
        ("a relative consents", "NATURAL_PERSON", ADULT, replace(RELATIVE, powers=Power.CONSENT), POWER_NOT_OF_KIND),
        ("a relative defends", "NATURAL_PERSON", ADULT, replace(RELATIVE, powers=EVERY_POWER), POWER_NOT_OF_KIND),
        ("backdated", "NATURAL_PERSON", ADULT, replace(TERMS, starts_on=day(-1)), STARTS_IN_THE_PAST),
        ("by the court's day", "NATURAL_PERSON", ADULT, replace(GUARDIAN, starts_on=day(-400)), None),
        ("on the last day", "NATURAL_PERSON", ADULT, replace(TERMS, expires_on=day(LONGEST_DAYS)), None),
        ("too long", "NATURAL_PERSON", ADULT, replace(TERMS, expires_on=day(LONGEST_DAYS + 1)), TERM_OUT_OF_BOUNDS),
        ("over already", "NATURAL_PERSON", ADULT, replace(TERMS, expires_on=day(-1)), TERM_OUT_OF_BOUNDS),
        ("ends before it begins", "NATURAL_PERSON", ADULT, replace(TERMS, starts_on=day(9), expires_on=day(8)),
         TERM_OUT_OF_BOUNDS),
        ("until the ward's birthday", "NATURAL_PERSON", AGED_17, replace(GUARDIAN, expires_on=TURNS_18), None),
        ("a day longer", "NATURAL_PERSON", AGED_17, replace(GUARDIAN, expires_on=TURNS_18 + timedelta(days=1)),
         WARD_OF_AGE_BEFORE),
    ],
)  # fmt: skip
async def test_kind_evidence_scope_and_term(memory, case, kind_of_subject, born, terms, refused):
    memory.state.kinds[SUBJECT_ID] = kind_of_subject
    memory.state.born = {} if born is None else {SUBJECT_ID: born}
    if refused is None:
        assert FieldGroup.IDENTITY in (await record(memory, terms)).groups
        return
    with refuses(refused):
        await record(memory, terms)


async def test_a_ward_appoints_no_agent(memory):
    await record(memory, replace(GUARDIAN, delegate_ref="mother"))
    with refuses(GUARDIAN_ACTS):
        await record(memory, by=SUBJECT)


# --- the end -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "by", "evidence", "refused"),
    [
        ("the subject, in one press", SUBJECT, (), None),
        ("the delegate gives it up", AGENT, (), None),
        ("the office, on evidence", CLERK, ("LZ-END-1",), None),
        ("a colleague of the office", replace(CLERK, ref="staff-3"), ("LZ-END-1",), None),
        ("the office, without evidence", CLERK, (), AUTHORITY_NOT_SHOWN),
        ("another role", ASSOCIATION, (), NOT_YOURS),
    ],
)
async def test_who_ends_it(memory, case, by, evidence, refused):
    recorded = await record(memory)
    if refused is None:
        ended = await end(memory, recorded, by, evidence=evidence)
        assert (ended.ended_by, ended.ended_as, ended.version) == (by.ref, by.role, 2)
        assert not ended.is_live(TODAY)
        with refuses(DELEGATION_ENDED):
            await end(memory, recorded, by, evidence=evidence)
        return
    with refuses(refused):
        await end(memory, recorded, by, evidence=evidence)


@pytest.mark.parametrize(
    "by", [OTHER_SUBJECT, replace(AGENT, ref="agent-2"), OTHER_CLERK], ids=["a subject", "a delegate", "an office"]
)
async def test_nobody_else_ends_it_or_learns_of_it(memory, by):
    recorded = await record(memory)
    with pytest.raises(NotFound):
        await end(memory, recorded, by, evidence=("LZ-END-1",))
    with pytest.raises(NotFound):
        await end(memory, replace(recorded, delegation_id=OTHER_SUBJECT_ID), by, evidence=("LZ-END-1",))


async def test_it_is_ended_at_the_version_that_was_seen(memory):
    recorded = await record(memory)
    with refuses(VERSION_CONFLICT):
        await end(memory, recorded, expected_version=2)
    assert (await end(memory, recorded, expected_version=1)).version == 2


async def test_each_is_in_the_ledger_and_the_subject_is_notified(memory):
    recorded = await record(memory)
    await end(memory, recorded, by=AGENT)
    first, last = memory.state.delegation_events
    assert [one.event for one in (first, last)] == ["RECORDED", "ENDED"]
    assert (first.department_code, last.department_code) == (BUREAU, None)
    assert first.facts["evidence"] == ["LZ-POA-1"]
    assert [one.leaf_hash for one in memory.state.pending] == [first.leaf_hash(), last.leaf_hash()]
    about = [(one.topic, one.about["to"], one.about["delegation_id"]) for one in memory.state.outbox]
    assert about == [(f"delegation.{word}", "subject", str(recorded.delegation_id)) for word in ("recorded", "ended")]


# --- children under 14 [PIPL 31] -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "born", "by", "refused"),
    [
        ("a child of 10 itself", AGED_10, SUBJECT, GUARDIAN_REQUIRED),
        ("its guardian", AGED_10, replace(AGENT, ref="mother"), None),
        ("an agent", AGED_10, AGENT, GUARDIAN_REQUIRED),
        ("at 15 itself", AGED_15, SUBJECT, None),
        ("on its 14th birthday itself", date(TODAY.year - 14, TODAY.month, TODAY.day), SUBJECT, GUARDIAN_REQUIRED),
        ("a day later", date(TODAY.year - 14, TODAY.month, TODAY.day - 1), SUBJECT, None),
    ],
)
async def test_for_a_child_under_14_its_guardian_consents(memory, case, born, by, refused):
    memory.state.born[SUBJECT_ID] = born
    await memory.delegate(delegated("mother", kind=DelegationKind.GUARDIAN, delegation_id=OTHER_SUBJECT_ID))
    await memory.delegate(delegated())
    async with memory.work() as work:
        asked = await actions.request_authorisation(
            work,
            moment().acting_as(CLERK),
            TEMPLATES,
            subject_id=SUBJECT_ID,
            purpose=Purpose.CREDIT_CHECK,
            bounds=actions.Bounds(expires_on=day(7), uses=1),
        )
    which = {"subject_id": SUBJECT_ID, "authorisation_id": asked.authorisation_id}

    async def grant():
        async with memory.work() as work:
            return await actions.grant_authorisation(work, moment().acting_as(by), TEMPLATES, **which)

    if refused is None:
        assert (await grant()).granted_by == by.ref
        return
    with refuses(refused):
        await grant()


async def test_on_paper_a_child_needs_a_recorded_guardian_as_well(memory):
    memory.state.born[SUBJECT_ID] = AGED_10

    async def paper():
        async with memory.work() as work:
            return await actions.record_paper_authorisation(
                work,
                moment().acting_as(CLERK),
                TEMPLATES,
                subject_id=SUBJECT_ID,
                purpose=Purpose.CREDIT_CHECK,
                paper=Paper("LZ-2026-0012", NOW.date()),
                bounds=actions.Bounds(expires_on=day(7), uses=1),
            )

    with refuses(GUARDIAN_REQUIRED):
        await paper()
    await record(memory, replace(GUARDIAN, delegate_ref="mother"))
    assert (await paper()).granted_at == NOW
