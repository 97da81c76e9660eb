"""Who may record and end an authority to act, for whom, how far and how long [5.1.6] [PIPL 31] [PIPL 49]."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import pytest

from consent.delegation import (
    EVERY_GROUP,
    EVERY_POWER,
    LONGEST_DAYS,
    DelegationKind,
    GuardianshipFinding,
    Power,
    is_guarded,
    may_act,
)
from consent.delegation_actions import contest_guardianship, decide_guardianship, end_delegation, record_delegation
from consent.delegation_rules import Terms
from consent.errors import (
    ANOTHER_PERSON_RECORDS,
    AUTHORITY_NOT_SHOWN,
    DELEGATE_CANNOT_DELEGATE,
    DELEGATION_ENDED,
    END_IT_INSTEAD,
    EVIDENCE_MISSING,
    FILE_UNKNOWN,
    GUARDIAN_ACTS,
    GUARDIANSHIP_CONTESTED_BEFORE,
    GUARDIANSHIP_ENDS_BY_LAW,
    GUARDIANSHIP_IN_DISPUTE,
    GUARDIANSHIP_NOT_IN_DISPUTE,
    GUARDIANSHIP_RECORDER_CANNOT_CONTEST,
    GUARDIANSHIP_RECORDER_CANNOT_DECIDE,
    KIND_DOES_NOT_FIT,
    KINSHIP_NOT_SHOWN,
    NOT_A_REFERENCE,
    NOT_YOURS,
    POSTED_IN_FUTURE,
    POSTED_TOO_EARLY,
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
from consent.rules import Letter
from consent.vocabulary import FieldGroup
from tests.consent.samples import (
    AGENT,
    ASSOCIATION,
    BUREAU,
    CLERK,
    OTHER_BUREAU,
    OTHER_SUBJECT,
    OTHER_SUBJECT_ID,
    SUBJECT,
    SUBJECT_ID,
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
ADULT, AGED_10, AGED_17 = (date(TODAY.year - years, 1, 1) for years in (40, 10, 17))
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


# --- a guardianship is contested, never ended, by its subject and its guardian [Civil Code 23, 36, 39] ---------------

MOTHER = replace(AGENT, ref="mother")
HEAD = replace(CLERK, ref="head-1", role="head")
OTHER_HEAD = replace(HEAD, ref="head-2", department=OTHER_BUREAU)
OFFICE = replace(CLERK, ref="office-1", role="office", department=None)
RECORDER_AS_HEAD = replace(HEAD, ref=CLERK.ref)
GUARDIAN_AS_HEAD = replace(HEAD, ref="mother")
OF_MOTHER = replace(GUARDIAN, delegate_ref="mother", evidence=("JUDGMENT-1",))
HOLDS, NEVER_HELD = GuardianshipFinding.HOLDS, GuardianshipFinding.NEVER_HELD


async def contest(memory, delegation, by=SUBJECT, **more):
    async with memory.work() as work:
        ids = {"subject_id": delegation.subject_id, "delegation_id": delegation.delegation_id}
        return await contest_guardianship(work, moment().acting_as(by), **ids, **more)


async def decide(memory, delegation, finding, by=HEAD, evidence=("JUDGMENT-2",), **more):
    async with memory.work() as work:
        ids = {"subject_id": delegation.subject_id, "delegation_id": delegation.delegation_id}
        found = {"finding": finding, "evidence": evidence}
        return await decide_guardianship(work, moment().acting_as(by), **ids, **found, **more)


@pytest.mark.parametrize(
    ("case", "born", "by", "refused"),
    [
        ("a child of 10", AGED_10, SUBJECT, GUARDIANSHIP_ENDS_BY_LAW),
        ("an adult under guardianship", ADULT, SUBJECT, GUARDIANSHIP_ENDS_BY_LAW),
        ("its guardian", ADULT, MOTHER, GUARDIANSHIP_ENDS_BY_LAW),
        ("the office, on the court's judgment", ADULT, CLERK, None),
    ],
)
async def test_neither_ward_nor_guardian_ends_a_guardianship(memory, case, born, by, refused):
    memory.state.born[SUBJECT_ID] = born
    recorded = await record(memory, OF_MOTHER)
    if refused is None:
        assert not (await end(memory, recorded, by, evidence=("JUDGMENT-2",))).is_live(TODAY)
        return
    with refuses(refused):
        await end(memory, recorded, by)


@pytest.mark.parametrize("by", [SUBJECT, MOTHER], ids=["the subject", "the guardian"])
@pytest.mark.parametrize("born", [ADULT, AGED_10], ids=["an adult", "a child of 10"])
async def test_in_dispute_the_guardian_rests_and_the_protection_stands(memory, by, born):
    """A contest wins the subject the rest, and nothing else [5.1.6] [PIPL 31] [Shandong 2]."""
    memory.state.born[SUBJECT_ID] = born
    recorded = await record(memory, OF_MOTHER)
    contested = await contest(memory, recorded, by)
    assert (contested.contested_by, contested.version, contested.withdrawn_at) == (by.ref, 2, None)
    assert not contested.is_live(TODAY)
    held = [contested]
    assert not may_act(held, "mother", Power.CONSENT, TODAY)
    assert is_guarded(held, TODAY)  # so it is not restrained
    with refuses(GUARDIAN_ACTS):
        await record(memory, by=SUBJECT)  # and appoints no agent


@pytest.mark.parametrize(
    ("case", "terms", "by", "day_of_contest", "refused"),
    [
        ("an agent is ended instead", TERMS, SUBJECT, TODAY, END_IT_INSTEAD),
        ("over", replace(OF_MOTHER, expires_on=day(3)), SUBJECT, day(4), DELEGATION_ENDED),
        ("on its last day", replace(OF_MOTHER, expires_on=day(3)), SUBJECT, day(3), None),
        ("a clerk", OF_MOTHER, CLERK, TODAY, NOT_YOURS),
    ],
)
async def test_what_is_contested_and_by_whom(memory, case, terms, by, day_of_contest, refused):
    recorded = await record(memory, terms)

    async def contest_on_the_day():
        async with memory.work() as work:
            ids = {"subject_id": recorded.subject_id, "delegation_id": recorded.delegation_id}
            context = replace(moment().acting_as(by), today=day_of_contest)
            return await contest_guardianship(work, context, **ids)

    if refused is None:
        assert (await contest_on_the_day()).is_in_dispute
        return
    with refuses(refused):
        await contest_on_the_day()


@pytest.mark.parametrize("by", [OTHER_SUBJECT, AGENT], ids=["another subject", "another delegate"])
async def test_somebody_elses_guardianship_is_not_found(memory, by):
    with pytest.raises(NotFound):
        await contest(memory, await record(memory, OF_MOTHER), by)


@pytest.mark.parametrize(
    ("case", "by", "evidence", "refused"),
    [
        ("the head of the department that recorded it", HEAD, ("JUDGMENT-2",), None),
        ("the district office", OFFICE, ("JUDGMENT-2",), None),
        ("who recorded it", RECORDER_AS_HEAD, ("JUDGMENT-2",), GUARDIANSHIP_RECORDER_CANNOT_DECIDE),
        ("the guardian", GUARDIAN_AS_HEAD, ("JUDGMENT-2",), GUARDIANSHIP_RECORDER_CANNOT_DECIDE),
        ("without papers", HEAD, (" ",), AUTHORITY_NOT_SHOWN),
        ("the window", CLERK, ("JUDGMENT-2",), NOT_YOURS),
        ("the subject", SUBJECT, ("JUDGMENT-2",), NOT_YOURS),
    ],
)
@pytest.mark.parametrize("finding", [HOLDS, NEVER_HELD])
async def test_somebody_else_decides(memory, finding, case, by, evidence, refused):
    recorded = await record(memory, replace(OF_MOTHER, starts_on=day(-100)))
    await contest(memory, recorded)
    if refused is not None:
        with refuses(refused):
            await decide(memory, recorded, finding, by, evidence)
        return
    decided = await decide(memory, recorded, finding, by, evidence, expected_version=2)
    holds = finding is HOLDS
    assert (decided.is_live(TODAY), decided.was_in_force(TODAY), decided.was_in_force(day(-50))) == (holds,) * 3
    assert (decided.contest_decided_by, decided.contest_evidence, decided.version) == (by.ref, "JUDGMENT-2", 3)
    assert (decided.ended_by, decided.ended_as) == ((None, None) if holds else (by.ref, by.role))
    with refuses(GUARDIANSHIP_NOT_IN_DISPUTE):
        await decide(memory, recorded, finding, by)
    with refuses(GUARDIANSHIP_CONTESTED_BEFORE if holds else DELEGATION_ENDED):
        await contest(memory, recorded)


LETTER = Letter("来信-1", TODAY)
COLLEAGUE = replace(CLERK, ref="staff-3")


@pytest.mark.parametrize(
    ("case", "by", "letter", "refused"),
    [
        ("another clerk of the office that recorded it", COLLEAGUE, LETTER, None),
        # It is contested once: a letter that its recorder made up would use that up.
        ("who recorded it", CLERK, LETTER, GUARDIANSHIP_RECORDER_CANNOT_CONTEST),
        ("the guardian as a clerk", replace(CLERK, ref="mother"), LETTER, GUARDIANSHIP_RECORDER_CANNOT_CONTEST),
        ("another office", replace(COLLEAGUE, department=OTHER_BUREAU), LETTER, NotFound),
        ("the ward contests it itself", SUBJECT, LETTER, NOT_YOURS),
        ("the head, who decides", HEAD, LETTER, NOT_YOURS),
        ("of the future", COLLEAGUE, Letter("来信-1", day(1)), POSTED_IN_FUTURE),
        ("of before its record", COLLEAGUE, Letter("来信-1", day(-1)), POSTED_TOO_EARLY),
        ("without a reference", COLLEAGUE, Letter(" ", TODAY), EVIDENCE_MISSING),
    ],
)
async def test_a_contest_on_paper(memory, case, by, letter, refused):
    """[5.1.6] [Civil Code 35] The guardian rests at once, and who entered the contest does not decide on it."""
    recorded = await record(memory, OF_MOTHER)
    with nullcontext() if refused is None else refuses(refused):
        contested = await contest(memory, recorded, by, letter=letter)
        assert contested.is_in_dispute, case
        kept = (contested.contested_by, contested.contested_on, contested.contest_paper)
        assert kept == (by.ref, TODAY, "来信-1"), case
        event = memory.state.delegation_events[-1]
        assert (event.facts["evidence"], event.facts["contested_on"]) == (["来信-1"], TODAY.isoformat()), case
        with refuses(GUARDIANSHIP_RECORDER_CANNOT_DECIDE):
            await decide(memory, recorded, HOLDS, replace(HEAD, ref=by.ref))
        assert not (await decide(memory, recorded, HOLDS)).is_in_dispute, case


async def test_another_head_and_what_is_not_contested_are_not_found(memory):
    recorded = await record(memory, OF_MOTHER)
    for by in (HEAD, OFFICE):
        with pytest.raises(NotFound):
            await decide(memory, recorded, HOLDS, by)
    await contest(memory, recorded)
    with pytest.raises(NotFound):
        await decide(memory, recorded, HOLDS, OTHER_HEAD)


async def test_no_other_record_takes_the_place_of_one_in_dispute(memory):
    """Whoever recorded one can record another one: not meanwhile, and not who recorded what never held."""
    recorded = await record(memory, OF_MOTHER)
    await contest(memory, recorded)
    again, colleague = replace(OF_MOTHER, delegate_ref="father"), replace(CLERK, ref="staff-3")
    for by in (CLERK, colleague):
        with refuses(GUARDIANSHIP_IN_DISPUTE):
            await record(memory, again, by)
    await decide(memory, recorded, NEVER_HELD)
    with refuses(ANOTHER_PERSON_RECORDS):
        await record(memory, again)
    assert (await record(memory, again, colleague)).is_live(TODAY)


async def test_the_office_ends_what_is_in_dispute_on_its_evidence(memory):
    recorded = await record(memory, OF_MOTHER)
    await contest(memory, recorded)
    ended = await end(memory, recorded, CLERK, evidence=("JUDGMENT-2",))
    assert (ended.is_in_dispute, is_guarded([ended], day(1))) == (False, False)
    with refuses(GUARDIANSHIP_NOT_IN_DISPUTE):
        await decide(memory, recorded, HOLDS)


async def test_a_contest_is_in_the_ledger_and_the_window_and_the_subject_are_notified(memory):
    recorded = await record(memory, OF_MOTHER)
    await contest(memory, recorded)
    await decide(memory, recorded, HOLDS)
    events = memory.state.delegation_events
    assert [one.event for one in events] == ["RECORDED", "CONTESTED", "CONTEST_DECIDED"]
    assert [one.department_code for one in events] == [BUREAU, None, BUREAU]
    assert [(one.facts["evidence"], one.facts.get("finding")) for one in events] == [
        (["JUDGMENT-1"], None), ([], None), (["JUDGMENT-2"], "HOLDS"),
    ]  # fmt: skip
    assert [one.entry for one in memory.state.pending] == [one.commitment() for one in events]
    assert [(one.topic, one.about["to"]) for one in memory.state.outbox] == [
        ("delegation.recorded", "subject"),
        ("delegation.contested", "subject"),
        ("delegation.contested", "department"),
        ("delegation.contest-decided", "subject"),
    ]


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
