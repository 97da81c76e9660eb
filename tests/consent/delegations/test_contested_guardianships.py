"""A guardianship is contested, never ended, by its subject and its guardian [Civil Code 23, 36, 39]."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from consent.delegation import Power, is_guarded, may_act
from consent.delegation_actions import contest_guardianship
from consent.errors import (
    ANOTHER_PERSON_RECORDS,
    AUTHORITY_NOT_SHOWN,
    DELEGATION_ENDED,
    END_IT_INSTEAD,
    EVIDENCE_MISSING,
    GUARDIAN_ACTS,
    GUARDIANSHIP_CONTESTED_BEFORE,
    GUARDIANSHIP_ENDS_BY_LAW,
    GUARDIANSHIP_IN_DISPUTE,
    GUARDIANSHIP_NOT_IN_DISPUTE,
    GUARDIANSHIP_RECORDER_CANNOT_CONTEST,
    GUARDIANSHIP_RECORDER_CANNOT_DECIDE,
    NOT_YOURS,
    POSTED_IN_FUTURE,
    POSTED_TOO_EARLY,
    NotFound,
)
from consent.rules import Letter
from tests.consent.delegations.delegation_calls import (
    ADULT,
    AGED_10,
    GUARDIAN_AS_HEAD,
    HEAD,
    HOLDS,
    MOTHER,
    NEVER_HELD,
    OF_MOTHER,
    OFFICE,
    OTHER_HEAD,
    RECORDER_AS_HEAD,
    TERMS,
    contest,
    decide,
    end,
    record,
)
from tests.consent.samples import (
    AGENT,
    BUREAU,
    CLERK,
    OTHER_BUREAU,
    OTHER_SUBJECT,
    SUBJECT,
    SUBJECT_ID,
    TODAY,
    day,
    moment,
)
from tests.refusals import refuses


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
