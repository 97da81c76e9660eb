"""Who may record and end an authority to act, for whom, how far and how long [5.1.6] [PIPL 31] [PIPL 49]."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.delegation import EVERY_POWER, LONGEST_DAYS, DelegationKind, Power
from consent.errors import (
    ANOTHER_PERSON_RECORDS,
    AUTHORITY_NOT_SHOWN,
    DELEGATE_CANNOT_DELEGATE,
    DELEGATION_ENDED,
    FILE_UNKNOWN,
    GUARDIAN_ACTS,
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
from consent.vocabulary import FieldGroup
from tests.consent.delegations.delegation_calls import (
    ADULT,
    AGED_10,
    AGED_17,
    GUARDIAN,
    HOLDS,
    OF_MOTHER,
    OFFICER,
    OTHER_CLERK,
    RELATIVE,
    TERMS,
    TURNS_18,
    contest,
    decide,
    end,
    record,
)
from tests.consent.samples import (
    AGENT,
    ASSOCIATION,
    BUREAU,
    CLERK,
    OTHER_SUBJECT,
    OTHER_SUBJECT_ID,
    SUBJECT,
    SUBJECT_ID,
    TODAY,
    day,
    delegated,
)
from tests.refusals import refuses

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
        ("a letter as evidence", "NATURAL_PERSON", ADULT, replace(TERMS, evidence=("x" * 101,)), NOT_A_REFERENCE),
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


async def test_what_the_subject_ended_is_not_recorded_again_by_who_recorded_it(memory):
    """[5.1.6] The end in one press stands for a contest, whoever the next delegate is; the subject itself appoints."""
    await end(memory, await record(memory))
    another = replace(TERMS, delegate_ref="agent-2")
    for terms in (TERMS, another):
        with refuses(ANOTHER_PERSON_RECORDS):
            await record(memory, terms)
    assert (await record(memory, TERMS, replace(CLERK, ref="staff-3"))).is_live(TODAY)
    assert (await record(memory, another, SUBJECT)).is_live(TODAY)
    assert (await record(memory, GUARDIAN)).is_live(TODAY), "a guardianship is by law, and has its own contest"


async def test_what_the_delegate_gave_up_may_be_recorded_again(memory):
    await end(memory, await record(memory), by=AGENT)
    assert (await record(memory)).is_live(TODAY)


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
    assert [one.entry for one in memory.state.pending] == [first.commitment(), last.commitment()]
    about = [(one.topic, one.about["to"], one.about["delegation_id"]) for one in memory.state.outbox]
    assert about == [(f"delegation.{word}", "subject", str(recorded.delegation_id)) for word in ("recorded", "ended")]


# --- its papers as files [5.1.6] -------------------------------------------------------------------------------------


async def test_the_papers_of_a_delegation_can_be_files(memory):
    memory.state.files = {name: [] for name in ("file:judgment", "file:answer", "file:end")}
    recorded = await record(memory, replace(OF_MOTHER, evidence=("卷宗-1", "file:judgment")))
    await contest(memory, recorded)
    await decide(memory, recorded, HOLDS, evidence=("file:answer",))
    await end(memory, recorded, CLERK, evidence=("file:end",))
    here = [(SUBJECT_ID, "DELEGATION", recorded.delegation_id)]
    assert memory.state.files == dict.fromkeys(memory.state.files, here)


async def test_an_unknown_file_records_and_ends_nothing(memory):
    with refuses(FILE_UNKNOWN):
        await record(memory, replace(TERMS, evidence=("file:unknown",)))
    recorded = await record(memory)
    with refuses(FILE_UNKNOWN):
        await end(memory, recorded, CLERK, evidence=("file:unknown",))
